"""What is read before and written after the turns of one batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from bot.flows.session import Answer, Person, Session
from storage.keys import Keys

NOBODY = 0
"""The `respondent` of somebody of whom nothing is kept: erased, and heard of only by late repeats."""


class Sender(Struct, frozen=True, gc=False):
    """Who wrote, as the channel knows them."""

    hash: bytes
    channel: str
    bot: str
    address: str
    keys: Keys
    language_hint: str | None = None

    def sealed_address(self) -> bytes:
        """The address as it is stored of a newcomer."""
        return self.keys.encrypt(self.address)


class Standing(Struct, frozen=True, gc=False):
    """Where one person stands when a batch begins; their contact point is locked."""

    hash: bytes
    respondent: int
    person: Person
    blocked: bool = False
    round_id: int | None = None
    """The round that the person talks in."""
    round_revision: int | None = None
    session: Session | None = None
    questionnaire_id: int | None = None
    """The version that the session is pinned to."""
    replies: Mapping[str, list[Any] | None] = field(default_factory=dict)
    """The repeats of this batch: external id → the reply on record, `None` when that turn is not the last."""
    erased_after: str | None = None
    """The last delivery before a recent erasure."""
    newcomer: bool = False
    behind: datetime | None = None
    """When the last of the messages that wait for another try was due: what is said now has to follow it."""


class Owed(Struct, frozen=True, gc=False):
    """A message for the outbox: one part, JSON-ready, and when it is due."""

    part: Any
    due_at: datetime


class Written(Struct, frozen=True, gc=False):
    """What one person's turns in a batch came to."""

    hash: bytes
    respondent: int
    person: Person
    bot: str
    blocked: bool = False
    round_id: int | None = None
    session: Session | None = None
    """`None` leaves the session as it is. One without answers loses the answers it had."""
    questionnaire_id: int | None = None
    turn_before: int | None = None
    """The turn of the session that was read; `None` when there was none yet."""
    changed: Mapping[str, Answer] = field(default_factory=dict)
    text_revisions: Mapping[str, int] = field(default_factory=dict)
    """The revision of the texts of each question that may have changed."""
    deliveries: tuple[tuple[str, list[Any] | None], ...] = ()
    """External ids and the replies to keep for their repeats."""
    owed: tuple[Owed, ...] = ()
