"""The outbox, what is set aside, and how long things are kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import Connection, func, insert, select

from storage import contacts, conversations
from storage.contacts import Due
from storage.store import Store
from tests.support.turns import KEYS, MINUTE, NOW, address, give_answer, open_round, sender, somebody

ACCOUNTS = [("telegram", "talanoa_bot")]


def owe(connection: Connection, number: int, *texts: str, due_at: object = NOW) -> None:
    contacts.owe(connection, somebody(connection, number).hash, [{"text": text} for text in texts], due_at)  # type: ignore[arg-type]


def texts(claimed: list[Due]) -> list[str]:
    return [due.part["text"] for due in claimed]


async def test_a_claimed_message_says_whom_it_is_for(store: Store) -> None:
    await store.run(owe, 1, "Bonjour")
    (due,) = await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)
    assert (due.channel, due.bot, due.attempts) == ("telegram", "talanoa_bot", 1)
    assert KEYS.decrypt(due.address_encrypted) == address(1)
    assert due.hash == sender(1).hash


async def test_messages_to_one_person_go_one_after_another(store: Store) -> None:
    await store.run(owe, 1, "one", "two")
    await store.run(owe, 2, "other")
    first = await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)
    assert texts(first) == ["one", "other"]
    assert await store.run(contacts.claim_due, ACCOUNTS, NOW, 10) == []
    await store.run(contacts.mark_retry, first[0], NOW + 5 * MINUTE, "RetryLater")
    assert await store.run(contacts.claim_due, ACCOUNTS, NOW + MINUTE, 10) == []
    (again,) = [
        due
        for due in await store.run(contacts.claim_due, ACCOUNTS, NOW + 5 * MINUTE, 10)
        if due.id == first[0].id
    ]
    assert again.attempts == 2
    await store.run(contacts.mark_sent, again)
    assert texts(await store.run(contacts.claim_due, ACCOUNTS, NOW + 5 * MINUTE, 10)) == ["two"]


async def test_a_reminder_for_later_holds_up_nothing(store: Store) -> None:
    await store.run(owe, 1, "reminder", due_at=NOW + timedelta(days=2))
    await store.run(owe, 1, "reply")
    assert texts(await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)) == ["reply"]


async def test_a_dead_message_lets_the_next_go(store: Store) -> None:
    await store.run(owe, 1, "one", "two")
    (one,) = await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)
    await store.run(contacts.mark_dead, one, "Rejected")
    assert texts(await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)) == ["two"]


async def test_tx_6_a_claim_whose_dispatcher_died_comes_back_and_the_late_one_changes_nothing(
    store: Store,
) -> None:
    await store.run(owe, 1, "one")
    (late,) = await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)
    later = NOW + contacts.CLAIM_LASTS
    (again,) = await store.run(contacts.claim_due, ACCOUNTS, later, 10)
    assert (again.id, again.attempts) == (late.id, 2)
    await store.run(contacts.mark_dead, late, "TimeoutError")
    await store.run(contacts.mark_retry, again, later, "RetryLater")
    assert texts(await store.run(contacts.claim_due, ACCOUNTS, later, 10)) == ["one"]


async def test_two_dispatchers_never_take_the_same(store: Store, database_url: str) -> None:
    def owe_many(connection: Connection) -> None:
        standings = conversations.read_batch(connection, [sender(number) for number in range(100)], [], NOW)
        for standing in standings.values():
            contacts.owe(connection, standing.hash, [{"text": "a"}, {"text": "b"}], NOW)

    await store.run(owe_many)
    other = Store.open(database_url)
    claimed: list[int] = []

    async def dispatch(dispatcher: Store) -> None:
        misses = 0
        while misses < 3:
            batch = await dispatcher.run(contacts.claim_due, ACCOUNTS, NOW, 7)
            misses = 0 if batch else misses + 1
            for due in batch:
                claimed.append(due.id)
                await dispatcher.run(contacts.mark_sent, due)

    try:
        await asyncio.gather(dispatch(store), dispatch(other), dispatch(store))
    finally:
        await other.close()
    assert len(claimed) == len(set(claimed)) == 200


async def test_somebody_who_blocked_us_is_owed_nothing(store: Store) -> None:
    await store.run(owe, 1, "one")
    await store.run(contacts.mark_blocked, sender(1).hash, NOW)
    await store.run(owe, 1, "two")
    assert await store.run(contacts.claim_due, ACCOUNTS, NOW, 10) == []
    assert (await store.run(somebody)).blocked


async def test_somebody_unknown_is_owed_nothing(store: Store) -> None:
    await store.run(contacts.owe, sender(9).hash, [{"text": "Bonjour"}], NOW)
    assert await store.run(contacts.claim_due, ACCOUNTS, NOW, 10) == []


async def test_what_was_kept_long_enough_goes(store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1")
    await store.run(contacts.set_aside, None, KEYS.encrypt("{}"), "DecodeError", NOW)
    await store.run(owe, 1, "dead", "waiting")
    (dead,) = await store.run(contacts.claim_due, ACCOUNTS, NOW, 10)
    await store.run(contacts.mark_dead, dead, "Rejected")

    def erased(connection: Connection) -> None:
        connection.execute(
            insert(contacts.erased).values(hash=b"h", external_id="1", until=NOW + contacts.REPEATS_KEPT)
        )

    await store.run(erased)
    nothing = {"inbound": 0, "set_aside": 0, "erased": 0, "outbox": 0}
    assert await store.run(contacts.prune, NOW + timedelta(hours=47)) == nothing
    two_days = await store.run(contacts.prune, NOW + timedelta(hours=48))
    assert two_days == nothing | {"inbound": 1, "erased": 1}
    assert await store.run(contacts.prune, NOW + timedelta(days=29)) == nothing
    assert await store.run(contacts.prune, NOW + timedelta(days=30)) == nothing | {
        "set_aside": 1,
        "outbox": 1,
    }

    def waiting(connection: Connection) -> object:
        return connection.scalar(select(func.count()).select_from(contacts.outbox))

    assert await store.read(waiting) == 1
