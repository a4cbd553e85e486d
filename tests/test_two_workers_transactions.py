"""What is written, with two workers on PostgreSQL: whole turns, late writers, claims, poison, and an orderly stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run
from storage.store import Store
from tests.support.pair import PATIENCE, Pair, Stored, execute
from tests.support.program import SECRET
from tests.support.respondents import Respondent, check
from tests.support.workers import alive

pytestmark = pytest.mark.long
POISON = 66
REFUSE = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.value::text = '{POISON}' THEN
        RAISE check_violation;
    END IF;
    RETURN new;
END $$;
"""
WAITING = "SELECT DISTINCT pid FROM pg_locks WHERE NOT granted"


async def once_each(pair: Pair, pair_store: Store, phone: Any) -> Stored:
    """What is stored of somebody, of whom every update counted once."""
    assert await pair.api.settled(PATIENCE)
    stored = await pair.stored(pair_store, phone)
    assert stored.turn == len(stored.heard)
    return stored


@asynccontextmanager
async def poisoned(pair_store: Store) -> AsyncIterator[None]:
    """While the database refuses one value."""

    trigger = "CREATE TRIGGER refuse BEFORE INSERT ON answers FOR EACH ROW EXECUTE FUNCTION refuse()"
    await pair_store.run(execute, REFUSE, trigger)
    try:
        yield
    finally:
        await pair_store.run(execute, "DROP FUNCTION refuse CASCADE")


async def test_tx_1_a_killed_worker_leaves_whole_turns(pair: Pair, pair_store: Store) -> None:
    first = pair.api.platform.next_update
    people = [Respondent(pair.api, number) for number in range(1_000, 1_030)]
    answering = [asyncio.create_task(person.take_part("jetty", PATIENCE)) for person in people]
    for _ in range(3):
        await pair.sent(60)
        for pid in pair.workers.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
    await asyncio.gather(*answering)
    assert await pair.api.settled(PATIENCE)
    await check(pair_store, people, range(first, pair.api.platform.next_update))


async def test_tx_2_a_writer_whose_lock_was_taken_away_begins_again(pair: Pair, pair_store: Store) -> None:
    [phone] = await pair.begin()
    shown = phone.last
    # Who has read where somebody stands, and holds the lock, cannot write it.
    async with pair.server.locked("SELECT * FROM sessions FOR UPDATE") as holder:
        phone.say("/progress")
        phone.tap("2. Every month", on=shown)
        async with asyncio.timeout(PATIENCE):
            while not (waiting := await holder.fetch(WAITING)):  # noqa: ASYNC110 (the database tells nobody)
                await asyncio.sleep(0.01)
        for (pid,) in waiting:
            await holder.execute("SELECT pg_terminate_backend($1)", pid)
    await phone.await_settled(PATIENCE)
    stored = await once_each(pair, pair_store, phone)
    assert len(stored.heard) == 4
    assert stored.answers == {"often": "monthly"}


async def test_tx_3_two_dispatchers_send_what_one_has_claimed_once(pair: Pair, pair_store: Store) -> None:
    [phone] = await pair.begin()
    await pair.tell(phone, "1", "21", reads="reasons")
    pair.api.fault(chat=phone.id, retry_after=1)
    slow = pair.api.fault(chat=phone.id, delay=4.0)
    before = len(phone.screen)
    phone.tap("1. ☐ Work")
    await phone.await_reply(PATIENCE)
    assert slow.struck == 1
    async with asyncio.timeout(PATIENCE):
        while (await once_each(pair, pair_store, phone)).owed:  # noqa: ASYNC110 (the dispatcher tells nobody)
            await asyncio.sleep(0.05)
    assert len(phone.screen) == before + 1
    calls = [call.status for call in pair.api.calls if call.chat == phone.id and call.status]
    assert calls[-2:] == [429, 200]


