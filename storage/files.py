"""The files behind answers: claimed to be fetched, kept or given up, and their objects removed once they are gone.

Rows come and go with answers (see `file_rules`); here is what becomes of them in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    insert,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from storage.contacts import contact_points
from storage.documents import read_value
from storage.file_rules import FileState
from storage.objects import new_key
from storage.schema import answers, file_removals, files, sessions

CLAIM_LASTS = timedelta(minutes=5)
"""A file whose fetcher died is due again after this, and only then is an object of it removed."""
TRIED_FOR = timedelta(days=3)
"""After which a file that cannot be fetched is given up."""
WAITED_FOR = timedelta(days=30)
"""After which a file that nobody fetches is given up; a fetcher that was away for less begins where it stopped."""
REMOVED_AGAIN = timedelta(minutes=1)
"""Between tries to remove an object while the object store is away."""
AT_ONCE = 500
"""Keys in one statement."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file that one fetcher has claimed; `attempts` tells this claim from later ones."""

    respondent: int
    round_id: int
    question: str
    channel: str
    bot: str
    value: str
    """The answer's value; see `bot.flows.sharing`."""
    key: str
    at: datetime
    """When it was sent."""
    attempts: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed file, and what is known of one that is stored."""

    state: FileState
    size: int | None = None
    media_type: str | None = None
    scanned: bool | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom to tell what became of a file, and in which language."""

    hash: bytes
    language: str
    is_quiet: bool
    """Whether nothing is sent to them: they said so, or have blocked us."""


def claim(
    connection: Connection, accounts: Iterable[tuple[str, str]], now: datetime, limit: int
) -> list[Claimed]:
    """The files to fetch now through these channels' accounts; nobody else gets them while the claim lasts."""
    due = (
        select(
            files.c.respondent_id,
            files.c.round_id,
            files.c.question,
            contact_points.c.channel,
            contact_points.c.bot,
            cast(answers.c.value, Text).label("value"),
            files.c.object_key,
            files.c.at,
            files.c.attempts,
        )
        .join(contact_points, contact_points.c.respondent_id == files.c.respondent_id)
        .join(
            answers,
            and_(
                answers.c.respondent_id == files.c.respondent_id,
                answers.c.round_id == files.c.round_id,
                answers.c.question == files.c.question,
            ),
        )
        .where(
            files.c.state == FileState.WAITING,
            files.c.attempt_at <= now,
            tuple_(contact_points.c.channel, contact_points.c.bot).in_(list(accounts)),
        )
        .order_by(files.c.attempt_at)
        .limit(limit)
        .with_for_update(of=files, skip_locked=True)
    )
    claimed = [
        Claimed(
            row.respondent_id,
            row.round_id,
            row.question,
            row.channel,
            row.bot,
            str(read_value(row.value)),
            row.object_key or new_key(),
            row.at,
            row.attempts + 1,
        )
        for row in connection.execute(due)
    ]
    if claimed:
        # The key is on record before there can be an object, so that no crash leaves one that nobody knows.
        connection.execute(
            update(files)
            .where(
                files.c.respondent_id == bindparam("whose"),
                files.c.round_id == bindparam("in_round"),
                files.c.question == bindparam("named"),
            )
            .values(object_key=bindparam("key"), attempts=bindparam("tried"), attempt_at=now + CLAIM_LASTS),
            [
                {
                    "whose": one.respondent,
                    "in_round": one.round_id,
                    "named": one.question,
                    "key": one.key,
                    "tried": one.attempts,
                }
                for one in claimed
            ],
        )
    return claimed


def lock_sender(connection: Connection, claimed: Claimed) -> Sender | None:
    """Who sent a file, locked as a message of theirs would be; `None` for one who is gone."""
    row = connection.execute(
        select(
            contact_points.c.hash,
            sessions.c.language,
            or_(contact_points.c.stopped, contact_points.c.blocked_at.is_not(None)),
        )
        .join(sessions, sessions.c.respondent_id == contact_points.c.respondent_id)
        .where(contact_points.c.respondent_id == claimed.respondent, sessions.c.round_id == claimed.round_id)
        .with_for_update(of=contact_points)
    ).one_or_none()
    return None if row is None else Sender(*row)


