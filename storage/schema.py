"""The tables that hold questionnaires, rounds and what was answered; nothing here can reach a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from storage.file_rules import FILE_RULES

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, in UTC in the store and out of it; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Move to UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware datetime.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's its zone back."""
        return value.replace(tzinfo=UTC) if value is not None and dialect.name == "sqlite" else value


JSON_VALUE = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON that queries look into."""
JSON_DOCUMENT = JSON(none_as_null=True)
"""JSON that is written and read whole, as text: twice as fast as taking it apart."""
ROW_ID = BigInteger().with_variant(Integer(), "sqlite")
"""A number given by the database; SQLite gives one to an INTEGER only."""


def _required(name: str, kind: Any, *rest: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=False, **options)


questionnaires = Table(
    "questionnaires",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("key", Text),
    _required("version", Integer),
    _required("hash", Text),
    _required("structure", JSON_VALUE),
    _required("published_at", Moment),
    UniqueConstraint("key", "version"),
)

questionnaire_texts = Table(
    "questionnaire_texts",
    metadata,
    Column("questionnaire_id", ForeignKey("questionnaires.id", ondelete="CASCADE"), primary_key=True),
    Column("language", Text, primary_key=True),
    # Counted per questionnaire: revision n of a language is its newest row up to n.
    Column("revision", Integer, primary_key=True, autoincrement=False),
    _required("texts", JSON_VALUE),
    _required("at", Moment),
    # Who put them there, as far as they said.
    Column("by", Text),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("code", Text),
    # The code as it is looked up: people type it in any case.
    _required("code_folded", Text, unique=True),
    # Localized texts: {"default": "en", "texts": {"en": "…", "fr": "…"}}.
    _required("title", JSON_VALUE),
    _required("purpose", JSON_VALUE),
    _required("agency", JSON_VALUE),
    _required("contact", Text),
    _required("state", Text),
    _required("questionnaire_id", ForeignKey("questionnaires.id")),
    _required("languages", JSON_VALUE),
    Column("parts", JSON_VALUE),
    # The version whose questions are asked last, those apart that the questionnaire has itself.
    Column("about_you_id", ForeignKey("questionnaires.id")),
    Column("follows_id", ForeignKey("rounds.id")),
    # What hidden questions begin with, by name.
    _required("presets", JSON_VALUE),
    Column("opens_at", Moment),
    Column("closes_at", Moment),
    _required("time_zone", Text),
    _required("minimum_cell", Integer),
    _required("allows_revision", Boolean),
    # Goes up at each change, also of the questionnaire's texts: what was remembered of a round is then stale.
    _required("revision", Integer),
    _required("created_at", Moment),
    UniqueConstraint("code"),
    CheckConstraint("minimum_cell >= 0", name="minimum_cell"),
)

respondents = Table(
    "respondents",
    metadata,
    # Drawn at random: a pseudonym tells neither order nor number.
    Column("id", ROW_ID, primary_key=True, autoincrement=False),
    _required("created_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("respondent_id", ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), primary_key=True),
    _required("questionnaire_id", ForeignKey("questionnaires.id")),
    _required("state", Text),
    _required("outcome", Text),
    _required("language", Text),
    _required("channel", Text),
    Column("source", Text),
    Column("focus", Text),
    Column("draft", JSON_DOCUMENT),
    _required("misses", Integer),
    _required("turn", Integer),
    _required("answers", JSON_DOCUMENT),
    Column("consent", JSON_DOCUMENT),
    _required("started_at", Moment),
    _required("updated_at", Moment),
    Column("completed_at", Moment),
    Index(None, "round_id", "outcome"),
)

answers = Table(
    "answers",
    metadata,
    # The session's key, not as a foreign key: checking it at each answer would cost more than writing the row.
    Column("respondent_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("round_id", Integer, primary_key=True, autoincrement=False),
    Column("question", Text, primary_key=True),
    # select_one, text, date, acknowledge: a string; select_multiple: a list of codes; numbers: a number.
    Column("value", JSON_VALUE),
    _required("status", Text),
    _required("at", Moment),
    _required("language", Text),
    _required("text_revision", Integer),
    _required("revision", Integer),
    Index(None, "round_id", "question"),
    sqlite_with_rowid=False,
)

round_moves = Table(
    "round_moves",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("round_id", ForeignKey("rounds.id"), index=True),
    _required("from_id", ForeignKey("questionnaires.id")),
    _required("to_id", ForeignKey("questionnaires.id")),
    _required("at", Moment),
    Column("undone_at", Moment),
)

files = Table(
    "files",
    metadata,
    # The answer's key. Rows come and go with the value of the answer, by triggers: see `file_rules`.
    Column("respondent_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("round_id", Integer, primary_key=True, autoincrement=False),
    Column("question", Text, primary_key=True),
    _required("state", Text),
    _required("at", Moment),
    # When it is to be fetched, or until when whoever fetches it has it.
    _required("attempt_at", Moment),
    _required("attempts", Integer),
    # Where it is, or will be, in the object store.
    Column("object_key", Text, unique=True),
    Column("size", Integer),
    Column("media_type", Text),
    Column("scanned", Boolean),
    Column("error", Text),
    Index(None, "state", "attempt_at"),
)

file_removals = Table(
    "file_removals",
    metadata,
    # Objects of files that are gone; nothing says whose they were.
    Column("object_key", Text, primary_key=True),
    # Not before whoever was fetching the file has ended.
    _required("due_at", Moment, index=True),
)

session_moves = Table(
    "session_moves",
    metadata,
    Column("respondent_id", ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True),
    Column("move_id", ForeignKey("round_moves.id"), primary_key=True),
    # The version that the session was pinned to before: answers until `at` were given to it.
    _required("from_id", ForeignKey("questionnaires.id")),
    _required("at", Moment),
    # Of the answers as they were moved: another one means that the person has answered since.
    _required("fingerprint", Text),
)


@event.listens_for(metadata, "after_create")
def _make_rules(_target: MetaData, connection: Connection, **_options: Any) -> None:
    for rule in FILE_RULES[connection.dialect.name]:
        connection.exec_driver_sql(rule)
