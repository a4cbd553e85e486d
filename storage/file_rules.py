"""What happens to the row of a file when its answer comes, changes or goes, as the database itself sees to it.

Whoever writes an answer (a batch of messages, a move to another version, an erasure, somebody with a database client)
so leaves in the same transaction a file to fetch, or an object to remove, and cannot forget to. An answer without a
file costs a look at its first letters.

A migration that has SQLite make `answers` or `files` anew has to make these triggers anew too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum


class FileState(StrEnum):
    """What became of a file."""

    WAITING = "waiting"
    STORED = "stored"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    INFECTED = "infected"
    FAILED = "failed"


_FILES = "'\"% sealed:%'"
"""What the value of an answer with a file is like, in JSON: see `bot.flows.sharing`."""
_KEY = "respondent_id = OLD.respondent_id AND round_id = OLD.round_id AND question = OLD.question"
_COLUMNS = "respondent_id, round_id, question, state, at, attempt_at, attempts"
_NEW = f"NEW.respondent_id, NEW.round_id, NEW.question, '{FileState.WAITING}', NEW.at, NEW.at, 0"
_REMOVE = "INSERT INTO file_removals (object_key, due_at) VALUES (OLD.object_key, OLD.attempt_at)"

SQLITE = (
    f"""
CREATE TRIGGER answers_file_sent AFTER INSERT ON answers WHEN NEW.value LIKE {_FILES} BEGIN
    INSERT INTO files ({_COLUMNS}) VALUES ({_NEW});
END
""",
    f"""
CREATE TRIGGER answers_file_changed AFTER UPDATE OF value ON answers
WHEN OLD.value IS NOT NEW.value AND (OLD.value LIKE {_FILES} OR NEW.value LIKE {_FILES}) BEGIN
    DELETE FROM files WHERE {_KEY};
    INSERT INTO files ({_COLUMNS}) SELECT {_NEW} WHERE NEW.value LIKE {_FILES};
END
""",
    f"""
CREATE TRIGGER answers_file_gone AFTER DELETE ON answers WHEN OLD.value LIKE {_FILES} BEGIN
    DELETE FROM files WHERE {_KEY};
END
""",
    f"""
CREATE TRIGGER files_removed AFTER DELETE ON files WHEN OLD.object_key IS NOT NULL BEGIN
    {_REMOVE};
END
""",
)

POSTGRESQL = (
    f"""
CREATE OR REPLACE FUNCTION talanoa_answer_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM files WHERE {_KEY};
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.value::text LIKE {_FILES} THEN
        INSERT INTO files ({_COLUMNS}) VALUES ({_NEW});
    END IF;
    RETURN NULL;
END $$
""",
    f"""
CREATE OR REPLACE FUNCTION talanoa_file_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_REMOVE};
    RETURN NULL;
END $$
""",
    f"""
CREATE TRIGGER answers_file_sent AFTER INSERT ON answers FOR EACH ROW
WHEN (NEW.value::text LIKE {_FILES}) EXECUTE FUNCTION talanoa_answer_file()
""",
    f"""
CREATE TRIGGER answers_file_changed AFTER UPDATE OF value ON answers FOR EACH ROW
WHEN (OLD.value IS DISTINCT FROM NEW.value AND (OLD.value::text LIKE {_FILES} OR NEW.value::text LIKE {_FILES}))
EXECUTE FUNCTION talanoa_answer_file()
""",
    f"""
CREATE TRIGGER answers_file_gone AFTER DELETE ON answers FOR EACH ROW
WHEN (OLD.value::text LIKE {_FILES}) EXECUTE FUNCTION talanoa_answer_file()
""",
    """
CREATE TRIGGER files_removed AFTER DELETE ON files FOR EACH ROW
WHEN (OLD.object_key IS NOT NULL) EXECUTE FUNCTION talanoa_file_removed()
""",
)

FILE_RULES: Mapping[str, Sequence[str]] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
"""The statements that make the triggers, by SQLAlchemy's name of the database."""
