"""The conversation on questionnaires made by hand: which reading wins, what moves, what is kept and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest
from msgspec import structs

from bot.flows.conversation.talk import Join, Request
from bot.flows.lexicon import Command
from bot.flows.questionnaire import Choice, Scale
from bot.flows.received import (
    Attachment,
    AttachmentKind,
    Chosen,
    Contact,
    Edited,
    Location,
    Received,
    Start,
    Text,
    Unsupported,
)
from bot.flows.rounds import RoundState
from bot.flows.session import AnswerStatus, Outcome, State
from bot.flows.speech import Prompt
from bot.flows.taps import MenuKind, Tap, TapKind
from tests.support.conversations import (
    NOW,
    TERMINAL,
    YES_NO,
    Chat,
    ask,
    asked,
    choices,
    questionnaire,
    round_of,
    section,
    text,
)

ANSWERING_AT = {
    State.CHOOSING_LANGUAGE: (),
    State.CONSENTING: ("english",),
    State.ANSWERING: ("english", "agree"),
    State.REVIEWING: ("english", "agree", "a", "yes"),
    State.PAUSED: ("english", "agree", "pause"),
    State.COMPLETED: ("english", "agree", "a", "yes", "submit"),
    State.DECLINED: ("english", "no"),
    State.WITHDRAWN: ("english", "agree", "withdraw", "yes"),
}
"""What a person says to come to each state."""


def at_state(state: State) -> Chat:
    made = questionnaire(ask("words", "text"), ask("choice"))
    chat = Chat(round_of(made, languages=("en", "fr")))
    chat.say(*ANSWERING_AT[state])
    assert chat.at.state is state
    return chat


# Which reading wins


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


# Answers


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


# The route


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


# Commands and lists offered out of turn


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


def test_consent_is_told_anew_in_another_language() -> None:
    chat = at_state(State.CONSENTING)
    for change in (Text("/language fr"), Chosen(Tap(TapKind.MENU, 1, 1, 1, MenuKind.LANGUAGES).encode())):
        chat.hear(change)
        assert "Qui consulte" in chat.said
        assert "1. J’accepte" in [button.label for button in chat.buttons]


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


# Taps


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


# Limits


@pytest.mark.parametrize(
    "kind", ["select_one", "select_multiple", "integer", "decimal", "date", "text", "range"]
)
@pytest.mark.parametrize(
    "typed", ["x" * 10_000, "1," * 5_000, "a b " * 2_500, "\u0301" * 10_000, "0" * 10_000]
)
def test_lim_1_a_long_message_takes_bounded_work(kind: str, typed: str) -> None:
    options = tuple(Choice(f"c{n}", text(f"A rather long label, number {n}")) for n in range(100))
    chat = asked(ask("q", kind, options=options), ask("a"))
    began = perf_counter()
    chat.say(typed)
    assert perf_counter() - began < 0.5
    assert chat.said
    assert "q" not in chat.answers


def test_lim_1_an_answer_in_words_has_a_limit_and_says_by_how_much_to_shorten() -> None:
    chat = asked(ask("words", "text"), ask("a"))
    assert "up to 2,000 characters. Please shorten yours by 1." in chat.say("x" * 2001)
    chat.say("x" * 2000)
    assert chat.answers == {"words": "x" * 2000}


def test_len_4_numbers_stay_the_same_on_every_page_and_every_time() -> None:
    options = choices(*(f"Village {n}" for n in range(1, 71)))
    for capabilities in (TERMINAL, None):
        chat = asked(ask("where", options=options), ask("a"))
        if capabilities:
            chat.capabilities = capabilities
        assert "3. Village 3\n" in chat.say("help")
        said = chat.say("more")
        assert "31. Village 31\n" in said
        assert "Page 2 of 3" in said
        assert "70. Village 70" in chat.say("more") + "".join(button.label for button in chat.buttons)
        assert "Page 1 of 3" in chat.say("more")
        chat.say("64")
        assert chat.answers == {"where": "village_64"}, "a number of another page counts as well"


def test_opt_3_nothing_is_asked_before_consent() -> None:
    chat = Chat(round_of(questionnaire(ask("a"), ask("b")), languages=("en", "fr")))
    attempts = [
        *map(
            Text,
            ("yes", "1", "skip", "back", "review", "sections", "progress", "/skip", "submit", "done", "more"),
        ),
        *(Chosen(Tap(kind, 1, 1).encode()) for kind in TapKind),
        *(
            Chosen(Tap(TapKind.MENU, 1, 1, 0, menu).encode())
            for menu in MenuKind
            if menu is not MenuKind.CONSENT
        ),
        Start(),
        Edited("yes"),
    ]
    for language in (None, "english"):
        if language:
            chat = Chat(round_of(questionnaire(ask("a"), ask("b")), languages=("en", "fr")))
            chat.say(language)
        for received in attempts:
            if chat.at.state is State.CONSENTING and received in (Text("yes"), Text("1")):
                continue
            turn = chat.hear(received)
            assert not [said for said in turn.say if isinstance(said, Prompt)]
            assert chat.at.consent is None
            assert chat.answers == {}
            assert chat.at.state in {State.CHOOSING_LANGUAGE, State.CONSENTING}
    chat.say("agree")
    assert chat.at.consent is not None
    assert chat.at.consent.language == "en"
    assert chat.at.consent.at == chat.now
    assert "About a?" in chat.said


def test_what_was_agreed_to_is_on_record() -> None:
    made = questionnaire(ask("a"), ask("b"))
    hashes = set()
    for asking in (
        round_of(made),
        round_of(made, contact="another office"),
        round_of(made, purpose=text("Another purpose.")),
        round_of(made, closes=NOW + timedelta(days=9)),
    ):
        chat = Chat(asking)
        chat.say("agree")
        assert chat.at.consent is not None
        hashes.add(chat.at.consent.text_hash)
    assert len(hashes) == 4


def test_codes_are_what_is_kept() -> None:
    options = (Choice("c1", text("Yes"), {"en": ("yep",)}), *YES_NO[1:])
    for typed in ("1", "yes", "yep", "c1"):
        chat = asked(ask("a", options=options), ask("b"))
        chat.say(typed)
        assert chat.answers == {"a": "c1"}
