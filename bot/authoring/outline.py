"""A questionnaire as text to read: what is asked, of whom, with which codes, and what is confirmed of it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flows.expressions import Expression
from bot.flows.questionnaire import Question, Questionnaire, Repeat


def outline(questionnaire: Questionnaire, language: str) -> str:
    """Every part, section and question in `language`, with names, types, conditions, cells and provenance."""
    return "\n".join(_lines(questionnaire, language)) + "\n"


def _lines(questionnaire: Questionnaire, language: str) -> Iterator[str]:
    yield f"{questionnaire.key}@{questionnaire.version}: {questionnaire.title.in_language(language)}"
    yield f"languages: {', '.join(questionnaire.languages)}; {len(questionnaire.questions)} questions"
    part = None
    for section in questionnaire.as_written:
        if section.part != part and section.part is not None:
            part = section.part
            whole = questionnaire.part_by_name[part]
            yield f"\nPart {part}: {whole.title.in_language(language)}{_if(whole.relevant)}"
        title, asked = section.title.in_language(language), _times(section.repeat) + _if(section.relevant)
        yield f"\n  {title} [{section.name}]{asked}"
        for question in section.questions:
            yield from _question(question, language)


def _question(question: Question, language: str) -> Iterator[str]:
    number = f"{question.number}. " if question.number else ""
    marks = [question.name, question.type + (f" {question.choice_list}" if question.choice_list else "")]
    marks += ["required"] if question.required else []
    marks += ["read only"] if question.read_only else []
    marks += ["or other"] if question.or_other else []
    marks += [question.provenance.value] if question.provenance else []
    if label := question.label.in_language(language):
        yield f"    {number}{label}"
    yield f"        [{', '.join(marks)}]{_if(question.relevant)}"
    if question.hint:
        yield f"        {question.hint.in_language(language)}"
    if question.constraint:
        yield f"        allowed: {question.constraint.source}"
    yield from _logic(question)
    if question.cells:
        yield f"        cells: {', '.join(question.cells)}"
    for choice in question.choices:
        yield f"        - {choice.name}: {choice.label.in_language(language)}"


def _logic(question: Question) -> Iterator[str]:
    """What the question's value and choices come from."""
    for name, source in (
        ("required if", question.required_when),
        ("computed as", question.calculation),
        ("default", question.default),
        ("choices if", question.choice_filter),
    ):
        if source is not None:
            yield f"        {name}: {source}"


def _times(repeat: Repeat | None) -> str:
    if repeat is None:
        return ""
    outer = f" in each {repeat.within.name}" if repeat.within else ""
    return f" {repeat.count.source if repeat.count else 'any number of'} times{outer}, at most {repeat.most}"


def _if(condition: Expression | None) -> str:
    return f" if {condition.source}" if condition else ""
