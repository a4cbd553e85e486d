"""What arrives, with two workers on PostgreSQL: order, repeats, outages, stale taps, whatever is sent."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from storage.schema import metadata
from storage.store import Store
from tests.support.botapi import Phone
from tests.support.odd_updates import feed_everything
from tests.support.pair import PATIENCE, Pair, execute

pytestmark = pytest.mark.long
SAID = ("1", "21", "1, 3", "2", "30", "1", "40", "3", "2")
"""Answers to all questions but the last."""
MEANT = {
    "often": "weekly",
    "trips": 21,
    "reasons": ["work", "market"],
    "fare": "dear",
    "coins": 30,
    "shelter": "yes",
    "minutes": 40,
    "clean": 3,
    "side": "south",
}


async def answers_of(pair: Pair, pair_store: Store, phone: Phone) -> dict[str, object]:
    """What is stored of somebody, of whom every update counted once."""
    stored = await pair.stored(pair_store, phone)
    assert stored.turn == len(stored.heard)
    assert stored.set_aside == stored.owed == 0
    return stored.answers


async def test_in_1_two_workers_keep_the_order_of_each_person(pair: Pair, pair_store: Store) -> None:
    phones = await pair.begin(30)
    with pair.api.held():
        for text in SAID:
            for phone in phones:
                phone.say(text)
    await asyncio.gather(*(pair.reads(phone, "wish") for phone in phones))
    assert await pair.api.settled(PATIENCE)
    for phone in phones:
        assert await answers_of(pair, pair_store, phone) == MEANT


async def test_in_2_two_workers_serve_others_while_one_call_hangs(pair: Pair, pair_store: Store) -> None:
    slow, *others = await pair.begin(15)
    await pair.tell(slow, *SAID[:2], reads="reasons")
    hanging = pair.api.fault(method="editMessageText", chat=slow.id, delay=25.0)
    slow.tap("1. ☐ Work")
    await pair.workers.until(lambda: hanging.struck, "the call that hangs")
    await asyncio.gather(*(pair.tell(phone, *SAID, reads="wish") for phone in others))
    assert pair.api.do(lambda: pair.api.platform.waits(slow.id)), "the call has ended: nothing was seen"
    assert "☑" not in slow.last.labels[0]


async def test_in_3_twenty_deliveries_of_one_update_to_two_workers_are_one_turn(
    pair: Pair, pair_store: Store
) -> None:
    [phone] = await pair.begin()
    before = await pair.stored(pair_store, phone)
    update = pair.message(phone, "1")
    outcomes = await asyncio.gather(*(pair.workers.deliver(update) for _ in range(20)))
    assert [status for status, _ in outcomes] == [200] * 20
    spoken = {body["text"] for _, body in outcomes if body is not None}
    assert len(spoken) == 1, "there is one reply, however often it is given"
    assert "How many trips" in spoken.pop()
    after = await pair.stored(pair_store, phone)
    assert after.turn == before.turn + 1
    assert after.heard.count(str(update["update_id"])) == 1
    await pair.tell(phone, "21", reads="reasons")
    assert await pair.workers.deliver(update) == (200, None), "late, it is acknowledged and dropped"
    assert await answers_of(pair, pair_store, phone) == {"often": "weekly", "trips": 21}


async def test_in_4_the_same_words_twice_are_two_answers_however_often_each_is_delivered(
    pair: Pair, pair_store: Store
) -> None:
    [phone] = await pair.begin()
    pair.api.fault(method="webhook", chat=phone.id, drop="after", times=3)
    await pair.tell(phone, "1", "1", "1", reads="fare")
    assert await answers_of(pair, pair_store, phone) == {"often": "weekly", "trips": 1, "reasons": ["work"]}
    assert pair.api.courier.attempts[-6:-2].count(pair.api.courier.attempts[-6]) == 4


async def test_in_5_a_picture_delivered_twice_leaves_no_trace_but_its_number(
    pair: Pair, pair_store: Store
) -> None:
    [phone] = await pair.begin()
    before = len((await pair.stored(pair_store, phone)).heard)
    pair.api.fault(method="webhook", chat=phone.id, drop="after")
    phone.send_photo("a caption that is nobody's business")
    await phone.await_settled(PATIENCE)
    after = await pair.stored(pair_store, phone)
    assert len(after.heard) == before + 1
    assert after.answers == {}
    for table in metadata.sorted_tables:
        kept = str(await pair_store.read(execute, f"SELECT * FROM {table.name}"))
        assert "nobody's business" not in kept, table.name
        assert "AgAC" not in kept, table.name


async def test_in_6_the_database_is_away_for_five_minutes_and_everything_is_answered_in_order(
    pair: Pair, pair_store: Store
) -> None:
    phones = await pair.begin(20)
    typing, tapping = phones[:10], phones[10:]
    await asyncio.to_thread(pair.server.crash)
    try:
        for text in SAID[:2]:
            for phone in typing:
                phone.say(text)
        async with asyncio.timeout(PATIENCE / 2):
            status, body = await pair.workers.deliver(pair.message(typing[0], "/progress"))
        assert (status, body) == (503, {"error": "not now"})
        # On the platform's clock five minutes go by; by then a tap of the last two is young enough to be kept.
        pair.api.advance(180)
        for phone in tapping:
            phone.tap("1. Every week")
        carried = len(pair.api.courier.attempts)
        await pair.workers.until(
            lambda: len(set(pair.api.courier.attempts[carried:])) >= len(phones), "attempts"
        )
        pair.api.advance(120)
        assert pair.api.pending == 30, "nothing is taken, and nothing is dropped"
    finally:
        await asyncio.to_thread(pair.server.start)
    await asyncio.gather(
        *(pair.reads(phone, "reasons") for phone in typing),
        *(pair.reads(phone, "trips") for phone in tapping),
    )
    assert await pair.api.settled(PATIENCE)
    for phone in typing:
        assert await answers_of(pair, pair_store, phone) == {"often": "weekly", "trips": 21}
    for phone in tapping:
        assert await answers_of(pair, pair_store, phone) == {"often": "weekly"}


async def test_in_7_what_comes_while_another_is_handled_waits_even_where_the_worker_dies(
    pair: Pair, pair_store: Store
) -> None:
    [phone] = await pair.begin()
    # Whoever handles something has to wait for the lock of the person.
    async with pair.server.locked("SELECT * FROM contact_points FOR UPDATE"):
        carried = len(pair.api.courier.attempts)
        phone.say("1")
        phone.say("21")
        await pair.workers.until(lambda: len(pair.api.courier.attempts) > carried, "the first attempt")
        for pid in await pair.workers.both():
            os.kill(pid, signal.SIGKILL)
    await pair.reads(phone, "reasons")
    assert await pair.api.settled(PATIENCE)
    assert await answers_of(pair, pair_store, phone) == {"often": "weekly", "trips": 21}


async def test_in_8_taps_of_an_earlier_question_never_answer_the_current_one(
    pair: Pair, pair_store: Store
) -> None:
    [phone] = await pair.begin()
    first = phone.last
    await pair.tell(phone, *SAID[:2], reads="reasons")
    taps = [pair.tap(phone, key.data, first.id) for key in first.keys for _ in range(3)]
    outcomes = await asyncio.gather(*map(pair.workers.deliver, taps))
    assert [status for status, _ in outcomes] == [200] * len(taps)
    assert await answers_of(pair, pair_store, phone) == {"often": "weekly", "trips": 21}
    await pair.tell(phone, "1", reads="fare")
    fare = phone.last
    double = [pair.tap(phone, fare.keys[1].data, fare.id) for _ in range(8)]
    outcomes = await asyncio.gather(*map(pair.workers.deliver, double))
    spoken = [body["text"] for _, body in outcomes if "text" in body]
    assert spoken, "of those that are answered together, one speaks for all"
    assert all("How many coins" in text for text in spoken), "each ends with what is asked now"
    assert (await answers_of(pair, pair_store, phone))["fare"] == "dear"


async def test_in_9_an_edited_message_changes_nothing_and_is_told_so(pair: Pair, pair_store: Store) -> None:
    [phone] = await pair.begin()
    said = phone.say("1")
    await pair.reads(phone, "trips")
    phone.edit(said, "2")
    await phone.await_text("A message that was changed does not change your answer.", PATIENCE)
    await pair.reads(phone, "trips")
    assert await answers_of(pair, pair_store, phone) == {"often": "weekly"}


async def test_in_10_no_kind_of_update_stops_two_workers(pair: Pair, pair_store: Store) -> None:
    [phone] = await pair.begin()
    feed_everything(pair.api)
    assert await pair.api.settled(PATIENCE)
    await pair.tell(phone, *SAID, reads="wish")
    assert await answers_of(pair, pair_store, phone) == MEANT
    assert "could not be read and is set aside" in pair.workers.log
