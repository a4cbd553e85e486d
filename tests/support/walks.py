"""Random people: anything that a phone can send, mostly what makes sense, so that they come far."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import i18n
from bot.flows.conversation import arrival, respond
from bot.flows.conversation.talk import Join, Request, Scene, Turn
from bot.flows.lexicon import Command
from bot.flows.received import (
    Attachment,
    AttachmentKind,
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
from bot.flows.rounds import Round
from bot.flows.session import AnswerStatus, Person, Session, State
from bot.flows.speech import Note, Notice, Prompt, Review, Saying
from bot.flows.taps import Tap, TapKind
from bot.messages import Capabilities, Reply
from bot.render import render
from tests.support.conversations import NOW

MOST_DATA = 64
ENDED = frozenset({State.COMPLETED, State.DECLINED, State.WITHDRAWN})


@dataclass
class Walk:
    """One person in one round, whose every turn is held to what must always be true."""

    asking: Round
    capabilities: Mapping[str, Capabilities]
    language: str
    now: datetime = NOW
    person: Person = field(default_factory=Person)
    session: Session | None = None
    reply: Reply = field(default_factory=lambda: Reply(()))
    turns: int = 0
    received: Received | None = None

    def hear(self, received: Received) -> None:
        """Let the person do something, and see that the answer to it is right."""
        self.now += timedelta(seconds=7)
        self.received = received
        scene = Scene(self.person, self.asking, self.session) if self.session else Scene(self.person)
        lexicon = i18n.lexicon(self.session.language if self.session else self.language)
        turn = respond(scene, received, self.now, lexicon)
        if self.turns % 3 == 0:
            assert respond(scene, received, self.now, lexicon) == turn, "the same again gives the same turn"
        before = self.session
        self._check_session(before, turn, received)
        say = self._settle(turn)
        self.turns += 1
        if isinstance(received, Blocked | Unblocked):
            assert not say
        else:
            self._check_words(say)
        self._check_consent(say)

    def _settle(self, turn: Turn) -> tuple[Saying, ...]:
        """What is said in all, once what the turn wishes of the program is done."""
        self.person = turn.person
        self.session = turn.session
        if isinstance(turn.wish, Join):
            return self._join(turn.wish)
        if turn.wish is Request.ERASE:
            self.person, self.session = Person(language_hint=self.person.language_hint), None
            return arrival.erased(1, 1)
        if turn.wish is Request.EXPORT:
            return (Notice("This is everything we hold about you."), *turn.say)
        if turn.wish is Request.LIST_ROUNDS and self.session is None:
            return (*turn.say, *arrival.list_rounds([self.asking]))
        return turn.say

    def _join(self, join: Join) -> tuple[Saying, ...]:
        meant = join.round_id == self.asking.id or join.payload.partition("-")[0] in {"", self.asking.code}
        if not meant:
            return arrival.refuse(None, self.now, join.payload, [self.asking])
        language = self.session.language if self.session else self.language
        entered = arrival.enter(
            self.asking, self.session, self.person, "poster", language, self.now, i18n.lexicon(language)
        )
        self.person, self.session = entered.person, entered.session
        return entered.say

    def _check_session(self, before: Session | None, turn: Turn, received: Received) -> None:
        after = turn.session
        if before is None or after is None:
            return
        kept = {} if turn.cleared else dict(before.answers)
        assert after.answers == kept | turn.changes, "the document holds what was acknowledged"
        assert after.turn == before.turn + 1
        for name, answer in after.answers.items():
            assert name in self.asking.questionnaire.questions
            assert (answer.value is None) <= (answer.status is not AnswerStatus.ANSWERED)
        if before.state in ENDED and after.state is not before.state:
            allowed = {State.WITHDRAWN}
            if before.state is State.COMPLETED and self.asking.allows_revision:
                allowed |= {State.REVIEWING, State.ANSWERING}
            if before.state is not State.COMPLETED:
                allowed |= {State.CHOOSING_LANGUAGE, State.CONSENTING}
            assert after.state in allowed, received
        if after.state in {State.ANSWERING, State.REVIEWING, State.COMPLETED}:
            assert after.consent is not None

    def _check_words(self, say: tuple[Saying, ...]) -> None:
        language = self.session.language if self.session else self.language
        # The first channel comes last, since the buttons that it shows are there to be tapped next time.
        first, *others = self.capabilities.values()
        for able in (*others[: self.turns % 2], first):
            self.reply = render(say, language, able)
            assert self.reply.parts, f"no reply to {self.received}"
            for part in self.reply.parts:
                assert part.text.strip()
                assert able.measure(part.text) <= able.text_limit
                buttons = [button for row in part.keyboard for button in row]
                assert len(buttons) <= able.buttons
                assert all(b.label.strip() and len(b.data.encode()) <= MOST_DATA for b in buttons)

    def _check_consent(self, say: tuple[Saying, ...]) -> None:
        if self.session is None or self.session.consent is None:
            assert not [one for one in say if isinstance(one, Prompt | Note | Review)], (
                "no question before consent"
            )


_JUNK = (
    *(
        "",
        " ",
        "\n\n",
        ".",
        "?",
        "\x00",
        "\ud83d",
        "\u202eabc",
        "\u200b",
        "👍",
        "-1",
        "1e9",
        "½",
        "٣",
        "نعم",
        "はい",
    ),
    *(
        "<b>&amp;",
        "{answer}",
        "${age}",
        "%s %d",
        "a" * 5000,
        "1," * 3000,
        "/" * 300,
        "/start@bot",
        "//",
        "/ x",
    ),
    *("yes\nno", "'; DROP TABLE answers"),
)
_LINKS = ("", "village", "village-radio", "metep-x-y", "nowhere", "-", "x" * 64, "\ud800")


def anything(dice: random.Random, walk: Walk) -> Received:
    """Something that this person might send now: most often an answer, by button, number or word."""
    chance = dice.random()
    if walk.person.confirming is not None and dice.random() < 0.3:
        return Text("yes")
    buttons = [button for part in walk.reply.parts for row in part.keyboard for button in row]
    if chance < 0.35 and buttons:
        return Chosen(dice.choice(buttons).data)
    if chance < 0.6:
        return Text(_sensible(dice, walk))
    if chance < 0.75:
        lexicon = i18n.lexicon(dice.choice(walk.asking.languages))
        word = dice.choice(sorted(lexicon.commands))
        return Text(dice.choice(("", "/")) + word + dice.choice(("", "", " fr", " village")))
    if chance < 0.85:
        return Text(dice.choice(_JUNK))
    if chance < 0.9:
        numbers = [dice.choice((0, 1, 2, 5, 40, 10**9)) for _ in range(4)]
        turn = walk.session.turn if walk.session else 0
        return Chosen(
            Tap(
                dice.choice(list(TapKind)), numbers[0], dice.choice((turn, turn - 1, 3)) % 10**9, *numbers[2:]
            ).encode()
        )
    return _odd(dice)


def _sensible(dice: random.Random, walk: Walk) -> str:
    lexicon = i18n.lexicon(walk.session.language if walk.session else walk.language)
    questions = list(walk.asking.questionnaire)
    question = dice.choice(questions)
    labels = [choice.label.in_language(lexicon.language) for choice in question.choices] or ["Suva"]
    words = (
        lexicon.yes,
        lexicon.no,
        lexicon.agree,
        lexicon.submit,
        lexicon.done,
        lexicon.more,
        lexicon.dont_know,
    )
    return dice.choice(
        (
            str(dice.randint(0, 40)),
            f"{dice.randint(1, 5)}, {dice.randint(1, 7)}",
            dice.choice(labels),
            dice.choice(labels)[:4],
            f"{dice.randint(1, 31)}/{dice.randint(1, 12)}/2024",
            f"{dice.uniform(0, 30):.1f}",
            dice.choice(sorted(dice.choice(words))),
            dice.choice(sorted(dice.choice(words))),
            f"{dice.choice(sorted(lexicon.change))} {dice.randint(1, 9)}",
            "Fiji",
            "OK",
        )
    )


def _odd(dice: random.Random) -> Received:
    return dice.choice(
        (
            Start(dice.choice(_LINKS)),
            Edited(dice.choice(_JUNK)),
            Attachment(dice.choice(list(AttachmentKind)), dice.choice(_JUNK)),
            Contact(),
            Location(dice.uniform(-90, 90), dice.uniform(-180, 180)),
            Unsupported("poll"),
            Blocked(),
            Unblocked(),
            Chosen(dice.choice(_JUNK)),
            Text("/" + dice.choice(list(Command))),
        )
    )


def walk_of(asking: Round, capabilities: Mapping[str, Capabilities], language: str) -> Walk:
    """Somebody who has just opened the link."""
    walk = Walk(asking, capabilities, language)
    walk.hear(Start(asking.code))
    return walk


def closed(walk: Walk, *, is_closed: bool) -> Walk:
    """The same person, with the round closed or open."""
    walk.asking = replace(walk.asking, closes=walk.now if is_closed else None)
    return walk
