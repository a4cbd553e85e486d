"""How much is measured: in full, or just enough to see that everything works."""

from __future__ import annotations

import itertools
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Numbers of people, rows, rounds and seconds."""

    rounds: int
    """Times that everything is measured, one after the other; the figures are the medians."""
    seconds: float
    """Of one measurement."""
    warm: float
    """Before it."""
    few: int
    """People who answer all questions, from the first."""
    many: int
    """People who are anywhere between the first question and the last."""
    clients: tuple[int, ...]
    """Of `pgbench`."""
    ways: tuple[tuple[str, int, str], ...]
    """How Talanoa is served: its store, its workers, and whether it replies in the body or by a call."""
    stored: tuple[int, ...]
    """Answers in the database, for the cost of one more."""
    watched: int
    """People whose answers are taken apart into steps."""
    live: int
    """Sessions that go on at once, for memory."""
    helps: int
    """Times that `talanoa --help` is called."""


FULL = Sizes(
    rounds=3,
    seconds=2.0,
    warm=0.4,
    few=500,
    many=20_000,
    clients=(8, 32),
    ways=tuple(itertools.product(("postgresql", "sqlite"), (1, 2), ("body", "call"))),
    stored=(10_000, 1_000_000, 10_000_000),
    watched=4_000,
    live=100_000,
    helps=7,
)
SHORT = Sizes(
    rounds=1,
    seconds=0.3,
    warm=0.1,
    few=20,
    many=200,
    clients=(2,),
    ways=(("postgresql", 2, "body"), ("sqlite", 1, "call")),
    stored=(1_000,),
    watched=100,
    live=200,
    helps=1,
)
