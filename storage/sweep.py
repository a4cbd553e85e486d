"""A look over the whole store for rows that contradict one another; there should be none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Text, and_, cast, exists, select

from bot.flows.session import Answer, AnswerStatus
from storage.contacts import contact_points, inbound
from storage.documents import read_answers, read_value
from storage.schema import answers, files, sessions


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """One contradiction: where it is, by pseudonym, and what it is; never what was answered."""

    respondent: int
    round_id: int | None
    what: str


def inconsistencies(connection: Connection) -> list[Inconsistency]:
    """Every contradiction found; rows are streamed, so the store may be large."""
    return [*_documents(connection), *_strays(connection), *_contacts(connection)]


def _documents(connection: Connection) -> Iterator[Inconsistency]:
    """Sessions whose document differs from their rows of answers."""
    statement = (
        select(
            sessions.c.respondent_id,
            sessions.c.round_id,
            cast(sessions.c.answers, Text),
            answers.c.question,
            cast(answers.c.value, Text).label("value"),
            answers.c.status,
            answers.c.at,
            answers.c.language,
            answers.c.revision,
        )
        .outerjoin(
            answers,
            and_(
                answers.c.respondent_id == sessions.c.respondent_id,
                answers.c.round_id == sessions.c.round_id,
            ),
        )
        .order_by(sessions.c.respondent_id, sessions.c.round_id)
    )
    rows = connection.execution_options(yield_per=2_000).execute(statement)
    for (respondent, round_id, document), group in groupby(rows, key=lambda row: row[:3]):
        in_rows = {
            row.question: Answer(
                None if row.value is None else read_value(row.value),
                AnswerStatus(row.status),
                row.at,
                row.language,
                row.revision,
            )
            for row in group
            if row.question is not None
        }
        in_document = read_answers(document)
        for question in sorted(in_rows.keys() | in_document.keys()):
            if question not in in_rows:
                yield Inconsistency(respondent, round_id, f"{question}: in the document, no row")
            elif question not in in_document:
                yield Inconsistency(respondent, round_id, f"{question}: a row, not in the document")
            elif in_rows[question] != in_document[question]:
                yield Inconsistency(respondent, round_id, f"{question}: the row differs from the document")


def _strays(connection: Connection) -> Iterator[Inconsistency]:
    """Rows whose person or session is not there; their keys are no foreign keys, for speed."""
    session = and_(
        sessions.c.respondent_id == answers.c.respondent_id, sessions.c.round_id == answers.c.round_id
    )
    unowned = select(answers.c.respondent_id, answers.c.round_id).where(~exists().where(session)).distinct()
    for respondent, round_id in connection.execute(unowned):
        yield Inconsistency(respondent, round_id, "an answer without a session")
    answer = and_(
        answers.c.respondent_id == files.c.respondent_id,
        answers.c.round_id == files.c.round_id,
        answers.c.question == files.c.question,
    )
    unanswered = select(files.c.respondent_id, files.c.round_id, files.c.question)
    for respondent, round_id, question in connection.execute(unanswered.where(~exists().where(answer))):
        yield Inconsistency(respondent, round_id, f"{question}: a file without an answer")
    known = contact_points.c.respondent_id == inbound.c.respondent_id
    unsent = select(inbound.c.respondent_id).where(~exists().where(known)).distinct()
    for (respondent,) in connection.execute(unsent):
        yield Inconsistency(respondent, None, "a delivery without a person")


def _contacts(connection: Connection) -> Iterator[Inconsistency]:
    """Contact points that stand in a round without a session there."""
    statement = (
        select(contact_points.c.respondent_id, contact_points.c.round_id)
        .outerjoin(
            sessions,
            and_(
                sessions.c.respondent_id == contact_points.c.respondent_id,
                sessions.c.round_id == contact_points.c.round_id,
            ),
        )
        .where(contact_points.c.round_id.is_not(None), sessions.c.respondent_id.is_(None))
    )
    for respondent, round_id in connection.execute(statement):
        yield Inconsistency(
            respondent, round_id, "the round that the person talks in has no session of theirs"
        )
