"""Where a few others cannot be told from a column's people, it shows between what its numbers are."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot.authoring.library import instrument
from bot.flows.indicators import Column
from bot.results.html_writer import write_html
from bot.results.indicators.csv_writer import write_indicators_csv
from bot.results.indicators.json_writer import indicators_json
from bot.results.indicators.numbers import Status
from bot.results.indicators.tables import indicators_table
from bot.results.tabulate import assemble
from storage.store import Store
from tests.support.indicators import numbers_of, official, only
from tests.support.reader import Crowd, people, shown, survey
from tests.support.results import NOW

CITIZENS: Crowd = [people(92, told="yes"), people(108, told="no")]


def staff(count: int, told: str = "yes") -> tuple[Any, int]:
    return people(count, role="staff", told=told)


def test_three_officials_do_not_hide_two_hundred_citizens() -> None:
    seen = shown(survey("staff", "public"), [*CITIZENS, staff(3)], 5)
    number = seen.number("public", "told/*")
    assert (number.status, number.score, number.coverage) == (Status.BOUNDED, None, 1)
    # Up to four of the 95 of 203 who said yes are not citizens, and up to four who said no.
    assert number.bounds == (Fraction(95 - 4, 199), Fraction(95, 199))
    assert (number.smallest, number.largest) == (199, 203)
    assert seen.number("staff", "told/*").bounds is None
    # The table is what it is without indicators.
    assert [cell.count for cell in seen.tables["told"].cells or ()] == [95, 108, 0]


def test_five_officials_leave_it_exact() -> None:
    seen = shown(survey("staff", "public"), [*CITIZENS, staff(5)], 5)
    assert seen.number("public", "told/*").score == Fraction(92, 200)


def test_bounds_do_not_depend_on_what_the_few_said() -> None:
    """The table of everybody is the same, so whoever said what, the bounds are."""

    def bounds(yes: int) -> tuple[Fraction, Fraction] | None:
        few = [staff(count, told) for told, count in (("yes", yes), ("no", 3 - yes)) if count]
        crowd = [people(95 - yes, told="yes"), people(105 + yes, told="no"), *few]
        return shown(survey("staff", "public"), crowd, 5).number("public", "told/*").bounds

    assert {bounds(yes) for yes in range(4)} == {(Fraction(91, 199), Fraction(95, 199))}


def test_a_column_of_too_few_people_for_precise_bounds_shows_none() -> None:
    def found(count: int) -> Status:
        crowd = [people(40, told="yes"), people(count - 40, told="no"), staff(3)]
        return shown(survey("public"), crowd, 5).number("public", "told/*").status

    assert found(80) is Status.INSUFFICIENT
    assert found(81) is Status.BOUNDED


def test_one_person_elsewhere_does_not_hide_a_country() -> None:
    crowd = [people(9_000, place="north", told="yes"), people(1_000, place="north", told="no")]
    seen = shown(survey("places"), [*crowd, people(1, place="south", told="no")], 5)
    number = seen.number("places", "told/*", "north")
    assert number.bounds is not None
    low, high = number.bounds
    assert low < Fraction(9, 10) < high < low + Fraction(1, 2000)
    assert {one.value for one in seen.columns} == {"north"}


def test_only_the_smallest_of_several_is_bounded() -> None:
    crowd = [people(300, place="north", told="no"), people(100, place="south", told="yes")]
    seen = shown(survey("places"), [*crowd, people(2, place="west", told="no")], 5)
    assert seen.number("places", "told/*", "north").score == 0
    assert seen.number("places", "told/*", "south").bounds == (Fraction(96, 98), 1)


def test_two_columns_bounded_by_the_same_few_would_tell_them() -> None:
    crowd = [people(60, place=place, told=told) for place in ("north", "south") for told in ("yes", "no")]
    form = survey("places")
    assert form.indicators is not None
    # Everybody is a column too: north and south with the same two, less everybody, would be those two.
    form = replace(
        form, indicators=replace(form.indicators, columns=(*form.indicators.columns, Column("every")))
    )
    seen = shown(form, [*crowd, people(2, place="west", told="no")], 5)
    bounded = [one for one in seen.columns if one.numbers["told/*"].status is Status.BOUNDED]
    assert len(bounded) == 1


def test_bounds_that_would_tell_what_the_table_hides_are_not_shown() -> None:
    """All but two said yes, and the table shows neither count: nor may the mean of any who are 102 with them."""
    crowd = [people(100, place="north", told="yes"), people(100, place="south", told="yes")]
    seen = shown(survey("places"), [*crowd, people(2, place="west", told="no")], 5)
    assert [cell.count for cell in seen.tables["told"].cells or ()] == [None, None, 0]
    assert {one.value: one.numbers["told/*"].bounds for one in seen.columns} == {"south": (1, 1)}


def test_others_who_are_not_few_together_leave_no_bounds() -> None:
    """Three of the public are of no place and three more are of no role: bounds allow for four."""
    crowd = [people(100, place="north", told=told) for told in ("yes", "no")]
    seen = shown(
        survey("public", "places"), [*crowd, people(3, told="yes"), people(3, role=None, told="yes")], 5
    )
    assert {one.column.name: one.numbers["told/*"].bounds for one in seen.columns} == {
        "public": (Fraction(102, 202), Fraction(106, 202))
    }


def test_a_number_of_exact_and_bounded_questions_is_bounded() -> None:
    crowd = [people(92, told="yes", open="yes"), people(108, told="no", open="no"), staff(3)]
    number = shown(survey("public", numbers=("half/*", "told/*", "open/*")), crowd, 5).number(
        "public", "half/*"
    )
    assert number.bounds == (
        (Fraction(92, 200) + Fraction(91, 199)) / 2,
        (Fraction(92, 200) + Fraction(95, 199)) / 2,
    )
    assert (number.smallest, number.largest) == (199, 203)


async def test_bounds_are_in_the_table_the_json_the_csv_and_the_page(store: Store, tmp_path: Path) -> None:
    form = only(instrument("metep"), "u1_country", "u1_capacity", "a2_16", "c2_82")
    crowd = [{"c2_82": "4"}] * 150 + [{"c2_82": "2"}] * 50 + [{"a2_16": "yes"}] * 30
    found = await numbers_of(store, form, [*crowd, *[official(c2_82="4")] * 3], minimum_cell=5)
    text = indicators_table(found.report, "en", {"FJ": "Fiji"})
    assert "  A1 Legal frameworks  62–64  199–203  100%  –\n" in re.sub(" {2,}", "  ", text)
    assert "−38 to −36" in text
    assert "bounds" in text
    document = indicators_json(found.report, "en", {})
    (number,) = (
        number
        for column in document["columns"]
        if column["name"] == "experience"
        for number in column["numbers"]
        if number["name"] == "legal/*/*"
    )
    assert (number["status"], number["score"]) == ("bounded", None)
    assert number["score_low"] <= (150 * 0.75 + 50 * 0.25) / 200 <= number["score_high"]
    (gap,) = (g for d in document["differences"] for g in d["numbers"] if g["name"] == "legal/*/*")
    assert gap["difference"] is None
    assert gap["difference_low"] == pytest.approx(number["score_low"] - 1)
    stream = StringIO(newline="")
    write_indicators_csv(document, stream)
    assert f",bounded,,{number['score_low']},{number['score_high']},199,203," in stream.getvalue()
    page = tmp_path / "page.html"
    write_html(assemble(form, {}, []), found.report, found.report.round, "fr", {}, NOW, page)
    source = page.read_text(encoding="utf-8")
    assert '<td class="n">62–64</td><td class="n">199–203</td>' in source
    assert '<td class="n">-38 … -36</td>' in source
    assert "Deux scores séparés par un tiret" in source
