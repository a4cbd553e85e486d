"""Coming to a round by link, code or list; and being nowhere yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.flows.conversation import rights, steps
from bot.flows.conversation.talk import Join, Request, Talk, Turn, Wish
from bot.flows.lexicon import Command, Lexicon
from bot.flows.received import Attachment, Blocked, Chosen, Received, Start, Text, Unblocked
from bot.flows.rounds import Round
from bot.flows.session import Person, Session, State
from bot.flows.speech import N_, CommandList, CommandWord, LanguageName, Local, Notice, Offer, Option, Saying
from bot.flows.taps import MenuKind, Tap, TapKind
from bot.flows.understanding.matching import fold

_CODE = re.compile(r"[\w-]{1,64}")
"""What may be a round's code, or a number in the list of rounds; other words are a greeting."""
_ELSEWHERE = (Command.JOIN, Command.LANGUAGE, Command.STOP, Command.MYDATA, Command.FORGET)


def enter(
    asking: Round,
    session: Session | None,
    person: Person,
    source: str | None,
    language: str,
    now: datetime,
    lexicon: Lexicon,
) -> Turn:
    """Come into an open round for the first time, or again; `language` is the best guess until one is chosen."""
    if session is None:
        session = Session(State.CHOOSING_LANGUAGE, language, source=source)
    talk = Talk(person, asking, replace(session, turn=session.turn + 1), now, lexicon)
    steps.take_up(talk)
    return talk.turn()


def refuse(asking: Round | None, now: datetime, code: str, others: Sequence[Round]) -> tuple[Saying, ...]:
    """What to say to a code that leads nowhere now: wrong, not yet open or closed; and what is open instead."""
    say: list[Saying] = []
    if asking is None:
        if code:
            say.append(Notice(N_("There is no consultation with the code {code}."), {"code": code[:64]}))
    elif asking.opens is not None and now < asking.opens:
        date = Local(asking.opens, asking.time_zone)
        say.append(Notice(N_("“{title}” opens on {date}."), {"title": asking.title, "date": date}))
    else:
        say.append(Notice(N_("“{title}” is closed and takes no more answers."), {"title": asking.title}))
    return (*say, *list_rounds(others))


def list_rounds(rounds: Sequence[Round]) -> tuple[Saying, ...]:
    """The open rounds, to pick from."""
    if not rounds:
        return (Notice(N_("No consultation is open at the moment.")),)
    options = tuple(Option(r.title, Tap(TapKind.JOIN, r.id, 0, r.id)) for r in rounds)
    text = N_("These consultations are open. Choose one, or send {join} and the code you were given.")
    return (Offer(Notice(text, {"join": CommandWord(Command.JOIN)}), options),)


def erased(answers: int, rounds: int) -> tuple[Saying, ...]:
    """What was erased, said once everything is."""
    return (
        Notice(
            N_("Erased: your address, and {count} answer."),
            {"rounds": rounds},
            plural=N_("Erased: your address, and {count} answers."),
            count=answers,
        ),
        Notice(N_("Nothing about you is left here. If you write again, you begin as someone new.")),
    )


def erased_before() -> tuple[Saying, ...]:
    """To a repeat of the very message that asked for the erasure."""
    return (Notice(N_("Everything about you was erased.")),)


def attend(person: Person, received: Received, lexicon: Lexicon) -> Turn:
    """Hear someone who is in no round: a code, a command, a pick from the list of open rounds."""
    asked, person = person.confirming, replace(person, confirming=None)
    match received:
        case Start(payload):
            return _wish(person, Join(payload))
        case Chosen(data):
            return _hear_tap(person, asked, Tap.decode(data), lexicon)
        case Text(text):
            return _hear_text(person, asked, text, lexicon)
        case Attachment(caption=words) if words.strip():
            return _hear_text(person, asked, words, lexicon)
        case Blocked() | Unblocked():
            return Turn(replace(person, confirming=asked), None, {}, ())
        case _:
            return _wish(person, Request.LIST_ROUNDS)


def _hear_tap(person: Person, asked: Command | None, tap: Tap | None, lexicon: Lexicon) -> Turn:
    if tap is not None and tap.kind is TapKind.JOIN:
        return _wish(person, Join(round_id=tap.item))
    if tap is not None and tap.kind is TapKind.MENU and not tap.round:
        if tap.option == MenuKind.CONFIRM:
            return _confirm(person, asked, yes=tap.item == 0)
        if tap.option == MenuKind.LANGUAGES and tap.item < len(_languages(lexicon)):
            return _speak(person, _languages(lexicon)[tap.item])
    return _wish(person, Request.LIST_ROUNDS)


