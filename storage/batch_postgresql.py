"""The batch's statements on PostgreSQL: each is one round trip, whatever the number of people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from storage.documents import draft_document, json_text
from storage.errors import StaleTurn
from storage.turns import Sender, Written

# A round has millions of sessions and a person a few: `round_id + 0` keeps the planner, which knows little of a young
# table, from the indexes that begin with the round.
_READ = """
WITH wanted AS MATERIALIZED (
    SELECT decode(w.hash, 'hex') AS hash, w.deliveries
    FROM json_to_recordset($1) AS w(hash text, deliveries text[])
), locked AS MATERIALIZED (
    SELECT c.* FROM contact_points c
    WHERE c.hash IN (SELECT hash FROM wanted)
    ORDER BY c.hash
    FOR UPDATE
)
SELECT w.hash, c.respondent_id, c.language, c.language_hint, c.stopped, c.confirming,
    c.blocked_at IS NOT NULL AS blocked, c.round_id, r.revision AS round_revision, e.external_id AS erased_after,
    repeats.replies::text AS replies,
    -- The lock shows the row as it is now, the statement's snapshot as it was when the wait for it began.
    c.turns IS DISTINCT FROM seen.turns AS outdated,
    (SELECT max(o.due_at) FROM outbox o
        WHERE o.contact_hash = w.hash AND o.state = 'pending' AND o.attempt_at > o.due_at) AS behind,
    s.questionnaire_id, s.state, s.outcome, s.language AS spoken, s.source, s.focus, s.draft::text, s.misses,
    s.turn, s.answers::text, s.consent::text, s.completed_at
FROM wanted w
LEFT JOIN locked c ON c.hash = w.hash
LEFT JOIN contact_points seen ON seen.hash = w.hash
LEFT JOIN erased e ON e.hash = w.hash AND e.until > $2
LEFT JOIN rounds r ON r.id = c.round_id
LEFT JOIN sessions s ON s.respondent_id = c.respondent_id AND s.round_id + 0 = c.round_id
LEFT JOIN LATERAL (
    SELECT json_object_agg(i.external_id, i.reply) AS replies FROM inbound i
    WHERE i.respondent_id = c.respondent_id AND i.bot = c.bot AND i.external_id = ANY (w.deliveries)
) repeats ON true
"""

_ADD = """
WITH added AS (
    INSERT INTO contact_points (hash, respondent_id, channel, bot, address_encrypted, language_hint, stopped,
        turns, created_at)
    SELECT decode(n.hash, 'hex'), n.respondent, n.channel, n.bot, decode(n.address, 'hex'), n.language_hint,
        false, 0, $2::timestamptz
    FROM json_to_recordset($1)
        AS n(hash text, respondent bigint, channel text, bot text, address text, language_hint text)
    ORDER BY decode(n.hash, 'hex')
    ON CONFLICT (hash) DO NOTHING
    RETURNING respondent_id
), respondents_added AS (
    INSERT INTO respondents (id, created_at) SELECT respondent_id, $2::timestamptz FROM added
)
SELECT count(*) FROM added
"""

# $3 holds the long documents, which the JSON of $1 names by their places: they are parsed once, not thrice.
_WRITE = """
WITH turn AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS t(
        respondent bigint, bot text, language text, language_hint text, stopped boolean, confirming text,
        blocked boolean, round integer, deliveries json, owed json, begins boolean, emptied boolean,
        turn_before integer, questionnaire integer, state text, outcome text, spoken text, source text,
        focus text, draft json, misses integer, turn integer, answers integer, consent json,
        completed_at timestamptz, changed json)
), people AS (
    UPDATE contact_points c
    SET language = t.language, language_hint = t.language_hint, stopped = t.stopped,
        confirming = t.confirming, round_id = t.round, turns = c.turns + 1,
        blocked_at = CASE WHEN t.blocked THEN coalesce(c.blocked_at, $2::timestamptz) END
    FROM turn t WHERE c.respondent_id = t.respondent
    RETURNING c.respondent_id
), gone_on AS (
    UPDATE sessions s
    SET questionnaire_id = t.questionnaire, state = t.state, outcome = t.outcome, language = t.spoken,
        source = t.source, focus = t.focus, draft = t.draft, misses = t.misses, turn = t.turn,
        answers = ($3::text[])[t.answers]::json, consent = t.consent, updated_at = $2::timestamptz,
        completed_at = t.completed_at
    FROM turn t
    WHERE NOT t.begins AND s.respondent_id = t.respondent AND s.round_id + 0 = t.round AND s.turn = t.turn_before
    RETURNING s.respondent_id
), begun AS (
    INSERT INTO sessions (respondent_id, round_id, questionnaire_id, state, outcome, language, channel,
        source, focus, draft, misses, turn, answers, consent, started_at, updated_at, completed_at)
    SELECT t.respondent, t.round, t.questionnaire, t.state, t.outcome, t.spoken, c.channel, t.source, t.focus,
        t.draft, t.misses, t.turn, ($3::text[])[t.answers]::json, t.consent, $2::timestamptz,
        $2::timestamptz, t.completed_at
    FROM turn t JOIN contact_points c ON c.respondent_id = t.respondent
    WHERE t.begins
    ON CONFLICT DO NOTHING
    RETURNING respondent_id
), emptied AS (
    DELETE FROM answers a USING turn t
    WHERE t.emptied AND a.respondent_id = t.respondent AND a.round_id + 0 = t.round
), answered AS (
    INSERT INTO answers (respondent_id, round_id, question, value, status, at, language, text_revision,
        revision)
    SELECT t.respondent, t.round, a.question, a.value::jsonb, a.status, a.at, a.language, a.text_revision,
        a.revision
    FROM turn t, json_to_recordset(t.changed)
        AS a(question text, value json, status text, at timestamptz, language text, text_revision integer,
            revision integer)
    ON CONFLICT (respondent_id, round_id, question) DO UPDATE
    SET value = excluded.value, status = excluded.status, at = excluded.at, language = excluded.language,
        text_revision = excluded.text_revision, revision = excluded.revision
), outdated AS (
    UPDATE inbound i SET reply = NULL FROM turn t WHERE i.respondent_id = t.respondent AND i.reply IS NOT NULL
), heard AS (
    INSERT INTO inbound (respondent_id, bot, external_id, at, reply)
    SELECT t.respondent, t.bot, d.id, $2::timestamptz, ($3::text[])[d.reply]::json
    FROM turn t, json_to_recordset(t.deliveries) AS d(id text, reply integer)
    ON CONFLICT DO NOTHING
    RETURNING respondent_id
), owing AS (
    INSERT INTO outbox (contact_hash, part, due_at, attempt_at, attempts, state)
    SELECT c.hash, ($3::text[])[o.part]::json, o.due_at, greatest(o.due_at, $2::timestamptz), 0, 'pending'
    FROM turn t JOIN contact_points c ON c.respondent_id = t.respondent,
        json_to_recordset(t.owed) AS o(part integer, due_at timestamptz)
)
SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM gone_on) + (SELECT count(*) FROM begun),
    (SELECT count(*) FROM heard)
