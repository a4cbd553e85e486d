"""Choices that depend on answers or on chance, other words than the choices', defaults, and what must be answered."""

from __future__ import annotations

from dataclasses import replace

from bot.authoring.expansion import expanded
from bot.flows.expressions import Expression
from bot.flows.questionnaire import Choice, Question
from bot.flows.received import Chosen
from tests.support.conversations import (
    TERMINAL,
    YES_NO,
    Chat,
    ask,
    asked,
    choices,
    questionnaire,
    round_of,
    text,
)

REGIONS = choices("North", "South")
TOWNS = tuple(
    Choice(name, text(name.title()), filters={"region": region})
    for name, region in (("alba", "north"), ("bora", "north"), ("cala", "south"))
)


def filtered(condition: str, **changes: object) -> Question:
    town = ask("town", options=TOWNS)
    return replace(town, choice_filter=Expression.parse(condition, is_filter=True), **changes)  # type: ignore[arg-type]


BY_REGION = filtered("region = ${region}")


def test_only_the_choices_that_a_filter_leaves_are_offered_and_heard() -> None:
    chat = asked(ask("region", options=REGIONS), BY_REGION)
    chat.say("south")
    assert "Cala" in chat.said + "".join(b.label for b in chat.buttons)
    assert "Alba" not in chat.said + "".join(b.label for b in chat.buttons)
    chat.say("2")
    assert "number from 1 to 1" in chat.said
    chat.say("alba")
    assert "town" not in chat.answers
    chat.say("1")
    assert chat.answers["town"] == "cala"


def test_a_filter_can_look_at_the_code_and_at_several_answers() -> None:
    several = filtered("selected(${seen}, name) and region != 'south'")
    chat = asked(ask("seen", "select_multiple", options=TOWNS), several)
    chat.say("2, 3", "1")
    assert chat.answers["town"] == "bora"


def test_a_question_without_any_choice_left_is_not_asked() -> None:
    chat = asked(ask("region", options=REGIONS), filtered("region = 'east'"), ask("last"))
    assert "About last?" in chat.say("1")


def test_an_answer_that_a_filter_no_longer_allows_does_not_count_and_is_asked_again() -> None:
    last = ask("last", relevant="${town} = 'alba'")
    chat = asked(ask("region", options=REGIONS), BY_REGION, last)
    chat.say("north", "alba", "yes", "change 1", "south")
    assert chat.at.answers["town"].status == "off_route"
    assert "About town?" in chat.said
    assert "so far" not in chat.said
    chat.say("1")
    assert (chat.answers["town"], chat.at.answers["town"].status) == ("cala", "answered")
    assert chat.at.answers["last"].status == "off_route"
    assert "Submit your answers?" in chat.said


def test_an_allowed_answer_comes_back_with_its_choice() -> None:
    chat = asked(ask("region", options=REGIONS), BY_REGION, ask("last"))
    chat.say("north", "alba", "back", "back", "south", "back", "north")
    assert chat.at.answers["town"].status == "answered"


def test_a_button_shown_before_the_choices_changed_does_nothing() -> None:
    chat = asked(ask("region", options=REGIONS), BY_REGION, ask("last"))
    chat.say("north")
    old = next(b for b in chat.buttons if b.label.endswith("Bora"))
    chat.say("back", "south")
    chat.hear(Chosen(old.data))
    assert "no longer works" in chat.said
    assert "town" not in chat.answers


def test_each_person_gets_the_choices_in_an_order_of_their_own_that_stays() -> None:
    options = (*choices(*(f"Option {letter}" for letter in "ABCDEFGH")), *choices("None", exclusive=["None"]))
    made = questionnaire(ask("a"), replace(ask("q", options=options), randomize=True))

    def order(second: int) -> list[str]:
        chat = Chat(round_of(made), capabilities=TERMINAL)
        chat.now = chat.now.replace(second=second)
        chat.say("I agree", "yes")
        first = [line for line in chat.said.splitlines() if ". Option" in line or ". None" in line]
        again = chat.say("back", "done").splitlines()
        assert [line for line in again if line in first] == first
        chat.say("1")
        assert chat.answers["q"] == first[0].partition(". ")[2].lower().replace(" ", "_")
        return first

    assert order(1) != order(2)
    assert order(1)[-1] == "9. None", "what stands alone stays last"


