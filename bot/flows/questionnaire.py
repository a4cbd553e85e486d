"""What an author wrote: a questionnaire, its parts, sections, questions and choices, in several languages."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.flows.expressions import Expression
from bot.flows.values import Value

if TYPE_CHECKING:
    from bot.flows.indicators import Indicators

REFERENCE = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")
"""A question's name within a text or an expression."""


SILENT = frozenset({"calculate", "hidden", "start", "end", "today"})
"""The types whose values are filled in, and never asked for."""

_CALL = re.compile(r"[a-z:-]+\(.*\)", re.DOTALL)


def is_expression(written: str) -> bool:
    """Whether a default is an expression rather than a value: it refers to an answer, or calls a function."""
    return "${" in written or _CALL.fullmatch(written.strip()) is not None


class Provenance(StrEnum):
    """Whether a text is the source's own matter or a reconstruction of what that section asks."""

    CONFIRMED = "confirmed"
    RECONSTRUCTED = "reconstructed"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text in its default language and in others, by language tag."""

    texts: Mapping[str, str]
    default: str

    def spoken_in(self, language: str) -> str:
        """The language whose text is shown to a reader of `language`: it, its parent, or the default."""
        if self.texts.get(language):
            return language
        parent = language.partition("-")[0]
        return parent if self.texts.get(parent) else self.default

    def in_language(self, language: str) -> str:
        """The text as a reader of `language` sees it; the default language's where there is none."""
        return self.texts.get(language) or self.texts.get(self.spoken_in(language), "")

    @property
    def references(self) -> frozenset[str]:
        """The questions that the text names as `${name}`, in any language."""
        if "${" not in self.texts.get(self.default, ""):
            return frozenset()
        return frozenset(name for text in self.texts.values() for name in REFERENCE.findall(text))

    @classmethod
    def of(cls, text: str, language: str = "en") -> LocalizedText:
        """A text in one language."""
        return cls({language: text}, language)


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a `select_one` or `select_multiple`; its `name` is the code that is stored, for ever."""

    name: str
    label: LocalizedText
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other words for it, by language."""
    exclusive: bool = False
    """Chosen alone or not at all: `none`, `nothing`, `dont_know`."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """What a `choice_filter` can look at, by the name of its column."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A `range`'s values: from `start` to `end` by `step`, with words for its two ends."""

    start: float
    end: float
    step: float = 1
    start_label: LocalizedText | None = None
    end_label: LocalizedText | None = None


