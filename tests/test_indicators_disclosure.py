"""No indicator tells of a few people, by itself or taken from others and from the tables of the same round."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.expressions import Expression
from tests.support.reader import ITEMS, Crowd, Reader, Sum, echelon, is_in, people, reduced, shown, survey

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
sizes = st.one_of(st.integers(1, 14), st.integers(1, 14), st.integers(60, 250))
crowds = st.lists(st.tuples(answers, sizes), max_size=9)


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
        reader, before = Reader(crowd, seen, item, minimum), Reader(crowd, replace(seen, columns=()), item)
        hidden = {cell.name for cell in seen.tables[item].cells or () if cell.count is None}
        for cell in next(table for table in seen.counted.tables if table.question.name == item).cells or ():
            if cell.count and cell.name in hidden:
                assert not reader.tells({(cell.name,): Fraction(1)}), (item, cell.name)
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
