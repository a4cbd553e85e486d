"""The rows that results are made of, read from tables that no address can be reached from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, case, cast, func, null, select

from bot.flows.rounds import Round
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.versions import pooled
from bot.shelf import assemble
from storage import documents, rounds, schema
from storage.rounds import StoredRound
from storage.schema import answers, files, sessions

COUNTED = frozenset({Outcome.COMPLETE, Outcome.PARTIAL})
"""Whose answers count."""


@dataclass(frozen=True, slots=True)
class ValueCount:
    """How many answered a question so, or skipped it; the value is `None` where it was not asked for."""

    question: str
    status: AnswerStatus
    value: Value | None
    count: int


@dataclass(frozen=True, slots=True)
class Participant:
    """One session without its answers, for a file with a row a person."""

    respondent: int
    """The pseudonym in the store; never written out."""
    outcome: str
    language: str
    channel: str
    source: str | None
    version: int


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody sent: its state, and where it is once it is stored."""

    state: str
    media_type: str | None
    key: str | None


def read_round(connection: Connection, code: str) -> Round | None:
    """The round with this code, in whatever case; `None` where there is none."""
    stored = rounds.by_code(connection, code)
    return None if stored is None else _pooling(connection, stored)


def read_followed(connection: Connection, code: str) -> Round | None:
    """The round that the one with this code follows; `None` where it follows none."""
    stored = rounds.by_code(connection, code)
    followed = rounds.by_id(connection, stored.follows_id) if stored and stored.follows_id else None
    return None if followed is None else _pooling(connection, followed)


def _pooling(connection: Connection, stored: StoredRound) -> Round:
    """A round with all that was asked in it, whichever version people answered."""
    own, *others = (
        assemble(connection, stored, version) for version in rounds.versions_asked(connection, stored)
    )
    return (
        replace(own, questionnaire=pooled([one.questionnaire for one in (own, *others)])) if others else own
    )


def count_sessions(connection: Connection, round_id: int) -> dict[Outcome, int]:
    """How many sessions of the round have each outcome."""
    query = (
        select(sessions.c.outcome, func.count())
        .where(sessions.c.round_id == round_id)
        .group_by(sessions.c.outcome)
    )
    return {Outcome(outcome): count for outcome, count in connection.execute(query)}


def count_values(
    connection: Connection, round_id: int, outcomes: Iterable[Outcome], valued: Sequence[str]
) -> Iterator[ValueCount]:
    """How many gave each value of the `valued` questions, and how many answered or skipped the others.

    One pass over the answers, grouped by the database. A list of codes is one value here.
    """
    # As text, because JSON itself can be compared in neither database's every type.
    value = case((answers.c.question.in_(valued), cast(answers.c.value, Text)), else_=null()).label("value")
    counted = (
        select(answers.c.question, answers.c.status, value)
        .join(
            sessions,
            and_(
                sessions.c.respondent_id == answers.c.respondent_id,
                # "+ 0" keeps SQLite from starting at the answers, whose rows it would then fetch one by one.
                sessions.c.round_id == answers.c.round_id + 0,
            ),
        )
        .where(
            sessions.c.round_id == round_id,
            sessions.c.outcome.in_(sorted(outcomes)),
            answers.c.status.in_([AnswerStatus.ANSWERED, AnswerStatus.SKIPPED]),
        )
        .subquery()
    )
    columns = (counted.c.question, counted.c.status, counted.c.value)
    query = select(*columns, func.count()).group_by(*columns)
    for question, status, text, count in connection.execute(query):
        yield ValueCount(question, AnswerStatus(status), read_value(text), count)


def read_participants(
    connection: Connection, round_id: int, outcomes: Iterable[Outcome]
) -> list[Participant]:
    """The sessions of the round with these outcomes, in the order of their pseudonyms."""
    query = (
        select(
            sessions.c.respondent_id,
            sessions.c.outcome,
            sessions.c.language,
            sessions.c.channel,
            sessions.c.source,
            schema.questionnaires.c.version,
        )
        .join(schema.questionnaires, schema.questionnaires.c.id == sessions.c.questionnaire_id)
        .where(sessions.c.round_id == round_id, sessions.c.outcome.in_(sorted(outcomes)))
        .order_by(sessions.c.respondent_id)
    )
    return [Participant(*row) for row in connection.execute(query)]


def read_answers(
    connection: Connection, round_id: int, respondents: Sequence[int]
) -> Iterator[tuple[int, str, str, Value | None]]:
    """Respondent, question, status and value of every answer of these people."""
    query: Select[Any] = select(
        answers.c.respondent_id, answers.c.question, answers.c.status, cast(answers.c.value, Text)
    ).where(answers.c.round_id == round_id, answers.c.respondent_id.in_(respondents))
    for respondent, question, status, text in connection.execute(query):
        yield respondent, question, status, read_value(text)


def read_files(
    connection: Connection, round_id: int, respondents: Iterable[int]
) -> dict[tuple[int, str], SentFile]:
    """The files that these people sent, by respondent and question."""
    query = select(
        files.c.respondent_id, files.c.question, files.c.state, files.c.media_type, files.c.object_key
    ).where(files.c.round_id == round_id, files.c.respondent_id.in_(list(respondents)))
    return {(row[0], row[1]): SentFile(*row[2:]) for row in connection.execute(query)}


def read_people(
    connection: Connection, round_id: int, outcomes: Iterable[Outcome], questions: Iterable[str]
) -> Iterator[dict[str, Value | None]]:
    """What each person with these outcomes gave to these questions, `None` for skipped; nobody is named."""
    query = (
        select(answers.c.respondent_id, answers.c.question, cast(answers.c.value, Text))
        .join(
            sessions,
            and_(
                sessions.c.respondent_id == answers.c.respondent_id,
                sessions.c.round_id == answers.c.round_id,
            ),
        )
        .where(
            answers.c.round_id == round_id,
            answers.c.question.in_(sorted(questions)),
            answers.c.status.in_([AnswerStatus.ANSWERED, AnswerStatus.SKIPPED]),
            sessions.c.outcome.in_(sorted(outcomes)),
        )
        .order_by(answers.c.respondent_id)
    )
    for _, rows in groupby(connection.execute(query), key=itemgetter(0)):
        yield {question: read_value(text) for _, question, text in rows}


def read_value(text: str | None) -> Value | None:
    """A value from its JSON; a list of codes as a tuple."""
    return None if text is None else documents.read_value(text)
