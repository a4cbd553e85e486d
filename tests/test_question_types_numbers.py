"""Numbers as each language writes them, scales, and what is no number or off the scale."""

from __future__ import annotations

import pytest

from bot.flows.question_types import QUESTION_TYPES, Heard, Misheard, Understood, Unsure
from bot.flows.questionnaire import Question, Scale
from bot.flows.understanding.numbers import read_decimal, read_integer, read_ordinals
from bot.flows.values import Value
from tests.support.lexicons import ENGLISH, LEXICONS
from tests.support.question_types import AMOUNT, NUMBER, STARS, ear_of, hear, hear_exactly, question_of


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "12", 12), ("en", " 12. ", 12), ("en", "12)", 12), ("en", "+12", 12), ("en", "-12", -12),
        ("en", "−12", -12),
        ("en", "1,234", 1234), ("en", "1,234,567", 1234567), ("en", "1 234", 1234), ("en", "12.0", 12),
        ("en", "-0", 0),
        ("en", "seven", 7), ("en", "007", 7), ("en", "⑫", 12), ("en", "１２", 12),
        ("en", "12,34,567", 1234567),
        ("fr", "1 234", 1234), ("fr", "1\u202f234", 1234), ("fr", "sept", 7),
        ("fr", "1.234.567", 1234567), ("fr", "zéro", 0),
        ("es", "1.234", 1234), ("es", "siete", 7), ("es", "1234,0", 1234),
        ("ar", "١٢٣", 123), ("ar", "١٬٢٣٤", 1234), ("ar", "۱۲", 12), ("ar", "سبعة", 7),
        ("ar", "\u200f١٢", 12),
        ("hi", "१२", 12), ("hi", "१२,३४,५६७", 1234567), ("hi", "सात", 7),
        ("en", "999999999999999", 999999999999999),
    ],
)  # fmt: skip
def test_whole_numbers(language: str, typed: str, number: int) -> None:
    assert read_integer(typed, LEXICONS[language]) == number
    assert hear(NUMBER, typed, language) == Understood(number)
    assert hear_exactly(NUMBER, typed, language) == number


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "12.5", 12.5), ("en", ".5", 0.5), ("en", "1,234.5", 1234.5), ("en", "1.234,5", 1234.5),
        ("en", "½", 0.5),
        ("en", "12,5", 12.5), ("en", "0.125", 0.125), ("en", "-0.0", 0.0), ("en", "3", 3.0),
        ("fr", "12,5", 12.5), ("fr", "1 234,5", 1234.5), ("fr", "1,234", 1.234), ("fr", "12.5", 12.5),
        ("fr", "0.125", 0.125),
        ("es", "1.234,5", 1234.5), ("es", "12.5", 12.5), ("es", "3,1416", 3.1416),
        ("ar", "١٬٢٣٤٫٥", 1234.5), ("ar", "١٢٫٥", 12.5), ("ar", "12.5", 12.5), ("hi", "१२.५", 12.5),
    ],
)  # fmt: skip
def test_decimal_numbers(language: str, typed: str, number: float) -> None:
    assert read_decimal(typed, LEXICONS[language]) == number
    assert hear(AMOUNT, typed, language) == Understood(number)


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", ""), ("en", "."), ("en", "-"), ("en", "about 40"), ("en", "40k"), ("en", "1 2"),
        ("en", "1,2,3"), ("en", "5²"),
        ("en", "1.2.3"), ("en", "--5"), ("en", "5-"), ("en", "1e5"), ("en", "0x10"), ("en", "inf"),
        ("en", "nan"),
        ("en", "1_000"), ("en", "1234567890123456"), ("en", "1" * 5000), ("en", "0.1234567890123456"),
        ("fr", "1.234"),  # a thousand or one and a bit: not for the program to say
        ("en", "12,34.567,8"), ("en", "京"),
    ],
)  # fmt: skip
def test_what_is_no_number(language: str, typed: str) -> None:
    assert read_decimal(typed, LEXICONS[language]) is None
    assert read_integer(typed, LEXICONS[language]) is None
    assert isinstance(hear(NUMBER, typed, language), Misheard)


