"""Answers as CSV: one row a respondent, one column a question, in the columns of ODK and KoboToolbox.

This is microdata, so nothing is suppressed; the order of the rows is drawn afresh each time and there are no
times, so that nobody finds a person by when they took part.

A cell that a spreadsheet would take for a formula gets an apostrophe before it
(https://owasp.org/www-community/attacks/CSV_Injection); numbers, also as codes, stay as they are.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, repeat
from typing import TextIO, TypeAlias

from sqlalchemy import Connection

from bot.flows.expressions.types import Kind
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Questionnaire
from bot.flows.rounds import Round
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.sent_files import NamedFile, SentFiles
from bot.results.source import (
    COUNTED,
    Participant,
    SentFile,
    count_values,
    read_answers,
    read_participants,
)
from bot.results.tabulate import codes, number_name
from bot.results.versions import versions_of

LEADING = ("respondent", "outcome", "language", "channel", "source", "version")
BATCH = 500
"""Respondents whose answers are read at once."""

_FORMULA = re.compile(r"[=+\-@\t\r\n\x00＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

Answered: TypeAlias = Mapping[str, tuple[str, Value | None]]
"""Status and value by question."""


@dataclass(frozen=True, slots=True)
class Column:
    """One question: the names of its columns and what they hold."""

    name: str
    is_text: bool = False
    choices: tuple[str, ...] = ()
    """The codes that have a 0/1 column of their own."""
    has_status: bool = False
    lacking: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """The codes that a version did not offer, where the round pools several."""

    @property
    def header(self) -> tuple[str, ...]:
        """The question's own name, then those of its choices and status."""
        status = (f"{self.name}/status",) if self.has_status else ()
        return (self.name, *(f"{self.name}/{choice}" for choice in self.choices), *status)

    def cells(self, status: str, value: Value | None, version: int = 0) -> tuple[str | int, ...]:
        """What one respondent's answer to a version puts under the header."""
        last = (status,) if self.has_status else ()
        if value is None or status != AnswerStatus.ANSWERED:
            return ("", *repeat("", len(self.choices)), *last)
        chosen = codes(value) if self.choices else ()
        lacking = self.lacking.get(version, frozenset()).difference(chosen)
        ticks = ("" if code in lacking else int(code in chosen) for code in self.choices)
        return (_cell(value, is_text=self.is_text), *ticks, *last)


def write_csv(
    connection: Connection,
    round_: Round,
    questionnaire: Questionnaire,
    stream: TextIO,
    *,
    complete_only: bool = False,
    with_status: bool = False,
    rng: random.Random | None = None,
) -> list[NamedFile]:
    """Write the round's answers; `stream` is opened with `newline=""`, `rng` draws the order of the rows.

    Returns the files that the rows name.
    """
    outcomes = {Outcome.COMPLETE} if complete_only else COUNTED | {Outcome.NO_ANSWER}
    participants = read_participants(connection, round_.id, outcomes)
    (rng or random.SystemRandom()).shuffle(participants)
    columns = [
        replace(column, has_status=with_status)
        for column in _columns(connection, round_.id, questionnaire, outcomes)
    ]
    unasked = {column.name: column.cells("", None) for column in columns}
    sent = SentFiles(connection, round_.id, questionnaire)
    writer = csv.writer(stream)
    writer.writerow([*LEADING, *(name for column in columns for name in column.header)])
    for number, (person, answered, files) in enumerate(_with_answers(sent, participants), start=1):
        row = [
            number,
            person.outcome,
            person.language,
            person.channel,
            guard(person.source or ""),
            person.version,
        ]
        for column in columns:
            answer = answered.get(column.name)
            if answer is None:
                row += unasked[column.name]
                continue
            told = sent.told(number, column.name, *answer, files.get((person.respondent, column.name)))
            row += column.cells(answer[0], told, person.version)
        writer.writerow(row)
    return sent.named


def guard(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _columns(
    connection: Connection, round_id: int, questionnaire: Questionnaire, outcomes: Iterable[Outcome]
) -> list[Column]:
    """The questions and choices of all versions in their order, then those that only answers know."""
    several = [q.name for q in questionnaire if QUESTION_TYPES[q.type].kind is Kind.CODES]
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for row in count_values(connection, round_id, outcomes, several):
        seen[row.question].update(codes(row.value))
    columns = []
    for question in questionnaire:
        kind = QUESTION_TYPES[question.type]
        if not kind.is_exported:
            seen.pop(question.name, None)
            continue
        listed = tuple(choice.name for choice in question.choices)
        removed = sorted(seen.pop(question.name, set()) - set(listed))
        choices = (*listed, *removed) if kind.kind is Kind.CODES else ()
        lacking = {
            one.version: frozenset(listed).difference(one.questions[question.name].choice_by_name)
            for one in versions_of(questionnaire)
            if question.name in one.questions
        }
        columns.append(Column(question.name, kind.kind is Kind.TEXT, choices, lacking=lacking))
    return [*columns, *(Column(name, is_text=True) for name in sorted(seen))]


def _with_answers(
    sent: SentFiles, participants: Sequence[Participant]
) -> Iterator[tuple[Participant, Answered, Mapping[tuple[int, str], SentFile]]]:
    waiting = iter(participants)
    while batch := list(islice(waiting, BATCH)):
        respondents = [person.respondent for person in batch]
        answered: defaultdict[int, dict[str, tuple[str, Value | None]]] = defaultdict(dict)
        for respondent, question, status, value in read_answers(sent.connection, sent.round_id, respondents):
            answered[respondent][question] = (status, value)
        files = sent.of(respondents)
        for person in batch:
            yield person, answered[person.respondent], files


def _cell(value: Value | None, *, is_text: bool) -> str:
    match value:
        case None:
            return ""
        case tuple():
            return guard(" ".join(value))
        case str():
            return value if not is_text and _NUMBER.fullmatch(value) else guard(value)
        case _:
            return number_name(value)
