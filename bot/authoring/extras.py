"""Checks what few questions have: defaults, calculations, filters, other words, and repeats."""

from __future__ import annotations

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
from bot.flows.route import OTHER

MOST_QUESTIONS = 3000
"""How many questions there may be with all turns of all repeats."""
MOST_DEEP = 3
"""How many repeats there may be one in another."""
_NO_TEXT = LocalizedText({}, "")


def bare_question(draft: DraftQuestion, of: Draft) -> Question:
    """The question without texts and logic: what its type needs to know its values."""
    choices = of.lists.get(draft.list_name.text) if draft.list_name else None
    if choices and not choices.codes:
        choices.codes = tuple(Choice(c.name.text, _NO_TEXT, exclusive=c.exclusive) for c in choices.choices)
    scale, codes = draft.scale, choices.codes if choices else ()
    if draft.or_other and all(choice.name != OTHER for choice in codes):
        codes = (*codes, Choice(OTHER, _NO_TEXT))
    return Question(
        draft.name.text,
        draft.type.text,
        _NO_TEXT,
        choices=codes,
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
        problems.doubt(written.place, at, message, f"The choices are {listed(bare.choice_by_name)}.")
    else:
        message = f"The default `{shown(written.text)}` is no answer to a `{question.type.text}`."
        remedy = "Write it as XForms does: 12.5, 2026-12-31, 14:30."
        problems.error(written.place, at, message, remedy)


def check_repeats(draft: Draft, problems: Problems) -> None:
    """Find what is wrong with repeats: their names, their neighbours and how much they come to."""
    taken = {question.name.text for question in draft.questions}
    repeats: dict[str, DraftRepeat] = {}
    ended: set[str] = set()
    before: tuple[str, ...] = ()
    total = 0
    for section in draft.sections:
        path = f"sections.{section.name.text}.repeat"
        around = section.repeat.path if section.repeat else ()
        names = tuple(repeat.name.text for repeat in around)
        ended.update(name for name in before if name not in names)
        turns = 1
        for repeat in around:
            known = repeats.setdefault(repeat.name.text, repeat)
            if known is repeat:
                _check_repeat(repeat, path, taken, problems)
            elif repeat.name.text in ended:
                _name_taken(repeat, path, problems)
            elif _said(known) != _said(repeat):
                message = f"The repeat `{shown(repeat.name.text)}` is not the same as in the section before."
                remedy = "Give the same `count`, `most` and `within`, or another name."
                problems.error(repeat.name.place, path, message, remedy)
            turns *= DEFAULT_MOST if repeat.most is None else repeat.most
        before = names
        if len(around) > MOST_DEEP:
            message = f"Repeats are nested {len(around)} deep, more than {MOST_DEEP}."
            problems.error(around[0].name.place, path, message, "Ask for some of it outside of the others.")
            return
        total += len(section.questions) * turns
        if around and total > MOST_QUESTIONS:
            message = (
                f"With its repeats the questionnaire has {total:,} questions, more than {MOST_QUESTIONS:,}."
            )
            problems.error(around[0].name.place, path, message, "Give the repeats a smaller `most`.")
            return


def _check_repeat(repeat: DraftRepeat, path: str, taken: set[str], problems: Problems) -> None:
    if repeat.name.text in taken or more_name(repeat.name.text) in taken:
        _name_taken(repeat, path, problems)
    if repeat.most is not None and repeat.most < 1:
        message = f"The repeat has at most {repeat.most} turns."
        problems.error(repeat.name.place, path, message, "Use a whole number from 1 on.")


def _name_taken(repeat: DraftRepeat, path: str, problems: Problems) -> None:
    message = f"The name of the repeat `{shown(repeat.name.text)}` is already used."
    remedy = "Give it a name of its own, and put its sections together."
    problems.error(repeat.name.place, path, message, remedy)


def _said(repeat: DraftRepeat) -> tuple[tuple[str, str, int | None], ...]:
    return tuple((one.name.text, one.count.text if one.count else "", one.most) for one in repeat.path)
