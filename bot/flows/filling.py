"""The question types that are never asked: their values are computed, preset, or taken from the clock."""

from __future__ import annotations

from abc import abstractmethod
from math import isinf

from bot.flows.expressions.conversions import NOW, PRESET, Values, datum, to_text, to_value
from bot.flows.expressions.types import Kind
from bot.flows.hearing import Ear, Heard, Misheard, QuestionType
from bot.flows.questionnaire import Question
from bot.flows.speech import N_, Notice
from bot.flows.values import Value

_DIGITS = 15
_FILLED_IN = Notice(N_("This is filled in, and wants no answer."))


class Filled(QuestionType):
    """Something whose value is filled in."""

    asks = False
    is_filled = True
    tabulated_as = None

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Nothing."""
        return Misheard(_FILLED_IN)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Nothing."""
        return None

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """Whatever was filled in."""
        return None

    @abstractmethod
    def fill(self, question: Question, kept: Value | None, values: Values) -> Value | None:
        """The value now, given the one that was `kept` before."""


class Calculate(Filled):
    """A value that is computed from answers, anew whenever one of them changes."""

    name = "calculate"
    kind = Kind.COMPUTED

    def fill(self, question: Question, kept: Value | None, values: Values) -> Value | None:
        """What the calculation comes to."""
        calculation = question.calculation
        if calculation is None or (kept is not None and not calculation.references):
            return kept  # nothing that it looks at can change but the time
        return as_answer(calculation.evaluate(values, kept))


class Hidden(Filled):
    """A value that the round presets, or else its default; it stays."""

    name = "hidden"
    kind = Kind.COMPUTED

    def fill(self, question: Question, kept: Value | None, values: Values) -> Value | None:
        """The value kept, preset or given as default."""
        if kept is not None:
            return kept
        preset = values(f"{PRESET}/{question.name}")
        return suggested(question, self, values) if preset is None else preset


class Start(Filled):
    """When the person began."""

    name = "start"
    kind = Kind.DATE
    is_exported = False

    def fill(self, question: Question, kept: Value | None, values: Values) -> Value | None:
        """The first moment that was seen."""
        return values(NOW) if kept is None else kept


class Today(Start):
    """The day on which the person began."""

    name = "today"
    is_exported = True

    def fill(self, question: Question, kept: Value | None, values: Values) -> Value | None:
        """The first day that was seen."""
        return str(values(NOW) or "")[:10] or None if kept is None else kept


class End(Start):
    """When the person submitted."""

    name = "end"

    def fill(self, question: Question, kept: Value | None, values: Values) -> Value | None:
        """The moment of submitting, which is written then."""
        return kept


def suggested(question: Question, kind: QuestionType, values: Values) -> Value | None:
    """The answer that a question's default comes to; `None` without one."""
    if question.default is None:
        return None
    if question.computed_default is None:
        return kind.read(question.default, question)
    found = as_answer(question.computed_default.evaluate(values))
    # A code that looks like a number is still a code, and a whole number fits a decimal.
    return found if found is None or kind.is_filled else kind.read(_written(found), question)


def as_answer(result: Value | None) -> Value | None:
    """A result as an answer holds it.

    A condition, and infinity, which JSON has no number for, are their texts. Other numbers have the digits that
    SQLite gives back.
    """
    if isinstance(result, bool) or (isinstance(result, float) and isinf(result)):
        return to_text(datum(result))
    return to_value(float(f"{result:.{_DIGITS}g}")) if isinstance(result, float) else result


def _written(value: Value) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)
