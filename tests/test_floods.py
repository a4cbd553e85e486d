"""One person's flood, and everybody at once: nobody else waits longer for it, and nothing grows without bound."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from bot.fair_queue import FairQueue
from bot.flows.received import Start, Text
from bot.intake import LEAST_BESIDE, MOST_IN_BATCH, MOST_OF_PERSON, Intake, Overloaded
from bot.messages import Capabilities, Inbound, Reply
from storage import conversations
from storage.store import Store
from storage.turns import Written
from tests.support.program import KEYS, open_round

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
async def intake(store: Store) -> Intake:
    await store.run(open_round, NOW)
    return Intake(store, KEYS, {"telegram": Capabilities(4096)}, lambda: NOW)


def message(person: str, number: int, words: str) -> Inbound:
    received = Start(words) if number == 0 else Text(words)
    return Inbound("telegram", "1", person, str(number), NOW, received)


async def test_a_flood_of_one_person_delays_nobody_else(intake: Intake) -> None:
    """Ten thousand at once: the first few hundred are taken, the rest stays with the platform."""
    answered: list[str] = []

    async def say(inbound: Inbound) -> Reply | None:
        try:
            return await intake.take(inbound)
        finally:
            answered.append(inbound.address)

    await asyncio.gather(*(say(message(f"person {n}", 0, "ferry")) for n in range(30)))
    answered.clear()
    flood = [asyncio.create_task(say(message("loud", n, "ferry"))) for n in range(10_000)]
    others = [asyncio.create_task(say(message(f"person {n}", 1, "1"))) for n in range(30)]
    replies = await asyncio.gather(*others)
    assert all(reply is not None and reply.parts for reply in replies)
    taken = await asyncio.gather(*flood, return_exceptions=True)
    refused = [reply for reply in taken if isinstance(reply, Overloaded)]
    assert len(refused) == 10_000 - MOST_OF_PERSON
    assert not [reply for reply in taken if isinstance(reply, BaseException) and reply not in refused]
    served = answered[len(refused) :]
    last = max(index for index, person in enumerate(served) if person != "loud")
    assert last < MOST_IN_BATCH, "the others are served with the flood's first batch"


async def test_everybody_at_once_is_served_in_bounded_batches(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    write = conversations.write_batch

    def spy(connection: Connection, written: list[Written], now: datetime) -> None:
        sizes.append(len(written))
        write(connection, written, now)

    monkeypatch.setattr(conversations, "write_batch", spy)
    people = 1_500
    replies = await asyncio.gather(*(intake.take(message(f"person {n}", 0, "ferry")) for n in range(people)))
    assert all(reply is not None and reply.parts for reply in replies)
    assert sum(sizes) == people
    assert max(sizes) <= MOST_IN_BATCH


def test_turns_are_fair_and_order_within_a_lane_holds() -> None:
    queue: FairQueue[str] = FairQueue()
    for n in range(5):
        queue.put(b"a", f"a{n}")
    queue.put(b"b", "b0")
    queue.put(b"c", "c0")
    assert queue.take(4, 2) == ["a0", "a1", "b0", "c0"]
    queue.put(b"b", "b1")
    assert queue.ready == 0, "those who are served are not served twice at once"
    queue.release([b"a", b"b", b"c"], [(b"a", "a1"), (b"c", "c0")])
    assert len(queue) == 6
    assert queue.take(3, 2) == ["a1", "a2", "c0"]
    assert queue.take(9, 9) == ["b1"]
    queue.release([b"a"])
    assert queue.take(9, 9) == ["a3", "a4"]
    assert len(queue) == 0


def test_what_is_dropped_waits_no_more() -> None:
    queue: FairQueue[str] = FairQueue()
    for n in range(3):
        queue.put(b"a", f"a{n}")
    queue.put(b"b", "b0")
    assert queue.waiting_of(b"a") == 3
    assert queue.drop(b"a") == ["a0", "a1", "a2"]
    assert queue.drop(b"a") == []
    assert queue.take(9, 9) == ["b0"]


class Held:
    """A store whose first transaction does not end before it may."""

    def __init__(self, store: Store, at_once: int) -> None:
        self._store = store
        self.at_once = at_once
        self.may_end = asyncio.Event()
        self.begun = 0

    async def run(self, *work: Any) -> Any:
        self.begun += 1
        first = self.begun == 1
        done = await self._store.run(*work)
        if first:
            await self.may_end.wait()
        return done


@pytest.mark.parametrize(
    ("at_once", "others", "served"), [(2, LEAST_BESIDE, True), (2, 3, False), (1, 40, False)]
)
async def test_a_batch_goes_on_beside_another_where_that_is_worthwhile(
    store: Store, at_once: int, others: int, served: bool
) -> None:
    await store.run(open_round, NOW)
    held = Held(store, at_once)
    intake = Intake(cast(Store, held), KEYS, {"telegram": Capabilities(4096)}, lambda: NOW)
    first = asyncio.create_task(intake.take(message("one", 0, "ferry")))
    await asyncio.sleep(0)
    second = asyncio.create_task(intake.take(message("one", 1, "1")))
    rest = [asyncio.create_task(intake.take(message(f"person {n}", 0, "ferry"))) for n in range(others)]
    if served:
        await asyncio.gather(*rest)
    else:
        await asyncio.sleep(0.05)
    assert [task.done() for task in rest] == [served] * others
    assert not second.done(), "what one person sends is answered in its order"
    held.may_end.set()
    replies = await asyncio.gather(first, second, *rest)
    assert all(reply is not None for reply in replies)
    assert held.begun == (3 if served else 2)
    await intake.stop()
