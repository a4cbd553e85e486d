"""What holds for the types of questions together: names, kinds of values, words, and options."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.flows.expressions.types import Kind, ValueKind
from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES, Ear
from bot.flows.questionnaire import Choice, LocalizedText, Question
from tests.support.lexicons import ENGLISH
from tests.support.question_types import AMOUNT, DAY, FREE, NUMBER, ONE, READ, SEVERAL, STARS, YES_NO, ear_of


def test_the_words_of_a_question_are_made_once_a_language() -> None:
    assert ear_of(ONE).vocabulary is ear_of(ONE).vocabulary
    assert ear_of(ONE).vocabulary is not ear_of(ONE, "fr").vocabulary
    assert ear_of(ONE).vocabulary is not ear_of(SEVERAL).vocabulary


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (ONE, ValueKind(Kind.CODE, frozenset({"radio", "tv", "press", "net", "village", "none"}))),
        (SEVERAL, ValueKind(Kind.CODES, frozenset({"radio", "tv", "press", "net", "village", "none"}))),
        (NUMBER, ValueKind(Kind.NUMBER)),
        (AMOUNT, ValueKind(Kind.NUMBER)),
        (STARS, ValueKind(Kind.NUMBER)),
        (FREE, ValueKind(Kind.TEXT)),
        (DAY, ValueKind(Kind.DATE)),
        (READ, ValueKind(Kind.CODE, frozenset({"OK"}))),
    ],
)
def test_what_expressions_take_answers_for(question: Question, kind: ValueKind) -> None:
    assert QUESTION_TYPES[question.type].value_kind(question) == kind


def test_the_registry_knows_each_type_by_its_name() -> None:
    assert set(QUESTION_TYPES) == {
        "select_one", "select_multiple", "rank", "integer", "decimal", "range", "text", "date", "time", "dateTime",
        "geopoint", "image", "audio", "video", "file", "note", "acknowledge",
        "calculate", "hidden", "start", "end", "today",
    }  # fmt: skip
    for name, kind in QUESTION_TYPES.items():
        assert kind.name == name
        assert kind.tabulated_as in {"choices", "statistics", "texts", None}


def test_options_are_what_a_tap_chooses() -> None:
    for question in (ONE, SEVERAL, YES_NO, STARS, READ):
        kind, ear = QUESTION_TYPES[question.type], ear_of(question)
        options = kind.options(ear)
        assert kind.has_options
        assert [kind.option_value(index, ear) for index in range(len(options))] == [
            value for value, _ in options
        ]
        assert kind.option_value(len(options), ear) is None
        assert kind.option_value(-1, ear) is None


def test_a_code_that_is_a_command_word_stays_a_command() -> None:
    choices = (
        Choice("language", LocalizedText.of("The language spoken")),
        Choice("cost", LocalizedText.of("The cost")),
    )
    question = Question("barriers", "select_one", LocalizedText.of("What holds you back?"), choices=choices)
    ear = Ear(question, "en", replace(ENGLISH, commands={"language": Command.LANGUAGE}), date(2026, 1, 1))
    assert QUESTION_TYPES["select_one"].hears_exactly("language", ear) is None
    assert QUESTION_TYPES["select_one"].hears_exactly("cost", ear) == "cost"
