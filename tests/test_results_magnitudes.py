"""Mean, median, extremes and deviation tell of nobody, whatever a reader knows of the question and of the rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.questionnaire import Question, Scale
from bot.flows.session import AnswerStatus, Outcome
from bot.results.disclosure import protect
from bot.results.magnitudes import protected
from bot.results.source import ValueCount
from bot.results.summary import summarize_dates, summarize_numbers
from bot.results.tabulate import assemble
from bot.results.tabulation import QuestionTable, Statistics
from tests.support.results import ask, questionnaire

Shown = tuple[Any, ...]


def shown(statistics: Statistics) -> Shown:
    """Count, mean, median, minimum, maximum and deviation, as a reader sees them."""
    exact = (
        statistics.mean,
        statistics.median,
        statistics.minimum,
        statistics.maximum,
        statistics.standard_deviation,
    )
    return (statistics.count, *(round(one, 9) if isinstance(one, float) else one for one in exact))


def of(numbers: Mapping[float, int], minimum: int = 5) -> Statistics:
    """What is shown of numbers that were given so often."""
    return protected(summarize_numbers(numbers), minimum)


@pytest.mark.parametrize(
    ("minimum", "people", "most"),
    [
        *((3, people, 5) for people in range(3, 11)),
        *((3, people, 2) for people in (12, 14, 18)),
        (3, 9, 10),
        *((5, people, 4) for people in (5, 6, 8, 10, 12)),
        *((5, people, 2) for people in (15, 20, 30)),
        (5, 20, 3),
    ],
)
def test_a_reader_who_tries_all_that_people_may_have_given_finds_no_few(
    minimum: int, people: int, most: int
) -> None:
    """Range, step, number of people and rules are known: all that looks alike has no small count in common."""
    alike: defaultdict[Shown, list[Counter[float]]] = defaultdict(list)
    for numbers in combinations_with_replacement(range(most + 1), people):
        alike[shown(of(Counter(numbers), minimum))].append(Counter(numbers))
    for seen, possible in alike.items():
        for number in range(most + 1):
            counts = {one[number] for one in possible}
            assert len(counts) > 1 or not 0 < min(counts) < minimum, (seen, number, possible)
        for end in (0, most):
            away = {people - one[end] for one in possible}
            assert not (min(away) > 0 and max(away) < minimum), (seen, end, possible)


def test_a_mean_close_to_the_least_is_not_shown() -> None:
    assert of({0: 19, 1: 1}).mean is None
    assert of({0: 19, 60: 1}).mean is None
    assert of({0: 40, 1: 4}).mean is None
    assert of({0: 40, 1: 5}).mean == pytest.approx(5 / 45)
    assert of({1: 4, 2: 40}).mean is None


def test_nobody_and_no_two_make_up_a_mean() -> None:
    assert of({10: 10, 12: 6, 14: 3, 1000: 1}).mean is None
    assert of({10: 10, 12: 6, 14: 3, 24: 1}).mean == pytest.approx((100 + 72 + 42 + 24) / 20)


def test_a_mean_rests_on_twice_the_minimum() -> None:
    assert of(dict.fromkeys(range(20, 29), 1)).mean is None
    assert of(dict.fromkeys(range(20, 30), 1)).mean == 24.5


def test_a_median_is_shown_only_when_enough_people_gave_it() -> None:
    one = {float(number): 1 for number in range(15)}
    assert of(one).median is None
    assert of(one | {7.0: 4}).median is None
    assert of(one | {7.0: 5}).median is None  # fourteen others: too few beside it
    assert of(one | {15.0: 1, 7.0: 5}).median == 7
    # Of two values in the middle, each.
    assert of({1.5: 4, 20.25: 6, 30: 6, 99: 4}).median is None
    assert of({1.5: 8, 20.25: 6, 30: 6, 99: 4, 100: 4}).median == (20.25 + 30) / 2


def test_an_extreme_is_shown_only_when_enough_people_gave_it() -> None:
    people: dict[float, int] = {20: 30, 30: 10, 40: 4, 99: 1, **dict.fromkeys(range(50, 61), 1)}
    found = of(people)
    assert (found.minimum, found.maximum) == (20, None)
    assert found.mean is not None


@pytest.mark.parametrize("value", [40, 60])
def test_what_is_shown_and_a_mean_do_not_tell_what_a_few_others_gave(value: int) -> None:
    """Five gave the least, five the greatest and five the median: the mean would tell what the last one gave."""
    numbers: dict[float, int] = {20: 5, 30: 6, 80: 5, value: 1}
    found = of(numbers)
    assert found.mean is not None
    assert (found.median, found.minimum, found.maximum) == (None, None, None)


def test_where_enough_gave_each_value_all_is_shown() -> None:
    numbers: dict[float, int] = {20: 5, 60: 5}
    assert of(numbers) == summarize_numbers(numbers)
    assert of({20: 6}).minimum == 20


def test_a_deviation_is_shown_of_many_people() -> None:
    assert of({float(age): 1 for age in range(20, 70)}).standard_deviation is not None
    assert of({float(age): 1 for age in range(20, 69)}).standard_deviation is None
    # Of three numbers, the mean and the deviation tell how often each was given.
    assert of({0: 60, 1: 40, 2: 2}).mean is not None
    assert of({0: 60, 1: 40, 2: 2}).standard_deviation is None


def test_a_date_is_shown_when_enough_people_gave_it() -> None:
    few = protected(summarize_dates({"2024-01-01": 2, "2024-02-01": 2, "2024-03-01": 3}), 5)
    assert (few.minimum, few.median, few.maximum) == (None, None, None)
    many = protected(summarize_dates({"2024-01-01": 9, "2024-02-01": 5, "2024-03-01": 3}), 5)
    assert (many.minimum, many.median, many.maximum) == ("2024-01-01", "2024-01-01", None)


@settings(max_examples=200)
@given(st.dictionaries(st.integers(0, 40), st.integers(1, 30), max_size=12), st.sampled_from([3, 5, 10]))
def test_what_is_shown_is_so(numbers: dict[float, int], minimum: int) -> None:
    exact = summarize_numbers(numbers)
    for true, seen in zip(shown(exact), shown(protected(exact, minimum)), strict=True):
        assert seen in {None, true}


def table(question: Question, numbers: Mapping[float, int]) -> QuestionTable:
    rows = [ValueCount(question.name, AnswerStatus.ANSWERED, number, n) for number, n in numbers.items()]
    counted = assemble(questionnaire(question), {Outcome.COMPLETE: sum(numbers.values())}, rows)
    (found,) = protect(counted, 5).tables
    return found


def test_a_question_says_that_a_statistic_is_suppressed() -> None:
    age = table(ask("age", "integer"), {20: 30, 30: 30, 99: 1})
    assert (age.base, age.suppressed) == (61, True)
    assert not table(ask("age", "integer"), {20: 30, 30: 30}).suppressed


def test_beside_a_whole_distribution_all_statistics_are_shown() -> None:
    rating = table(ask("rating", "range", scale=Scale(1, 3)), {1: 20, 2: 5})
    assert rating.statistics == summarize_numbers({1: 20, 2: 5})
