"""Dates, numbers and lists as a language writes them (CLDR)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import dates, lists, numbers

from bot.i18n.supplement import supplement
from bot.i18n.tags import cldr

_UNIVERSAL = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "Etc/GMT", "GMT", "Zulu"})


def format_date(language: str, value: date) -> str:
    """Write a day in words: `30 June 2025`."""
    if own := supplement(language):
        return f"{value.day} {own.months[value.month - 1]} {value.year}"
    return dates.format_date(value, "long", locale=cldr(language))


def format_datetime(language: str, value: datetime, time_zone: str) -> str:
    """Write a moment as clocks in `time_zone` show it: `30 June 2025, 5:00 pm (Fiji Time)`.

    A time zone that is not known here is shown as UTC, and says so.
    """
    locale = cldr(language)
    try:
        zone = dates.get_timezone(time_zone)
    except LookupError:
        time_zone = "UTC"
        zone = dates.UTC
    own = supplement(language)
    if time_zone in _UNIVERSAL:
        place = "UTC"
    elif own:
        city = dates.get_timezone_location(zone, locale=locale, return_city=True)
        place = own.time_in.format(place=city)
    else:
        place = dates.get_timezone_location(zone, locale=locale)
    pattern = str(locale.datetime_formats["long"]).replace("'", "")
    local = value.astimezone(zone)
    moment = pattern.format(
        dates.format_time(local, "short", tzinfo=zone, locale=locale),
        format_date(language, local.date()),
    )
    return f"{moment} ({place})"


@lru_cache(maxsize=4096)
def format_number(language: str, value: float) -> str:
    """Write a number with the language's marks, every digit kept: `1,234.5`."""
    return numbers.format_decimal(value, locale=cldr(language), decimal_quantization=False)


@lru_cache(maxsize=1024)
def format_percent(language: str, percent: float) -> str:
    """Write a percentage, 25 for a quarter: `25%`, in French `25 %`."""
    return numbers.format_percent(
        # Not percent / 100: the decimal point of what is written moves, no binary digit is made up.
        Decimal(str(percent)).scaleb(-2),
        locale=cldr(language),
        decimal_quantization=False,
    )


def join_list(language: str, items: Sequence[str], style: Literal["and", "or"] = "and") -> str:
    """Join several things in one phrase: `radio, television and posters`."""
    own = supplement(language)
    if own and len(items) > 1:
        return f"{', '.join(items[:-1])} {own.joiners[style]} {items[-1]}"
    return lists.format_list(list(items), "or" if style == "or" else "standard", locale=cldr(language))
