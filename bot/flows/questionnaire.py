"""What an author wrote: a questionnaire, its parts, sections, questions and choices, in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from graphlib import TopologicalSorter
from types import MappingProxyType

from bot.flows.expressions import Expression

REFERENCE = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")
"""A question's name within a text or an expression."""


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
    relevant: Expression | None = None
    constraint: Expression | None = None
    constraint_message: LocalizedText | None = None
    cells: tuple[str, ...] = ()
    """Cells of the instrument's matrix, `domain/level/technology`; `*` names no value, `+` each technology."""
    provenance: Provenance | None = None

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


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one title."""

    name: str
    title: LocalizedText
    questions: tuple[Question, ...]
    part: str | None = None
    relevant: Expression | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """When the questions of a questionnaire are asked, each condition once however many share it."""

    conditions: tuple[Expression, ...]
    always: frozenset[str]
    """Questions that are asked of everybody."""
    sometimes: tuple[tuple[str, tuple[int, ...]], ...]
    """Each other question with the indexes of the conditions that must all hold, after those that they refer to."""


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
    def logic(self) -> Logic:
        """When each question is asked: what must hold of its part, its section and itself."""
        distinct: dict[Expression, int] = {}
        needed: dict[str, tuple[int, ...]] = {}
        before: dict[str, list[str]] = {}
        for section in self.sections:
            part = self.part_by_name.get(section.part) if section.part else None
            outer = (part.relevant if part else None, section.relevant)
            for question in section.questions:
                conditions = [c for c in (*outer, question.relevant) if c is not None]
                needed[question.name] = tuple(distinct.setdefault(c, len(distinct)) for c in conditions)
                before[question.name] = [n for c in conditions for n in c.references if n in self.questions]
        order = TopologicalSorter(before).static_order()
        return Logic(
            conditions=tuple(distinct),
            always=frozenset(name for name, indexes in needed.items() if not indexes),
            sometimes=tuple((name, needed[name]) for name in order if needed[name]),
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
        )
