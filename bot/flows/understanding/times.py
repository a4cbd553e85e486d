"""Reads times of day as people type them: `14:30`, `2.30 pm`, `14h30`."""

from __future__ import annotations

import re
from datetime import time

from bot.flows.understanding.folding import plain

_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*[:.h٫時时시]\s*(?P<minute>\d{2})?(?:[:.](?P<second>\d{2}))?\s*[분分]?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?"
)
_AT_THE_END = re.compile(
    rf"(?P<day>.*?\S)(?:\s*[,T]\s*|\s+)(?:at\s+|à\s+|a\s+las\s+)?(?P<time>{_TIME.pattern})", re.DOTALL
)


def read_time(typed: str) -> time | None:
    """The time that was typed; a number alone is none, since it may be anything."""
    found = _TIME.fullmatch(plain(typed).casefold())
    return _time(found) if found else None


def split_moment(typed: str) -> tuple[str, time] | None:
    """The words for the day, and the time of day after them."""
    found = _AT_THE_END.fullmatch(plain(typed))
    at = read_time(found["time"]) if found else None
    return (found["day"], at) if found and at else None


def _time(found: re.Match[str]) -> time | None:
    hour, half = int(found["hour"]), found["half"]
    if half is None and found.end() == found.end("hour"):
        return None
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        return time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        return None
