"""A round's indicators as a whole: its columns, the differences between them, and those from the round it follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection

from bot.flows.indicators import Change, Indicators
from bot.flows.rounds import Round
from bot.flows.session import Outcome
from bot.results.disclosure import protect
from bot.results.indicators.disclosure import permit
from bot.results.indicators.numbers import ColumnNumbers, Number, compute
from bot.results.indicators.scoring import Scorer
from bot.results.indicators.tally import needed, tally
from bot.results.source import COUNTED, count_sessions, read_people
from bot.results.suppression import effective_minimum
from bot.results.tabulate import funnel, tabulate


@dataclass(frozen=True, slots=True)
class Gap:
    """One number less another."""

    number: Number
    minus: Number

    @property
    def difference(self) -> Fraction | None:
        """`None` where one of the two is not told exactly."""
        if self.number.score is None or self.minus.score is None:
            return None
        return self.number.score - self.minus.score

    @property
    def bounds(self) -> tuple[Fraction, Fraction] | None:
        """Between what the difference is; `None` where nothing is known of one of the two."""
        if self.number.bounds is None or self.minus.bounds is None:
            return None
        (low, high), (minus_low, minus_high) = self.number.bounds, self.minus.bounds
        return low - minus_high, high - minus_low


@dataclass(frozen=True, slots=True)
class Gaps:
    """The differences of one name; between the same columns of two rounds where `column` is also `minus`."""

    name: str
    column: str
    minus: str
    value: str | None
    """The answer by which both columns are computed."""
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The indicators of one round."""

    round: Round
    indicators: Indicators
    respondents: Mapping[str, int]
    """The funnel, by outcome."""
    complete_only: bool
    columns: tuple[ColumnNumbers, ...]
    differences: tuple[Gaps, ...]

    def by_pattern(self, column: ColumnNumbers) -> Iterator[tuple[str, list[str]]]:
        """The names of a column's numbers, with the pattern that they are of, in the instrument's order."""
        for pattern in self.indicators.numbers:
            names = [name for name in self.indicators.expand(pattern) if name in column.numbers]
            if names:
                yield pattern, names


@dataclass(frozen=True, slots=True)
class Comparison:
    """A round's indicators less those of the round that it follows, or the other way round."""

    followed: Report
    minus_this: bool
    gaps: tuple[Gaps, ...]


def report(connection: Connection, asking: Round, *, complete_only: bool = False) -> Report | None:
    """Compute a round's indicators; `None` where its questionnaire has none."""
    questionnaire = asking.questionnaire
    indicators = questionnaire.indicators
    if indicators is None:
        return None
    counted = {Outcome.COMPLETE} if complete_only else COUNTED
    people = read_people(connection, asking.id, counted, needed(questionnaire))
    scorer = Scorer(questionnaire, indicators)
    counts = tally(scorer, people)
    permission = None
    if minimum := effective_minimum(asking.minimum_cell):
        tables = tabulate(connection, asking.id, questionnaire, complete_only=complete_only)
        permission = permit(scorer, counts, tables, protect(tables, minimum), minimum)
    columns = compute(scorer, counts, permission)
    return Report(
        asking,
        indicators,
        funnel(count_sessions(connection, asking.id)),
        complete_only,
        columns,
        tuple(_differences(indicators, columns)),
    )


def compare(this: Report, followed: Report) -> Comparison | None:
    """Compare a round with the one that it follows; `None` where its instrument does not say how."""
    key = followed.round.questionnaire.key
    change = next((change for change in this.indicators.changes if change.questionnaire == key), None)
    if change is None:
        return None
    return Comparison(followed, change.minus_this, tuple(_changes(change, this, followed)))


def _differences(indicators: Indicators, columns: tuple[ColumnNumbers, ...]) -> Iterator[Gaps]:
    found = {(one.column.name, one.value): one.numbers for one in columns}
    for difference in indicators.differences:
        pairs = tuple(indicators.pairs(difference))
        for value in dict.fromkeys(one.value for one in columns if one.column.name == difference.column):
            numbers = found[difference.column, value]
            others = found[difference.minus, value]
            gaps = tuple(Gap(numbers[a], others[b]) for a, b in pairs if a in numbers and b in others)
            yield Gaps(difference.name, difference.column, difference.minus, value, gaps)


def _changes(change: Change, this: Report, followed: Report) -> Iterator[Gaps]:
    found = {(one.column.name, one.value): one.numbers for one in followed.columns}
    for one in this.columns:
        others = found.get((one.column.name, one.value), {})
        pairs = ((number, others[name]) for name, number in one.numbers.items() if name in others)
        gaps = tuple(Gap(b, a) if change.minus_this else Gap(a, b) for a, b in pairs)
        if gaps:
            yield Gaps(change.name, one.column.name, one.column.name, one.value, gaps)


def widest(gaps: Gaps, count: int = 3) -> tuple[Gap, ...]:
    """The numbers that fall short the most, the widest gap first; in the middle of their bounds."""
    short = [(sum(gap.bounds), gap) for gap in gaps.gaps if gap.bounds is not None and gap.bounds[1] < 0]
    return tuple(gap for _, gap in sorted(short, key=lambda pair: pair[0])[:count])
