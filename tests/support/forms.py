"""Workbooks as tests need them: from tables in Markdown, and such as no spreadsheet program writes."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from openpyxl import Workbook
from pyxform.xls2json_backends import md_table_to_workbook

FORM = """
| survey   |            |        |                                      |
|          | type       | name   | label::English (en)                  |
|          | integer    | people | How many people are in your home?    |
|          | text       | change | What would you change?               |
| settings |            |        |                                      |
|          | form_title | form_id | version | default_language          |
|          | Home       | home   | 1       | English (en)               |
"""
VILLAGES = """\
code,village,district,people,remark
v1,Alofi,north,120,old
v2,Buka,south,80,
v3,"Caba, upper",south,45,
"""


def laid_out(form: Path, folder: Path) -> Path:
    """A copy of the form, with the table of villages beside it as spreadsheet programs save it: with a mark."""
    (folder / "villages.csv").write_text(VILLAGES, encoding="utf-8-sig")
    return Path(shutil.copy(form, folder))


def workbook(markdown: str = FORM) -> bytes:
    """The tables as an .xlsx."""
    return saved(md_table_to_workbook(markdown))


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with parts of its archive replaced or added."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return changed.getvalue()


def part(data: bytes, name: str) -> bytes:
    """One part of the workbook's archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def write(folder: Path, name: str, data: bytes) -> Path:
    """A file with this content."""
    file = folder / name
    file.write_bytes(data)
    return file
