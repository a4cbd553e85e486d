"""CESAQ as data: what the instrument asks, of whom, and in which languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot import i18n
from bot.authoring.library import instrument
from bot.flows.questionnaire import LocalizedText, Provenance, Questionnaire
from bot.flows.route import find_route
from bot.flows.session import Answer, AnswerStatus
from tests.support.conversations import TERMINAL, Chat, round_of

if TYPE_CHECKING:
    from bot.flows.values import Value

LANGUAGES = i18n.languages()
SAME_END = {".": ".。।", "?": "?？؟"}
"""A full stop and a question mark in every script."""
OFFICIALS = ("national_government", "local_government", "parliament_or_oversight")
OTHERS = ("civil_society", "business", "media", "individual", "other")
PAIRS = ["2", "3a", "3b", "4a", "4b", "4c", "5", "6", "7", "8"]
CHANNELS = ["meetings", "councils", "surveys", "online", "social_media", "mobile", "media", "petitions"]

SECTIONS = {
    "p": ("P", "Profile"),
    "a1": ("A", "A-1 – Regulatory framework"),
    "a2": ("A", "A-2 – Organizational framework"),
    "a3": ("A", "A-3 – Citizen awareness and capacity for engagement"),
    "c1": ("C", "C-1 – Overview of citizen engagement at the national level"),
    "c2": ("C", "C-2 – Regulatory framework"),
    "c3": ("C", "C-3 – Organizational framework"),
    "c4": ("C", "C-4 – Channels and modalities"),
    "c5": ("C", "C-5 – Engagement of citizens by the agency"),
}
NAMES = {
    "p": ["p_capacity", "p_organization", "p_sector", "p_position", "p_background", "p_country"],
    "a1": [
        *("a1_note", "a1_1a", "a1_1b", "a1_1c"),
        *(f"a1_{number}_{column}" for number in PAIRS for column in ("law", "policy")),
        "a1_9",
    ],
    "a2": [f"a2_{number}" for number in range(1, 12)],
    "a3": [f"a3_{number}" for number in range(1, 10)],
    "c1": [f"c1_{number}" for number in range(1, 8)],
    "c2": [f"c2_{number}" for number in range(1, 7)],
    "c3": [f"c3_{number}" for number in range(1, 7)],
    "c4": [*(f"c4_{what}_{channel}" for channel in CHANNELS for what in ("used", "works")), "c4_barriers"],
    "c5": [f"c5_{number}" for number in range(1, 9)],
}
CONFIRMED = {
    *("p_organization", "p_sector", "p_position", "p_background", "p_country", "a1_note"),
    *("a1_1a", "a1_1b", "a1_1c"),
    *(f"a1_{number}_{column}" for number in PAIRS[:5] for column in ("law", "policy")),
}
OWN_CODES = {
    "background": "legal reform engagement other",
    "constitution": "yes no not_applicable dont_know",
    "engagement_stage": "agenda design decision budget implementation monitoring none dont_know",
}
TYPES = {
    "note": {"a1_note"},
    "text": {"p_organization", "p_position", "a1_9", "a2_11", "a3_9", "c5_7", "c5_8"},
    "integer": {"c5_6"},
    "select_multiple": {"p_background", "c1_7", "c4_barriers"},
}


@pytest.fixture(scope="module")
def cesaq() -> Questionnaire:
    return instrument("cesaq")


def asked(cesaq: Questionnaire, **values: Value) -> list[str]:
    """The names of the questions that these answers put on the route."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    answers = {name: Answer(value, AnswerStatus.ANSWERED, at, "en") for name, value in values.items()}
    return [question.name for question in find_route(cesaq, answers).asked]


def texts(cesaq: Questionnaire) -> Iterator[tuple[str, LocalizedText]]:
    """Every text that a person may read, with what it belongs to."""
    yield "title", cesaq.title
    yield from ((f"part {part.name}", part.title) for part in cesaq.parts)
    yield from ((f"section {section.name}", section.title) for section in cesaq.sections)
    for question in cesaq:
        for key in ("label", "hint", "constraint_message"):
            if (text := getattr(question, key)) is not None:
                yield f"{question.name} {key}", text
        yield from ((f"{question.name} {choice.name}", choice.label) for choice in question.choices)


# What is asked


def test_it_holds_the_sections_of_the_form_in_their_order(cesaq: Questionnaire) -> None:
    assert {s.name: (s.part, s.title.in_language("en")) for s in cesaq.sections} == SECTIONS
    assert [section.name for section in cesaq.sections] == list(SECTIONS)
    assert [(part.name, part.always) for part in cesaq.parts] == [("P", True), ("A", False), ("C", False)]


