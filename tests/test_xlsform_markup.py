"""The styling of labels in forms, which no channel shows: what is left is words."""

from __future__ import annotations

import pytest

from bot.authoring.xlsform.markup import plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('<span style="color:#099">**Trees :**</span> ${n_1}', "Trees : ${n_1}"),
        ("##<b>7. The end</b>", "7. The end"),
        ("# **Title**", "# Title"),
        ("**a** *b* _c_ __d__ ***e***", "a b c d e"),
        ("One<br/>two", "One\ntwo"),
        ("See [the site](https://example.org/a_b)", "See the site (https://example.org/a_b)"),
        ("&nbsp;5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        (r"\*not\* that", "*not* that"),
    ],
)
def test_styling_is_left_out(written: str, shown: str) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "# of people",
        "#1",
        "2 * 3 * 4",
        "a_b_c",
        "${_a_} or ${_b_}",
        "5 < 6 and 7 > 3",
        "<5 years",
        "* a\n* b",
        "**",
    ],
)
def test_what_only_looks_like_styling_stays(text: str) -> None:
    assert plain(text) == text
