"""From a round's answers to what each column's people gave for each item, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from bot.flows.indicators import Column
from bot.flows.questionnaire import Questionnaire
from bot.flows.route import find_route
from bot.flows.session import Answer, AnswerStatus
from bot.flows.understanding.folding import fold
from bot.flows.values import Value
from bot.results.indicators.scoring import Judged, Scorer

Answered = Mapping[str, Value | None]
"""One person's answers that count; `None` is skipped."""
_WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Slice(NamedTuple):
    """A column, or the part of it with one answer to the question by which it is computed."""

    column: str
    value: str | None = None


Alike: TypeAlias = tuple[tuple[Slice, str | None], ...]
"""The slices that some people are in, each with the group within which their mean is taken."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What everybody gave for each item, by who is counted alike; nobody is in two of these."""

    given: defaultdict[Alike, defaultdict[str, Counter[Judged]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    """By who they are, then by item: how often what was given. Those in no slice are there too."""
    asked: defaultdict[Slice, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The items that were on the route of somebody in a slice."""

    @property
    def people(self) -> list[Alike]:
        """Who is counted alike, in an order that does not depend on who answered first."""
        return sorted(
            self.given, key=lambda alike: [(p.column, p.value or "", group or "") for p, group in alike]
        )


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


def tally(scorer: Scorer, people: Iterable[Answered]) -> Tally:
    """Count what everybody gave; the order of the people makes no difference."""
    counting = _Counting(scorer)
    for answered in people:
        counting.add(answered)
    return counting.tally


class _Counting:
    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.columns = [
            (column, {item.name for item in scorer.items if item.counts_in(column)})
            for column in scorer.indicators.columns
        ]
        self.routes = _Routes(scorer)
        self.tally = Tally()
        self.unnamed = 0

    def add(self, answered: Answered) -> None:
        values = {name: value for name, value in answered.items() if value is not None}
        judged = self.scorer.judge(values)
        scored = frozenset(judged)
        alike: list[tuple[Slice, str | None]] = []
        for column, items in self.columns:
            if column.of is not None and not column.of.holds(values.get):
                continue
            here = items & scored
            group = self.group(column, values) if here else None
            for value in _slices(column, values):
                found = Slice(column.name, value)
                alike.append((found, group))
                asked = self.tally.asked[found]
                asked |= here
                if len(asked) < len(items):
                    asked |= items & self.routes.items_on(answered)
        given = self.tally.given[tuple(alike)]
        for name, worth in judged.items():
            given[name][worth] += 1

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

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.needed = sorted({n for c in scorer.questionnaire.logic.conditions for n in c.references})
        self.found: dict[tuple[Value | None, ...], frozenset[str]] = {}

    def items_on(self, answered: Answered) -> frozenset[str]:
        key = tuple(answered.get(name) for name in self.needed)
        if key not in self.found:
            given = {name: value for name, value in zip(self.needed, key, strict=True) if value is not None}
            answers = {n: Answer(v, AnswerStatus.ANSWERED, _WHENEVER, "") for n, v in given.items()}
            relevant = find_route(self.scorer.questionnaire, answers).relevant
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
