"""Countries as people type them: in their language, and in English whatever the language."""

from __future__ import annotations

from datetime import date

import pytest

from bot import i18n
from bot.flows.hearing import Ear, Heard, Understood
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import LocalizedText, Question

COUNTRY = Question("country", "select_one", LocalizedText.of("Where?"), choice_list="country")


def heard(typed: str, language: str) -> Heard:
    ear = Ear(COUNTRY, language, i18n.lexicon(language), date(2026, 1, 1))
    return QUESTION_TYPES["select_one"].hear(typed, ear)


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize(
    ("typed", "code"), [("Fiji", "FJ"), ("germany", "DE"), ("FJ", "FJ"), ("Myanmar", "MM")]
)
def test_an_english_name_is_understood_in_every_language(typed: str, code: str, language: str) -> None:
    assert heard(typed, language) == Understood(code)


@pytest.mark.parametrize("language", ["ar", "hi", "ru", "zh"])
def test_with_slips_where_latin_letters_can_mean_nothing_else(language: str) -> None:
    assert heard("fidji", language) == Understood("FJ", exact=False)
    assert heard("indonesa", language) == Understood("ID", exact=False)


def test_a_name_of_the_language_goes_before_an_english_one() -> None:
    assert heard("Niger", "fr") == Understood("NE")
