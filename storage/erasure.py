"""A person's rights over what is kept: to see it all, and to have it gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from storage.contacts import REPEATS_KEPT, contact_points, erased, inbound, outbox, set_asides
from storage.schema import (
    answers,
    files,
    questionnaires,
    respondents,
    round_moves,
    rounds,
    session_moves,
    sessions,
)


@dataclass(frozen=True, slots=True)
class ErasedCounts:
    """How much was erased."""

    sessions: int
    answers: int
    messages: int
    """Deliveries on record, messages owed, and updates set aside."""


def find_person(connection: Connection, contact_hash: bytes) -> int | None:
    """The respondent behind a contact point, which is then locked; `None` for somebody unknown."""
    return connection.scalar(
        select(contact_points.c.respondent_id).where(contact_points.c.hash == contact_hash).with_for_update()
    )


def erase(
    connection: Connection, contact_hash: bytes, respondent: int, last_external_id: str, now: datetime
) -> ErasedCounts:
    """Delete all that is held of a person but, for 48 hours, what tells a late repeat from a new message.

    Their files go with the answers: the objects are on record to be removed, by nobody's name.
    """

    def count(table: Table, condition: ColumnElement[bool]) -> int:
        return connection.execute(delete(table).where(condition)).rowcount

    gone = ErasedCounts(
        answers=count(answers, answers.c.respondent_id == respondent),
        sessions=count(sessions, sessions.c.respondent_id == respondent),
        messages=count(inbound, inbound.c.respondent_id == respondent)
        + count(outbox, outbox.c.contact_hash == contact_hash)
        + count(set_asides, set_asides.c.contact_hash == contact_hash),
    )
    count(contact_points, contact_points.c.hash == contact_hash)
    count(respondents, respondents.c.id == respondent)
    count(erased, erased.c.hash == contact_hash)
    connection.execute(
        insert(erased).values(hash=contact_hash, external_id=last_external_id, until=now + REPEATS_KEPT)
    )
    return gone


def export_person(connection: Connection, respondent: int, contact_hash: bytes) -> dict[str, Any]:
    """Everything held of a person, JSON-ready but for the address, sealed still: what *my data* hands over."""

    def rows(table: Table, condition: ColumnElement[bool], *hidden: str) -> list[dict[str, Any]]:
        columns = [column for column in table.c if column.name not in {*hidden, "respondent_id"}]
        found = connection.execute(select(*columns).where(condition).order_by(*table.primary_key))
        return [_plain(row._asdict()) for row in found]

    last = questionnaires.alias()
    contact = rows(contact_points, contact_points.c.hash == contact_hash, "hash", "turns")
    talks = connection.execute(
        select(
            sessions,
            rounds.c.code,
            questionnaires.c.key,
            questionnaires.c.version,
            last.c.version.label("about_you_version"),
        )
        .join(rounds, rounds.c.id == sessions.c.round_id)
        .join(questionnaires, questionnaires.c.id == sessions.c.questionnaire_id)
        .outerjoin(last, last.c.id == rounds.c.about_you_id)
        .where(sessions.c.respondent_id == respondent)
        .order_by(sessions.c.started_at, sessions.c.round_id)
    )
    return {
        "contact": contact[0] if contact else None,
        "respondent": str(respondent),
        "rounds": [
            {
                "round": talk.code,
                "questionnaire": talk.key,
                "version": talk.version,
                "about_you_version": talk.about_you_version,
                **_plain(
                    {
                        name: value
                        for name, value in talk._asdict().items()
                        if name in sessions.c
                        and name not in {"respondent_id", "round_id", "questionnaire_id", "answers"}
                    }
                ),
                "answers": rows(
                    answers,
                    (answers.c.respondent_id == respondent) & (answers.c.round_id == talk.round_id),
                    "round_id",
                ),
                "files": rows(
                    files,
                    (files.c.respondent_id == respondent) & (files.c.round_id == talk.round_id),
                    "round_id",
                    "attempt_at",
                    "object_key",
                ),
                "moves": rows(
                    session_moves,
                    (session_moves.c.respondent_id == respondent)
                    & session_moves.c.move_id.in_(
                        select(round_moves.c.id).where(round_moves.c.round_id == talk.round_id)
                    ),
                    "fingerprint",
                ),
            }
            for talk in talks
        ],
        "deliveries": rows(inbound, inbound.c.respondent_id == respondent),
        "messages_owed": rows(outbox, outbox.c.contact_hash == contact_hash, "id", "contact_hash"),
        "set_aside": rows(
            set_asides, set_asides.c.contact_hash == contact_hash, "id", "contact_hash", "payload_encrypted"
        ),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
