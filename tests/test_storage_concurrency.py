"""Many writers at once: nothing is lost, nothing is doubled, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, func, select

from storage import conversations, erasure, schema
from storage.contacts import contact_points, inbound
from storage.errors import StaleTurn
from storage.rounds import StoredRound
from storage.store import Store
from storage.sweep import inconsistencies
from storage.turns import NOBODY
from tests.support.databases import PostgresServer
from tests.support.turns import NOW, answer, give_answer, next_turn, open_round, sender, somebody, until_fresh


@pytest.fixture
async def other_store(database_url: str, store: Store) -> AsyncIterator[Store]:
    """The same database through another process's eyes."""
    opened = Store.open(database_url)
    yield opened
    await opened.close()


def count(connection: Connection, asked: StoredRound, external_id: str) -> None:
    """Add one to an answer, as a person would who counts."""
    one = sender(1)
    standing = conversations.read_batch(connection, [one], [(one.hash, external_id)], NOW)[one.hash]
    before = standing.session.answers["count"].value if standing.session else 0
    assert isinstance(before, int)
    turn = next_turn(standing, asked, {"count": answer(before + 1)}, [external_id])
    conversations.write_batch(connection, [turn], NOW)


async def test_two_writers_lose_no_update(store: Store, other_store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(count, asked, "first")

    async def count_on(writer: Store, name: str) -> None:
        for number in range(25):
            # Not once is the turn stale: what was read before the lock is read again under it.
            await writer.run(count, asked, f"{name}-{number}")

    await asyncio.gather(*(count_on(writer, f"{n}") for n, writer in enumerate([store, other_store] * 2)))
    standing = await store.run(somebody)
    assert standing.session is not None
    assert standing.session.answers["count"].value == 101
    assert standing.session.turn == 101
    assert await store.read(inconsistencies) == []


@pytest.mark.parametrize("known", [False, True])
async def test_twenty_deliveries_of_one_update_are_one_turn(
    store: Store, other_store: Store, known: bool
) -> None:
    asked = await store.run(open_round)
    if known:
        await store.run(give_answer, 1, asked, "before", "q1")
    standings = await asyncio.gather(
        *(until_fresh(writer, 1, asked, "same", "q2") for writer in [store, other_store] * 10)
    )
    assert sum("same" not in standing.replies for standing in standings) == 1
    assert len({standing.respondent for standing in standings if not standing.newcomer}) == 1

    def rows(connection: Connection) -> tuple[object, ...]:
        return tuple(
            connection.scalar(select(func.count()).select_from(table))
            for table in (contact_points, schema.respondents, schema.sessions, inbound)
        )

    assert await store.read(rows) == (1, 1, 1, 2 if known else 1)


async def test_a_newcomer_on_many_connections_is_one_respondent(store: Store, other_store: Store) -> None:
    asked = await store.run(open_round)
    await asyncio.gather(
        *(
            until_fresh(writer, 1, asked, f"{number}", f"q{number}")
            for number, writer in enumerate([store, other_store] * 5)
        )
    )
    standing = await store.run(somebody)
    assert standing.session is not None
    assert standing.session.turn == 10
    assert standing.session.answers.keys() == {f"q{number}" for number in range(10)}
    assert await store.read(inconsistencies) == []


async def test_batches_that_overlap_in_any_order_end(store: Store, other_store: Store) -> None:
    asked = await store.run(open_round)
    dice = random.Random(5)

    def write(connection: Connection, numbers: list[int], name: str) -> None:
        people = [sender(number) for number in numbers]
        deliveries = [(one.hash, name) for one in people]
        standings = conversations.read_batch(connection, people, deliveries, NOW)
        turns = [next_turn(standings[one.hash], asked, {name: answer()}, [name]) for one in people]
        conversations.write_batch(connection, turns, NOW)

    async def write_until_fresh(writer: Store, numbers: list[int], name: str) -> None:
        while True:
            try:
                return await writer.run(write, numbers, name)
            except StaleTurn:
                await asyncio.sleep(0)

    batches = [dice.sample(range(40), 20) for _ in range(24)]
    async with asyncio.timeout(60):
        await asyncio.gather(
            *(
                write_until_fresh((store, other_store)[number % 2], numbers, f"b{number}")
                for number, numbers in enumerate(batches)
            )
        )
    assert await store.read(inconsistencies) == []

    def answers(connection: Connection) -> object:
        return connection.scalar(select(func.count()).select_from(schema.answers))

    assert await store.read(answers) == 24 * 20


async def test_repeats_that_wait_for_an_erasure_bring_nobody_back(store: Store, other_store: Store) -> None:
    asked = await store.run(open_round)

    def deliver(connection: Connection, external_id: str) -> None:
        one = sender(1)
        standing = conversations.read_batch(connection, [one], [(one.hash, external_id)], NOW)[one.hash]
        if standing.respondent != NOBODY and external_id not in standing.replies:
            turn = next_turn(standing, asked, {"q1": answer()}, [external_id])
            conversations.write_batch(connection, [turn], NOW)

    async def deliver_until_fresh(writer: Store, external_id: str) -> None:
        while True:
            try:
                return await writer.run(deliver, external_id)
            except StaleTurn:
                await asyncio.sleep(0)

    def forget(connection: Connection, external_id: str) -> None:
        standing = somebody(connection)
        erasure.erase(connection, standing.hash, standing.respondent, external_id, NOW)

    def known(connection: Connection) -> object:
        return connection.scalar(select(func.count()).select_from(contact_points))

    for last in range(10, 100, 10):
        await deliver_until_fresh(store, f"{last - 5}")
        repeats = [f"{number}" for number in range(last - 4, last)]
        await asyncio.gather(
            *(deliver_until_fresh(other_store, repeat) for repeat in repeats[:2]),
            store.run(forget, f"{last}"),
            *(deliver_until_fresh(other_store, repeat) for repeat in repeats),
        )
        assert await store.read(known) == 0


async def test_a_reader_waits_for_no_writer(store: Store) -> None:
    asked = await store.run(open_round)
    reached, finish = threading.Event(), threading.Event()

    def write_slowly(connection: Connection) -> None:
        give_answer(connection, 1, asked, "1", "q1")
        reached.set()
        assert finish.wait(30)

    def sessions(connection: Connection) -> object:
        return connection.scalar(select(func.count()).select_from(schema.sessions))

    if store.dialect == "postgresql":
        # Work runs on the event loop there, so a transaction is left open between two of its statements instead.
        writer = await store._writer.connect()  # type: ignore[attr-defined]
        await writer.run_sync(give_answer, 1, asked, "1", "q1")
        assert await store.read(sessions) == 0
        await writer.commit()
        await writer.close()
    else:
        writing = asyncio.create_task(store.run(write_slowly))
        await asyncio.to_thread(reached.wait, 30)
        assert await store.read(sessions) == 0
        finish.set()
        await writing
    assert await store.read(sessions) == 1


async def test_what_reads_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await store.read(open_round)


async def test_a_reader_sees_one_moment(postgres: PostgresServer) -> None:
    """On SQLite any transaction does; here it has to be asked for."""
    store = Store.open(postgres.emptied())
    try:
        asked = await store.run(open_round)
        counting = select(func.count()).select_from(schema.sessions)
        async with store._reader.connect() as reader:  # type: ignore[attr-defined]
            assert await reader.scalar(counting) == 0
            await store.run(give_answer, 1, asked, "1", "q1")
            assert await reader.scalar(counting) == 0
    finally:
        await store.close()
