"""Answers as a workbook: a sheet with a row a person, a sheet that says what each column means, and the results."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.errors import NotPossible
from bot.flows.rounds import Round
from bot.flows.values import Value
from bot.results.codebook import Entry, codebook
from bot.results.json_writer import as_json
from bot.results.microdata import Form, Microdata, as_moment, as_text
from bot.results.tabulation import Tabulation
from bot.spreadsheets import text_cell

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""Of a sheet, the header among them."""
_EARLIEST = "1900-03-01"
"""Before it, spreadsheet programs disagree about days."""
_DAYS = frozenset({Form.DATE, Form.DATE_TIME})
_CODEBOOK = ("variable", "form", "section", "label", "code", "code label")
_RESULTS = ("section", "question", "label", "figure", "code", "code label", "value", "share")
_WIDTHS: Mapping[str, Mapping[str, int]] = {
    "data": {},
    "codebook": {"D": 60, "F": 40},
    "results": {"C": 60, "F": 40},
}


def write_xlsx(
    microdata: Microdata,
    tabulation: Tabulation,
    round_: Round,
    language: str,
    countries: Mapping[str, str],
    path: Path,
) -> None:
    """Write the sheets `data`, `codebook` and `results`; only the last one is protected by suppression.

    `NotPossible` where a sheet has not room enough.
    """
    variables = microdata.variables
    if microdata.count >= MOST_ROWS or len(variables) > MOST_COLUMNS:
        raise NotPossible(
            f"A sheet has room for {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns; this round has "
            f"{microdata.count + 1:,} and {len(variables):,}.",
            "Take --format csv, sav or parquet.",
        )
    book = Workbook(write_only=True)
    shown = as_json(tabulation, round_, language, countries)
    entries = list(codebook(microdata, round_, language, countries))
    _write(book, "data", [variable.name for variable in variables], _data(microdata))
    _write(book, "codebook", _CODEBOOK, _codes(entries))
    _write(book, "results", _RESULTS, _results(shown, round_, language))
    book.save(path)


def _write(book: Any, name: str, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    names = list(header)
    for letter, width in _WIDTHS[name].items():
        sheet.column_dimensions[letter].width = width
    cells = [text_cell(sheet, text) for text in names]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    count = 1
    for row in rows:
        sheet.append([text_cell(sheet, value) if isinstance(value, str) else value for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{count}"


def _data(microdata: Microdata) -> Iterator[list[Any]]:
    variables = microdata.variables
    forms = [variable.form for variable in variables]
    # Codes that are whole numbers, of lists that have no others.
    numbers = [variable.categories if variable.is_numeric else () for variable in variables]
    for row in microdata.rows:
        yield list(map(_cell, microdata.cells(row), forms, numbers))


def _cell(value: Value | None, form: Form, numbers: Container[str]) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = as_text(value)
    if text in numbers:
        return int(text)
    # As text where spreadsheet programs know no day.
    return text if text < _EARLIEST and form in _DAYS else as_moment(form, text) or text


def _codes(entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        variable = entry.variable
        about = (variable.name, variable.form.value, entry.section, entry.label)
        yield (*about, "", "")
        for code, words in entry.categories.items():
            yield (*about, code, words)


def _results(shown: Mapping[str, Any], round_: Round, language: str) -> Iterator[tuple[Any, ...]]:
    for outcome, count in shown["respondents"].items():
        yield ("", "", "", "respondents", outcome, outcome.replace("_", " ").capitalize(), count, None)
    for question in shown["questions"]:
        name = question["name"]
        section = round_.questionnaire.section_of[name].title.in_language(language)
        about = (section, name, question["label"])
        for figure in ("asked", "base", "skipped"):
            yield (*about, figure, "", "", _shown(question[figure]), None)
        for choice in question.get("choices", ()):
            yield (
                *about,
                "count",
                choice["name"],
                choice["label"],
                _shown(choice["count"]),
                choice["share"],
            )
        for figure, value in question.get("statistics", {}).items():
            yield (*about, figure, "", "", value, None)


def _shown(count: int | None) -> int | str:
    return "suppressed" if count is None else count
