"""What a person may ask at any time, whatever the conversation is about: help, data, erasure, silence."""

from __future__ import annotations

from msgspec.structs import replace

from bot.flows.conversation.talk import Request, Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.session import State
from bot.flows.speech import N_, CommandList, CommandWord, Local, Note, Notice, Offer, Option, Percent
from bot.flows.taps import MenuKind, TapKind

ERASE_EVERYTHING = N_("Erase everything we hold about you, your answers included? This cannot be undone.")
MESSAGES_AGAIN = N_("You asked for no more messages. Do you want to get them again?")
HELP_WORDS = tuple(c for c in Command if c not in {Command.RESULTS, Command.START, Command.HELP})


def show_help(talk: Talk) -> None:
    """The words that can be sent at any time, after what helps with the question."""
    question = talk.current if talk.session.state is State.ANSWERING else None
    if question is not None and question.guidance_hint is not None:
        talk.say.append(Note(question.guidance_hint, talk.fills(question.guidance_hint)))
    talk.tell(
        N_("Answer with a number, the words of an option, or a button. You can send these words at any time:")
    )
    talk.say.append(CommandList(HELP_WORDS))
    if talk.round.contact:
        talk.tell(N_("For help from a person: {contact}"), contact=talk.round.contact)


def show_about(talk: Talk) -> None:
    """Who asks, why, until when, whom to ask."""
    asking = talk.round
    talk.tell(N_("{title}"), title=asking.title)
    talk.tell(N_("Who asks: {agency}"), agency=asking.agency)
    talk.tell(N_("What for: {purpose}"), purpose=asking.purpose)
    if asking.closes is not None:
        talk.tell(N_("You can answer until {date}."), date=Local(asking.closes, asking.time_zone))
    if asking.contact:
        talk.tell(N_("Whom to ask: {contact}"), contact=asking.contact)


def show_progress(talk: Talk) -> None:
    """How much is done and how much is left."""
    route = talk.route
    talk.say.append(
        Notice(
            N_("You have answered {answered} of {count} question ({percent})."),
            {"answered": route.answered, "percent": Percent(route.percent)},
            plural=N_("You have answered {answered} of {count} questions ({percent})."),
            count=len(route.asked),
        )
    )


def pause(talk: Talk) -> None:
    """Stop for now."""
    if talk.session.state is not State.PAUSED and not talk.move(Trigger.PAUSE):
        talk.tell(N_("There is nothing to pause."))
        return
    talk.tell(N_("Paused; your answers are kept. Write anything to go on."))


def stop(talk: Talk) -> None:
    """No more messages, except replies; everything that waits to be sent is cancelled with it."""
    talk.person = replace(talk.person, stopped=True, confirming=None)
    talk.move(Trigger.PAUSE)
    talk.tell(N_("You will get no more messages from us, only replies when you write."))
    talk.tell(
        N_(
            "Your answers are kept. {withdraw} takes them out of the results, {forget} erases everything about you."
        ),
        withdraw=CommandWord(Command.WITHDRAW),
        forget=CommandWord(Command.FORGET),
    )


def ask_to_confirm(talk: Talk, command: Command, question: str) -> None:
    """Ask once before something that cannot be taken back."""
    talk.person = replace(talk.person, confirming=command)
    talk.say.append(
        Offer(
            Notice(question),
            tuple(
                Option(Notice(label), talk.tap(TapKind.MENU, index, MenuKind.CONFIRM))
                for index, label in enumerate((N_("Yes"), N_("No")))
            ),
            numbered=False,
        )
    )


def forget(talk: Talk) -> None:
    """Ask whether everything is to be erased."""
    ask_to_confirm(talk, Command.FORGET, ERASE_EVERYTHING)


def withdraw(talk: Talk) -> None:
    """Ask whether this round's answers are to be deleted."""
    if talk.session.state is State.WITHDRAWN:
        talk.tell(N_("Your answers were already withdrawn."))
        return
    ask_to_confirm(talk, Command.WITHDRAW, N_("Withdraw your answers? They are deleted and will not count."))


def offer_messages(talk: Talk) -> None:
    """After *stop*, ask whether messages are welcome again: writing in alone does not bring them back."""
    ask_to_confirm(talk, Command.START, MESSAGES_AGAIN)


def drop_confirmation(talk: Talk) -> None:
    """Anything but yes or no leaves what awaited it undone."""
    if talk.person.confirming in {Command.FORGET, Command.WITHDRAW}:
        talk.tell(N_("Nothing was erased."))
    talk.person = replace(talk.person, confirming=None)


def confirm(talk: Talk, *, yes: bool) -> bool:
    """Do, or leave, what awaited yes or no; whether the conversation goes on from where it was."""
    command, talk.person = talk.person.confirming, replace(talk.person, confirming=None)
    if command is Command.START:
        talk.person = replace(talk.person, stopped=not yes)
        talk.tell(
            N_("You will get messages again.") if yes else N_("You will get no messages, only replies.")
        )
        return True
    if not yes:
        talk.tell(N_("Nothing was erased."))
        return True
    if command is Command.FORGET:
        talk.wish = Request.ERASE
        return False
    talk.erase_answers()
    talk.move(Trigger.WITHDRAW)
    talk.tell(
        N_("Your answers were deleted and do not count. To take part after all, send {start}."),
        start=CommandWord(Command.START),
    )
    return False
