"""Cells of workbooks that hold what they are given, whatever a spreadsheet program would make of it."""

from __future__ import annotations

from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

MOST_CHARACTERS = 32_767
"""That a cell can hold."""


def text_cell(sheet: Any, text: str | None) -> Any:
    """A cell with a text, also where it begins like a formula or a number; without what XML cannot carry."""
    kept = ILLEGAL_CHARACTERS_RE.sub("", text or "")[:MOST_CHARACTERS]
    cell = WriteOnlyCell(sheet, kept or None)
    if kept:
        cell.data_type = "s"
    return cell
