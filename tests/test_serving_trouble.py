"""The bot as a process of its own, while the platform, the people or the operator make trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.clock import now
from storage import contacts
from storage.store import Store
from tests.support.botapi import BotApi
from tests.support.ferry import begin, embedded
from tests.support.intakes import until
from tests.support.odd_updates import feed_everything
from tests.support.program import Program, answered, open_round, serving


@pytest.fixture
async def program(store: Store, database_url: str, api: BotApi, tmp_path: Path) -> AsyncIterator[Program]:
    """The program, running, with an open round on the ferry."""
    await store.run(open_round, now())
    with serving(database_url, api, tmp_path) as running:
        yield running


@embedded
async def test_a_busy_chat_delays_nobody_and_gets_everything_in_order(program: Program, api: BotApi) -> None:
    busy, other = api.phone(), api.phone()
    await asyncio.gather(begin(busy), begin(other))
    busy_fault = api.fault(method="sendMessage", chat=busy.id, retry_after=2)
    busy.say("1")
    await until(lambda: busy_fault.struck)
    mark = len(busy.screen)
    for said, reply in (("1", "What do you take it for?"), ("1", "How many trips"), ("12", "the fare?")):
        other.say(said)
        await other.await_text(reply, 1.0)
    busy.say("2")
    await busy.await_text("How many trips", 10.0)
    seen = "\n".join(shown.text for shown in busy.screen[mark:])
    assert seen.index("What do you take it for?") < seen.index("How many trips")
    busy.say("7")
    await busy.await_text("the fare?", 2.0)


@embedded
async def test_who_blocks_the_bot_delays_nobody_and_goes_on_later(
    program: Program, api: BotApi, store: Store
) -> None:
    gone, other = api.phone(), api.phone()
    await asyncio.gather(begin(gone), begin(other))
    with api.held():
        gone.say("1")
        gone.block()
        other.say("1")
    await other.await_text("What do you take it for?")
    assert await api.settled()

    def blocked(connection: Connection) -> int:
        points = contacts.contact_points
        return len(connection.execute(select(points).where(points.c.blocked_at.is_not(None))).all())

    assert await store.read(blocked) == 1
    gone.unblock()
    gone.say("2")
    await gone.await_text("How many trips")
    assert await store.read(blocked) == 0
    assert sorted(map(len, (await answered(store)).values())) == [1, 2]


@embedded
async def test_broken_connections_lose_nothing(program: Program, api: BotApi, store: Store) -> None:
    before, after, tapping = (api.phone() for _ in range(3))
    await asyncio.gather(*(begin(phone) for phone in (before, after, tapping)))
    api.fault(method="sendMessage", chat=before.id, drop="before")
    api.fault(method="sendMessage", chat=after.id, drop="after")
    api.fault(method="answerCallbackQuery", drop="before")
    api.fault(method="getUpdates", drop="after", skip=1)
    before.say("1")
    after.say("1")
    tapping.tap("1. Every week")
    for phone in (before, after, tapping):
        await phone.await_text("What do you take it for?", 15.0)
    for phone in (before, after, tapping):
        phone.say("1")
    for phone in (before, after, tapping):
        await phone.await_text("How many trips", 15.0)
    assert list((await answered(store)).values()) == [{"often": "weekly", "reasons": ["work"]}] * 3


@embedded
async def test_in_10_no_kind_of_update_stops_the_stream(program: Program, api: BotApi, store: Store) -> None:
    phone = api.phone()
    await begin(phone)
    feed_everything(api)
    assert await api.settled(20.0)
    phone.say("1")
    await phone.await_text("What do you take it for?")
    await phone.await_answered()
    await answered(store)
    assert "could not be read and is set aside" in program.log


async def test_sigterm_finishes_what_was_taken(program: Program, api: BotApi, store: Store) -> None:
    phones = [api.phone() for _ in range(5)]
    await asyncio.gather(*(begin(phone) for phone in phones))
    slow = api.fault(method="sendMessage", delay=0.5, times=5)
    with api.held():
        for phone in phones:
            phone.say("1")
    await until(lambda: slow.struck == 5)
    assert await program.stop() == 0
    for phone in phones:
        await phone.await_text("What do you take it for?", 0.5)
    assert api.pending == 0
    program.start()
    for phone in phones:
        phone.say("1")
    await asyncio.gather(*(phone.await_text("How many trips") for phone in phones))
    for phone in phones:
        assert sum("What do you take it for?" in shown.text for shown in phone.screen) == 1
    assert list((await answered(store)).values()) == [{"often": "weekly", "reasons": ["work"]}] * 5
