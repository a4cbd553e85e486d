"""One text on its way to a translator and back, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.authoring.states import TextState
from bot.authoring.texts import LONGEST_LABEL, LONGEST_TEXT
from bot.authoring.written import Written
from bot.flows.question_types import QUESTION_TYPES

_WHAT = {
    "title": "The title of the questionnaire.",
    "source": "Where the questionnaire comes from.",
    "parts": "The title of a part.",
    "sections": "The title of a section.",
    "indicators": "What a number in the results is called.",
    "synonyms": "Other words that people type for this choice. Give those that they use, with commas between "
    "them, or semicolons where one holds a comma; they need not be translations.",
    "label": "A question.",
    "hint": "What explains the question before.",
    "guidance_hint": "More about how to answer; said to somebody who asks for help.",
    "constraint_message": "What is said to an answer that does not fit.",
    "required_message": "What is said to somebody who wants to skip.",
    "start_label": "What the lowest step of the scale means.",
    "end_label": "What the highest step of the scale means.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A text as it goes out."""

    path: str
    what: tuple[str, ...]
    """What it is and its limits, for the translator."""
    base: str
    translation: str
    state: str
    """`draft`, `reviewed`, or `changed` if the base was another text when it was translated; empty without one."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A text as it comes back."""

    path: Written
    base: str
    translation: Written | None
    state: TextState


def what_it_is(path: str, types: Mapping[str, str]) -> tuple[str, ...]:
    """What a text is, in words for its translator; `types` are those of the questions, by name."""
    group, _, rest = path.partition(".")
    if group == "synonyms":
        return (_WHAT[group],)
    most = f"At most {LONGEST_TEXT:,} characters."
    if group == "choices":
        return f"A choice of the list “{rest.partition('.')[0]}”.", most
    name, _, key = rest.partition(".")
    if group != "questions":
        return _WHAT[group], most
    known = QUESTION_TYPES.get(types.get(name, ""))
    if key != "label":
        return _WHAT[key], most
    if known is not None and not known.asks:
        return "Words that are shown and want no answer.", most
    return _WHAT[key], f"At most {LONGEST_LABEL} characters."


def join_words(words: Iterable[str]) -> str:
    """Words with commas between them, or semicolons where one holds a comma."""
    words = tuple(words)
    return ("; " if any("," in word for word in words) else ", ").join(words)


def split_words(written: Written) -> tuple[Written, ...]:
    """The words of such a list, each with its place."""
    separator = ";" if ";" in written.text else ","
    pieces = re.finditer(rf"[^{separator}\s][^{separator}]*", written.text)
    return tuple(Written(piece[0].strip(), written.at(piece.start())) for piece in pieces)
