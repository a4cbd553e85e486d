"""Killing the program, or cutting it off from its database, at any moment: no answer is lost, and none counts twice.

The long form of the largest two is `make chaos`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, text

from bot.cli import run
from bot.clock import now
from storage.store import Store
from tests.support.botapi import BotApi
from tests.support.databases import PostgresServer, postgres_server
from tests.support.program import SECRET, Program, open_round, serving
from tests.support.respondents import END, JETTY, Respondent, check
from tests.support.workers import Workers, alive

LONG = bool(os.environ.get("TALANOA_LONG_TESTS"))
# Long enough in thought that a worker has run for a while before it is killed again.
PEOPLE, KILLS, STOPS, THINKING = (300, 30, 5, 16.0) if LONG else (40, 5, 1, 1.0)
PATIENCE = 60.0
"""Seconds for one reply, which only a fault takes."""
UPDATES_EACH = 15
"""About what a person sends."""

pytestmark = pytest.mark.timeout(1800 if LONG else 300)
Fault = Callable[[], Awaitable[None]]


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi.start() as running:
        running.courier.scale = 0.02
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of its own, since it is stopped."""
    with postgres_server(durable=True) as running:
        yield running


class Crowd:
    """People who take part, and what is done to the program meanwhile."""

    def __init__(self, api: BotApi, program: Program, count: int, rest: float = 0.0) -> None:
        self._api = api
        self._program = program
        self._first = api.platform.next_update
        self.people = [Respondent(api, number, rest=rest) for number in range(count)]

    async def answer_through(self, faults: Sequence[Fault]) -> range:
        """Let everybody answer, with the faults spread over it; the updates that they sent."""
        answering = asyncio.gather(*(person.take_part("jetty", PATIENCE) for person in self.people))
        every = len(self.people) * UPDATES_EACH / (len(faults) + 1)
        try:
            for number, fault in enumerate(faults, 1):
                due = self._first + number * every
                while self._api.platform.next_update < due and not answering.done():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                await fault()
            await answering
        except AssertionError as failure:
            waiting = [(person.phone.id, person.asked) for person in self.people if person.asked != END]
            raise AssertionError(
                f"{failure}; {len(waiting)} of {len(self.people)} are not at the end: {waiting[:20]}; "
                f"not acknowledged: {self._api.pending}; it printed\n{self._program.log[-4000:]}"
            ) from failure
        finally:
            answering.cancel()
        assert await self._api.settled(PATIENCE), "something is not acknowledged"
        return range(self._first, self._api.platform.next_update)


async def in_order(database_url: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> bool:
    """Whether `talanoa db check` finds nothing."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TALANOA_SECRET_KEY", SECRET)
    return await asyncio.to_thread(run, ["--db", database_url, "db", "check"]) == 0


@pytest.mark.parametrize(
    ("database_url", "people", "kills", "thinking"),
    [
        ("sqlite", 6, 10, 0.0),
        pytest.param("postgresql", 6, 20, 0.0, marks=pytest.mark.long),
        pytest.param("sqlite", PEOPLE, KILLS, THINKING / 4, marks=pytest.mark.long),
    ],
    indirect=["database_url"],
)
async def test_kills_lose_nothing_and_double_nothing(
    store: Store,
    database_url: str,
    people: int,
    kills: int,
    thinking: float,
    api: BotApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = Random(20)
    await store.run(open_round, now(), "jetty", JETTY)
    fetched = 0
    with serving(database_url, api, tmp_path) as program:

        async def kill() -> None:
            # Amid fetching, deciding, committing, answering, acknowledging.
            nonlocal fetched
            await asyncio.sleep(dice.uniform(0.0, 0.1))
            program.kill()
            fetched = len(api.calls_of("getUpdates"))
            if dice.random() < 0.3:
                # The platform has lost the last confirmation: what was acknowledged comes again.
                api.forget_confirmation()
            program.start()

        crowd = Crowd(api, program, people, thinking)
        updates = await crowd.answer_through([kill] * kills)
        # Before it listens to signals, it cannot be asked to stop.
        await program.until(lambda: len(api.calls_of("getUpdates")) > fetched, "the last start")
        assert await program.stop() == 0
    assert await in_order(database_url, monkeypatch, tmp_path)
    await check(store, crowd.people, updates)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_breaks_off_again_and_again_loses_nothing(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    dice = Random(21)

    def cut(connection: Connection) -> None:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    async def break_off() -> None:
        await asyncio.sleep(dice.uniform(0.0, 0.3))
        await store.run(cut)

    await store.run(open_round, now(), "jetty", JETTY)
    with serving(database_url, api, tmp_path) as program:
        crowd = Crowd(api, program, 6)
        updates = await crowd.answer_through([break_off] * 20)
    await check(store, crowd.people, updates)


@pytest.mark.long
async def test_workers_are_killed_and_the_database_stops_while_people_answer(
    api: BotApi, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, turns = Random(40), itertools.count()
    database_url = server.emptied()
    store = Store.open(database_url)
    await store.run(open_round, now(), "jetty", JETTY)
    await store.close()
    workers = Workers(database_url, api, tmp_path)

    async def kill_one() -> None:
        """One and the other in turn: who is killed too soon after its start is kept waiting for the next."""
        number = next(turns) % 2
        await workers.until(lambda: alive(workers.pids[number]), f"worker {number + 1}")
        os.kill(workers.pids[number], signal.SIGKILL)

    async def kill_all() -> None:
        workers.kill_all()
        workers.start()
        await workers.ready()

    async def stop_database() -> None:
        await asyncio.to_thread(server.crash)
        await asyncio.sleep(dice.uniform(0.0, 3.0))
        await asyncio.to_thread(server.start)

    faults: list[Fault] = [kill_one] * (KILLS * 4 // 5)
    faults += [kill_all] * (KILLS - len(faults)) + [stop_database] * STOPS
    dice.shuffle(faults)
    for _ in range(PEOPLE):
        # Answers to the platform get lost, so that things come again.
        api.fault(method="webhook", drop="after", skip=dice.randrange(PEOPLE * UPDATES_EACH))
    workers.start()
    try:
        await workers.ready()
        crowd = Crowd(api, workers, PEOPLE, THINKING)
        updates = await crowd.answer_through(faults)
        assert await workers.stop() == 0
        assert "Traceback" not in workers.log, workers.log
    finally:
        workers.close()
    assert len(api.courier.attempts) > len(updates) + PEOPLE // 2, "little came again: little was tried"
    assert await in_order(database_url, monkeypatch, tmp_path)
    store = Store.open(database_url)
    await check(store, crowd.people, updates)
    await store.close()
