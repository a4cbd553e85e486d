"""METEP's scores by hand: each test says its arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest

from bot.authoring.library import instrument
from bot.flows.session import Outcome
from bot.results.indicators.numbers import Status
from storage.store import Store
from tests.support.indicators import Numbers, numbers_of, official, only
from tests.support.results import Person

F = Fraction
DOMAINS = ("legal", "organizational", "modalities", "outreach")
LEVELS = ("e_information", "e_consultation", "e_decision_making")
TECHNOLOGIES = ("open_data", "social_media", "mobile", "other_online")


# The worked cases of the definition


async def test_a_domain_is_the_mean_of_its_questions_not_of_its_cells(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "a1_7", "a1_9")
    found = await numbers_of(store, form, [official(a1_7="yes", a1_9="no")])
    # (1 + 0) / 2 questions; the 12 cells of the domain do not come into it.
    assert found.score("facts", "legal/*/*") == F(1, 2)
    assert found["facts", "legal/*/*"].coverage == 1


async def test_a_domain_with_two_answers_of_sixteen_is_insufficient(store: Store) -> None:
    found = await numbers_of(store, "metep", [official(a1_7="yes", a1_9="no")])
    # Legal: 7 9 11 14 15 16 17 18 19 20 21 22 23 24 25, of which 2 have a base.
    assert found["facts", "legal/*/*"].coverage == F(2, 15)
    assert found.score("facts", "legal/*/*") == "insufficient"


@pytest.mark.parametrize(
    ("consulted", "told", "score"), [("no", None, 0), ("yes", "no", 0), ("yes", "yes", 1)]
)
async def test_who_consults_nobody_is_not_better_than_who_forgets_to_answer(
    store: Store, consulted: str, told: str | None, score: int
) -> None:
    answers = {"b1_58": consulted, "b1_68": "yes"} | ({"b1_61": told} if told else {})
    found = await numbers_of(store, "metep", [official("X", **answers)])
    # 61 alone names outreach and consultation; 68 names no level. Not asked after a no, 61 counts 0.
    assert found.score("agency", "outreach/e_consultation/*") == score


async def test_dont_know_leaves_legal_consultation_insufficient(store: Store) -> None:
    unknown = dict.fromkeys(("a2_20", "a2_22"), "dont_know") | {"a2_24": ("dont_know",)}
    found = await numbers_of(store, "metep", [official(a1_7="no", **unknown)])
    number = found["facts", "legal/e_consultation/*"]
    # 14 counts 0 because of the no; 20, 22 and 24 have no score: 1 of 4.
    assert (number.status, number.coverage) == (Status.INSUFFICIENT, F(1, 4))
    assert number.dont_know == F(3, 4)


async def test_the_share_of_dont_know_leaves_out_who_skipped(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "u1_capacity", "c2_82")
    given = ["1", "2", "3", "4", *["dont_know"] * 4, None, None]
    found = await numbers_of(store, form, [{"c2_82": value} for value in given])
    number = found["experience", "legal/*/*"]
    # 4 don't know / (4 scored + 4 don't know); the mean is (0 + 1/4 + 2/4 + 3/4) / 4.
    assert (number.dont_know, number.smallest, number.score) == (F(1, 2), 4, F(3, 8))


async def test_the_mean_is_within_an_agency_first(store: Store) -> None:
    said = [("Health", "no"), ("  health ", "no"), ("HEALTH", "no"), ("Education", "yes")]
    found = await numbers_of(store, "metep", [official(a, b1_58="dont_know", b1_68=v) for a, v in said])
    # Health (0 + 0 + 0) / 3, Education 1; over the two agencies 1/2, not 1/4 over four officials.
    number = found["agency", "outreach/*/*"]
    assert (number.score, number.smallest) == (F(1, 2), 4)


# One more for each rule


async def test_an_agency_of_two_minds_counts_as_one(store: Store) -> None:
    said = [("X", "yes"), ("X", "no"), ("X", "no"), ("Y", "yes"), (None, "yes")]
    people = [official(agency or "?", b1_67=value) for agency, value in said]
    people[-1] = {**people[-1], "u1_agency": None}
    found = await numbers_of(store, "metep", people)
    # X 1/3, Y 1, who names none 1: (1/3 + 1 + 1) / 3.
    assert found.score("agency", "legal/*/*") == F(7, 9)


@pytest.mark.parametrize(
    ("chosen", "scores"),
    [
        (("open_data", "mobile"), (1, 0, 1, 0)),
        (("none",), (0, 0, 0, 0)),
        (("dont_know",), None),
        ((), None),
        (None, None),
    ],
)
async def test_a_technology_question_scores_each_technology(
    store: Store, chosen: tuple[str, ...] | None, scores: tuple[int, ...] | None
) -> None:
    form = only(instrument("metep"), "u1_country", "a4_42")
    found = await numbers_of(store, form, [official(a4_42=chosen)])
    cells = [found.score("facts", f"modalities/e_information/{t}") for t in TECHNOLOGIES]
    assert cells == (list(scores) if scores else ["insufficient"] * 4)
    # Inside domain × level it counts with the mean over all four technologies.
    whole = found.score("facts", "modalities/e_information/*")
    assert whole == (F(sum(scores), 4) if scores else "insufficient")


async def test_a_technology_number_takes_that_technology_of_each_question(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "a1_11", "a2_23", "a2_24")
    people = [official(a1_11="yes", a2_23=("social_media",), a2_24=("mobile",))]
    found = await numbers_of(store, form, people)
    # Social media: 11 names it (1), 23 chose it (1), 24 did not (0).
    assert found.score("facts", "*/*/social_media") == F(2, 3)
    # Legal: 1 and, of four technologies each, 1/4 and 1/4.
    assert found.score("facts", "legal/*/*") == F(1 + F(1, 4) + F(1, 4), 3)


async def test_a_question_with_two_cells_counts_once(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "a2_16", "a2_19")
    found = await numbers_of(store, form, [official(a2_16="no", a2_19="yes")])
    assert found.score("facts", "legal/*/*") == F(1, 2)
    assert found.score("facts", "*/*/mobile") == found.score("facts", "*/*/other_online") == 1


async def test_a_star_names_nothing(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "a1_7", "a2_15")
    found = await numbers_of(store, form, [official(a1_7="no", a2_15="yes")])
    # 7 is legal/*/*: it is in the domain and in no level; 15 names a level and no technology.
    assert found.score("facts", "legal/*/*") == F(1, 2)
    assert found.score("facts", "legal/e_information/*") == found.score("facts", "*/e_information/*") == 1
    assert found.score("facts", "legal/e_information/mobile") == "not_asked"


@pytest.mark.parametrize("first", ["dont_know", None])
async def test_a_gate_without_an_answer_leaves_what_follows_out(store: Store, first: str | None) -> None:
    found = await numbers_of(store, "metep", [official(a1_7=first, a2_20="no", a2_22="yes", a2_24=("none",))])
    number = found["facts", "legal/e_consultation/*"]
    # 14 is on nobody's route: 20, 22 and 24 are all there is. (0 + 1 + 0) / 3.
    assert (number.coverage, number.score) == (1, F(1, 3))


async def test_coverage_of_exactly_a_half_is_printed(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "a1_7", "a2_16", "a2_21", "a1_9")
    answers = {"a1_7": "yes", "a2_16": "no", "a2_21": "dont_know", "a1_9": "dont_know"}
    found = await numbers_of(store, form, [official(**answers)])
    assert (found["facts", "legal/*/*"].coverage, found.score("facts", "legal/*/*")) == (F(1, 2), F(1, 2))
    found = await numbers_of(store, form, [official(**answers | {"a2_16": "dont_know"})], code="TWO")
    assert (found["facts", "legal/*/*"].coverage, found.score("facts", "legal/*/*")) == (
        F(1, 4),
        "insufficient",
    )


async def test_what_everybody_calls_not_applicable_is_left_out(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "u1_capacity", "c2_82", "c2_83")
    people = [{"c2_82": "not_applicable", "c2_83": "5"}, {"c2_82": "not_applicable", "c2_83": "3"}]
    number = (await numbers_of(store, form, people))["experience", "legal/*/*"]
    assert (number.coverage, number.score, number.dont_know) == (1, F(3, 4), 0)
    people[0]["c2_82"] = "dont_know"
    number = (await numbers_of(store, form, people, code="TWO"))["experience", "legal/*/*"]
    assert (number.coverage, number.score, number.dont_know) == (F(1, 2), F(3, 4), F(1, 3))


async def test_facts_are_never_across_countries(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "a2_16")
    people = [official(a2_16="yes"), official(a2_16="no"), official(country="TO", a2_16="no")]
    found = await numbers_of(store, form, people)
    assert found.score("facts", "legal/*/*") == F(1, 2)
    assert found.of("facts", "legal/*/*", "TO").score == 0
    assert {one.value for one in found.report.columns} == {"FJ", "TO"}


async def test_a_part_that_was_not_asked_is_said_to_be_so(store: Store) -> None:
    found = await numbers_of(store, "metep", [{"c2_82": "4", "c2_83": "4"}], parts=frozenset("C"))
    assert {found[column, "legal/*/*"].status for column in ("facts", "agency")} == {Status.NOT_ASKED}
    assert found["officials", "legal/*/*"].status is Status.INSUFFICIENT


async def test_agency_and_experience_have_only_the_cells_of_modalities(store: Store) -> None:
    found = await numbers_of(store, "metep", [official("X", a2_16="yes", b1_67="yes", c2_82="4")])
    for column, cells in (("facts", 48), ("agency", 12), ("experience", 12), ("officials", 12)):
        numbers = next(one.numbers for one in found.report.columns if one.column.name == column)
        names = [name for name in numbers if "*" not in name]
        assert len(names) == cells
        assert cells == 48 or all(name.startswith("modalities/") for name in names)


async def test_officials_never_enter_experience_nor_the_gap(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "u1_capacity", "a2_16", "c2_82")
    people = [official(a2_16="yes", c2_82="5"), {"c2_82": "2"}, {"u1_capacity": "media", "c2_82": "1"}]
    found = await numbers_of(store, form, people)
    assert found.score("experience", "legal/*/*") == F(1, 8)
    assert found.score("officials", "legal/*/*") == 1
    # 1/8 - 1.
    assert found.gap("legal/*/*").difference == F(-7, 8)


async def test_a_gap_is_given_only_where_both_sides_are_printed_and_not_for_other_cells(store: Store) -> None:
    form = only(
        instrument("metep"), "u1_country", "u1_capacity", "a4_42", "c4_89", "c1_78a", "a2_17", "c2_82"
    )
    answers = {"a4_42": ("mobile",), "c1_78a": ("mobile", "open_data")}
    found = await numbers_of(store, form, [official(**answers), {**answers, "c2_82": "5"}])
    assert found.gap("modalities/e_information/open_data").difference == 1 - F(0)
    assert found.gap("legal/*/*").difference is None
    names = {gap.number.name for one in found.report.differences for gap in one.gaps}
    assert {f"{domain}/*/*" for domain in DOMAINS} <= names
    assert not any(name.startswith("*") for name in names)
    cells = {f"modalities/{'/'.join(pair)}" for pair in product(LEVELS, TECHNOLOGIES)}
    assert {name for name in names if "*" not in name} == cells


# Who counts, and what is hidden


async def test_answers_count_as_in_other_results(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "u1_capacity", "c2_82")
    about = {"u1_country": "FJ", "u1_capacity": "individual"}

    def someone(value: str, outcome: Outcome = Outcome.COMPLETE, **more: frozenset[str]) -> Person:
        return Person(outcome, {**about, "c2_82": value}, **more)

    people = [
        someone("5"),
        someone("1", Outcome.PARTIAL),
        someone("1", Outcome.WITHDRAWN),
        someone("1", Outcome.DECLINED),
        someone("1", off_route=frozenset({"c2_82"})),
    ]
    found = await numbers_of(store, form, people)
    assert found.score("experience", "legal/*/*") == F(1, 2)
    found = await numbers_of(store, form, people, code="TWO", complete_only=True)
    assert found.score("experience", "legal/*/*") == 1


async def test_a_base_under_the_minimum_counts_as_none(store: Store) -> None:
    form = only(instrument("metep"), "u1_country", "u1_capacity", "c2_82", "c2_83")
    people: list[dict[str, str]] = [{"c2_82": "5", "c2_83": "1"} for _ in range(4)]
    people += [{"c2_82": "5", "c2_83": "dont_know"}, {"u1_country": "TO"}]
    found = await numbers_of(store, form, people, minimum_cell=5)
    number = found["experience", "legal/*/*"]
    # 83 has a base of 4, which is none: 82 alone counts, half of the questions; the one don't know stays unsaid.
    assert (number.score, number.coverage) == (1, F(1, 2))
    assert (number.smallest, number.largest, number.dont_know) == (5, 5, None)
    # That somebody answered about Tonga would tell of one person.
    assert {one.value for one in found.report.columns} == {"FJ"}


async def test_no_order_of_the_people_changes_a_number(store: Store) -> None:
    rng = Random(7)
    people = [
        official(rng.choice("XYZ"), b1_67=rng.choice(("yes", "no")), b1_58=rng.choice(("yes", "no")))
        for _ in range(30)
    ]
    first = await numbers_of(store, "metep", people)
    rng.shuffle(people)
    second = await numbers_of(store, "metep", people, code="TWO")
    assert columns(first) == columns(second)


def columns(found: Numbers) -> list[object]:
    return [(one.column.name, one.value, one.numbers) for one in found.report.columns]
