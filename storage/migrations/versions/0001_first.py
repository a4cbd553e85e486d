"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
VALUE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("respondent_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", VALUE),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text_revision", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("respondent_id", "round_id", "question", name="pk_answers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answers_round_id_question", "answers", ["round_id", "question"])
    op.create_table(
        "erased",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_erased"),
    )
    op.create_table(
        "inbound",
        sa.Column("respondent_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reply", sa.JSON()),
        sa.PrimaryKeyConstraint("respondent_id", "bot", "external_id", name="pk_inbound"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_inbound_at", "inbound", ["at"])
    op.create_index(
        "ix_inbound_replies",
        "inbound",
        ["respondent_id"],
        postgresql_where=sa.text("reply IS NOT NULL"),
        sqlite_where=sa.text("reply IS NOT NULL"),
    )
    op.create_table(
        "questionnaires",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("structure", VALUE, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaires"),
        sa.UniqueConstraint("key", "version", name="uq_questionnaires_key_version"),
    )
    op.create_table(
        "respondents",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_respondents"),
    )
    op.create_table(
        "set_aside",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("contact_hash", sa.LargeBinary()),
        sa.Column("payload_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_set_aside"),
    )
    op.create_index("ix_set_aside_contact_hash", "set_aside", ["contact_hash"])
    op.create_table(
        "questionnaire_texts",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("texts", VALUE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text()),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaires.id"],
            name="fk_questionnaire_texts_questionnaire_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "language", "revision", name="pk_questionnaire_texts"),
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_folded", sa.Text(), nullable=False),
        sa.Column("title", VALUE, nullable=False),
        sa.Column("purpose", VALUE, nullable=False),
        sa.Column("agency", VALUE, nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("languages", VALUE, nullable=False),
        sa.Column("parts", VALUE),
        sa.Column("about_you_id", sa.Integer()),
        sa.Column("follows_id", sa.Integer()),
        sa.Column("presets", VALUE, nullable=False),
        sa.Column("opens_at", MOMENT),
        sa.Column("closes_at", MOMENT),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("minimum_cell", sa.Integer(), nullable=False),
        sa.Column("allows_revision", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("minimum_cell >= 0", name=op.f("ck_rounds_minimum_cell")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaires.id"], name="fk_rounds_questionnaire_id"
        ),
        sa.ForeignKeyConstraint(["about_you_id"], ["questionnaires.id"], name="fk_rounds_about_you_id"),
        sa.ForeignKeyConstraint(["follows_id"], ["rounds.id"], name="fk_rounds_follows_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
        sa.UniqueConstraint("code", name="uq_rounds_code"),
        sa.UniqueConstraint("code_folded", name="uq_rounds_code_folded"),
    )
    op.create_table(
        "contact_points",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("respondent_id", ROW_ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("address_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("language_hint", sa.Text()),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("confirming", sa.Text()),
        sa.Column("blocked_at", MOMENT),
        sa.Column("round_id", sa.Integer()),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondents.id"], name="fk_contact_points_respondent_id"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_contact_points_round_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_contact_points"),
        sa.UniqueConstraint("respondent_id", name="uq_contact_points_respondent_id"),
    )
    op.create_table(
        "sessions",
        sa.Column("respondent_id", ROW_ID, nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("focus", sa.Text()),
        sa.Column("draft", sa.JSON()),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("consent", sa.JSON()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("completed_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaires.id"], name="fk_sessions_questionnaire_id"
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondents.id"], name="fk_sessions_respondent_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_sessions_round_id"),
        sa.PrimaryKeyConstraint("respondent_id", "round_id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_round_id_outcome", "sessions", ["round_id", "outcome"])
    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("contact_hash", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.JSON(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(
            ["contact_hash"], ["contact_points.hash"], name="fk_outbox_contact_hash", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_contact_hash_due_at_id", "outbox", ["contact_hash", "due_at", "id"])
    op.create_index("ix_outbox_state_attempt_at", "outbox", ["state", "attempt_at"])
    op.create_table(
        "round_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_moves_round_id"),
        sa.ForeignKeyConstraint(["from_id"], ["questionnaires.id"], name="fk_round_moves_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["questionnaires.id"], name="fk_round_moves_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_round_moves"),
    )
    op.create_index("ix_round_moves_round_id", "round_moves", ["round_id"])
    op.create_table(
        "session_moves",
        sa.Column("respondent_id", ROW_ID, nullable=False),
        sa.Column("move_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondents.id"], name="fk_session_moves_respondent_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["move_id"], ["round_moves.id"], name="fk_session_moves_move_id"),
        sa.ForeignKeyConstraint(["from_id"], ["questionnaires.id"], name="fk_session_moves_from_id"),
        sa.PrimaryKeyConstraint("respondent_id", "move_id", name="pk_session_moves"),
    )


def downgrade() -> None:
    op.drop_table("session_moves")
    op.drop_table("round_moves")
    op.drop_table("outbox")
    op.drop_table("sessions")
    op.drop_table("contact_points")
    op.drop_table("rounds")
    op.drop_table("questionnaire_texts")
    op.drop_table("set_aside")
    op.drop_table("respondents")
    op.drop_table("questionnaires")
    op.drop_table("inbound")
    op.drop_table("erased")
    op.drop_table("answers")
