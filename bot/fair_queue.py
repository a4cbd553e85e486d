"""What waits, by person: each turn takes a few of everybody's, so that one person's flood delays nobody else."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """One lane a person, in the order in which they are served; within a lane first come, first served."""

    def __init__(self) -> None:
        self._lanes: OrderedDict[bytes, deque[T]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def waiting_of(self, person: bytes) -> int:
        """How much of one person's waits."""
        return len(self._lanes.get(person, ()))

    def put(self, person: bytes, item: T) -> None:
        """Add to the end of a person's lane."""
        self._lanes.setdefault(person, deque()).append(item)
        self._count += 1

    def put_back(self, items: Iterable[tuple[bytes, T]]) -> None:
        """Return what was taken and not served to the front, in the order in which it was taken."""
        for person, item in reversed(list(items)):
            self._lanes.setdefault(person, deque()).appendleft(item)
            self._lanes.move_to_end(person, last=False)
            self._count += 1

    def take(self, most: int, most_of_one: int) -> list[T]:
        """The next `most` items, at most `most_of_one` of each person, whose turn comes again behind the others'."""
        taken: list[T] = []
        unfinished: list[tuple[bytes, deque[T]]] = []
        while self._lanes and len(taken) < most:
            person, lane = self._lanes.popitem(last=False)
            taken += [lane.popleft() for _ in range(min(len(lane), most_of_one, most - len(taken)))]
            if lane:
                unfinished.append((person, lane))
        self._lanes.update(unfinished)
        self._count -= len(taken)
        return taken

    def drop(self, person: bytes) -> list[T]:
        """Everything of one person, which then waits no more."""
        lane = self._lanes.pop(person, deque())
        self._count -= len(lane)
        return list(lane)
