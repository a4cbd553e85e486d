"""The three types that expressions compute with, and the conversions between them.

They are JavaRosa's (https://github.com/getodk/javarosa, `XPathFuncExpr` and `XPathEqExpr`), which follow
XPath 1.0 (https://www.w3.org/TR/1999/REC-xpath-19991116/#corelib). Where JavaRosa looks at a node's type
to know a date, a text that is an ISO date counts as one, as in the ODK XForms specification
(https://getodk.github.io/xforms-spec/#fn:number) and in Enketo.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from bot.flows.values import Value

Datum: TypeAlias = str | float | bool
"""Text, number (always a float) or boolean; what was not answered is the empty text."""

Values: TypeAlias = Callable[[str], Value | None]
"""Finds the answer to a question by name."""

Program: TypeAlias = Callable[[Values, Value | None], Datum]
"""A compiled expression: finds its answers through the first argument; the second is the current one."""

TOLERANCE = 1e-12
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = date(1970, 1, 1).toordinal()
_EXACT = 2**53


def datum(value: Value | None) -> Datum:
    """An answer as expressions see it: several choices are their codes with a space between."""
    if value is None:
        return ""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return " ".join(value)


def to_value(result: Datum) -> Value | None:
    """A result as an answer: none for the empty text and for NaN, as JavaRosa stores it."""
    if isinstance(result, float):
        if math.isnan(result):
            return None
        return int(result) if result.is_integer() and abs(result) <= _EXACT else result
    return None if result == "" else result


def to_text(operand: Datum) -> str:
    """XPath's `string()`; a number never has an exponent."""
    if isinstance(operand, str):
        return operand
    if isinstance(operand, bool):
        return "true" if operand else "false"
    if math.isnan(operand):
        return "NaN"
    if math.isinf(operand):
        return "Infinity" if operand > 0 else "-Infinity"
    nearest = round(operand)
    if abs(operand - nearest) < TOLERANCE:
        return str(nearest)
    return format(Decimal(repr(operand)), "f")


def to_number(operand: Datum) -> float:
    """XPath's `number()`; a decimal comma is read, and an ISO date is its days since 1 January 1970."""
    if isinstance(operand, str):
        text = operand.strip()
        written = text.replace(",", ".")
        return float(written) if _NUMBER.fullmatch(written) else _days(text)
    return float(operand)


def to_boolean(operand: Datum) -> bool:
    """XPath's `boolean()`: any text but the empty one, any number but zero and NaN."""
    if isinstance(operand, float):
        return abs(operand) > TOLERANCE
    return bool(operand)


def is_equal(left: Datum, right: Datum) -> bool:
    """Whether two operands are equal: as booleans if either is one, else as numbers if either is one."""
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, float) or isinstance(right, float):
        a, b = to_number(left), to_number(right)
        return a == b or abs(a - b) < TOLERANCE
    return left == right


def is_empty(operand: Datum) -> bool:
    """Whether an operand stands for no answer: the empty text or NaN."""
    return operand == "" or operand != operand  # noqa: PLR0124 (only NaN differs from itself)


def is_date(text: str) -> bool:
    """Whether a text is a date that exists, written as in ISO 8601."""
    return not math.isnan(_days(text))


def _days(text: str) -> float:
    if not _DATE.fullmatch(text):
        return math.nan
    try:
        return float(date.fromisoformat(text).toordinal() - _EPOCH)
    except ValueError:
        return math.nan
