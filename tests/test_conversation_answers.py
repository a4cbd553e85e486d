"""Answers in a conversation: what is taken, asked back, told to be wrong, left as it was, and what is none."""

from __future__ import annotations

import pytest
from msgspec import structs

from bot.flows.questionnaire import Choice, Scale
from bot.flows.received import Attachment, AttachmentKind, Contact, Edited, Location, Received, Unsupported
from bot.flows.session import State
from tests.support.conversations import YES_NO, ask, asked, at_state, choices, text


def test_a_wrong_answer_is_told_what_is_wrong_and_three_in_a_row_offer_other_ways() -> None:
    chat = asked(ask("n", "integer", constraint=". < 10", message="Give less than ten."), ask("a"))
    assert "such as 12" in chat.say("many")
    assert "Give less than ten." in chat.say("12")
    assert chat.at.misses == 2
    assert "To leave this question out" not in chat.said
    said = chat.say("lots")
    assert "To leave this question out, send SKIP." in said
    assert "To go on another time, send PAUSE." in said
    assert "testers@example.org" in said
    chat.say("3")
    assert chat.at.misses == 0
    assert chat.answers == {"n": 3}


def test_a_needed_question_is_not_offered_to_be_left_out() -> None:
    chat = asked(ask("n", "integer", required=True), ask("a"))
    said = chat.say("many", "more", "most")
    assert "PAUSE" in said
    assert "SKIP" not in said
    assert "cannot be skipped" in chat.say("skip")
    assert chat.answers == {}


def test_a_constraint_without_a_message_still_says_something() -> None:
    chat = asked(ask("n", "integer", constraint=". < 10"), ask("a"))
    assert "This answer is not possible here" in chat.say("10")


def test_an_unclear_answer_is_asked_back_and_settled_by_yes_no_or_a_number() -> None:
    made = ask("choice", options=choices("North shore", "South shore", "Hills"))
    chat = asked(made, ask("a"))
    said = chat.say("shore")
    assert "Which one do you mean?" in said
    assert [button.label for button in chat.buttons] == ["1. North shore", "2. South shore"]
    chat.say("2")
    assert chat.answers == {"choice": "south_shore"}

    chat = asked(made, ask("a"))
    assert "Did you mean “Hills”?" in chat.say("gills")
    assert "please answer again" in chat.say("no")
    chat.say("gills", "yes")
    assert chat.answers == {"choice": "hills"}

    chat = asked(made, ask("a"))
    chat.say("shore")
    chat.tap("North shore")
    assert chat.answers == {"choice": "north_shore"}

    chat = asked(made, ask("a"))
    chat.say("gills", "2")
    assert chat.answers == {"choice": "south_shore"}, "an answer to the question settles the guess too"


def test_an_exclusive_choice_stands_alone() -> None:
    options = choices("Rain", "Well", "None", exclusive=["None"])
    chat = asked(ask("water", "select_multiple", options=options), ask("a"))
    assert "stands alone" in chat.say("none and well")
    assert chat.answers == {}
    chat.tap("Rain")
    chat.tap("None")
    assert [button.label for button in chat.buttons[:3]] == ["1. ☐ Rain", "2. ☐ Well", "3. ☑ None"]
    chat.tap("Well")
    assert [button.label for button in chat.buttons[:3]] == ["1. ☐ Rain", "2. ☑ Well", "3. ☐ None"]
    chat.say("rain")
    assert chat.answers == {"water": ("rain", "well")}, "what is typed adds to what is ticked"


def test_ticking_nothing_is_no_answer() -> None:
    chat = asked(ask("water", "select_multiple", options=choices("Rain", "Well")), ask("a"))
    chat.tap("Rain")
    chat.tap("Rain")
    assert "Nothing is chosen yet" in chat.say("done")
    assert chat.answers == {}


def test_an_answer_can_be_left_as_it_is() -> None:
    chat = asked(ask("words", "text"), ask("many", "select_multiple"), ask("a"))
    chat.say("a long answer that nobody wants to write twice", "1, 2", "back", "back")
    assert "To leave it so, send DONE." in chat.said
    chat.tap("Leave it so")
    assert chat.answers["words"] == "a long answer that nobody wants to write twice"
    assert chat.at.answers["words"].revision == 0
    chat.say("back")
    assert [button.label for button in chat.buttons[:3]] == ["1. ☑ Yes", "2. ☑ No", "Done"]
    chat.say("done")
    assert chat.answers["many"] == ("yes", "no")
    assert "About a?" in chat.said


def test_a_scale_is_answered_by_number_word_or_button() -> None:
    scale = Scale(1, 5, 1, text("Bad"), text("Good"))
    for typed in ("5", "five", "good", "Goo"):
        chat = asked(ask("n", "range", scale=scale), ask("a"))
        chat.say(typed)
        assert chat.answers == {"n": 5}
    chat = asked(ask("n", "range", scale=scale), ask("a"))
    assert [b.label for b in chat.buttons if b.label.isdigit()] == ["1", "2", "3", "4", "5"]
    chat.tap("4")
    assert chat.answers == {"n": 4}


def test_codes_are_what_is_kept() -> None:
    options = (Choice("c1", text("Yes"), {"en": ("yep",)}), *YES_NO[1:])
    for typed in ("1", "yes", "yep", "c1"):
        chat = asked(ask("a", options=options), ask("b"))
        chat.say(typed)
        assert chat.answers == {"a": "c1"}


@pytest.mark.parametrize("state", State)
def test_in_9_a_changed_message_changes_nothing_and_says_so(state: State) -> None:
    chat = at_state(state)
    before = chat.at
    chat.hear(Edited("no"))
    assert "does not change your answer" in chat.said
    assert structs.replace(chat.at, turn=before.turn) == before


@pytest.mark.parametrize(
    "received",
    [
        Attachment(AttachmentKind.PHOTO),
        Attachment(AttachmentKind.VOICE),
        Contact(),
        Location(-18.1, 178.4),
        Unsupported("poll"),
    ],
)
def test_what_is_no_text_is_no_answer_and_the_question_is_put_again(received: Received) -> None:
    chat = asked(ask("a"), ask("b"))
    chat.hear(received)
    assert chat.answers == {}
    assert "About a?" in chat.said
