"""Everything that is wrong with a questionnaire's files, in one run: what `talanoa check` prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.authoring.draft import Draft
from bot.authoring.logic import check_logic
from bot.authoring.problems import Place, Problem, Problems
from bot.authoring.structure import check_list, check_structure
from bot.authoring.texts import ENGLISH_COMMANDS, check_texts, check_words
from bot.authoring.yaml_draft import LISTS, QUESTIONNAIRE, read_draft, read_list_translations, read_lists


def problems_of(path: Path, *, reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS) -> list[Problem]:
    """What is wrong with a questionnaire (a folder or a file), a folder of them, or a folder of common lists.

    `reserved` holds each language's command words, folded, which no choice may use.
    """
    if path.is_dir() and not (path / QUESTIONNAIRE).exists():
        if (path / LISTS).is_file():
            return _problems_of_lists(path, reserved)
        folders = sorted(folder for folder in path.iterdir() if (folder / QUESTIONNAIRE).is_file())
        if folders:
            return list(
                dict.fromkeys(p for folder in folders for p in problems_of(folder, reserved=reserved))
            )
    problems = Problems()
    draft = read_draft(path, problems)
    if draft:
        check_draft(draft, problems, reserved=reserved)
    return problems.in_order()


def check_draft(
    draft: Draft, problems: Problems, *, reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS
) -> None:
    """Find what is wrong with what a questionnaire says, whatever format it came in."""
    check_structure(draft, problems)
    check_logic(draft, problems)
    check_texts(draft, reserved, problems)


def _problems_of_lists(folder: Path, reserved: Mapping[str, frozenset[str]]) -> list[Problem]:
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
    return problems.in_order()
