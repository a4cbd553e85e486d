"""A round that is shown with its tables and numbers, and a reader who solves for what is not shown of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, combinations
from typing import Any, TypeAlias

from bot.flows.expressions import Expression
from bot.flows.indicators import Axis, Column, Indicators, Item
from bot.flows.questionnaire import Questionnaire
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.disclosure import protect
from bot.results.indicators.disclosure import permit
from bot.results.indicators.numbers import ColumnNumbers, Number, Status, compute
from bot.results.indicators.scoring import Scorer
from bot.results.indicators.tally import tally
from bot.results.source import ValueCount
from bot.results.tabulate import assemble
from bot.results.tabulation import QuestionTable, Tabulation
from tests.support.results import ask, choices, questionnaire

Crowd: TypeAlias = Sequence[tuple[Mapping[str, Value | None], int]]
"""People of a kind, and how many of them."""
ITEMS = ("open", "rated", "means", "told")
SCORES = {"yes": 1, "no": 0} | {str(step): Fraction(step - 1, 4) for step in range(1, 6)}
MEANS = ("web", "radio")


def columns(*names: str) -> tuple[Column, ...]:
    staff, public = Expression.parse("${role} = 'staff'"), Expression.parse("${role} = 'public'")
    every = (
        Column("staff", of=staff),
        Column("public", of=public),
        Column("groups", of=public, per="groups"),
        Column("places", per="place"),
        Column("offices", of=staff, within="office"),
    )
    return tuple(column for column in every if column.name in names)


def survey(*names: str, numbers: tuple[str, ...] = ("+/*", "*/+")) -> Questionnaire:
    """A questionnaire with these columns, where each question is also a number of its own."""
    asked = questionnaire(
        ask("role", "select_one", choices=choices("staff", "public")),
        ask("place", "select_one", choices=choices("north", "south", "west")),
        ask("groups", "select_multiple", choices=choices("women", "youth", "elders")),
        ask("office", "text"),
        ask("open", "select_one", choices=choices("yes", "no", "dont_know")),
        ask("rated", "select_one", choices=choices("1", "2", "3", "4", "5", "dont_know", "not_applicable")),
        ask("means", "select_multiple", choices=choices(*MEANS, "none", "dont_know")),
        ask("told", "select_one", choices=choices("yes", "no", "dont_know")),
    )
    facet = "+" if "*/+" in numbers else "*"
    indicators = Indicators(
        axes=(Axis("matter", ("all", "half", *ITEMS)), Axis("means", MEANS)),
        numbers=numbers,
        items=tuple(
            Item(
                name,
                "s",
                (name,),
                tuple(
                    f"{matter}/{facet if name == 'means' else '*'}"
                    for matter in ("all", name, *(("half",) if name in {"open", "told"} else ()))
                ),
            )
            for name in ITEMS
            if name != "means" or facet == "+"
        ),
        columns=columns(*names),
        differences=(),
        changes=(),
        rankings=(),
        labels={},
    )
    return replace(asked, indicators=indicators)


@dataclass(frozen=True)
class Shown:
    """What may be shown of a round."""

    counted: Tabulation
    tables: Mapping[str, QuestionTable]
    columns: tuple[ColumnNumbers, ...]

    def number(self, column: str, name: str, value: str | None = None) -> Number:
        found = (one for one in self.columns if (one.column.name, one.value) == (column, value))
        return next(found).numbers[name]


def shown(form: Questionnaire, crowd: Crowd, minimum: int) -> Shown:
    rows = [
        ValueCount(
            name,
            AnswerStatus.SKIPPED if value is None else AnswerStatus.ANSWERED,
            None if name == "office" else value,
            count,
        )
        for answers, count in crowd
        for name, value in answers.items()
    ]
    total = sum(count for _, count in crowd)
    counted = assemble(form, {Outcome.COMPLETE: total}, rows)
    assert form.indicators is not None
    scorer = Scorer(form, form.indicators)
    found = tally(scorer, (answers for answers, count in crowd for _ in range(count)))
    protected = protect(counted, minimum)
    numbers = compute(scorer, found, permit(scorer, found, counted, protected, minimum))
    return Shown(counted, {table.question.name: table for table in protected.tables}, numbers)


# -- a reader who knows everything but the answers -----------------------------------------------------------

Unknown: TypeAlias = tuple[Any, ...]
Sum: TypeAlias = dict[Unknown, Fraction]
ONE = Fraction(1)


class Reader:
    """Solves for what is not shown of one question, knowing who is in which column and who gave it a score."""

    def __init__(self, crowd: Crowd, seen: Shown, item: str, minimum: int = 0) -> None:
        self.item = item
        self.minimum = minimum
        self.places = MEANS if item == "means" else ("",)
        self.crowd = [answers for answers, _ in crowd]
        self.sizes = [count for _, count in crowd]
        self.scored = [n for n, answers in enumerate(self.crowd) if worth(item, answers) is not None]
        self.doubting = [n for n, answers in enumerate(self.crowd) if "dont_know" in str(answers.get(item))]
        self.sums: list[Sum] = []
        self.table(seen.tables[item])
        for column in seen.columns:
            number = column.numbers[f"{item}/*"]
            if number.status is not Status.BOUNDED:
                self.column(column, number)
        self.solved = echelon(self.sums)
        for column in seen.columns:
            number = column.numbers[f"{item}/*"]
            if number.status is Status.BOUNDED:
                self.bounded(column, number)

    def table(self, table: QuestionTable) -> None:
        """Everybody's scores and the counts of the choices add up to one another; what is shown is known."""
        cells = {cell.name: cell.count for cell in table.cells or ()}
        margins = {"asked": table.asked, "base": table.base, "skipped": table.skipped}
        self.sums += [{(name,): ONE} for name, count in (cells | margins).items() if count is not None]
        self.sums.append({("asked",): ONE, ("base",): -ONE, ("skipped",): -ONE})
        if self.item != "means":
            self.sums.append({(code,): ONE for code in cells} | {("base",): -ONE})
        unscored = {(code,): ONE for code in cells if code in {"dont_know", "not_applicable"}}
        self.sums.append(self.people(self.scored) | unscored | {("base",): -ONE})
        for place in self.places:
            choice = {(code,): -Fraction(code == place if place else SCORES.get(code, 0)) for code in cells}
            self.sums.append(self.scores(self.scored, place) | choice)
        self.sums.append(self.doubts(self.doubting) | {("dont_know",): -ONE})

    def column(self, column: ColumnNumbers, number: Number) -> None:
        """Of the number that is this question's alone: how many people it rests on, and their mean."""
        inside = [n for n in self.scored if is_in(column, self.crowd[n])]
        if number.largest is not None:
            offices = Counter[Any]()
            for n in inside:
                offices[self.crowd[n].get("office")] += self.sizes[n]
            offices[None] = 1
            self.sums.append(self.people(inside))
            for place in self.places:
                parts = self.scores(inside, place)
                if column.column.within:
                    parts = {p: ONE / offices[self.crowd[p[2]].get("office")] for p in parts}
                self.sums.append(parts)
        if number.dont_know is not None:
            self.sums.append(self.doubts(n for n in self.doubting if is_in(column, self.crowd[n])))

    def bounded(self, column: ColumnNumbers, number: Number) -> None:
        """Bounds come from the column and a few others: the reader finds out who, and takes their sums as told."""
        inside = [n for n in self.scored if is_in(column, self.crowd[n])]
        assert number.bounds is not None
        assert (number.score, number.dont_know) == (None, None)
        low, high = number.bounds
        here = sum(self.sizes[n] for n in inside)
        exact = sum(self.total(n, place) for n in inside for place in self.places) / here / len(self.places)
        assert number.smallest is not None
        assert number.largest is not None
        assert number.smallest <= here <= number.largest
        assert low <= exact <= high <= low + Fraction(1, 20)
        others = [n for n in self.scored if n not in inside]
        fitting = [
            few
            for few in chain.from_iterable(combinations(others, n) for n in range(1, len(others) + 1))
            if here + sum(self.sizes[n] for n in few) == number.largest
            and high == self.highest((*inside, *few), number.smallest)
        ]
        assert fitting
        assert number.largest - here < self.minimum
        told = [
            [self.people((*inside, *few)), *(self.scores((*inside, *few), place) for place in self.places)]
            for few in fitting
        ]
        if not any(all(map(self.tells, sums)) for sums in told):
            self.sums += told[0]
            self.solved = echelon(self.sums)

    def total(self, kind: int, place: str) -> Fraction:
        """The scores of all people of a kind."""
        value = self.crowd[kind][self.item]
        score = place in value if place and isinstance(value, tuple) else SCORES.get(str(value), 0)
        return self.sizes[kind] * Fraction(score)

    def highest(self, kinds: Sequence[int], people: int) -> Fraction:
        """What so many of these people came to at most, on average over what is scored by itself."""
        each = [min(ONE, sum(self.total(n, place) for n in kinds) / people) for place in self.places]
        return sum(each, Fraction(0)) / len(each)

    def people(self, kinds: Iterable[int]) -> Sum:
        return {("people", "", n): ONE for n in kinds}

    def scores(self, kinds: Iterable[int], place: str) -> Sum:
        return {("score", place, n): ONE for n in kinds}

    def doubts(self, kinds: Iterable[int]) -> Sum:
        return {("doubt", "", n): ONE for n in kinds}

    def tells(self, wanted: Sum) -> bool:
        """Whether a sum follows from what is shown."""
        return not reduced(wanted, self.solved)

    def few(self, minimum: int) -> Iterator[tuple[str, Sum]]:
        """What the reader must not learn: anything of fewer people than the minimum."""
        for what, kinds in (("scored", self.scored), ("doubting", self.doubting)):
            for group in chain.from_iterable(combinations(kinds, n) for n in range(1, len(kinds) + 1)):
                people = sum(self.sizes[n] for n in group)
                if people < minimum and what == "doubting":
                    yield f"{people} who do not know: {group}", self.doubts(group)
                elif people < minimum:
                    yield f"how many are {group}", self.people(group)
                    for place in self.places:
                        yield f"the scores of {people}: {group}", self.scores(group, place)


