"""Everything that is wrong with a questionnaire's files, in one run: what `talanoa check` prints."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.authoring.draft import Draft, DraftList, Languages
from bot.authoring.indicators.check import check_indicators
from bot.authoring.logic import check_logic
from bot.authoring.meanings import check_meanings
from bot.authoring.problems import Place, Problem, Problems
from bot.authoring.progress import Progress, progress
from bot.authoring.sources import read_source
from bot.authoring.structure import check_list, check_structure
from bot.authoring.texts import ENGLISH_COMMANDS, check_texts, check_words
from bot.authoring.turns import check_turns
from bot.authoring.yaml_draft import LISTS, QUESTIONNAIRE, read_list_translations, read_lists


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong, and how far the translations are."""

    problems: tuple[Problem, ...]
    progress: tuple[Progress, ...] = ()
    questionnaires: int = 1
    """How many were checked."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Let no search for garbage interrupt a check.

    All that it makes is in use until its end, and there is so much of it that Python would look through the
    whole program's memory several times, which takes as long as the check.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def problems_of(path: Path, *, reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS) -> list[Problem]:
    """What is wrong with a questionnaire (a folder or a file), a folder of them, or a folder of common lists.

    `reserved` holds each language's command words, folded, which no choice may use.
    """
    return list(checked(path, reserved=reserved).problems)


@uncollected()
def checked(path: Path, *, reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS) -> Checked:
    """The same, and how far each translation is."""
    if path.is_dir() and not (path / QUESTIONNAIRE).exists():
        if (path / LISTS).is_file():
            return _checked_lists(path, reserved)
        folders = sorted(folder for folder in path.iterdir() if (folder / QUESTIONNAIRE).is_file())
        if folders:
            every = [checked(folder, reserved=reserved) for folder in folders]
            found = dict.fromkeys(problem for one in every for problem in one.problems)
            lines = tuple(line for one in every for line in one.progress)
            return Checked(tuple(found), lines, sum(one.questionnaires for one in every))
    problems = Problems()
    draft = read_source(path, problems)
    if draft:
        check_draft(draft, problems, reserved=reserved)
    return Checked(tuple(problems.in_order()), progress_of(draft) if draft else ())


def progress_of(draft: Draft) -> tuple[Progress, ...]:
    """How far a questionnaire is translated, in each further language."""
    name = draft.key.text if draft.key else draft.own.folder
    texts = list(draft.seen_texts)
    return tuple(progress(name, language, texts) for language in draft.languages[1:])


def check_draft(
    draft: Draft, problems: Problems, *, reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS
) -> None:
    """Find what is wrong with what a questionnaire says, whatever format it came in."""
    check_structure(draft, problems)
    check_logic(draft, problems)
    check_indicators(draft, problems)
    check_texts(draft, reserved, problems)
    check_meanings(draft, problems)
    if not problems.fatal:
        check_turns(draft, problems)
    if draft.judge:
        draft.judge(problems)


def progress_of_lists(lists: Mapping[str, DraftList], languages: Languages) -> tuple[Progress, ...]:
    """How far common lists are translated, in each further language."""
    texts = [(choice.label, languages) for choices in lists.values() for choice in choices.choices]
    name = Path(languages.folder).name
    further = sorted(languages.places.keys() - {languages.default})
    return tuple(progress(name, language, texts) for language in further)


def _checked_lists(folder: Path, reserved: Mapping[str, frozenset[str]]) -> Checked:
    problems = Problems()
    lists, languages = read_lists(folder, problems)
    read_list_translations(folder, lists, languages, None, problems)
    for choices in lists.values():
        check_list(choices, problems)
        check_words(choices, tuple(languages.places), reserved, problems)
    if not lists and not problems.fatal:
        problems.error(
            Place(str(folder / LISTS), 1, 1), "choices", "There is no list.", "Add one under `choices:`."
        )
    return Checked(tuple(problems.in_order()), progress_of_lists(lists, languages))
