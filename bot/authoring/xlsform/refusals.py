"""What pyxform refuses is refused here: its words, with the place that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyxform.builder import create_survey_element_from_dict
from pyxform.errors import PyXFormError
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData

from bot.authoring.problems import Place, Problems, Severity, did_you_mean, shown
from bot.authoring.xlsform.columns import without_chat
from bot.authoring.xlsform.workbook import INDICATORS, Sheet, Workbook

_ROW = re.compile(r"\[row : (\d+|unknown)\]\s*")
_PREFIX = re.compile(r"^On the '\w+' sheet, the '[^']+' value( '[^']*')? is invalid\.\s*")
_PARAMETER = re.compile(r"\b(?:[a-z]+(?:-[a-z]+)+|randomize|seed)\b")
_SHEET = re.compile(r"[Oo]n the '(\w+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' value")
_NAMED = re.compile(r"\$\{([^{}]+)\}|'([^']+)'|\[([^\]]+)\]")
_LEARN = re.compile(r"\s*Learn more: \S+")
_UNKNOWN_TYPE = re.compile(r"Unknown question type '(.*)'")
_UNKNOWN_LIST = re.compile(r"List name not in (?:external )?choices sheet: (\S+)")
_REMEDIES = (
    (re.compile(r"Missing calculation"), "Write an expression under `calculation`."),
    (re.compile(r"You must have a sheet named 'survey'"), "Call the sheet with the questions `survey`."),
    (re.compile(r"should be an? (external_)?choices sheet"), "Add the sheet, with each choice of each list."),
    (re.compile(r"has no label"), "Write the question under `label`."),
    (re.compile(r"Unmatched 'begin_"), "Add a row that ends it."),
    (re.compile(r"must be unique"), "Give each a name of its own."),
    (re.compile(r"Could not find the name"), "Refer to a question of the form by its exact name."),
    (re.compile(r"required column headers were not found"), "Give the first row of the sheet those names."),
)
_OTHERWISE = "Correct it: ODK and Kobo refuse it too."


def name_what_pyxform_refuses(workbook: Workbook, problems: Problems) -> None:
    """Convert the form as ODK does, and name what keeps it from that, unless its row is named already."""
    named = {(p.sheet, p.line) for p in problems.found if p.severity is Severity.ERROR and p.line}
    try:
        form = workbook_to_json(
            DefinitionData(**_definition(workbook)), fallback_form_name="data", warnings=[]
        )
        create_survey_element_from_dict(form).xml()
    except PyXFormError as error:
        for message in _messages(str(error)):
            place = _place(message, workbook)
            if (place.sheet, place.line) not in named if place.line else not problems.fatal:
                words, remedy = _words(message, workbook)
                problems.error(place, place.sheet, words, remedy)
    except Exception as error:  # pyxform fails on some forms without a word about why
        if not problems.fatal:
            said = shown(f"{type(error).__name__}: {error}")
            message = f"pyxform, which ODK and Kobo convert forms with, fails on this one ({said})."
            remedy = "Convert it with pyxform, and leave out one thing after another until it does."
            problems.error(Place(workbook.file), "", message, remedy)


def _definition(workbook: Workbook) -> dict[str, Any]:
    """The sheets as pyxform reads them."""
    definition: dict[str, Any] = {"sheet_names": [*workbook.sheets, *workbook.others]}
    for name, sheet in workbook.sheets.items():
        if name == INDICATORS:
            continue
        headers, rows = dict(sheet.headers), workbook.plain(name)
        if name == "choices":
            headers, rows = without_chat(headers), [without_chat(row) for row in rows]
        definition[name] = rows
        definition[f"{name}_header"] = [headers] if headers else []
    return definition


def _messages(error: str) -> Iterator[str]:
    """One for each row that it names; a list of rows is one error to pyxform."""
    lines = error.split("\n")
    if all(_ROW.match(line) for line in lines):
        yield from lines
    else:
        yield " ".join(line.strip() for line in lines)


def _place(message: str, workbook: Workbook) -> Place:
    sheet_name, row = _SHEET.search(message), _ROW.search(message)
    sheet = workbook[sheet_name[1] if sheet_name and sheet_name[1] in workbook.sheets else "survey"]
    if row and row[1].isdecimal():
        named = _COLUMN.search(message)
        number = int(row[1])
        number = sheet.numbers[number - 2] if 2 <= number < len(sheet.numbers) + 2 else number
        return sheet.place(number, dict(sheet.headers).get(named[1], 1) if named else 1)
    found = _search(message, sheet)
    return found or (sheet.place() if sheet.name in workbook.sheets else Place(workbook.file))


def _search(message: str, sheet: Sheet) -> Place | None:
    """The first cell that holds just what the message names."""
    names = [next(filter(None, found)) for found in _NAMED.findall(message)]
    if unknown := _UNKNOWN_TYPE.search(message):
        names.insert(0, unknown[1])
    columns = dict(sheet.headers)
    words = [name for name in names if len(name) > 3] + _PARAMETER.findall(message)
    for name in names:
        for number, row in sheet.numbered:
            for header, text in row.items():
                if text == name:
                    return sheet.place(number, columns.get(header, 1))
        if name in columns:
            return sheet.place(1, columns[name])
    for number, row in sheet.numbered:
        for header, text in row.items():
            if header in columns and any(word in text for word in words):
                return sheet.place(number, columns[header])
    return None


def _words(message: str, workbook: Workbook) -> tuple[str, str]:
    """What is wrong and what to do about it."""
    said = _PREFIX.sub("", _LEARN.sub("", _ROW.sub("", message)).strip())
    said = said[:1].upper() + said[1:]
    said = said if said.endswith(".") else f"{said}."
    if unknown := _UNKNOWN_TYPE.search(message):
        return said, did_you_mean(unknown[1], list(QUESTION_TYPE_DICT), "Use one of XLSForm's types.")
    if unknown := _UNKNOWN_LIST.search(message):
        lists = {
            text for row in workbook["choices"].rows for key, text in row.items() if key.startswith("list")
        }
        return said, did_you_mean(unknown[1], lists, "Write its choices on the sheet `choices`.")
    return said, next((remedy for pattern, remedy in _REMEDIES if pattern.search(said)), _OTHERWISE)