@dataclass(frozen=True)
class Question:
    """One thing that is asked; its `name` never changes meaning."""

    name: str
    type: str
    """A key of `question_types.QUESTION_TYPES`."""
    label: LocalizedText
    number: str | None = None
    """The number in the source, such as `7` or `78a`; shown, never used to find anything."""
    hint: LocalizedText | None = None
    choices: tuple[Choice, ...] = ()
    choice_list: str | None = None
    """The name of the list that the choices came from; `country` is filled from the `Lexicon`."""
    scale: Scale | None = None
    required: bool = False
    """Whether it can never be skipped."""
    relevant: Expression | None = None
    constraint: Expression | None = None
    constraint_message: LocalizedText | None = None
    cells: tuple[str, ...] = ()
    """Cells of the instrument's matrix, `domain/level/technology`; `*` names no value, `+` each technology."""
    provenance: Provenance | None = None
    required_when: Expression | None = None
    """A condition under which it cannot be skipped."""
    required_message: LocalizedText | None = None
    guidance_hint: LocalizedText | None = None
    """More about how to answer, for one who asks for help."""
    calculation: Expression | None = None
    """What a `calculate` computes."""
    default: str | None = None
    """As XForms writes the value, or an expression: the answer that is suggested, or kept where nobody is asked."""
    choice_filter: Expression | None = None
    """A condition on each choice and its columns; only those for which it holds are offered."""
    or_other: bool = False
    """Whether other words than the choices' may be given."""
    randomize: bool = False
    """Whether each person gets the choices in an order of their own."""
    read_only: bool = False
    """Whether it is shown, and keeps its default, without being asked."""
    appearance: str | None = None
    """Carried for other programs."""

    @cached_property
    def computed_default(self) -> Expression | None:
        """The default where it is an expression: where it refers to an answer, or calls a function."""
        written = self.default or ""
        return Expression.written(written) if is_expression(written) else None

    @cached_property
    def filled_from(self) -> frozenset[str]:
        """The questions that its choices and its messages name as `${name}`."""
        texts = (self.constraint_message, self.required_message, *(choice.label for choice in self.choices))
        return frozenset().union(*(text.references for text in texts if text))

    @cached_property
    def varies(self) -> bool:
        """Whether people get it differently, besides its label and its hint."""
        return bool(self.choice_filter or self.randomize or self.required_when or self.filled_from)

    @cached_property
    def is_silent(self) -> bool:
        """Whether it has a value without being asked."""
        return self.read_only or self.type in SILENT

    @cached_property
    def choice_by_name(self) -> Mapping[str, Choice]:
        """The choices by their code."""
        return MappingProxyType({choice.name: choice for choice in self.choices})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an instrument that a round may leave out; `always` ones are in every round."""

    name: str
    title: LocalizedText
    relevant: Expression | None = None
    always: bool = False


DEFAULT_MOST = 10
"""How many turns a repeat has at most, where its author does not say."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What is asked in turn of several things: neighbouring sections with equal ones are one repeat."""

    name: str
    count: Expression | None = None
    """How many turns; without it people are asked after each whether there is another."""
    most: int = DEFAULT_MOST
    within: Repeat | None = None
    """The repeat in each of whose turns it is asked."""

    @property
    def path(self) -> tuple[Repeat, ...]:
        """It after those that it is in, the outermost first."""
        return (*(self.within.path if self.within else ()), self)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one title."""

    name: str
    title: LocalizedText
    questions: tuple[Question, ...]
    part: str | None = None
    relevant: Expression | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One question whose place on the route, value or choices depend on answers."""

    question: Question
    conditions: tuple[int, ...]
    references: frozenset[str]
    """The questions whose answers it depends on."""
    is_plain: bool
    """Whether only its place on the route is to be worked out."""


