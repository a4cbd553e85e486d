"""Which questions are a person's to answer, computed from the answers every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Question, Questionnaire
from bot.flows.session import Answer, AnswerStatus
from bot.flows.values import Value

_SILENT = frozenset(name for name, kind in QUESTION_TYPES.items() if not kind.asks)


@dataclass(frozen=True)
class Route:
    """The questions that are relevant now, in order, and what was said to them."""

    questionnaire: Questionnaire
    relevant: frozenset[str]
    answers: Mapping[str, Answer]

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """The questions on the route that want an answer (a note does not)."""
        relevant = self.relevant
        return tuple(q for q in self.questionnaire if q.name in relevant and q.type not in _SILENT)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each question among those asked, from 1, by name."""
        return {question.name: index for index, question in enumerate(self.asked, start=1)}

    @cached_property
    def first_open(self) -> Question | None:
        """The first question that was neither answered nor skipped; `None` when the route is finished."""
        return next((q for q in self.asked if self.is_open(q)), None)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to ask."""
        return self.first_open is None

    @cached_property
    def answered(self) -> int:
        """How many questions have an answer; one that was skipped has none."""
        return sum(answer.value is not None for name, answer in self.answers.items() if name in self.place)

    @property
    def percent(self) -> int:
        """Answered ÷ questions now on the route, rounded down; 100 where nothing is asked."""
        return 100 * self.answered // len(self.asked) if self.asked else 100

    def is_open(self, question: Question) -> bool:
        """Whether it was neither answered nor skipped."""
        return question.name not in self.answers

    def open_after(self, question: Question) -> Question | None:
        """The next open question after `question`, or else the first open one before it."""
        after = self.asked[self.place.get(question.name, 0) :]
        return next((q for q in after if self.is_open(q)), self.first_open)

    def before(self, question: Question) -> Question | None:
        """The question asked before this one; `None` at the start."""
        place = self.place.get(question.name, 1)
        return self.asked[place - 2] if place > 1 else None

    def notes_before(self, question: Question | None, after: Question | None = None) -> tuple[Question, ...]:
        """The notes between the question `after` (`None`: the start) and `question` (`None`: the end)."""
        position = self.questionnaire.position
        first = position[after.name] if after else -1
        last = position[question.name] if question else len(position)
        names = tuple(position)[first + 1 : max(last, 0)]
        between: list[Question] = []
        for name in names:
            here = self.questionnaire.questions[name]
            if name in self.relevant and not QUESTION_TYPES[here.type].asks:
                between.append(here)
            elif name in self.relevant and after is None:
                # A jump into the middle shows the notes of its own place, not all of those before it.
                between.clear()
        return tuple(between)

    @property
    def eligible(self) -> bool:
        """Whether any part that the round could leave out has a question for this person."""
        optional = {part.name for part in self.questionnaire.parts if not part.always}
        section_of = self.questionnaire.section_of
        return not optional or any(section_of[q.name].part in optional for q in self.asked)

    def value(self, name: str) -> Value | None:
        """What the question's answer is worth in an expression: nothing while it is off the route."""
        answer = self.answers.get(name) if name in self.relevant else None
        return answer.value if answer else None


def find_route(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], before: Route | None = None
) -> Route:
    """The route that these answers open; what they leave as it was `before` is not worked out again.

    As in ODK, a question that is not relevant counts as unanswered in every expression.
    """
    logic = questionnaire.logic
    relevant = set(logic.always)
    known: list[bool | None] = [None] * len(logic.conditions)

    def value(name: str) -> Value | None:
        answer = answers.get(name)
        return answer.value if answer is not None and name in relevant else None

    for name, indexes in logic.sometimes:
        for index in indexes:
            holds = known[index]
            if holds is None:
                holds = known[index] = logic.conditions[index].holds(value)
            if not holds:
                break
        else:
            relevant.add(name)
    route = Route(questionnaire, frozenset(relevant), answers)
    if before is not None and before.relevant == relevant:
        # Both depend on what is relevant alone.
        vars(route).update(asked=before.asked, place=before.place)
    return route


def settle(route: Route) -> dict[str, Answer]:
    """The answers whose status the route changes: off it they are kept but don't count, on it they do again."""
    changed: dict[str, Answer] = {}
    for name, answer in route.answers.items():
        if name not in route.relevant:
            status = AnswerStatus.OFF_ROUTE
        else:
            status = AnswerStatus.SKIPPED if answer.value is None else AnswerStatus.ANSWERED
        if status is not answer.status:
            changed[name] = replace(answer, status=status)
    return changed
