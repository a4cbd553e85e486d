"""Which questions are a person's to answer: computed from the answers, every time."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.flows.questionnaire import Part, Questionnaire
from bot.flows.route import Route, find_route
from bot.flows.session import Answer, AnswerStatus
from bot.flows.settling import settle
from bot.flows.values import Value
from tests.support.conversations import NOW, ask, asked, questionnaire, section, text
from tests.support.work import calls_of


def given(**values: Value | None) -> Mapping[str, Answer]:
    return {
        name: Answer(value, AnswerStatus.SKIPPED if value is None else AnswerStatus.ANSWERED, NOW, "en")
        for name, value in values.items()
    }


def names(route: Route) -> str:
    return " ".join(question.name for question in route.asked)


CHAIN = questionnaire(
    ask("a"),
    ask("b", relevant="${a} = 'yes'"),
    ask("c", relevant="${b} = 'yes'"),
    ask("d", relevant="${c} = 'yes' or ${a} = 'no'"),
)


@pytest.mark.parametrize(
    ("answers", "route"),
    [
        ({}, "a"),
        ({"a": "no"}, "a d"),
        ({"a": "yes"}, "a b"),
        ({"a": "yes", "b": "yes"}, "a b c"),
        ({"a": "yes", "b": "yes", "c": "yes"}, "a b c d"),
        ({"a": "no", "b": "yes", "c": "yes"}, "a d"),
        ({"a": None, "b": "yes", "c": "yes"}, "a"),
    ],
)
def test_a_question_off_the_route_counts_as_unanswered_in_every_condition(
    answers: dict[str, Value | None], route: str
) -> None:
    assert names(find_route(CHAIN, given(**answers))) == route


def test_a_condition_may_refer_to_a_later_question() -> None:
    made = questionnaire(ask("early", relevant="${late} = 'yes'"), ask("middle"), ask("late"))
    assert names(find_route(made, {})) == "middle late"
    route = find_route(made, given(middle="no", late="yes"))
    assert names(route) == "early middle late"
    assert route.first_open is made.questions["early"]


def test_sections_and_parts_have_conditions_too() -> None:
    made = questionnaire(
        section("s", ask("a"), ask("b")),
        section("t", ask("c"), ask("d", relevant="${c} = 'yes'"), relevant="${a} = 'yes'"),
        section("u", ask("e"), part="P"),
        parts=(Part("P", text("Part P"), relevant=ask("x", relevant="${b} = 'yes'").relevant),),
    )
    assert names(find_route(made, {})) == "a b"
    assert names(find_route(made, given(a="yes", c="yes"))) == "a b c d"
    assert names(find_route(made, given(a="no", c="yes", b="yes"))) == "a b e"


def test_a_round_asks_only_its_parts() -> None:
    made = questionnaire(
        section("always", ask("a"), part="U"),
        section("one", ask("b"), part="A"),
        section("two", ask("c"), part="B"),
        parts=(Part("U", text("U"), always=True), Part("A", text("A")), Part("B", text("B"))),
    )
    limited = made.limited_to(frozenset({"B"}))
    assert names(find_route(limited, {})) == "a c"
    assert made.limited_to(None) is made


def test_a_person_is_not_eligible_when_no_part_that_could_be_left_out_asks_them_anything() -> None:
    made = questionnaire(
        section("always", ask("a"), part="U"),
        section("one", ask("b"), part="A", relevant="${a} = 'yes'"),
        parts=(Part("U", text("U"), always=True), Part("A", text("A"))),
    )
    assert find_route(made, given(a="yes")).eligible
    assert not find_route(made, given(a="no")).eligible


def test_settling_takes_answers_off_the_route_and_puts_them_back() -> None:
    everything = given(a="yes", b="yes", c="yes", d=None)
    turned = dict(everything) | given(a="no")
    off = settle(find_route(CHAIN, turned))
    assert {name: answer.status for name, answer in off.items()} == {
        "b": AnswerStatus.OFF_ROUTE,
        "c": AnswerStatus.OFF_ROUTE,
    }
    assert off["b"].value == "yes"
    back = settle(find_route(CHAIN, turned | off | given(a="yes")))
    assert {name: answer.status for name, answer in back.items()} == dict.fromkeys(
        "bc", AnswerStatus.ANSWERED
    )
    assert settle(find_route(CHAIN, turned | off | given(a="yes") | back)) == {}


def test_progress_counts_answers_on_the_route_and_rounds_down() -> None:
    made = questionnaire(ask("a"), ask("b"), ask("c"))
    percents = [find_route(made, given(**dict.fromkeys("abc"[:done], "yes"))).percent for done in range(4)]
    assert percents == [0, 33, 66, 100]
    assert find_route(made, given(a=None, b=None, c="yes")).percent == 33
    assert find_route(CHAIN, given(a="no", b="yes", c="yes")).percent == 50
    assert find_route(questionnaire(ask("n", "note")), {}).percent == 100


def test_the_question_before_and_the_next_open_one() -> None:
    made = questionnaire(*map(ask, "abcde"))
    q = made.questions
    route = find_route(made, given(a="yes", c="yes", d=None))
    assert route.before(q["a"]) is None
    assert route.before(q["c"]) is q["b"]
    assert route.first_open is q["b"]
    assert route.open_after(q["c"]) is q["e"]
    assert route.open_after(q["e"]) is q["b"], "after the last one, the first that was left open"
    assert find_route(made, given(**dict.fromkeys("abcde", "no"))).open_after(q["b"]) is None


def test_notes_are_shown_on_the_way_to_a_question_and_ask_nothing() -> None:
    made = questionnaire(
        ask("n1", "note"),
        ask("a"),
        ask("n2", "note"),
        ask("hidden", "note", relevant="${a} = 'no'"),
        ask("b"),
        ask("n3", "note"),
    )
    q = made.questions
    route = find_route(made, given(a="yes"))
    assert names(route) == "a b"
    assert route.notes_before(q["a"]) == (q["n1"],)
    assert route.notes_before(q["b"], after=q["a"]) == (q["n2"],)
    assert route.notes_before(q["b"]) == (q["n2"],), "a jump shows the notes of its place alone"
    assert route.notes_before(None, after=q["b"]) == (q["n3"],)


def long_chain(length: int) -> Questionnaire:
    links = [ask(f"q{n}", relevant=f"${{q{n - 1}}} = 'yes'" if n else None) for n in range(length)]
    return questionnaire(*links)


def test_lim_1_a_chain_of_600_questions_takes_bounded_work() -> None:
    half, made = long_chain(300), long_chain(600)
    answers = given(**{f"q{n}": "yes" for n in range(599)})
    assert len(made.logic.conditions) == 599
    assert len(half.logic.conditions) == 299
    route = find_route(made, answers)
    assert len(route.asked) == 600
    find_route(half, answers)  # what is worked out once for a questionnaire is there
    work = calls_of(lambda: find_route(made, answers))
    assert work < 2.1 * calls_of(lambda: find_route(half, answers)), "one pass, however they hang together"
    cut = find_route(made, {**answers, **given(q0="no")})
    assert names(cut) == "q0"
    assert len(settle(cut)) == 598


def test_lim_1_a_person_at_the_end_of_600_questions_is_answered_at_once() -> None:
    chat = asked(*[ask(f"q{n}", relevant=f"${{q{n - 1}}} = 'yes'" if n else None) for n in range(600)])
    for _ in range(40):
        chat.say("yes")
    work = calls_of(lambda: chat.say("back", "no", "back", "yes"))
    assert work < 4 * 600 * 30, "some calls a question and message, not one for each two questions"
    assert "Question 41 of 41" in chat.said


def test_conditions_come_after_what_they_refer_to_and_each_is_kept_once() -> None:
    made = questionnaire(
        ask("z", relevant="${y} = 'yes'"),
        ask("y", relevant="${x} = 'yes'"),
        ask("w", relevant="${x} = 'yes'"),
        ask("x"),
    )
    assert made.logic.always == {"x"}
    assert [name for name, _ in made.logic.sometimes].index("y") < 2
    assert [name for name, _ in made.logic.sometimes][-1] == "z"
    assert len(made.logic.conditions) == 2
