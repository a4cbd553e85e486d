"""Functions over any number of values, such as the answers of each turn of a repeat."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bot.flows.expressions.conversions import Datum, Program, Values, is_empty, to_boolean, to_number
from bot.flows.expressions.functions import Takes, function, lazy
from bot.flows.expressions.types import Kind
from bot.flows.values import Value

OVER_MANY = frozenset(
    {"sum", "min", "max", "count-non-empty", "join", "concat", "coalesce", "distance", "area"}
)
"""The functions that take a question of a repeat for its answers in every turn."""


@function("min", Takes.NUMBER, gives=Kind.NUMBER, repeats=True)
def _min(*numbers: float) -> float:
    return min(_given(numbers), default=math.nan)


@function("max", Takes.NUMBER, gives=Kind.NUMBER, repeats=True)
def _max(*numbers: float) -> float:
    return max(_given(numbers), default=math.nan)


@function("sum", Takes.NUMBER, gives=Kind.NUMBER, repeats=True)
def _sum(*numbers: float) -> float:
    given = _given(numbers)
    return math.fsum(given) if all(map(math.isfinite, given)) else sum(given)


def _given(numbers: Iterable[float]) -> list[float]:
    """The numbers that were answered."""
    return [number for number in numbers if not math.isnan(number)]


@function("count-non-empty", Takes.ANY, gives=Kind.NUMBER, repeats=True)
def _count_non_empty(*values: Datum) -> float:
    return float(sum(not is_empty(value) for value in values))


@function("join", Takes.TEXT, Takes.TEXT, gives=Kind.TEXT, repeats=True)
def _join(between: str, *texts: str) -> str:
    return between.join(texts)


@function("checklist", Takes.NUMBER, Takes.NUMBER, Takes.CONDITION, gives=Kind.BOOLEAN, repeats=True)
def _checklist(least: float, most: float, *conditions: bool) -> bool:
    return _within(least, most, sum(conditions))


@lazy(
    "weighted-checklist", Takes.NUMBER, Takes.NUMBER, Takes.ANY, Takes.ANY, gives=Kind.BOOLEAN, repeats=True
)
def _weighted_checklist(arguments: Sequence[Program]) -> Program:
    least, most, *pairs = arguments
    conditions, weights = pairs[::2], pairs[1::2]

    def compare(values: Values, current: Value | None) -> bool:
        low, high = (to_number(limit(values, current)) for limit in (least, most))
        total = math.fsum(
            to_number(weight(values, current))
            for condition, weight in zip(conditions, weights, strict=False)
            if to_boolean(condition(values, current))
        )
        return _within(low, high, total)

    return compare


def _within(least: float, most: float, total: float) -> bool:
    """Whether a total lies between two limits, of which -1 is none."""
    return (least == -1 or total >= least) and (most == -1 or total <= most)


@function("count", Takes.REPEAT, gives=Kind.NUMBER)
def _count(repeat: Datum) -> float:
    # Replaced by the number of turns when the questionnaire is built; a question that is not repeated is one.
    return float(not is_empty(repeat))


@lazy("indexed-repeat", Takes.ANY, *(Takes.REPEAT, Takes.NUMBER) * 3, gives=None, optional=4)
def _indexed_repeat(arguments: Sequence[Program]) -> Program:
    # Replaced when the questionnaire is built; without a repeat there is one value.
    return arguments[0]


@lazy("item-at", Takes.NUMBER, Takes.ANY, gives=None, repeats=True)
def _item_at(arguments: Sequence[Program]) -> Program:
    """The value at a place, counted from 1: what `indexed-repeat` becomes where the place is computed."""
    place, *items = arguments

    def choose(values: Values, current: Value | None) -> Datum:
        index = to_number(place(values, current))
        return items[int(index) - 1](values, current) if 1 <= index < len(items) + 1 else ""

    return choose
