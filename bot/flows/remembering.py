"""What is worked out once and kept in memory, within bounds."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def remember(known: dict[K, V], key: K, value: V, most: int) -> V:
    """Keep a value among at most `most`: beyond that all are forgotten, and what is needed is soon there again."""
    if len(known) >= most:
        known.clear()
    known[key] = value
    return value
