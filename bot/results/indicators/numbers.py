"""The numbers themselves: each the mean of its questions' scores, with what it rests on.

What is protected: no number, base or share rests on a question that fewer people of the column answered than
the round's smallest cell; such a question counts as if nobody had answered it. A share of *don't know* that
stands for fewer people is left out, and so is an answer such as a country of which nothing can be shown.

What is not: these figures can be taken from one another and from the tables of the same round. Where a few
people stand outside a column (three officials among twenty), the column less the table of everybody is theirs.
A round whose columns are so small should show its indicators, or its tables, but not both. A mean of 0 or 1
says what everybody in the column answered, as a full cell of a table does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from bot.flows.indicators import Column, Indicators
from bot.flows.questionnaire import Questionnaire
from bot.results.indicators.scoring import Scored, Unscored
from bot.results.indicators.tally import Slice, Tally

LEAST_COVERAGE = Fraction(1, 2)
"""The share of a number's questions that must have a base for it to be printed."""


class Status(StrEnum):
    """Whether there is a number, and if not, why."""

    PRINTED = "printed"
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
    """From 0 to 1."""
    smallest: int | None = None
    largest: int | None = None
    """The bases of its questions that have one."""
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

    base: int
    scores: tuple[Fraction, ...]
    unknown: int
    counts_for_coverage: bool


def compute(
    questionnaire: Questionnaire, tallies: Mapping[Slice, Tally], minimum: int = 0
) -> tuple[ColumnNumbers, ...]:
    """Every number of every column, those of one answer together; bases under `minimum` count as none."""
    indicators = questionnaire.indicators
    return (
        ()
        if indicators is None
        else tuple(_Computation(questionnaire, indicators, tallies, minimum).columns())
    )


class _Computation:
    def __init__(
        self,
        questionnaire: Questionnaire,
        indicators: Indicators,
        tallies: Mapping[Slice, Tally],
        minimum: int,
    ) -> None:
        self.questionnaire = questionnaire
        self.indicators = indicators
        self.tallies = tallies
        self.minimum = minimum
        self.asked = {
            item.name
            for item in indicators.items
            if any(question in questionnaire.questions for question in item.questions)
        }
        self.members = {
            number: tuple(indicators.members(number))
            for pattern in indicators.numbers
            for number in indicators.expand(pattern)
        }

    def columns(self) -> Iterator[ColumnNumbers]:
        for per, value in self.blocks():
            columns = [column for column in self.indicators.columns if column.per == per]
            block = [ColumnNumbers(column, value, self.numbers(column, value)) for column in columns]
            # That somebody answered for a country is not told where nothing else can be.
            if per is None or not self.minimum or any(n.largest for c in block for n in c.numbers.values()):
                yield from block

    def blocks(self) -> Iterator[tuple[str | None, str | None]]:
        """Each question by which columns are computed with each of its answers, in the questionnaire's order."""
        for per in dict.fromkeys(column.per for column in self.indicators.columns):
            if per is None:
                yield None, None
                continue
            names = {column.name for column in self.indicators.columns if column.per == per}
            values = {s.value for s in self.tallies if s.column in names and s.value is not None}
            question = self.questionnaire.questions.get(per)
            places = {name: place for place, name in enumerate(question.choice_by_name)} if question else {}
            for value in sorted(values, key=lambda v: (places.get(v, len(places)), v)):
                yield per, value

    def numbers(self, column: Column, value: str | None) -> dict[str, Number]:
        """The numbers of a column, those left out that none of its items could ever enter."""
        given = self.tallies.get(Slice(column.name, value), Tally())
        taken = {i.name for i in self.indicators.items if not column.sections or i.section in column.sections}
        results = {name: _result(name, given, self.minimum) for name in taken & self.asked}
        numbers = {}
        for name, members in self.members.items():
            of_column = [(item.name, places) for item, places in members if item.name in taken]
            if of_column:
                asked = [(results[item], places) for item, places in of_column if item in results]
                numbers[name] = _number(name, asked, self.minimum)
        return numbers


def _result(item: str, given: Tally, minimum: int) -> _Result:
    """An item's base and scores: the mean within each group, then over the groups."""
    groups: defaultdict[str | None, list[tuple[Scored, int]]] = defaultdict(list)
    unknown = not_applicable = base = 0
    for (group, judged), count in given.given.get(item, Counter()).items():
        if judged is Unscored.DONT_KNOW:
            unknown += count
        elif judged is Unscored.NOT_APPLICABLE:
            not_applicable += count
        elif judged is not None:
            base += count
            groups[group].append((judged, count))
    answered = base + unknown
    counts = item in given.asked and not (not_applicable and not answered)
    if base < max(minimum, 1):
        return _Result(0, (), unknown, counts)
    means = [_mean(scored) for scored in groups.values()]
    scores = tuple(sum(column, Fraction(0)) / len(means) for column in zip(*means, strict=True))
    return _Result(base, scores, unknown, counts)


def _mean(scored: Sequence[tuple[Scored, int]]) -> tuple[Fraction, ...]:
    total = sum(count for _, count in scored)
    weighted = ([score * count for score in one.scores] for one, count in scored)
    return tuple(sum(column, Fraction(0)) / total for column in zip(*weighted, strict=True))


def _number(name: str, asked: Sequence[tuple[_Result, tuple[int, ...]]], minimum: int) -> Number:
    if not asked:
        return Number(name, Status.NOT_ASKED)
    counted = [result for result, _ in asked if result.counts_for_coverage]
    with_base = [(result, places) for result, places in asked if result.base]
    coverage = Fraction(len(with_base), len(counted)) if counted else None
    bases = [result.base for result, _ in with_base]
    unknown = sum(result.unknown for result, _ in asked)
    printed = coverage is not None and coverage >= LEAST_COVERAGE
    means = [sum((r.scores[p] for p in places), Fraction(0)) / len(places) for r, places in with_base]
    return Number(
        name,
        Status.PRINTED if printed else Status.INSUFFICIENT,
        sum(means, Fraction(0)) / len(means) if printed else None,
        min(bases, default=None),
        max(bases, default=None),
        coverage,
        _share(unknown, sum(bases), minimum),
    )


def _share(unknown: int, scored: int, minimum: int) -> Fraction | None:
    if not unknown + scored or 0 < unknown < minimum:
        return None
    return Fraction(unknown, unknown + scored)
