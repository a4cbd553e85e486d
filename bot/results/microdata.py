"""Everybody's answers: a row a respondent, and what each of its variables is and means.

This is microdata, so nothing is suppressed; the order of the rows is drawn afresh each time and there are no
times, so that nobody finds a person by when they took part.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from itertools import islice, repeat
from typing import TypeAlias

from sqlalchemy import Connection

from bot.flows.choosing import ACKNOWLEDGED, is_country
from bot.flows.expressions.types import Kind
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import LocalizedText, Question, Questionnaire
from bot.flows.rounds import Round
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.sharing import Upload
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

BATCH = 500
"""Respondents whose answers are read at once."""

Answer: TypeAlias = tuple[str, Value | None]
"""Status and value."""


class Form(StrEnum):
    """What the values of a variable are."""

    CODE = "code"
    """One of its categories, as text."""
    CODES = "codes"
    """Several of them, with a space between."""
    TICK = "tick"
    """1 or 0."""
    NUMBER = "number"
    DATE = "date"
    """`YYYY-MM-DD`"""
    TIME = "time"
    """`HH:MM` or `HH:MM:SS`"""
    DATE_TIME = "dateTime"
    """`YYYY-MM-DDTHH:MM`, without a time zone."""
    COMPUTED = "computed"
    """A number or a text."""
    TEXT = "text"


_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_FORMS = {
    Kind.CODE: Form.CODE,
    Kind.CODES: Form.CODES,
    Kind.NUMBER: Form.NUMBER,
    Kind.DATE: Form.DATE,
    Kind.TIME: Form.TIME,
    Kind.COMPUTED: Form.COMPUTED,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the file; a blank value is one that was not asked, not answered, or off the route."""

    name: str
    form: Form
    label: LocalizedText
    """The question's; of a choice, that of the choice."""
    categories: Mapping[str, LocalizedText] = field(default_factory=dict)
    """The words for its codes, in order; none for those of countries, which CLDR has."""
    question: Question | None = None
    is_answer: bool = False
    """Whether it is the answer to the question, not a choice or the status of it."""

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers: also codes, where each is a whole number."""
        if self.form is Form.CODE:
            return bool(self.categories) and all(map(_INTEGER.fullmatch, self.categories))
        return self.form in {Form.NUMBER, Form.TICK}

    def words(self, language: str, countries: Mapping[str, str]) -> dict[str, str]:
        """The words for its codes in a language, in order."""
        if self.is_answer and self.question is not None and is_country(self.question):
            return dict(countries)
        return {code: label.in_language(language) for code, label in self.categories.items()}


def _leading(name: str, form: Form, label: str, *categories: str) -> Variable:
    words = {name: LocalizedText.of(name.replace("_", " ").capitalize()) for name in categories}
    return Variable(name, form, LocalizedText.of(label), words)


LEADING = (
    _leading("respondent", Form.NUMBER, "Number of the respondent in this file"),
    _leading("outcome", Form.CODE, "Outcome", Outcome.COMPLETE, Outcome.PARTIAL, Outcome.NO_ANSWER),
    _leading("language", Form.CODE, "Language of the conversation"),
    _leading("channel", Form.CODE, "Channel"),
    _leading("source", Form.TEXT, "Where the respondent came from"),
    _leading("version", Form.NUMBER, "Version of the questionnaire"),
)
"""What is known of each respondent besides the answers."""
_STATUS = {status.value: LocalizedText.of(status.replace("_", " ").capitalize()) for status in AnswerStatus}
_TICKS = {"1": LocalizedText.of("Chosen"), "0": LocalizedText.of("Not chosen")}


@dataclass(frozen=True, slots=True)
class Column:
    """The variables of one question: its answer, then its choices, then its status."""

    variables: tuple[Variable, ...]
    choices: tuple[str, ...] = ()
    """The codes that have a variable of their own."""
    lacking: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """The codes that a version did not offer, where the round pools several."""

    @property
    def name(self) -> str:
        """The question's."""
        return self.variables[0].name

    def cells(self, answer: Answer | None, version: int = 0) -> tuple[Value | None, ...]:
        """The values of its variables for an answer to a version."""
        status, value = answer or (None, None)
        last = (status,) if len(self.variables) > 1 + len(self.choices) else ()
        if value is None or status != AnswerStatus.ANSWERED:
            return (None, *repeat(None, len(self.choices)), *last)
        chosen = codes(value) if self.choices else ()
        lacking = self.lacking.get(version, frozenset()).difference(chosen)
        ticks = (None if code in lacking else int(code in chosen) for code in self.choices)
        return (value, *ticks, *last)


@dataclass(frozen=True, slots=True)
class Row:
    """One respondent."""

    person: tuple[Value | None, ...]
    """The values of `LEADING`."""
    answers: tuple[Answer | None, ...]
    """One for each column."""
    version: int


