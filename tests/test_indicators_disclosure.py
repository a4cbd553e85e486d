"""No indicator tells of a few people, by itself or taken from others and from the tables of the same round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, combinations
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.expressions import Expression
from bot.flows.indicators import Axis, Column, Indicators, Item
from bot.flows.questionnaire import Questionnaire
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.disclosure import protect
from bot.results.indicators.disclosure import permit
from bot.results.indicators.numbers import ColumnNumbers, Number, compute
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

    def __init__(self, crowd: Crowd, seen: Shown, item: str) -> None:
        self.item = item
        self.places = MEANS if item == "means" else ("",)
        self.crowd = [answers for answers, _ in crowd]
        self.sizes = [count for _, count in crowd]
        self.scored = [n for n, answers in enumerate(self.crowd) if worth(item, answers) is not None]
        self.doubting = [n for n, answers in enumerate(self.crowd) if "dont_know" in str(answers.get(item))]
        self.sums: list[Sum] = []
        self.table(seen.tables[item])
        for column in seen.columns:
            self.column(column, column.numbers[f"{item}/*"])
        self.solved = echelon(self.sums)

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


answers = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["staff", "public", "public", None]),
        "place": st.sampled_from(["north", "south", "west", None]),
        "office": st.sampled_from(["a", "b", "c", None]),
        "open": st.sampled_from(["yes", "yes", "no", "dont_know", None]),
        "rated": st.sampled_from(["1", "2", "4", "4", "5", "dont_know", "not_applicable", None]),
        "means": st.sampled_from([("web",), ("web", "radio"), ("none",), ("dont_know",), None]),
        "told": st.sampled_from(["yes", "no", "dont_know"]),
    },
    optional={
        "groups": st.sampled_from([("women",), ("women", "youth"), ("youth", "elders"), ("elders",), None])
    },
)
crowds = st.lists(st.tuples(answers, st.integers(1, 14)), max_size=9)


@settings(max_examples=400)
@given(
    crowds,
    st.sampled_from(
        [("staff", "public"), ("staff", "public", "groups"), ("places",), ("staff", "places"), ("offices",)]
    ),
    st.sampled_from([3, 5, 10]),
)
def test_nothing_of_a_few_people_follows_from_the_numbers_and_the_tables(
    crowd: Crowd, names: tuple[str, ...], minimum: int
) -> None:
    seen = shown(survey(*names), crowd, minimum)
    for item in ITEMS:
        reader, before = Reader(crowd, seen, item), Reader(crowd, replace(seen, columns=()), item)
        hidden = {cell.name for cell in seen.tables[item].cells or () if cell.count is None}
        for cell in next(table for table in seen.counted.tables if table.question.name == item).cells or ():
            if cell.count and cell.name in hidden:
                assert not reader.tells({(cell.name,): ONE}), (item, cell.name)
        for what, wanted in reader.few(minimum):
            # A zero in a table may say of the few who answered that they did not say so.
            assert not reader.tells(wanted) or before.tells(wanted), (item, what)
        for column in seen.columns:
            for number in column.numbers.values():
                assert number.smallest is None or number.smallest >= minimum


@settings(max_examples=200)
@given(
    crowds,
    st.sampled_from([("all/*", "half/*"), ("half/*", "open/*"), ("all/*", "rated/*", "told/*")]),
    st.sampled_from([3, 5]),
)
def test_shares_of_several_questions_tell_no_small_one_apart(
    crowd: Crowd, numbers: tuple[str, ...], minimum: int
) -> None:
    form = survey("staff", "public", numbers=numbers)
    seen = shown(form, crowd, minimum)
    readers = {item: Reader(crowd, replace(seen, columns=()), item) for item in ITEMS}
    sums = [named(item, one) for item, reader in readers.items() for one in reader.sums]
    assert form.indicators is not None
    for column in seen.columns:
        for name, number in column.numbers.items():
            if number.dont_know is not None:
                known: Sum = {}
                for entering, _ in form.indicators.members(name):
                    reader = readers[entering.name]
                    inside = (n for n in reader.doubting if is_in(column, crowd[n][0]))
                    known |= named(entering.name, reader.doubts(inside))
                sums.append(known)
    solved, before = echelon(sums), echelon(named(item, one) for item, r in readers.items() for one in r.sums)
    for item, reader in readers.items():
        for what, wanted in reader.few(minimum):
            if "know" in what:
                assert reduced(named(item, wanted), solved) or not reduced(named(item, wanted), before), what


def named(item: str, one: Sum) -> Sum:
    return {(item, *unknown): factor for unknown, factor in one.items()}


# -- by hand -------------------------------------------------------------------------------------------------


def people(count: int, **answers: Value | None) -> tuple[Mapping[str, Value | None], int]:
    return {"role": "public", **answers}, count


def test_the_few_outside_a_column_are_not_its_difference_from_the_table_of_everybody() -> None:
    crowd = [people(20, told="yes"), people(15, told="no"), people(3, role="staff", told="no")]
    seen = shown(survey("public"), crowd, 5)
    # The table shows 20 yes and 18 no; the public alone would be 20 and 15.
    assert [cell.count for cell in seen.tables["told"].cells or ()] == [20, 18, 0]
    assert seen.number("public", "told/*").largest is None

    five = [*crowd[:2], people(5, role="staff", told="no")]
    assert shown(survey("public"), five, 5).number("public", "told/*").score == Fraction(20, 35)


def test_the_smallest_column_is_left_out_for_one_that_is_too_small() -> None:
    crowd = [people(30, place="north", told="no"), people(9, place="south", told="no")]
    crowd += [people(30, place="north", told="yes"), people(9, place="south", told="yes")]
    crowd += [people(2, place="west", told="no")]
    seen = shown(survey("places"), crowd, 5)
    assert {one.value: one.numbers["told/*"].largest for one in seen.columns} == {"north": 60}


def test_columns_together_tell_no_count_that_the_table_hides() -> None:
    crowd = [people(12, told="no"), people(2, role="staff", told="yes"), people(20, role="staff", told="no")]
    seen = shown(survey("staff", "public"), crowd, 5)
    assert [cell.count for cell in seen.tables["told"].cells or ()] == [None, None, 0]
    assert seen.number("staff", "told/*").score == Fraction(2, 22)
    assert seen.number("public", "told/*").score is None


def test_two_means_of_the_same_people_tell_no_small_office_apart() -> None:
    one = [people(1, role="staff", office="a", told="yes"), people(19, role="staff", office="b", told="no")]
    both = [*one, people(6, role="staff", office="b", told="yes")]
    assert shown(survey("offices"), both, 5).number("offices", "told/*").largest is None
    # With a third office, of another size, the two means no longer tell what one office said.
    third = [*both, people(8, role="staff", office="c", told="no")]
    assert shown(survey("offices"), third, 5).number("offices", "told/*").largest == 34


def test_a_group_less_a_group_within_it_is_not_of_a_few() -> None:
    crowd = [people(10, groups=("women",), told="yes"), people(10, groups=("women",), told="no")]
    crowd += [people(2, groups=("youth",), told="no")]
    seen = shown(survey("public", "groups"), crowd, 5)
    assert seen.number("public", "told/*").largest == 22
    assert {one.value for one in seen.columns} == {None}


def test_coverage_does_not_tell_that_a_few_called_something_not_applicable() -> None:
    crowd = [people(8, told="yes"), people(8, told="no"), people(2, rated="not_applicable")]
    seen = shown(survey("public"), crowd, 5)
    assert seen.number("public", "rated/*").coverage == 0
    more = [*crowd, people(3, rated="not_applicable")]
    assert shown(survey("public"), more, 5).number("public", "rated/*").coverage is None


def test_who_scores_nothing_without_being_asked_is_not_counted_by_the_base() -> None:
    form = survey("public")
    assert form.indicators is not None
    gate = Expression.parse("${open} = 'no'")
    items = tuple(replace(i, zero=gate) if i.name == "told" else i for i in form.indicators.items)
    form = replace(form, indicators=replace(form.indicators, items=items))
    crowd = [
        people(15, open="yes", told="yes"),
        people(15, open="yes", told="no"),
        people(9, open="dont_know"),
    ]
    # The three who said no are not asked further: 33 in the column less 30 in the table would tell them.
    assert shown(form, [*crowd, people(3, open="no")], 5).number("public", "told/*").largest is None
    assert shown(form, [*crowd, people(6, open="no")], 5).number("public", "told/*").largest == 36
