"""Reads dates as people of one language type them: in digits, with month names, as *yesterday*."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.flows.lexicon import Lexicon
from bot.flows.understanding.chinese import dates_in_digits
from bot.flows.understanding.folding import fold, plain

_LONGEST = 64
_YEARS_AHEAD = 10
"""A year of two digits lies at most so far ahead, else in the century before."""

_EITHER_WAY = {fold("कल"): 1, "kal": 1, fold("परसों"): 2, "parso": 2, "parson": 2}
"""Hindi's words for so many days before today or after it: which, one has to ask."""
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_IN_DIGITS = re.compile(
    r"(\d{1,4})\s*[-./,年년، ]\s*(\d{1,2})\s*[-./,月월، ]\s*(\d{1,4})\s*(?:[日号號일.]|г\.?|года)?"
)
_SUFFIX = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|ère|ere|re|e|o|a|º|ª|°|日|号|號|일|-?го|-?е|г)(?![^\W\d_])")
_FILLER_WORDS = "of the de del el le la du d' den der dem am do da em o en ngay nam tarehe г года من يوم को"
_FILLERS = frozenset(_FILLER_WORDS.split())
"""Little words that languages put between the parts of a date."""
_PARTS = re.compile(r"[^\s.,/،'-]+")


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Dates that may be meant, the likeliest first: to be asked back."""

    dates: tuple[date, ...]


def read_date(typed: str, lexicon: Lexicon, today: date) -> date | Ambiguity | None:
    """The date that was typed; several without a year; `None` for none, and for one like 31 February."""
    text = dates_in_digits(plain(typed))
    if not 1 <= len(text) <= _LONGEST:
        return None
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _date(*map(int, iso.groups()))
    folded = fold(text)
    days = lexicon.relative_days.get(folded)
    if days is not None:
        return _shifted(today, days)
    if folded in _EITHER_WAY:
        days = _EITHER_WAY[folded]
        return _either(_shifted(today, -days), _shifted(today, days))
    numbers = _IN_DIGITS.fullmatch(text)
    if numbers is not None:
        return _in_digits(numbers.groups(), lexicon.date_order, today)
    return _with_month_name(text, lexicon, today)


def is_unmistakable(typed: str) -> bool:
    """Whether a date can mean no other day: its year is whole, and stands first or beside a month's name."""
    text = dates_in_digits(plain(typed))
    year = re.search(r"\d{4}", text)
    return year is not None and (year.start() == 0 or any(char.isalpha() for char in text))


def _in_digits(numbers: tuple[str, ...], order: str, today: date) -> date | Ambiguity | None:
    """Three numbers: a year of four digits tells its place, the language's order the rest."""
    first, second, third = numbers
    if len(first) >= 3:
        return _date(_year(first, today), int(second), int(third)) if len(third) <= 2 else None
    if len(third) >= 3:
        day_first, month_first = (
            _date(_year(third, today), int(month), int(day))
            for day, month in ((first, second), (second, first))
        )
        if order == "ymd":
            return _either(day_first, month_first)
        return day_first or month_first if order.index("d") < order.index("m") else month_first or day_first
    named = dict(zip(order, numbers, strict=True))
    year, month, day = _year(named["y"], today), int(named["m"]), int(named["d"])
    return _date(year, month, day) or _date(year, day, month)


def _either(one: date | None, other: date | None) -> date | Ambiguity | None:
    if one and other and one != other:
        return Ambiguity((one, other))
    return one or other


def _with_month_name(text: str, lexicon: Lexicon, today: date) -> date | Ambiguity | None:
    folded = fold(_SUFFIX.sub("", text.casefold()))
    for name, month in _months_in(folded, lexicon):
        before, _, after = folded.partition(name)
        rest = [part for part in _PARTS.findall(f"{before} {after}") if part not in _FILLERS]
        if not all(part.isdigit() and len(part) <= 4 for part in rest):
            continue
        if len(rest) == 1:
            return _without_year(int(rest[0]), month, today)
        if len(rest) == 2:
            one, two = rest
            year_first = len(one) > 2 or int(one) > 31 or (len(two) <= 2 and lexicon.date_order == "ymd")
            year, day = (one, two) if year_first else (two, one)
            return _date(_year(year, today), month, int(day))
    return None


def _months_in(folded: str, lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """The names of months in the text that are not part of a longer word or number, longest first."""
    found = [name for name in lexicon.months if name and name in folded]
    for name in sorted(found, key=len, reverse=True):
        start = folded.index(name)
        before, after = folded[:start][-1:], folded[start + len(name) :][:1]
        if not _continues(before, name[0]) and not _continues(name[-1], after):
            yield name, lexicon.months[name]


def _continues(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word, or to one number."""
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def _without_year(day: int, month: int, today: date) -> Ambiguity | None:
    """The two nearest days of that name, before or after today; on 29 February years may lie between."""
    near = (_date(today.year + years, month, day) for years in range(-8, 9))
    dates = sorted((found for found in near if found), key=lambda found: abs(found - today))
    return Ambiguity(tuple(dates[:2])) if dates else None


def _year(digits: str, today: date) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    year += today.year - today.year % 100
    return year - 100 if year > today.year + _YEARS_AHEAD else year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= 1000 else None
    except ValueError:
        return None


def _shifted(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None
