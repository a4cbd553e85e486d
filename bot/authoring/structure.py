"""Checks names, types, lists, scales and cells: what a questionnaire is made of, without logic and texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from bot.authoring.draft import COUNTRY, SELECTS, Draft, DraftList, DraftQuestion
from bot.authoring.extras import check_extras, check_repeats
from bot.authoring.problems import Problems, did_you_mean, listed, shown
from bot.authoring.written import Written
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Provenance

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_QUESTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_PART_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_CHOICE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_CELL = re.compile(r"(\*|[a-z][a-z0-9_]*)/(\*|[a-z][a-z0-9_]*)/(\*|\+|[a-z][a-z0-9_]*)", re.ASCII)

_NAME_RULE = "Use lower-case letters, digits and _, beginning with a letter, at most 64 characters."
_PART_RULE = "Use letters, digits and _, beginning with a letter, at most 64 characters."
_CHOICE_RULE = "Use letters, digits, _, - and . without spaces, at most 64 characters."

RESULT_COLUMNS = frozenset({"respondent", "outcome", "language", "channel", "source", "version"})
"""Columns that every file of results has beside the questions'."""
LONE_CODES = frozenset({"none", "nothing", "dont_know", "not_applicable"})
"""Codes that mean the same in every list, and can stand only alone."""


def check_structure(draft: Draft, problems: Problems) -> None:
    """Find what is wrong with the parts of a questionnaire and how they fit together."""
    if draft.key:
        _check_name(draft.key, "key", _NAME, _NAME_RULE, problems)
    _check_names((part.name for part in draft.parts), "parts", _PART_NAME, _PART_RULE, problems)
    _check_names((section.name for section in draft.sections), "sections", _NAME, _NAME_RULE, problems)
    _check_names(
        (question.name for question in draft.questions), "questions", _QUESTION_NAME, _NAME_RULE, problems
    )
    _check_parts(draft, problems)
    for question in draft.questions:
        path = f"questions.{question.name.text}"
        if question.name.text in RESULT_COLUMNS:
            message = f"`{question.name.text}` is the name of a column that every file of results has."
            problems.error(
                question.name.place, path, message, f"Call it `my_{question.name.text}`, for example."
            )
        _check_type(question, path, draft, problems)
        _check_scale(question, path, problems)
        check_extras(question, path, draft, problems)
        _check_cells(question, path, problems)
        if (provenance := question.provenance) and provenance.text not in set(Provenance):
            message = f"`{shown(provenance.text)}` is no provenance."
            remedy = did_you_mean(provenance.text, list(Provenance), f"Use one of {listed(Provenance)}.")
            problems.error(provenance.place, f"{path}.provenance", message, remedy)
    check_repeats(draft, problems)
    used = {choices.name.text for choices in draft.used_lists}
    for name, choices in draft.lists.items():
        if not choices.common or name in used:
            check_list(choices, problems)
        if not choices.common and name not in used:
            message = f"No question uses the list `{shown(name)}`."
            problems.warning(choices.name.place, f"choices.{name}", message, "Remove it, or use it.")


def check_list(choices: DraftList, problems: Problems) -> None:
    """Find what is wrong with the names and codes of one list."""
    name = choices.name.text
    path = f"choices.{name}"
    _check_name(choices.name, path, _QUESTION_NAME, _NAME_RULE, problems)
    if name == COUNTRY:
        message = "`country` is the built-in list of countries."
        problems.error(choices.name.place, path, message, "Give your own list another name.")
    _check_names((choice.name for choice in choices.choices), path, _CHOICE_NAME, _CHOICE_RULE, problems)
    for choice in choices.choices:
        if choice.name.text in LONE_CODES and not choice.exclusive:
            message = f"`{choice.name.text}` cannot be chosen together with others."
            problems.error(choice.name.place, f"{path}.{choice.name.text}", message, "Add `exclusive: true`.")


def _check_names(
    names: Iterable[Written], group: str, pattern: re.Pattern[str], rule: str, problems: Problems
) -> None:
    seen: dict[str, Written] = {}
    for name in names:
        if not name.text:
            continue
        path = f"{group}.{name.text}"
        _check_name(name, path, pattern, rule, problems)
        first = seen.setdefault(name.text, name)
        if first is not name:
            message = f"The name `{shown(name.text)}` is already used on line {first.place.line}."
            problems.error(name.place, path, message, "Give each its own name.")


def _check_name(name: Written, path: str, pattern: re.Pattern[str], rule: str, problems: Problems) -> None:
    if not pattern.fullmatch(name.text):
        problems.error(name.place, path, f"`{shown(name.text)}` cannot be a name.", rule)


