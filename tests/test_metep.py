"""METEP as data: what the instrument asks, of whom, and which cells of its matrix that fills."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest

from bot.authoring.library import instrument
from bot.flows.questionnaire import Provenance, Question, Questionnaire
from bot.flows.route import find_route
from bot.flows.session import Answer, AnswerStatus

if TYPE_CHECKING:
    from bot.flows.values import Value

DOMAINS = ("legal", "organizational", "modalities", "outreach")
LEVELS = ("e_information", "e_consultation", "e_decision_making")
TECHNOLOGIES = ("open_data", "social_media", "mobile", "other_online")

SECTIONS = {
    "u1": ("U", "U1 – User information"),
    "u2": ("U", "U2 – Interests"),
    "a1": ("A", "A1 – National Policy and Strategy"),
    "a2": ("A", "A2 – Regulatory Framework"),
    "a3": ("A", "A3 – Institutional Framework"),
    "a4": ("A", "A4 – Channels and Capacities"),
    "b1": ("B", "B1 – Channels and Capacities"),
    "c1": ("C", "C1 – Overview of e-Participation at the National Level"),
    "c2": ("C", "C2 – Regulatory Framework"),
    "c3": ("C", "C3 – Institutional Framework"),
    "c4": ("C", "C4 – Channels and Capacities"),
    "d1": ("D", "D1 – Case study"),
}

NUMBERS = {
    "u1": [None, "1", "2", "3", "3a", "3b", "4"],
    "u2": ["5", "6"],
    "a1": [*map(str, range(7, 15)), None],
    "a2": [*map(str, range(15, 27))],
    "a3": [*map(str, range(27, 37))],
    "a4": [*map(str, range(37, 54))],
    "b1": [*map(str, range(54, 74))],
    "c1": ["74", "75", "76", "77", "78a", "78b", "78c"],
    "c2": [*map(str, range(79, 84))],
    "c3": [*map(str, range(84, 89))],
    "c4": [*map(str, range(89, 100))],
    "d1": ["100", "101", "102", "103", "103a", "104", "105", "106", "107", "108"],
}

FIELDS = (
    "planning_finance health education environment agriculture social_protection labour justice_interior "
    "digital local_services other"
)
CODES = {
    "ynd": "yes no dont_know",
    "yes_no": "yes no",
    "technology": "open_data social_media mobile other_online none dont_know",
    "agree5": "1 2 3 4 5 not_applicable dont_know",
    "capacity": (
        "national_government local_government parliament_or_oversight civil_society business academia media "
        "individual other"
    ),
    "answers_for": "country agency both neither",
    "policy_field": FIELDS,
    "level_wanted": "e_information e_consultation e_decision_making",
    "level": "e_information e_consultation e_decision_making",
    "agency_obstacle": (
        "mandate money staff skills technology interest trust language other nothing dont_know"
    ),
    "personal_obstacle": (
        "cost network device skills language disability time trust fear did_not_know other nothing"
    ),
    "stage": "early implementation monitoring",
}

SOURCE_WORDING = {
    "a1_7": "Does your country have: An overall e-Participation strategy?",
    "a1_8": (
        "Does your country have: An official responsible for overall e-strategy, including e-participation, "
        "at the national level?"
    ),
    "a1_9": "Does your country have: A policy mandating that each government agency have a website?",
    "a1_10": (
        "Does your country have: An internet usage survey conducted at the national level "
        "in the last 12 months?"
    ),
    "a1_11": "Does your country have: A social media strategy?",
}


@pytest.fixture(scope="module")
def metep() -> Questionnaire:
    return instrument("metep")


def questions_of(metep: Questionnaire, part: str) -> list[Question]:
    return [question for section in metep.sections if section.part == part for question in section.questions]


def cells_filled(questions: Iterable[Question]) -> set[tuple[str, str, str]]:
    """The cells that these questions enter: only a question that names all three axes enters a cell."""
    filled = set()
    for question in questions:
        for cell in question.cells:
            domain, level, technology = cell.split("/")
            for each in TECHNOLOGIES if technology == "+" else (technology,):
                if "*" not in (domain, level, each):
                    filled.add((domain, level, each))
    return filled


def naming(questions: Iterable[Question], domain: str, level: str) -> list[str]:
    """The questions that name a domain and a level, which is what domain × level takes."""
    return [q.name for q in questions if any(cell.startswith(f"{domain}/{level}/") for cell in q.cells)]


def asked(metep: Questionnaire, **values: Value) -> set[str]:
    """The names of the questions that these answers put on the route."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    answers = {name: Answer(value, AnswerStatus.ANSWERED, at, "en") for name, value in values.items()}
    return {question.name for question in find_route(metep, answers).asked}


# What is asked