def test_a_number_with_words_is_asked_back() -> None:
    assert hear(NUMBER, "40 people") == Unsure((40,))
    assert hear(AMOUNT, "2.5 litres") == Unsure((2.5,))
    assert isinstance(hear(NUMBER, "40 or 50 people"), Misheard)
    assert isinstance(hear(NUMBER, "forty people"), Misheard)


def test_a_fraction_where_a_whole_number_is_wanted() -> None:
    heard = hear(NUMBER, "12.5")
    assert isinstance(heard, Misheard)
    assert heard.notice.message == "Only a whole number is possible here, such as {example}."
    assert read_integer("12.5", ENGLISH) is None


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("1, 3 and 4", (1, 3, 4)), ("1 3 4", (1, 3, 4)), ("1,3", (1, 3)), ("4;1", (4, 1)),
        ("1/2", (1, 2)), ("#1 #2", (1, 2)),
        ("1. 2. 3.", (1, 2, 3)), ("one, 2 & three", (1, 2, 3)), ("٣", (3,)), ("➀ ❷", (1, 2)), ("7", (7,)),
        ("1-3", None), ("1 but 2", None), ("", None), ("and", None), ("12345", None), ("1 " * 500, None),
    ],
)  # fmt: skip
def test_ordinals(typed: str, numbers: tuple[int, ...] | None) -> None:
    assert read_ordinals(typed, ENGLISH) == numbers


@pytest.mark.parametrize("value", ["12", 12.5, True, 10**15, ("1",)])
def test_whole_numbers_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["integer"].check(value, ear_of(NUMBER)) is not None


@pytest.mark.parametrize("value", ["12", float("nan"), float("inf"), False])
def test_decimal_numbers_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["decimal"].check(value, ear_of(AMOUNT)) is not None


# Scales

HALVES = question_of("range", scale=Scale(-1, 1, 0.5))


@pytest.mark.parametrize(
    ("question", "typed", "heard"),
    [
        (STARS, "0", Understood(0)),
        (STARS, "10", Understood(10)),
        (STARS, "seven", Understood(7)),
        (STARS, "7.0", Understood(7)),
        (STARS, "very bad", Understood(0)),
        (STARS, "exc", Understood(10, exact=False)),
        (STARS, "excelent", Understood(10, exact=False)),
        (HALVES, "-0.5", Understood(-0.5)),
        (HALVES, "1", Understood(1)),
    ],
)
def test_scales(question: Question, typed: str, heard: Heard) -> None:
    assert hear(question, typed) == heard


@pytest.mark.parametrize(
    ("question", "typed"), [(STARS, "11"), (STARS, "2.5"), (STARS, "-1"), (STARS, "good"), (HALVES, "0.3")]
)
def test_off_the_scale(question: Question, typed: str) -> None:
    heard = hear(question, typed)
    assert isinstance(heard, Misheard)
    assert question.scale is not None
    assert (heard.notice.values["low"], heard.notice.values["high"]) == (
        question.scale.start,
        question.scale.end,
    )
    assert ("{step}" in heard.notice.message) == (question is HALVES)


def test_a_short_scale_is_offered_a_long_one_is_not() -> None:
    kind = QUESTION_TYPES["range"]
    assert [value for value, _ in kind.options(ear_of(STARS))] == list(range(11))
    assert kind.options(ear_of(HALVES)) == ((-1, "-1"), (-0.5, "-0.5"), (0, "0"), (0.5, "0.5"), (1, "1"))
    assert kind.option_value(3, ear_of(HALVES)) == 0.5
    assert kind.option_value(5, ear_of(HALVES)) is None
    assert kind.option_value(-1, ear_of(HALVES)) is None
    percent = question_of("range", scale=Scale(0, 100))
    assert kind.options(ear_of(percent)) == ()
    assert kind.instruction(ear_of(percent)) is not None
    assert kind.instruction(ear_of(STARS)) is None
    assert hear(percent, "55") == Understood(55)
