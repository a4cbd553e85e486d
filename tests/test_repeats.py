"""Repeats: each turn is a question of its own, asked while there is another; expressions know them all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.expansion import expanded
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.expressions import Expression
from bot.flows.questionnaire import Question, Questionnaire, Repeat, Section
from tests.support.conversations import Chat, ask, questionnaire, round_of, section


def calculate(name: str, calculation: str) -> Question:
    return replace(ask(name, "calculate"), calculation=Expression.parse(calculation))


def repeated(*questions: Question, count: str | None = None, most: int = 3) -> Section:
    times = Expression.parse(count) if count else None
    return replace(section("child", *questions), repeat=Repeat("children", times, most))


def made(*sections: Section) -> Questionnaire:
    return expanded(questionnaire(*sections))


def begun(asked: Questionnaire) -> Chat:
    chat = Chat(round_of(asked))
    chat.say("I agree")
    return chat


def test_each_turn_is_asked_while_there_is_another() -> None:
    chat = begun(made(repeated(ask("age", "integer")), section("end", ask("last"))))
    assert "(1)" in chat.said
    chat.say("4", "yes")
    assert "Section child (2)" in chat.said
    chat.say("7", "yes", "9")
    assert "About last?" in chat.said, "there are three turns at most, so nobody is asked for a fourth"
    assert {name: value for name, value in chat.answers.items() if name.startswith("age")} == {
        "age[1]": 4,
        "age[2]": 7,
        "age[3]": 9,
    }


def test_a_count_that_is_answered_decides_how_many_turns_there_are() -> None:
    asked = made(section("all", ask("n", "integer")), repeated(ask("age", "integer"), count="${n}"))
    chat = begun(asked)
    chat.say("2", "5", "6")
    assert "Submit your answers?" in chat.said
    chat.say("change 1", "0")
    assert [q.name for q in asked.sections[0].questions] == ["n"]
    assert not any(name.startswith("age") and a.status == "answered" for name, a in chat.at.answers.items())


@pytest.mark.parametrize(
    ("calculation", "worth"),
    [
        ("count(${children})", 2),
        ("sum(${age})", 11),
        ("max(${age})", 7),
        ("min(${age})", 4),
        ("count-non-empty(${age})", 2),
        ("join('/', ${age})", "4/7"),
        ("${age}", 4),
        ("indexed-repeat(${age}, ${children}, 2)", 7),
        ("indexed-repeat(${age}, ${children}, count(${children}))", 7),
        ("indexed-repeat(${age}, ${children}, 9)", None),
    ],
)
def test_what_stands_outside_sees_every_turn(calculation: str, worth: object) -> None:
    chat = begun(
        made(repeated(ask("age", "integer")), section("end", calculate("c", calculation), ask("last")))
    )
    chat.say("4", "yes", "7", "no")
    assert chat.answers.get("c") == worth


def test_what_stands_inside_sees_its_own_turn_and_earlier_ones() -> None:
    before = "indexed-repeat(${sum}, ${children}, position(..) - 1)"
    asked = made(
        repeated(
            ask("age", "integer"),
            calculate("sum", f"${{age}} + if(position(..) > 1, {before}, 0)"),
            ask("name", "text", "Who is ${age} years old?"),
        )
    )
    chat = begun(asked)
    chat.say("4")
    assert "Who is 4 years old?" in chat.said
    chat.say("Ana", "yes", "7")
    assert "Who is 7 years old?" in chat.said
    assert (chat.answers["sum[1]"], chat.answers["sum[2]"]) == (4, 11)


def test_several_sections_in_a_repeat_are_asked_turn_by_turn() -> None:
    both = [
        repeated(ask("age", "integer")),
        replace(repeated(ask("school")), name="learning", relevant=Expression.parse("${age} > 5")),
    ]
    chat = begun(made(*both))
    chat.say("4")
    assert "Is there another one?" in chat.said, "the last group is for some only, the question is for all"
    chat.say("yes", "7")
    assert "About school?" in chat.said


def test_changing_the_number_of_turns_takes_their_answers_off_the_route() -> None:
    chat = begun(made(repeated(ask("age", "integer"))))
    chat.say("4", "yes", "7", "no", "change 2", "no")
    assert chat.at.answers["age[2]"].status == "off_route"


def test_a_repeat_in_a_repeat_is_asked_in_each_of_its_turns() -> None:
    chat = begun(read_questionnaire(Path(__file__).parent / "data" / "xlsform" / "nested.md"))
    chat.say("Alba", "2")
    assert "Child (1.1)" in chat.said
    chat.say("Ana")
    assert "How old is Ana?" in chat.said
    chat.say("3", "Bo", "7")
    assert "G (1.2)" in chat.said
    chat.say("north")
    assert "Home Alba: 10 years, 2 children" in chat.said
    chat.say("yes", "Bora", "1", "Cy", "9", "south", "no")
    assert "2 homes 3 kids 19 years; Cy Cy 10." in chat.said
    counted = ("pos[1][2]", "pos2[1][2]", "pos[2][1]", "kids[1]", "kids[2]", "homes", "allkids", "it", "dyn")
    assert [chat.answers[name] for name in counted] == ["1/2", "1/2", "2/1", 2, 1, 2, 3, "Cy", "Cy"]
    chat.say("skip", "change 2", "1")
    assert chat.at.answers["age[1][2]"].status == "off_route"
    assert (chat.answers["allkids"], chat.answers["allage"]) == (2, 12)


def test_a_turn_goes_on_though_its_first_group_is_for_some_only() -> None:
    some = replace(repeated(ask("school")), name="learning", relevant=Expression.parse("${age} > 5"))
    chat = begun(
        made(some, repeated(ask("age", "integer")), section("end", calculate("c", "count(${children})")))
    )
    chat.say("4")
    assert "Is there another one?" in chat.said
    chat.say("yes", "7", "no")
    assert chat.answers["c"] == 2


def test_a_repeat_can_count_another_one() -> None:
    seen = replace(
        section("visit", ask("day")), repeat=Repeat("visits", Expression.parse("count(${children})"), 3)
    )
    chat = begun(
        made(repeated(ask("age", "integer")), seen, section("end", calculate("c", "count(${visits})")))
    )
    chat.say("4", "yes", "7", "no", "yes")
    assert chat.answers["c"] == 2
    assert "Section visit (2)" in chat.said


def test_published_documents_hold_a_repeat_once() -> None:
    asked = made(repeated(ask("age", "integer"), ask("sex")))
    structure = structure_document(asked)
    assert [q["name"] for q in structure["sections"][0]["questions"]] == ["age", "sex"]
    assert structure["sections"][0]["repeat"] == {"name": "children", "most": 3}
    assert questionnaire_from_documents(structure, text_documents(asked)) == asked
