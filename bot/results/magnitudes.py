"""Which statistics of numbers or dates are not shown, so that they tell nothing of a few people.

Where at least the minimum gave each value that was given, all of them are shown: so would a table be. Else the
rules for magnitudes hold, with the minimum cell as their threshold:

* A median, a minimum or a maximum is one person's value, so as many must have given it as a cell needs; of the
  two values in the middle, each. (Brandt and others, *Guidelines for the checking of output based on microdata
  research*, ESSnet SDC 2010, on extremes and percentiles; Statistics Denmark too wants five people behind a
  percentile.)
* A mean rests on twice the minimum, as those guidelines want ten people for one; as many as a cell needs are
  away from the least and from the greatest value given; and no two make up nearly all of what there is above
  the least or below the greatest: the (n, k)-dominance rule (*Handbook on Statistical Disclosure Control*,
  chapter 4), of which the German Bundesbank takes n = 2 and k = 85 for means
  (https://cran.r-project.org/package=sdcLog).
* Whoever knows range, step and rules tries all that people may have given: a mean of 0.05 children of twenty
  people is one child, and mean, median and deviation of a few whole numbers tell which numbers they are (Derrick
  and others, *The risk of disclosure when reporting commonly used univariate statistics*, 2022). So a mean of
  whole numbers is several steps away from both ends, the others are shown only of numbers that range widely, and
  only beside enough people whose values are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, islice, repeat
from math import fsum

from bot.results.summary import middle
from bot.results.tabulation import Statistics

PEOPLE_OF_MEAN = 2
"""On how many people a mean rests; this and the next two in times the minimum."""
ROOM = 3
"""Of how many people no value is shown beside a median or an extreme, and how many steps a mean is away from an end."""
ROOM_OF_DEVIATION = 10
"""Of how many people no value is shown beside a deviation."""
WIDE = 10
"""From how many steps on whole numbers are not tried out one by one."""
MOST_OF_TWO = 0.85
"""The share of a sum that two people may make up at most."""


def protected(statistics: Statistics, minimum: int) -> Statistics:
    """The statistics with `None` for those that could tell what fewer people than the minimum gave."""
    given = dict(statistics.given)
    if all(people >= minimum for people in given.values()):
        return statistics
    count = sum(given.values())
    numbers = {value: people for value, people in given.items() if not isinstance(value, str)}
    whole = all(value == int(value) for value in numbers)
    narrow = bool(numbers) and whole and max(numbers) - min(numbers) < WIDE
    low, high = middle(statistics.given, count)
    # Of an even number of dates, the earlier one is the median.
    halves = {low, high} if numbers else {low}
    ends = {value for value in (min(given), max(given)) if given[value] >= minimum}
    if any(given[value] < minimum for value in halves):
        halves = set()
    if narrow:
        ends, halves = set(), set()

    def hidden() -> int:
        return count - sum(given[value] for value in ends | halves)

    room = ROOM * minimum if numbers else minimum
    if hidden() < room:
        ends = set()  # the median is worth more
    if hidden() < room:
        halves = set()
    averages = count >= PEOPLE_OF_MEAN * minimum and _is_spread(numbers, minimum, whole=whole)
    deviates = averages and not narrow and hidden() >= ROOM_OF_DEVIATION * minimum
    return replace(
        statistics,
        mean=statistics.mean if averages else None,
        median=statistics.median if halves else None,
        minimum=statistics.minimum if statistics.minimum in ends else None,
        maximum=statistics.maximum if statistics.maximum in ends else None,
        standard_deviation=statistics.standard_deviation if deviates else None,
    )


def _is_spread(numbers: Mapping[float, int], minimum: int, *, whole: bool) -> bool:
    """Whether enough people, of whom no two matter most, are away from the least and from the greatest."""
    ordered = sorted(numbers.items())
    for way in (ordered, ordered[::-1]):
        away = [(abs(value - way[0][0]), people) for value, people in way[1:]]
        total = fsum(distance * people for distance, people in away)
        two = islice(chain.from_iterable(repeat(*one) for one in reversed(away)), 2)
        if (
            sum(people for _, people in away) < minimum
            or (whole and total < ROOM * minimum)
            or sum(two) > MOST_OF_TWO * total
        ):
            return False
    return True
