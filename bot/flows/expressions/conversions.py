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
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias

from bot.flows.values import Value

Datum: TypeAlias = str | float | bool
"""Text, number (always a float) or boolean; what was not answered is the empty text."""

Values: TypeAlias = Callable[[str], Value | None]
"""Finds the answer to a question by name; what else an expression looks at, by names that no question has."""

NOW = "now()"
"""The name of the moment at which an expression is evaluated, in ISO 8601."""
SEED = "random()"
"""The name of a text that differs between people and questions, and stays: what chance is drawn from."""
LABEL = "jr:choice-name()"
"""Begins the name of a choice's label; then `/`, the question and `/`, the code."""
PRESET = "preset"
"""Begins the name of a value that the round gives a `hidden` question; then `/` and the question."""
COLUMN = "choice/"
"""Begins the name of a column of the choice that a `choice_filter` looks at."""

Program: TypeAlias = Callable[[Values, Value | None], Datum]
"""A compiled expression: finds its answers through the first argument; the second is the current one."""

TOLERANCE = 1e-12
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(rf"{_DATE.pattern}T[0-9]{{2}}:[0-9]{{2}}\S{{0,24}}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]{1,6})?)?")
_INFINITE = frozenset({"Infinity", "-Infinity"})
"""How an answer holds what a calculation divided by zero."""
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400
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
    """XPath's `number()`; a decimal comma is read, an ISO date is its days since 1970, a time a part of a day."""
    if isinstance(operand, str):
        text = operand.strip()
        written = text.replace(",", ".")
        return float(written) if _NUMBER.fullmatch(written) or text in _INFINITE else _days(text)
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
    """Whether a text is a date or a moment that exists, written as in ISO 8601."""
    return not math.isnan(_days(text)) and not is_time(text)


def is_time(text: str) -> bool:
    """Whether a text is a time of day, written as in ISO 8601."""
    return _TIME.fullmatch(text) is not None


def moment(text: str) -> datetime | None:
    """The moment, or the beginning of the day, that a text in ISO 8601 names; UTC where it names no zone."""
    if not _DATE.fullmatch(text) and not _MOMENT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _days(text: str) -> float:
    if _DATE.fullmatch(text):
        try:
            return float(date.fromisoformat(text).toordinal() - _EPOCH)
        except ValueError:
            return math.nan
    if time := _TIME.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in time.groups())
        return (hours * 3600 + minutes * 60 + seconds) / _DAY
    found = moment(text)
    return math.nan if found is None else found.timestamp() / _DAY
