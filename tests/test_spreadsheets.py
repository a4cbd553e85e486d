"""What people write does not spoil the workbook that it stands in."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bot.spreadsheets import text_cell


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\uffffb\ufffe", "ab"),
        ("a\x00b\x0b\x1f", "ab"),
        ("half \ud83d", "half "),
        ("\uffff", None),
        ("=1+1\tx\ny \U0001f600\ufffd", "=1+1\tx\ny \U0001f600\ufffd"),
    ],
)
def test_a_workbook_opens_whatever_a_cell_was_given(text: str, kept: str | None, tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.append([text_cell(sheet, text)])
    book.save(tmp_path / "book.xlsx")
    assert load_workbook(tmp_path / "book.xlsx")["data"]["A1"].value == kept
