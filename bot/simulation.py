"""Simulated people: they read what a real one would get, and answer by number, word or button."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import i18n
from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES, Ear
from bot.flows.questionnaire import Question
from bot.flows.received import Attachment, AttachmentKind, Received, Start, Text
from bot.flows.rounds import Round
from bot.flows.sharing import Upload
from bot.messages import Capabilities, Inbound, Reply

CHANNEL = "simulated"
CAPABILITIES = Capabilities(text_limit=4096)
AT_ONCE = 200
MOST_MESSAGES = 1000
"""Of one person: more than any questionnaire needs, so that one who goes round in circles ends."""

DECLINE, LEAVE, SKIP, REVISE = 0.03, 0.002, 0.04, 0.02
"""Chances: of saying no, of leaving for good at a question, of skipping one, of going back."""
_MADE = {"image": "image/jpeg", "audio": "audio/ogg", "video": "video/mp4", "file": "application/pdf"}
"""Media types of what is sent in answer; there is nothing behind it to fetch."""
WORDS = ("radio", "meeting", "village", "mobile", "online", "budget", "school", "health", "water", "road")


@dataclass(frozen=True, slots=True)
class Tally:
    """What simulated people did, in messages and ends."""

    people: int
    messages: int


async def simulate(
    asking: Round,
    take: Callable[[Inbound], Awaitable[Reply | None]],
    *,
    respondents: int,
    seed: int,
    now: Callable[[], datetime],
    language: str | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Tally:
    """Let `respondents` people answer, some hundreds at once; the same seed makes the same answers."""
    messages, done = 0, 0
    limit = asyncio.Semaphore(AT_ONCE)

    async def live(number: int) -> None:
        nonlocal messages, done
        async with limit:
            dice = random.Random(f"{seed}/{asking.code}/{number}")  # noqa: S311 (nothing secret is drawn)
            person = _Person(asking, dice, now().date(), language)
            for index, received in enumerate(person.speak()):
                person.heard = await take(
                    Inbound(
                        channel=CHANNEL,
                        bot="",
                        address=f"{asking.code}/{seed}/{number}",
                        external_id=str(index),
                        at=now(),
                        received=received,
                        language_hint=person.language,
                    )
                )
                messages += 1
        done += 1
        progress(done)

    await asyncio.gather(*(live(number) for number in range(respondents)))
    return Tally(respondents, messages)


class _Person:
    def __init__(self, asking: Round, dice: random.Random, today: date, language: str | None) -> None:
        self._asking = asking
        self._dice = dice
        self._today = today
        self.language = language or dice.choice(asking.languages)
        self.heard: Reply | None = None
        self._lexicon = i18n.lexicon(self.language)
        # People differ in what they tend to say, so that answers hang together as real ones do.
        self._leaning = dice.random()

    def speak(self) -> Iterator[Received]:
        """What the person says, one message after another, given what they `heard` last."""
        yield Start(self._asking.code)
        yield Text(f"/language {self.language}")
        if self._dice.random() < DECLINE:
            yield Text("2")
            return
        yield Text("1")
        for _ in range(MOST_MESSAGES):
            question = self._question(self.heard)
            if question is None:
                break
            if self._dice.random() < LEAVE:
                return
            answer = self._answer(question)
            yield Text(answer) if isinstance(answer, str) else answer
        yield Text(i18n.main_word("submit", self.language))

    def _question(self, reply: Reply | None) -> Question | None:
        names = [part.question for part in reply.parts if part.question] if reply else []
        return self._asking.questionnaire.questions[names[-1]] if names else None

    def _answer(self, question: Question) -> str | Attachment:
        chance = self._dice.random()
        if chance < SKIP and not question.required:
            return "/" + Command.SKIP
        if chance > 1 - REVISE:
            return "/" + Command.BACK
        return self._value(question)

    def _value(self, question: Question) -> str | Attachment:
        kind, dice = QUESTION_TYPES[question.type], self._dice
        if isinstance(kind, Upload):
            return Attachment(AttachmentKind.FILE, "", f"made{dice.randrange(10**6)}", 1000, _MADE[kind.name])
        if question.choices:
            return self._chosen(question)
        match question.type:
            case "select_one":
                return self._country()
            case "integer":
                return str(self._allowed(question, [dice.randint(0, 20), dice.randint(1, 1000), 1]))
            case "decimal":
                return i18n.format_number(self.language, round(dice.uniform(0, 100), 1))
            case "range":
                steps = kind.options(Ear(question, self.language, self._lexicon, self._today))
                return str(steps[self._lean(len(steps))][0]) if steps else "/" + Command.SKIP
            case "date" | "time" | "dateTime":
                return self._moment(question.type)
            case "geopoint":
                return f"{dice.uniform(-19, -17):.4f}, {dice.uniform(177, 179):.4f}"
            case "acknowledge":
                return "OK"
            case _:
                return self._text(question)

    def _chosen(self, question: Question) -> str:
        dice = self._dice
        if question.choice_filter is not None:
            return "1"  # which choices are left, the question alone does not say; the first one always is
        if question.type == "select_one":
            return self._named(question, self._lean(len(question.choices)))
        if question.type == "rank":
            picked = dice.sample(range(len(question.choices)), len(question.choices))
        else:
            others = [i for i, choice in enumerate(question.choices) if not choice.exclusive]
            picked = sorted(dice.sample(others, dice.randint(1, min(3, len(others)))))
        return ", ".join(str(index + 1) for index in picked)

    def _moment(self, kind: str) -> str:
        if kind == "time":
            return f"{self._dice.randrange(24):02}:{self._dice.randrange(60):02}"
        day = (self._today - timedelta(days=self._dice.randint(0, 2000))).isoformat()
        return f"{day} {self._moment('time')}" if kind == "dateTime" else day

    def _country(self) -> str:
        """One of three: a round is about a country or a few, not about the world."""
        codes = sorted(self._lexicon.countries)
        few = random.Random(self._asking.code).sample(codes, 3)  # noqa: S311 (nothing secret is drawn)
        return self._lexicon.countries[self._dice.choices(few, weights=(8, 1, 1))[0]]

    def _text(self, question: Question) -> str:
        words = " ".join(self._dice.choices(WORDS, k=self._dice.randint(2, 8)))
        return str(self._allowed(question, [words, "https://example.org/" + self._dice.choice(WORDS)]))

    def _allowed(self, question: Question, tries: list[int] | list[str]) -> int | str:
        condition = question.constraint
        for value in tries:
            if condition is None or condition.holds(lambda name: None, value):
                return value
        return "/" + Command.SKIP

    def _lean(self, options: int) -> int:
        drawn = self._dice.betavariate(1 + 3 * self._leaning, 1 + 3 * (1 - self._leaning))
        return min(int(drawn * options), options - 1)

    def _named(self, question: Question, index: int) -> str:
        """By number mostly; by the label now and then, as people do."""
        if self._dice.random() < 0.8:
            return str(index + 1)
        return question.choices[index].label.in_language(self.language)