@pytest.mark.parametrize("section", NAMES)
def test_every_question_is_there_under_its_name(cesaq: Questionnaire, section: str) -> None:
    names = next([q.name for q in s.questions] for s in cesaq.sections if s.name == section)
    assert names == NAMES[section]


def test_a_number_is_that_of_the_name(cesaq: Questionnaire) -> None:
    for question in cesaq:
        if found := re.fullmatch(r"[ac]\d_(\d+[a-c]?)(_law|_policy)?", question.name):
            assert question.number == found[1]
        else:
            assert question.number is None, question.name


def test_what_the_source_confirms_is_marked(cesaq: Questionnaire) -> None:
    assert {q.name for q in cesaq if q.provenance is Provenance.CONFIRMED} == CONFIRMED
    assert all(q.provenance for q in cesaq)


def test_each_question_has_its_way_of_answering(cesaq: Questionnaire) -> None:
    for question in cesaq:
        usual = next((kind for kind, names in TYPES.items() if question.name in names), "select_one")
        assert question.type == usual, question.name
        if question.name.startswith("a1_1"):
            assert question.choice_list == "constitution"
        elif question.type == "select_one" and not question.name.startswith("p_"):
            facts = question.name.startswith(("a", "c4_used_"))
            assert question.choice_list == ("ynd" if facts else "agree5"), question.name


def test_lists_hold_their_codes_in_order(cesaq: Questionnaire) -> None:
    codes = {q.choice_list: " ".join(c.name for c in q.choices) for q in cesaq if q.choices}
    assert {name: codes[name] for name in OWN_CODES} == OWN_CODES
    assert cesaq.questions["p_country"].choice_list == "country"


def test_a_list_of_the_same_name_is_the_same_in_metep(cesaq: Questionnaire) -> None:
    metep = {q.choice_list: q.choices for q in instrument("metep") if q.choices}
    ours = {q.choice_list: q.choices for q in cesaq if q.choices}
    shared = metep.keys() & ours.keys()
    assert shared == {"ynd", "agree5", "capacity", "policy_field", "personal_obstacle"}
    for name in shared:
        for one, other in zip(metep[name], ours[name], strict=True):
            assert (one.name, one.exclusive) == (other.name, other.exclusive)
            for language in LANGUAGES:
                assert one.label.in_language(language) == other.label.in_language(language), name
                assert one.synonyms.get(language) == other.synonyms.get(language), name


@pytest.mark.parametrize(
    ("language", "law", "policy"), [("en", "law", "polic"), ("fr", "loi", "polit"), ("es", "ley", "polít")]
)
def test_law_and_policy_are_asked_apart_in_the_same_words(
    cesaq: Questionnaire, language: str, law: str, policy: str
) -> None:
    for number in PAIRS:
        first, second = (
            cesaq.questions[f"a1_{number}_{column}"].label.in_language(language)
            for column in ("law", "policy")
        )
        assert law in first
        assert policy not in first
        assert policy in second
        assert law not in second
        assert first.split()[-3:] == second.split()[-3:]


def test_only_what_routes_and_names_the_country_is_required(cesaq: Questionnaire) -> None:
    assert {question.name for question in cesaq if question.required} == {"p_capacity", "p_country"}


# Of whom

PROFILE_OF_ALL = {"p_capacity", "p_sector", "p_country"}
PART_A = {name for section in ("a1", "a2", "a3") for name in NAMES[section]} - {"a1_note"}
PART_C_OF_ALL = {
    *(NAMES["c1"] + NAMES["c2"]),
    *("c3_1", "c3_6", "c4_barriers"),
    *(f"c4_used_{channel}" for channel in CHANNELS),
}
SPECIALISTS_C3 = {"c3_2", "c3_3", "c3_4", "c3_5"}


def test_routes_are_as_long_as_the_parts_that_they_are_made_of() -> None:
    assert (len(PROFILE_OF_ALL), len(PART_A), len(PART_C_OF_ALL)) == (3, 44, 24)


@pytest.mark.parametrize("capacity", OFFICIALS)
def test_officials_are_asked_everything(cesaq: Questionnaire, capacity: str) -> None:
    route = asked(cesaq, p_capacity=capacity)
    assert set(route) == PART_A | PART_C_OF_ALL | SPECIALISTS_C3 | {*NAMES["p"], *NAMES["c5"]}
    assert len(route) == 6 + 44 + 28 + 8


def test_researchers_are_asked_of_facts_but_not_of_an_agency(cesaq: Questionnaire) -> None:
    route = asked(cesaq, p_capacity="academia")
    assert set(route) == PROFILE_OF_ALL | {"p_background"} | PART_A | PART_C_OF_ALL | SPECIALISTS_C3


