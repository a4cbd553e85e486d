"""Answers as SPSS's `.sav`, which R, Stata, SAS and PSPP read too."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from bot.flows.rounds import Round
from bot.results.codebook import Entry, codebook
from bot.results.frames import as_frame
from bot.results.microdata import Form, Microdata, Variable

SKIPPED = "Skipped"
_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_WORDS, _LONGEST_TITLE, _LONGEST_NOTE = 64, 255, 120, 64, 80
"""What SPSS has room for in names, labels of variables, labels of values, the file's and a note, in bytes of UTF-8."""
_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
_ODD = re.compile(r"[^\w.]")
_NOMINAL = frozenset({Form.CODE, Form.CODES, Form.TICK, Form.TEXT})


def write_sav(
    microdata: Microdata, round_: Round, language: str, countries: Mapping[str, str], path: Path
) -> None:
    """Write the columns of the CSV with types, labels of variables and values, measures and missing values.

    Names have `_` for what SPSS does not take. Codes are numbers, since value labels and missing values are made for
    numbers: their own where all are whole numbers, otherwise from 1 in the order of the list; notes in the file say
    which. Skipped is a missing value that the user defined, -99 or more nines where that is an answer; what is blank
    otherwise is missing too.
    """
    frame = as_frame(microdata)
    entries = list(codebook(microdata, round_, language, countries))
    columns = [
        _column(name, entry, frame.data[entry.variable.name], frame.skipped.get(entry.variable.name))
        for name, entry in zip(_names(entry.variable.name for entry in entries), entries, strict=True)
    ]
    pyreadstat.write_sav(
        pl.DataFrame([column.series for column in columns]),
        str(path),
        file_label=_within(round_.title.in_language(language), _LONGEST_TITLE),
        column_labels=[_within(entry.label, _LONGEST_LABEL) for entry in entries],
        row_compress=True,
        note=[line for column in columns for line in column.note],
        variable_value_labels={column.series.name: column.words for column in columns if column.words},
        missing_ranges={column.series.name: column.missing for column in columns if column.missing},
        variable_measure={column.series.name: column.measure for column in columns},
        variable_format={column.series.name: "F8.0" for column in columns if column.is_whole},
    )


@dataclass(slots=True)
class _Column:
    series: pl.Series
    measure: str
    words: dict[Any, str] = field(default_factory=dict)
    """The label of each value."""
    missing: list[Any] = field(default_factory=list)
    note: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.series.dtype.is_numeric() and bool(self.series.eq(self.series.round()).all())


def _column(name: str, entry: Entry, series: pl.Series, skipped: pl.Series | None) -> _Column:
    series = series.alias(name)
    column = _Column(series, _measure(entry.variable))
    said = dict(entry.categories)
    if series.dtype == pl.String and entry.variable.form is Form.CODE and entry.variable.categories:
        known = dict.fromkeys([*said, *sorted(set(series.drop_nulls()))])
        numbers = {code: float(number) for number, code in enumerate(known, start=1)}
        said = {str(number): said.get(code, code) for code, number in numbers.items()}
        column.series = series.replace_strict(numbers, return_dtype=pl.Float64)
        meant = " ".join(f"{number:g}={code}" for code, number in numbers.items())
        ascii_only = f"{name}: {meant}".encode("ascii", "backslashreplace").decode()
        column.note = textwrap.wrap(ascii_only, _LONGEST_NOTE, subsequent_indent="  ")
    elif series.dtype.is_numeric():
        column.series = series.cast(pl.Float64)
    else:
        column.missing = [""] if series.dtype == pl.String else []
        column.words = {code: _within(label, _LONGEST_WORDS) for code, label in said.items()}
    if column.series.dtype.is_numeric():
        column.words = {float(code): _within(label, _LONGEST_WORDS) for code, label in said.items()}
        if skipped is not None and skipped.any():
            code = _unused({*column.words, *column.series.unique()})
            column.series = column.series.set(skipped, code)
            column.words[code] = SKIPPED
            column.missing = [code]
    return column


def _unused(taken: set[float]) -> float:
    return next(code for nines in range(2, 18) if (code := -float("9" * nines)) not in taken)


def _names(names: Iterable[str]) -> Iterator[str]:
    """Names that SPSS takes, which tells no upper case from lower."""
    taken = set(_RESERVED)
    for name in names:
        kept = _ODD.sub("_", name)
        wanted = _within(kept if kept[:1].isalpha() else f"v{kept}", _LONGEST_NAME).rstrip("._") or "v"
        found, number = wanted, 1
        while found.casefold() in taken:
            number += 1
            found = f"{_within(wanted, _LONGEST_NAME - 1 - len(str(number)))}_{number}"
        taken.add(found.casefold())
        yield found


def _within(text: str, most: int) -> str:
    """As much of a text as so many bytes hold."""
    return text.encode()[:most].decode("utf-8", "ignore")


def _measure(variable: Variable) -> str:
    if variable.is_answer and variable.question is not None and variable.question.type == "range":
        return "ordinal"
    return "nominal" if variable.form in _NOMINAL else "scale"
