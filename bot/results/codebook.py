"""What a file's variables mean, in one language: a table for readers, and JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.flows.rounds import Round
from bot.results.microdata import Microdata, Variable


@dataclass(frozen=True, slots=True)
class Entry:
    """One variable."""

    variable: Variable
    section: str
    """The title of the section; empty for what is known besides the answers."""
    label: str
    categories: Mapping[str, str]
    """The words for its codes."""


def codebook(
    microdata: Microdata, round_: Round, language: str, countries: Mapping[str, str]
) -> Iterator[Entry]:
    """All variables in the order of the file, in a language; `countries` are that language's."""
    sections = round_.questionnaire.section_of
    for variable in microdata.variables:
        question = variable.question
        section = sections[question.name].title.in_language(language) if question else ""
        label = variable.label.in_language(language)
        if question is not None and not variable.is_answer:
            label = f"{question.label.in_language(language)} — {label}"
        yield Entry(variable, section, label, variable.words(language, countries))


def codebook_json(entries: Iterator[Entry], round_: Round, language: str) -> dict[str, Any]:
    """The same, ready for `json.dumps`, with which round it is of."""
    return {
        "round": {
            "code": round_.code,
            "title": round_.title.in_language(language),
            "questionnaire": round_.questionnaire.key,
            "version": round_.questionnaire.version,
        },
        "language": language,
        "variables": [
            {
                "name": entry.variable.name,
                "form": entry.variable.form,
                "label": entry.label,
                "section": entry.section,
                "categories": dict(entry.categories),
            }
            for entry in entries
        ],
    }
