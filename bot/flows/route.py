"""Which questions are a person's to answer, computed from the answers every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import filterfalse
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from bot.flows.expressions.conversions import COLUMN, LABEL, NOW, PRESET, SEED, Values
from bot.flows.expressions.repeats import in_turn, written_name
from bot.flows.filling import Filled, suggested
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import SILENT, Choice, Question, Questionnaire, Shape, Step
from bot.flows.remembering import remember
from bot.flows.session import Answer, AnswerStatus
from bot.flows.values import Value

OTHER = "other"
"""The code of the choice that asks for words of one's own."""
_WORDLESS = frozenset(name for name, kind in QUESTION_TYPES.items() if not kind.asks)
_MOST_REMEMBERED = 256


class Circumstances(Struct, frozen=True):
    """What expressions can look at besides answers."""

    now: datetime | None = None
    language: str = ""
    """In which labels are read."""
    seed: str = ""
    """Differs between people, and stays."""
    presets: Mapping[str, str] = field(default_factory=dict)
    """Values of `hidden` questions, by name."""


NOWHERE = Circumstances()


class Route(Struct, frozen=True, dict=True):
    """The questions that are relevant now, in order, and what was said to them."""

    questionnaire: Questionnaire
    relevant: frozenset[str]
    answers: Mapping[str, Answer]
    filled: Mapping[str, Value | None] = field(default_factory=dict)
    """The values of the relevant questions that are not asked."""
    offers: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    """The choices that a filter leaves of each relevant question that has one."""
    unfit: frozenset[str] = frozenset()
    """Questions whose answer is no choice any more, by a filter or in this version: they count as not answered."""
    around: Circumstances = NOWHERE
    held: tuple[bool | None, ...] = ()
    """Whether each condition of the questionnaire's logic holds; `None` where that made no difference."""

    @cached_property
    def shape(self) -> Shape:
        """What is asked where the same is relevant."""
        known = self.questionnaire.shapes
        shape = known.get(self.relevant)
        if shape is None:
            asked = tuple(
                q
                for q in self.questionnaire
                if q.name in self.relevant and q.type not in _WORDLESS and not q.read_only
            )
            place = {question.name: index for index, question in enumerate(asked, start=1)}
            shape = remember(known, self.relevant, Shape(asked, place), _MOST_REMEMBERED)
        return shape

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions on the route that want an answer (a note does not)."""
        return self.shape.asked

    @property
    def place(self) -> Mapping[str, int]:
        """The place of each question among those asked, from 1, by name."""
        return self.shape.place

    @cached_property
    def first_open(self) -> Question | None:
        """The first question that was neither answered nor skipped; `None` when the route is finished."""
        if self.unfit:
            return next(filter(self.is_open, self.asked), None)
        name = next(filterfalse(self.answers.__contains__, self.place), None)
        return None if name is None else self.questionnaire.questions[name]

    @property
    def finished(self) -> bool:
        """Whether nothing is left to ask."""
        return self.first_open is None

    @cached_property
    def answered(self) -> int:
        """How many questions have an answer; one that was skipped has none."""
        place, unfit = self.place, self.unfit
        given = [name for name, answer in self.answers.items() if answer.value is not None and name in place]
        return len(given) - (sum(name in unfit for name in given) if unfit else 0)

    @property
    def percent(self) -> int:
        """Answered ÷ questions now on the route, rounded down; 100 where nothing is asked."""
        return 100 * self.answered // len(self.asked) if self.asked else 100

    def is_open(self, question: Question) -> bool:
        """Whether it was neither answered nor skipped."""
        return question.name not in self.answers or question.name in self.unfit

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
        position, ordered = self.questionnaire.position, self.questionnaire.ordered
        first = position[after.name] if after else -1
        last = position[question.name] if question else len(position)
        between: list[Question] = []
        for index in range(first + 1, last):
            here = ordered[index]
            if here.name not in self.relevant or here.type in SILENT:
                continue
            if here.type == "note" or here.read_only:
                between.append(here)
            elif after is None:
                # A jump into the middle shows the notes of its own place, not all of those before it.
                between.clear()
        return tuple(between)

    @property
    def eligible(self) -> bool:
        """Whether any part that the round could leave out has a question for this person."""
        optional = {part.name for part in self.questionnaire.parts if not part.always}
        section_of = self.questionnaire.section_of
        return not optional or any(section_of[q.name].part in optional for q in self.asked)

    def answer(self, name: str) -> Answer | None:
        """What was said to a question, if it still fits."""
        return None if name in self.unfit else self.answers.get(name)

    def value(self, name: str) -> Value | None:
        """What the question's answer is worth in an expression: nothing while it is off the route."""
        return _found(self, name)

    def suggestion(self, question: Question) -> Value | None:
        """The answer that the question's default comes to; `None` without one."""
        return suggested(question, QUESTION_TYPES[question.type], self.value)

    def after(self, written: Mapping[str, Answer]) -> Route:
        """The route once these answers are given too; only what depends on them is worked out again."""
        following = replace(self, answers={**self.answers, **written})
        logic = self.questionnaire.logic
        if not self.unfit and all(
            name not in logic.readers and name not in logic.filters and name not in self.filled
            for name in written
        ):
            return following
        walk = _Walk(following)
        walk.catch_up(written)
        return walk.route()


