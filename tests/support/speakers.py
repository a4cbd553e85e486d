"""People who answer in the words of one language: what they mean does not depend on it, what they type does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from bot import i18n
from bot.flows.lexicon import Command
from bot.flows.questionnaire import Question, Questionnaire
from bot.flows.received import Received, Start, Text
from bot.flows.values import Value
from bot.i18n import words
from bot.i18n.lexicons import _words
from bot.intake import Intake
from bot.messages import Inbound, Reply

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "hi": "०१२३४५६७८९", "zh": "０１２３４５６７８９"}
COMMAS = {"ar": "، ", "zh": "、"}
COUNTRIES = ("FJ", "TO", "HT", "BR", "KE")
USUAL = {"yes": words.YES, "no": words.NO, "dont_know": words.DONT_KNOW, "none": words.NONE}
WORDS = "是对好有否不没無无"
"""Characters that are words by themselves."""
SKIPS = 0.1
OFFER = "Submit your answers? To change one first, send its number."


@dataclass
class Speaker:
    """One person, by number, in one language; `said` holds everything typed, for a failing test to show."""

    questionnaire: Questionnaire
    code: str
    number: int
    language: str

    def __post_init__(self) -> None:
        self.said: list[str] = []
        self._deliveries = 0

    async def take_part(self, intake: Intake) -> None:
        """Answer everything that is asked, each answer understood at once, and submit."""
        await self._send(intake, Start(self.code))
        await self._send(intake, Text(i18n.own_name(self.language)))
        reply = await self._send(intake, Text(i18n.main_word("agree", self.language)))
        while (question := self._asked(reply)) is not None:
            reply = await self._send(intake, Text(self.words(question)))
            again = self._asked(reply)
            assert again is None or again.name != question.name, self._story(reply)
        assert i18n.gettext(self.language, OFFER) in reply.parts[-1].text, self._story(reply)
        reply = await self._send(intake, Text(i18n.main_word("submit", self.language)))
        assert self.code in reply.parts[0].text, self._story(reply)

    async def _send(self, intake: Intake, received: Received) -> Reply:
        self._deliveries += 1
        self.said.append(received.text if isinstance(received, Text) else "")
        address = f"{self.language}/{self.number}"
        reply = await intake.take(Inbound("spoken", "", address, str(self._deliveries), AT, received))
        assert reply is not None
        return reply

    def _asked(self, reply: Reply) -> Question | None:
        names = [part.question for part in reply.parts if part.question]
        return self.questionnaire.questions[names[-1]] if names else None

    def _story(self, reply: Reply) -> str:
        heard = "\n".join(part.text for part in reply.parts)
        return f"{self.language}/{self.number} wrote “{self.said[-1]}” and was told:\n{heard}"

    def meaning(self, question: Question) -> Value | None:
        """What the person thinks, in whatever language: `None` for nothing."""
        dice = Random(f"{self.number}/{question.name}")
        if not question.required and dice.random() < SKIPS:
            return None
        if question.type == "select_one":
            return dice.choice([choice.name for choice in question.choices] or COUNTRIES)
        if question.type == "select_multiple":
            several = [choice.name for choice in question.choices if not choice.exclusive]
            alone = [choice.name for choice in question.choices if choice.exclusive]
            return (dice.choice(alone),) if alone and dice.random() < 0.2 else self._some(dice, several)
        tries: list[Value] = [dice.choice((3, 11, 17, 480, 1250, 9500)), "https://example.org/"]
        if question.type == "text":
            tries = [question.label.in_language(self.language), "https://example.org/"]
        return next(
            v for v in tries if not question.constraint or question.constraint.holds(lambda _: None, v)
        )

    @staticmethod
    def _some(dice: Random, codes: list[str]) -> Value:
        chosen = set(dice.sample(codes, dice.randint(1, min(3, len(codes)))))
        return tuple(code for code in codes if code in chosen)

    def words(self, question: Question) -> str:
        """The meaning as somebody types it who knows no other language."""
        value = self.meaning(question)
        dice = Random(f"{self.language}/{self.number}/{question.name}")
        if value is None:
            return dice.choice((*_words(self.language, words.COMMAND_WORDS[Command.SKIP]), "/skip"))
        if isinstance(value, tuple):
            return self._several([dice.choice(list(self._names(question, code))) for code in value], dice)
        if isinstance(value, int):
            return dice.choice(list(self._figures(value)))
        return str(value) if question.type == "text" else dice.choice(list(self._names(question, str(value))))

    def _several(self, names: list[str], dice: Random) -> str:
        comma = COMMAS.get(self.language, ", ")
        listed = i18n.join_list(self.language, names)
        serial = listed.replace(names[-2], f"{names[-2]}{comma.strip()}", 1) if len(names) > 2 else listed
        return dice.choice((listed, serial, comma.join(names), "\n".join(names)))

    def _names(self, question: Question, code: str) -> Iterator[str]:
        """The label, its synonyms, the number as digits and in words, and what everybody says for it."""
        if not question.choices:
            yield i18n.lexicon(self.language).countries[code]
            return
        place = list(question.choice_by_name).index(code)
        choice = question.choices[place]
        label = choice.label.in_language(self.language)
        yield from (label, label.upper(), f" {label}.")
        yield from choice.synonyms.get(self.language, ())
        yield from self._figures(place + 1)
        if code in USUAL:
            # A single letter may begin another option: it is asked back.
            yield from (word for word in _words(self.language, USUAL[code]) if len(word) > 1 or word in WORDS)

    def _figures(self, number: int) -> Iterator[str]:
        """A number in European digits, in those of the script, with the language's marks, and in words."""
        yield str(number)
        yield str(number).translate(str.maketrans("0123456789", DIGITS.get(self.language, "0123456789")))
        yield i18n.format_number(self.language, number)
        if number <= 20:
            yield from _words(self.language, words.NUMERALS)[number].split("/")
