"""Checks what few questions have: defaults, calculations, filters, other words, and repeats."""

from __future__ import annotations

from itertools import groupby

from bot.authoring.draft import COUNTRY, SELECTS, Draft, DraftQuestion, DraftRepeat
from bot.authoring.expansion import more_name, other_name
from bot.authoring.problems import Problems, listed, shown
from bot.flows.expressions import Kind
from bot.flows.question_types import QUESTION_TYPES, QuestionType
from bot.flows.questionnaire import (
    DEFAULT_MOST,
    Choice,
    LocalizedText,
    Question,
    Scale,
    is_expression,
)

MOST_QUESTIONS = 3000
"""How many questions there may be with all turns of all repeats."""
_NO_TEXT = LocalizedText({}, "")


def bare_question(draft: DraftQuestion, of: Draft) -> Question:
    """The question without texts and logic: what its type needs to know its values."""
    choices = of.lists.get(draft.list_name.text) if draft.list_name else None
    scale = draft.scale
    return Question(
        draft.name.text,
        draft.type.text,
        _NO_TEXT,
        choices=tuple(Choice(c.name.text, _NO_TEXT, exclusive=c.exclusive) for c in choices.choices)
        if choices
        else (),
        choice_list=draft.list_name.text if draft.list_name else None,
        scale=Scale(scale.start or 0, scale.end or 0, scale.step or 1) if scale else None,
    )


def check_extras(question: DraftQuestion, path: str, draft: Draft, problems: Problems) -> None:
    """Find what does not go with a question's type."""
    name, kind = question.type.text, QUESTION_TYPES.get(question.type.text)
    if kind is None:
        return
    if name == "calculate" and question.calculation is None:
        problems.error(
            question.type.place,
            f"{path}.calculation",
            "A `calculate` computes nothing.",
            "Add `calculation: …`.",
        )
    elif name != "calculate" and question.calculation:
        message = f"The type `{name}` takes no `calculation`."
        remedy = "Use `type: calculate`, or give the calculation as `default`."
        problems.error(question.calculation.place, f"{path}.calculation", message, remedy)
    if question.choice_filter and (question.list_name is None or question.list_name.text == COUNTRY):
        message = "There are no choices of its own here for `choice_filter` to leave out."
        problems.error(
            question.choice_filter.place, f"{path}.choice_filter", message, "Remove it, or name a list."
        )
    for key, place in (("or_other", question.or_other), ("randomize", question.randomize)):
        own_list = name in SELECTS and question.list_name is not None and question.list_name.text != COUNTRY
        if place and (not own_list or (key == "or_other" and name == "rank")):
            message = f"`{key}` means nothing here: it is for a choice from a list of its own."
            problems.error(place, f"{path}.{key}", message, "Remove it, or name another list.")
    if question.or_other:
        other = other_name(question.name.text)
        if any(q.name.text == other for q in draft.questions):
            message = f"`or_other` makes a question `{other}`, and there is one already."
            problems.error(
                question.or_other, f"{path}.or_other", message, "Remove one of the two, or rename it."
            )
    if question.default:
        _check_default(question, kind, path, draft, problems)


def _check_default(
    question: DraftQuestion, kind: QuestionType, path: str, draft: Draft, problems: Problems
) -> None:
    written = question.default
    if written is None or not kind.asks or is_expression(written.text):
        return
    at, bare = f"{path}.default", bare_question(question, draft)
    if kind.read(written.text, bare) is not None:
        return
    if kind.kind in {Kind.CODE, Kind.CODES}:
        message = f"The default `{shown(written.text)}` is not among the choices."
        problems.error(written.place, at, message, f"The choices are {listed(bare.choice_by_name)}.")
    else:
        message = f"The default `{shown(written.text)}` is no answer to a `{question.type.text}`."
        remedy = "Write it as XForms does: 12.5, 2026-12-31, 14:30."
        problems.error(written.place, at, message, remedy)


def check_repeats(draft: Draft, problems: Problems) -> None:
    """Find what is wrong with repeats: their names, their neighbours and how much they come to."""
    taken = {question.name.text for question in draft.questions}
    seen: dict[str, DraftRepeat] = {}
    total = 0
    for repeat_name, group in groupby(draft.sections, key=lambda s: s.repeat.name.text if s.repeat else None):
        sections = list(group)
        questions = sum(len(section.questions) for section in sections)
        repeat = sections[0].repeat
        if repeat_name is None or repeat is None:
            total += questions
            continue
        path = f"sections.{sections[0].name.text}.repeat"
        most = DEFAULT_MOST if repeat.most is None else repeat.most
        if repeat_name in seen or repeat_name in taken or more_name(repeat_name) in taken:
            message = f"The name of the repeat `{shown(repeat_name)}` is already used."
            remedy = "Give it a name of its own, and put its sections together."
            problems.error(repeat.name.place, path, message, remedy)
        if most < 1:
            message = f"The repeat has at most {most} turns."
            problems.error(repeat.name.place, path, message, "Use a whole number from 1 on.")
        for section in sections[1:]:
            other = section.repeat
            if other and _said(other) != _said(repeat):
                message = f"The repeat `{shown(repeat_name)}` is not the same as in the section before."
                remedy = "Give the same `count` and `most`, or another name."
                problems.error(other.name.place, f"sections.{section.name.text}.repeat", message, remedy)
        seen[repeat_name] = repeat
        total += questions * most
        if total > MOST_QUESTIONS:
            message = (
                f"With its repeats the questionnaire has {total:,} questions, more than {MOST_QUESTIONS:,}."
            )
            problems.error(repeat.name.place, path, message, "Give the repeats a smaller `most`.")
            return


def _said(repeat: DraftRepeat) -> tuple[str, int | None]:
    return (repeat.count.text if repeat.count else "", repeat.most)
