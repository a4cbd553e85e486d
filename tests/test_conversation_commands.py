"""Commands and lists offered out of turn, in every state; breaks, withdrawals and changes after the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flows.conversation.talk import Join, Request
from bot.flows.lexicon import Command
from bot.flows.received import Chosen, Edited, Location, Received, Start, Text
from bot.flows.rounds import RoundState
from bot.flows.session import Outcome, State
from tests.support.conversations import ask, asked, at_state


def test_a_number_after_the_answers_so_far_is_theirs_and_not_the_question_s() -> None:
    chat = asked(ask("a"), ask("b"), ask("c"))
    chat.say("yes", "yes")
    chat.say("review", "2")
    assert chat.at.focus == "b"
    chat.say("review", "yes")
    assert chat.answers == {"a": "yes", "b": "yes"}, (
        "the question was out of sight, so yes is no answer to it"
    )
    assert "About b?" in chat.said
    chat.say("review", "pause")
    assert chat.at.state is State.PAUSED


def test_join_shows_the_list_and_takes_a_number_of_it() -> None:
    chat = asked(ask("a"), ask("b"))
    chat.say("join")
    assert chat.wish == Join("")
    chat.say("2")
    assert chat.wish == Join("2")
    assert chat.answers == {}
    chat.say("join other-poster")
    assert chat.wish == Join("other-poster")
    chat.hear(Start("other"))
    assert chat.wish == Join("other")


@pytest.mark.parametrize("command", list(Command))
@pytest.mark.parametrize("state", State)
def test_every_command_is_answered_in_every_state(state: State, command: Command) -> None:
    chat = at_state(state)
    chat.say(f"/{command}")
    assert chat.said or chat.wish is not None
    assert chat.at.answers.keys() <= {"words", "choice"}
    closed = at_state(state)
    closed.round = replace(closed.round, state=RoundState.CLOSED)
    before = closed.answers
    closed.say(f"/{command}")
    assert closed.said or closed.wish is not None
    assert closed.answers == before
    assert closed.at.state in {state, State.PAUSED}


def test_my_data_and_forget_work_everywhere() -> None:
    for state in State:
        chat = at_state(state)
        chat.say("my data")
        assert chat.wish is Request.EXPORT
        assert "This cannot be undone" in chat.say("forget me")
        chat.say("yes")
        assert chat.wish is Request.ERASE


@pytest.mark.parametrize(
    "between",
    [
        Text("a"),
        Text("/progress"),
        Edited("x"),
        Location(0, 0),
        Start(),
        Chosen("p1.1.0.1"),
        Chosen("nonsense"),
    ],
)
def test_only_the_very_next_yes_confirms_what_cannot_be_undone(between: Received) -> None:
    chat = asked(ask("a"), ask("b"))
    chat.say("forget me")
    chat.hear(between)
    assert "Nothing was erased" in chat.said
    chat.say("yes")
    assert chat.wish is not Request.ERASE


def test_withdrawing_deletes_the_answers_and_start_begins_anew() -> None:
    chat = at_state(State.COMPLETED)
    assert chat.at.outcome is Outcome.COMPLETE
    chat.say("withdraw", "no")
    assert chat.at.state is State.COMPLETED
    chat.say("withdraw", "yes")
    assert chat.at.state is State.WITHDRAWN
    assert chat.at.outcome is Outcome.WITHDRAWN
    assert chat.at.answers == {}
    assert chat.at.consent is None
    chat.say("yes", "1")
    assert chat.at.state is State.WITHDRAWN
    chat.say("start")
    assert chat.at.state is State.CONSENTING


def test_the_language_can_change_at_any_time_and_answers_stay() -> None:
    chat = at_state(State.REVIEWING)
    answers = chat.answers
    chat.say("language", "français")
    assert chat.at.language == "fr"
    assert chat.at.state is State.REVIEWING
    assert "Envoyer vos réponses" in chat.said
    chat.say("/language en")
    assert chat.at.language == "en"
    assert chat.answers == answers
    closed = at_state(State.ANSWERING)
    closed.round = replace(closed.round, state=RoundState.CLOSED)
    closed.say("language", "2")
    assert closed.at.language == "fr"


def test_a_person_comes_back_after_a_break() -> None:
    chat = asked(ask("a"), ask("b"))
    chat.say("yes")
    chat.now += timedelta(days=2)
    assert chat.say("good morning").startswith("Welcome back!")
    assert chat.at.misses == 0
    chat.now += timedelta(days=2)
    chat.say("yes")
    assert chat.answers == {"a": "yes", "b": "yes"}, "an answer is one, however late"


def test_words_only_resume_a_paused_conversation_while_a_tap_on_its_question_answers() -> None:
    chat = asked(ask("a"), ask("b"))
    tap = next(button.data for button in chat.buttons if "Yes" in button.label)
    chat.say("pause", "yes")
    assert chat.at.state is State.ANSWERING
    assert chat.answers == {}
    chat.say("pause")
    chat.hear(Chosen(tap))
    assert chat.answers == {"a": "yes"}


def test_submitted_answers_can_be_changed_while_the_round_allows_it() -> None:
    chat = at_state(State.COMPLETED)
    chat.say("review", "2", "no")
    assert chat.answers["choice"] == "no"
    assert chat.at.answers["choice"].revision == 1
    assert chat.at.outcome is Outcome.COMPLETE, "whoever submitted stays complete"
    final = at_state(State.COMPLETED)
    final.round = replace(final.round, allows_revision=False)
    said = final.say("review")
    assert "cannot be changed any more" in said
    assert "About choice?" in said
    final.say("2", "no", "submit")
    assert final.at.state is State.COMPLETED
    assert final.answers["choice"] == "yes"
