"""The hot path: what a batch of messages reads of its senders, and what their turns write."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import JSON, Connection, Row, Text, cast, select

from bot.flows.lexicon import Command
from bot.flows.session import Person, Session
from storage import batch_postgresql, batch_sqlite
from storage.contacts import outbox
from storage.documents import SESSION_COLUMNS, decode, read_moment, read_session_row
from storage.errors import StaleTurn
from storage.schema import sessions
from storage.turns import NOBODY, Owed, Sender, Standing, Written

__all__ = [
    "NOBODY",
    "Owed",
    "Sender",
    "Standing",
    "Written",
    "precedes_erasure",
    "read_batch",
    "read_session",
    "write_batch",
]


class _Dialect(Protocol):
    """The statements of one kind of database."""

    def read(
        self, connection: Connection, wanted: Sequence[tuple[bytes, list[str]]], now: datetime
    ) -> Sequence[Row[Any]]: ...

    def add(self, connection: Connection, newcomers: Sequence[tuple[Sender, int]], now: datetime) -> int: ...

    def write(
        self, connection: Connection, written: Sequence[Written], now: datetime
    ) -> tuple[int, int, int]: ...


_NO_REPLIES = (None, "{}")
_DIALECTS: Mapping[str, _Dialect] = {"postgresql": batch_postgresql, "sqlite": batch_sqlite}


def read_batch(
    connection: Connection, senders: Sequence[Sender], deliveries: Sequence[tuple[bytes, str]], now: datetime
) -> dict[bytes, Standing]:
    """Where each sender stands, newcomers added, everybody's contact point locked until the transaction ends.

    `deliveries` are the hashes and external ids of the batch. Batches cannot deadlock: locks are taken in the
    order of the hashes, newcomers are added in that order after all locks, and no lock follows. Where another
    batch has added somebody first, this one is a `StaleTurn`.
    """
    dialect = _DIALECTS[connection.dialect.name]
    sender_by_hash = {sender.hash: sender for sender in senders}
    wanted: dict[bytes, list[str]] = {hash_: [] for hash_ in sorted(sender_by_hash)}
    for hash_, external_id in deliveries:
        wanted[hash_].append(external_id)

    standings: dict[bytes, Standing] = {}
    newcomers: list[tuple[Sender, int]] = []
    for row in dialect.read(connection, list(wanted.items()), now):
        sender, erased_after = sender_by_hash[row.hash], row.erased_after
        if row.respondent_id is not None:
            standings[sender.hash] = _standing(sender, row)
            continue
        external_ids = wanted[sender.hash]
        late = erased_after is not None and all(precedes_erasure(one, erased_after) for one in external_ids)
        respondent = NOBODY if late else secrets.randbits(63) or 1
        if not late:
            newcomers.append((sender, respondent))
        standings[sender.hash] = Standing(
            hash=sender.hash,
            respondent=respondent,
            person=Person(language_hint=sender.language_hint),
            erased_after=erased_after,
            newcomer=not late,
        )
    if newcomers:
        newcomers.sort(key=lambda newcomer: newcomer[0].hash)
        if dialect.add(connection, newcomers, now) != len(newcomers):
            raise StaleTurn("Somebody new wrote on two connections at once: read the batch again.")
    return standings


def precedes_erasure(external_id: str, erased_after: str) -> bool:
    """Whether a delivery is the one that asked for the erasure, or one before it."""
    if external_id.isdecimal() and erased_after.isdecimal():
        # As numbers, whatever their length.
        return (len(external_id), external_id) <= (len(erased_after), erased_after)
    return external_id == erased_after


def read_session(connection: Connection, respondent: int, round_id: int) -> tuple[Session, int] | None:
    """Somebody's session in another round, and the questionnaire that it is pinned to."""
    columns = [
        cast(column, Text) if isinstance(column.type, JSON) else column
        for column in (sessions.c[name] for name in SESSION_COLUMNS)
    ]
    row = connection.execute(
        select(sessions.c.questionnaire_id, *columns).where(
            sessions.c.respondent_id == respondent,
            sessions.c.round_id + 0 == round_id,  # by the person, as in the batch's statements
        )
    ).one_or_none()
    return None if row is None else (read_session_row(row[1:]), row[0])


def write_batch(connection: Connection, written: Sequence[Written], now: datetime) -> None:
    """Write what the turns of a batch came to; earlier replies to the same people are no longer on record.

    A session that is not at `turn_before` any more, or a delivery that is on record already, is a
    `StaleTurn`: the transaction must end and the batch begin again.
    """
    dialect = _DIALECTS[connection.dialect.name]
    for distinct in _by_distinct_people(written):
        counted = dialect.write(connection, distinct, now)
        expected = (
            len(distinct),
            sum(one.session is not None for one in distinct),
            sum(len(one.deliveries) for one in distinct),
        )
        if counted != expected:
            raise StaleTurn(
                f"Of {expected} people, sessions and deliveries only {counted} are as they were read: "
                "read the batch again."
            )
    blocked = [one.hash for one in written if one.blocked]
    if blocked:
        connection.execute(outbox.delete().where(outbox.c.contact_hash.in_(blocked)))


def _by_distinct_people(written: Sequence[Written]) -> Iterator[list[Written]]:
    """The turns in lists that name nobody twice: somebody may answer in one round and go on in another."""
    rest = list(written)
    while rest:
        first = {one.respondent: one for one in reversed(rest)}
        yield list(first.values())
        rest = [one for one in rest if first[one.respondent] is not one]


def _standing(sender: Sender, row: Row[Any]) -> Standing:
    return Standing(
        hash=sender.hash,
        respondent=row.respondent_id,
        person=Person(
            language=row.language,
            language_hint=sender.language_hint or row.language_hint,
            stopped=bool(row.stopped),
            confirming=None if row.confirming is None else Command(row.confirming),
        ),
        blocked=bool(row.blocked),
        round_id=row.round_id,
        round_revision=row.round_revision,
        session=None if row.state is None else read_session_row(row[-len(SESSION_COLUMNS) :]),
        questionnaire_id=row.questionnaire_id,
        replies={} if row.replies in _NO_REPLIES else decode(row.replies),
        erased_after=row.erased_after,
        behind=read_moment(row.behind),
    )
