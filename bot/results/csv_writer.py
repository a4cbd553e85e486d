"""Answers as CSV, in the columns of ODK and KoboToolbox.

A cell that a spreadsheet would take for a formula gets an apostrophe before it
(https://owasp.org/www-community/attacks/CSV_Injection); numbers, also as codes, stay as they are.
"""

from __future__ import annotations

import csv
import re
from typing import TextIO

from bot.flows.values import Value
from bot.results.microdata import Form, Microdata, as_text

_FORMULA = re.compile(r"[=+\-@\t\r\n\x00＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def write_csv(microdata: Microdata, stream: TextIO) -> None:
    """Write the rows; `stream` is opened with `newline=""`."""
    writer = csv.writer(stream)
    writer.writerow(variable.name for variable in microdata.variables)
    are_texts = [variable.form is Form.TEXT for variable in microdata.variables]
    for row in microdata.rows:
        writer.writerow(map(_cell, microdata.cells(row), are_texts))


def guard(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: Value | None, is_text: bool) -> str:
    if not isinstance(value, str | tuple):
        return as_text(value)
    text = as_text(value)
    is_number = isinstance(value, str) and not is_text and _NUMBER.fullmatch(text)
    return text if is_number else guard(text)
