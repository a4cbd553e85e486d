"""From a round's answers to what each column's people gave for each item, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.flows.indicators import Column, Indicators
from bot.flows.questionnaire import Questionnaire
from bot.flows.route import find_route
from bot.flows.session import Answer, AnswerStatus
from bot.flows.understanding.folding import fold
from bot.flows.values import Value
from bot.results.indicators.scoring import Judged, Scorer

Answered = Mapping[str, Value | None]
"""One person's answers that count; `None` is skipped."""
_WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Tally:
    """What the people of one column gave for each item."""

    given: defaultdict[str, Counter[tuple[str | None, Judged]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """By item: how often what was given, within which group."""
    asked: set[str] = field(default_factory=set)
    """The items that were on somebody's route."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A column, or the part of it with one answer to the question by which it is computed."""

    column: str
    value: str | None = None


def needed(questionnaire: Questionnaire) -> frozenset[str]:
    """The questions whose answers decide what the indicators come to."""
    indicators = questionnaire.indicators
    if indicators is None:
        return frozenset()
    named = {name for item in indicators.items for name in item.questions}
    named |= {name for c in indicators.columns for name in (c.per, c.within) if name is not None}
    conditions = [*questionnaire.logic.conditions, *(column.of for column in indicators.columns)]
    conditions += [condition for item in indicators.items for condition in (item.zero, item.unknown)]
    return frozenset(named.union(*(c.references for c in conditions if c is not None)))


def tally(questionnaire: Questionnaire, people: Iterable[Answered]) -> dict[Slice, Tally]:
    """Count what everybody gave; the order of the people makes no difference."""
    indicators = questionnaire.indicators
    if indicators is None:
        return {}
    counting = _Counting(questionnaire, indicators)
    for answered in people:
        counting.add(answered)
    return counting.tallies


class _Counting:
    def __init__(self, questionnaire: Questionnaire, indicators: Indicators) -> None:
        self.scorer = Scorer(questionnaire, indicators)
        self.columns = [
            (
                column,
                {i.name for i in self.scorer.items if not column.sections or i.section in column.sections},
            )
            for column in indicators.columns
        ]
        self.routes = _Routes(questionnaire, self.scorer)
        self.tallies: dict[Slice, Tally] = {}
        self.unnamed = 0

    def add(self, answered: Answered) -> None:
        values = {name: value for name, value in answered.items() if value is not None}
        judged = self.scorer.judge(values)
        scored = frozenset(judged)
        for column, items in self.columns:
            if column.of is not None and not column.of.holds(values.get):
                continue
            group = self.group(column, values)
            for value in _slices(column, values):
                found = self.tallies.setdefault(Slice(column.name, value), Tally())
                here = items & scored
                for item in here:
                    found.given[item][group, judged[item]] += 1
                found.asked |= here
                if len(found.asked) < len(items):
                    found.asked |= items & self.routes.items_on(answered)

    def group(self, column: Column, values: Mapping[str, Value]) -> str | None:
        """What the person answers for, however it is written; whoever names nothing is a group alone."""
        if column.within is None:
            return None
        value = values.get(column.within)
        if value is not None:
            return fold(str(value))
        self.unnamed += 1
        return f"\0{self.unnamed}"


class _Routes:
    """Which items are on a person's route, found once for all whose route depends on the same answers."""

    def __init__(self, questionnaire: Questionnaire, scorer: Scorer) -> None:
        self.questionnaire = questionnaire
        self.scorer = scorer
        self.needed = sorted({name for c in questionnaire.logic.conditions for name in c.references})
        self.found: dict[tuple[Value | None, ...], frozenset[str]] = {}

    def items_on(self, answered: Answered) -> frozenset[str]:
        key = tuple(answered.get(name) for name in self.needed)
        if key not in self.found:
            given = {name: value for name, value in zip(self.needed, key, strict=True) if value is not None}
            answers = {n: Answer(v, AnswerStatus.ANSWERED, _WHENEVER, "") for n, v in given.items()}
            relevant = find_route(self.questionnaire, answers).relevant
            self.found[key] = frozenset(
                item.name for item in self.scorer.items if not relevant.isdisjoint(item.route)
            )
        return self.found[key]


def _slices(column: Column, values: Mapping[str, Value]) -> tuple[str | None, ...]:
    if column.per is None:
        return (None,)
    value = values.get(column.per)
    if isinstance(value, tuple):
        return value
    return () if value is None else (str(value),)
