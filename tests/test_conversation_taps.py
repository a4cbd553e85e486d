"""Taps on buttons, whenever they were shown: each means what it said then, counts once, or is told that it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from bot.flows.received import Chosen
from bot.flows.rounds import RoundState
from bot.flows.session import State
from bot.flows.taps import Tap, TapKind
from tests.support.conversations import ask, asked, choices


def test_in_8_buttons_of_an_earlier_question_are_never_answers_to_the_current_one() -> None:
    questions = [ask(f"q{n}", options=choices("One", "Two", "Three")) for n in range(1, 13)]
    chat = asked(*questions)
    chat.say("1", "2")
    third = list(chat.buttons)
    chat.say("3", "1", "1", "1")
    assert "Question 7 of 12" in chat.said
    before = chat.at
    for button in third:
        chat.hear(Chosen(button.data))
        assert chat.at.answers == before.answers, button.label
        assert chat.at.state is State.ANSWERING
        if button.label == "3. Three":
            assert chat.said.startswith("Already noted: Three\n")
        elif button.label in {"Back", "Skip"}:
            assert "That button no longer works." in chat.said
            assert "Question 7 of 12" in chat.said
        else:
            assert "you answered: Three" in chat.said
            assert "Question 7 of 12" in chat.said
    chat.tap("Back")
    assert "Question 6 of 12" in chat.said


def test_in_8_a_changed_mind_is_taken_through_the_offer_to_change() -> None:
    chat = asked(*[ask(f"q{n}") for n in range(3)])
    first = list(chat.buttons)
    chat.say("yes", "yes")
    chat.hear(Chosen(first[1].data))
    chat.tap("Change this answer")
    assert "Your answer so far: Yes" in chat.said
    chat.tap("2. No")
    assert chat.answers == {"q0": "no", "q1": "yes"}
    assert "About q2?" in chat.said


def test_in_8_a_double_tap_counts_once() -> None:
    chat = asked(ask("a"), ask("b"), ask("c"))
    yes = chat.buttons[0]
    for _ in range(2):
        chat.hear(Chosen(yes.data))
    assert chat.answers == {"a": "yes"}
    assert "Already noted: Yes" in chat.said
    assert "About b?" in chat.said, "of a batch of both taps this is the only reply"
    skip = chat.shown[-2].parts[-1].keyboard[-1][-1]
    for _ in range(2):
        chat.hear(Chosen(skip.data))
    assert chat.answers == {"a": "yes", "b": None}


def test_in_8_taps_after_the_round_closed_or_from_another_round_change_nothing() -> None:
    chat = asked(ask("a"), ask("b"))
    yes = chat.buttons[0]
    foreign = Tap.decode(yes.data)
    assert foreign is not None
    chat.hear(Chosen(structs.replace(foreign, round=7).encode()))
    assert "belongs to another consultation" in chat.said
    chat.round = replace(chat.round, state=RoundState.CLOSED)
    chat.hear(Chosen(yes.data))
    assert "is closed" in chat.said
    assert chat.answers == {}


@pytest.mark.parametrize(
    "data",
    ["", "x", "a1.1.0", "a1.1.0.0.0", "a1.1.0.-1", "z1.1.0.0", "a" + "9" * 70, "a١.1.0.0", "a1.1.99.0", "a1.1.0.99",
     "d1.1.99.0", "p1.1.0.0", "e1.1.99.0", "c1.1.99.0", "m1.1.0.99", "m1.1.0.6", "m1.1.0.5"],
)  # fmt: skip
def test_a_tap_that_was_never_offered_is_told_so(data: str) -> None:
    chat = asked(ask("a"), ask("b"))
    chat.hear(Chosen(data))
    assert "no longer works" in chat.said
    assert "About a?" in chat.said
    assert chat.answers == {}


def test_button_data_fits_the_platform_and_comes_back_as_it_was() -> None:
    for kind in TapKind:
        tap = Tap(kind, 10**10 - 1, 10**10 - 1, 10**10 - 1, 10**10 - 1)
        assert len(tap.encode().encode()) <= 64
        assert Tap.decode(tap.encode()) == tap
