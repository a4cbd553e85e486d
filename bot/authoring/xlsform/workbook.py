"""A form's file → its sheets, each a table of texts; a file that would cost too much to read is refused."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import xlrd
from defusedxml import DefusedXmlException
from openpyxl.reader.excel import ExcelReader
from pyxform.constants import SUPPORTED_SHEET_NAMES, SURVEY
from pyxform.errors import PyXFormError, PyXFormReadError
from pyxform.xls2json_backends import (
    _md_table_to_ss_structure,
    csv_to_dict,
    get_excel_column_headers,
    get_excel_rows,
    is_empty,
    md_to_dict,
    xls_value_to_unicode,
    xlsx_value_to_str,
)

from bot.authoring.problems import Place, Problems, shown
from bot.authoring.reading import bytes_of
from bot.authoring.written import Written

MOST_BYTES = 10_000_000
MOST_UNPACKED = 50_000_000
MOST_PARTS = 2_000
"""Files in the archive that an .xlsx is."""
MOST_SHEETS = 50
MOST_CELLS = 500_000
_LOOKED_AT = 1_000
"""Rows that are searched after a gap for something that is not read."""
_BESIDE = 3
"""Columns after the last header that are searched for the same."""

_NO_BREAK = chr(160)
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = "vbaProject.bin"
INDICATORS = "_indicators"
"""A sheet of our own."""
_KNOWN_SHEETS = {*SUPPORTED_SHEET_NAMES, INDICATORS}


class UnreadableForm(Exception):
    """A file that cannot be read as a form; says why and what to do."""

    def __init__(self, message: str, remedy: str, place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its column headers with where they stand, and its rows, each by header; row 2 is the first."""

    file: str
    name: str
    headers: tuple[tuple[str, int], ...]
    rows: tuple[Mapping[str, str], ...]
    numbers: tuple[int, ...] = ()
    """Where each row stands, if some stand for several."""

    def place(self, row: int = 0, column: int = 0) -> Place:
        """A cell of it; the sheet as a whole without a row."""
        return Place(self.file, row, column, self.name)

    @property
    def numbered(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Each row with its number."""
        return zip(self.numbers or range(2, len(self.rows) + 2), self.rows, strict=True)

    def cells(self) -> Iterator[tuple[int, dict[str, Written]]]:
        """Each row that holds something: its number, and its cells by header."""
        columns = dict(self.headers)
        for number, row in self.numbered:
            written = {
                header: Written(text, self.place(number, columns.get(header, 0)))
                for header, text in row.items()
                if isinstance(text, str) and text.strip()
            }
            if written:
                yield number, written


@dataclass(slots=True)
class Workbook:
    """The sheets of a form, by their names in lower case."""

    file: str
    sheets: dict[str, Sheet] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    """The names of sheets that are no part of an XLSForm."""
    macros: bool = False
    beyond: list[Place] = field(default_factory=list)
    """Where something stands after so many empty columns or rows that ODK and Kobo read no further."""
    unnamed: list[Place] = field(default_factory=list)
    """The first cell of each column that holds something and has no header."""

    def add(self, name: str, headers: Iterable[str | None], rows: Iterable[Mapping[str, str]]) -> None:
        """Take a sheet over."""
        columns = tuple((header, index) for index, header in enumerate(headers, start=1) if header)
        self.sheets[name] = Sheet(self.file, name, columns, tuple(rows))

    def plain(self, name: str) -> list[dict[str, str]]:
        """The rows of a sheet as pyxform reads them."""
        return [
            {header: text.replace(_NO_BREAK, " ") for header, text in row.items()} for row in self[name].rows
        ]

    def __getitem__(self, name: str) -> Sheet:
        return self.sheets.get(name) or Sheet(self.file, name, (), ())


def read_workbook(path: Path, problems: Problems) -> Workbook | None:
    """The sheets of an .xlsx, .xls, .csv or .md, known by what it holds; `None` if it cannot be read."""
    problems.files[str(path)] = None
    remedy = "Leave out what is no part of the form, such as pictures."
    data = bytes_of(path, MOST_BYTES, problems, remedy)
    if data is None:
        return None
    try:
        workbook = _read(path, data)
    except UnreadableForm as error:
        problems.error(error.place or Place(str(path)), "", error.message, error.remedy)
        return None
    if workbook.macros:
        message = "The workbook holds macros; they are not read, and never run."
        problems.warning(Place(str(path)), "", message, "Save it as .xlsx to leave them out.")
    for name in workbook.sheets:
        problems.files[f"{path}:{name}"] = None
    for place in workbook.beyond:
        message = (
            "What stands here and beyond is not read: the gap before it is too wide, for ODK and Kobo too."
        )
        problems.warning(place, place.sheet, message, "Remove the empty rows or columns before it.")
    for place in workbook.unnamed:
        message = "This column has no header: what stands in it is not read, by ODK and Kobo neither."
        problems.warning(place, place.sheet, message, "Give it the header that it needs, or empty it.")
    return workbook


def _read(path: Path, data: bytes) -> Workbook:
    workbook = Workbook(str(path))
    # A name says nothing about a workbook: old ones are called .xlsx, and open all the same.
    reader = next((read for begins, read in _BINARY.items() if data.startswith(begins)), None)
    reader = reader or _TEXTS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableForm("This is no form.", "Give an .xlsx, .xls, .csv or .md file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not keep: pictures, validations
            reader(data, workbook)
    except UnreadableForm:
        raise
    except PyXFormReadError:
        message = "The file does not hold the tables of an XLSForm."
        remedy = "Begin each sheet with its name, and with its columns below it."
        if path.suffix.lower() == ".csv" and b";" in data.partition(b"\n")[0]:
            remedy = "Save it with commas between the cells, not semicolons."
        raise UnreadableForm(message, remedy) from None
    except PyXFormError as error:
        raise UnreadableForm(f"{str(error).rstrip('.')}.", "Correct it.") from None
    except Exception as error:  # whatever a damaged file makes of the libraries that read it
        if isinstance(error, DefusedXmlException) or isinstance(error.__context__, DefusedXmlException):
            message = "The workbook declares XML entities, which spreadsheet programs never write."
        else:
            message = f"The file is damaged: {shown(str(error) or type(error).__name__)}."
        raise UnreadableForm(message, "Open it with a spreadsheet program and save it again.") from None
    return workbook


class _Budget:
    """Counts cells as they are read, and ends the reading when there are too many."""

    def __init__(self) -> None:
        self.left = MOST_CELLS

    def of(self, rows: Iterable[tuple[Any, ...]], width: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows; of those that are wider than their header, the cells just beside it do not count."""
        for row in rows:
            cells = len(row)
            self.left -= cells if width is None or cells <= width else max(width, cells - _BESIDE)
            if self.left < 0:
                message = f"The workbook has more than {MOST_CELLS:,} cells."
                raise UnreadableForm(message, "Leave out what is no part of the form.")
            yield row


class _Counted:
    """Rows, counted as they are read, with the first cell of each column that has no header."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], headers: Sequence[str | None]) -> None:
        self.rows = rows
        self.count = 0
        self.unnamed: dict[int, int] = {}
        """The row of that cell, by column."""
        beside = range(len(headers), len(headers) + _BESIDE)
        self.without = [*(index for index, header in enumerate(headers) if not header), *beside]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self.rows:
            self.count += 1
            for index in self.without:
                if index < len(row) and not is_empty(row[index].value):
                    self.unnamed.setdefault(index + 1, self.count + 1)
            yield row


def _read_xlsx(data: bytes, workbook: Workbook) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        # An entry is never read further than the size that it declares.
        unpacked = sum(part.file_size for part in parts)
        workbook.macros = any(part.filename.endswith(_MACROS) for part in parts)
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
        message = f"The workbook unpacks to {unpacked:,} bytes in {len(parts):,} parts, which no form needs."
        raise UnreadableForm(message, f"Keep it below {MOST_UNPACKED:,} bytes and {MOST_PARTS:,} parts.")
    reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True)
    try:
        reader.read()
        book, budget = reader.wb, _Budget()

        def table(name: str) -> tuple[Iterable[Any], Callable[[int], Iterable[tuple[Any, ...]]]]:
            sheet = book[name]
            first = [cell.value for cell in next(budget.of(sheet.iter_rows(max_row=1)), ())]
            return first, lambda width: sheet.iter_rows(min_row=2, max_col=width + _BESIDE)

        _add_sheets(workbook, book.sheetnames, table, budget, lambda cell, *_: _text(cell.value))
        reader.wb.close()
    finally:
        reader.archive.close()


def _text(value: Any) -> str:
    # pyxform makes plain spaces of those that may not break, which French cannot do without.
    return _cleaned(value) if isinstance(value, str) else xlsx_value_to_str(value)


def _cleaned(text: str) -> str:
    """A cell's text without what spreadsheet programs leave in it: ends of lines of other systems."""
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _read_xls(data: bytes, workbook: Workbook) -> None:
    # Without `ragged_rows` one cell in the last corner would fill memory with empty ones.
    book = xlrd.open_workbook(file_contents=data, ragged_rows=True, on_demand=True, logfile=io.StringIO())
    budget = _Budget()

    def table(name: str) -> tuple[Iterable[Any], Callable[[int], Iterable[tuple[Any, ...]]]]:
        sheet = book.sheet_by_name(name)
        rows = (tuple(sheet.row(index)) for index in range(1, sheet.nrows))
        return (sheet.row_values(0) if sheet.nrows else ()), lambda _: rows

    def text(cell: Any, *_: Any) -> str:
        value = cell.value
        return (
            _cleaned(value)
            if isinstance(value, str)
            else xls_value_to_unicode(value, cell.ctype, book.datemode)
        )

    try:
        _add_sheets(workbook, book.sheet_names(), table, budget, text)
    finally:
        book.release_resources()


def _add_sheets(
    workbook: Workbook,
    names: list[str],
    table: Callable[[str], tuple[Iterable[Any], Callable[[int], Iterable[tuple[Any, ...]]]]],
    budget: _Budget,
    text: Callable[..., str],
) -> None:
    """Read those sheets that make a form; the only sheet there is may have any name."""
    if len(names) > MOST_SHEETS:
        message = f"The workbook has {len(names)} sheets; a form may have {MOST_SHEETS}."
        raise UnreadableForm(message, "Leave out what is no part of the form.")
    for name in names:
        known = name.lower() if name.lower() in _KNOWN_SHEETS else SURVEY if len(names) == 1 else None
        if known is None:
            workbook.others.append(name)
            continue
        header_row, rows = table(name)
        first = [None if cell is None else str(cell) for cell in header_row]
        try:
            headers = get_excel_column_headers(first)
        except PyXFormError as error:
            twice = str(error).rpartition(": ")[2]
            column = max((n for n, cell in enumerate(first, start=1) if cell == twice), default=1)
            remedy = "Keep one of them, or name the other as what it holds."
            place = Place(workbook.file, 1, column, known)
            raise UnreadableForm(f"There are two columns `{shown(twice)}`.", remedy, place) from None
        left = iter(rows(len(headers)))
        numbered = _Counted(budget.of(left, len(headers)), headers)
        workbook.add(known, headers, get_excel_rows(headers, numbered, text))
        workbook.unnamed += [
            Place(workbook.file, row, column, known) for column, row in sorted(numbered.unnamed.items())
        ]
        further = (n for n, cell in enumerate(first, start=1) if n > len(headers) and not is_empty(cell))
        if (column := next(further, 0)) > 0:
            workbook.beyond.append(Place(workbook.file, 1, column, known))
        for number, row in enumerate(islice(left, _LOOKED_AT), start=numbered.count + 2):
            if any(not is_empty(cell.value) for cell in row):
                workbook.beyond.append(Place(workbook.file, number, 1, known))
                break


def _read_text(
    parse: Callable[[bytes], dict[str, Any]], split: Callable[[str], Mapping[str, list[Any]]]
) -> Callable[[bytes, Workbook], None]:
    """The reader of a format for which there are pyxform's and, to find cells by, its rows by sheet."""

    def read(data: bytes, workbook: Workbook) -> None:
        try:
            data.decode()
        except UnicodeDecodeError:
            raise UnreadableForm("The file is not UTF-8 text.", "Save it as UTF-8.") from None
        data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        try:
            tables = parse(data)
        except IndexError:
            message = "A row has more cells than the first row of its sheet has columns."
            remedy = "Give each column a header, and each sheet its first row."
            place = next(_unnamed(workbook.file, split(data.decode())), None)
            raise UnreadableForm(message, remedy, place) from None
        workbook.unnamed += _unnamed(workbook.file, split(data.decode()))
        names = tables.pop("sheet_names")
        if len(names) > MOST_SHEETS or sum(map(len, _rows_of(tables))) > MOST_CELLS:
            message = f"The form has more than {MOST_SHEETS} sheets or {MOST_CELLS:,} cells."
            raise UnreadableForm(message, "Leave out what is no part of the form.")
        for name in tables:
            if name in SUPPORTED_SHEET_NAMES:
                headers = tables.get(f"{name}_header") or [{}]
                workbook.add(name, headers[0], tables[name])
        workbook.others = [n for n in names if n.lower() not in SUPPORTED_SHEET_NAMES and len(names) > 1]

    return read


def _unnamed(file: str, sheets: Mapping[str, list[Any]]) -> Iterator[Place]:
    """The first cell of each column that holds something and has no header."""
    for name, rows in sheets.items():
        known = name.lower() if len(sheets) > 1 else SURVEY
        found = {index for index, header in enumerate(rows[0]) if header} if rows else set()
        for number, row in enumerate(rows[1:] if known in SUPPORTED_SHEET_NAMES else (), start=2):
            for index, cell in enumerate(row):
                if cell and cell.strip() and index not in found:
                    found.add(index)
                    yield Place(file, number, index + 1, known)


def _csv_rows(text: str) -> dict[str, list[list[str]]]:
    sheets: dict[str, list[list[str]]] = {}
    name = ""
    for sheet, *cells in filter(None, csv.reader(io.StringIO(text, newline=""))):
        name = sheet.strip() or name
        if any(cell.strip() for cell in cells):
            sheets.setdefault(name, []).append(cells)
    return sheets


def _rows_of(tables: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for name in SUPPORTED_SHEET_NAMES & tables.keys():
        yield from tables[name]


_BINARY: Mapping[bytes, Callable[[bytes, Workbook], None]] = {_ZIP: _read_xlsx, _OLE: _read_xls}
_TEXTS: Mapping[str, Callable[[bytes, Workbook], None]] = {
    ".csv": _read_text(csv_to_dict, _csv_rows),
    ".md": _read_text(md_to_dict, _md_table_to_ss_structure),
}
