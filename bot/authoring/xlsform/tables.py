"""The tables that a form takes choices from and looks things up in: its own sheets, and files beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.authoring.draft import DraftList
from bot.authoring.problems import Place, Problems
from bot.authoring.reading import bytes_of, text_of
from bot.authoring.xlsform.columns import Row, Table, read_table
from bot.authoring.xlsform.lists import list_name, read_lists
from bot.authoring.xlsform.lookups import Rows
from bot.authoring.xlsform.texts import Texts, as_name
from bot.authoring.xlsform.workbook import MOST_BYTES, MOST_CELLS, Sheet

_FILE = re.compile(r"[\w][\w .-]*\.csv", re.IGNORECASE)
_LEAVE_OUT = "Leave out the rows and columns that the form does not use."


@dataclass(slots=True)
class Tables:
    """Finds a table by its name, and makes a list of choices of it."""

    folder: Path
    choices: Table
    texts: Texts
    problems: Problems
    lists: dict[str, DraftList] = field(default_factory=dict)
    """The lists of the sheet `choices`, and those that were made of files."""
    external: Mapping[str, DraftList] = field(default_factory=dict)
    """Those of the sheet `external_choices`."""
    named: set[str] = field(default_factory=set)
    """The lists that something in the form names."""
    looked_at: set[str] = field(default_factory=set)
    """The columns that something looks up."""
    made: list[DraftList] = field(default_factory=list)
    """The lists that were made of files."""
    _files: dict[str, Sheet | None] = field(default_factory=dict)

    def rows(self, name: str, wanted: set[str]) -> Rows | None:
        """The rows of a list or of a file beside the form, each by column; `None` where there is no such table.

        A name that ends with `.csv` is that of a file, if there is one, and else that of a list.
        """
        self.looked_at |= wanted
        own_name = name.removesuffix(".csv")
        self.named.add(list_name(own_name))
        sheet = self.file(f"{own_name}.csv")
        own = [row for row in self.choices.rows if (of := row["list_name"]) and of.text == own_name]
        if own and (sheet is None or own_name == name):
            return [self._own(row) for row in own]
        return sheet.rows if sheet else None

    def _own(self, row: Row) -> Mapping[str, str]:
        label = next((w.text for tag, w in self.texts.words(row, "label") if tag == self.texts.default), "")
        name = row["name"]
        extra = {header: written.text for header, written in row.extra.items()}
        return {**extra, "label": label, "name": name.text if name else ""}

    def file(self, name: str) -> Sheet | None:
        """A file of comma-separated values beside the form; `None` where it is not there or cannot be read."""
        if name not in self._files:
            self._files[name] = self._read(name)
        return self._files[name]

    def _read(self, name: str) -> Sheet | None:
        path = self.folder / name
        if not _FILE.fullmatch(name) or not path.exists():
            return None
        self.problems.files[str(path)] = None
        data = bytes_of(path, MOST_BYTES, self.problems, _LEAVE_OUT)
        text = None if data is None else text_of(data, str(path), self.problems)
        if not text:
            return None
        reader = csv.reader(io.StringIO(text, newline=""))
        try:
            lines = list(reader)
        except csv.Error as error:
            message = f"This is no row of comma-separated values: {error}."
            self.problems.error(Place(str(path), reader.line_num), "", message, "Correct it.")
            return None
        if sum(map(len, lines)) > MOST_CELLS:
            message = f"The table has more than {MOST_CELLS:,} cells."
            self.problems.error(Place(str(path)), "", message, _LEAVE_OUT)
            return None
        headers = [header.strip() for header in lines[0]]
        rows = [dict(zip(headers, (cell.strip() for cell in line), strict=False)) for line in lines[1:]]
        named = tuple((header, index) for index, header in enumerate(headers, start=1) if header)
        return Sheet(str(path), "", named, tuple(rows))

    def list_of_file(self, name: str, value: str, label: str, of: str = "") -> str | None:
        """Make a list of a file's rows; its name, or `None` where the file or a column of it is not there.

        `of` is the list of the sheet `choices` that says these columns.
        """
        sheet = self.file(name)
        if sheet is None or not {value, label} <= {header for header, _ in sheet.headers}:
            return None
        called = as_name(name.rpartition(".")[0]) or "file"
        called = list_name(called if called[:1].isalpha() else f"file_{called}")
        own = {row["list_name"].text for row in self.choices.rows if row["list_name"]}
        if of:
            called = f"{of}_{called}"
        elif called in own or (value, label) != ("name", "label"):
            called = as_name(f"{called}_{value}_{label}")
        if called not in self.lists:
            self.texts.tags.setdefault(None, self.texts.default)
            rows = tuple(
                {**row, "list_name": called, "name": row.get(value, ""), "label": row.get(label, "")}
                for row in sheet.rows
            )
            headers = {"list_name": 0, "name": 0, "label": 0} | dict(sheet.headers)
            listed = replace(sheet, headers=tuple(headers.items()), rows=rows)
            table = read_table(listed, self.problems, "choices")
            self.lists |= read_lists(table, self.texts, self.problems, duplicates=True)
            self.made.append(self.lists[called])
        return called if called in self.lists else None
