"""What one person's answers are worth, item by item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache, partial
from typing import TypeAlias

from bot.flows.expressions.types import Kind
from bot.flows.indicators import DONT_KNOW, NOT_APPLICABLE, Indicators, Item, scores_of
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Question, Questionnaire, Scale
from bot.flows.values import Value


class Unscored(Enum):
    """An answer without a score."""

    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One score, or one for each choice that is scored by itself; counted by identity, which is quick."""

    scores: tuple[Fraction, ...]


Judged: TypeAlias = Scored | Unscored | None
"""What an answer is worth; `None` where there is none that counts."""
Judge: TypeAlias = Callable[[Value], Judged]
Values: TypeAlias = Mapping[str, Value]

_UNSCORED = {DONT_KNOW: Unscored.DONT_KNOW, NOT_APPLICABLE: Unscored.NOT_APPLICABLE}
_ZERO, _ONE = Fraction(0), Fraction(1)


class Scorer:
    """The items that a round asks, and what answers to them are worth."""

    def __init__(self, questionnaire: Questionnaire, indicators: Indicators) -> None:
        self.questionnaire = questionnaire
        self.indicators = indicators
        asked = questionnaire.questions
        self.items = tuple(i for i in indicators.items if any(name in asked for name in i.questions))
        facets = {item.name: indicators.facets(item) for item in self.items}
        self._zeros = {name: Scored((_ZERO,) * max(1, len(each))) for name, each in facets.items()}
        self._judges = {
            name: _judge(asked[name], facets[item.name])
            for item in self.items
            for name in item.questions
            if name in asked
        }
        self._plain = {i.name for i in self.items if len(i.questions) == 1 and not i.zero and not i.unknown}
        self._others = [item for item in self.items if item.name not in self._plain]

    def judge(self, values: Values) -> dict[str, Judged]:
        """What each item is worth in these answers; those that are worth nothing are left out."""
        found = {name: self._judges[name](values[name]) for name in self._plain & values.keys()}
        found |= {item.name: self._item(item, values) for item in self._others}
        return {name: judged for name, judged in found.items() if judged is not None}

    def worth(self, question: Question, code: str) -> Judged:
        """What one choice of a question comes to, written as tables have it."""
        if question.scale is not None:
            return self._judges[question.name](float(code))
        several = QUESTION_TYPES[question.type].kind is Kind.CODES
        return self._judges[question.name]((code,) if several else code)

    def _item(self, item: Item, values: Values) -> Judged:
        given = [self._judges[name](values[name]) for name in item.questions if name in values]
        judged = _any_of(given, len(item.questions)) if len(item.questions) > 1 else next(iter(given), None)
        if judged is None and item.zero is not None and item.zero.holds(values.get):
            return self._zeros[item.name]
        if judged is None and item.unknown is not None and item.unknown.holds(values.get):
            return Unscored.DONT_KNOW
        return judged


def _any_of(given: list[Judged], count: int) -> Judged:
    """Full score if any of several has it, the best if all have one; else what those without have in common."""
    scored = [judged for judged in given if isinstance(judged, Scored)]
    best = max(scored, key=lambda one: one.scores, default=None)
    if best is not None and (best.scores == (_ONE,) or len(scored) == count):
        return best
    if Unscored.DONT_KNOW in given:
        return Unscored.DONT_KNOW
    return Unscored.NOT_APPLICABLE if given.count(Unscored.NOT_APPLICABLE) == count else None


def _judge(question: Question, facets: tuple[str, ...]) -> Judge:
    """What each value of a question is worth, worked out once."""
    if facets:
        return cache(partial(_each, facets))
    if question.scale is not None:
        return cache(partial(_on_scale, question.scale))
    scores = scores_of(question.choice_by_name) or {}
    judged: dict[object, Judged] = {code: Scored((score,)) for code, score in scores.items()}
    return (judged | _UNSCORED).get


def _each(facets: tuple[str, ...], value: Value) -> Judged:
    """Of several choices, each by itself: chosen 1, not chosen 0."""
    chosen = value if isinstance(value, tuple) else (value,)
    if not chosen:
        return None
    if len(chosen) == 1 and chosen[0] in _UNSCORED:
        return _UNSCORED[str(chosen[0])]
    return Scored(tuple(_ONE if facet in chosen else _ZERO for facet in facets))


def _on_scale(scale: Scale, value: Value) -> Judged:
    if isinstance(value, (str, tuple)):
        return None
    start, end, given = (Fraction(repr(number)) for number in (scale.start, scale.end, value))
    return Scored(((given - start) / (end - start),))
