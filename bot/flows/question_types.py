"""The types of questions: how each hears an answer, what it offers and allows, how it is tabulated."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from bot.flows.choosing import Acknowledge, Rank, SelectMultiple, SelectOne
from bot.flows.expressions.types import Kind
from bot.flows.filling import Calculate, End, Hidden, Start, Today
from bot.flows.hearing import Ear, Heard, Misheard, QuestionType, TabulatedAs, Understood, Unsure
from bot.flows.questionnaire import LocalizedText, Question, Scale
from bot.flows.sharing import Audio, File, GeoPoint, Image, Video
from bot.flows.speech import N_, Fill, Notice
from bot.flows.timing import DateTime, Time
from bot.flows.understanding.dates import Ambiguity, is_unmistakable, read_date
from bot.flows.understanding.folding import fold
from bot.flows.understanding.matching import Candidate, MatchKind, match
from bot.flows.understanding.numbers import MOST_DIGITS, read_decimal, read_integer
from bot.flows.values import Value

__all__ = [
    "QUESTION_TYPES",
    "Ear",
    "Heard",
    "Misheard",
    "QuestionType",
    "TabulatedAs",
    "Understood",
    "Unsure",
]

LONGEST_TEXT = 2000
EXAMPLE_DATE = date(2024, 12, 31)
"""Shown as an example: its day can be no month."""
_MOST_SCALE_OPTIONS = 11
_NO_ANSWER_WANTED = Notice(N_("This is only to read; it wants no answer."))
_NO_NUMBER = N_("That is not a number that I can read. Please send digits, such as {example}.")
_WRONG_DATE = Notice(
    N_("That is not a date that I can read. Please send day, month and year, such as {example}."),
    {"example": EXAMPLE_DATE},
)


class Integer(QuestionType):
    """A whole number."""

    name = "integer"
    kind = Kind.NUMBER
    tabulated_as = TabulatedAs.STATISTICS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Digits of any script, or a number word; a number with words after it is asked back."""
        value = self.hears_exactly(typed, ear)
        if value is not None:
            return Understood(value)
        number, _, words = typed.strip().partition(" ")
        value = self.hears_exactly(number, ear)
        if value is not None and words.strip() and not any(char.isnumeric() for char in words):
            return Unsure((value,))
        return Misheard(self._wrong(typed, ear))

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """A whole number, as the language writes it."""
        return read_integer(typed, ear.lexicon)

    def instruction(self, ear: Ear) -> Notice | None:
        """What kind of number."""
        return Notice(N_("Send a whole number."))

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A whole number of at most fifteen digits."""
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MOST_DIGITS
        return None if whole else self._wrong("", ear)

    def read(self, written: str, question: Question) -> Value | None:
        """Digits."""
        number = _number(written)
        return int(number) if number is not None and number.is_integer() else None

    def _wrong(self, typed: str, ear: Ear) -> Notice:
        if read_decimal(typed, ear.lexicon) is not None:
            return Notice(N_("Only a whole number is possible here, such as {example}."), {"example": 12})
        return Notice(_NO_NUMBER, {"example": 12})


class Decimal(Integer):
    """Any number."""

    name = "decimal"

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """A number, as the language writes it."""
        return read_decimal(typed, ear.lexicon)

    def instruction(self, ear: Ear) -> Notice | None:
        """What kind of number."""
        return Notice(N_("Send a number, such as {example}."), {"example": 12.5})

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A finite number."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return None if number else self._wrong("", ear)

    def read(self, written: str, question: Question) -> Value | None:
        """Digits, with a point before decimals."""
        return _number(written)

    def _wrong(self, typed: str, ear: Ear) -> Notice:
        return Notice(_NO_NUMBER, {"example": 12.5})


class Range(QuestionType):
    """A step of a scale."""

    name = "range"
    kind = Kind.NUMBER
    has_options = True
    tabulated_as = TabulatedAs.STATISTICS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """A number of the scale, or the words at one of its ends."""
        value = self.hears_exactly(typed, ear)
        if value is not None:
            return Understood(value)
        ends = self._ends(ear)
        found = match(typed, [Candidate(key, (words,)) for key, (words, _) in ends.items()])
        values = tuple(ends[key][1] for key in found.keys)
        if not values:
            return Misheard(self._wrong(ear))
        return Unsure(values) if found.kind is MatchKind.UNSURE else Understood(values[0], exact=False)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """A number of the scale, or all the words at one of its ends."""
        number = read_decimal(typed, ear.lexicon)
        if number is not None:
            value = _tidy(number)
            return value if self.check(value, ear) is None else None
        folded = fold(typed)
        named = [value for words, value in self._ends(ear).values() if words == folded]
        return named[0] if len(named) == 1 else None

    def instruction(self, ear: Ear) -> Notice | None:
        """From where to where, when the steps are too many to show."""
        return None if self.options(ear) else self._wrong(ear)

    def options(self, ear: Ear) -> tuple[tuple[Value, LocalizedText | str], ...]:
        """The steps, when they are few."""
        scale = _scale(ear.question)
        steps = (scale.end - scale.start) / scale.step
        if not 0 <= steps < _MOST_SCALE_OPTIONS:
            return ()
        values = [_tidy(scale.start + place * scale.step) for place in range(round(steps) + 1)]
        return tuple((value, str(value)) for value in values)

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A number on the scale, on a step."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return self._wrong(ear)
        scale = _scale(ear.question)
        steps = (value - scale.start) / scale.step
        on_scale = scale.start <= value <= scale.end and abs(steps - round(steps)) < 1e-6
        return None if on_scale else self._wrong(ear)

    def read(self, written: str, question: Question) -> Value | None:
        """Digits, with a point before decimals."""
        number = _number(written)
        return None if number is None else _tidy(number)

    def _ends(self, ear: Ear) -> dict[str, tuple[str, Value]]:
        scale = _scale(ear.question)
        ends = {"start": (scale.start_label, scale.start), "end": (scale.end_label, scale.end)}
        return {
            key: (fold(label.in_language(ear.language)), _tidy(value))
            for key, (label, value) in ends.items()
            if label
        }

    def _wrong(self, ear: Ear) -> Notice:
        scale = _scale(ear.question)
        ends: dict[str, Fill] = {"low": _tidy(scale.start), "high": _tidy(scale.end)}
        if scale.step == 1:
            return Notice(N_("Please send a number from {low} to {high}."), ends)
        return Notice(
            N_("Please send a number from {low} to {high} in steps of {step}."),
            {**ends, "step": _tidy(scale.step)},
        )


class Text(QuestionType):
    """The person's own words."""

    name = "text"
    kind = Kind.TEXT
    tabulated_as = TabulatedAs.TEXTS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Anything that can be seen, without control characters."""
        text = _clean(typed)
        wrong = self.check(text, ear)
        return Understood(text) if wrong is None else Misheard(wrong)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Nothing: every command word could be a text."""
        return None

    def instruction(self, ear: Ear) -> Notice | None:
        """That there are no options."""
        return Notice(N_("Answer in your own words."))

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """At most so many characters, and something to see."""
        if not isinstance(value, str) or not fold(value):
            return Notice(N_("That holds no words. Please write your answer, such as a short sentence."))
        excess = len(value) - LONGEST_TEXT
        if excess > 0:
            return Notice(
                N_("An answer can have up to {limit} characters. Please shorten yours by {excess}."),
                {"limit": LONGEST_TEXT, "excess": excess},
            )
        return None


