"""The batch's statements on SQLite: there is no round trip to save, so each runs once over all people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from bot.flows.session import Session
from storage.documents import draft_document, json_text
from storage.turns import Sender, Written

_READ = """
SELECT w.hash, c.respondent_id, c.language, c.language_hint, c.stopped, c.confirming,
    c.blocked_at IS NOT NULL AS blocked, c.round_id, r.revision AS round_revision, e.external_id AS erased_after,
    (SELECT json_group_object(i.external_id, json(i.reply))
        FROM json_each(w.deliveries) d
        JOIN inbound i ON i.respondent_id = c.respondent_id AND i.bot = c.bot AND i.external_id = d.value) AS replies,
    (SELECT max(o.due_at) FROM outbox o
        WHERE o.contact_hash = w.hash AND o.state = 'pending' AND o.attempt_at > o.due_at) AS behind,
    s.questionnaire_id, s.state, s.outcome, s.language AS spoken, s.source, s.focus, s.draft, s.misses, s.turn,
    s.answers, s.consent, s.completed_at
FROM (
    SELECT unhex(json_extract(value, '$.hash')) AS hash, json_extract(value, '$.deliveries') AS deliveries
    FROM json_each(?)
) w
LEFT JOIN contact_points c ON c.hash = w.hash
LEFT JOIN erased e ON e.hash = w.hash AND e.until > ?
LEFT JOIN rounds r ON r.id = c.round_id
LEFT JOIN sessions s ON s.respondent_id = c.respondent_id AND s.round_id = c.round_id
"""

_ADD_RESPONDENT = "INSERT INTO respondents (id, created_at) VALUES (?, ?)"
_ADD_CONTACT = """
INSERT INTO contact_points (hash, respondent_id, channel, bot, address_encrypted, language_hint, stopped,
    turns, created_at)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)
"""

_UPDATE_PERSON = """
UPDATE contact_points SET language = ?, language_hint = ?, stopped = ?, confirming = ?,
    blocked_at = CASE WHEN ? THEN coalesce(blocked_at, ?) END, round_id = ?, turns = turns + 1
WHERE respondent_id = ?
"""
_GO_ON = """
UPDATE sessions SET questionnaire_id = ?, state = ?, outcome = ?, language = ?, source = ?, focus = ?,
    draft = ?, misses = ?, turn = ?, answers = ?, consent = ?, completed_at = ?, updated_at = ?
WHERE respondent_id = ? AND round_id = ? AND turn = ?
"""
_BEGIN = """
INSERT INTO sessions (questionnaire_id, state, outcome, language, source, focus, draft, misses, turn, answers,
    consent, completed_at, updated_at, respondent_id, round_id, started_at, channel)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?13, channel
FROM contact_points WHERE respondent_id = ?14
ON CONFLICT DO NOTHING
"""
_EMPTY = "DELETE FROM answers WHERE respondent_id = ? AND round_id = ?"
_ANSWER = """
INSERT INTO answers (respondent_id, round_id, question, value, status, at, language, text_revision, revision)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (respondent_id, round_id, question) DO UPDATE
SET value = excluded.value, status = excluded.status, at = excluded.at, language = excluded.language,
    text_revision = excluded.text_revision, revision = excluded.revision
"""
_OUTDATE = "UPDATE inbound SET reply = NULL WHERE respondent_id = ? AND reply IS NOT NULL"
_HEAR = """
INSERT INTO inbound (respondent_id, bot, external_id, at, reply) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_OWE = """
INSERT INTO outbox (contact_hash, part, due_at, attempt_at, attempts, state)
SELECT hash, ?1, ?2, max(?2, ?3), 0, 'pending' FROM contact_points WHERE respondent_id = ?4
"""


def read(
    connection: Connection, wanted: Sequence[tuple[bytes, list[str]]], now: datetime
) -> Sequence[Row[Any]]:
    """One row a person wanted; the transaction is the lock."""
    document = json_text([{"hash": hash_.hex(), "deliveries": deliveries} for hash_, deliveries in wanted])
    return connection.exec_driver_sql(_READ, (document, _stamp(now))).fetchall()


def add(connection: Connection, newcomers: Sequence[tuple[Sender, int]], now: datetime) -> int:
    """Insert contact points under the respondents given; how many were not there: all, under the lock."""
    at = _stamp(now)
    connection.exec_driver_sql(_ADD_RESPONDENT, [(respondent, at) for _, respondent in newcomers])
    connection.exec_driver_sql(
        _ADD_CONTACT,
        [
            (one.hash, respondent, one.channel, one.bot, one.sealed_address(), one.language_hint, at)
            for one, respondent in newcomers
        ],
    )
    return len(newcomers)


def write(connection: Connection, written: Sequence[Written], now: datetime) -> tuple[int, int, int]:
    """Write distinct people's turns; how many people, sessions and deliveries were written."""
    at = _stamp(now)
    people = _all(connection, _UPDATE_PERSON, [_person(one, at) for one in written])
    begun, gone_on, emptied, answers = [], [], [], []
    for one in written:
        if one.session is None:
            continue
        row = _session(one, one.session, at)
        if one.turn_before is None:
            begun.append(row)
        else:
            gone_on.append((*row, one.turn_before))
        if not one.session.answers:
            emptied.append((one.respondent, one.round_id))
        answers += _answers(one)
    sessions = _all(connection, _BEGIN, begun) + _all(connection, _GO_ON, gone_on)
    _all(connection, _EMPTY, emptied)
    _all(connection, _ANSWER, answers)
    _all(connection, _OUTDATE, [(one.respondent,) for one in written])
    heard = _all(
        connection,
        _HEAR,
        [
            (one.respondent, one.bot, external_id, at, _optional(reply))
            for one in written
            for external_id, reply in one.deliveries
        ],
    )
    _all(
        connection,
        _OWE,
        [
            (json_text(owed.part), _stamp(owed.due_at), at, one.respondent)
            for one in written
            for owed in one.owed
        ],
    )
    return people, sessions, heard


def _all(connection: Connection, statement: str, rows: list[tuple[Any, ...]]) -> int:
    return connection.exec_driver_sql(statement, rows).rowcount if rows else 0


def _person(one: Written, at: str) -> tuple[Any, ...]:
    person = one.person
    return (
        person.language,
        person.language_hint,
        person.stopped,
        person.confirming,
        one.blocked,
        at,
        one.round_id,
        one.respondent,
    )


def _session(one: Written, session: Session, at: str) -> tuple[Any, ...]:
    return (
        one.questionnaire_id,
        session.state,
        session.outcome,
        session.language,
        session.source,
        session.focus,
        _optional(draft_document(session.draft)),
        session.misses,
        session.turn,
        json_text(session.answers),
        _optional(session.consent),
        None if session.completed_at is None else _stamp(session.completed_at),
        at,
        one.respondent,
        one.round_id,
    )


def _answers(one: Written) -> list[tuple[Any, ...]]:
    return [
        (
            one.respondent,
            one.round_id,
            question,
            _optional(answer.value),
            answer.status,
            _stamp(answer.at),
            answer.language,
            one.text_revisions.get(question, 0),
            answer.revision,
        )
        for question, answer in one.changed.items()
    ]


def _optional(value: Any) -> str | None:
    return None if value is None else json_text(value)


def _stamp(moment: datetime) -> str:
    """A time as `schema.Moment` has it there: text that sorts."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
