"""The end: all answers by section, changes, and handing them in."""

from __future__ import annotations

import hashlib
import json
from itertools import groupby

from msgspec.structs import replace

from bot.flows.conversation.talk import Request, Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.questionnaire import Question
from bot.flows.session import Menu, State
from bot.flows.speech import N_, CommandWord, Notice, Offer, Option, Review, ReviewLine, Said
from bot.flows.taps import MenuKind, TapKind
from bot.flows.understanding.matching import fold, parted
from bot.flows.understanding.numbers import read_integer


def show_review(talk: Talk, *, after: Question | None = None) -> None:
    """All answers so far, by section; at the end of the route with an offer to submit them."""
    route = talk.route
    if after is not None:
        talk.tell_notes(route.notes_before(None, after), after)
    if route.finished and not route.eligible:
        talk.tell(
            N_("This round has no questions for you: it asks others. You can still submit what you said.")
        )
    lines = [
        ReviewLine(route.place[q.name], talk.offered(q), route.answers[q.name].value, talk.fills(q.label))
        for q in route.asked
        if not route.is_open(q)
    ]
    section_of = talk.round.questionnaire.section_of
    if not lines:
        talk.tell(N_("There are no answers yet."))
    else:
        talk.say.append(
            Review(
                tuple(
                    (section, tuple(group))
                    for section, group in groupby(lines, key=lambda line: section_of[line.question.name])
                )
            )
        )
    if talk.session.state is State.REVIEWING:
        offer_submission(talk)
    elif talk.session.state is State.COMPLETED:
        talk.tell(N_("Your answers were submitted and cannot be changed any more."))
    elif lines:
        talk.session = replace(talk.session, draft=Menu(Command.REVIEW))
        talk.tell(N_("To change an answer, send its number. Anything else goes on with the question."))
    else:
        talk.ask(again=True)


def offer_submission(talk: Talk) -> None:
    """Offer to submit, and say how to change an answer."""
    talk.say.append(
        Offer(
            Notice(N_("Submit your answers? To change one first, send its number.")),
            (
                Option(Notice(N_("Submit")), talk.tap(TapKind.MENU, 0, MenuKind.REVIEW)),
                Option(Notice(N_("Show my answers")), talk.tap(TapKind.MENU, 1, MenuKind.REVIEW)),
            ),
            numbered=False,
        )
    )


def tell_changed(talk: Talk, question: Question) -> None:
    """After a change from the review: what the answer is now, and back to the offer."""
    value = talk.session.answers[question.name].value
    if value is not None:
        talk.tell(N_("Your answer is now: {answer}"), answer=Said(talk.offered(question), value))
    offer_submission(talk)


def hear_review(talk: Talk, typed: str) -> bool:
    """Understand an answer to the review: *submit*, a number, *change* and a number."""
    lexicon, folded = talk.lexicon, fold(typed)
    if folded in lexicon.submit or folded in lexicon.yes or folded in lexicon.done:
        submit(talk)
        return True
    return change_by_number(talk, typed)


def numbered_question(talk: Talk, typed: str) -> Question | None:
    """The question whose number in the review was typed, alone or after a word for *change*."""
    first, rest = parted(fold(typed), talk.lexicon.change)
    number = read_integer(rest if rest and first in talk.lexicon.change else typed, talk.lexicon)
    if number is None or not 1 <= number <= len(talk.route.asked):
        return None
    return talk.route.asked[number - 1]


def change_by_number(talk: Talk, typed: str) -> bool:
    """Open the question whose number was typed."""
    question = numbered_question(talk, typed)
    if question is None or talk.route.is_open(question):
        return False
    talk.reopen(question, Trigger.CHANGE)
    return True


def submit(talk: Talk) -> None:
    """Hand the answers in."""
    if not talk.move(Trigger.SUBMIT):
        talk.ask()
        return
    for question in talk.round.questionnaire:
        if question.type == "end" and question.name in talk.route.relevant:
            talk.record(question, talk.now.isoformat(timespec="seconds"))
    talk.session = replace(talk.session, completed_at=talk.now, focus=None, draft=Menu(Command.JOIN))
    talk.tell(N_("Thank you! Your answers were received."))
    talk.tell(N_("Your receipt: {receipt}"), receipt=receipt(talk))
    if talk.round.allows_revision:
        talk.tell(
            N_("You can still look at them and change them while the round is open: send {review}."),
            review=CommandWord(Command.REVIEW),
        )
    talk.wish = Request.LIST_ROUNDS


def receipt(talk: Talk) -> str:
    """The round's code and a fingerprint of the answers: the first 40 bits of their SHA-256, in two groups."""
    answers = talk.session.answers
    counted = {name: answers[name].value for name in sorted(talk.route.relevant & answers.keys())}
    document = json.dumps(counted, ensure_ascii=False)
    digest = hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()[:10].upper()
    return f"{talk.round.code}-{digest[:5]}-{digest[5:]}"
