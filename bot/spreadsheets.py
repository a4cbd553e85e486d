"""Cells of workbooks that hold what they are given, whatever a spreadsheet program would make of it."""

from __future__ import annotations

from typing import Any

from openpyxl.cell import WriteOnlyCell

from bot.xml_text import xml_text

MOST_CHARACTERS = 32_767
"""That a cell can hold."""


def text_cell(sheet: Any, text: str | None) -> Any:
    """A cell with a text, also where it begins like a formula or a number; without what XML cannot carry."""
    kept = xml_text(text or "")[:MOST_CHARACTERS]
    cell = WriteOnlyCell(sheet, kept or None)
    if kept:
        cell.data_type = "s"
    return cell