def find_route(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], around: Circumstances = NOWHERE
) -> Route:
    """The route that these answers open.

    As in ODK, a question that is not relevant counts as unanswered in every expression.
    """
    logic = questionnaire.logic
    unknown = (None,) * len(logic.conditions)
    unfit = frozenset(
        name
        for name, answer in answers.items()
        if answer.status is AnswerStatus.OFF_ROUTE
        and lacks_choice(questionnaire.questions.get(name), answer.value)
    )
    walk = _Walk(Route(questionnaire, logic.always, answers, unfit=unfit, around=around, held=unknown))
    for step in logic.steps:
        walk.take(step)
    return walk.route()


def lacks_choice(question: Question | None, value: Value | None) -> bool:
    """Whether an answer, given to another version, is a choice that the question does not have."""
    if question is None or value is None or not question.choices:
        return False
    return not question.choice_by_name.keys() >= {*(value if isinstance(value, tuple) else (value,))}


class _Walk:
    """A route being worked out, step by step, each after what it depends on."""

    def __init__(self, start: Route) -> None:
        self.start = start
        self.questionnaire = start.questionnaire
        self.around = start.around
        self.answers = start.answers
        self.relevant = set(start.relevant)
        self.filled = dict(start.filled)
        self.offers = dict(start.offers)
        self.unfit = set(start.unfit)
        self.held = list(start.held)
        self.conditions = start.questionnaire.logic.conditions
        self.here = ""

    def value(self, name: str) -> Value | None:
        """What an expression finds under a name."""
        return _found(self, name, self.here)

    def catch_up(self, written: Iterable[str]) -> None:
        """Take the steps that depend on these answers, and on what those steps change."""
        logic = self.questionnaire.logic
        for name in self.filled.keys() & written:
            self.filled[name] = self.answers[name].value
        if self.unfit:
            self.unfit -= {n for n in written if self.answers[n].status is not AnswerStatus.OFF_ROUTE}
        # A question with a filter has to look at its own new answer as well.
        waiting = list(
            {index for name in written for index in (*logic.readers.get(name, ()), *logic.own(name))}
        )
        heapify(waiting)
        last, renewed = -1, set[int]()
        while waiting:
            index = heappop(waiting)
            if index == last:
                continue
            last, step = index, logic.steps[index]
            for condition in step.conditions:
                # What a condition refers to is settled by the first step that asks it.
                if condition not in renewed:
                    renewed.add(condition)
                    self.held[condition] = None
            name = step.question.name
            before = self.value(name)
            self.take(step)
            if self.value(name) != before:
                for reader in logic.readers.get(name, ()):
                    heappush(waiting, reader)

    def take(self, step: Step) -> None:
        """Work out whether a question is relevant, and what depends on answers of its value and choices."""
        question, held = step.question, self.held
        name = self.here = question.name
        for index in step.conditions:
            holds = held[index]
            if holds is None:
                holds = held[index] = self.conditions[index].holds(self.value)
            if not holds:
                self.relevant.discard(name)
                return
        self.relevant.add(name)
        if step.is_plain:
            return
        if question.choice_filter is not None:
            self.offer(question)
        if question.is_silent:
            self.fill(question)

    def offer(self, question: Question) -> None:
        """Find the choices that a question has now; without any it is not asked."""
        name, found = question.name, self.choices_for(question)
        self.offers[name] = found
        if not found:
            self.relevant.discard(name)
        answer = self.answers.get(name)
        value = answer.value if answer is not None else None
        codes = value if isinstance(value, tuple) else () if value is None else (value,)
        if {*codes} <= {choice.name for choice in found}:
            self.unfit.discard(name)
        else:
            self.unfit.add(name)

    def choices_for(self, question: Question) -> tuple[Choice, ...]:
        condition = question.choice_filter
        if condition is None:
            return question.choices
        known = self.questionnaire.filtered
        key = (question.name, *(self.value(name) for name in sorted(condition.references)))
        found = known.get(key)
        if found is None:
            found = tuple(
                choice
                for choice in question.choices
                if (question.or_other and choice.name == OTHER) or condition.holds(self.of_choice(choice))
            )
            remember(known, key, found, _MOST_REMEMBERED)
        return found

    def of_choice(self, choice: Choice) -> Values:
        columns = {f"{COLUMN}{name}": written for name, written in choice.filters.items()}
        columns[f"{COLUMN}name"] = choice.name
        return lambda name: columns[name] if name in columns else self.value(name)

    def fill(self, question: Question) -> None:
        """Work out the value of a question that is not asked."""
        name = question.name
        answer = self.answers.get(name)
        kept = answer.value if answer is not None else None
        kind = QUESTION_TYPES[question.type]
        if isinstance(kind, Filled):
            self.filled[name] = kind.fill(question, kept, self.value)
        else:
            default = question.computed_default
            follows = kept is None or (default is not None and default.references)
            self.filled[name] = suggested(question, kind, self.value) if follows else kept

    def route(self) -> Route:
        start = self.start
        relevant = start.relevant if self.relevant == start.relevant else frozenset(self.relevant)
        return replace(
            start,
            relevant=relevant,
            filled={name: value for name, value in self.filled.items() if name in relevant},
            offers=self.offers,
            unfit=frozenset(self.unfit),
            held=tuple(self.held),
        )


