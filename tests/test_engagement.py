"""The ESCAP/IAP2 tool as data: 24 statements that two questionnaires share, of whom they are asked, what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from bot import i18n
from bot.authoring.library import instrument
from bot.flows.questionnaire import LocalizedText, Provenance, Questionnaire
from bot.flows.route import NOWHERE, find_route
from bot.flows.session import Answer, AnswerStatus

if TYPE_CHECKING:
    from bot.flows.values import Value

LANGUAGES = i18n.languages()
INDICATORS = {
    "i1_1": "Engagement objectives",
    "i1_2": "Engagement planning",
    "i1_3": "Commitment to improvement",
    "i1_4": "Resource (time, budget, people) allocation",
    "i1_5": "Roles and responsibilities",
    "i1_6": "Engagement follow-through",
    "i2_1": "Stakeholder acceptance and support for the process",
    "i2_2": "Communicating purpose, process and scope of stakeholder influence",
    "i2_3": "Information content to support engagement",
    "i2_4": "Outreach and information dissemination",
    "i2_5": "Communication channels",
    "i2_6": "Documenting and responding to stakeholder contributions",
    "i3_1": "Stakeholder analysis",
    "i3_2": "Diversity of perspectives",
    "i3_3": "Dealing with barriers to participation",
    "i3_4": "Inclusion of vulnerable and marginalised groups",
    "i3_5": "Appropriateness from cultural and other perspectives",
    "i3_6": "Provision of safe spaces",
    "i4_1": "Building understanding between stakeholders",
    "i4_2": "Collaboration",
    "i4_3": "Integration of economic, social and environmental perspectives",
    "i4_4": "Stakeholder self-organisation and capacity",
    "i4_5": "Synergize actions across sustainable development goals and sectors",
    "i4_6": "Value-added – participation creates value for the organization and society",
}
STATEMENTS = {
    "i1_1": "The aims of the engagement are clear and measurable and serve the aims of the wider project.",
    "i1_4": "Time, money and people are enough for the aims and secured to the end.",
    "i2_5": (
        "There are suitable, accessible, steady ways to get information and to send complaints and feedback and "
        "get a reply, and the public knows them."
    ),
    "i3_4": "Those at risk of being left behind are identified, and special measures engage them.",
    "i4_5": "The process works across goals and sectors rather than in silos.",
}
DIMENSIONS = {
    "d1": (
        "1 – Purposeful",
        "Clear objective, a plan, resources, responsibility, follow-up, commitment to improve.",
    ),
    "d2": (
        "2 – Proactive",
        "Outreach and communication, stakeholders help to design participation, feedback is given.",
    ),
    "d3": (
        "3 – Inclusive",
        "Barriers recognized or removed, stakeholders mapped and analyzed, no one left behind.",
    ),
    "d4": (
        "4 – Transformative",
        "Value for the organization and society; works towards changing relationships and mindsets.",
    ),
}
PLAN_OF_ALL = ["p_objective", "p_level", "p_from", "p_to"]
ORGANISATION: dict[str, Value] = {"role": "organisation"}


@pytest.fixture(scope="module")
def assess() -> Questionnaire:
    return instrument("engagement_assess")


@pytest.fixture(scope="module")
def plan() -> Questionnaire:
    return instrument("engagement_plan")


@pytest.fixture(params=["engagement_assess", "engagement_plan"])
def either(request: pytest.FixtureRequest) -> Questionnaire:
    return instrument(request.param)


def asked(
    questionnaire: Questionnaire, values: dict[str, Value], presets: dict[str, str] | None = None
) -> list[str]:
    """The names of the questions that these answers put on the route, in a round with these presets."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    answers = {name: Answer(value, AnswerStatus.ANSWERED, at, "en") for name, value in values.items()}
    around = structs.replace(NOWHERE, presets=presets or {})
    return [question.name for question in find_route(questionnaire, answers, around).asked]


def texts(questionnaire: Questionnaire) -> Iterator[tuple[str, LocalizedText]]:
    """Every text that a person may read, with what it belongs to."""
    yield "title", questionnaire.title
    yield from ((f"section {section.name}", section.title) for section in questionnaire.sections)
    for question in questionnaire:
        for key in ("label", "hint", "constraint_message"):
            if (text := getattr(question, key)) is not None and question.type != "hidden":
                yield f"{question.name} {key}", text
        yield from ((f"{question.name} {choice.name}", choice.label) for choice in question.choices)


def in_dimension(number: str) -> list[str]:
    return [name for name in INDICATORS if name.startswith(f"i{number}")]


# What is asked