def test_other_words_than_the_choices() -> None:
    with_other = replace(ask("crop", options=choices("Taro", "Rice")), or_other=True)
    made = expanded(questionnaire(with_other, ask("last")))
    assert list(made.questions) == ["crop", "crop_other", "last"]
    chat = Chat(round_of(made))
    chat.say("I agree", "other")
    assert "Which other?" in chat.said
    chat.say("kava")
    assert (chat.answers["crop"], chat.answers["crop_other"]) == ("other", "kava")
    chat.say("yes", "change 1", "taro")
    assert chat.at.answers["crop_other"].status == "off_route"


def test_a_default_is_suggested_and_one_word_keeps_it() -> None:
    chat = asked(replace(ask("people", "integer"), default="4"), replace(ask("b"), default="no"), ask("last"))
    assert "Suggested answer: 4" in chat.said
    assert chat.answers == {}
    chat.say("done")
    assert chat.answers == {"people": 4}
    assert "Suggested answer: No" in chat.said
    chat.tap("Leave it so")
    assert chat.answers["b"] == "no"


def test_a_default_can_be_overruled_skipped_and_computed() -> None:
    one, two = ask("one", "integer"), replace(ask("two", "integer"), default="${one} + 1")
    chat = asked(one, two, replace(ask("goods", "select_multiple"), default="yes no"))
    chat.say("4")
    assert "Suggested answer: 5" in chat.said
    chat.say("9", "done")
    assert chat.answers == {"one": 4, "two": 9, "goods": ("yes", "no")}
    chat.say("change 2", "skip")
    assert chat.answers["two"] is None


def test_a_computed_default_that_is_no_answer_is_not_suggested() -> None:
    chat = asked(ask("one", "integer"), replace(ask("two"), default="${one} + 1"))
    assert "Suggested" not in chat.say("4")


def test_what_is_read_only_is_shown_and_keeps_its_default() -> None:
    shown = replace(
        ask("shown", "text", "Your number is ${shown}."), read_only=True, default="concat('A', ${n})"
    )
    chat = asked(ask("n", "integer"), shown, ask("last"))
    assert "Your number is A7." in chat.say("7")
    assert chat.answers["shown"] == "A7"
    assert "Question 2 of 2" in chat.said


def test_a_question_can_be_required_by_another_answer() -> None:
    needed = replace(
        ask("b"), required_when=Expression.parse("${a} = 'yes'"), required_message=text("We do need this.")
    )
    chat = asked(ask("a"), needed)
    chat.say("yes", "skip")
    assert "We do need this." in chat.said
    assert "Skip" not in [button.label for button in chat.buttons]
    chat.say("back", "no")
    assert "Skip" in [button.label for button in chat.buttons]
    assert chat.say("skip").startswith("Skipped.")


def test_more_about_a_question_is_told_to_one_who_asks_for_help() -> None:
    chat = asked(replace(ask("a"), guidance_hint=text("Think of last week.")))
    assert "Think of last week." not in chat.said
    assert chat.say("help").startswith("Think of last week.")


def test_yes_and_no_still_name_themselves_in_every_variant() -> None:
    """A variant keeps its own vocabulary: *no* is a choice in one and none in another."""
    condition = Expression.parse("name != ${a}", is_filter=True)
    chat = asked(ask("a"), replace(ask("b", options=YES_NO), choice_filter=condition))
    chat.say("no", "no")
    assert "b" not in chat.answers
    chat.say("yes")
    assert chat.answers["b"] == "yes"
