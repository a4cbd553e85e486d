"""The load driver, a process of its own: told what to do line by line on its input, in JSON, and answers likewise.

`{"do": "enrol", "name", "walk", "first", "count", "at"}` makes people with ids from `first` on who stand at the step
`at`, or, without it, evenly spread over all questions; `{"do": "join", "name", …}` lets them open the conversation;
`{"do": "play", "name", …, "seconds", "warm", "rate", "workers", "database"}` lets them answer, and measures.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.people import Person, Play, Population
from bench.processes import cpu_seconds, megabytes, tree
from bench.walk import WALKS
from bench.wire import BotApi, Connections

CONNECTIONS = 100
"""The most that the platform keeps to one webhook."""
JOIN_SECONDS = 60.0


@dataclass
class Driver:
    """People, by the name of their population, and the Bot API server that carries calls to them."""

    populations: dict[str, Population] = field(default_factory=dict)
    playing: Play | None = None

    def __post_init__(self) -> None:
        self.api = BotApi(self._said)

    def _said(self, chat: int, body: bytes) -> None:
        if self.playing is not None:
            self.playing.said(chat, body)

    async def obey(self, order: dict[str, Any]) -> Any:
        """Do one thing; its answer."""
        match order["do"]:
            case "listen":
                return {"port": await self.api.listen()}
            case "enrol":
                return self._enrol(order)
            case "join":
                return await self._join(order)
            case "play":
                return await self._play(order)
            case "forget":
                return {"forgotten": self.populations.pop(order["name"], None) is not None}
            case other:
                raise ValueError(f"unknown order {other!r}")

    def _enrol(self, order: dict[str, Any]) -> dict[str, Any]:
        walk = WALKS[order["walk"]]
        first, questions = walk.first(), len(walk.texts) - walk.first()
        people = [
            Person(order["first"] + index, order.get("at", first + index % questions))
            for index in range(order["count"])
        ]
        self.populations[order["name"]] = Population(walk, people)
        return {"people": len(people)}

    async def _join(self, order: dict[str, Any]) -> dict[str, Any]:
        population = self.populations[order["name"]]
        connections = await _connected(order)
        self.playing = Play(population, connections, until=population.walk.first())
        await self.playing.warm(JOIN_SECONDS, None)
        joined = await self.playing.finish()
        connections.close()
        # Those who have arrived wait at the first question.
        population.ready.extend(
            one for one in population.people.values() if one.step == population.walk.first()
        )
        return {"wrong": joined.wrong, "failed": joined.failed}

    async def _play(self, order: dict[str, Any]) -> dict[str, Any]:
        connections = await _connected(order)
        play = self.playing = Play(
            self.populations[order["name"]], connections, once=order.get("once", False)
        )
        await play.warm(order["warm"], order.get("rate"))
        watched = {"workers": order["workers"], "database": order["database"], "driver": os.getpid()}
        before = {name: _cpu(pid) for name, pid in watched.items()}
        gc.collect()
        gc.disable()
        calls = self.api.calls
        await play.measure(order["seconds"])
        calls = self.api.calls - calls
        used = {name: _spent(before[name], _cpu(pid)) for name, pid in watched.items()}
        memory = megabytes(_processes(order["workers"]))
        gc.enable()
        played = await play.finish()
        connections.close()
        latencies = sorted(played.latencies)
        return {
            "answers": played.answers,
            "seconds": played.seconds,
            "wrong": played.wrong,
            "failed": played.failed,
            "calls": calls,
            "memory_mb": memory,
            "cpu_seconds": used,
            "p50_ms": _quantile(latencies, 0.5) * 1000,
            "p99_ms": _quantile(latencies, 0.99) * 1000,
        }


async def _connected(order: dict[str, Any]) -> Connections:
    connections = Connections("127.0.0.1", order["port"], order["path"], order["secret"], CONNECTIONS)
    await connections.open()
    return connections


def _processes(process_id: int | None) -> list[int]:
    return [] if process_id is None else tree(process_id)


def _cpu(process_id: int | None) -> dict[int, float]:
    if process_id == os.getpid():
        times = os.times()
        return {process_id: times.user + times.system}
    return cpu_seconds(_processes(process_id))


def _spent(before: dict[int, float], after: dict[int, float]) -> float:
    return sum(seconds - before.get(process_id, 0.0) for process_id, seconds in after.items())


def _quantile(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0


async def main() -> None:
    driver, loop = Driver(), asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            answer = await driver.obey(json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main())
