"""Rounds that go on with another version of their questionnaire, and the sessions that were moved along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from bot.flows.session import Answer, Session
from storage.contacts import contact_points
from storage.documents import SESSION_COLUMNS, decode, json_text, read_session_row
from storage.errors import WrongState
from storage.schema import answers, round_moves, rounds, session_moves, sessions

PAGE = 200
"""Sessions in one transaction: messages wait for no longer than these take."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a round from one version to another."""

    id: int
    round_id: int
    from_id: int
    to_id: int


@dataclass(frozen=True, slots=True)
class Pinned:
    """A session with the version that it is pinned to."""

    respondent: int
    round_id: int
    questionnaire_id: int
    session: Session
    from_id: int | None = None
    """The version that a move took it from."""
    fingerprint: str | None = None
    """Of its answers when they were moved."""


@dataclass(frozen=True, slots=True)
class Repinned:
    """A session to be written under another version, with the answers that are not as they were."""

    before: Pinned
    questionnaire_id: int
    session: Session
    changed: Mapping[str, Answer]
    text_revisions: Mapping[str, int]
    fingerprint: str


def begin(connection: Connection, round_id: int, from_id: int, to_id: int, now: datetime) -> Move:
    """Let whoever begins from now on answer another version."""
    _ask(connection, round_id, from_id, to_id)
    made = insert(round_moves).values(round_id=round_id, from_id=from_id, to_id=to_id, at=now)
    move_id = connection.execute(made.returning(round_moves.c.id)).scalar_one()
    return Move(move_id, round_id, from_id, to_id)


def take_back(connection: Connection, move: Move) -> None:
    """Let whoever begins from now on answer the version before; where they do already, nothing happens."""
    asked = connection.scalar(select(rounds.c.questionnaire_id).where(rounds.c.id == move.round_id))
    if asked != move.from_id:
        _ask(connection, move.round_id, move.to_id, move.from_id)


def finish_undoing(connection: Connection, move: Move, now: datetime) -> None:
    """Put on record that a move was undone."""
    connection.execute(update(round_moves).where(round_moves.c.id == move.id).values(undone_at=now))


