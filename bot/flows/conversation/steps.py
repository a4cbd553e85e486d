"""Where the conversation stands: putting again what it waits for, and taking it up after a break."""

from __future__ import annotations

from msgspec.structs import replace

from bot.flows.conversation import consent, review
from bot.flows.conversation.rights import offer_messages
from bot.flows.conversation.talk import Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.rounds import RoundState
from bot.flows.session import State
from bot.flows.speech import N_, CommandWord, Local


def go_on(talk: Talk) -> None:
    """Put again whatever is waited for."""
    state = talk.session.state
    if not talk.round.is_open(talk.now):
        tell_not_open(talk)
    elif state is State.CHOOSING_LANGUAGE:
        consent.offer_languages(talk)
    elif state is State.CONSENTING:
        consent.offer_consent(talk)
    elif state is State.ANSWERING:
        talk.ask(again=True)
    elif state is State.REVIEWING:
        review.offer_submission(talk)
    elif state is State.PAUSED:
        talk.tell(N_("You have paused. Write anything to go on."))
    elif state is State.COMPLETED:
        tell_completed(talk)
    else:
        talk.tell(N_("You are not taking part. To begin, send {start}."), start=CommandWord(Command.START))


def tell_completed(talk: Talk) -> None:
    """The answers are in; they can be looked at, and changed where the round allows it."""
    talk.tell(N_("Your answers to “{title}” were received. Thank you!"), title=talk.round.title)
    if talk.round.allows_revision:
        talk.tell(N_("To look at them or change them, send {review}."), review=CommandWord(Command.REVIEW))


def tell_not_open(talk: Talk) -> None:
    """The round takes no answers now: not yet, or no longer."""
    asking = talk.round
    if asking.state is RoundState.OPEN and asking.opens is not None and talk.now < asking.opens:
        talk.tell(
            N_("“{title}” opens on {date}."), title=asking.title, date=Local(asking.opens, asking.time_zone)
        )
        return
    talk.tell(N_("“{title}” is closed and takes no more answers."), title=asking.title)
    if talk.session.consent is not None:
        talk.tell(
            N_("What you answered is kept. {mydata} shows it, {forget} erases it."),
            mydata=CommandWord(Command.MYDATA),
            forget=CommandWord(Command.FORGET),
        )


def settle_consent(talk: Talk, choice: int) -> None:
    """Act on one of the three offers of `consent.ask_consent`: agree, decline, read more."""
    if choice == 1:
        consent.decline(talk)
    elif choice == 2:
        consent.explain_more(talk)
    else:
        consent.agree(talk)
        show_step(talk)


def show_step(talk: Talk) -> None:
    """Open the question or the review that the person has just come to."""
    if talk.session.state is State.REVIEWING:
        talk.tell_notes(talk.route.notes_before(None), None)
        review.show_review(talk)
    else:
        talk.ask()


def resume(talk: Talk) -> None:
    """Take a conversation up where it was before a break, whether it was paused or not."""
    talk.move(Trigger.RESUME)
    talk.tell(N_("Welcome back! Here is where you were:"))
    tell_stopped(talk)
    if talk.session.state is State.ANSWERING:
        talk.ask(notes=False)
    else:
        go_on(talk)


def take_up(talk: Talk) -> None:
    """Come to a round, or come back to it: wherever the conversation is, it goes on from there."""
    state = talk.session.state
    if not talk.round.is_open(talk.now):
        tell_not_open(talk)
        return
    if state in {State.ANSWERING, State.REVIEWING, State.PAUSED}:
        resume(talk)
        return
    tell_stopped(talk)
    if state is State.CHOOSING_LANGUAGE:
        begin(talk)
    elif state is State.CONSENTING:
        consent.ask_consent(talk)
    elif state is State.COMPLETED:
        tell_completed(talk)
    else:
        restart(talk)


def tell_stopped(talk: Talk) -> None:
    """To one who asked for no more messages: that it still holds, and how to undo it."""
    if talk.person.stopped:
        talk.tell(
            N_("You asked for no messages, so you get replies only. To get messages again, send {start}."),
            start=CommandWord(Command.START),
        )


def speak(talk: Talk, language: str) -> None:
    """Go on in another language: from consent, told anew in it, or from wherever the conversation is."""
    consent.choose_language(talk, language)
    if talk.session.state is State.CONSENTING and talk.round.is_open(talk.now):
        consent.ask_consent(talk)
    else:
        go_on(talk)


def start(talk: Talk) -> None:
    """`start` within a round: take it up, begin anew after a no, or ask whether messages are welcome again."""
    if talk.person.stopped:
        offer_messages(talk)
    else:
        take_up(talk)


def restart(talk: Talk) -> None:
    """Begin anew after *decline* or *withdraw*."""
    talk.erase_answers()
    talk.move(Trigger.RESTART)
    begin(talk)


def begin(talk: Talk) -> None:
    """The first step of a round: the language, unless it is known already."""
    offered, chosen = talk.round.languages, talk.person.language
    known = chosen if chosen in offered else offered[0] if len(offered) == 1 else None
    if known is None:
        consent.offer_languages(talk, greet=True)
        return
    talk.session = replace(talk.session, language=known)
    talk.move(Trigger.CHOOSE_LANGUAGE)
    consent.ask_consent(talk)
