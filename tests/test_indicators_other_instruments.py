"""Scores of CESAQ and of the engagement tool by hand; and what a round that follows another adds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.authoring.library import instrument
from bot.results.indicators.report import Comparison, compare, report
from storage.store import Store
from tests.support.indicators import Values, numbers_of, only, person
from tests.support.results import make_round

F = Fraction
CHANNELS = ("meetings", "councils", "surveys", "online", "social_media", "mobile", "media", "petitions")
OFFICIAL = {"p_capacity": "local_government"}

# CESAQ


@pytest.mark.parametrize(
    ("law", "policy", "score"),
    [
        ("yes", "no", 1),
        ("dont_know", "yes", 1),
        ("yes", None, 1),
        ("no", "no", 0),
        ("no", "dont_know", None),
        ("no", None, None),
    ],
)
async def test_a_law_and_a_policy_are_one_question_and_both_are_shown(
    store: Store, law: str | None, policy: str | None, score: int | None
) -> None:
    form = only(instrument("cesaq"), "p_country", "a1_2_law", "a1_2_policy")
    found = await numbers_of(store, form, [{"a1_2_law": law, "a1_2_policy": policy}])
    worth = {"yes": 1, "no": 0}
    assert found.of("facts", "a1").score == score
    assert found.of("facts", "a1_law").score == worth.get(law or "")
    assert found.of("facts", "a1_policy").score == worth.get(policy or "")
    unknown = score is None and policy == "dont_know"
    assert found.of("facts", "a1").dont_know == (1 if unknown else 0 if score is not None else None)


async def test_a_pair_counts_once_beside_the_constitution(store: Store) -> None:
    form = only(instrument("cesaq"), "p_country", "a1_1a", "a1_1b", "a1_2_law", "a1_2_policy", "a1_7_law")
    answers = {"a1_1a": "no", "a1_1b": "not_applicable", "a1_2_law": "yes", "a1_2_policy": "no"}
    found = await numbers_of(store, form, [answers | {"a1_7_law": "no"}])
    # 1a 0, the pair 2 is 1; 1b does not apply, and of pair 7 only the law was asked: no score of 3 asked.
    assert (found.of("facts", "a1").score, found.of("facts", "a1").coverage) == (F(1, 2), F(2, 3))


@pytest.mark.parametrize(
    ("used", "works", "score", "dont_know"),
    [
        ("no", None, 0, 0),
        ("yes", "4", F(3, 4), 0),
        ("yes", "dont_know", None, 1),
        ("dont_know", None, None, 1),
        (None, None, None, None),
    ],
)
async def test_a_channel_scores_how_it_works_and_0_where_it_is_not_used(
    store: Store, used: str | None, works: str | None, score: Fraction | None, dont_know: int | None
) -> None:
    form = only(instrument("cesaq"), "p_country", "p_capacity", "c4_used_media", "c4_works_media")
    answers = {"c4_used_media": used} | ({"c4_works_media": works} if works else {})
    number = (await numbers_of(store, form, [answers])).of("experience", "c4")
    assert (number.score, number.dont_know) == (score, dont_know)


async def test_a_section_is_the_mean_of_its_channels(store: Store) -> None:
    answers: dict[str, str] = {f"c4_used_{channel}": "no" for channel in CHANNELS}
    answers |= {"c4_used_online": "yes", "c4_works_online": "5", "c4_used_mobile": "dont_know"}
    found = await numbers_of(store, "cesaq", [answers])
    # 1 for online, 0 for six others; mobile was asked about and has no base.
    assert found.score("experience", "c4") == F(1, 7)
    assert found.of("experience", "c4").coverage == F(7, 8)
    del answers["c4_used_mobile"]
    found = await numbers_of(store, "cesaq", [answers], code="TWO")
    assert found.of("experience", "c4").coverage == F(7, 8)


async def test_only_regulation_and_organization_are_compared(store: Store) -> None:
    form = only(
        instrument("cesaq"), "p_country", "p_capacity", "a1_1a", "a2_1", "c1_1", "c2_1", "c3_1", "c5_1"
    )
    said = {"c1_1": "1", "c2_1": "3", "c3_1": "2"}
    found = await numbers_of(store, form, [{**OFFICIAL, "a1_1a": "yes", "a2_1": "yes", "c2_1": "5"}, said])
    # Outsiders' 1/2 less the fact 1, and 1/4 less 1; the official's view is in neither.
    gaps = {(g.number.name, g.minus.name): g.difference for d in found.report.differences for g in d.gaps}
    assert gaps == {("c2", "a1"): F(-1, 2), ("c3", "a2"): F(-3, 4)}
    assert found.score("officials", "c2") == 1


async def test_the_agency_s_own_section_is_the_officials_alone(store: Store) -> None:
    found = await numbers_of(store, "cesaq", [OFFICIAL | {f"c5_{n}": "5" for n in range(1, 6)}])
    assert found.score("officials", "c5") == 1
    experience = next(one.numbers for one in found.report.columns if one.column.name == "experience")
    assert "c5" not in experience


# The engagement tool


def organisation(**answers: str) -> Values:
    return {"role": "organisation", **answers}


def stakeholder(*groups: str, **answers: str) -> Values:
    return {"role": "stakeholder", "stakeholder_groups": groups, **answers}


async def test_roles_are_never_mixed_and_a_dimension_is_the_mean_of_its_indicators(store: Store) -> None:
    first, second = {"i1_1": "5", "i1_2": "3", "i1_3": "1"}, {"i1_1": "3", "i1_2": "3", "i1_3": "2"}
    people = [
        organisation(**first),
        stakeholder("women", **second),
        stakeholder("women", "farmers", i1_1="1"),
    ]
    found = await numbers_of(store, "engagement_assess", people)
    assert found.score("organisation", "*/i1_1") == 1
    # (1 + 1/2 + 0) / 3 of the six indicators: exactly half of them have a base.
    assert found.score("organisation", "d1/*") == F(1, 2)
    # (2/4 + 0) / 2 for the first.
    assert found.score("stakeholders", "*/i1_1") == F(1, 4)
    assert found.gap("*/i1_1", "roles").difference == F(3, 4)
    assert found.of("groups", "*/i1_1", "women").score == F(1, 4)
    assert found.of("groups", "*/i1_1", "farmers").score == 0
    assert found.of("groups", "*/i1_2", "farmers").score is None


async def compared(store: Store, this: str, those: Any, followed: str, others: Any) -> Comparison | None:
    def work(connection: Connection) -> Comparison | None:
        reports = []
        for code, key, people in (("NEW", this, those), ("OLD", followed, others)):
            form = instrument(key)
            stored = make_round(
                connection, form, [person(key, one) for one in people], code=code, minimum_cell=0
            )
            reports.append(report(connection, stored))
        new, old = reports
        assert new is not None
        assert old is not None
        return compare(new, old)

    return await store.run(work)


def differences(comparison: Comparison | None, column: str) -> dict[str, Fraction | None]:
    assert comparison is not None
    found = [gaps for gaps in comparison.gaps if gaps.column == column]
    return {gap.number.name: gap.difference for gaps in found for gap in gaps.gaps}


async def test_the_actual_less_the_target_whichever_of_the_two_follows(store: Store) -> None:
    plan = [organisation(i1_1="5", i1_2="4"), stakeholder("women", i1_1="4")]
    actual = [organisation(i1_1="2"), stakeholder("women", i1_1="3", i1_2="5")]
    first = await compared(store, "engagement_assess", actual, "engagement_plan", plan)
    assert differences(first, "organisation")["*/i1_1"] == F(1, 4) - 1
    assert differences(first, "organisation")["*/i1_2"] is None
    assert differences(first, "stakeholders")["*/i1_1"] == F(2, 4) - F(3, 4)


async def test_a_plan_that_follows_an_assessment_is_taken_from_it(store: Store) -> None:
    found = await compared(
        store, "engagement_plan", [organisation(i2_1="5")], "engagement_assess", [organisation(i2_1="3")]
    )
    assert differences(found, "organisation")["*/i2_1"] == F(1, 2) - 1


async def test_two_assessments_form_a_line(store: Store) -> None:
    found = await compared(
        store, "engagement_assess", [organisation(i3_1="4")], "engagement_assess", [organisation(i3_1="2")]
    )
    assert found is not None
    assert found.gaps[0].name == "change"
    assert differences(found, "organisation")["*/i3_1"] == F(3, 4) - F(1, 4)


async def test_rounds_that_have_nothing_to_do_with_each_other_are_not_compared(store: Store) -> None:
    assert await compared(store, "cesaq", [{}], "engagement_assess", [organisation(i3_1="2")]) is None
