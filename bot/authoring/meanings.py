"""Checks that *yes* and *no* are not swapped in a translation: the one slip that no reader of totals would notice."""

from __future__ import annotations

from bot import i18n
from bot.authoring.draft import Draft, DraftChoice
from bot.authoring.problems import Problems, shown
from bot.flows.understanding.folding import fold

_OPPOSITES = (("yes", "no"), ("no", "yes"))


def check_meanings(draft: Draft, problems: Problems) -> None:
    """Find the codes `yes` and `no` whose words, in some language, are its words for the other."""
    for choices in draft.used_lists:
        by_name = {choice.name.text: choice for choice in choices.choices}
        for code, other in _OPPOSITES:
            if code in by_name and other in by_name:
                _check(by_name[code], code, other, draft.languages, problems)


def _check(
    choice: DraftChoice, code: str, other: str, languages: tuple[str, ...], problems: Problems
) -> None:
    for language in languages:
        lexicon = i18n.lexicon(language)
        words = {"yes": lexicon.yes, "no": lexicon.no}
        label = choice.label.by_language.get(language)
        for written in (*((label,) if label else ()), *choice.synonyms.get(language, ())):
            if fold(written.text) in words[other] - words[code]:
                message = f"“{shown(written.text)}” means {other} in `{language}`, and the code is `{code}`."
                problems.error(written.place, choice.label.path, message, "Give each code its own words.")
