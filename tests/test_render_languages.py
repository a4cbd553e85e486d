"""What differs between languages in how messages are put together: marks, directions, joined answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.flows.questionnaire import Choice, LocalizedText, Question
from bot.flows.speech import Notice, Percent, Prompt, Review, ReviewLine, Said
from bot.flows.taps import Tap, TapKind
from bot.render import render
from tests.support.conversations import TERMINAL, ask, section, text

TAP = Tap(TapKind.ANSWER, 1, 1)


def topics(*labels: str) -> Question:
    choices = tuple(Choice(str(place), LocalizedText.of(label)) for place, label in enumerate(labels))
    return Question("topics", "select_multiple", text("Which?"), choices=choices)


@pytest.mark.parametrize(
    ("language", "labels", "said"),
    [
        ("en", ("Radio", "Water"), "Radio and Water"),
        ("en", ("Radio and TV", "Water"), "Radio and TV · Water"),
        ("en", ("Radio, TV", "Water"), "Radio, TV · Water"),
        ("ar", ("الصحة", "التعليم"), "الصحة والتعليم"),
        ("ar", ("الصحة", "التخطيط والمالية"), "الصحة · التخطيط والمالية"),
        ("ar", ("الصحة، الغذاء", "التعليم"), "الصحة، الغذاء · التعليم"),
        ("zh", ("卫生", "教育"), "卫生和教育"),
        ("zh", ("卫生、食品", "教育"), "卫生、食品 · 教育"),
        ("zh", ("大学或研究机构", "教育"), "大学或研究机构 · 教育"),
    ],
)
def test_dots_part_answers_that_hold_a_comma_or_an_and(
    language: str, labels: tuple[str, ...], said: str
) -> None:
    question = topics(*labels)
    assert shown(Notice("{answer}", {"answer": Said(question, ("0", "1"))}), language) == said


@pytest.mark.parametrize(("language", "written"), [("en", "25%"), ("fr", "25\u00a0%"), ("de", "25\u00a0%")])
def test_a_percentage_is_written_as_the_language_writes_it(language: str, written: str) -> None:
    assert shown(Notice("So far {share}", {"share": Percent(25)}), language) == f"So far {written}"
    prompt = Prompt(ask("q"), TAP, number=2, total=9, percent=25)
    assert f"· {written}\n" in shown(prompt, language)


def test_a_letter_in_a_number_does_not_turn_a_right_to_left_line_around() -> None:
    question = replace(ask("q", label="هل؟"), number="3a")
    assert "\n\u200f3a. هل؟\n" in shown(Prompt(question, TAP, number=1, total=1, percent=0), "ar")
    assert "\n3. هل؟\n" in shown(
        Prompt(replace(question, number="3"), TAP, number=1, total=1, percent=0), "ar"
    )


@pytest.mark.parametrize(("language", "arrow"), [("en", "→"), ("ar", "←"), ("fa", "←")])
def test_the_review_points_the_way_the_language_is_read(language: str, arrow: str) -> None:
    question = ask("q", "text")
    review = Review(((section("one", question), (ReviewLine(1, question, "مرحبا"),)),))
    assert shown(review, language).endswith(f"    {arrow} مرحبا")


def shown(saying: Notice | Prompt | Review, language: str) -> str:
    (part,) = render([saying], language, TERMINAL).parts
    return part.text
