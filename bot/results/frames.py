"""Answers as columns with types, for the files of statistical programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl

from bot.flows.session import AnswerStatus
from bot.flows.values import Value
from bot.results.microdata import LEADING, Form, Microdata, Row, Variable, as_moment, as_text

CHUNK = 10_000
"""Rows that are held as Python's objects at once."""
_WHOLE = "^-?[0-9]{1,9}$"
_TYPES: Mapping[Form, Any] = {
    Form.TICK: pl.Int8,
    Form.NUMBER: pl.Float64,
    Form.DATE: pl.Date,
    Form.TIME: pl.Time,
    Form.DATE_TIME: pl.Datetime("ms"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """All rows."""

    data: pl.DataFrame
    """One column for each variable, under its name."""
    skipped: Mapping[str, pl.Series]
    """Which rows skipped a question, for the variables that have room for a code that says so."""


def as_frame(microdata: Microdata) -> Frame:
    """Read all rows.

    Codes are numbers where every category is a whole number, computed values where all of them are numbers.
    """
    variables = microdata.variables
    marked = {
        column.name: index
        for index, column in enumerate(microdata.columns)
        if column.variables[0].form in {Form.CODE, Form.CODES, Form.NUMBER}
    }
    data = [pl.DataFrame(schema={v.name: _type(v) for v in variables})]
    skipped = [pl.DataFrame(schema=dict.fromkeys(marked, pl.Boolean))]
    numbers = {v.name for v in variables if v.form is Form.COMPUTED}
    for rows in _chunks(microdata.rows):
        cells = dict(
            zip(
                (v.name for v in variables),
                zip(*(microdata.cells(row) for row in rows), strict=True),
                strict=True,
            )
        )
        numbers = {name for name in numbers if all(isinstance(v, int | float | None) for v in cells[name])}
        data.append(pl.DataFrame([pl.Series(v.name, _values(v, cells[v.name]), _type(v)) for v in variables]))
        skipped.append(
            pl.DataFrame({name: [_is_skipped(row, index) for row in rows] for name, index in marked.items()})
        )
    frame = pl.concat(data)
    codes = [v.name for v in variables if v.form is Form.CODE and v.is_numeric]
    frame = frame.with_columns(
        *(pl.col(name).cast(pl.Float64) for name in numbers),
        *(pl.col(name).cast(pl.Int64) for name in codes if frame[name].str.contains(_WHOLE).all()),
    )
    return Frame(frame, {series.name: series for series in pl.concat(skipped).get_columns()})


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _type(variable: Variable) -> Any:
    is_whole = variable in LEADING or (variable.question is not None and variable.question.type == "integer")
    return pl.Int64 if is_whole and variable.form is Form.NUMBER else _TYPES.get(variable.form, pl.String)


def _values(variable: Variable, cells: Iterable[Value | None]) -> list[Any]:
    match variable.form:
        case Form.NUMBER | Form.TICK:
            return list(cells)
        case Form.DATE | Form.TIME | Form.DATE_TIME:
            return [None if value is None else as_moment(variable.form, as_text(value)) for value in cells]
        case _:
            return [None if value is None else as_text(value) for value in cells]


def _is_skipped(row: Row, index: int) -> bool:
    answer = row.answers[index]
    return answer is not None and answer[0] == AnswerStatus.SKIPPED
