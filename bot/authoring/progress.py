"""How far a questionnaire is translated: for its author, never shown to those who answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.authoring.draft import DraftText, Languages
from bot.authoring.problems import Problem, Problems, shown
from bot.authoring.states import TextState

NOT_SHOWN = frozenset({"source"})
"""Texts that nobody meets in a conversation."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What there is in one further language of a questionnaire, or of common lists."""

    questionnaire: str
    language: str
    texts: int
    drafts: int
    missing: int
    changed: int
    notes: tuple[Problem, ...]
    """Each draft, and each text whose translation may be missing; what may not is a problem already."""

    def __str__(self) -> str:
        return (
            f"{self.questionnaire} {self.language}: {_count(self.texts, 'text')}, {_count(self.drafts, 'draft')}, "
            f"{self.missing} missing, {self.changed} changed."
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def progress(questionnaire: str, language: str, texts: Iterable[tuple[DraftText, Languages]]) -> Progress:
    """Count the texts that people see in a language, and what they see instead."""
    counted: Counter[str] = Counter()
    notes = Problems()
    for text, languages in texts:
        base = text.by_language.get(languages.default)
        if base is None or text.path in NOT_SHOWN:
            continue
        translated = text.by_language.get(language)
        mark = languages.mark_of(language, text.path)
        counted["texts"] += 1
        if translated is None:
            counted["missing"] += 1
            if text.optional:
                message = (
                    f"`{text.path}` has no text in `{language}`; people read `{languages.default}` instead."
                )
                remedy = f"Translate “{shown(base.text)}”."
                notes.note(languages.place_of(language, text.path), text.path, message, remedy)
        elif mark.is_of_other_words(base.text):
            counted["changed"] += 1
        elif mark.state is TextState.DRAFT:
            counted["drafts"] += 1
            message = f"“{shown(translated.text)}” is a draft in `{language}`."
            remedy = f"Let a native speaker compare it with “{shown(base.text)}”."
            notes.note(translated.place, text.path, message, remedy)
    drafts, missing, changed = (counted[what] for what in ("drafts", "missing", "changed"))
    return Progress(questionnaire, language, counted["texts"], drafts, missing, changed, tuple(notes.found))