class Date(QuestionType):
    """A day of the calendar, stored as `YYYY-MM-DD`."""

    name = "date"
    kind = Kind.DATE
    tabulated_as = TabulatedAs.STATISTICS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """A date in digits or with the month's name; one without a year is asked back."""
        found = read_date(typed, ear.lexicon, ear.today)
        if found is None:
            return Misheard(_WRONG_DATE)
        if isinstance(found, Ambiguity):
            return Unsure(tuple(day.isoformat() for day in found.dates))
        return Understood(found.isoformat(), exact=is_unmistakable(typed))

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """A date that can be no other day."""
        found = read_date(typed, ear.lexicon, ear.today) if is_unmistakable(typed) else None
        return found.isoformat() if isinstance(found, date) else None

    def instruction(self, ear: Ear) -> Notice | None:
        """How a date can look."""
        return Notice(N_("Send a date, such as {example}."), {"example": EXAMPLE_DATE})

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A day that exists."""
        try:
            known = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        except ValueError:
            known = False
        return None if known else _WRONG_DATE

    def read(self, written: str, question: Question) -> Value | None:
        """ISO 8601; of a moment, its day."""
        try:
            return date.fromisoformat(written.strip().partition("T")[0]).isoformat()
        except ValueError:
            return None


class Note(QuestionType):
    """Words that are shown and want no answer."""

    name = "note"
    kind = Kind.TEXT
    asks = False
    is_exported = False
    tabulated_as = None

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Nothing."""
        return Misheard(_NO_ANSWER_WANTED)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Nothing."""
        return None

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """No value is one of a note's."""
        return _NO_ANSWER_WANTED


def _scale(question: Question) -> Scale:
    """The question's scale; 1 to 5 for one that came without."""
    scale = question.scale
    return scale if scale and scale.step > 0 else Scale(1, 5)


def _tidy(number: float) -> int | float:
    """The number without a fraction of nothing, or of rounding."""
    rounded = round(float(number), 9)
    return int(rounded) if rounded.is_integer() else rounded


def _number(written: str) -> float | None:
    """A number as XForms writes it."""
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _clean(typed: str) -> str:
    """The text without what cannot be stored: control characters but line ends, half surrogate pairs."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


QUESTION_TYPES: Mapping[str, QuestionType] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            SelectOne(),
            SelectMultiple(),
            Rank(),
            Integer(),
            Decimal(),
            Range(),
            Text(),
            Date(),
            Time(),
            DateTime(),
            GeoPoint(),
            Image(),
            Audio(),
            Video(),
            File(),
            Note(),
            Acknowledge(),
            Calculate(),
            Hidden(),
            Start(),
            End(),
            Today(),
        )
    }
)
"""Every type by its name in XLSForm."""
