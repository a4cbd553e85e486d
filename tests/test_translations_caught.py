"""Slips of a translator are found in every instrument and language: each is made in memory, and has to be named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import i18n
from bot.authoring.check import check_draft
from bot.authoring.draft import Draft, DraftChoice
from bot.authoring.library import instrument_keys
from bot.authoring.problems import Problems
from bot.authoring.sources import read_source
from bot.authoring.yaml_draft import INSTRUMENTS

LANGUAGES = i18n.languages()[1:]
pytestmark = pytest.mark.parametrize("key", instrument_keys())


def draft_of(key: str) -> Draft:
    """An instrument as it is written, in every language."""
    draft = read_source(INSTRUMENTS / key, Problems())
    assert draft is not None
    assert set(draft.languages) == {"en", *LANGUAGES}
    return draft


def found(draft: Draft, message: str) -> set[tuple[str, str]]:
    """Where problems with such a message are, and in which language's file."""
    problems = Problems()
    check_draft(draft, problems)
    return {
        (problem.path, Path(problem.place.file).stem)
        for problem in problems.in_order()
        if message in problem.message
    }


def lists_with(draft: Draft, *codes: str) -> Iterator[dict[str, DraftChoice]]:
    """The choices by name of each list that is used and has all of these codes."""
    for choices in draft.used_lists:
        by_name = {choice.name.text: choice for choice in choices.choices}
        if by_name.keys() >= set(codes):
            yield by_name


def test_nothing_is_found_before_anything_is_wrong(key: str) -> None:
    assert found(draft_of(key), "") == set()


def test_a_choice_that_lost_its_words_is_named(key: str) -> None:
    draft = draft_of(key)
    lost = [choices.choices[-1].label for choices in draft.used_lists if choices.choices]
    for label in lost:
        for language in LANGUAGES:
            del label.by_language[language]
            for languages in (draft.own, draft.common):
                languages.places[language].pop(label.path, None)
    expected = {(label.path, language) for label in lost for language in LANGUAGES}
    assert found(draft, "has no text in") == expected


def test_a_broken_brace_is_named(key: str) -> None:
    draft = draft_of(key)
    expected = set()
    for text, _ in draft.seen_texts:
        for language in text.by_language.keys() & set(LANGUAGES):
            written = text.by_language[language]
            cut = written.text.replace("}", "", 1) if "${" in written.text else f"{written.text} ${{x"
            text.by_language[language] = replace(written, text=cut, raw="")
            expected.add((text.path, language))
    assert found(draft, "no `}` ends it") == expected


def test_yes_and_no_in_one_another_s_place_are_named(key: str) -> None:
    draft = draft_of(key)
    expected = set()
    for by_name in lists_with(draft, "yes", "no"):
        yes, no = by_name["yes"].label, by_name["no"].label
        for language in LANGUAGES:
            words = yes.by_language[language], no.by_language[language]
            no.by_language[language], yes.by_language[language] = words
            expected |= {(yes.path, language), (no.path, language)}
    assert found(draft, ", and the code is `") >= expected


def test_one_word_for_two_choices_is_named(key: str) -> None:
    draft = draft_of(key)
    expected = set()
    for choices in draft.used_lists:
        for first, second in zip(choices.choices[:1], choices.choices[1:2], strict=False):
            for language in LANGUAGES:
                second.label.by_language[language] = first.label.by_language[language]
                expected.add((second.label.path, language))
    assert found(draft, "means both") >= expected
