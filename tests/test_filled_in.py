"""What is never asked: calculations, presets, the clock; kept beside the answers and counted nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.flows.expressions import Expression
from bot.flows.questionnaire import Question
from bot.flows.route import find_route
from tests.support.conversations import NOW, Chat, ask, asked, questionnaire, round_of


def calculate(name: str, calculation: str) -> Question:
    return replace(ask(name, "calculate"), calculation=Expression.parse(calculation))


def hidden(name: str, default: str | None = None) -> Question:
    return replace(ask(name, "hidden"), default=default)


def test_a_calculation_follows_its_inputs() -> None:
    chat = asked(
        ask("a", "integer"), calculate("double", "${a} * 2"), calculate("more", "${double} + 1"), ask("b")
    )
    assert "double" not in chat.answers
    chat.say("4")
    assert (chat.answers["double"], chat.answers["more"]) == (8, 9)
    chat.say("back", "5")
    assert (chat.answers["double"], chat.answers["more"]) == (10, 11)
    assert chat.at.answers["double"].status == "answered"


def test_a_calculation_is_not_counted_shown_or_reviewed() -> None:
    chat = asked(ask("a", "integer"), calculate("double", "${a} * 2"), ask("b"))
    assert "Question 1 of 2 · 0%" in chat.said
    chat.say("4")
    assert "Question 2 of 2 · 50%" in chat.said
    assert "double" not in chat.say("yes")


def test_a_calculation_opens_questions_and_fills_texts() -> None:
    chat = asked(
        ask("a", "integer"),
        calculate("double", "${a} * 2"),
        ask("b", label="Twice that is ${double}, is it not?", relevant="${double} > 6"),
    )
    chat.say("2")
    assert "Submit your answers?" in chat.said
    chat.say("change 1", "4")
    assert "Twice that is 8, is it not?" in chat.said


def test_a_calculation_off_the_route_counts_for_nothing() -> None:
    off = replace(calculate("c", "7"), relevant=Expression.parse("${a} = 'yes'"))
    chat = asked(ask("a"), off, ask("b", relevant="${c} = 7"), ask("last"))
    chat.say("no")
    assert "c" not in chat.answers
    chat.say("back", "yes")
    assert "About b?" in chat.said
    chat.say("back", "no")
    assert chat.at.answers["c"].status == "off_route"


def test_once_keeps_its_first_value() -> None:
    chat = asked(ask("a", "integer"), calculate("first", "once(${a})"), ask("b"))
    chat.say("4", "back", "5")
    assert (chat.answers["first"], chat.answers["a"]) == (4, 5)


def test_chance_stays_the_same_for_one_person() -> None:
    def drawn(minutes: int) -> tuple[object, ...]:
        draws = (calculate("r", "random()"), calculate("s", "random()"), calculate("u", "uuid()"))
        begun = NOW + timedelta(minutes=minutes)
        chat = Chat(round_of(questionnaire(*draws, ask("a"), ask("b"))), now=begun)
        chat.say("I agree", "yes", "back", "no")
        return tuple(chat.answers[name] for name in "rsu")

    first, other = drawn(0), drawn(1)
    assert first == drawn(0)
    assert first[0] != first[1]
    assert first[0] != other[0]
    assert isinstance(first[0], float)
    assert 0 <= first[0] < 1
    assert len(str(first[2])) == 36


def test_the_clock_is_read_once_and_at_the_end() -> None:
    began, ended, day = (ask(name, kind) for name, kind in (("s", "start"), ("e", "end"), ("d", "today")))
    chat = asked(began, ended, day, ask("a"))
    at = chat.now.isoformat()
    assert (chat.answers["s"], chat.answers["d"]) == (at, at[:10])
    assert "e" not in chat.answers
    chat.now += timedelta(days=2)
    chat.say("yes", "submit")
    assert chat.answers["s"] == at
    assert chat.answers["e"] == chat.now.isoformat()


def test_a_round_presets_hidden_values() -> None:
    made = questionnaire(hidden("district", "unknown"), ask("a", relevant="${district} = 'ba'"), ask("b"))
    plain, preset = Chat(round_of(made)), Chat(round_of(made, presets={"district": "ba"}))
    for chat in (plain, preset):
        chat.say("I agree")
    assert plain.answers["district"] == "unknown"
    assert "About b?" in plain.said
    assert preset.answers["district"] == "ba"
    assert "About a?" in preset.said


def test_nothing_is_filled_in_before_consent() -> None:
    chat = Chat(round_of(questionnaire(hidden("district", "ba"), ask("a"))))
    assert chat.answers == {}


def test_a_label_can_be_computed_in_the_persons_language() -> None:
    made = questionnaire(ask("a"), calculate("c", "jr:choice-name(${a}, '${a}')"), ask("b"))
    chat = Chat(round_of(made))
    chat.say("I agree", "2")
    assert chat.answers["c"] == "No"


def test_what_an_answer_changes_is_worked_out_as_if_from_the_beginning() -> None:
    """The shortcut after one answer finds what looking at everything anew finds."""
    made = questionnaire(
        ask("a", "integer"),
        calculate("b", "${a} + 1"),
        ask("c", relevant="${b} > 3"),
        calculate("d", "if(${c} = 'yes', ${b}, 0)"),
        ask("e", relevant="${d} > 3"),
        ask("f", relevant="${e} = 'yes' and ${a} < 9"),
    )
    chat = Chat(round_of(made))
    chat.say("I agree")
    for typed in (
        "5",
        "yes",
        "yes",
        "no",
        "change 1",
        "1",
        "change 1",
        "7",
        "change 2",
        "no",
        "change 1",
        "9",
    ):
        chat.say(typed)
        fresh = find_route(made, chat.at.answers)
        kept = {name: a.value for name, a in chat.at.answers.items() if a.status != "off_route"}
        assert {q.name for q in fresh.asked} >= {n for n in kept if made.questions[n].type != "calculate"}
        assert {n: v for n, v in fresh.filled.items() if v is not None} == {
            n: v for n, v in kept.items() if n in "bd"
        }
