"""What the core wants said, before any language or channel: the words come from `render`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from bot.flows.lexicon import Command
from bot.flows.questionnaire import LocalizedText, Question, Section
from bot.flows.taps import Tap
from bot.flows.values import Value


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark a message for translation where it is written; it is translated where it is rendered."""
    return message


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of the bot's own: the English text is its key, `values` fill its braces.

    With `plural`, `count` chooses the form and fills `{count}`.
    """

    message: str
    values: Mapping[str, Fill] = field(default_factory=dict)
    plural: str | None = None
    count: int = 0
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words: choice labels, a date as the language writes it."""

    question: Question
    value: Value


@dataclass(frozen=True, slots=True)
class Worded:
    """A text of the questionnaire with the answers that it names as `${name}`."""

    text: LocalizedText
    fills: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandWord:
    """The word to type for a command, in the person's language."""

    command: Command


@dataclass(frozen=True, slots=True)
class DoneWord:
    """The word to type to end a choice, or to leave an answer as it is, in the person's language."""


@dataclass(frozen=True, slots=True)
class LanguageName:
    """A language, named in itself."""

    language: str


@dataclass(frozen=True, slots=True)
class Local:
    """A moment, to be shown in a time zone of the tz database."""

    at: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of a hundred, to be written with its sign."""

    value: int


Fill: TypeAlias = (
    str
    | int
    | float
    | Percent
    | date
    | Local
    | LocalizedText
    | Worded
    | Notice
    | Said
    | CommandWord
    | DoneWord
    | LanguageName
)


PAGE_SIZE = 30
"""Options shown at once; a longer list has pages."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to pick: a button where the channel has them, a number to type everywhere."""

    label: Notice | LocalizedText | LanguageName | Said | str
    tap: Tap


@dataclass(frozen=True, slots=True)
class Offer:
    """A text with things to pick from; `numbered` when a typed number picks one."""

    text: Notice
    options: tuple[Option, ...]
    numbered: bool = True
    greeting: Notice | None = None
    """Said before the text, and only together with it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as it is put: with its place on the route, and its section's title when that changes."""

    question: Question
    tap: Tap
    """Kind `ANSWER`, with the question's position; the options fill in `option`."""
    number: int
    total: int
    percent: int
    """Answered ÷ questions now on the route, rounded down."""
    section: Section | None = None
    fills: Mapping[str, Said] = field(default_factory=dict)
    """The answers that the texts name as `${name}`."""
    ticked: tuple[str, ...] = ()
    answered: bool = False
    """Whether it was answered or skipped before, which can be left as it is."""
    page: int = 0
    """Which page of a long list of options, from 0; the numbers of the options go on from page to page."""
    replaces: bool = False
    """Whether it may take the place of the message whose button was tapped."""


@dataclass(frozen=True, slots=True)
class Note:
    """A `note` of the questionnaire: shown, not answered; with its section's title when it opens the section."""

    text: LocalizedText
    fills: Mapping[str, Said] = field(default_factory=dict)
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One question of the review, with its number there and its answer; `None` for one that was skipped."""

    number: int
    question: Question
    value: Value | None
    fills: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """All answers by section, in the route's order."""

    sections: tuple[tuple[Section, tuple[ReviewLine, ...]], ...]


@dataclass(frozen=True, slots=True)
class CommandList:
    """The words that can be sent at any time, each with what it does."""

    commands: tuple[Command, ...]


Saying: TypeAlias = Notice | Offer | Prompt | Note | Review | CommandList
