"""The way through a questionnaire in a conversation: progress, branches, sections, notes, and nothing to ask."""

from __future__ import annotations

from bot.flows.session import AnswerStatus, State
from tests.support.conversations import ask, asked, section


def test_progress_is_honest_when_a_branch_opens_and_says_so() -> None:
    opened = [ask(f"q{n}", relevant="${a} = 'yes'") for n in range(5)]
    chat = asked(ask("a"), *opened, ask("b"))
    assert "Question 1 of 2 · 0%" in chat.said
    said = chat.say("yes")
    assert "Your answer opens 5 more questions." in said
    assert "Question 2 of 7 · 14%" in said
    said = chat.say("yes", "back", "back", "no")
    assert "1 answer no longer counts" in said
    assert "Question 2 of 2 · 50%" in said


def test_answers_off_the_route_are_kept_do_not_count_and_come_back() -> None:
    chat = asked(ask("a"), ask("b", relevant="${a} = 'yes'"), ask("c"))
    chat.say("yes", "yes", "no")
    assert chat.at.state is State.REVIEWING
    chat.say("1", "no")
    assert chat.at.answers["b"].status is AnswerStatus.OFF_ROUTE
    assert chat.at.answers["b"].value == "yes"
    assert "About b" not in chat.say("show my answers")
    receipt = chat.say("submit")
    chat.say("review", "1", "yes")
    assert chat.at.answers["b"].status is AnswerStatus.ANSWERED
    assert "About b" in chat.say("show my answers")
    assert chat.say("submit") != receipt, "the receipt speaks of the answers that count"


def test_a_change_that_opens_questions_asks_them_before_the_review() -> None:
    chat = asked(ask("a"), ask("b", relevant="${a} = 'yes'"), ask("c", relevant="${b} = 'yes'"), ask("d"))
    chat.say("no", "yes")
    assert chat.at.state is State.REVIEWING
    said = chat.say("1", "yes")
    assert "Your answer opens 1 more question." in said
    assert chat.at.state is State.ANSWERING
    chat.say("yes", "yes")
    assert chat.at.state is State.REVIEWING
    assert list(chat.answers) == ["a", "d", "b", "c"]


def test_a_jump_to_a_section_goes_on_within_it_and_then_with_what_was_left_open() -> None:
    chat = asked(section("one", ask("a"), ask("b")), section("two", ask("c"), ask("d")))
    said = chat.say("sections")
    assert "1. Section one: 0 of 2" in [button.label for button in chat.buttons]
    said = chat.say("2")
    assert "Section two" in said
    assert "About c?" in said
    assert "About d?" in chat.say("yes")
    assert "About a?" in chat.say("yes")
    assert "Section one" in chat.said
    chat.say("sections", "section two")
    assert "About c?" in chat.said, "a section that is done opens at its first question"


def test_notes_are_shown_on_the_way_and_answers_are_put_into_texts() -> None:
    chat = asked(
        ask("name", "text", "What is it called?"),
        ask("note", "note", "Now about ${name}."),
        ask("like", label="Do you like ${name}?"),
        ask("end", "note", "Thank you for telling us about ${name}."),
    )
    said = chat.say("Levuka")
    assert "Now about Levuka." in said
    assert "Do you like Levuka?" in said
    said = chat.say("yes")
    assert "Thank you for telling us about Levuka." in said
    assert "Do you like Levuka?" in said, "so does the review"
    chat.say("1", "skip")
    assert "Do you like …?" in chat.say("show my answers")


def test_a_round_with_nothing_to_ask_goes_to_the_review() -> None:
    chat = asked(ask("n", "note", "Nothing today."))
    assert chat.at.state is State.REVIEWING
    assert "Nothing today." in chat.said
    chat.say("submit")
    assert chat.at.state is State.COMPLETED
