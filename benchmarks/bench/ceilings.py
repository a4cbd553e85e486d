"""What the database alone can do: `pgbench` with the least that keeps an answer, and with all that Talanoa keeps."""

from __future__ import annotations

from bench.filling import Documents
from bench.postgresql import Server

MINIMAL_SCHEMA = """
CREATE TABLE session (id integer PRIMARY KEY, step integer NOT NULL);
CREATE TABLE answer (session integer, question integer, value text NOT NULL, PRIMARY KEY (session, question));
INSERT INTO session SELECT n, 0 FROM generate_series(1, {people}) n;
VACUUM ANALYZE;
"""
MINIMAL = r"""
\set id random(1, {people})
\set question random(1, 2000000000)
BEGIN;
SELECT step FROM session WHERE id = :id FOR UPDATE;
INSERT INTO answer VALUES (:id, :question, '2') ON CONFLICT DO NOTHING;
UPDATE session SET step = step + 1 WHERE id = :id;
COMMIT;
"""

# The people of `filling.strangers`: their hashes can be computed in SQL. One statement a thing, as one would write it.
SAME = r"""
\set person random(1, {people})
\set delivery random(1, 2000000000)
BEGIN;
SELECT c.respondent_id AS respondent, c.language, c.language_hint, c.stopped, c.confirming, c.blocked_at, c.round_id,
    r.revision, s.state, s.outcome, s.language, s.source, s.focus, s.draft, s.misses, s.turn, s.answers, s.consent
    FROM contact_points c
    LEFT JOIN rounds r ON r.id = c.round_id
    LEFT JOIN sessions s ON s.respondent_id = c.respondent_id AND s.round_id = c.round_id
    WHERE c.hash = sha256((:person)::text::bytea) FOR UPDATE OF c \gset
SELECT i.external_id, i.reply FROM inbound i
    WHERE i.respondent_id = :respondent AND i.bot = '7000000001' AND i.external_id = (:delivery)::text;
SELECT max(o.due_at) FROM outbox o
    WHERE o.contact_hash = sha256((:person)::text::bytea) AND o.state = 'pending' AND o.attempt_at > o.due_at;
UPDATE contact_points SET language_hint = 'en', turns = turns + 1 WHERE respondent_id = :respondent;
UPDATE sessions SET turn = turn + 1, focus = NULL, draft = NULL, misses = 0, updated_at = now(),
    answers = '{answers}' WHERE respondent_id = :respondent AND round_id = 1;
INSERT INTO answers (respondent_id, round_id, question, value, status, at, language, text_revision, revision)
    VALUES (:respondent, 1, 'q' || (:delivery % 20), '"bus"', 'answered', now(), 'en', 1, 1)
    ON CONFLICT (respondent_id, round_id, question)
    DO UPDATE SET value = excluded.value, at = excluded.at, revision = answers.revision + 1;
UPDATE inbound SET reply = NULL WHERE respondent_id = :respondent AND reply IS NOT NULL;
INSERT INTO inbound (respondent_id, bot, external_id, at, reply)
    VALUES (:respondent, '7000000001', (:delivery)::text, now(), '{reply}') ON CONFLICT DO NOTHING;
COMMIT;
"""


def prepare_minimal(server: Server, database: str, people: int) -> None:
    server.run(f"CREATE DATABASE {database}")
    server.run(MINIMAL_SCHEMA.format(people=people), database)


def minimal(people: int) -> str:
    return MINIMAL.format(people=people)


def same_work(people: int, documents: Documents) -> str:
    """With the documents of somebody half-way, as Talanoa writes them."""
    return SAME.format(people=people, answers=_quoted(documents.answers), reply=_quoted(documents.reply))


def _quoted(document: str) -> str:
    # A colon before a letter would be a variable of pgbench's; JSON can do without the letter.
    return document.replace("'", "''").replace(":", ": ")
