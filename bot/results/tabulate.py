"""From a round's rows to its counts: the database counts, this puts them in the questionnaire's order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from bot.flows.choosing import ACKNOWLEDGED
from bot.flows.expressions.types import Kind
from bot.flows.question_types import QUESTION_TYPES, TabulatedAs
from bot.flows.questionnaire import LocalizedText, Question, Questionnaire, Scale
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.source import COUNTED, ValueCount, count_sessions, count_values
from bot.results.summary import summarize_dates, summarize_numbers
from bot.results.tabulation import Cell, QuestionTable, Statistics, Tabulation

MOST_STEPS = 101
"""The longest scale that is listed whole; of a longer one only the values that were given are."""


def tabulate(
    connection: Connection, round_id: int, questionnaire: Questionnaire, *, complete_only: bool = False
) -> Tabulation:
    """Count one round, nothing suppressed; `questionnaire` is limited to the round's parts."""
    counted = {Outcome.COMPLETE} if complete_only else COUNTED
    rows = count_values(connection, round_id, counted, _valued(questionnaire))
    return assemble(questionnaire, count_sessions(connection, round_id), rows, complete_only=complete_only)


def assemble(
    questionnaire: Questionnaire,
    outcomes: Mapping[Outcome, int],
    rows: Iterable[ValueCount],
    *,
    complete_only: bool = False,
) -> Tabulation:
    """Put counted sessions and answers in the questionnaire's order."""
    asked = [q for q in questionnaire if QUESTION_TYPES[q.type].asks and not q.read_only]
    answered: defaultdict[str, Counter[Value | None]] = defaultdict(Counter)
    skipped: Counter[str] = Counter()
    for row in rows:
        if row.status is AnswerStatus.ANSWERED:
            answered[row.question][row.value] += row.count
        else:
            skipped[row.question] += row.count
    return Tabulation(
        questionnaire,
        funnel(outcomes),
        tuple(
            _table(q, questionnaire.section_of[q.name].name, answered[q.name], skipped[q.name]) for q in asked
        ),
        complete_only,
    )


def number_name(value: float) -> str:
    """A number as a code: `3`, not `3.0`."""
    return str(int(value)) if value == int(value) else repr(value)


def _valued(questionnaire: Questionnaire) -> list[str]:
    """The questions whose values are counted; texts are not."""
    kinds = {question.name: QUESTION_TYPES[question.type] for question in questionnaire}
    return [n for n, kind in kinds.items() if kind.asks and kind.tabulated_as is not TabulatedAs.TEXTS]


def funnel(outcomes: Mapping[Outcome, int]) -> dict[str, int]:
    """How many started, and how many of them came to each outcome."""
    reached = {outcome.value: outcomes.get(outcome, 0) for outcome in _FUNNEL}
    return {"started": sum(outcomes.values()), **reached}


_FUNNEL = (
    Outcome.COMPLETE,
    Outcome.PARTIAL,
    Outcome.NO_ANSWER,
    Outcome.DECLINED,
    Outcome.WITHDRAWN,
    Outcome.NOT_ELIGIBLE,
)


def _table(question: Question, section: str, values: Counter[Value | None], skipped: int) -> QuestionTable:
    base = values.total()
    return QuestionTable(
        question,
        section,
        asked=base + skipped,
        base=base,
        skipped=skipped,
        cells=_cells(question, values) if QUESTION_TYPES[question.type].has_options else None,
        statistics=_statistics(question, values),
    )


def _statistics(question: Question, values: Counter[Value | None]) -> Statistics | None:
    kind = QUESTION_TYPES[question.type]
    if kind.tabulated_as is not TabulatedAs.STATISTICS:
        return None
    if kind.kind in {Kind.DATE, Kind.TIME}:
        return summarize_dates({v: n for v, n in values.items() if isinstance(v, str)})
    return summarize_numbers({v: n for v, n in values.items() if isinstance(v, (int, float))})


def _cells(question: Question, values: Counter[Value | None]) -> tuple[Cell, ...]:
    counts: Counter[str] = Counter()
    for value, count in values.items():
        for code in codes(value):
            counts[code] += count
    listed = [Cell(c.name, c.label, counts.pop(c.name, 0), c.exclusive) for c in question.choices]
    if question.scale is not None:
        listed = [Cell(name, label, counts.pop(name, 0)) for name, label in _steps(question.scale)]
    elif question.type == "acknowledge":
        listed = [Cell(ACKNOWLEDGED, LocalizedText.of(ACKNOWLEDGED), counts.pop(ACKNOWLEDGED, 0))]
    # Codes that the version does not list come last, in an order that does not depend on who answered first.
    others = sorted(counts, key=float if question.scale is not None else str)
    return (*listed, *(Cell(code, None, counts[code], listed=False) for code in others))


def codes(value: Value | None) -> tuple[str, ...]:
    """The codes that one answer holds."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    return (value if isinstance(value, str) else number_name(value),)


def _steps(scale: Scale) -> list[tuple[str, LocalizedText]]:
    steps = round((scale.end - scale.start) / scale.step)
    if steps >= MOST_STEPS:
        return []
    # Rounded, so that steps of 0.1 stay what people gave.
    values = [round(scale.start + step * scale.step, 9) for step in range(steps + 1)]
    words = {0: scale.start_label, steps: scale.end_label}
    return [(number_name(value), _step_label(value, words.get(i))) for i, value in enumerate(values)]


def _step_label(value: float, words: LocalizedText | None) -> LocalizedText:
    name = number_name(value)
    if words is None:
        return LocalizedText.of(name)
    return LocalizedText(
        {language: f"{name} {text}" for language, text in words.texts.items()}, words.default
    )
