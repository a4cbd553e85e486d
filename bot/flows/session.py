"""Where one respondent is in one round, with what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from bot.flows.lexicon import Command
from bot.flows.values import Value

TURNS_OF_A_VERSION = 10_000
"""A session that is moved to another version goes on with the next so many turns: buttons from before are stale."""


class State(StrEnum):
    """How far a conversation is; the moves between them are the table in `lifecycle`."""

    CHOOSING_LANGUAGE = "choosing_language"
    CONSENTING = "consenting"
    ANSWERING = "answering"
    REVIEWING = "reviewing"
    PAUSED = "paused"
    COMPLETED = "completed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What results count a session as (AAPOR's outcomes where it has one)."""

    STARTED = "started"
    """Neither agreed nor declined yet."""
    NO_ANSWER = "no_answer"
    PARTIAL = "partial"
    COMPLETE = "complete"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    NOT_ELIGIBLE = "not_eligible"
    """Submitted, but no part of the round is for this person."""


class AnswerStatus(StrEnum):
    """Whether an answer counts."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    OFF_ROUTE = "off_route"
    """Left the route by a later change: kept, never counted."""


class Answer(Struct, frozen=True, gc=False, array_like=True):
    """The answer to one question, as JSON an array; `value` is `None` for one that was skipped."""

    value: Value | None
    status: AnswerStatus
    at: datetime
    language: str
    revision: int = 0
    """How often the person changed it."""


class Ticks(Struct, frozen=True, gc=False):
    """Choices of a `select_multiple` ticked so far."""

    choices: tuple[str, ...]


class Guess(Struct, frozen=True, gc=False):
    """Values that an unclear answer may have meant; one awaits yes or no, several a choice by number."""

    values: tuple[Value, ...]


class Menu(Struct, frozen=True, gc=False):
    """A list that was offered out of turn and awaits a number: the sections, languages, rounds."""

    command: Command


class Page(Struct, frozen=True, gc=False):
    """Which page of a long list of options is shown, from 0."""

    page: int


class Album(Struct, frozen=True, gc=False):
    """Several files sent at once, of which one has been heard; the others are no answer to what is asked next."""

    group: str
    told: bool
    """Whether the person knows."""


Draft: TypeAlias = Ticks | Guess | Menu | Page | Album


class Consent(Struct, frozen=True, gc=False):
    """What the person agreed to, when, in which words: `text_hash` is of the consent text as shown."""

    at: datetime
    language: str
    text_hash: str


class Session(Struct, frozen=True, gc=False):
    """One respondent in one round; stored is only where the person stepped on purpose."""

    state: State
    language: str
    source: str | None = None
    """Where the person came from: radio, poster, village office."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    focus: str | None = None
    """The question reached by *back*, *sections* or *change*; else the first one open on the route is current."""
    draft: Draft | None = None
    misses: int = 0
    """Answers in a row that were not understood or not allowed."""
    turn: int = 0
    consent: Consent | None = None
    outcome: Outcome = Outcome.STARTED
    completed_at: datetime | None = None


class Person(Struct, frozen=True, gc=False):
    """What a conversation knows of who is talking, whichever round they are in; never an address."""

    language: str | None = None
    """The language the person chose; `None` until they did."""
    language_hint: str | None = None
    """What the client says its language is."""
    stopped: bool = False
    """Asked for no more messages; replies are still given."""
    confirming: Command | None = None
    """A command that awaits yes or no: `forget`, `withdraw`, or `start` (messages again after *stop*)."""