def test_the_24_statements_stand_under_their_titles_in_order(either: Questionnaire) -> None:
    names = [question.name for question in either]
    assert [name for name in names if name in INDICATORS] == list(INDICATORS)
    for name, title in INDICATORS.items():
        before = either.questions[names[names.index(name) - 1]]
        assert (before.name, before.type) == (f"{name}_title", "note")
        assert before.label.in_language("en") == title
        question = either.questions[name]
        assert question.number == name[1:].replace("_", ".")
        assert (question.type, question.choice_list) == ("select_one", "extent5")
        assert question.provenance is before.provenance is Provenance.CONFIRMED


def test_statements_are_in_the_words_of_the_source(assess: Questionnaire) -> None:
    assert {name: assess.questions[name].label.in_language("en") for name in STATEMENTS} == STATEMENTS


def test_each_dimension_opens_with_its_note(either: Questionnaire) -> None:
    sections = {section.name: section for section in either.sections}
    for name, (title, note) in DIMENSIONS.items():
        first = sections[name].questions[0]
        assert sections[name].title.in_language("en") == title
        assert (first.name, first.type, first.label.in_language("en")) == (f"{name}_note", "note", note)


def test_both_ask_the_same_words_in_every_language(assess: Questionnaire, plan: Questionnaire) -> None:
    shared = [
        *INDICATORS,
        *(f"{name}_title" for name in INDICATORS),
        *(f"{name}_note" for name in DIMENSIONS),
    ]
    for name in (*shared, "role", "stakeholder_groups"):
        for language in LANGUAGES:
            assert assess.questions[name].label.in_language(language) == plan.questions[
                name
            ].label.in_language(language)
    titles = {section.name: section.title.texts for section in assess.sections}
    assert {s.name: s.title.texts for s in plan.sections if s.name in titles} == titles


def test_one_asks_what_is_and_the_other_what_should_be(assess: Questionnaire, plan: Questionnaire) -> None:
    for name in INDICATORS:
        now, then = (one.questions[name].hint for one in (assess, plan))
        assert now is not None
        assert then is not None
        assert now.in_language("en").endswith("How far is this true of the engagement?")
        assert then.in_language("en").endswith("How far should this be true?")


def test_the_scale_has_five_steps_and_two_ways_out(either: Questionnaire) -> None:
    choices = either.questions["i1_1"].choices
    assert [choice.name for choice in choices] == [*"12345", "not_applicable", "dont_know"]
    assert [choice.exclusive for choice in choices] == [False] * 5 + [True] * 2


def test_the_role_comes_first_and_is_all_that_is_required(either: Questionnaire) -> None:
    assert next(iter(either)).name == "role"
    assert [choice.name for choice in either.questions["role"].choices] == ["organisation", "stakeholder"]
    assert {question.name for question in either if question.required} == {"role"}


# Assessing


def test_assessing_asks_both_roles_the_same_but_for_the_groups(assess: Questionnaire) -> None:
    improve = [f"{name}_improve" for name in DIMENSIONS]
    organisation = asked(assess, ORGANISATION)
    assert set(organisation) == {"role", "scope", *INDICATORS, *improve}
    assert len(organisation) == 2 + 24 + 4
    assert set(asked(assess, {"role": "stakeholder"})) - set(organisation) == {"stakeholder_groups"}
    assert [choice.name for choice in assess.questions["scope"].choices] == [
        "practice",
        "running",
        "completed",
    ]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_dimension_ends_with_what_would_improve_it(assess: Questionnaire, dimension: str) -> None:
    section = next(section for section in assess.sections if section.name == dimension)
    last = section.questions[-1]
    assert (last.name, last.type) == (f"{dimension}_improve", "text")
    assert last.label.in_language("en").endswith("what would most improve this?")


# Planning


def test_stakeholders_give_their_targets_and_plan_no_actions(plan: Questionnaire) -> None:
    answers: dict[str, Value] = {"role": "stakeholder", "d1_plan": "yes"}
    answers |= dict.fromkeys(INDICATORS, "5")
    assert asked(plan, answers) == ["role", "stakeholder_groups", *INDICATORS]


def test_organisations_say_what_they_plan(plan: Questionnaire) -> None:
    offers = [f"{name}_plan" for name in DIMENSIONS]
    route = asked(plan, ORGANISATION)
    assert route[:5] == ["role", *PLAN_OF_ALL]
    assert set(route) == {"role", *PLAN_OF_ALL, *INDICATORS, *offers}
    assert len(route) == 1 + 4 + 24 + 4
    assert [c.name for c in plan.questions["p_level"].choices] == [
        *("inform", "consult", "involve", "collaborate", "empower")
    ]


