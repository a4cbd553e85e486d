"""The numbers themselves: each the mean of its questions' scores, with what it rests on.

No number, base or share rests on answers that may not be told (see `disclosure`): such a question counts as if
nobody in the column had answered it. An answer such as a country of which nothing can be shown is left out. A mean
of 0 or 1 says what everybody in the column answered, as a full cell of a table does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

from bot.flows.indicators import Column
from bot.results.indicators.disclosure import Bounds, Permission
from bot.results.indicators.scoring import Judged, Scored, Scorer, Unscored
from bot.results.indicators.tally import Slice, Tally

LEAST_COVERAGE = Fraction(1, 2)
"""The share of a number's questions that must have a base for it to be printed."""


class Status(StrEnum):
    """Whether there is a number, and if not, why."""

    PRINTED = "printed"
    BOUNDED = "bounded"
    """The round shows only between what it is."""
    INSUFFICIENT = "insufficient"
    """Fewer than half of its questions have a base."""
    NOT_ASKED = "not_asked"
    """The round left out the part that it is about."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of one column."""

    name: str
    """One value of each axis, `*` for none: `legal/e_consultation/*`."""
    status: Status
    score: Fraction | None = None
    """From 0 to 1; `None` where it is not told exactly."""
    bounds: tuple[Fraction, Fraction] | None = None
    """Between what the score is; twice the score where that is told."""
    smallest: int | None = None
    largest: int | None = None
    """The bases of its questions that have one, or between what they are."""
    coverage: Fraction | None = None
    """The share of its questions that have a base; `None` where nobody had any of them on the route."""
    dont_know: Fraction | None = None
    """The share of *don't know* among those and the scored answers; `None` where there are neither."""


@dataclass(frozen=True, slots=True)
class ColumnNumbers:
    """The numbers of one column, or of one answer to the question by which it is computed."""

    column: Column
    value: str | None
    numbers: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class _Result:
    """What one item came to in one column."""

    told: Bounds
    unknown: int
    counts_for_coverage: bool

    @property
    def is_exact(self) -> bool:
        return self.told.fewest == self.told.most


def compute(scorer: Scorer, tally: Tally, permission: Permission | None = None) -> tuple[ColumnNumbers, ...]:
    """Every number of every column, those of one answer together, as far as that is permitted."""
    return tuple(_Computation(scorer, tally, permission).columns())


