"""The instruments' terms are the same words wherever they stand, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
import yaml

from bot import i18n
from bot.authoring.library import instrument, instrument_keys
from bot.authoring.yaml_draft import INSTRUMENTS
from bot.flows.questionnaire import LocalizedText, Questionnaire

GLOSSARY = INSTRUMENTS / "common" / "glossary"
LANGUAGES = i18n.languages()[1:]
Forms = Mapping[str, list[str]]


@cache
def glossary(language: str) -> Forms:
    found: Forms = yaml.safe_load((GLOSSARY / f"{language}.yaml").read_text(encoding="utf-8"))
    return found


@cache
def texts() -> Mapping[str, LocalizedText]:
    """Every text of every instrument, by where it stands."""
    return {f"{key} {place}": text for key in instrument_keys() for place, text in _texts(instrument(key))}


def _texts(questionnaire: Questionnaire) -> Iterator[tuple[str, LocalizedText]]:
    yield "title", questionnaire.title
    yield from ((part.name, part.title) for part in questionnaire.parts)
    yield from ((section.name, section.title) for section in questionnaire.sections)
    for question in questionnaire:
        for kind in ("label", "hint", "constraint_message"):
            if (text := getattr(question, kind)) is not None:
                yield f"{question.name} {kind}", text
        yield from ((f"{question.name} {choice.name}", choice.label) for choice in question.choices)


def terms_of(english: str) -> set[str]:
    """The terms that an English text uses: one of their forms, at the beginning of a word."""
    return {
        term
        for term, forms in glossary("en").items()
        if any(re.search(rf"\b{re.escape(form)}", english, re.IGNORECASE) for form in forms)
    }


def missing(english: str, translated: str, forms: Forms) -> set[str]:
    """The terms of an English text that its translation has no form of."""
    held = translated.casefold()
    return {term for term in terms_of(english) if not any(form.casefold() in held for form in forms[term])}


def without(text: str, forms: list[str]) -> str:
    """A text with other words where the forms of a term stood."""
    for form in forms:
        text = re.sub(re.escape(form), "…", text, flags=re.IGNORECASE)
    return text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_is_translated_by_one_of_its_words(language: str) -> None:
    assert glossary(language).keys() == glossary("en").keys()
    wrong = {
        place: terms
        for place, text in texts().items()
        if (terms := missing(text.in_language("en"), text.in_language(language), glossary(language)))
    }
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_translated_by_any_other_word_is_named(language: str) -> None:
    tried = set()
    for text in texts().values():
        english, translated = text.in_language("en"), text.in_language(language)
        for term in terms_of(english):
            tried.add(term)
            assert term in missing(english, without(translated, glossary(language)[term]), glossary(language))
    assert tried == glossary("en").keys()