@pytest.mark.parametrize("number", "1234")
def test_actions_follow_a_yes_for_targets_of_4_and_5(plan: Questionnaire, number: str) -> None:
    first, second, third, *_ = in_dimension(number)
    targets: dict[str, Value] = {**ORGANISATION, first: "3", second: "4", third: "5"}
    without = asked(plan, targets)
    assert asked(plan, {**targets, f"d{number}_plan": "no"}) == without
    opened = [n for n in asked(plan, {**targets, f"d{number}_plan": "yes"}) if n not in without]
    assert opened == [f"{second}_action", f"{third}_action"]
    given = asked(plan, {**targets, f"d{number}_plan": "yes", f"{second}_action": "Meet the elders"})
    assert [n for n in given if n not in without] == [
        *(f"{second}_action", f"{second}_responsible", f"{second}_due", f"{third}_action")
    ]


@pytest.mark.parametrize("number", "1234")
@pytest.mark.parametrize(
    ("targets", "planned"),
    [
        ("555555", [0, 1, 2]),
        ("144554", [1, 2, 3]),
        ("4x1d45", [0, 4, 5]),
        ("333333", []),
        ("113445", [3, 4, 5]),
        ("455544", [0, 1, 2]),
    ],
)
def test_actions_are_for_at_most_three_indicators_of_a_dimension(
    plan: Questionnaire, number: str, targets: str, planned: list[int]
) -> None:
    names = in_dimension(number)
    codes = {"x": "not_applicable", "d": "dont_know"}
    answers: dict[str, Value] = {**ORGANISATION, f"d{number}_plan": "yes"}
    answers |= {name: codes.get(code, code) for name, code in zip(names, targets, strict=True)}
    actions = [name for name in asked(plan, answers) if name.endswith("_action")]
    assert actions == [f"{names[index]}_action" for index in planned]


@pytest.mark.parametrize("number", "1234")
@pytest.mark.parametrize(
    ("targets", "order", "planned"),
    [
        ("555555", "654321", [3, 4, 5]),
        ("555555", "361245", [0, 2, 3]),
        ("551515", "123456", [0, 1, 3]),
        ("551515", "612345", [1, 3, 5]),
    ],
)
def test_actions_are_for_the_lowest_results_of_the_round_before(
    plan: Questionnaire, number: str, targets: str, order: str, planned: list[int]
) -> None:
    names = in_dimension(number)
    answers: dict[str, Value] = {**ORGANISATION, f"d{number}_plan": "yes"}
    answers |= dict(zip(names, targets, strict=True))
    presets = {f"order_{name}": place for name, place in zip(names, order, strict=True)}
    actions = [name for name in asked(plan, answers, presets) if name.endswith("_action")]
    assert actions == [f"{names[index]}_action" for index in planned]


def test_questions_about_actions_name_their_indicator(plan: Questionnaire) -> None:
    for name in INDICATORS:
        for language in LANGUAGES:
            title = plan.questions[f"{name}_title"].label.in_language(language)
            for what in ("action", "responsible", "due"):
                label = plan.questions[f"{name}_{what}"].label.in_language(language)
                assert label.startswith(title), (name, what, language)


def test_an_engagement_does_not_end_before_it_begins(plan: Questionnaire) -> None:
    constraint = plan.questions["p_to"].constraint
    assert constraint is not None
    for begins, ends, allowed in (
        ("2026-05-01", "2026-04-30", False),
        ("2026-05-01", "2026-05-01", True),
        (None, "2020-01-01", True),
    ):
        assert constraint.holds({"p_from": begins}.get, ends) is allowed


# In every language


def test_every_text_is_there_in_every_language(either: Questionnaire) -> None:
    assert set(LANGUAGES) <= set(either.languages)
    assert not [(what, one) for what, text in texts(either) for one in LANGUAGES if not text.texts.get(one)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_short_enough_to_read_on_a_phone(either: Questionnaire, language: str) -> None:
    assert not {q.name: n for q in either if (n := len(q.label.in_language(language))) > 180}


def test_french_and_spanish_set_their_marks(either: Questionnaire) -> None:
    for what, text in texts(either):
        assert not re.search(r"(?<!\u00a0)[?!;»]|[\w’] :|«(?!\u00a0)", text.in_language("fr")), what
        assert text.in_language("es").count("¿") == text.in_language("es").count("?"), what


# About you


def test_about_you_can_be_skipped_and_shares_the_name_of_the_groups(assess: Questionnaire) -> None:
    about = instrument("about_you")
    assert [question.name for question in about if question.type != "note"] == [
        *("age_band", "gender", "residence", "disability", "stakeholder_groups", "first_time")
    ]
    assert not [question.name for question in about if question.required]
    assert (
        about.questions["stakeholder_groups"].choice_list
        == assess.questions["stakeholder_groups"].choice_list
    )
    assert not [(what, one) for what, text in texts(about) for one in LANGUAGES if not text.texts.get(one)]
