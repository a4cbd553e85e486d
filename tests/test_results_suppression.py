"""A suppressed count cannot be worked out from what is shown, by subtraction, bounds or knowledge of the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.questionnaire import LocalizedText, Questionnaire, Scale
from bot.flows.rounds import Round, RoundState
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.disclosure import protect
from bot.results.json_writer import as_json
from bot.results.source import ValueCount
from bot.results.suppression import SKIPPED, Cells, effective_minimum, hidden_cells
from bot.results.tabulate import assemble
from bot.results.tabulation import Tabulation
from tests.support.results import ask, choices, questionnaire

Seen: TypeAlias = tuple[int | None, ...]


# -- one question, against a reader who knows the rules ------------------------------------------------------


def seen(cells: Cells, minimum: int) -> Seen:
    """Asked, base and every cell, as they are shown."""
    hidden = hidden_cells(cells, minimum)
    if hidden is None:
        return (cells.asked if cells.asked >= minimum else None, None, *(None for _ in cells.counts))
    base = None if SKIPPED in hidden else cells.base
    return (
        cells.asked,
        base,
        *(None if place in hidden else count for place, count in enumerate(cells.counts)),
    )


def tables_of_one_answer(answers: int, most: int) -> Iterator[Cells]:
    for counts in product(range(most + 1), repeat=answers + 1):
        if sum(counts) <= most:
            yield Cells(counts, base=sum(counts[1:]))


def tables_of_several_answers(exclusive: int, shared: int, most: int) -> Iterator[Cells]:
    for counts in product(range(most + 1), repeat=1 + exclusive + shared):
        alone, together = sum(counts[: 1 + exclusive]), counts[1 + exclusive :]
        for people in range(max(together), min(sum(together), most - alone) + 1):
            base = alone - counts[SKIPPED] + people
            yield Cells(counts, base, multiple=True, exclusive=frozenset(range(1, 1 + exclusive)))


CASES = {
    "one choice": tables_of_one_answer(1, 30),
    "two choices": tables_of_one_answer(2, 26),
    "three choices": tables_of_one_answer(3, 18),
    "several of two": tables_of_several_answers(0, 2, 17),
    "several of two, or none": tables_of_several_answers(1, 2, 13),
    "one, or none, or nothing": tables_of_several_answers(2, 1, 13),
    "several of three": tables_of_several_answers(0, 3, 10),
}


@pytest.mark.parametrize("case", CASES)
def test_every_table_shares_its_appearance_with_others(case: str) -> None:
    """The reader's whole knowledge: for each appearance, all the tables that look so; no hidden count is the same."""
    tables = list(CASES[case])
    for minimum in (3, 4, 5):
        alike: defaultdict[Seen, list[Seen]] = defaultdict(list)
        for cells in tables:
            alike[seen(cells, minimum)].append((cells.asked, cells.base, *cells.counts))
        for shown, possible in alike.items():
            for place, count in enumerate(shown):
                values = {table[place] for table in possible}
                assert values == {count} if count is not None else len(values) > 1, (minimum, shown, possible)
                assert count is None or count == 0 or count >= minimum


def test_what_is_large_is_shown() -> None:
    assert hidden_cells(Cells((0, 40, 30, 7), base=77), 5) == frozenset()
    assert hidden_cells(Cells((0, 40, 30, 2), base=72), 5) == {3, 2}
    assert hidden_cells(Cells((9, 40, 30, 7), base=77), 5) == frozenset()
    assert hidden_cells(Cells((0, 40, 0, 0), base=40), 5) == frozenset()


@pytest.mark.parametrize(("stated", "effective"), [(0, 0), (1, 0), (2, 3), (3, 3), (5, 5), (10, 10)])
def test_a_minimum_that_could_not_protect_is_raised(stated: int, effective: int) -> None:
    assert effective_minimum(stated) == effective


# -- a whole round, against a reader who adds and subtracts --------------------------------------------------