def settle(connection: Connection, claimed: Claimed, settled: Settled) -> bool:
    """Put on record what became of a file; `False` where its answer was changed or erased meanwhile."""
    if settled.state is not FileState.STORED:
        return bool(_end(connection, _held(claimed), settled.state))
    known = {"size": settled.size, "media_type": settled.media_type, "scanned": settled.scanned}
    stored = (
        update(files).where(_held(claimed)).values(state=settled.state, attempt_at=files.c.at, error=None)
    )
    return bool(connection.execute(stored.values(known)).rowcount)


def drop(connection: Connection, claimed: Claimed) -> None:
    """There is no file behind this answer."""
    connection.execute(delete(files).where(_held(claimed)))


def is_known(connection: Connection, key: str) -> bool:
    """Whether a file has this key."""
    return bool(connection.scalar(select(exists().where(files.c.object_key == key))))


def mark_retry(connection: Connection, claimed: Claimed, at: datetime, error: str) -> None:
    """The same again at `at`; `error` is a type and a place, no text."""
    connection.execute(update(files).where(_held(claimed)).values(attempt_at=at, error=error))


def give_up(connection: Connection, now: datetime) -> int:
    """Give up what nobody has even tried for long, since its bot is gone; how many files that were."""
    old = and_(files.c.state == FileState.WAITING, files.c.at <= now - WAITED_FOR, files.c.attempt_at <= now)
    return _end(connection, old, FileState.FAILED)


def give_up_channel(connection: Connection, channel: str) -> int:
    """Give up what came through a channel behind which there is nothing to fetch."""
    people = select(contact_points.c.respondent_id).where(contact_points.c.channel == channel)
    through = and_(files.c.state == FileState.WAITING, files.c.respondent_id.in_(people))
    return _end(connection, through, FileState.FAILED)


def removals_due(connection: Connection, now: datetime) -> list[str]:
    """Keys of objects to remove now; whoever removes them does not mind that somebody else does too."""
    due = select(file_removals.c.object_key).where(file_removals.c.due_at <= now)
    return list(connection.scalars(due.order_by(file_removals.c.due_at).limit(AT_ONCE)))


def mark_removed(connection: Connection, keys: Sequence[str]) -> None:
    """These objects are gone."""
    connection.execute(delete(file_removals).where(file_removals.c.object_key.in_(keys)))


def postpone_removals(connection: Connection, keys: Sequence[str], now: datetime) -> None:
    """These objects could not be removed; again later, and others first."""
    connection.execute(
        update(file_removals).where(file_removals.c.object_key.in_(keys)).values(due_at=now + REMOVED_AGAIN)
    )


def unknown(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Those of the keys that no file has, and that are not to be removed anyway."""
    strangers = []
    for some in _pages(list(keys)):
        known = union_all(
            *(
                select(column).where(column.in_(some))
                for column in (files.c.object_key, file_removals.c.object_key)
            )
        )
        found = set(connection.scalars(known))
        strangers += [key for key in some if key not in found]
    return strangers


def lost(connection: Connection, keys: Iterable[str]) -> int:
    """How many files are stored under none of these keys."""
    there = set(keys)
    stored = select(files.c.object_key).where(files.c.state == FileState.STORED)
    return sum(key not in there for key in connection.scalars(stored))


def _held(claimed: Claimed) -> ColumnElement[bool]:
    """The row, unless somebody claimed it again since, or the answer is another."""
    return and_(
        files.c.object_key == claimed.key,
        files.c.attempts == claimed.attempts,
        files.c.state == FileState.WAITING,
    )


def _end(connection: Connection, condition: ColumnElement[bool], state: FileState) -> int:
    """Keep nothing of these files but what became of them; how many they were."""
    rows = connection.execute(
        select(
            files.c.respondent_id, files.c.round_id, files.c.question, files.c.object_key, files.c.attempt_at
        )
        .where(condition)
        .with_for_update(skip_locked=True)
    ).all()
    doomed = [
        {"object_key": row.object_key, "due_at": row.attempt_at} for row in rows if row.object_key is not None
    ]
    if doomed:
        connection.execute(insert(file_removals), doomed)
    for some in _pages(rows):
        ended = tuple_(files.c.respondent_id, files.c.round_id, files.c.question).in_(
            [tuple(row[:3]) for row in some]
        )
        connection.execute(update(files).where(ended).values(state=state, object_key=None))
    return len(rows)


def _pages(of: Sequence[T]) -> Iterator[Sequence[T]]:
    return (of[start : start + AT_ONCE] for start in range(0, len(of), AT_ONCE))
