"""Patterns in expressions match whole texts in linear time; one that could not is refused when it is read."""

from __future__ import annotations

import pytest

from bot.flows.expressions import Expression
from tests.support.expressions import holds, refused


def test_regex_matches_the_whole_text() -> None:
    assert holds("regex(., '[0-9]{4}')", "2024")
    assert holds("regex(., '^[0-9]{4}$')", 2024)
    assert not holds("regex(., '[0-9]{4}')", "in 2024")
    assert not holds("regex(., 'a|ab')", "abc")
    assert holds("regex(., 'a|ab')", "ab")
    assert holds(r"regex(., '\p{L}+')", "Sāmoa")
    assert holds("regex(., '')", None)


def test_regex_takes_a_pattern_from_an_answer_and_no_pattern_matches_nothing() -> None:
    matches = Expression.parse("regex('aab', ${pattern})")
    assert matches.holds({"pattern": "a+b"}.get)
    assert not matches.holds({"pattern": "a+"}.get)
    assert not matches.holds({"pattern": "(a"}.get)
    assert not matches.holds({"pattern": r"(a)\1b"}.get)
    assert not Expression.parse("regex(., '.*')").holds({}.get, "half a pair \ud800")


def test_lim_2_a_catastrophic_pattern_runs_in_linear_time() -> None:
    # A back-tracking engine tries 2^5000 ways before it says no; this test would not end.
    assert not holds("regex(., '(a+)+$')", "a" * 5000 + "!")
    assert not holds("regex(., '(a|a)*b')", "a" * 5000)


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("^(?=.*[0-9])[A-Z0-9]{4,8}$", "AB12", "ABCD"),
        ("(?!.*--)[a-z-]+", "a-b", "a--b"),
        (r"(?=.{8,})(?=.*[a-z])(?=.*[(\])]).*", "abcdefg(", "abc("),
        ("(?=a)(b|ab)", "ab", "b"),
    ],
)
def test_what_a_pattern_looks_ahead_for_at_its_beginning_is_looked_for(
    pattern: str, fitting: str, other: str
) -> None:
    assert holds(f"regex(., '{pattern}')", fitting)
    assert not holds(f"regex(., '{pattern}')", other)


@pytest.mark.parametrize(
    ("pattern", "culprit"),
    [
        ("b(?=a)", "(?="),
        ("(?!a)b|c", "(?!"),
        ("(?<=a)b", "(?<="),
        (r"(a)\1", r"\1"),
        ("(a", "(a"),
        ("a{2000}", "2000"),
    ],
)
def test_lim_2_a_pattern_without_a_linear_time_is_named_when_it_is_read(pattern: str, culprit: str) -> None:
    error = refused(f"${{x}} = 1 or regex(., '{pattern}')")
    assert culprit in error.message
    assert pattern in error.message
    assert error.offset == 21
    assert error.remedy