class _Seen(Protocol):
    """What expressions look at: a route, or one that is being worked out."""

    @property
    def questionnaire(self) -> Questionnaire: ...
    @property
    def relevant(self) -> AbstractSet[str]: ...
    @property
    def filled(self) -> Mapping[str, Value | None]: ...
    @property
    def unfit(self) -> AbstractSet[str]: ...
    @property
    def answers(self) -> Mapping[str, Answer]: ...
    @property
    def around(self) -> Circumstances: ...


def _found(seen: _Seen, name: str, here: str = "") -> Value | None:
    """What there is under a name: an answer, or what is around it, for the question `here`."""
    if name not in seen.relevant:
        return _around(seen, name, here) if name[-1:] == ")" or "/" in name else None
    filled = seen.filled
    if name in filled:
        value, calculation = filled[name], seen.questionnaire.questions[name].calculation
        if value is None or calculation is None or not calculation.is_condition:
            return value
        return value == "true"  # as in ODK, a condition that was computed counts as one where it is named
    answer = seen.answers.get(name)
    return answer.value if answer is not None and name not in seen.unfit else None


def _around(seen: _Seen, name: str, here: str) -> Value | None:
    around = seen.around
    if name == NOW:
        return around.now.isoformat(timespec="seconds") if around.now else None
    if name == SEED:
        return f"{around.seed}/{here}"
    kind, _, rest = name.partition("/")
    if kind == PRESET:
        return around.presets.get(rest)
    if kind == LABEL:
        asked, _, code = rest.partition("/")
        return _label(seen, asked, code)
    return None


def _label(seen: _Seen, name: str, code: str) -> str | None:
    """The words of a choice."""
    questions = seen.questionnaire.questions
    question = questions.get(name) or questions.get(in_turn(written_name(name), 1))
    choice = question.choice_by_name.get(code) if question else None
    return choice.label.in_language(seen.around.language) if choice else None
