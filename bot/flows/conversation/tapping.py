"""Buttons: a tap is input like any other, perhaps double, stale, or from another round."""

from __future__ import annotations

from bot.flows.conversation import answering, review, rights, steps
from bot.flows.conversation.commands import obey
from bot.flows.conversation.talk import Join, Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Question
from bot.flows.session import TURNS_OF_A_VERSION, Guess, State
from bot.flows.speech import N_, Notice, Offer, Option, Said, Worded
from bot.flows.taps import MenuKind, Tap, TapKind
from bot.flows.values import Value

COMMANDS = tuple(Command)


def hear_tap(talk: Talk, data: str) -> None:
    """Do what a tap asks, if it still can be done."""
    tap = Tap.decode(data)
    if tap is None or tap.kind is not TapKind.MENU or tap.option != MenuKind.CONFIRM:
        rights.drop_confirmation(talk)
    if tap is None:
        _stale(talk)
    elif tap.kind is TapKind.JOIN:
        talk.wish = Join(round_id=tap.item)
    elif tap.round != talk.round.id:
        talk.tell(N_("That button belongs to another consultation."))
        steps.go_on(talk)
    elif tap.turn // TURNS_OF_A_VERSION != talk.session.turn // TURNS_OF_A_VERSION:
        _stale(talk)
    elif tap.kind is TapKind.MENU:
        _menu(talk, tap)
    elif tap.kind is TapKind.COMMAND:
        _command(talk, tap)
    elif not talk.round.is_open(talk.now):
        steps.tell_not_open(talk)
    else:
        _question_tap(talk, tap)


def _stale(talk: Talk) -> None:
    talk.tell(N_("That button no longer works."))
    steps.go_on(talk)


def _command(talk: Talk, tap: Tap) -> None:
    """*Back* and *skip* are meant for the question that they stood under, and for no other."""
    question = talk.current if talk.session.state is State.ANSWERING else None
    if question is None or talk.round.questionnaire.position[question.name] != tap.option:
        _stale(talk)
    elif tap.item < len(COMMANDS):
        obey(talk, COMMANDS[tap.item])
    else:
        _stale(talk)


def _menu(talk: Talk, tap: Tap) -> None:
    state, item = talk.session.state, tap.item
    if tap.option == MenuKind.CONFIRM:
        if talk.person.confirming is None or tap.turn != talk.session.turn - 1:
            _stale(talk)
        elif rights.confirm(talk, yes=item == 0):
            steps.go_on(talk)
        return
    if tap.option == MenuKind.LANGUAGES and item < len(talk.round.languages):
        steps.speak(talk, talk.round.languages[item])
    elif not talk.round.is_open(talk.now):
        steps.tell_not_open(talk)
    elif tap.option == MenuKind.CONSENT and state is State.CONSENTING and item <= 2:
        steps.settle_consent(talk, item)
    elif tap.option == MenuKind.SECTIONS and state in {State.ANSWERING, State.REVIEWING}:
        answering.open_section(talk, item)
    elif tap.option == MenuKind.REVIEW and state is State.REVIEWING:
        if item == 0:
            review.submit(talk)
        else:
            review.show_review(talk)
    elif (
        tap.option == MenuKind.GUESS
        and isinstance(talk.session.draft, Guess)
        and tap.turn == talk.session.turn - 1
    ):
        answering.resolve_guess(talk, item)
    else:
        _stale(talk)


def _question_tap(talk: Talk, tap: Tap) -> None:
    names = tuple(talk.round.questionnaire.position)
    question = talk.round.questionnaire.questions[names[tap.item]] if tap.item < len(names) else None
    if question is None or question.name not in talk.route.place:
        _stale(talk)
        return
    current = talk.current
    is_current = current is not None and current.name == question.name
    if talk.session.state is State.PAUSED and is_current:
        talk.move(Trigger.RESUME)
    if tap.kind is TapKind.CHANGE:
        if talk.session.state in {State.ANSWERING, State.REVIEWING, State.COMPLETED}:
            talk.reopen(question, Trigger.CHANGE)
        else:
            _stale(talk)
    elif question.choice_filter and tap.turn != talk.session.turn - 1:
        _stale(talk)  # the choices may have been others when the button was shown
    elif current is not None and is_current and talk.session.state is State.ANSWERING:
        _answer_tap(talk, tap, current)
    else:
        _earlier_tap(talk, tap, question)


def _answer_tap(talk: Talk, tap: Tap, question: Question) -> None:
    if tap.kind is TapKind.DONE:
        answering.finish(talk, question)
        return
    if tap.kind is TapKind.PAGE:
        if not answering.turn_page(talk, question, tap.option):
            _stale(talk)
        return
    value = QUESTION_TYPES[question.type].option_value(tap.option, talk.ear(question))
    if value is None:
        _stale(talk)
    elif question.type == "select_multiple":
        answering.toggle(talk, question, value)
    elif question.type == "rank":
        answering.place(talk, question, value)
    else:
        answering.take(talk, question, value)


def _earlier_tap(talk: Talk, tap: Tap, question: Question) -> None:
    """A tap on a question that was answered: the same answer again is a double tap, another one a wish to change."""
    answer = talk.session.answers.get(question.name)
    if answer is None or answer.value is None:
        _stale(talk)
        return
    if tap.kind is TapKind.DONE or _says(talk, tap, question) == answer.value:
        talk.tell(N_("Already noted: {answer}"), answer=Said(question, answer.value))
        # In a batch, or after a crash, this may be all that is said of both taps.
        steps.go_on(talk)
        return
    said = Notice(
        N_("To “{question}” you answered: {answer}"),
        {
            "question": Worded(question.label, talk.fills(question.label)),
            "answer": Said(question, answer.value),
        },
    )
    change = Option(Notice(N_("Change this answer")), talk.tap(TapKind.CHANGE, tap.item))
    changeable = talk.session.state is not State.COMPLETED or talk.round.allows_revision
    talk.say.append(Offer(said, (change,), numbered=False) if changeable else said)
    steps.go_on(talk)


def _says(talk: Talk, tap: Tap, question: Question) -> Value | None:
    if tap.kind is not TapKind.ANSWER:
        return None
    return QUESTION_TYPES[question.type].option_value(tap.option, talk.ear(talk.offered(question)))
