"""The files that people send, and the triggers that keep them with their answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_FILES = "'\"% sealed:%'"
_KEY = "respondent_id = OLD.respondent_id AND round_id = OLD.round_id AND question = OLD.question"
_COLUMNS = "respondent_id, round_id, question, state, at, attempt_at, attempts"
_NEW = "NEW.respondent_id, NEW.round_id, NEW.question, 'waiting', NEW.at, NEW.at, 0"
_REMOVE = "INSERT INTO file_removals (object_key, due_at) VALUES (OLD.object_key, OLD.attempt_at)"
_SQLITE = (
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

_POSTGRESQL = (
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


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("respondent_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("object_key", sa.Text()),
        sa.Column("size", sa.Integer()),
        sa.Column("media_type", sa.Text()),
        sa.Column("scanned", sa.Boolean()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("respondent_id", "round_id", "question", name="pk_files"),
        sa.UniqueConstraint("object_key", name="uq_files_object_key"),
    )
    op.create_index("ix_files_state_attempt_at", "files", ["state", "attempt_at"])
    op.create_table(
        "file_removals",
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("object_key", name="pk_file_removals"),
    )
    op.create_index("ix_file_removals_due_at", "file_removals", ["due_at"])
    for rule in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.get_bind().exec_driver_sql(rule)


def downgrade() -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON answers"
    for trigger in ("answers_file_sent", "answers_file_changed", "answers_file_gone"):
        op.execute(f"DROP TRIGGER {trigger}{on}")
    op.drop_table("file_removals")
    op.drop_table("files")
    if on:
        op.execute("DROP FUNCTION talanoa_answer_file, talanoa_file_removed")
