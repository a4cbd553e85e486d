"""Where the time of an answer goes: the program's own functions in one process, each with a watch around it.

`python -m bench.steps URL FIRST COUNT` plays the people with the chat ids from `FIRST` on, who were enrolled before, in
full batches of one message each, and prints for every step the µs of CPU and the µs of waiting that an answer costs.
HTTP is not in it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from bench.filling import BOT, COMPLETE, SECRET
from bench.people import Person, Population
from bench.walk import WALKS
from bot import attending, clock
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_replies import send_message
from bot.channels.telegram_updates import CHANNEL, read_update
from bot.intake import Intake
from bot.messages import Inbound
from storage import conversations
from storage.keys import Keys
from storage.store import Store

AT_ONCE = 32
STEPS = ("parse", "look_up", "core", "render", "write", "commit", "reply", "between")
"""In the order of a message's way; `between` is the queue, the batch and whatever is around the steps."""


@dataclass
class Watch:
    """Seconds of CPU and by the clock within each step, without those of the steps inside it."""

    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    clock: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _inside: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])

    def around(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, watched."""

        @wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            began = self._begin()
            try:
                return function(*args, **kwargs)
            finally:
                self._end(step, began)

        return watched

    def around_async(
        self, step: str, function: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        """The coroutine function, watched: nothing else that is may run beside it."""

        @wraps(function)
        async def watched(*args: Any, **kwargs: Any) -> Any:
            began = self._begin()
            try:
                return await function(*args, **kwargs)
            finally:
                self._end(step, began)

        return watched

    def _begin(self) -> tuple[float, float]:
        self._inside.append((0.0, 0.0))
        return time.thread_time(), time.perf_counter()

    def _end(self, step: str, began: tuple[float, float]) -> None:
        cpu, passed = time.thread_time() - began[0], time.perf_counter() - began[1]
        inner_cpu, inner_passed = self._inside.pop()
        self.cpu[step] += cpu - inner_cpu
        self.clock[step] += passed - inner_passed
        outer_cpu, outer_passed = self._inside[-1]
        self._inside[-1] = outer_cpu + cpu, outer_passed + passed


async def measure(url: str, first: int, count: int) -> list[dict[str, Any]]:
    """Every step with its µs of CPU and of waiting for an answer."""
    watch, walk = Watch(), WALKS["talanoa"]
    people = [Person(first + index, walk.first() + index % COMPLETE) for index in range(count)]
    population = Population(walk, people)
    store = Store.open(url)
    intake = Intake(store, Keys(SECRET.encode()), {CHANNEL: TelegramChannel.capabilities}, clock.now)
    read = watch.around("parse", read_update)
    say = watch.around("reply", send_message)

    async def answer(person: Person) -> None:
        inbound = read(population.update(person), BOT, clock.now()).outcome
        assert isinstance(inbound, Inbound)  # noqa: S101
        reply = await intake.take(inbound)
        assert reply is not None  # noqa: S101
        for part in reply.parts:
            say(inbound.address, part)

    async def batch(some: list[Person]) -> None:
        await asyncio.gather(*map(answer, some))

    batches = [people[start : start + AT_ONCE] for start in range(0, count, AT_ONCE)]
    try:
        await batch(batches[0])
        for owner, name, step in (
            (attending, "respond", "core"),
            (attending, "render", "render"),
            (conversations, "read_batch", "look_up"),
            (conversations, "write_batch", "write"),
            (intake, "_transact", "between"),
        ):
            setattr(owner, name, watch.around(step, getattr(owner, name)))
        setattr(store, "run", watch.around_async("commit", store.run))  # noqa: B010 (a method)
        watched = watch.around_async("between", batch)
        watch.cpu.clear()
        watch.clock.clear()
        for some in batches[1:]:
            await watched(some)
        await intake.stop()
    finally:
        await store.close()
    answers = count - AT_ONCE
    return [
        {
            "step": step,
            "cpu_us": watch.cpu[step] / answers * 1e6,
            "wait_us": max(0.0, watch.clock[step] - watch.cpu[step]) / answers * 1e6,
        }
        for step in STEPS
    ]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