SURVEY = questionnaire(
    ask("first", "select_one", choices=choices("yes", "no", "dont_know")),
    ask("after_yes", "select_one", relevant="${first} = 'yes'", choices=choices("a", "b")),
    ask("after_others", "range", relevant="${first} != 'yes'", scale=Scale(1, 3)),
    ask("after_a", "text", relevant="${after_yes} = 'a'"),
    ask("topics", "select_multiple", choices=choices("x", "y", "z", "none")),
    ask("age", "integer"),
)
ROUTES = {"after_yes": ("first", ("yes",)), "after_a": ("after_yes", ("a",))}
"""Questions that exactly those are asked who gave one of these answers."""

answer = st.fixed_dictionaries(
    {
        "first": st.sampled_from(["yes", "yes", "yes", "no", "dont_know", None]),
        "after_yes": st.sampled_from(["a", "a", "b", None]),
        "after_others": st.sampled_from([1, 1, 2, 3, None]),
        "after_a": st.sampled_from(["words", None]),
        "topics": st.sampled_from([("x",), ("x", "y"), ("x", "y", "z"), ("none",), None]),
        "age": st.sampled_from([20, 20, 30, 41, None]),
    }
)
crowd = st.lists(st.tuples(answer, st.integers(1, 12)), max_size=8)


def tabulation(people: Iterable[tuple[dict[str, Any], int]]) -> Tabulation:
    """The counts of so many people of each kind, all of whom submitted: what was off their route is left out."""
    rows: list[ValueCount] = []
    total = 0
    for answers, count in people:
        total += count
        asked = {"first", "topics", "age"} | (
            {"after_yes"} if answers["first"] == "yes" else {"after_others"}
        )
        if answers["first"] == "yes" and answers["after_yes"] == "a":
            asked.add("after_a")
        for name in sorted(asked):
            value: Value | None = answers[name]
            status = AnswerStatus.SKIPPED if value is None else AnswerStatus.ANSWERED
            rows.append(ValueCount(name, status, None if name == "after_a" else value, count))
    return assemble(SURVEY, {Outcome.COMPLETE: total}, rows)


def shown_of(counted: Tabulation, minimum: int, survey: Questionnaire = SURVEY) -> dict[str, Any]:
    text = LocalizedText.of("Round")
    round_ = Round(1, "R", text, text, text, "office", RoundState.OPEN, survey, ("en",), minimum_cell=minimum)
    return as_json(counted, round_, "en")


