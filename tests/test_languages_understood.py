"""What people of particular languages type and a program easily misreads."""

from __future__ import annotations

from datetime import date

import pytest

from bot import i18n
from bot.flows.questionnaire import Choice, LocalizedText, Question
from bot.flows.understanding.dates import read_date
from bot.flows.understanding.numbers import read_ordinals
from bot.flows.understanding.selections import find_exactly
from bot.flows.understanding.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("language", "typed", "numbers"),
    [
        ("sw", "kumi na moja", (11,)),
        ("sw", "moja, kumi na moja na tatu", (1, 11, 3)),
        ("sw", "moja na tatu", (1, 3)),
        ("ar", "ثلاثة عشر", (13,)),
        ("ar", "ثلاثة، عشرة", (3, 10)),
        ("ar", "١، ٢ و٣", (1, 2, 3)),
        ("hi", "एक और तीन", (1, 3)),
        ("fr", "dix sept et deux", (17, 2)),
    ],
)
def test_number_words_of_several_words_are_one_number(
    language: str, typed: str, numbers: tuple[int, ...]
) -> None:
    assert read_ordinals(typed, i18n.lexicon(language)) == numbers


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("ar", "30 يونيو 2025"),
        ("ar", "٣٠ حزيران ٢٠٢٥"),
        ("ar", "30 جوان 2025"),
        ("ar", "يوم 30 من يونيو 2025"),
        ("hi", "३० जून २०२५ को"),
        ("sw", "tarehe 30 Juni 2025"),
    ],
)
def test_dates_with_the_names_of_months_of_each_region(language: str, typed: str) -> None:
    assert read_date(typed, i18n.lexicon(language), date(2026, 11, 25)) == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", "water, roads, and schools"),
        ("id", "water, roads, dan schools"),
        ("ar", "water، roads، وschools"),
        ("ar", "water، roads، و schools"),
        ("ar", "water وroads وschools"),
        ("zh", "water、roads，和schools"),
    ],
)
def test_a_comma_may_stand_before_the_last_and(language: str, typed: str) -> None:
    assert chosen(language, typed, "water", "roads", "schools") == ("water", "roads", "schools")


def test_a_word_that_begins_like_and_stays_whole() -> None:
    assert chosen("ar", "صحة، وزارة", "صحة", "وزارة") == ("صحة", "وزارة")


def chosen(language: str, typed: str, *labels: str) -> tuple[str, ...] | None:
    """Which of several choices are named, each coded as it is called."""
    choices = tuple(Choice(label, LocalizedText.of(label)) for label in labels)
    question = Question("what", "select_multiple", LocalizedText.of("What?"), choices=choices)
    known = i18n.lexicon(language)
    return find_exactly(typed, vocabulary(question, language, known), known)
