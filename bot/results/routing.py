"""What the number of people asked one question tells about the answers to another that routed them there.

Where a question is asked after a *yes*, as many are asked it as said *yes*. So a suppressed choice is not
protected by another that leads elsewhere: both must lead to the same questions, or the number asked must not
be shown. What is calculated on the way is seen through. (Disclosure by linking: *Handbook on Statistical
Disclosure Control*, section 5.2, https://sdctools.github.io/HandbookSDC/05-frequency-tables.html.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from bot.flows.expressions import Expression
from bot.flows.expressions.conversions import Values
from bot.flows.expressions.types import Kind
from bot.flows.filling import as_answer
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Question, Questionnaire
from bot.flows.values import Value
from bot.results.suppression import SKIPPED

UNKNOWN: Value = ""
"""Stands for an answer that is given but not listed."""
MOST_CASES = 1000
"""Beyond so many cases of the other answers that a condition depends on, each choice is a side of its own."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition over what people answered, with the calculations between the two."""

    expression: Expression
    calculations: tuple[tuple[str, Expression, tuple[Expression, ...]], ...]
    """Each after those that it looks at, with what must hold for it to be made."""
    references: frozenset[str]
    """What it comes from, seen through the calculations."""

    @classmethod
    def of(cls, expression: Expression, questionnaire: Questionnaire) -> Condition:
        """See through what an expression looks at."""
        needed, logic, calculations = set(expression.references), questionnaire.logic, []
        conditions = dict(logic.sometimes)
        for step in reversed(logic.steps):
            calculation = step.question.calculation
            if step.question.name in needed and calculation is not None:
                holding = tuple(logic.conditions[i] for i in conditions.get(step.question.name, ()))
                calculations.append((step.question.name, calculation, holding))
                needed.update(*(one.references for one in (calculation, *holding)))
        seen = {name for name, _, _ in calculations}
        return cls(expression, tuple(reversed(calculations)), frozenset(needed - seen))

    def holds(self, values: Values) -> bool:
        """Whether it holds with these answers."""
        found: dict[str, Value | None] = {}

        def seen(name: str) -> Value | None:
            return found[name] if name in found else values(name)

        for name, calculation, holding in self.calculations:
            held = all(condition.holds(seen) for condition in holding)
            result = calculation.evaluate(seen) if held else None
            found[name] = result if calculation.is_condition else as_answer(result)
        return self.expression.holds(seen)


def conditions_of(questionnaire: Questionnaire) -> dict[str, tuple[Condition, ...]]:
    """What must hold for each question to be asked, every question after those that it depends on."""
    logic = questionnaire.logic
    conditions = [Condition.of(one, questionnaire) for one in logic.conditions]
    unconditional: dict[str, tuple[Condition, ...]] = {
        q.name: () for q in questionnaire if q.name in logic.always
    }
    return unconditional | {name: tuple(conditions[i] for i in needed) for name, needed in logic.sometimes}


def routed_by(conditions: Mapping[str, Sequence[Condition]]) -> dict[str, frozenset[str]]:
    """The questions whose being asked depends directly on each question's answer, by its name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, held in conditions.items():
        for condition in held:
            for reference in condition.references:
                found[reference].add(name)
    return {name: frozenset(routed) for name, routed in found.items()}


def sides(
    questionnaire: Questionnaire,
    name: str,
    values: Sequence[Value | None],
    conditions: Iterable[Sequence[Condition]],
) -> tuple[frozenset[int], ...]:
    """The values of a question, by their place, in groups with which the same of these conditions hold."""
    dependent = [tuple(c for c in held if name in c.references) for held in conditions]
    groups: defaultdict[tuple[object, ...], set[int]] = defaultdict(set)
    for place, value in enumerate(values):
        groups[tuple(_outcomes(questionnaire, name, value, held, place) for held in dependent)].add(place)
    return tuple(frozenset(group) for group in groups.values())


def leading_on(
    name: str, values: Sequence[Value | None], conditions: Sequence[Condition]
) -> frozenset[int] | None:
    """The places of the values with which a question is asked; `None` where other answers count too."""
    depends_on = {reference for condition in conditions for reference in condition.references}
    if depends_on != {name} or UNKNOWN in values:
        return None
    places = frozenset(
        place for place, value in enumerate(values) if all(c.holds({name: value}.get) for c in conditions)
    )
    # Whoever was not asked for the value has none either, as if it had been skipped.
    return None if SKIPPED in places else places


def _outcomes(
    questionnaire: Questionnaire,
    name: str,
    value: Value | None,
    conditions: Sequence[Condition],
    place: int,
) -> object:
    """Whether the conditions hold with this value, in every case of the other answers; else the place."""
    others = sorted({reference for condition in conditions for reference in condition.references} - {name})
    cases = [_cases(questionnaire.questions.get(other)) for other in others]
    if value == UNKNOWN or any(case is None for case in cases):
        return place
    known = [case for case in cases if case is not None]
    if prod(map(len, known)) > MOST_CASES:
        return place
    return tuple(
        all(
            condition.holds({name: value, **dict(zip(others, case, strict=True))}.get)
            for condition in conditions
        )
        for case in product(*known)
    )


def _cases(question: Question | None) -> tuple[Value | None, ...] | None:
    """The answers that a question can have, each choice alone; `None` where they cannot be listed."""
    if question is None:
        return (None,)
    if not question.choices:
        return None
    several = QUESTION_TYPES[question.type].kind is Kind.CODES
    return (None, *((choice.name,) if several else choice.name for choice in question.choices))