class Attack:
    """What follows for hidden counts from sums and bounds that the reader knows."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.low: dict[str, int] = {}
        self.high: dict[str, int] = {}
        self.sums: list[tuple[str, tuple[str, ...]]] = []
        """A total and what adds up to it."""
        people = document["respondents"]["complete"]
        for question in document["questions"]:
            self.add(question, people)
        for routed, (parent, names) in ROUTES.items():
            self.sums.append((f"{routed}.asked", tuple(f"{parent}={name}" for name in names)))
        self.sums.append(
            ("after_others.asked", ("first=no", "first=dont_know", "first.skipped")),
        )
        self.deduce()

    def add(self, question: dict[str, Any], people: int) -> None:
        name = question["name"]
        cells = {f"{name}={choice['name']}": choice["count"] for choice in question.get("choices", ())}
        margins = {f"{name}.{margin}": question[margin] for margin in ("asked", "base", "skipped")}
        # Where zeros are shown, what is hidden is none.
        least = int(0 in [*cells.values(), question["skipped"]])
        for key, count in (margins | cells).items():
            self.low[key] = least if count is None else count
            self.high[key] = people if count is None else count
        if name in {"first", "topics", "age"}:
            self.low[f"{name}.asked"] = people
        self.sums.append((f"{name}.asked", (f"{name}.base", f"{name}.skipped")))
        if name == "topics":
            self.low[f"{name}.others"], self.high[f"{name}.others"] = 0, people
            self.sums.append((f"{name}.base", (f"{name}.others", "topics=none")))
        elif cells:
            self.sums.append((f"{name}.base", tuple(cells)))

    def deduce(self) -> None:
        """Narrow each count to what the others leave it, until nothing moves."""
        for _ in range(200):
            before = (dict(self.low), dict(self.high))
            for total, parts in self.sums:
                self.narrow(total, sum(self.low[p] for p in parts), sum(self.high[p] for p in parts))
                for part in parts:
                    rest = [other for other in parts if other != part]
                    self.narrow(
                        part,
                        self.low[total] - sum(self.high[other] for other in rest),
                        self.high[total] - sum(self.low[other] for other in rest),
                    )
            ticked = ["topics=x", "topics=y", "topics=z"]
            self.narrow(
                "topics.others",
                max(self.low[choice] for choice in ticked),
                sum(self.high[choice] for choice in ticked),
            )
            for choice in ticked:
                self.narrow(choice, 0, self.high["topics.others"])
            if before == (self.low, self.high):
                break
        assert all(self.low[key] <= high for key, high in self.high.items()), "what was assumed is not so"

    def narrow(self, key: str, low: int, high: int) -> None:
        self.low[key] = max(self.low[key], low)
        self.high[key] = min(self.high[key], high)

    def solved(self) -> set[str]:
        """The counts that the sums alone determine, by elimination."""
        unknown = sorted(key for key in self.low if self.low[key] != self.high[key])
        column = {key: place for place, key in enumerate(unknown)}
        matrix = []
        for total, parts in self.sums:
            row = [Fraction(0)] * len(unknown)
            for sign, key in ((-1, total), *((1, part) for part in parts)):
                if key in column:
                    row[column[key]] += sign
            matrix.append(row)
        rank = 0
        for place in range(len(unknown)):
            pivot = next((r for r in range(rank, len(matrix)) if matrix[r][place]), None)
            if pivot is None:
                continue
            matrix[rank], matrix[pivot] = matrix[pivot], matrix[rank]
            matrix[rank] = [entry / matrix[rank][place] for entry in matrix[rank]]
            for other in range(len(matrix)):
                if other != rank and matrix[other][place]:
                    factor = matrix[other][place]
                    matrix[other] = [
                        entry - factor * lead for entry, lead in zip(matrix[other], matrix[rank], strict=True)
                    ]
            rank += 1
        return {unknown[row.index(1)] for row in matrix[:rank] if sum(map(bool, row)) == 1}


@settings(max_examples=100)
@given(crowd, st.sampled_from([2, 3, 5, 10]))
def test_no_suppressed_count_follows_from_what_is_shown(
    people: list[tuple[dict[str, Any], int]], minimum: int
) -> None:
    counted = tabulation(people)
    document = shown_of(counted, minimum)
    attack = Attack(document)
    solved = attack.solved()
    for question in document["questions"]:
        name = question["name"]
        cells = {f"{name}={choice['name']}": choice["count"] for choice in question.get("choices", ())}
        margins = {f"{name}.{margin}": question[margin] for margin in ("asked", "base", "skipped")}
        # Everybody is asked the questions without a condition: the funnel says so.
        unconditional = name in {"first", "topics", "age"}
        for key, count in (margins | cells).items():
            if count is None and not (unconditional and key == f"{name}.asked"):
                assert attack.low[key] < attack.high[key], (key, attack.low[key])
                assert key not in solved
            assert count is None or count == 0 or count >= minimum
        hidden = [key for key, count in (margins | cells).items() if count is None]
        assert question["suppressed"] or not hidden
        for choice in question.get("choices", ()):
            assert (choice["share"] is None) == (choice["count"] is None or not question["base"])


@given(crowd)
def test_zero_turns_suppression_off(people: list[tuple[dict[str, Any], int]]) -> None:
    counted = tabulation(people)

    assert protect(counted, 0) is counted
    assert not any(question["suppressed"] for question in shown_of(counted, 0)["questions"])


@given(crowd, st.sampled_from([3, 5]))
def test_suppression_changes_no_count_that_it_shows(
    people: list[tuple[dict[str, Any], int]], minimum: int
) -> None:
    counted = tabulation(people)
    truth, shown = (shown_of(counted, cell)["questions"] for cell in (0, minimum))
    for true, seen_ in zip(truth, shown, strict=True):
        for margin in ("asked", "base", "skipped"):
            assert seen_[margin] in {None, true[margin]}
        for counted_choice, choice in zip(true.get("choices", ()), seen_.get("choices", ()), strict=True):
            assert choice["name"] == counted_choice["name"]
            assert choice["count"] in {None, counted_choice["count"]}
            assert choice["share"] in {None, counted_choice["share"]}


def question(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(question for question in document["questions"] if question["name"] == name)


def everyone(**answers: Any) -> dict[str, Any]:
    return {
        "first": "yes",
        "after_yes": "b",
        "after_others": 1,
        "after_a": None,
        "topics": ("x",),
        "age": 20,
    } | answers


def test_the_number_asked_is_hidden_where_it_would_tell_who_was_not() -> None:
    """50 yes and 3 no of 53: showing that 50 were asked what follows a *yes* would say 3."""
    people = [
        (everyone(after_yes="a"), 20),
        (everyone(after_yes="b"), 30),
        (everyone(first="no", after_others=1), 3),
    ]
    document = shown_of(tabulation(people), 5)

    assert document["respondents"]["complete"] == 53
    first, after = question(document, "first"), question(document, "after_yes")
    assert [choice["count"] for choice in first["choices"]] == [None, None, 0]
    assert (after["asked"], after["base"]) == (None, None)
    assert [choice["count"] for choice in after["choices"]] == [None, 30]
    assert [choice["share"] for choice in after["choices"]] == [None, None]


def test_a_companion_on_the_same_side_leaves_the_number_asked_shown() -> None:
    people = [
        (everyone(), 50),
        (everyone(first="no"), 3),
        (everyone(first="dont_know"), 12),
    ]
    document = shown_of(tabulation(people), 5)

    assert [choice["count"] for choice in question(document, "first")["choices"]] == [50, None, None]
    assert question(document, "after_yes")["base"] == 50


def test_a_mean_goes_with_what_is_hidden_in_its_distribution() -> None:
    people = [
        (everyone(first="no", after_others=value), count) for value, count in ((1, 20), (2, 30), (3, 2))
    ]
    rating = question(shown_of(tabulation(people), 5), "after_others")

    assert [choice["count"] for choice in rating["choices"]] == [None, 30, None]
    assert rating["base"] == 52
    assert rating["statistics"] == {"count": 52} | dict.fromkeys(
        ("mean", "median", "minimum", "maximum", "standard_deviation")
    )


def test_a_small_group_shows_nothing_but_the_funnel() -> None:
    document = shown_of(tabulation([(everyone(), 4)]), 5)

    assert document["respondents"]["started"] == 4
    for shown in document["questions"]:
        assert shown["suppressed"]
        assert {shown["asked"], shown["base"], shown["skipped"], shown["item_nonresponse"]} == {None}
        assert {choice["count"] for choice in shown.get("choices", ())} <= {None}
        assert set(shown.get("statistics", {}).values()) <= {None}


def test_countries_of_a_small_group_are_not_even_named() -> None:
    survey = questionnaire(ask("home", "select_one", choice_list="country"))
    rows = [ValueCount("home", AnswerStatus.ANSWERED, code, 2) for code in ("FJ", "TO")]
    counted = assemble(survey, {Outcome.COMPLETE: 4}, rows)

    assert question(shown_of(counted, 5, survey), "home")["choices"] == []