@pytest.mark.parametrize("capacity", OTHERS)
def test_others_are_asked_of_their_experience(cesaq: Questionnaire, capacity: str) -> None:
    route = set(asked(cesaq, p_capacity=capacity))
    assert route - {"p_background"} == PROFILE_OF_ALL | PART_C_OF_ALL
    assert ("p_background" in route) == (capacity != "individual")
    assert set(asked(cesaq, p_capacity=capacity, p_background=("other",))) == route


@pytest.mark.parametrize("background", ["legal", "reform", "engagement"])
@pytest.mark.parametrize("capacity", OTHERS)
def test_a_specialist_of_any_capacity_is_asked_of_facts(
    cesaq: Questionnaire, capacity: str, background: str
) -> None:
    before = set(asked(cesaq, p_capacity=capacity))
    opened = set(asked(cesaq, p_capacity=capacity, p_background=(background, "other"))) - before
    # Whoever answers as an individual is not asked for a background, so an earlier answer to that routes nothing.
    assert opened == (set() if capacity == "individual" else PART_A | SPECIALISTS_C3)


@pytest.mark.parametrize("channel", CHANNELS)
def test_only_of_a_channel_in_use_is_asked_how_well_it_works(cesaq: Questionnaire, channel: str) -> None:
    closed = asked(cesaq, p_capacity="media")
    for answer in ("no", "dont_know"):
        assert asked(cesaq, p_capacity="media", **{f"c4_used_{channel}": answer}) == closed
    opened = asked(cesaq, p_capacity="media", **{f"c4_used_{channel}": "yes"})
    assert [name for name in opened if name not in closed] == [f"c4_works_{channel}"]


def test_a_round_of_part_c_still_asks_who_answers(cesaq: Questionnaire) -> None:
    limited = cesaq.limited_to(frozenset({"C"}))
    assert [section.name for section in limited.sections] == ["p", "c1", "c2", "c3", "c4", "c5"]
    assert set(asked(limited, p_capacity="academia")) >= SPECIALISTS_C3


def test_a_count_of_consultations_is_a_count(cesaq: Questionnaire) -> None:
    constraint = cesaq.questions["c5_6"].constraint
    assert constraint is not None
    assert [constraint.holds(lambda _: None, value) for value in (-1, 0, 10_000, 10_001)] == [
        False,
        True,
        True,
        False,
    ]


# In a conversation


def walk(chat: Chat, answers: dict[str, str], usual: str = "1") -> list[str]:
    """Answer every question, as `answers` say or else with the `usual` one; the names of those that were put."""
    put = []
    chat.say("I agree")
    while (name := next((part.question for part in chat.reply.parts if part.question), None)) is not None:
        assert name not in put, chat.said
        put.append(name)
        kind = chat.round.questionnaire.questions[name].type
        chat.say(answers.get(name, {"text": "Nothing to add.", "integer": "3"}.get(kind, usual)))
    return put


@pytest.mark.parametrize(
    ("capacity", "length"),
    # Where channels are in use, eight more questions ask how well they work.
    [("local government", 86 + 8), ("univercity", 76 + 8), ("business", 28 + 8), ("individual", 27 + 8)],
)
def test_a_person_gets_to_the_end(cesaq: Questionnaire, capacity: str, length: int) -> None:
    chat = Chat(round_of(cesaq, languages=("en",)), capabilities=TERMINAL)
    answers = {"p_capacity": capacity, "p_country": "fiji", "p_background": "other"}
    put = walk(chat, answers)
    assert len(put) == length
    assert put == asked(cesaq, **dict(chat.answers.items()))  # type: ignore[arg-type]
    assert chat.answers["p_country"] == "FJ"
    assert "100" in chat.said or "submit" in chat.said.lower()


# In every language


def test_every_text_is_there_in_every_language(cesaq: Questionnaire) -> None:
    assert set(LANGUAGES) <= set(cesaq.languages)
    assert not [(what, one) for what, text in texts(cesaq) for one in LANGUAGES if not text.texts.get(one)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_short_enough_to_read_on_a_phone(cesaq: Questionnaire, language: str) -> None:
    assert not {q.name: n for q in cesaq if (n := len(q.label.in_language(language))) > 180}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_translations_ask_where_the_original_asks(cesaq: Questionnaire, language: str) -> None:
    for question in cesaq:
        original = question.label.in_language("en")
        assert original[-1] in ".?", question.name
        assert question.label.in_language(language)[-1] in SAME_END[original[-1]], question.name


def test_french_and_spanish_set_their_marks(cesaq: Questionnaire) -> None:
    for what, text in texts(cesaq):
        assert not re.search(r"(?<!\u00a0)[?!;»]|[\w’] :|«(?!\u00a0)", text.in_language("fr")), what
        assert text.in_language("es").count("¿") == text.in_language("es").count("?"), what