def _check_parts(draft: Draft, problems: Problems) -> None:
    known = [part.name.text for part in draft.parts]
    used = set()
    for section in draft.sections:
        if section.part is None:
            continue
        used.add(section.part.text)
        if section.part.text not in known:
            otherwise = f"The parts are {listed(known)}." if known else "Declare it under `parts:`."
            message = f"There is no part `{shown(section.part.text)}`."
            remedy = did_you_mean(section.part.text, known, otherwise)
            problems.error(section.part.place, f"sections.{section.name.text}.part", message, remedy)
    for part in draft.parts:
        if part.name.text not in used:
            message = f"No section is in part `{shown(part.name.text)}`."
            problems.warning(
                part.name.place, f"parts.{part.name.text}", message, "Remove the part, or give it sections."
            )


def _check_type(question: DraftQuestion, path: str, draft: Draft, problems: Problems) -> None:
    name, list_name = question.type.text, question.list_name
    at = f"{path}.type"
    if not name:
        return
    known = QUESTION_TYPES.get(name)
    if known is None:
        remedy = did_you_mean(name, list(QUESTION_TYPES), f"The types are {listed(QUESTION_TYPES)}.")
        problems.error(question.type.place, at, f"There is no question type `{shown(name)}`.", remedy)
        return
    takes_list = name in SELECTS
    if takes_list and list_name is None:
        message = f"`{name}` needs a list of choices."
        problems.error(question.type.place, at, message, f"Write `type: {name} LIST`.")
    elif list_name and not takes_list:
        message = f"The type `{name}` takes no list, but `{shown(list_name.text)}` follows it."
        problems.error(list_name.place, at, message, f"Write `type: {name}`.")
    elif list_name:
        _check_list_name(name, list_name, at, draft, problems)
    if not known.asks:
        filled = "filled in" if known.is_filled else "shown"
        for key, place in (
            ("required", question.required or (question.required_when and question.required_when.place)),
            ("constraint", question.constraint and question.constraint.place),
        ):
            if place:
                message = f"A `{name}` is {filled}, not answered: `{key}` means nothing here."
                problems.error(place, f"{path}.{key}", message, f"Remove `{key}`, or use another type.")


def _check_list_name(type_name: str, list_name: Written, at: str, draft: Draft, problems: Problems) -> None:
    text = list_name.text
    if text == COUNTRY and type_name != "select_one":
        message = "Countries can only be chosen one at a time."
        problems.error(list_name.place, at, message, "Use `select_one country`.")
    elif text != COUNTRY and text not in draft.lists:
        known = [*draft.lists, *(() if list_name.place.sheet else (COUNTRY,))]
        declare = (
            "Write its choices on the sheet `choices`"
            if list_name.place.sheet
            else "Declare it under `choices:`"
        )
        remedy = did_you_mean(
            text, known, f"{declare}, or use one of {listed(known)}." if known else f"{declare}."
        )
        problems.error(list_name.place, at, f"There is no list of choices `{shown(text)}`.", remedy)


def _check_scale(question: DraftQuestion, path: str, problems: Problems) -> None:
    scale = question.scale
    at = f"{path}.parameters"
    if question.type.text != "range":
        if scale:
            message = f"`parameters` belong to a `range`, not to the type `{shown(question.type.text)}`."
            problems.error(scale.place, at, message, "Remove them, or use `type: range`.")
        return
    if scale is None:
        message = "A `range` needs its first and last value."
        problems.error(question.type.place, at, message, "Add `parameters: {start: 1, end: 5}`, for example.")
        return
    start, end, step = scale.start, scale.end, scale.step
    if start is not None and end is not None and start >= end:
        message = f"The range ends at {end}, which is not after its start {start}."
        problems.error(scale.place, at, message, "Make `end` larger than `start`.")
    elif step is not None and step <= 0:
        problems.error(scale.place, at, f"The step is {step}.", "Make `step` larger than 0.")
    elif None not in (start, end, step) and _steps(start, end, step).denominator != 1:
        message = f"Steps of {step} from {start} do not arrive at {end}."
        problems.error(scale.place, at, message, "Choose a step that divides the range.")


def _steps(*numbers: float | None) -> Fraction:
    start, end, step = (Fraction(repr(number)) for number in numbers)
    return (end - start) / step


def _check_cells(question: DraftQuestion, path: str, problems: Problems) -> None:
    at = f"{path}.cells"
    seen: set[str] = set()
    for cell in question.cells:
        if not _CELL.fullmatch(cell.text):
            message = f"`{shown(cell.text)}` is no cell."
            remedy = (
                "Write `domain/level/technology`; `*` names no value, and `+` as technology each of them."
            )
            problems.error(cell.place, at, message, remedy)
        elif cell.text.endswith("/+") and question.type.text != "select_multiple":
            message = f"`{cell.text}` scores each technology by itself, which takes a choice of several."
            problems.error(cell.place, at, message, "Use `select_multiple`, or name one technology.")
        elif cell.text in seen:
            problems.error(cell.place, at, f"The cell `{cell.text}` is there twice.", "Keep one of the two.")
        seen.add(cell.text)