class _Computation:
    def __init__(self, scorer: Scorer, tally: Tally, permission: Permission | None) -> None:
        self.indicators = scorer.indicators
        self.questionnaire = scorer.questionnaire
        self.permission = permission
        self.tally = tally
        self.asked = {item.name for item in scorer.items}
        self.members = {
            number: tuple(self.indicators.members(number))
            for pattern in self.indicators.numbers
            for number in self.indicators.expand(pattern)
        }
        self.given: defaultdict[Slice, list[tuple[str | None, Mapping[str, Counter[Judged]]]]] = defaultdict(
            list
        )
        for alike in tally.people:
            for place, group in alike:
                self.given[place].append((group, tally.given[alike]))

    def columns(self) -> Iterator[ColumnNumbers]:
        for per, value in self.blocks():
            columns = [column for column in self.indicators.columns if column.per == per]
            block = [ColumnNumbers(column, value, self.numbers(column, value)) for column in columns]
            # That somebody answered for a country is not told where nothing else can be.
            shows = any(number.largest for column in block for number in column.numbers.values())
            if per is None or self.permission is None or shows:
                yield from block

    def blocks(self) -> Iterator[tuple[str | None, str | None]]:
        """Each question by which columns are computed with each of its answers, in the questionnaire's order."""
        for per in dict.fromkeys(column.per for column in self.indicators.columns):
            if per is None:
                yield None, None
                continue
            names = {column.name for column in self.indicators.columns if column.per == per}
            values = {s.value for s in self.given if s.column in names and s.value is not None}
            question = self.questionnaire.questions.get(per)
            places = {name: place for place, name in enumerate(question.choice_by_name)} if question else {}
            for value in sorted(values, key=lambda v: (places.get(v, len(places)), v)):
                yield per, value

    def numbers(self, column: Column, value: str | None) -> dict[str, Number]:
        """The numbers of a column, those left out that none of its items could ever enter."""
        place = Slice(column.name, value)
        taken = {item.name for item in self.indicators.items if item.counts_in(column)}
        results = {name: self.result(name, place) for name in taken & self.asked}
        numbers = {}
        # The widest first, so that shares of few people are in a number of many questions, if in any.
        for name, members in sorted(self.members.items(), key=lambda number: -len(number[1])):
            of_column = [(item.name, places) for item, places in members if item.name in taken]
            if of_column:
                asked = {item: (results[item], places) for item, places in of_column if item in results}
                exact = all(result.is_exact for result, _ in asked.values())
                shows = self.permission is None or (exact and self.permission.shows_doubt(place, asked))
                numbers[name] = _number(name, list(asked.values()), shows_doubt=shows)
        return {name: numbers[name] for name in self.members if name in numbers}

    def result(self, item: str, place: Slice) -> _Result:
        """An item's base and scores: the mean within each group, then over the groups."""
        groups: defaultdict[str | None, list[tuple[Scored, int]]] = defaultdict(list)
        unknown = not_applicable = base = 0
        for group, given in self.given.get(place, ()):
            for judged, count in given.get(item, {}).items():
                if judged is Unscored.DONT_KNOW:
                    unknown += count
                elif judged is Unscored.NOT_APPLICABLE:
                    not_applicable += count
                elif judged is not None:
                    base += count
                    groups[group].append((judged, count))
        few = self.permission.minimum if self.permission else 1
        counts = item in self.tally.asked[place] and not (not_applicable >= few and not base + unknown)
        if not base or (self.permission and not self.permission.counts(item, place)):
            return _Result(Bounds(0, 0, (), ()), unknown, counts)
        if self.permission and (bounds := self.permission.bounds(item, place)):
            return _Result(bounds, unknown, counts)
        means = [_mean(scored) for scored in groups.values()]
        scores = tuple(sum(column, Fraction(0)) / len(means) for column in zip(*means, strict=True))
        return _Result(Bounds(base, base, scores, scores), unknown, counts)


def _mean(scored: Sequence[tuple[Scored, int]]) -> tuple[Fraction, ...]:
    total = sum(count for _, count in scored)
    weighted = ([score * count for score in one.scores] for one, count in scored)
    return tuple(sum(column, Fraction(0)) / total for column in zip(*weighted, strict=True))


def _number(name: str, asked: Sequence[tuple[_Result, tuple[int, ...]]], *, shows_doubt: bool) -> Number:
    if not asked:
        return Number(name, Status.NOT_ASKED)
    counted = [result for result, _ in asked if result.counts_for_coverage]
    with_base = [(result.told, places) for result, places in asked if result.told.most]
    coverage = Fraction(len(with_base), len(counted)) if counted else None
    unknown = sum(result.unknown for result, _ in asked)
    given = unknown + sum(told.most for told, _ in with_base)
    bounds, status = None, Status.INSUFFICIENT
    if coverage is not None and coverage >= LEAST_COVERAGE:
        bounds = (
            _mean_of([(told.lowest, places) for told, places in with_base]),
            _mean_of([(told.highest, places) for told, places in with_base]),
        )
        is_exact = all(result.is_exact for result, _ in asked)
        status = Status.PRINTED if is_exact else Status.BOUNDED
    return Number(
        name,
        status,
        bounds[0] if bounds and status is Status.PRINTED else None,
        bounds,
        min((told.fewest for told, _ in with_base), default=None),
        max((told.most for told, _ in with_base), default=None),
        coverage,
        Fraction(unknown, given) if given and shows_doubt else None,
    )


def points(share: Fraction) -> int:
    """Hundredths, a half away from zero."""
    whole = floor(abs(share) * 100 + Fraction(1, 2))
    return whole if share >= 0 else -whole


def _mean_of(items: Sequence[tuple[tuple[Fraction, ...], tuple[int, ...]]]) -> Fraction:
    """Of the items' scores, each the mean over the places by which it enters."""
    means = [sum((scores[place] for place in places), Fraction(0)) / len(places) for scores, places in items]
    return sum(means, Fraction(0)) / len(means)
