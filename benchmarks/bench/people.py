"""People who answer: each reads the reply, finds the question in it and answers that one; wrong replies are counted."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from bench.walk import Walk
from bench.wire import Connections

PATIENCE = 20.0
"""Seconds after the end of a play in which replies may still come."""
_update_ids: Iterator[int] = itertools.count(int(time.time()) % 10**9)


class Person:
    """Somebody with a chat."""

    __slots__ = ("acknowledged", "began", "id", "read", "step")

    def __init__(self, number: int, step: int) -> None:
        self.id = number
        self.step = step
        """What they type next, as an index of their walk."""
        self.began = 0.0
        self.acknowledged = True
        self.read = True


class Population:
    """People on their way through one program; they go on where they are from one play to the next."""

    def __init__(self, walk: Walk, people: list[Person]) -> None:
        self.walk = walk
        self.people = {person.id: person for person in people}
        self.ready = deque(people)
        self._texts = [_typed(text) for text in walk.texts]

    def update(self, person: Person) -> bytes:
        """What the person types now, as the platform delivers it."""
        number = next(_update_ids)
        return _UPDATE % (
            number, number, person.id, person.id, person.id, person.id, int(time.time()), self._texts[person.step]
        )  # fmt: skip


_UPDATE = (
    b'{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,"first_name":"Person",'
    b'"username":"p%d","language_code":"en"},"chat":{"id":%d,"first_name":"Person","username":"p%d",'
    b'"type":"private"},"date":%d,%b}}'
)


def _typed(text: str) -> bytes:
    command = text.partition(" ")[0]
    entities = ""
    if command.startswith("/"):
        entities = f',"entities":[{{"offset":0,"length":{len(command)},"type":"bot_command"}}]'
    return f'"text":"{text}"{entities}'.encode()


@dataclass(slots=True)
class Played:
    """What one play came to, within its window."""

    answers: int = 0
    seconds: float = 0.0
    wrong: int = 0
    """Replies that put another question than was due."""
    failed: int = 0
    """Updates that were not answered with 200, or to which no reply came."""
    latencies: list[float] = field(default_factory=list)


class Play:
    """Lets a population answer for a while: everybody as soon as they can, or all together at a given rate."""

    def __init__(
        self,
        population: Population,
        connections: Connections,
        *,
        until: int | None = None,
        once: bool = False,
    ) -> None:
        self._population = population
        self._connections = connections
        # A person pauses where the play wants it, and stops at the end.
        self._ends = {until, population.walk.end_step}
        self._once = once
        """Whether everybody writes once only."""
        self.played = Played()
        self._under_way = 0
        self._running = True
        self._open = False
        self._waits: deque[float] = deque()
        """At a given rate: messages that are due, but nobody was ready to write."""
        self._closed_loop = True
        self._idle = asyncio.Event()

    async def warm(self, seconds: float, rate: float | None) -> None:
        """Begin, unmeasured."""
        self._closed_loop = rate is None
        if rate is None:
            self._fill()
        else:
            self._arriving = asyncio.create_task(self._arrive(rate))
        await self._wait(seconds)

    async def measure(self, seconds: float) -> None:
        """Count what happens from now on."""
        self._open, began = True, time.perf_counter()
        await self._wait(seconds)
        self.played.seconds = time.perf_counter() - began
        self._open = False

    async def finish(self) -> Played:
        """Write no more, and read the replies that are on their way."""
        self._running = False
        if not self._closed_loop:
            self._arriving.cancel()
        if self._under_way:
            await self._wait(PATIENCE)
        self.played.failed += self._under_way
        return self.played

    async def _wait(self, seconds: float) -> None:
        """Until the time is over or everybody has finished."""
        self._idle.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)

    def _fill(self) -> None:
        ready, connections = self._population.ready, self._connections
        while ready and not connections.busy:
            self._write(ready.popleft(), time.perf_counter())
        if not ready and not self._under_way:
            self._idle.set()

    async def _arrive(self, rate: float) -> None:
        dice, loop = random.Random(1), asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += dice.expovariate(rate)
            if (ahead := due - loop.time()) > 0.001:
                await asyncio.sleep(ahead)
            now = time.perf_counter()
            if self._population.ready:
                self._write(self._population.ready.popleft(), now)
            elif self._under_way:
                self._waits.append(now)
            else:
                self._idle.set()
                return

    def _write(self, person: Person, began: float) -> None:
        person.began, person.acknowledged, person.read = began, False, False
        self._under_way += 1
        self._connections.post(
            self._population.update(person), lambda status, body: self._answered(person, status, body)
        )

    def _answered(self, person: Person, status: int, body: bytes) -> None:
        """The program has answered the delivery, perhaps with the reply in the body."""
        person.acknowledged = True
        if status != 200:
            self._under_way -= 1
            self.played.failed += 1
            person.read = True
            self._again(person)
        elif b'"method"' in body or b'name="method"' in body:
            self.said(person.id if b"%d" % person.id in body else 0, body)
        elif person.read:
            self._again(person)

    def said(self, chat: int, reply: bytes) -> None:
        """Somebody reads a reply, from the response or from a call."""
        person = self._population.people.get(chat)
        if person is None or person.read:
            self.played.wrong += 1
            return
        person.read = True
        self._under_way -= 1
        if self._open:
            self.played.answers += 1
            self.played.latencies.append(time.perf_counter() - person.began)
        step = self._population.walk.step_of(reply)
        if step != person.step + 1:
            self.played.wrong += 1
        person.step = step
        if person.acknowledged:
            self._again(person)

    def _again(self, person: Person) -> None:
        """The person can write again: acknowledged, and with something to answer."""
        if person.step not in self._ends and not self._once:
            self._population.ready.append(person)
            if self._waits and self._running:
                self._write(self._population.ready.popleft(), self._waits.popleft())
        if self._running and self._closed_loop:
            self._fill()
        elif not self._under_way and not (self._running and self._population.ready):
            self._idle.set()
