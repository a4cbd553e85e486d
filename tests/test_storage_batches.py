"""Batches on both stores: whole or not at all, on what was read, and in few statements."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, event

from storage import conversations
from storage.errors import StaleTurn, is_passing
from storage.store import Store
from storage.sweep import inconsistencies
from tests.support.turns import NOW, answer, give_answer, next_turn, open_round, row_counts, sender, somebody


async def test_a_stale_turn_writes_nothing(store: Store) -> None:
    asked = await store.run(open_round)
    before = await store.run(give_answer, 1, asked, "1", "q1")

    def write_on_what_was_read(connection: Connection) -> None:
        fresh = somebody(connection, 2)
        turns = [
            next_turn(fresh, asked, {"q1": answer()}, ["9"]),
            next_turn(before, asked, {"q2": answer()}, ["8"]),
        ]
        conversations.write_batch(connection, turns, NOW)

    with pytest.raises(StaleTurn, match="read the batch again") as caught:
        await store.run(write_on_what_was_read)
    assert is_passing(caught.value)
    standing = await store.run(somebody)
    assert standing.session is not None
    assert standing.session.answers.keys() == {"q1"}
    assert (await store.run(somebody, 2)).session is None


async def test_a_delivery_on_record_is_stale(store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1")

    def write_it_again(connection: Connection) -> None:
        conversations.write_batch(
            connection, [next_turn(somebody(connection), asked, {"q2": answer()}, ["1"])], NOW
        )

    with pytest.raises(StaleTurn):
        await store.run(write_it_again)


async def test_a_crash_between_statements_leaves_nothing(store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1")
    before = await store.read(row_counts)

    def crash(connection: Connection, after: int) -> None:
        seen = 0

        def count(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen > after:
                raise ConnectionAbortedError

        event.listen(connection, "before_cursor_execute", count)
        try:
            give_answer(connection, 1, asked, "2", "q2")
            give_answer(connection, 2, asked, "3", "q2")
        finally:
            event.remove(connection, "before_cursor_execute", count)

    crashes = 0
    while True:
        try:
            await store.run(crash, crashes)
        except ConnectionAbortedError:
            crashes += 1
            assert await store.read(row_counts) == before
        else:
            break
    assert crashes >= 5
    assert await store.read(row_counts) != before


async def test_one_poisoned_turn_takes_the_batch_with_it(store: Store) -> None:
    asked = await store.run(open_round)
    before = await store.read(row_counts)

    def write(connection: Connection) -> None:
        people = [sender(number) for number in range(25)]
        standings = conversations.read_batch(connection, people, [], NOW)
        turns = [next_turn(standing, asked, {"q1": answer()}, ["1"]) for standing in standings.values()]
        turns[12] = replace(turns[12], questionnaire_id=999)
        conversations.write_batch(connection, turns, NOW)

    with pytest.raises(Exception, match=r"(?i)foreign.?key") as caught:
        await store.run(write)
    assert not is_passing(caught.value)
    assert await store.read(row_counts) == before


async def test_errors_keep_what_people_said_to_themselves(store: Store) -> None:
    asked = await store.run(open_round)

    def write(connection: Connection) -> None:
        turn = next_turn(somebody(connection), asked, {"q1": answer("my secret")}, ["1"])
        conversations.write_batch(connection, [replace(turn, questionnaire_id=999)], NOW)

    with pytest.raises(Exception, match=r"(?i)foreign.?key") as caught:
        await store.run(write)
    assert "my secret" not in str(caught.value)


async def test_a_hundred_people_go_through_at_once(store: Store) -> None:
    asked = await store.run(open_round)
    people = [sender(number) for number in range(100)]

    def turn(connection: Connection, question: str) -> int:
        deliveries = [(one.hash, f"{question}-{part}") for one in people for part in "ab"]
        standings = conversations.read_batch(connection, people, deliveries, NOW)
        turns = [
            next_turn(standing, asked, {question: answer()}, [f"{question}-a", f"{question}-b"], ["Merci"])
            for standing in standings.values()
        ]
        conversations.write_batch(connection, turns, NOW)
        return sum(standing.newcomer for standing in standings.values())

    assert await store.run(turn, "q1") == 100
    assert await store.run(turn, "q2") == 0
    counts = await store.read(row_counts)
    assert (counts["sessions"], counts["answers"], counts["inbound"]) == (100, 200, 400)
    assert await store.read(inconsistencies) == []


@pytest.mark.parametrize("size", [1, 32])
async def test_a_batch_is_few_statements_whatever_its_size(store: Store, size: int) -> None:
    asked = await store.run(open_round)
    people = [sender(number) for number in range(size)]

    def turn(connection: Connection, question: str) -> list[str]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        deliveries = [(one.hash, question) for one in people]
        standings = conversations.read_batch(connection, people, deliveries, NOW)
        turns = [
            next_turn(standing, asked, {question: answer()}, [question], ["Merci"])
            for standing in standings.values()
        ]
        conversations.write_batch(connection, turns, NOW)
        event.remove(connection, "before_cursor_execute", note)
        return statements

    newcomers, known = await store.run(turn, "q1"), await store.run(turn, "q2")
    # SQLite changes one table a statement: people, sessions, answers, replies out of date, deliveries.
    assert len(known) == {"postgresql": 2, "sqlite": 6}[store.dialect]
    assert len(newcomers) == {"postgresql": 3, "sqlite": 8}[store.dialect]