def _hear_text(person: Person, asked: Command | None, text: str, lexicon: Lexicon) -> Turn:
    folded, typed = fold(text), text.strip()
    command, argument = _command(typed, lexicon)
    if command is not None:
        return _obey(person, command, argument, lexicon)
    if asked is not None and folded in lexicon.yes | lexicon.no:
        return _confirm(person, asked, yes=folded in lexicon.yes)
    if folded in lexicon.language_names:
        return _speak(person, lexicon.language_names[folded])
    return _wish(person, Join(typed if _CODE.fullmatch(typed) else ""))


def _command(typed: str, lexicon: Lexicon) -> tuple[Command | None, str]:
    """The command that was typed, with what stands after it."""
    whole = _meant(typed, lexicon)
    if whole is not None:
        return whole, ""
    first, _, rest = typed.partition(" ")
    command = _meant(first.removeprefix("/").partition("@")[0], lexicon)
    if first.startswith("/") or command in {Command.START, Command.JOIN, Command.LANGUAGE}:
        return command, rest.strip()
    return None, ""


def _meant(word: str, lexicon: Lexicon) -> Command | None:
    folded = fold(word)
    return Command.STOP if folded in lexicon.stop_words else lexicon.commands.get(folded)


def _obey(person: Person, command: Command, argument: str, lexicon: Lexicon) -> Turn:
    match command:
        case Command.START if person.stopped and not argument:
            return _ask_to_confirm(person, command, rights.MESSAGES_AGAIN)
        case Command.START | Command.JOIN:
            return _wish(person, Join(argument))
        case Command.STOP:
            say = (Notice(N_("You will get no more messages from us, only replies when you write.")),)
            return Turn(replace(person, stopped=True), None, {}, say)
        case Command.MYDATA:
            return _wish(person, Request.EXPORT)
        case Command.FORGET:
            return _ask_to_confirm(person, command, rights.ERASE_EVERYTHING)
        case Command.LANGUAGE:
            named = lexicon.language_names.get(fold(argument))
            return _offer_languages(person, lexicon) if named is None else _speak(person, named)
        case Command.HELP:
            told = Notice(N_("You are in no consultation now. These words work:"))
            return Turn(person, None, {}, (told, CommandList(_ELSEWHERE)), Request.LIST_ROUNDS)
    return _wish(person, Request.LIST_ROUNDS)


def _ask_to_confirm(person: Person, command: Command, question: str) -> Turn:
    options = tuple(
        Option(Notice(label), Tap(TapKind.MENU, 0, 0, index, MenuKind.CONFIRM))
        for index, label in enumerate((N_("Yes"), N_("No")))
    )
    offer = Offer(Notice(question), options, numbered=False)
    return Turn(replace(person, confirming=command), None, {}, (offer,))


def _confirm(person: Person, asked: Command | None, *, yes: bool) -> Turn:
    if asked is Command.START:
        said = N_("You will get messages again.") if yes else N_("You will get no messages, only replies.")
        return Turn(replace(person, stopped=not yes), None, {}, (Notice(said),), Request.LIST_ROUNDS)
    if asked is Command.FORGET and yes:
        return _wish(person, Request.ERASE)
    return Turn(person, None, {}, (Notice(N_("Nothing was erased.")),), Request.LIST_ROUNDS)


def _languages(lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(sorted(set(lexicon.language_names.values())))


def _offer_languages(person: Person, lexicon: Lexicon) -> Turn:
    options = tuple(
        Option(LanguageName(language), Tap(TapKind.MENU, 0, 0, index, MenuKind.LANGUAGES))
        for index, language in enumerate(_languages(lexicon))
    )
    question = Notice(N_("Which language do you want to use?"))
    return Turn(person, None, {}, (Offer(question, options, numbered=False),))


def _speak(person: Person, language: str) -> Turn:
    told = Notice(N_("We go on in {language}."), {"language": LanguageName(language)})
    return Turn(replace(person, language=language), None, {}, (told,), Request.LIST_ROUNDS)


def _wish(person: Person, wish: Wish) -> Turn:
    return Turn(person, None, {}, (), wish)