def worth(item: str, answers: Mapping[str, Value | None]) -> Fraction | None:
    value = answers.get(item)
    if value is None or "dont_know" in str(value) or value == "not_applicable":
        return None
    return ONE if isinstance(value, tuple) else Fraction(SCORES[str(value)])


def is_in(column: ColumnNumbers, answers: Mapping[str, Value | None]) -> bool:
    role = {"staff": "staff", "offices": "staff", "public": "public", "groups": "public"}.get(
        column.column.name
    )
    if role is not None and answers["role"] != role:
        return False
    value = answers.get(column.column.per or "")
    return column.value is None or (
        column.value in value if isinstance(value, tuple) else column.value == value
    )


def reduced(wanted: Sum, solved: list[tuple[Unknown, Sum]]) -> Sum:
    rest = {unknown: factor for unknown, factor in wanted.items() if factor}
    for first, parts in solved:
        factor = rest.get(first)
        if factor:
            for unknown, part in parts.items():
                rest[unknown] = rest.get(unknown, Fraction(0)) - factor * part
            rest = {unknown: part for unknown, part in rest.items() if part}
    return rest


def echelon(sums: Iterable[Sum]) -> list[tuple[Unknown, Sum]]:
    solved: list[tuple[Unknown, Sum]] = []
    for one in sums:
        rest = reduced(one, solved)
        if rest:
            first = next(iter(rest))
            solved.append((first, {unknown: part / rest[first] for unknown, part in rest.items()}))
    return solved


def people(count: int, **answers: Value | None) -> tuple[Mapping[str, Value | None], int]:
    return {"role": "public", **answers}, count
