"""Every instrument that comes with the program is free of problems, in every language that it has."""

from __future__ import annotations

import pytest

from bot import i18n
from bot.authoring.check import problems_of
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.library import instrument, instrument_keys
from bot.authoring.yaml_draft import INSTRUMENTS
from bot.errors import NotFound

RESERVED = {language: i18n.reserved_words(language) for language in i18n.languages()}


def test_there_are_instruments() -> None:
    assert "metep" in instrument_keys()


@pytest.mark.parametrize("folder", sorted(path.name for path in INSTRUMENTS.iterdir() if path.is_dir()))
def test_it_has_no_problem(folder: str) -> None:
    assert [str(problem) for problem in problems_of(INSTRUMENTS / folder, reserved=RESERVED)] == []


@pytest.mark.parametrize("key", instrument_keys())
def test_it_is_read_once_under_its_own_key(key: str) -> None:
    questionnaire = instrument(key)
    assert questionnaire.key == key
    assert instrument(key) is questionnaire


@pytest.mark.parametrize("key", instrument_keys())
def test_it_can_be_published(key: str) -> None:
    questionnaire = instrument(key)
    documents = structure_document(questionnaire), text_documents(questionnaire)
    assert questionnaire_from_documents(*documents) == questionnaire


def test_an_unknown_instrument_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match="There is no instrument `mitep`") as near:
        instrument("mitep")
    assert near.value.remedy == "Did you mean `metep`?"
    with pytest.raises(NotFound) as far:
        instrument("census")
    assert "`metep`" in far.value.remedy
