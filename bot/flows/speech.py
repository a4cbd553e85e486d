"""What the core wants said, before any language or channel: the words come from `render`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias

from msgspec import Struct, field

from bot.flows.lexicon import Command
from bot.flows.questionnaire import LocalizedText, Question, Section
from bot.flows.taps import Tap
from bot.flows.values import Value


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark a message for translation where it is written; it is translated where it is rendered."""
    return message


class Notice(Struct, frozen=True, gc=False):
    """A sentence of the bot's own: the English text is its key, `values` fill its braces.

    With `plural`, `count` chooses the form and fills `{count}`.
    """

    message: str
    values: Mapping[str, Fill] = field(default_factory=dict)
    plural: str | None = None
    count: int = 0
    context: str | None = None


class Said(Struct, frozen=True, gc=False):
    """An answer in words: choice labels, a date as the language writes it."""

    question: Question
    value: Value


class Worded(Struct, frozen=True, gc=False):
    """A text of the questionnaire with the answers that it names as `${name}`."""

    text: LocalizedText
    fills: Mapping[str, Said] = field(default_factory=dict)


class CommandWord(Struct, frozen=True, gc=False):
    """The word to type for a command, in the person's language."""

    command: Command


class DoneWord(Struct, frozen=True, gc=False):
    """The word to type to end a choice, or to leave an answer as it is, in the person's language."""


class LanguageName(Struct, frozen=True, gc=False):
    """A language, named in itself."""

    language: str


class Local(Struct, frozen=True, gc=False):
    """A moment, to be shown in a time zone of the tz database."""

    at: datetime
    time_zone: str


class Percent(Struct, frozen=True, gc=False):
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


class Option(Struct, frozen=True, gc=False):
    """Something to pick: a button where the channel has them, a number to type everywhere."""

    label: Notice | LocalizedText | LanguageName | Said | str
    tap: Tap


class Offer(Struct, frozen=True, gc=False):
    """A text with things to pick from; `numbered` when a typed number picks one."""

    text: Notice
    options: tuple[Option, ...]
    numbered: bool = True
    greeting: Notice | None = None
    """Said before the text, and only together with it."""


class Prompt(Struct, frozen=True, gc=False):
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


class Note(Struct, frozen=True, gc=False):
    """A `note` of the questionnaire: shown, not answered; with its section's title when it opens the section."""

    text: LocalizedText
    fills: Mapping[str, Said] = field(default_factory=dict)
    section: Section | None = None


class ReviewLine(Struct, frozen=True, gc=False):
    """One question of the review, with its number there and its answer; `None` for one that was skipped."""

    number: int
    question: Question
    value: Value | None
    fills: Mapping[str, Said] = field(default_factory=dict)


class Review(Struct, frozen=True, gc=False):
    """All answers by section, in the route's order."""

    sections: tuple[tuple[Section, tuple[ReviewLine, ...]], ...]


class CommandList(Struct, frozen=True, gc=False):
    """The words that can be sent at any time, each with what it does."""

    commands: tuple[Command, ...]


Saying: TypeAlias = Notice | Offer | Prompt | Note | Review | CommandList