def test_it_holds_the_sections_of_the_source_in_their_order(metep: Questionnaire) -> None:
    assert {s.name: (s.part, s.title.in_language("en")) for s in metep.sections} == SECTIONS
    assert [section.name for section in metep.sections] == list(SECTIONS)
    assert [(part.name, part.always) for part in metep.parts] == [
        ("U", True),
        ("A", False),
        ("B", False),
        ("C", False),
        ("D", False),
    ]


@pytest.mark.parametrize("section", NUMBERS)
def test_questions_carry_the_numbers_of_the_source(metep: Questionnaire, section: str) -> None:
    numbers = next([q.number for q in s.questions] for s in metep.sections if s.name == section)
    assert numbers == NUMBERS[section]


@pytest.mark.parametrize("part", ["A", "B", "C"])
def test_a_name_is_the_section_and_the_number(metep: Questionnaire, part: str) -> None:
    for question in questions_of(metep, part):
        assert question.name == f"{metep.section_of[question.name].name}_{question.number or 'evidence'}"


def test_what_the_source_confirms_is_in_its_words(metep: Questionnaire) -> None:
    confirmed = {q.name for q in metep if q.provenance is Provenance.CONFIRMED}
    assert confirmed == {"intro", *SOURCE_WORDING}
    assert {name: metep.questions[name].label.in_language("en") for name in SOURCE_WORDING} == SOURCE_WORDING
    assert all(q.provenance is Provenance.RECONSTRUCTED for q in metep if q.name not in confirmed)


def test_it_opens_with_a_note_on_its_parts(metep: Questionnaire) -> None:
    intro = next(iter(metep))
    assert (intro.name, intro.type) == ("intro", "note")


@pytest.mark.parametrize(("part", "usual"), [("A", "ynd"), ("B", "ynd"), ("C", "agree5")])
def test_each_part_has_its_way_of_answering(metep: Questionnaire, part: str, usual: str) -> None:
    for question in questions_of(metep, part):
        if question.type == "select_one":
            assert question.choice_list == usual, question.name
        elif question.type == "select_multiple":
            assert (question.choice_list == "technology") == bool(question.cells), question.name
        else:
            assert question.type in {"integer", "text"}, question.name
            assert not question.cells, question.name


def test_lists_hold_their_codes_in_order(metep: Questionnaire) -> None:
    codes = {q.choice_list: " ".join(c.name for c in q.choices) for q in metep if q.choices}
    assert codes == CODES
    country = metep.questions["u1_country"]
    assert (country.choice_list, country.choices) == ("country", ())


def test_nothing_can_be_chosen_beside_an_exclusive_choice(metep: Questionnaire) -> None:
    exclusive = {choice.name for q in metep for choice in q.choices if choice.exclusive}
    assert exclusive == {"none", "nothing", "dont_know", "not_applicable"}
    for question in metep:
        for choice in question.choices:
            assert choice.exclusive == (choice.name in exclusive), (question.name, choice.name)


def test_only_what_routes_and_names_is_required(metep: Questionnaire) -> None:
    required = {question.name for question in metep if question.required}
    assert required == {"u1_country", "u1_capacity", "u1_answers_for", "u1_agency"}


# Of whom


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"u1_capacity": "national_government", "u1_answers_for": "country"}, "A C"),
        ({"u1_capacity": "local_government", "u1_answers_for": "agency"}, "B C"),
        ({"u1_capacity": "parliament_or_oversight", "u1_answers_for": "both"}, "A B C"),
        ({"u1_capacity": "national_government", "u1_answers_for": "neither"}, "C"),
        ({"u1_capacity": "academia", "u1_facts": "yes"}, "A C"),
        ({"u1_capacity": "individual", "u1_facts": "no"}, "C"),
        ({"u1_capacity": "civil_society"}, "C"),
        # An answer that left the route routes nothing any more.
        ({"u1_capacity": "media", "u1_answers_for": "both"}, "C"),
        ({"u1_capacity": "local_government", "u1_facts": "yes"}, "C"),
    ],
)
def test_who_gets_which_part(metep: Questionnaire, values: dict[str, Value], parts: str) -> None:
    route = asked(metep, **values)
    reached = {part for name in route if (part := metep.section_of[name].part) in {"A", "B", "C"}}
    assert reached == set(parts.split())
    assert "d1_offer" in route


def test_officials_say_for_whom_they_answer_and_others_whether_they_know_the_facts(
    metep: Questionnaire,
) -> None:
    officials = set(CODES["capacity"].split()[:3])
    for capacity in CODES["capacity"].split():
        route = asked(metep, u1_capacity=capacity)
        assert ("u1_answers_for" in route) == (capacity in officials), capacity
        assert ("u1_facts" in route) == (capacity not in officials), capacity


@pytest.mark.parametrize(
    ("answers_for", "named"), [("agency", True), ("both", True), ("country", False), ("neither", False)]
)
def test_only_who_answers_for_an_agency_names_it(
    metep: Questionnaire, answers_for: str, *, named: bool
) -> None:
    route = asked(metep, u1_capacity="local_government", u1_answers_for=answers_for)
    assert ("u1_agency" in route) is named