@dataclass(frozen=True, slots=True)
class Microdata:
    """The answers of a round; its rows can be read once."""

    columns: tuple[Column, ...]
    rows: Iterator[Row]
    count: int
    """How many rows there are."""
    _sent: SentFiles

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All, in the order of the cells of a row."""
        return (*LEADING, *(variable for column in self.columns for variable in column.variables))

    @property
    def named(self) -> Sequence[NamedFile]:
        """The files that the rows read so far name."""
        return self._sent.named

    def cells(self, row: Row) -> list[Value | None]:
        """The values of a row, one for each variable; `None` is blank."""
        cells = list(row.person)
        for column, answer in zip(self.columns, row.answers, strict=True):
            cells += column.cells(answer, row.version)
        return cells


def read_microdata(
    connection: Connection,
    round_: Round,
    *,
    complete_only: bool = False,
    with_status: bool = False,
    rng: random.Random | None = None,
) -> Microdata:
    """The answers of everybody who agreed; `rng` draws the order of the rows."""
    outcomes = {Outcome.COMPLETE} if complete_only else COUNTED | {Outcome.NO_ANSWER}
    participants = read_participants(connection, round_.id, outcomes)
    (rng or random.SystemRandom()).shuffle(participants)
    questionnaire = round_.questionnaire
    columns = tuple(_columns(connection, round_.id, questionnaire, outcomes, with_status=with_status))
    sent = SentFiles(connection, round_.id, questionnaire)
    rows = _rows(sent, participants, [column.name for column in columns])
    return Microdata(columns, rows, len(participants), sent)


def as_text(value: Value | None) -> str:
    """A value as a file of text has it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case tuple():
            return " ".join(value)
        case _:
            return number_name(value)


def as_moment(form: Form, text: str) -> date | time | datetime | None:
    """The day, time or both that a variable of this form means; `None` where it means none."""
    with suppress(ValueError):
        match form:
            case Form.DATE:
                return date.fromisoformat(text)
            case Form.TIME:
                return time.fromisoformat(text)
            case Form.DATE_TIME:
                return datetime.fromisoformat(text)
    return None


def _columns(
    connection: Connection,
    round_id: int,
    questionnaire: Questionnaire,
    outcomes: Iterable[Outcome],
    *,
    with_status: bool,
) -> Iterator[Column]:
    """The questions and choices of all versions in their order, then those that only answers know."""
    several = [q.name for q in questionnaire if QUESTION_TYPES[q.type].kind is Kind.CODES]
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for row in count_values(connection, round_id, outcomes, several):
        seen[row.question].update(codes(row.value))
    for question in questionnaire:
        given = seen.pop(question.name, set())
        if not QUESTION_TYPES[question.type].is_exported:
            continue
        listed = tuple(choice.name for choice in question.choices)
        removed = sorted(given.difference(listed))
        choices = (*listed, *removed) if QUESTION_TYPES[question.type].kind is Kind.CODES else ()
        lacking = {
            one.version: frozenset(listed).difference(one.questions[question.name].choice_by_name)
            for one in versions_of(questionnaire)
            if question.name in one.questions
        }
        yield Column(tuple(_variables(question, choices, with_status=with_status)), choices, lacking)
    for name in sorted(seen):
        gone = Variable(name, Form.TEXT, LocalizedText.of(name), is_answer=True)
        yield Column((gone, *([_status(name)] if with_status else ())))


def _variables(question: Question, choices: Sequence[str], *, with_status: bool) -> Iterator[Variable]:
    name, label = question.name, question.label
    categories = {choice.name: choice.label for choice in question.choices}
    if question.scale is not None:
        ends = {
            question.scale.start: question.scale.start_label,
            question.scale.end: question.scale.end_label,
        }
        categories = {number_name(value): words for value, words in ends.items() if words}
    elif question.type == "acknowledge":
        categories = {ACKNOWLEDGED: LocalizedText.of(ACKNOWLEDGED)}
    yield Variable(name, _form(question), label, categories, question, is_answer=True)
    for code in choices:
        words = categories.get(code, LocalizedText.of(code))
        yield Variable(f"{name}/{code}", Form.TICK, words, _TICKS, question)
    if with_status:
        yield _status(name, question, "answer_status" if "status" in choices else "status")


def _status(name: str, question: Question | None = None, called: str = "status") -> Variable:
    return Variable(f"{name}/{called}", Form.CODE, LocalizedText.of("Status"), _STATUS, question)


def _form(question: Question) -> Form:
    if question.type == "dateTime":
        return Form.DATE_TIME
    kind = QUESTION_TYPES[question.type]
    return Form.TEXT if isinstance(kind, Upload) else _FORMS.get(kind.kind, Form.TEXT)


def _rows(sent: SentFiles, participants: Sequence[Participant], questions: Sequence[str]) -> Iterator[Row]:
    numbered = enumerate(participants, start=1)
    while batch := list(islice(numbered, BATCH)):
        respondents = [person.respondent for _, person in batch]
        answered: defaultdict[int, dict[str, Answer]] = defaultdict(dict)
        for respondent, question, status, value in read_answers(sent.connection, sent.round_id, respondents):
            answered[respondent][question] = (status, value)
        files = sent.of(respondents)
        for number, person in batch:
            given = answered[person.respondent]
            yield Row(
                (
                    number,
                    person.outcome,
                    person.language,
                    person.channel,
                    person.source or None,
                    person.version,
                ),
                tuple(_told(sent, number, person, name, given.get(name), files) for name in questions),
                person.version,
            )


def _told(
    sent: SentFiles,
    number: int,
    person: Participant,
    question: str,
    answer: Answer | None,
    files: Mapping[tuple[int, str], SentFile],
) -> Answer | None:
    """The answer, with the name of a file where it is one."""
    if answer is None:
        return None
    status, value = answer
    return status, sent.told(number, question, status, value, files.get((person.respondent, question)))
