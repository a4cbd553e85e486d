"""Rounds as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.flows.questionnaire import LocalizedText, Questionnaire
from bot.flows.rounds import Round, RoundState
from storage.errors import CodeTaken, WrongState
from storage.schema import round_moves, rounds, session_moves, sessions

_LONGEST_PAYLOAD = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRound:
    """What makes a round, before it has an id."""

    code: str
    title: LocalizedText
    purpose: LocalizedText
    agency: LocalizedText
    contact: str
    questionnaire_id: int
    languages: tuple[str, ...]
    parts: frozenset[str] | None = None
    about_you_id: int | None = None
    """The version whose questions are asked of everybody last."""
    follows_id: int | None = None
    """The round that this one follows."""
    presets: Mapping[str, str] = field(default_factory=dict)
    """What hidden questions begin with, by name."""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    time_zone: str = "UTC"
    minimum_cell: int = 5
    allows_revision: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRound(NewRound):
    """A round with what the store adds."""

    id: int
    state: RoundState
    revision: int
    """Goes up at each change, also of the questionnaire's texts."""
    created_at: datetime

    def with_questionnaire(self, questionnaire: Questionnaire) -> Round:
        """The round as a conversation sees it, its questionnaire limited to the round's parts."""
        return Round(
            id=self.id,
            code=self.code,
            title=self.title,
            purpose=self.purpose,
            agency=self.agency,
            contact=self.contact,
            state=self.state,
            questionnaire=questionnaire.limited_to(self.parts),
            languages=self.languages,
            parts=self.parts,
            opens=self.opens_at,
            closes=self.closes_at,
            time_zone=self.time_zone,
            minimum_cell=self.minimum_cell,
            allows_revision=self.allows_revision,
            presets=self.presets,
        )


def create(connection: Connection, new: NewRound, now: datetime) -> StoredRound:
    """Draft a round; `CodeTaken` when another has its code, in whatever case."""
    values = {one.name: getattr(new, one.name) for one in fields(NewRound)}
    for name in ("title", "purpose", "agency"):
        values[name] = asdict(values[name])
    values |= {
        "code_folded": new.code.casefold(),
        "languages": list(new.languages),
        "parts": None if new.parts is None else sorted(new.parts),
        "presets": dict(new.presets),
        "state": RoundState.DRAFT,
        "revision": 1,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            row = connection.execute(insert(rounds).values(values).returning(rounds)).one()
    except IntegrityError:
        if by_code(connection, new.code) is None:
            raise
        raise CodeTaken(f"There is a round {new.code!r} already: choose another code.") from None
    return _round(row)


def by_code(connection: Connection, code: str) -> StoredRound | None:
    """A round by its code, in whatever case."""
    return _one(connection, rounds.c.code_folded == code.casefold())


def by_id(connection: Connection, round_id: int) -> StoredRound | None:
    """A round by its id."""
    return _one(connection, rounds.c.id == round_id)


def resolve(connection: Connection, payload: str) -> tuple[StoredRound, str | None] | None:
    """The round and the source that `CODE` or `CODE-source` names; the longest code that is there wins."""
    payload = payload.strip()[:_LONGEST_PAYLOAD]
    words = payload.split("-")
    prefixes = ["-".join(words[:count]).casefold() for count in range(1, len(words) + 1)]
    rows = connection.execute(select(rounds).where(rounds.c.code_folded.in_(prefixes))).all()
    if not rows:
        return None
    found = _round(max(rows, key=lambda row: len(row.code_folded)))
    source = payload[len(found.code) :].removeprefix("-")
    return found, source or None


def list_open(connection: Connection, now: datetime) -> list[StoredRound]:
    """The rounds that take answers at `now`, the newest first."""
    return _all(
        connection,
        rounds.c.state == RoundState.OPEN,
        or_(rounds.c.opens_at.is_(None), rounds.c.opens_at <= now),
        or_(rounds.c.closes_at.is_(None), rounds.c.closes_at > now),
    )


def list_all(connection: Connection) -> list[StoredRound]:
    """Every round, the newest first."""
    return _all(connection)


def versions_asked(connection: Connection, stored: StoredRound) -> tuple[int, ...]:
    """The versions that people in the round may have answered, its own first."""
    moves = connection.execute(
        select(round_moves.c.from_id, round_moves.c.to_id)
        .where(round_moves.c.round_id == stored.id)
        .order_by(round_moves.c.id.desc())
    )
    return tuple(dict.fromkeys([stored.questionnaire_id, *(version for move in moves for version in move)]))


def versions_answered(
    connection: Connection, respondent: int, round_id: int
) -> list[tuple[datetime | None, int]]:
    """The versions that a person's session in a round was pinned to, in order, each until when; the last for ever."""
    moves = connection.execute(
        select(session_moves.c.at, session_moves.c.from_id)
        .join(round_moves, round_moves.c.id == session_moves.c.move_id)
        .where(session_moves.c.respondent_id == respondent, round_moves.c.round_id == round_id)
        .order_by(session_moves.c.at, session_moves.c.move_id)
    )
    pinned = select(sessions.c.questionnaire_id).where(
        sessions.c.respondent_id == respondent, sessions.c.round_id == round_id
    )
    earlier: list[tuple[datetime | None, int]] = [(move.at, move.from_id) for move in moves]
    return [*earlier, *((None, now) for now in connection.scalars(pinned))]


def set_state(
    connection: Connection,
    code: str,
    from_state: RoundState,
    to_state: RoundState,
    presets: Mapping[str, str] | None = None,
) -> StoredRound:
    """Move a round on, with other presets if given; `WrongState` when it is not where it was thought to be."""
    values = {"state": to_state} if presets is None else {"state": to_state, "presets": dict(presets)}
    row = connection.execute(
        update(rounds)
        .where(rounds.c.code_folded == code.casefold(), rounds.c.state == from_state)
        .values(**values, revision=rounds.c.revision + 1)
        .returning(rounds)
    ).one_or_none()
    if row is not None:
        return _round(row)
    there = by_code(connection, code)
    if there is None:
        raise WrongState(f"There is no round {code!r}: `talanoa round list` shows those that are.")
    raise WrongState(f"Round {code!r} is {there.state}, not {from_state}: it cannot become {to_state}.")


def _all(connection: Connection, *conditions: ColumnElement[bool]) -> list[StoredRound]:
    return [
        _round(row)
        for row in connection.execute(select(rounds).where(*conditions).order_by(rounds.c.id.desc()))
    ]


def _one(connection: Connection, condition: ColumnElement[bool]) -> StoredRound | None:
    row = connection.execute(select(rounds).where(condition)).one_or_none()
    return None if row is None else _round(row)


def _round(row: Row[Any]) -> StoredRound:
    values = row._asdict()
    del values["code_folded"]
    for name in ("title", "purpose", "agency"):
        values[name] = LocalizedText(**values[name])
    languages: Sequence[str] = values["languages"]
    parts: Sequence[str] | None = values["parts"]
    return StoredRound(
        **values
        | {
            "languages": tuple(languages),
            "parts": None if parts is None else frozenset(parts),
            "state": RoundState(values["state"]),
        }
    )
