"""Answers that were acknowledged and are gone: a program is killed under load, started again, and its store is read."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.filling import BOT, SECRET
from bench.people import Person, Population
from bench.postgresql import Server
from bench.programs import Target, peer, talanoa
from bench.walk import ANSWERS, WALKS
from bench.wire import BotApi, Connections
from bot.channels.telegram_updates import CHANNEL
from storage import contacts, schema
from storage.keys import Keys
from storage.store import Store

CONNECTIONS = 100
PATIENCE = 60.0
"""The longest until half of all answers are acknowledged."""
GRACE = 3.0
"""For what was delivered again to be handled by those who acknowledge first."""

Start = Callable[..., AbstractContextManager[Target]]
"""Starts a program that calls the Bot API server at a URL; `again` with what it has kept."""
Stored = Callable[[Iterable[int]], Mapping[int, int]]
"""How many answers a program has of each of these chats, once it is stopped."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A program to kill."""

    what: dict[str, Any]
    """As the document names it."""
    start: Start
    stored: Stored


@dataclass
class _Crowd:
    """People who each write when the message before was acknowledged and its reply read."""

    population: Population
    acknowledged: Counter[int] = field(default_factory=Counter)
    """Answers, by chat."""
    unacknowledged: list[tuple[Person, bytes]] = field(default_factory=list)
    replies: dict[int, asyncio.Event] = field(default_factory=dict)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def said(self, chat: int, _reply: bytes) -> None:
        if chat in self.replies:
            self.replies[chat].set()

    async def write(self, person: Person, connections: Connections) -> None:
        """Answer question after question, until the program is gone."""
        for person.step in range(self.population.walk.end_step):
            reply = self.replies[person.id] = asyncio.Event()
            update = self.population.update(person)
            if not await self._deliver(connections, person, update):
                self.unacknowledged.append((person, update))
                return
            await reply.wait()

    async def again(self, connections: Connections) -> None:
        """Deliver what was not acknowledged."""
        for person, update in self.unacknowledged:
            await self._deliver(connections, person, update)

    async def _deliver(self, connections: Connections, person: Person, update: bytes) -> bool:
        outcome: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        connections.post(update, lambda status, body: outcome.set_result((status, body)))
        status, body = await outcome
        if status != 200:
            return False
        self.acknowledged[person.id] += person.step >= self.population.walk.first()
        if self.acknowledged.total() >= len(self.population.people) * len(ANSWERS) // 2:
            self.enough.set()
        if b"method" in body:
            self.said(person.id, body)
        return True


def lost(subject: Subject, first: int, count: int) -> dict[str, float]:
    """The answers acknowledged by a program that was killed amid them, and how many of those it has no more."""
    walk = WALKS["talanoa" if subject.what["program"] == "talanoa" else "peer"]
    crowd = _Crowd(Population(walk, [Person(first + index, 0) for index in range(count)]))
    asyncio.run(_kill(subject, crowd))
    stored = subject.stored(crowd.population.people)
    gone = sum(max(0, answers - stored.get(chat, 0)) for chat, answers in crowd.acknowledged.items())
    return {"lost": gone, "acknowledged": crowd.acknowledged.total()}


async def _kill(subject: Subject, crowd: _Crowd) -> None:
    api = BotApi(crowd.said)
    url = f"http://127.0.0.1:{await api.listen()}"
    with ExitStack() as running:
        # In a thread: the program calls the server here before it is ready.
        target = await asyncio.to_thread(running.enter_context, subject.start(url, again=False))
        connections = await _connected(target)
        writing = [
            asyncio.create_task(crowd.write(one, connections)) for one in crowd.population.people.values()
        ]
        await asyncio.wait_for(crowd.enough.wait(), PATIENCE)
        os.killpg(target.process_id, signal.SIGKILL)
        # Whoever has no answer to a delivery gets told so now; whoever waits for a reply waits in vain.
        await asyncio.sleep(GRACE / 3)
        for task in writing:
            task.cancel()
        connections.close()
        await asyncio.to_thread(running.close)
    with ExitStack() as running:
        target = await asyncio.to_thread(running.enter_context, subject.start(url, again=True))
        connections = await _connected(target)
        await crowd.again(connections)
        await asyncio.sleep(GRACE)
        connections.close()
        await asyncio.to_thread(running.close)


async def _connected(target: Target) -> Connections:
    address = target.address
    connections = Connections("127.0.0.1", address["port"], address["path"], address["secret"], CONNECTIONS)
    await connections.open()
    return connections


def subject(program: str, url: str, server: Server, folder: Path, python: Path | None) -> Subject:
    """One of the programs, with how its store is read."""
    if program == "talanoa":
        return Subject(
            {"program": program, "store": "postgresql", "workers": 2},
            lambda api_url, **_: talanoa(url, 2, "body", api_url, folder),
            lambda chats: asyncio.run(_kept(url, chats)),
        )
    if python is None:
        raise ValueError(f"{program} is not there")
    start = partial(peer, program, python, server.dsn("peers"), folder=folder)
    if program == "ptb":
        what = {"program": program, "store": "pickle", "workers": 1}
        return Subject(what, start, lambda _: _pickled(folder / "ptb.pickle"))
    return Subject(
        {"program": program, "store": "postgresql", "workers": 1}, start, lambda _: _inserted(server)
    )


async def _kept(url: str, chats: Iterable[int]) -> dict[int, int]:
    keys = Keys(SECRET.encode())
    numbers = {keys.contact_hash(CHANNEL, BOT, str(chat)): chat for chat in chats}
    points, rows = contacts.contact_points.c, schema.answers.c
    statement = (
        select(points.hash, func.count())
        .join_from(contacts.contact_points, schema.answers, rows.respondent_id == points.respondent_id)
        .where(points.hash.in_(numbers))
        .group_by(points.hash)
    )
    store = Store.open(url)
    try:
        found = await store.read(lambda connection: connection.execute(statement).all())
    finally:
        await store.close()
    return {numbers[contact]: answers for contact, answers in found}


def _pickled(file: Path) -> dict[int, int]:
    if not file.exists():
        return {}
    kept = pickle.loads(file.read_bytes())  # noqa: S301 (the library's own, of a moment ago)
    return {chat: len(data.get("answers", ())) for chat, data in kept["user_data"].items()}


def _inserted(server: Server) -> dict[int, int]:
    rows = server.run("SELECT chat, count(*) FROM answers GROUP BY chat", "peers").splitlines()
    return {int(chat): int(count) for chat, _, count in (row.partition("|") for row in rows)}
