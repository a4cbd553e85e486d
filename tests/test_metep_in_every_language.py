"""METEP in every language: it is all there, and the same people, typing in each, come to the same results."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot import i18n, rounds
from bot.authoring.library import instrument
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import LocalizedText, Questionnaire
from bot.flows.understanding.matching import fold
from bot.intake import Intake
from bot.messages import Capabilities
from bot.results.json_writer import as_json
from bot.results.source import read_round
from bot.results.tabulate import tabulate
from bot.rounds import RoundDraft
from storage.keys import Keys
from storage.store import Store
from tests.support.speakers import AT, Speaker

CODE = "METEP"
PEOPLE = 6
LANGUAGES = i18n.languages()
SAME_END = {".": ".。।", "?": "?？؟"}
"""A full stop and a question mark in every script."""


@pytest.fixture(scope="module")
def metep() -> Questionnaire:
    return instrument("metep")


def texts(metep: Questionnaire) -> Iterator[tuple[str, LocalizedText]]:
    """Every text that a person may read, with what it belongs to."""
    yield "title", metep.title
    yield from ((f"part {part.name}", part.title) for part in metep.parts)
    yield from ((f"section {section.name}", section.title) for section in metep.sections)
    for question in metep:
        for key, text in (
            ("label", question.label),
            ("hint", question.hint),
            ("constraint_message", question.constraint_message),
        ):
            if text is not None:
                yield f"{question.name} {key}", text
        yield from ((f"{question.name} {choice.name}", choice.label) for choice in question.choices)


def test_every_text_is_there_in_every_language(metep: Questionnaire) -> None:
    assert set(metep.languages) == set(LANGUAGES)
    missing = [
        (what, language)
        for what, text in texts(metep)
        for language in LANGUAGES
        if not text.texts.get(language)
    ]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_short_enough_to_read_on_a_phone(metep: Questionnaire, language: str) -> None:
    long = {q.name: n for q in metep if (n := len(q.label.in_language(language))) > 180}
    assert not long


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_means_two_choices_of_a_list(metep: Questionnaire, language: str) -> None:
    for question in metep:
        meaning: dict[str, str] = {}
        for choice in question.choices:
            words = {choice.name, choice.label.in_language(language), *choice.synonyms.get(language, ())}
            for word in map(fold, words):
                assert meaning.setdefault(word, choice.name) == choice.name, (question.name, word)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_translations_ask_where_the_original_asks(metep: Questionnaire, language: str) -> None:
    for question in metep:
        original = question.label.in_language("en")
        translated = question.label.in_language(language)
        assert original[-1] in ".?", question.name
        assert translated[-1] in SAME_END[original[-1]], question.name


def test_french_keeps_its_punctuation_on_the_line_of_its_word(metep: Questionnaire) -> None:
    loose = [
        what
        for what, text in texts(metep)
        if re.search(r"(?<!\u00a0)[?!;»]|[\w’] :|«(?!\u00a0)", text.in_language("fr"))
    ]
    assert not loose


def test_spanish_opens_what_it_closes(metep: Questionnaire) -> None:
    for what, text in texts(metep):
        spanish = text.in_language("es")
        assert spanish.count("¿") == spanish.count("?"), what
        assert spanish.count("¡") == spanish.count("!"), what


# Answered in every language


async def results(language: str, database: Path) -> dict[str, Any]:
    """What `results METEP --format json` says once everybody has answered in a language."""
    metep = instrument("metep")
    store = Store.open(f"sqlite+aiosqlite:///{database}")
    intake = Intake(store, Keys(bytes(32)), {"spoken": Capabilities(text_limit=4096)}, lambda: AT)
    try:
        draft = RoundDraft(code=CODE, minimum_cell=0)
        await store.run(lambda connection: rounds.draft_round(connection, metep, draft, AT))
        await store.run(rounds.move, CODE, RoundTrigger.OPEN)
        for number in range(PEOPLE):
            await Speaker(metep, CODE, number, language).take_part(intake)
        await intake.stop()
        return await store.read(_results, language)
    finally:
        await store.close()


def _results(connection: Connection, language: str) -> dict[str, Any]:
    asking = read_round(connection, CODE)
    assert asking is not None
    return as_json(tabulate(connection, asking.id, asking.questionnaire), asking, language)


def without_words(document: dict[str, Any]) -> str:
    """The document without what is in a language."""
    document["round"].pop("title")
    for question in document["questions"]:
        question.pop("label")
        for choice in question.get("choices", ()):
            choice.pop("label")
    return json.dumps(document, indent=1)


@pytest.fixture(scope="module")
def in_english() -> dict[str, str]:
    """English's results, once they have been counted."""
    return {}


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES[1:])
async def test_the_same_people_come_to_the_same_results(
    language: str, in_english: dict[str, str], sqlite_file: Path, tmp_path: Path
) -> None:
    if not in_english:
        english = await results("en", Path(shutil.copy(sqlite_file, tmp_path / "en.db")))
        assert english["respondents"]["complete"] == PEOPLE
        assert sum(q["base"] > 0 for q in english["questions"]) > 90
        in_english["en"] = without_words(english)
    database = Path(shutil.copy(sqlite_file, tmp_path / f"{language}.db"))
    assert without_words(await results(language, database)) == in_english["en"]
