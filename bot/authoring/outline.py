"""A questionnaire as text to read: what is asked, of whom, with which codes, and what is confirmed of it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flows.expressions import Expression
from bot.flows.questionnaire import Question, Questionnaire


def outline(questionnaire: Questionnaire, language: str) -> str:
    """Every part, section and question in `language`, with names, types, conditions, cells and provenance."""
    return "\n".join(_lines(questionnaire, language)) + "\n"


def _lines(questionnaire: Questionnaire, language: str) -> Iterator[str]:
    yield f"{questionnaire.key}@{questionnaire.version}: {questionnaire.title.in_language(language)}"
    yield f"languages: {', '.join(questionnaire.languages)}; {len(questionnaire.questions)} questions"
    part = None
    for section in questionnaire.sections:
        if section.part != part and section.part is not None:
            part = section.part
            whole = questionnaire.part_by_name[part]
            yield f"\nPart {part}: {whole.title.in_language(language)}{_if(whole.relevant)}"
        yield f"\n  {section.title.in_language(language)} [{section.name}]{_if(section.relevant)}"
        for question in section.questions:
            yield from _question(question, language)


def _question(question: Question, language: str) -> Iterator[str]:
    number = f"{question.number}. " if question.number else ""
    marks = [question.name, question.type + (f" {question.choice_list}" if question.choice_list else "")]
    marks += ["required"] if question.required else []
    marks += [question.provenance.value] if question.provenance else []
    yield f"    {number}{question.label.in_language(language)}"
    yield f"        [{', '.join(marks)}]{_if(question.relevant)}"
    if question.hint:
        yield f"        {question.hint.in_language(language)}"
    if question.constraint:
        yield f"        allowed: {question.constraint.source}"
    if question.cells:
        yield f"        cells: {', '.join(question.cells)}"
    for choice in question.choices:
        yield f"        - {choice.name}: {choice.label.in_language(language)}"


def _if(condition: Expression | None) -> str:
    return f" if {condition.source}" if condition else ""