@dataclass(frozen=True, slots=True)
class Logic:
    """When the questions of a questionnaire are asked, each condition once however many share it."""

    conditions: tuple[Expression, ...]
    always: frozenset[str]
    """Questions that are asked of everybody."""
    sometimes: tuple[tuple[str, tuple[int, ...]], ...]
    """Each other question with the indexes of the conditions that must all hold, after those that they refer to."""
    steps: tuple[Step, ...]
    """What has to be worked out, each after what it depends on."""
    readers: Mapping[str, tuple[int, ...]]
    """The steps that depend on each question, by its name."""
    filters: Mapping[str, int]
    """The step of each question whose choices are filtered."""

    def own(self, name: str) -> tuple[int, ...]:
        """The step that has to look at a question's own new answer."""
        return (self.filters[name],) if name in self.filters else ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A route without answers."""

    asked: tuple[Question, ...]
    place: Mapping[str, int]
    """From 1, by name."""


@dataclass(frozen=True)
class Questionnaire:
    """One version of an instrument: what is asked, in which order, and when."""

    key: str
    version: int
    title: LocalizedText
    default_language: str
    languages: tuple[str, ...]
    sections: tuple[Section, ...]
    parts: tuple[Part, ...] = ()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Other texts of the instrument by name then language tag (none is needed to converse)."""
    written: tuple[Section, ...] = ()
    """The sections as written, where `sections` has every turn of a repeat and questions for other words."""
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """How far translations are, by language and path, for authors: `reviewed 1f3870be`; `draft` unless said."""
    indicators: Indicators | None = None
    """What the answers come to; of the whole instrument, also where the questionnaire is limited to parts."""

    @property
    def as_written(self) -> tuple[Section, ...]:
        """The sections as their author wrote them."""
        return self.written or self.sections

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by name, in order."""
        return MappingProxyType({q.name: q for section in self.sections for q in section.questions})

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """The section of each question, by the question's name."""
        return MappingProxyType({q.name: section for section in self.sections for q in section.questions})

    @cached_property
    def part_by_name(self) -> Mapping[str, Part]:
        """The parts by name."""
        return MappingProxyType({part.name: part for part in self.parts})

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The place of each question in the whole questionnaire, by name; short numbers for button data."""
        return MappingProxyType({name: index for index, name in enumerate(self.questions)})

    @cached_property
    def ordered(self) -> tuple[Question, ...]:
        """Every question, in order."""
        return tuple(self.questions.values())

    @cached_property
    def shapes(self) -> dict[frozenset[str], Shape]:
        """Routes that were met, by what is relevant on them; `route` remembers them here."""
        return {}

    @cached_property
    def filtered(self) -> dict[tuple[Value | None, ...], tuple[Choice, ...]]:
        """Choices that filters left, by the question and the answers looked at; `route` remembers them here."""
        return {}

    @cached_property
    def variants(self) -> dict[tuple[str | bool, ...], Question]:
        """Questions as single people got them; `offering` remembers them here."""
        return {}

    @cached_property
    def logic(self) -> Logic:
        """When each question is asked: what must hold of its part, its section and itself."""
        distinct: dict[Expression, int] = {}
        needed: dict[str, tuple[int, ...]] = {}
        for section in self.sections:
            part = self.part_by_name.get(section.part) if section.part else None
            outer = (part.relevant if part else None, section.relevant)
            for question in section.questions:
                conditions = [c for c in (*outer, question.relevant) if c is not None]
                needed[question.name] = tuple(distinct.setdefault(c, len(distinct)) for c in conditions)
        listed = tuple(distinct)
        depends = {
            name: _references([*(listed[i] for i in needed[name]), *expressions_of(question)])
            for name, question in self.questions.items()
        }
        known = self.questions.keys()
        order = tuple(TopologicalSorter({n: d & known for n, d in depends.items()}).static_order())
        steps = tuple(
            Step(question, needed[name], depends[name], not (question.is_silent or question.choice_filter))
            for name in order
            for question in (self.questions[name],)
            if needed[name] or question.is_silent or question.choice_filter
        )
        readers: dict[str, list[int]] = {}
        for index, step in enumerate(steps):
            for name in step.references:
                readers.setdefault(name, []).append(index)
        return Logic(
            conditions=listed,
            always=frozenset(name for name, indexes in needed.items() if not indexes),
            sometimes=tuple((name, needed[name]) for name in order if needed[name]),
            steps=steps,
            readers={name: tuple(indexes) for name, indexes in readers.items()},
            filters={s.question.name: i for i, s in enumerate(steps) if s.question.choice_filter},
        )

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions.values())

    def limited_to(self, parts: frozenset[str] | None) -> Questionnaire:
        """The questionnaire with only these parts and those that are in every round; all for `None`."""
        if parts is None:
            return self
        kept = {part.name for part in self.parts if part.always or part.name in parts}
        return replace(
            self,
            parts=tuple(part for part in self.parts if part.name in kept),
            sections=tuple(s for s in self.sections if s.part is None or s.part in kept),
            written=tuple(s for s in self.written if s.part is None or s.part in kept),
        )

    def followed_by(self, last: Questionnaire) -> Questionnaire:
        """The questionnaire with another's sections after its own, without the questions that it asks itself."""
        sections = (*self.sections, *_without(last.sections, self.questions))
        written = (*self.as_written, *_without(last.as_written, self.questions))
        return replace(self, sections=sections, written=written if self.written or last.written else ())


def _without(sections: Iterable[Section], names: Container[str]) -> Iterator[Section]:
    """The sections without the questions of these names, as far as something is left to ask."""
    for section in sections:
        questions = tuple(question for question in section.questions if question.name not in names)
        if any(question.type != "note" for question in questions):
            yield replace(section, questions=questions, part=None)


def expressions_of(question: Question) -> Iterator[Expression]:
    """What a question's value and choices are worked out from, its being asked apart."""
    for expression in (question.calculation, question.choice_filter):
        if expression is not None:
            yield expression
    if question.is_silent and question.computed_default is not None:
        yield question.computed_default


def _references(expressions: Iterable[Expression]) -> frozenset[str]:
    return frozenset().union(*(expression.references for expression in expressions))
