"""The conversation: what was heard goes in, a new session, changed answers and what to say come out.

Which reading wins, in this order: (1) a slash command; (2) a stop word as the whole message, in any state; (3) an exact
match with the current question, except for `text` questions; (4) a command word as the whole message; (5) a prefix or
fuzzy match, to the question's options only; (6) free text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from bot.flows.conversation import answering, arrival, consent, review, rights, steps
from bot.flows.conversation.commands import obey
from bot.flows.conversation.steps import go_on
from bot.flows.conversation.talk import Join, Scene, Talk, Turn
from bot.flows.conversation.tapping import hear_tap
from bot.flows.lexicon import Command, Lexicon
from bot.flows.received import (
    Attachment,
    Blocked,
    Chosen,
    Contact,
    Edited,
    Location,
    Received,
    Start,
    Text,
    Unblocked,
    Unsupported,
)
from bot.flows.session import Album, Menu, State
from bot.flows.speech import N_, CommandWord
from bot.flows.understanding.matching import fold, parted
from bot.flows.understanding.numbers import read_integer

_WORDS_ONLY = N_("I can read only words and numbers here. Please write your answer.")
_SLASH = re.compile(r"/([^\s/@]{1,64})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


def respond(scene: Scene, received: Received, now: datetime, lexicon: Lexicon) -> Turn:
    """One message of one person: never raises on what they send, and always has a reply for it.

    Only `Blocked` and `Unblocked` have none, since nobody is there to read it.
    """
    if scene.round is None or scene.session is None:
        return arrival.attend(scene.person, received, lexicon)
    session = replace(scene.session, turn=scene.session.turn + 1)
    talk = Talk(scene.person, scene.round, session, now, lexicon)
    _hear(talk, received)
    return talk.turn()


def _hear(talk: Talk, received: Received) -> None:
    if not isinstance(received, Text | Chosen | Attachment | Blocked | Unblocked):
        rights.drop_confirmation(talk)
    match received:
        case Text(text):
            _hear_text(talk, text)
        case Start(payload):
            obey(talk, Command.JOIN if payload else Command.START, payload)
        case Chosen(data):
            hear_tap(talk, data)
        case Edited():
            talk.tell(
                N_(
                    "A message that was changed does not change your answer. Send {back} or {review} to correct it."
                ),
                back=CommandWord(Command.BACK),
                review=CommandWord(Command.REVIEW),
            )
            go_on(talk)
        case Attachment():
            _hear_sent(talk, received)
        case Location() if answering.receive(talk, received):
            pass
        case Contact() | Location():
            talk.tell(N_("Thank you, but that is not needed, and it was not kept."))
            go_on(talk)
        case Unsupported():
            talk.tell(_WORDS_ONLY)
            go_on(talk)
        case Blocked() | Unblocked():
            pass


def _hear_sent(talk: Talk, sent: Attachment) -> None:
    """A file: its words, where they ask for something themselves or are all that is wanted of it, or else itself."""
    words, draft = sent.caption, talk.session.draft
    if fold(words) in talk.lexicon.stop_words or _SLASH.fullmatch(words.strip()):
        _hear_text(talk, words)
    elif isinstance(draft, Album) and draft.group == sent.group:
        rights.drop_confirmation(talk)
        _pass_over(talk, draft, sent)
    elif words.strip() and not answering.wants_something_sent(talk):
        talk.tell(N_("Only your words are read here: what came with them was not kept."))
        _hear_text(talk, words)
        _remember(talk, sent)
    else:
        rights.drop_confirmation(talk)
        if not answering.receive(talk, sent):
            talk.tell(_WORDS_ONLY)
            go_on(talk)
            _remember(talk, sent)


def _remember(talk: Talk, sent: Attachment) -> None:
    """Say no more to the rest of an album of which the first was of no use."""
    if sent.group and talk.session.draft is None:
        talk.session = replace(talk.session, draft=Album(sent.group, told=True))


def _pass_over(talk: Talk, album: Album, sent: Attachment) -> None:
    """Answer nothing with the rest of an album, and say so once; each puts the question, lest it be lost in a crash."""
    if not album.told:
        talk.tell(
            N_("A question takes one file: of those that you sent together, the first that fits was kept.")
        )
    elif sent.caption.strip():
        talk.tell(_WORDS_ONLY)
    talk.session = replace(talk.session, draft=Album(album.group, told=True))
    go_on(talk)


def _hear_text(talk: Talk, text: str) -> None:
    slash = _SLASH.fullmatch(text.strip())
    if slash is not None:
        word, argument = slash.group(1), (slash.group(2) or "").strip()
        command = talk.lexicon.commands.get(fold(word))
        if command is None and fold(word) in talk.lexicon.stop_words:
            command = Command.STOP
        if command is None:
            talk.tell(N_("I don't know the word {word}."), word="/" + word)
            talk.tell(N_("{help} shows what you can write."), help=CommandWord(Command.HELP))
            go_on(talk)
            return
        rights.drop_confirmation(talk)
        obey(talk, command, argument)
        return
    folded = fold(text)
    if folded in talk.lexicon.stop_words:
        obey(talk, Command.STOP, "")
        return
    if talk.person.confirming is not None:
        if folded in talk.lexicon.yes or folded in talk.lexicon.no:
            if rights.confirm(talk, yes=folded in talk.lexicon.yes):
                go_on(talk)
            return
        rights.drop_confirmation(talk)
    if not folded:
        go_on(talk)
        return
    _read(talk, text, folded)


def _read(talk: Talk, text: str, folded: str) -> None:
    command, argument = _command(talk, folded)
    is_open = talk.round.is_open(talk.now)
    if _hear_menu(talk, text, is_command=command is not None) or (is_open and _hear_exactly(talk, text)):
        return
    if command is not None:
        obey(talk, command, argument)
    elif not is_open:
        steps.tell_not_open(talk)
    else:
        _HEARERS[talk.session.state](talk, text)


def _command(talk: Talk, folded: str) -> tuple[Command | None, str]:
    """The command that a whole message is: a word for it, or *join* and *language* with what they are to act on."""
    command = talk.lexicon.commands.get(folded)
    if command is not None or _wants_words(talk):
        return command, ""
    first, argument = parted(folded, talk.lexicon.commands)
    command = talk.lexicon.commands.get(first)
    if command not in {Command.JOIN, Command.LANGUAGE} or " " in argument:
        return None, ""
    if " " not in folded and not _acts_on(talk, command, argument):
        # Written on without a space, it may be the beginning of a longer word.
        return None, ""
    return command, argument


def _acts_on(talk: Talk, command: Command, argument: str) -> bool:
    return (
        argument.isascii() if command is Command.JOIN else consent.find_language(talk, argument) is not None
    )


def _wants_words(talk: Talk) -> bool:
    question = talk.current
    return talk.session.state is State.ANSWERING and question is not None and question.type == "text"


def _hear_exactly(talk: Talk, text: str) -> bool:
    if talk.session.state is State.ANSWERING:
        return answering.hear_exactly(talk, text)
    if talk.session.state is State.REVIEWING:
        return review.hear_review(talk, text)
    return False


def _hear_menu(talk: Talk, text: str, *, is_command: bool) -> bool:
    """A number or a name right after a list that was offered out of turn; it has the list's meaning alone."""
    draft = talk.session.draft
    if not isinstance(draft, Menu):
        return False
    talk.session = replace(talk.session, draft=None)
    if draft.command is Command.LANGUAGE:
        language = consent.find_language(talk, text)
        if language is not None:
            steps.speak(talk, language)
        return language is not None
    number = read_integer(text, talk.lexicon)
    if draft.command is Command.JOIN and number is not None:
        talk.wish = Join(str(number))
        return True
    if not talk.round.is_open(talk.now):
        return False
    if draft.command is Command.SECTIONS:
        return answering.open_section_named(talk, text)
    if draft.command is not Command.REVIEW or is_command:
        return False
    if not review.change_by_number(talk, text):
        go_on(talk)
    return True


