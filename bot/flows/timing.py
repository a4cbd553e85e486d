"""The question types of times of day and of moments."""

from __future__ import annotations

from datetime import date, datetime, time

from bot.flows.expressions.types import Kind
from bot.flows.hearing import Ear, Heard, Misheard, QuestionType, TabulatedAs, Understood, Unsure
from bot.flows.questionnaire import Question
from bot.flows.speech import N_, Notice
from bot.flows.understanding.dates import Ambiguity, is_unmistakable, read_date
from bot.flows.understanding.times import read_time, split_moment
from bot.flows.values import Value

_WRONG_TIME = Notice(N_("That is not a time that I can read. Please send hours and minutes, such as 14:30."))
_WRONG_MOMENT = Notice(
    N_("That is not a day and time that I can read. Please send both, such as {example}, 14:30."),
    {"example": date(2024, 12, 31)},
)


def _in_iso(at: time) -> str:
    return at.isoformat("seconds" if at.second else "minutes")


class Time(QuestionType):
    """A time of day, stored as `HH:MM`."""

    name = "time"
    kind = Kind.TIME
    tabulated_as = TabulatedAs.STATISTICS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Hours and minutes, with or without *am* and *pm*."""
        value = self.hears_exactly(typed, ear)
        return Misheard(_WRONG_TIME) if value is None else Understood(value)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """The same."""
        found = read_time(typed)
        return None if found is None else _in_iso(found)

    def instruction(self, ear: Ear) -> Notice | None:
        """How a time can look."""
        return Notice(N_("Send a time, such as 14:30."))

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A time that exists."""
        return None if isinstance(value, str) and self.read(value, ear.question) == value else _WRONG_TIME

    def read(self, written: str, question: Question) -> Value | None:
        """ISO 8601, without its time zone."""
        try:
            return _in_iso(time.fromisoformat(written.strip()).replace(tzinfo=None, microsecond=0))
        except ValueError:
            return None


class DateTime(QuestionType):
    """A day and a time of day, stored as `YYYY-MM-DDTHH:MM`."""

    name = "dateTime"
    kind = Kind.DATE
    tabulated_as = TabulatedAs.STATISTICS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """A date as for `date`, then a time as for `time`."""
        parted = split_moment(typed)
        if parted is None:
            return Misheard(_WRONG_MOMENT)
        words, at = parted
        found = read_date(words, ear.lexicon, ear.today)
        if found is None:
            return Misheard(_WRONG_MOMENT)
        if isinstance(found, Ambiguity):
            return Unsure(tuple(f"{day.isoformat()}T{_in_iso(at)}" for day in found.dates))
        return Understood(f"{found.isoformat()}T{_in_iso(at)}", exact=is_unmistakable(words))

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """A date that can be no other day, with a time."""
        heard = self.hear(typed, ear)
        return heard.value if isinstance(heard, Understood) and heard.exact else None

    def instruction(self, ear: Ear) -> Notice | None:
        """How both can look."""
        return Notice(
            N_("Send a date and a time, such as {example}, 14:30."), {"example": date(2024, 12, 31)}
        )

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A moment that exists."""
        return None if isinstance(value, str) and self.read(value, ear.question) == value else _WRONG_MOMENT

    def read(self, written: str, question: Question) -> Value | None:
        """ISO 8601, without its time zone."""
        try:
            found = datetime.fromisoformat(written.strip())
        except ValueError:
            return None
        return f"{found.date().isoformat()}T{_in_iso(found.time().replace(microsecond=0))}"