async def test_tx_4_the_poison_of_one_does_not_lose_the_batch(pair: Pair, pair_store: Store) -> None:
    phones = await pair.begin(25)
    await asyncio.gather(*(pair.tell(phone, "1", reads="trips") for phone in phones))
    bad, *good = phones
    async with poisoned(pair_store):
        with pair.api.held():
            for phone in phones:
                phone.say(str(POISON) if phone is bad else "21")
        await asyncio.gather(*(pair.reads(phone, "reasons") for phone in good))
        await bad.await_text("something went wrong", PATIENCE)
    for phone in good:
        assert (await once_each(pair, pair_store, phone)).answers == {"often": "weekly", "trips": 21}
    stored = await pair.stored(pair_store, bad)
    assert (stored.answers, stored.set_aside) == ({"often": "weekly"}, 1)


async def test_tx_5_what_keeps_failing_is_set_aside_and_the_next_message_is_handled(
    pair: Pair, pair_store: Store
) -> None:
    [phone] = await pair.begin()
    async with poisoned(pair_store):
        await pair.tell(phone, "1", str(POISON), "21", reads="reasons")
    stored = await once_each(pair, pair_store, phone)
    assert stored.answers == {"often": "weekly", "trips": 21}
    assert stored.set_aside == 1
    assert sum("something went wrong" in shown.text for shown in phone.screen) == 1


async def test_tx_6_what_a_dead_worker_was_sending_is_sent_by_another(pair: Pair, pair_store: Store) -> None:
    [phone] = await pair.begin()
    await pair.tell(phone, "1", "21", reads="reasons")
    pair.api.fault(chat=phone.id, retry_after=1)
    hanging = pair.api.fault(chat=phone.id, delay=25.0, drop="before")
    phone.tap("1. ☐ Work")
    await pair.workers.until(lambda: hanging.struck, "the call that hangs")
    for pid in await pair.workers.both():
        os.kill(pid, signal.SIGKILL)
    assert (await once_each(pair, pair_store, phone)).owed == 1
    assert not phone.replies

    # The claim of the dead is over, as it is after two minutes.
    await pair_store.run(execute, "UPDATE outbox SET attempt_at = attempt_at - interval '2 minutes'")
    assert "☑" in (await phone.await_reply(PATIENCE)).labels[0]


async def test_tx_8_db_check_finds_a_contradiction_beside_two_workers(
    pair: Pair, pair_store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALANOA_SECRET_KEY", SECRET)
    command = ["--db", pair.database_url, "db", "check"]
    [phone] = await pair.begin()
    await pair.tell(phone, "1", "21", reads="reasons")
    damage = "UPDATE answers SET revision = 1 - revision WHERE question = 'trips'"
    for status in (0, 1, 0):
        assert await asyncio.to_thread(run, command) == status
        await pair_store.run(execute, damage)
    await pair_store.run(execute, damage)
    await pair.tell(phone, "1", reads="fare")


async def test_ops_1_two_workers_stop_amid_answers_and_lose_none(pair: Pair, pair_store: Store) -> None:
    first = pair.api.platform.next_update
    people = [Respondent(pair.api, number) for number in range(2_000, 2_040)]
    answering = [asyncio.create_task(person.take_part("jetty", PATIENCE)) for person in people]
    for _ in range(2):
        await pair.sent(150)
        workers = await pair.workers.both()
        assert await pair.workers.stop() == 0
        assert not any(map(alive, workers))
        # What was taken is finished and acknowledged; what was not, the platform still has.
        acknowledged = pair.api.do(
            lambda: pair.api.platform.next_update - first - len(pair.api.platform.pending)
        )
        [[heard]] = await pair_store.read(
            execute, f"SELECT count(*) FROM inbound WHERE external_id::bigint >= {first}"
        )
        assert heard == acknowledged
        pair.workers.start()
        await pair.workers.ready()
    await asyncio.gather(*answering)
    assert await pair.api.settled(PATIENCE)
    await check(pair_store, people, range(first, pair.api.platform.next_update))
