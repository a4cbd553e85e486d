"""Mean, median and the rest, of values that were already counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import fsum, sqrt
from typing import TypeVar

from bot.results.tabulation import Amount, Statistics

T = TypeVar("T", float, str, Amount)


def summarize_numbers(counts: Mapping[float, int]) -> Statistics:
    """The statistics of numbers, each with how often it was given."""
    n = sum(counts.values())
    if not n:
        return Statistics(count=0)
    ordered = sorted(counts.items())
    mean = _total(value * count for value, count in ordered) / n
    squares = fsum((value - mean) ** 2 * count for value, count in ordered)
    low, high = middle(ordered, n)
    return Statistics(
        count=n,
        mean=mean,
        median=low if low == high else (low + high) / 2,
        minimum=ordered[0][0],
        maximum=ordered[-1][0],
        standard_deviation=sqrt(squares / (n - 1)) if n > 1 else None,
        given=tuple(ordered),
    )


def summarize_dates(counts: Mapping[str, int]) -> Statistics:
    """The statistics of ISO dates, each with how often it was given."""
    n = sum(counts.values())
    if not n:
        return Statistics(count=0)
    ordered = sorted(counts.items())
    median: Amount = middle(ordered, n)[0]
    return Statistics(
        count=n,
        median=median,
        minimum=ordered[0][0],
        maximum=ordered[-1][0],
        given=tuple(ordered),
    )


def _total(products: Iterable[float]) -> float:
    # Whole numbers add up exactly however large; `fsum` is exact for the others.
    terms = list(products)
    return sum(terms) if all(isinstance(term, int) for term in terms) else fsum(terms)


def middle(ordered: Sequence[tuple[T, int]], n: int) -> tuple[T, T]:
    """The one or two values in the middle of `n`, each given so often."""
    reached = list(accumulate(count for _, count in ordered))
    low = next(i for i, up_to in enumerate(reached) if up_to > (n - 1) // 2)
    high = next(i for i, up_to in enumerate(reached) if up_to > n // 2)
    return ordered[low][0], ordered[high][0]