"""


def read(
    connection: Connection, wanted: Sequence[tuple[bytes, list[str]]], now: datetime
) -> Sequence[Row[Any]]:
    """One row a person wanted, their contact points locked in the order of their hashes."""
    rows = _read_and_lock(connection, wanted, now)
    outdated = [row for row in rows if row.outdated]
    if not outdated:
        return rows
    if any(row.respondent_id is None for row in outdated):
        raise StaleTurn("Somebody was erased while this batch waited for them: read it again.")
    # Those who are locked, and nobody else: who came meanwhile would be locked out of order.
    locked = {row.hash for row in rows if row.respondent_id is not None}
    again = _read_and_lock(connection, [one for one in wanted if one[0] in locked], now)
    return [*again, *(row for row in rows if row.hash not in locked)]


def _read_and_lock(
    connection: Connection, wanted: Sequence[tuple[bytes, list[str]]], now: datetime
) -> Sequence[Row[Any]]:
    document = json_text([{"hash": hash_.hex(), "deliveries": deliveries} for hash_, deliveries in wanted])
    return connection.exec_driver_sql(_READ, (document, now.astimezone(UTC))).fetchall()


def add(connection: Connection, newcomers: Sequence[tuple[Sender, int]], now: datetime) -> int:
    """Insert contact points under the respondents given; how many were not there."""
    document = json_text(
        [
            {
                "hash": sender.hash.hex(),
                "respondent": respondent,
                "channel": sender.channel,
                "bot": sender.bot,
                "address": sender.sealed_address().hex(),
                "language_hint": sender.language_hint,
            }
            for sender, respondent in newcomers
        ]
    )
    added: int = connection.exec_driver_sql(_ADD, (document, now.astimezone(UTC))).scalar_one()
    return added


def write(connection: Connection, written: Sequence[Written], now: datetime) -> tuple[int, int, int]:
    """Write distinct people's turns; how many people, sessions and deliveries were written."""
    documents = _Documents()
    turns = json_text([_turn(one, documents) for one in written])
    row = connection.exec_driver_sql(_WRITE, (turns, now.astimezone(UTC), documents.texts)).one()
    people, sessions, heard = row
    return people, sessions, heard


class _Documents:
    """The long JSON documents of a batch, each with its place, from 1."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def place(self, document: Any) -> int | None:
        if document is None:
            return None
        self.texts.append(json_text(document))
        return len(self.texts)


def _turn(one: Written, documents: _Documents) -> dict[str, Any]:
    person, session = one.person, one.session
    turn: dict[str, Any] = {
        "respondent": one.respondent,
        "bot": one.bot,
        "language": person.language,
        "language_hint": person.language_hint,
        "stopped": person.stopped,
        "confirming": person.confirming,
        "blocked": one.blocked,
        "round": one.round_id,
        "deliveries": [{"id": id_, "reply": documents.place(reply)} for id_, reply in one.deliveries],
        "owed": [{"part": documents.place(owed.part), "due_at": owed.due_at} for owed in one.owed],
    }
    if session is None:
        return turn
    return turn | {
        "begins": one.turn_before is None,
        "emptied": not session.answers and one.turn_before is not None,
        "turn_before": one.turn_before,
        "questionnaire": one.questionnaire_id,
        "state": session.state,
        "outcome": session.outcome,
        "spoken": session.language,
        "source": session.source,
        "focus": session.focus,
        "draft": draft_document(session.draft),
        "misses": session.misses,
        "turn": session.turn,
        "answers": documents.place(session.answers),
        "consent": session.consent,
        "completed_at": session.completed_at,
        "changed": [
            {
                "question": question,
                "value": answer.value,
                "status": answer.status,
                "at": answer.at,
                "language": answer.language,
                "text_revision": one.text_revisions.get(question, 0),
                "revision": answer.revision,
            }
            for question, answer in one.changed.items()
        ],
    }
