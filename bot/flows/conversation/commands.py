"""Commands: what each does, in whatever state it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from bot.flows.conversation import answering, consent, review, rights, steps
from bot.flows.conversation.talk import Join, Request, Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.session import Menu, State
from bot.flows.speech import N_

ANSWERS = frozenset(
    {Command.BACK, Command.SKIP, Command.SECTIONS, Command.REVIEW, Command.PROGRESS, Command.PAUSE}
)
"""Commands about the answers: they need consent, and an open round."""


def obey(talk: Talk, command: Command, argument: str = "") -> None:
    """Do what a command asks, and put again what the conversation waits for."""
    if command in ANSWERS:
        if not talk.round.is_open(talk.now):
            steps.tell_not_open(talk)
            return
        if talk.session.state is State.PAUSED and command is not Command.PAUSE:
            talk.move(Trigger.RESUME)
        if talk.session.state not in {State.ANSWERING, State.REVIEWING, State.PAUSED}:
            _without_answers(talk, command)
            return
    _COMMANDS[command](talk, argument)


def _without_answers(talk: Talk, command: Command) -> None:
    state = talk.session.state
    if state is State.COMPLETED and command is Command.REVIEW:
        talk.move(Trigger.REVISE)
        review.show_review(talk)
    elif state is State.CONSENTING and command is Command.BACK:
        consent.offer_languages(talk)
    elif state is State.CONSENTING:
        consent.insist(talk)
    elif state is State.COMPLETED and command is Command.PROGRESS:
        rights.show_progress(talk)
        steps.go_on(talk)
    else:
        steps.go_on(talk)


def _start(talk: Talk, argument: str) -> None:
    if argument:
        _join(talk, argument)
    else:
        steps.start(talk)


def _join(talk: Talk, argument: str) -> None:
    talk.wish = Join(argument)
    if not argument:
        talk.session = replace(talk.session, draft=Menu(Command.JOIN))


def _language(talk: Talk, argument: str) -> None:
    language = consent.find_language(talk, argument) if argument else None
    if language is None:
        consent.offer_languages(talk)
        return
    steps.speak(talk, language)


def _mydata(talk: Talk, argument: str) -> None:
    del argument
    talk.wish = Request.EXPORT
    steps.go_on(talk)


def _results(talk: Talk, argument: str) -> None:
    del argument
    talk.tell(N_("Results here are for the staff of the agency who are signed in."))
    steps.go_on(talk)


def _then_go_on(show: Callable[[Talk], None]) -> Callable[[Talk, str], None]:
    def do(talk: Talk, argument: str) -> None:
        del argument
        show(talk)
        steps.go_on(talk)

    return do


def _only(act: Callable[[Talk], None]) -> Callable[[Talk, str], None]:
    def do(talk: Talk, argument: str) -> None:
        del argument
        act(talk)

    return do


_COMMANDS: Mapping[Command, Callable[[Talk, str], None]] = {
    Command.START: _start,
    Command.HELP: _then_go_on(rights.show_help),
    Command.LANGUAGE: _language,
    Command.BACK: _only(answering.back),
    Command.SKIP: _only(answering.skip),
    Command.SECTIONS: _only(answering.offer_sections),
    Command.PROGRESS: _then_go_on(rights.show_progress),
    Command.REVIEW: _only(review.show_review),
    Command.PAUSE: _only(rights.pause),
    Command.STOP: _only(rights.stop),
    Command.MYDATA: _mydata,
    Command.FORGET: _only(rights.forget),
    Command.WITHDRAW: _only(rights.withdraw),
    Command.JOIN: _join,
    Command.ABOUT: _then_go_on(rights.show_about),
    Command.RESULTS: _results,
}
