"""One person's flood, and everybody at once: nobody else waits longer for it, and nothing grows without bound."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from bot.fair_queue import FairQueue
from bot.flows.received import Start, Text
from bot.intake import MOST_IN_BATCH, MOST_OF_PERSON, Intake, Overloaded
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
    queue.put_back([(b"a", "a1"), (b"c", "c0")])
    assert len(queue) == 6
    assert queue.take(3, 2) == ["a1", "a2", "c0"]
    assert queue.take(9, 9) == ["b1", "a3", "a4"]
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
