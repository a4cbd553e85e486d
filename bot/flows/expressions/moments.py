"""Functions of dates and times."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.flows.expressions.conversions import NOW, Datum, Program, is_time, moment, to_number, to_text
from bot.flows.expressions.functions import Takes, function, lazy
from bot.flows.expressions.types import Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARK = re.compile(r"%([YymnbdeaHhMS3])")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WRITTEN: Mapping[str, Callable[[datetime], str]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "n": lambda at: str(at.month),
    "b": lambda at: _MONTHS[at.month - 1],
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "a": lambda at: _DAYS[at.weekday()],
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "3": lambda at: f"{at.microsecond // 1000:03}",
}


@lazy("today", gives=Kind.DATE)
def _today(arguments: Sequence[Program]) -> Program:
    return lambda values, current: str(values(NOW) or "")[:10]


@lazy("now", gives=Kind.DATE)
def _now(arguments: Sequence[Program]) -> Program:
    return lambda values, current: str(values(NOW) or "")


@function("date", Takes.ANY, gives=Kind.DATE)
def _date(value: Datum) -> str:
    found = _moment(value)
    return found.date().isoformat() if found else ""


@function("date-time", Takes.ANY, gives=Kind.DATE)
def _date_time(value: Datum) -> str:
    found = _moment(value)
    return found.isoformat() if found else ""


@function("decimal-date-time", Takes.ANY, gives=Kind.NUMBER)
def _decimal_date_time(value: Datum) -> float:
    return to_number(value)


@function("decimal-time", Takes.TEXT, gives=Kind.NUMBER)
def _decimal_time(text: str) -> float:
    if is_time(text):
        return to_number(text)
    found = moment(text)
    return to_number(found.strftime("%H:%M:%S")) if found else math.nan


@function("format-date", Takes.ANY, Takes.TEXT, gives=Kind.TEXT)
@function("format-date-time", Takes.ANY, Takes.TEXT, gives=Kind.TEXT)
def _format_date(value: Datum, pattern: str) -> str:
    text = to_text(value)
    found = _moment(f"{date.min.isoformat()}T{text}" if is_time(text) else value)
    return _MARK.sub(lambda mark: _WRITTEN[mark[1]](found), pattern) if found else ""


def _moment(value: Datum) -> datetime | None:
    """The moment that a text names, or that lies so many days after the beginning of 1970."""
    if isinstance(value, str):
        return moment(value)
    try:
        return _EPOCH + timedelta(days=float(value))
    except (OverflowError, ValueError):
        return None
