"""What waits, by person: each turn takes a few of everybody's, so that one person's flood delays nobody else."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """One lane a person, in the order in which they are served; within a lane first come, first served.

    What is taken is held until it is released: what else the same person sends waits so long.
    """

    def __init__(self) -> None:
        self._lanes: OrderedDict[bytes, deque[T]] = OrderedDict()
        self._held: dict[bytes, deque[T]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def ready(self) -> int:
        """How many people have something that can be taken now."""
        return len(self._lanes)

    def waiting_of(self, person: bytes) -> int:
        """How much of one person's waits."""
        return len(self._lane(person))

    def put(self, person: bytes, item: T) -> None:
        """Add to the end of a person's lane."""
        lanes = self._held if person in self._held else self._lanes
        lanes.setdefault(person, deque()).append(item)
        self._count += 1

    def take(self, most: int, most_of_one: int) -> list[T]:
        """The next `most` items, at most `most_of_one` of each person, who are held."""
        taken: list[T] = []
        while self._lanes and len(taken) < most:
            person, lane = self._lanes.popitem(last=False)
            taken += [lane.popleft() for _ in range(min(len(lane), most_of_one, most - len(taken)))]
            self._held[person] = lane
        self._count -= len(taken)
        return taken

    def release(self, persons: Iterable[bytes], again: Sequence[tuple[bytes, T]] = ()) -> None:
        """Let what else these persons sent be taken, behind the others'.

        `again` is what was taken of them and not served, in its order: it returns to the front.
        """
        for person, item in reversed(again):
            self._held[person].appendleft(item)
        self._count += len(again)
        for person in persons:
            if lane := self._held.pop(person):
                self._lanes[person] = lane
        for person, _ in reversed(again):
            self._lanes.move_to_end(person, last=False)

    def drop(self, person: bytes) -> list[T]:
        """Everything of one person, which then waits no more."""
        lane = self._lane(person)
        dropped = list(lane)
        lane.clear()
        self._lanes.pop(person, None)
        self._count -= len(dropped)
        return dropped

    def _lane(self, person: bytes) -> deque[T]:
        return self._held.get(person) or self._lanes.get(person) or deque()