@pytest.mark.parametrize(
    ("gate", "behind"),
    [
        ("a1_7", {"a1_14"}),
        ("b1_58", {"b1_59", "b1_60", "b1_61", "b1_62"}),
        (
            "d1_offer",
            {
                *("d1_title", "d1_what", "d1_level", "d1_stage", "d1_technology"),
                *("d1_result", "d1_lesson", "d1_link", "d1_share"),
            },
        ),
    ],
)
def test_a_yes_opens_what_follows_from_it(metep: Questionnaire, gate: str, behind: set[str]) -> None:
    official: dict[str, Value] = {"u1_capacity": "national_government", "u1_answers_for": "both"}
    closed = asked(metep, **official)
    assert asked(metep, **official, **{gate: "yes"}) - closed == behind
    assert asked(metep, **official, **{gate: "no"}) == closed


def test_a_round_of_some_parts_still_asks_who_answers(metep: Questionnaire) -> None:
    limited = metep.limited_to(frozenset({"B"}))
    assert [section.name for section in limited.sections] == ["u1", "u2", "b1"]
    route = asked(limited, u1_capacity="individual", u1_facts="yes")
    assert all(limited.section_of[name].part == "U" for name in route)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("b1_59", [1, 10_000], [0, -1, 10_001]),
        ("b1_60", [0, 1_000_000_000], [-1, 1_000_000_001]),
        (
            "d1_link",
            [
                *("https://example.org/participation", "Http://Example.org", "www.exemple.fr"),
                *("participación.example/ñ", "example.org:8080/a?b=c#d", "https://xn--e1afmkfd.xn--p1ai/"),
            ],
            ["none", "see https://example.org", "me@example.org", "javascript:alert(1)", "https://", "a.b"],
        ),
    ],
)
def test_constraints_keep_out_what_cannot_be(
    metep: Questionnaire, name: str, allowed: list[Value], refused: list[Value]
) -> None:
    question = metep.questions[name]
    assert question.constraint is not None
    assert question.constraint_message is not None
    for value in allowed:
        assert question.constraint.holds(lambda _: None, value), value
    for value in refused:
        assert not question.constraint.holds(lambda _: None, value), value


# Which cells that fills


def test_every_cell_names_values_of_the_matrix(metep: Questionnaire) -> None:
    for question in metep:
        for cell in question.cells:
            domain, level, technology = cell.split("/")
            assert domain in DOMAINS, question.name
            assert level in {*LEVELS, "*"}, question.name
            assert technology in {*TECHNOLOGIES, "*", "+"}, question.name
            assert (technology == "+") == (question.choice_list == "technology"), question.name


def test_facts_fill_all_48_cells(metep: Questionnaire) -> None:
    facts = cells_filled(questions_of(metep, "A"))
    assert facts == set(product(DOMAINS, LEVELS, TECHNOLOGIES))
    assert len(facts) == 48


@pytest.mark.parametrize("part", ["B", "C"])
def test_agency_and_experience_fill_the_12_cells_of_modalities(metep: Questionnaire, part: str) -> None:
    assert cells_filled(questions_of(metep, part)) == set(product(["modalities"], LEVELS, TECHNOLOGIES))


def test_who_answers_and_the_case_study_fill_none(metep: Questionnaire) -> None:
    assert not [q.name for part in ("U", "D") for q in questions_of(metep, part) if q.cells]


@pytest.mark.parametrize(
    ("part", "domain", "level", "names"),
    [
        ("A", "legal", "e_consultation", "a1_14 a2_20 a2_22 a2_24"),
        ("A", "legal", "e_decision_making", "a2_18 a2_25"),
        ("A", "organizational", "e_consultation", "a3_31 a3_34"),
        ("A", "organizational", "e_decision_making", "a3_31 a3_32 a3_35"),
        ("A", "modalities", "e_consultation", "a4_38 a4_39 a4_43"),
        ("A", "outreach", "e_information", "a1_13 a4_50"),
        ("A", "outreach", "e_decision_making", "a4_41 a4_52"),
        ("B", "modalities", "e_information", "b1_54 b1_55 b1_57 b1_69"),
        ("B", "modalities", "e_consultation", "b1_56 b1_58 b1_62 b1_70"),
        ("B", "outreach", "e_consultation", "b1_61"),
        ("C", "modalities", "e_consultation", "c1_75 c1_77 c1_78b"),
        ("C", "organizational", "e_consultation", "c3_85 c3_87"),
        ("C", "outreach", "e_consultation", "c4_94 c4_96"),
    ],
)
def test_a_domain_and_level_take_the_questions_that_name_both(
    metep: Questionnaire, part: str, domain: str, level: str, names: str
) -> None:
    assert naming(questions_of(metep, part), domain, level) == names.split()
