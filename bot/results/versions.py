"""The versions whose answers a round pools, joined by their names and codes into one questionnaire.

What a version removed is kept at the place that it had, so that columns and rows stay where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import TypeVar

from bot.authoring.compatibility import compatibility
from bot.authoring.problems import Severity
from bot.errors import NotPossible
from bot.flows.questionnaire import Question, Questionnaire, Section

T = TypeVar("T")


@dataclass(frozen=True)
class Pooled(Questionnaire):
    """A version with what only others asked."""

    versions: tuple[Questionnaire, ...] = ()
    """Each as it was asked, the round's own first."""


def versions_of(questionnaire: Questionnaire) -> tuple[Questionnaire, ...]:
    """The versions that a questionnaire pools; itself alone where it is one."""
    return questionnaire.versions if isinstance(questionnaire, Pooled) else (questionnaire,)


def pooled(versions: Sequence[Questionnaire]) -> Questionnaire:
    """Join versions, of which the first gives texts and order; `NotPossible` where they do not go together."""
    own, *others = versions
    if not others:
        return own
    by_age = sorted(versions, key=lambda one: one.version)
    for number, newer in enumerate(by_age):
        for older in by_age[:number]:
            broken = [p for p in compatibility(older, newer) if p.severity is Severity.ERROR]
            if broken:
                raise NotPossible(
                    f"Answers to {older.key}@{older.version} and {newer.key}@{newer.version} cannot be put "
                    "together:\n" + "\n".join(map(str, broken)),
                    "Publish what has changed its meaning under a new name.",
                )
    others.sort(key=lambda one: one.version, reverse=True)
    joined = reduce(_join, others, own)
    given = {field.name: getattr(joined, field.name) for field in fields(Questionnaire)}
    return Pooled(**given | {"written": ()}, versions=(own, *others))


def _join(base: Questionnaire, other: Questionnaire) -> Questionnaire:
    there = other.questions
    sections = tuple(
        replace(section, questions=tuple(_with_choices(q, there.get(q.name)) for q in section.questions))
        for section in base.sections
    )
    removed = {
        section.name: replace(section, questions=questions)
        for section in other.sections
        if (questions := tuple(q for q in section.questions if q.name not in base.questions))
    }
    names = {section.name for section in sections}
    sections = tuple(
        replace(
            section,
            questions=_merged(
                section.questions,
                removed[section.name].questions,
                [q.name for s in other.sections if s.name == section.name for q in s.questions],
                lambda question: question.name,
            ),
        )
        if section.name in removed
        else section
        for section in sections
    )
    gone = [
        replace(section, part=section.part if section.part in base.part_by_name else None)
        for name, section in removed.items()
        if name not in names
    ]
    order = [section.name for section in other.sections]
    return replace(base, sections=_merged(sections, gone, order, _section_name), written=())


def _with_choices(question: Question, other: Question | None) -> Question:
    if other is None or not question.choices:
        return question
    removed = [choice for choice in other.choices if choice.name not in question.choice_by_name]
    order = [choice.name for choice in other.choices]
    return replace(question, choices=_merged(question.choices, removed, order, lambda choice: choice.name))


def _section_name(section: Section) -> str:
    return section.name


def _merged(
    kept: Iterable[T], removed: Iterable[T], order: Sequence[Hashable], name: Callable[[T], Hashable]
) -> tuple[T, ...]:
    """What was removed among what was kept, each right after what came before it in its own `order`."""
    merged = list(kept)
    for one in removed:
        places = {name(other): place for place, other in enumerate(merged)}
        before = reversed(order[: order.index(name(one))])
        merged.insert(next((places[other] + 1 for other in before if other in places), 0), one)
    return tuple(merged)
