"""What links a pseudonym to a person: addresses, deliveries, messages owed, updates set aside, erasures.

Nothing that computes results may import this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    exists,
    insert,
    select,
    tuple_,
    update,
)

from storage.schema import JSON_DOCUMENT, ROW_ID, Moment, metadata

REPEATS_KEPT = timedelta(hours=48)
"""How long a delivery is known again, and how long an erasure is remembered."""
SET_ASIDE_KEPT = timedelta(days=30)
CLAIM_LASTS = timedelta(minutes=2)
"""A message whose dispatcher died is due again after this."""

contact_points = Table(
    "contact_points",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("respondent_id", ForeignKey("respondents.id"), nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("bot", Text, nullable=False),
    Column("address_encrypted", LargeBinary, nullable=False),
    Column("language", Text),
    Column("language_hint", Text),
    Column("stopped", Boolean, nullable=False),
    Column("confirming", Text),
    Column("blocked_at", Moment),
    # The round that the person talks in now.
    Column("round_id", ForeignKey("rounds.id")),
    # Turns written, whichever round they were in: tells a reader that it looked before it had the lock.
    Column("turns", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    # Not a foreign key: checking it at each message would cost as much as writing the row.
    Column("respondent_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("bot", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("reply", JSON_DOCUMENT),
    Index(None, "at"),
    sqlite_with_rowid=False,
)
Index(
    "ix_inbound_replies",
    inbound.c.respondent_id,
    postgresql_where=inbound.c.reply.is_not(None),
    sqlite_where=inbound.c.reply.is_not(None),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("contact_hash", ForeignKey("contact_points.hash", ondelete="CASCADE"), nullable=False),
    Column("part", JSON_DOCUMENT, nullable=False),
    # Since when it is owed, which with the id gives the order. A retry moves `attempt_at` alone: where that is later,
    # the message was tried already, or stands behind one that was, and what is said meanwhile has to follow it.
    Column("due_at", Moment, nullable=False),
    Column("attempt_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Index(None, "state", "attempt_at"),
    Index(None, "contact_hash", "due_at", "id"),
)

set_asides = Table(
    "set_aside",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    # Not a foreign key: it may come from somebody who is not known yet.
    Column("contact_hash", LargeBinary, index=True),
    Column("payload_encrypted", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

erased = Table(
    "erased",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

PENDING, DEAD = "pending", "dead"


@dataclass(frozen=True, slots=True)
class Due:
    """A message that one dispatcher has claimed; `attempts` tells this claim from later ones."""

    id: int
    hash: bytes
    channel: str
    bot: str
    address_encrypted: bytes
    part: Any
    attempts: int


def owe(
    connection: Connection,
    contact_hash: bytes,
    parts: Sequence[Any],
    due_at: datetime,
    retry_at: datetime | None = None,
) -> None:
    """Put messages into the outbox, in order; somebody who was erased meanwhile is owed nothing.

    `retry_at` is for what could not be sent when it was due: then it is tried again, and later replies wait behind it.
    """
    known = connection.scalar(
        select(contact_points.c.hash).where(contact_points.c.hash == contact_hash).with_for_update(read=True)
    )
    if known is not None and parts:
        connection.execute(
            insert(outbox),
            [
                {
                    "contact_hash": contact_hash,
                    "part": part,
                    "due_at": due_at,
                    "attempt_at": retry_at or due_at,
                    "attempts": 0,
                    "state": PENDING,
                }
                for part in parts
            ],
        )


def claim_due(
    connection: Connection, accounts: Sequence[tuple[str, str]], now: datetime, limit: int
) -> list[Due]:
    """The messages to send now, at most one a person; nobody else gets them while the claim lasts.

    `accounts` are the channels and bots that can reach those people: another bot could not.
    """
    earlier = outbox.alias("earlier")
    due = (
        select(outbox.c.id)
        .join(contact_points, contact_points.c.hash == outbox.c.contact_hash)
        .where(
            outbox.c.state == PENDING,
            outbox.c.attempt_at <= now,
            tuple_(contact_points.c.channel, contact_points.c.bot).in_(accounts),
            contact_points.c.blocked_at.is_(None),
            ~exists().where(
                earlier.c.contact_hash == outbox.c.contact_hash,
                earlier.c.state == PENDING,
                tuple_(earlier.c.due_at, earlier.c.id) < tuple_(outbox.c.due_at, outbox.c.id),
            ),
        )
        .order_by(outbox.c.attempt_at, outbox.c.id)
        .limit(limit)
        .with_for_update(of=outbox, skip_locked=True)
    )
    ids = connection.scalars(due).all()
    if not ids:
        return []
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(attempt_at=now + CLAIM_LASTS, attempts=outbox.c.attempts + 1)
    )
    claimed = (
        select(
            outbox.c.id,
            outbox.c.contact_hash,
            contact_points.c.channel,
            contact_points.c.bot,
            contact_points.c.address_encrypted,
            outbox.c.part,
            outbox.c.attempts,
        )
        .join(contact_points, contact_points.c.hash == outbox.c.contact_hash)
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.due_at, outbox.c.id)
    )
    return [Due(*row) for row in connection.execute(claimed)]


def _held(due: Due) -> Any:
    """The row, unless somebody claimed it again since."""
    return and_(outbox.c.id == due.id, outbox.c.attempts == due.attempts)


def mark_sent(connection: Connection, due: Due) -> None:
    """The platform took it; nothing of it is kept."""
    connection.execute(delete(outbox).where(_held(due)))


def mark_retry(connection: Connection, due: Due, at: datetime, error: str) -> None:
    """The same again at `at`; later messages to the person wait. `error` is a type and a place, no text."""
    connection.execute(update(outbox).where(_held(due)).values(attempt_at=at, error=error))


def mark_dead(connection: Connection, due: Due, error: str) -> None:
    """It will never be taken; the next message to the person goes ahead."""
    connection.execute(update(outbox).where(_held(due)).values(state=DEAD, error=error))


def mark_blocked(connection: Connection, contact_hash: bytes, now: datetime) -> None:
    """The person cannot be reached any more: nothing is owed until they write again."""
    connection.execute(
        update(contact_points)
        .where(contact_points.c.hash == contact_hash, contact_points.c.blocked_at.is_(None))
        .values(blocked_at=now)
    )
    connection.execute(delete(outbox).where(outbox.c.contact_hash == contact_hash))


def set_aside(
    connection: Connection, contact_hash: bytes | None, payload_encrypted: bytes, reason: str, now: datetime
) -> None:
    """Keep, sealed, what could not be handled; `reason` is a type and a place, no text."""
    connection.execute(
        insert(set_asides).values(
            contact_hash=contact_hash, payload_encrypted=payload_encrypted, reason=reason, at=now
        )
    )


def prune(connection: Connection, now: datetime) -> Mapping[str, int]:
    """Delete what has been kept long enough; how many rows of each table went."""
    conditions = {
        inbound: inbound.c.at <= now - REPEATS_KEPT,
        set_asides: set_asides.c.at <= now - SET_ASIDE_KEPT,
        erased: erased.c.until <= now,
        outbox: and_(outbox.c.state == DEAD, outbox.c.due_at <= now - SET_ASIDE_KEPT),
    }
    return {
        table.name: connection.execute(delete(table).where(condition)).rowcount
        for table, condition in conditions.items()
    }
