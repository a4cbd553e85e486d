"""Dates as people type them: which can be no other day, which are said back, and which are asked back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.flows.question_types import QUESTION_TYPES, Misheard, Understood, Unsure
from bot.flows.understanding.dates import Ambiguity, read_date
from bot.flows.values import Value
from tests.support.lexicons import ENGLISH
from tests.support.question_types import DAY, TODAY, ear_of, hear, hear_exactly


@pytest.mark.parametrize(
    ("language", "typed", "day"),
    [
        ("en", "2024-03-05", "2024-03-05"), ("en", "20240305", "2024-03-05"),
        ("en", "2024/3/5", "2024-03-05"),
        ("en", "5 March 2024", "2024-03-05"), ("en", "March 5th, 2024", "2024-03-05"),
        ("en", "3rd of Mar 2024", "2024-03-03"),
        ("en", "5-mar-2024", "2024-03-05"), ("en", "MARCH 5 2024", "2024-03-05"),
        ("en", "2024 march 5", "2024-03-05"),
        ("en", "Sept. 1, 1999", "1999-09-01"),
        ("fr", "5 mars 2024", "2024-03-05"), ("fr", "1er août 2024", "2024-08-01"),
        ("fr", "le 3 janv. 2024", "2024-01-03"),
        ("fr", "3 fevrier 2024", "2024-02-03"),
        ("es", "5 de marzo de 2024", "2024-03-05"), ("es", "1º de mayo del 2024", "2024-05-01"),
        ("ar", "٥ مارس ٢٠٢٤", "2024-03-05"), ("ar", "٢٠٢٤-٠٣-٠٥", "2024-03-05"),
        ("ar", "5 ابريل 2024", "2024-04-05"),
        ("hi", "५ मार्च २०२४", "2024-03-05"), ("hi", "5 जुलाई 2024", "2024-07-05"),
        ("hi", "5 फरवरी 2024", "2024-02-05"),
        ("en", "2024年3月5日", "2024-03-05"),
    ],
)  # fmt: skip
def test_dates_that_can_be_no_other_day(language: str, typed: str, day: str) -> None:
    assert hear(DAY, typed, language) == Understood(day)
    assert hear_exactly(DAY, typed, language) == day


@pytest.mark.parametrize(
    ("language", "typed", "day"),
    [
        ("en", "05/03/2024", "2024-03-05"), ("en", "5.3.2024", "2024-03-05"),
        ("en", "5 3 2024", "2024-03-05"),
        ("en", "03/25/2024", "2024-03-25"),  # month first, since there is no month 25
        ("en", "5.3.24", "2024-03-05"), ("en", "5 March 45", "1945-03-05"), ("en", "5/3/36", "2036-03-05"),
        ("en", "today", "2026-03-10"), ("en", "Yesterday", "2026-03-09"),
        ("fr", "aujourd’hui", "2026-03-10"),
        ("es", "mañana", "2026-03-11"), ("ar", "أمس", "2026-03-09"),
        ("ar", "\u200f٥/\u200f٣/\u200f٢٠٢٤", "2024-03-05"),
    ],
)  # fmt: skip
def test_dates_that_are_said_back(language: str, typed: str, day: str) -> None:
    assert hear(DAY, typed, language) == Understood(day, exact=False)
    assert hear_exactly(DAY, typed, language) is None


@pytest.mark.parametrize(("order", "day"), [("dmy", "2024-03-04"), ("mdy", "2024-04-03"), ("ymd", None)])
def test_the_language_says_which_number_is_the_month(order: str, day: str | None) -> None:
    found = read_date("4/3/2024", replace(ENGLISH, date_order=order), TODAY)
    either = Ambiguity((date(2024, 3, 4), date(2024, 4, 3)))
    assert found == (date.fromisoformat(day) if day else either)


def test_a_date_without_a_year_is_asked_back() -> None:
    assert hear(DAY, "1 March") == Unsure(("2026-03-01", "2027-03-01"))
    assert hear(DAY, "25 December") == Unsure(("2025-12-25", "2026-12-25"))
    assert hear(DAY, "29 February") == Unsure(("2028-02-29", "2024-02-29"))
    assert isinstance(hear(DAY, "30 February"), Misheard)


@pytest.mark.parametrize(
    "typed",
    ["", "31.02.2024", "2024-13-01", "31 February 2024", "1/2", "March", "March 2024", "12", "soon", "5 marching 2024",
     "1/1/0001", "0024-01-01", "9999999999", "1-2-3-4", "5 March 20244", "١" * 3000, "1 2 3 4 March 2024"],
)  # fmt: skip
def test_what_is_no_date(typed: str) -> None:
    heard = hear(DAY, typed)
    assert isinstance(heard, Misheard)
    assert heard.notice.values == {"example": date(2024, 12, 31)}


@pytest.mark.parametrize("value", ["2024-02-31", "20240305", "5 March", 20240305, ""])
def test_dates_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["date"].check(value, ear_of(DAY)) is not None


def test_the_last_day_has_no_tomorrow() -> None:
    assert read_date("tomorrow", ENGLISH, date.max) is None
