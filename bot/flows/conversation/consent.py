"""The first two steps: the language, and consent before anything is asked."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from bot.flows.conversation.talk import Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.rounds import Round
from bot.flows.route import Route
from bot.flows.session import Consent, Menu, State
from bot.flows.speech import N_, CommandWord, LanguageName, Local, Notice, Offer, Option
from bot.flows.taps import MenuKind, TapKind
from bot.flows.understanding.matching import fold
from bot.flows.understanding.numbers import read_integer

SECONDS_A_QUESTION = 12
SECONDS_A_TEXT = 45


# Language


def offer_languages(talk: Talk, *, greet: bool = False) -> None:
    """List the round's languages, each by its own name."""
    hello = Notice(N_("Hello! You are invited to a consultation: {title}"), {"title": talk.round.title})
    talk.say.append(
        Offer(
            Notice(N_("Which language do you want to use?")),
            tuple(
                Option(LanguageName(language), talk.tap(TapKind.MENU, index, MenuKind.LANGUAGES))
                for index, language in enumerate(talk.round.languages)
            ),
            greeting=hello if greet else None,
        )
    )
    if talk.session.state is not State.CHOOSING_LANGUAGE:
        talk.session = replace(talk.session, draft=Menu(Command.LANGUAGE))


def find_language(talk: Talk, typed: str) -> str | None:
    """The round's language that was typed: by its number in the list, or by a name of it in any language."""
    number = read_integer(typed, talk.lexicon)
    languages = talk.round.languages
    if number is not None:
        return languages[number - 1] if 1 <= number <= len(languages) else None
    named = talk.lexicon.language_names.get(fold(typed))
    if named is None:
        return None
    parent = named.partition("-")[0]
    return next((tag for tag in (named, parent) if tag in languages), None)


def choose_language(talk: Talk, language: str) -> None:
    """Go on in `language`; what was answered stays."""
    first = talk.session.state is State.CHOOSING_LANGUAGE
    talk.person = replace(talk.person, language=language)
    talk.session = replace(talk.session, language=language, draft=None)
    talk.move(Trigger.CHOOSE_LANGUAGE)
    if not first:
        talk.tell(N_("We go on in {language}."), language=LanguageName(language))


# Consent


def ask_consent(talk: Talk) -> None:
    """Say who asks, why, how much, what happens with the answers, until when and whom to ask."""
    asking, route = talk.round, talk.route
    talk.tell(N_("{title}"), title=asking.title)
    talk.tell(N_("Who asks: {agency}"), agency=asking.agency)
    talk.tell(N_("What for: {purpose}"), purpose=asking.purpose)
    talk.say.append(
        Notice(
            N_("It is {count} question and takes about {minutes} min."),
            {"minutes": minutes(route)},
            plural=N_(
                "It is about {count} questions and takes about {minutes} min; it depends on your answers."
            ),
            count=len(route.asked),
        )
    )
    talk.tell(
        N_(
            "You need not give your name. Your answers are kept apart from your address, and results show totals only."
        )
    )
    if asking.closes is not None:
        talk.tell(N_("You can answer until {date}."), date=Local(asking.closes, asking.time_zone))
    if asking.contact:
        talk.tell(N_("Whom to ask: {contact}"), contact=asking.contact)
    talk.tell(
        N_("You can stop at any time, and have everything erased with the word {forget}."),
        forget=CommandWord(Command.FORGET),
    )
    offer_consent(talk)


def offer_consent(talk: Talk) -> None:
    """Agree, decline, or read more."""
    labels = (N_("I agree"), N_("No, thank you"), N_("Read more"))
    talk.say.append(
        Offer(
            Notice(N_("Do you want to take part?")),
            tuple(
                Option(Notice(label), talk.tap(TapKind.MENU, index, MenuKind.CONSENT))
                for index, label in enumerate(labels)
            ),
        )
    )


def insist(talk: Talk) -> None:
    """Ask again, for nothing goes on without an answer."""
    talk.tell(N_("Before we begin I need to know whether you agree."))
    offer_consent(talk)


def explain_more(talk: Talk) -> None:
    """What happens with the answers, in full."""
    talk.tell(N_("Your telephone number or account name is encrypted and kept apart from your answers."))
    talk.tell(N_("Those who read the results see counts and percentages, never who said what."))
    if talk.round.minimum_cell > 1:
        talk.tell(N_("Groups of fewer than {minimum} people are hidden."), minimum=talk.round.minimum_cell)
    talk.tell(N_("What you write in your own words is shown without who wrote it or exactly when."))
    talk.tell(N_("Please leave out names and telephone numbers."))
    talk.tell(
        N_("{mydata} gives you everything we hold about you, {forget} erases it, {stop} ends all messages."),
        mydata=CommandWord(Command.MYDATA),
        forget=CommandWord(Command.FORGET),
        stop=CommandWord(Command.STOP),
    )
    offer_consent(talk)


def agree(talk: Talk) -> None:
    """Keep the consent and begin."""
    talk.session = replace(
        talk.session,
        consent=Consent(talk.now, talk.session.language, consent_hash(talk.round, talk.session.language)),
    )
    talk.begin_filling()
    talk.move(Trigger.AGREE)
    talk.tell(
        N_("Thank you. You can pause at any time and go on later. {help} shows what else you can write."),
        help=CommandWord(Command.HELP),
    )


def decline(talk: Talk) -> None:
    """Take a no for an answer."""
    talk.move(Trigger.DECLINE)
    talk.tell(
        N_("All right, nothing was stored about your views. If you change your mind, send {start}."),
        start=CommandWord(Command.START),
    )


def hear_consent(talk: Talk, typed: str) -> int | None:
    """Which of the three offers of `ask_consent` was typed: 0 agree, 1 decline, 2 read more."""
    lexicon, folded = talk.lexicon, fold(typed)
    number = read_integer(typed, lexicon)
    if number is not None:
        return number - 1 if 1 <= number <= 3 else None
    if folded in lexicon.more:
        return 2
    if folded in lexicon.agree or folded in lexicon.yes:
        return 0
    return 1 if folded in lexicon.decline or folded in lexicon.no else None


def consent_hash(asking: Round, language: str) -> str:
    """A fingerprint of what the person was told before agreeing, SHA-256 in hexadecimal."""
    texts = (
        asking.code,
        *(text.in_language(language) for text in (asking.title, asking.agency, asking.purpose)),
    )
    closes = asking.closes.isoformat() if asking.closes else ""
    told = "\x1f".join((language, *texts, asking.contact, closes, str(asking.minimum_cell)))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def minutes(route: Route) -> int:
    """How long the route takes to answer, rounded up."""
    seconds = sum(SECONDS_A_TEXT if q.type == "text" else SECONDS_A_QUESTION for q in route.asked)
    return max(1, -(-seconds // 60))