# States


def _hear_language(talk: Talk, text: str) -> None:
    language = consent.find_language(talk, text)
    folded = fold(text)
    if language is None and folded in talk.lexicon.yes:
        language = talk.session.language
    if language is None and folded in talk.lexicon.no | talk.lexicon.decline:
        consent.decline(talk)
        return
    if language is not None:
        steps.speak(talk, language)
        return
    talk.tell(N_("I did not find that language here."))
    go_on(talk)


def _hear_consent(talk: Talk, text: str) -> None:
    choice = consent.hear_consent(talk, text)
    if choice is None:
        consent.insist(talk)
    else:
        steps.settle_consent(talk, choice)


def _hear_at_review(talk: Talk, text: str) -> None:
    del text
    talk.tell(N_("I did not understand that."))
    review.offer_submission(talk)


def _hear_paused(talk: Talk, text: str) -> None:
    del text
    steps.resume(talk)


def _hear_after(talk: Talk, text: str) -> None:
    del text
    go_on(talk)


_HEARERS: Mapping[State, Callable[[Talk, str], None]] = {
    State.CHOOSING_LANGUAGE: _hear_language,
    State.CONSENTING: _hear_consent,
    State.ANSWERING: answering.hear,
    State.REVIEWING: _hear_at_review,
    State.PAUSED: _hear_paused,
    State.COMPLETED: _hear_after,
    State.DECLINED: _hear_after,
    State.WITHDRAWN: _hear_after,
}
