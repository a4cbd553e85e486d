"""The same delivery again, and several programs that hear the same people; on both stores."""

from __future__ import annotations

import asyncio

from bot.attending import QUIET
from bot.flows.received import Attachment, AttachmentKind, Received
from bot.intake import Intake
from storage import contacts, schema
from storage.store import Store
from tests.support.callers import JOINED, NOW, Caller, asked, new_intake, number_of, only, rows, words
from tests.support.program import answered, open_round


async def test_in_3_twenty_parallel_deliveries_are_one_row_and_one_turn(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    answer = caller.message("1")
    replies = await caller.take(*[answer] * 20)
    assert [asked(reply) for reply in replies if reply is not None] == ["reasons"]
    again = await asyncio.gather(*(new_intake(store).take(answer) for _ in range(5)))
    assert [asked(reply) for reply in again] == ["reasons"] * 5
    assert await number_of(store, contacts.inbound) == 4
    [session] = await rows(store, schema.sessions)
    assert session.turn == 4


async def test_in_4_the_same_words_twice_are_two_answers(taking: Intake, store: Store) -> None:
    # Each delivery has the platform's number, so equal words need no guessing: only an equal number is a repeat.
    caller = Caller(taking)
    await caller.say(*JOINED)
    await caller.say("1", "1")
    assert await only(store) == {"often": "weekly", "reasons": ["work"]}


async def test_a_repeat_gets_the_reply_on_record_while_it_is_the_last(taking: Intake) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    first, second = caller.message("1"), caller.message("1")
    [reply] = await caller.take(first)
    assert await caller.take(first) == [reply]
    folded = await caller.take(second, first)
    assert folded[1] == reply
    assert asked(folded[0]) == "trips"
    assert await caller.take(first) == [None]
    assert await caller.take(second, first) == [folded[0], None]


async def test_a_repeat_within_one_batch_is_heard_once(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    answer = caller.message("1")
    replies = await caller.take(answer, answer, caller.message("2"))
    assert replies[:2] == [QUIET, None]
    assert asked(replies[2]) == "trips"
    assert await only(store) == {"often": "weekly", "reasons": ["school"]}


async def test_in_5_a_picture_leaves_no_trace_but_its_delivery(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    before = {table.name: await number_of(store, table) for table in schema.metadata.sorted_tables}
    picture = caller.message(Attachment(AttachmentKind.PHOTO, "the quay at dawn"))
    [reply] = await caller.take(picture)
    assert asked(reply) == "often"
    assert await caller.take(picture) == [reply]
    after = {table.name: await number_of(store, table) for table in schema.metadata.sorted_tables}
    assert after == before | {"inbound": before["inbound"] + 1}
    for table in schema.metadata.sorted_tables:
        assert "dawn" not in repr(await rows(store, table))


# Several programs


async def test_tx_7_two_programs_alternate_on_one_person(store: Store, database_url: str) -> None:
    await store.run(open_round, NOW)
    other = Store.open(database_url)
    try:
        intakes = [new_intake(store), new_intake(other)]
        said: list[str | Received] = [
            *JOINED,
            "1",
            "1, 2",
            "/back",
            "3",
            "12",
            "/review",
            "4",
            "2",
            "More boats",
            "submit",
        ]
        for number, one in enumerate(said):
            [reply] = await Caller(intakes[number % 2]).say(one)
        assert "Your answers were received" in words(reply)
        assert await only(store) == {
            "often": "weekly",
            "reasons": ["market"],
            "trips": 12,
            "fare": "dear",
            "wish": "More boats",
        }
    finally:
        await other.close()


async def test_tx_7_two_programs_hear_the_same_people_at_once(store: Store, database_url: str) -> None:
    await store.run(open_round, NOW)
    other = Store.open(database_url)
    try:
        intakes = [new_intake(store), new_intake(other)]
        people = [[Caller(one, f"555-{number}") for one in intakes] for number in range(10)]
        for said in (*JOINED, "1", "1", "12"):
            # The same delivery at both, and something harmless besides at each.
            deliveries = []
            for pair in people:
                same = pair[0].message(said)
                deliveries += [pair[0].take(same, pair[0].message("/progress")), pair[1].take(same)]
            await asyncio.gather(*deliveries)
        expected = {"often": "weekly", "reasons": ["work"], "trips": 12}
        assert list((await answered(store)).values()) == [expected] * 10
        assert await number_of(store, contacts.set_asides) == 0
    finally:
        await other.close()