def last_move(connection: Connection, round_id: int) -> Move | None:
    """The last move of a round that was not undone."""
    row = connection.execute(
        select(round_moves.c.id, round_moves.c.round_id, round_moves.c.from_id, round_moves.c.to_id)
        .where(round_moves.c.round_id == round_id, round_moves.c.undone_at.is_(None))
        .order_by(round_moves.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Move(*row)


def to_move(
    connection: Connection, round_id: int, to_id: int, states: Sequence[str], after: int, *, lock: bool
) -> tuple[list[Pinned], int | None]:
    """A page of sessions in these states that are pinned to another version, by pseudonym, and where it ends."""
    of_round = and_(
        sessions.c.round_id == round_id,
        sessions.c.questionnaire_id != to_id,
        sessions.c.state.in_(states),
    )
    respondents = _page(connection, of_round, after, lock=lock)
    rows = connection.execute(select(*_COLUMNS).where(of_round, sessions.c.respondent_id.in_(respondents)))
    return [_pinned(row) for row in rows], respondents[-1] if respondents else None


def count_staying(connection: Connection, round_id: int, to_id: int, states: Sequence[str]) -> int:
    """How many sessions of other versions are in none of these states, and so stay where they are."""
    return connection.execute(
        select(func.count()).where(
            sessions.c.round_id == round_id,
            sessions.c.questionnaire_id != to_id,
            sessions.c.state.not_in(states),
        )
    ).scalar_one()


def moved_along(
    connection: Connection, move: Move, after: int, *, lock: bool
) -> tuple[list[Pinned], int | None]:
    """A page of the sessions that a move took along, by pseudonym, and where it ends."""
    of_move = and_(
        session_moves.c.respondent_id == sessions.c.respondent_id, session_moves.c.move_id == move.id
    )
    there = and_(sessions.c.round_id == move.round_id, sessions.c.questionnaire_id == move.to_id)
    respondents = _page(connection, and_(there, exists().where(of_move)), after, lock=lock)
    rows = connection.execute(
        select(*_COLUMNS, session_moves.c.from_id, session_moves.c.fingerprint)
        .join(session_moves, of_move)
        .where(there, sessions.c.respondent_id.in_(respondents))
    )
    return [_pinned(row[:-2], *row[-2:]) for row in rows], respondents[-1] if respondents else None


def move_sessions(connection: Connection, move: Move, moved: Sequence[Repinned], now: datetime) -> None:
    """Pin sessions to the version of a move, and keep where they came from."""
    _write(connection, moved, now)
    rows = [
        {
            "respondent_id": one.before.respondent,
            "move_id": move.id,
            "from_id": one.before.questionnaire_id,
            "at": now,
            "fingerprint": one.fingerprint,
        }
        for one in moved
    ]
    if rows:
        connection.execute(insert(session_moves), rows)


def return_sessions(connection: Connection, move: Move, moved: Sequence[Repinned], now: datetime) -> None:
    """Pin sessions to the version that they came from, as if they had not been moved."""
    _write(connection, moved, now)
    connection.execute(
        delete(session_moves).where(
            session_moves.c.move_id == move.id,
            session_moves.c.respondent_id.in_([one.before.respondent for one in moved]),
        )
    )


_COLUMNS: tuple[ColumnElement[Any], ...] = (
    sessions.c.respondent_id,
    sessions.c.round_id,
    sessions.c.questionnaire_id,
    *(
        cast(column, Text) if isinstance(column.type, JSON) else column
        for column in (sessions.c[name] for name in SESSION_COLUMNS)
    ),
)


def _pinned(row: Sequence[Any], from_id: int | None = None, fingerprint: str | None = None) -> Pinned:
    respondent, round_id, questionnaire_id, *columns = row
    return Pinned(respondent, round_id, questionnaire_id, read_session_row(columns), from_id, fingerprint)


def _page(connection: Connection, condition: ColumnElement[bool], after: int, *, lock: bool) -> list[int]:
    """The next respondents, their contact points locked in the order in which batches of messages lock them."""
    respondents = connection.scalars(
        select(sessions.c.respondent_id)
        .where(condition, sessions.c.respondent_id > after)
        .order_by(sessions.c.respondent_id)
        .limit(PAGE)
    ).all()
    if lock:
        connection.execute(
            select(contact_points.c.hash)
            .where(contact_points.c.respondent_id.in_(respondents))
            .order_by(contact_points.c.hash)
            .with_for_update()
        )
    return list(respondents)


def _ask(connection: Connection, round_id: int, from_id: int, to_id: int) -> None:
    asked = connection.execute(
        update(rounds)
        .where(rounds.c.id == round_id, rounds.c.questionnaire_id == from_id)
        .values(questionnaire_id=to_id, revision=rounds.c.revision + 1)
    )
    if asked.rowcount != 1:
        raise WrongState("The round was moved by somebody else meanwhile: look at it, and begin again.")


_OF_SESSION = and_(
    sessions.c.respondent_id == bindparam("whose"), sessions.c.round_id == bindparam("in_round")
)
_OF_ANSWER = and_(
    answers.c.respondent_id == bindparam("whose"),
    answers.c.round_id == bindparam("in_round"),
    answers.c.question == bindparam("named"),
)


def _write(connection: Connection, moved: Sequence[Repinned], now: datetime) -> None:
    """Write sessions and answers; their people are locked, so nobody has written since they were read."""
    changed = [(one, name, answer) for one in moved for name, answer in one.changed.items()]
    kept = [row for row in changed if row[1] in row[0].before.session.answers]
    filled = [row for row in changed if row[1] not in row[0].before.session.answers]
    for statement, rows in (
        (update(sessions).where(_OF_SESSION), [_session(one, now) for one in moved]),
        (update(answers).where(_OF_ANSWER), [_key(one, name) | _answer(new) for one, name, new in kept]),
        (insert(answers), [_row(*row) for row in filled]),
    ):
        if rows:
            connection.execute(statement, rows)


def _session(one: Repinned, now: datetime) -> dict[str, Any]:
    session = one.session
    return {
        "whose": one.before.respondent,
        "in_round": one.before.round_id,
        "questionnaire_id": one.questionnaire_id,
        "state": session.state,
        "outcome": session.outcome,
        "focus": session.focus,
        "draft": None,
        "misses": session.misses,
        "turn": session.turn,
        "answers": decode(json_text(session.answers)),
        "updated_at": now,
    }


def _key(one: Repinned, name: str) -> dict[str, Any]:
    return {"whose": one.before.respondent, "in_round": one.before.round_id, "named": name}


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "value": None if answer.value is None else decode(json_text(answer.value)),
        "status": answer.status,
        "at": answer.at,
        "language": answer.language,
        "revision": answer.revision,
    }


def _row(one: Repinned, name: str, answer: Answer) -> dict[str, Any]:
    return {
        "respondent_id": one.before.respondent,
        "round_id": one.before.round_id,
        "question": name,
        "text_revision": one.text_revisions.get(name, 0),
        **_answer(answer),
    }
