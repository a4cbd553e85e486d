"""Which fetched updates are under way: what may be acknowledged, and what was seen before."""

from __future__ import annotations

from collections.abc import Collection

SIZE = 100
"""How many updates one fetch brings at most, and so how many are ever under way."""


class Window:
    """Which of the fetched updates are under way, and from where to fetch on."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._released: set[int] = set()
        self._next: int | None = None

    @property
    def offset(self) -> int | None:
        """The oldest update that may not be acknowledged yet, else the one after the last."""
        return min(self._open | self._released, default=self._next)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._open and not self._released

    @property
    def full(self) -> bool:
        """Whether a fetch can bring nothing new before the offset moves."""
        return len(self._open) + len(self._done) >= SIZE

    def admit(self, numbers: Collection[int]) -> set[int]:
        """Note what a fetch brought; returns what is new, or offered again."""
        fetched = set(numbers)
        self._released.clear()
        self._done &= fetched
        new = fetched - self._open - self._done
        self._open |= new
        if numbers:
            # Not the highest ever: after a quiet week the platform numbers anew.
            self._next = max(numbers) + 1
        return new

    def finish(self, number: int) -> None:
        """Allow an update to be acknowledged."""
        self._open.discard(number)
        self._done.add(number)

    def release(self, number: int) -> None:
        """Leave an update to be fetched again."""
        self._open.discard(number)
        self._released.add(number)
