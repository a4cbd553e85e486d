"""Long texts are cut where a reader would pause, counted as the channel counts, and lose no word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import characters, sms_segments, utf16_units
from bot.splitting import split

MEASURES = (characters, utf16_units)
# Many scripts, with what makes cutting hard: joined emoji, flags, marks on letters, pauses of several scripts.
TEXTS = st.lists(
    st.sampled_from(
        [
            "word ",
            "Two. ",
            "a, b; ",
            "\n",
            "\n\n",
            "👩‍👩‍👧 ",
            "🇫🇯🇰🇮",
            "e\u0301",
            "नमस्ते। ",
            "السلام، ",
            "文。",
            "ሰላም ",
            "x",
        ]
    )
    | st.text(max_size=6),
    max_size=60,
).map("".join)


def words(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, st.integers(1, 60), st.sampled_from(MEASURES))
@settings(max_examples=100)
def test_len_2_no_word_is_lost_and_no_piece_too_long(
    text: str, limit: int, measure: Callable[[str], int]
) -> None:
    pieces = split(text, limit, measure)
    assert words("".join(pieces)) == words(text)
    assert all(pieces) or pieces == [""]
    for piece in pieces:
        assert measure(piece) <= limit or (len(piece) == 1 and measure(piece) == 2 > limit)


@given(TEXTS, st.integers(12, 60), st.sampled_from(MEASURES))
@settings(max_examples=100)
def test_len_2_no_cut_is_inside_a_character_that_fits(
    text: str, limit: int, measure: Callable[[str], int]
) -> None:
    seen = words(text)
    boundaries = {0}
    for found in regex.finditer(r"\X", text.strip()):
        boundaries.add(len(words(text.strip()[: found.end()])))
    fits = all(measure(cluster) <= limit for cluster in regex.findall(r"\X", text))
    end = 0
    for piece in split(text, limit, measure):
        end += len(words(piece))
        assert end in boundaries or not fits
    assert end == len(seen)


def test_len_2_ethiopic_and_arabic_are_counted_in_characters_not_bytes() -> None:
    ethiopic = "ሰላም ለዓለም ሕዝብ ሁሉ " * 12
    assert [len(piece) <= 160 for piece in split(ethiopic, 160)] == [True, True]
    arabic = "ما الذي يجب تغييره أولا في قريتكم؟ " * 4
    assert split(arabic, 160) == [arabic.strip()]


def test_len_2_telegram_counts_what_is_beyond_the_basic_plane_twice() -> None:
    assert split("😀" * 10, 10, utf16_units) == ["😀" * 5, "😀" * 5]
    assert split("😀" * 10, 10, characters) == ["😀" * 10]


def test_len_2_an_address_is_not_cut_where_it_fits() -> None:
    address = "https://example.org/" + "participation/" * 5
    assert len(address) == 90
    assert split(f"See {address}", 92) == ["See", address]
    assert split(f"See {address} now", 94) == [f"See {address}", "now"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", [""]),
        ("  short  ", ["short"]),
        ("First paragraph.\n\nSecond one.", ["First paragraph.", "Second one."]),
        ("One line of it\nand another", ["One line of it", "and another"]),
        ("It ends. Then it goes on", ["It ends.", "Then it goes on"]),
        ("some words, then other words", ["some words,", "then other words"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqrst", "uvwxyz"]),
        (
            "今日は雨です。明日は晴れるでしょう。さようなら",
            ["今日は雨です。明日は晴れるでしょう。", "さようなら"],
        ),
    ],
)
def test_a_text_is_cut_where_a_reader_pauses(text: str, pieces: list[str]) -> None:
    assert split(text, 20) == pieces


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 159 + "{", 2),
        ("a" * 158 + "{", 1),
        ("a" * 152 + "{" + "a" * 152, 3),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("ç" * 134, 2),
        ("ç" * 135, 3),
        ("é" * 160, 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("€" * 80, 1),
        ("ሰላም", 1),
    ],
)
def test_len_3_one_foreign_letter_makes_the_whole_message_dearer(text: str, segments: int) -> None:
    assert sms_segments(text) == segments
