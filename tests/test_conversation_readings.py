"""Which reading of a message wins: slash commands, stop words, exact answers, command words, guesses, free text."""

from __future__ import annotations

import pytest

from bot.flows.received import Attachment, AttachmentKind
from bot.flows.session import AnswerStatus, State
from tests.support.conversations import ask, asked, at_state, choices


def test_rule_1_a_slash_command_goes_before_everything() -> None:
    chat = asked(ask("words", "text"), ask("choice", options=choices("Help", "/help", "Other")))
    assert "You can send these words" in chat.say("/help")
    chat.say("words")
    assert "You can send these words" in chat.say("/help")
    assert chat.answers == {"words": "words"}
    assert "I don't know the word /choice" in chat.say("/choice")


@pytest.mark.parametrize("typed", ["/skip", "/skip@talanoa_bot", "/Skip  please", " /skip "])
def test_rule_1_a_slash_command_may_be_written_as_platforms_send_it(typed: str) -> None:
    chat = asked(ask("words", "text"), ask("choice"))
    chat.say(typed)
    assert chat.at.answers["words"].status is AnswerStatus.SKIPPED


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("typed", ["stop", "STOP", " Stop. ", "unsubscribe", "/stop"])
def test_opt_1_a_stop_word_as_the_whole_message_is_heard_in_every_state(state: State, typed: str) -> None:
    chat = at_state(state)
    before = chat.answers
    said = chat.say(typed)
    assert chat.person.stopped
    assert said.startswith("You will get no more messages")
    assert chat.answers == before, "it is an event, not an answer"
    assert chat.at.state in {state, State.PAUSED}


@pytest.mark.parametrize("words", ["STOP", "unsubscribe", "/stop"])
def test_opt_1_a_stop_word_under_a_picture_is_heard(words: str) -> None:
    chat = at_state(State.ANSWERING)
    chat.hear(Attachment(AttachmentKind.PHOTO, words))
    assert chat.person.stopped


def test_opt_1_a_sentence_with_the_word_in_it_is_an_answer() -> None:
    chat = asked(ask("words", "text"), ask("more", "text"))
    chat.say("please stop the pollution", "Stop it!")
    assert not chat.person.stopped
    assert chat.answers == {"words": "please stop the pollution", "more": "Stop it!"}


def test_opt_2_writing_later_goes_on_but_brings_no_messages_back() -> None:
    chat = asked(ask("words", "text"), ask("choice"))
    chat.say("stop", "hello")
    assert chat.at.state is State.ANSWERING
    assert "you get replies only" in chat.said
    chat.say("an answer", "yes")
    assert chat.answers == {"words": "an answer", "choice": "yes"}
    assert chat.person.stopped
    assert "Do you want to get them again?" in chat.say("/start")
    chat.say("no")
    assert chat.person.stopped
    chat.say("/start", "yes")
    assert not chat.person.stopped
    assert chat.at.state is State.REVIEWING, "yes was the answer to that question, not to the review"


def test_rule_3_an_exact_answer_goes_before_a_command_word() -> None:
    chat = asked(ask("choice", options=choices("Back", "Forth")), ask("words", "text"))
    chat.say("back")
    assert chat.answers == {"choice": "back"}


def test_rule_3_goes_before_the_words_for_done_and_more_too() -> None:
    chat = asked(
        ask("choice", options=choices("Done", "More", *(f"Village {n}" for n in range(40)))), ask("a")
    )
    chat.say("more", "back", "done")
    assert chat.answers == {"choice": "done"}


def test_rule_3_is_not_for_text_questions() -> None:
    chat = asked(ask("choice"), ask("words", "text"))
    chat.say("yes", "back")
    assert chat.at.focus == "choice"
    assert chat.answers == {"choice": "yes"}


@pytest.mark.parametrize(
    ("typed", "state"), [("pause", State.PAUSED), ("Pause!", State.PAUSED), ("pauses", State.ANSWERING)]
)
def test_rule_4_a_command_word_is_the_whole_message(typed: str, state: State) -> None:
    chat = asked(ask("choice"), ask("words", "text"))
    chat.say(typed)
    assert chat.at.state is state


def test_rule_5_first_letters_and_typos_mean_options_and_never_commands() -> None:
    chat = asked(ask("choice", options=choices("Backpack", "Suitcase")), ask("n", "integer"), ask("e"))
    chat.say("bac")
    assert chat.answers == {"choice": "backpack"}
    assert "I understood: Backpack" in chat.said
    assert "not a number" in chat.say("bakc")
    assert chat.at.focus is None


def test_rule_6_anything_else_is_free_text() -> None:
    chat = asked(ask("words", "text"), ask("more", "text"), ask("last", "text"))
    chat.say("help me please", "skip", "join the dots")
    assert chat.answers == {"words": "help me please", "more": None, "last": "join the dots"}
