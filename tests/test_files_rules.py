"""A file comes and goes with its answer, in the same transaction, whoever writes the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection, delete, select, update

from bot.flows.session import State
from storage import conversations, erasure, files, rounds
from storage.file_rules import FileState
from storage.files import CLAIM_LASTS, WAITED_FOR, Claimed, Settled
from storage.schema import answers, file_removals
from storage.schema import files as table
from storage.store import Store
from storage.sweep import inconsistencies
from tests.support.sent import picture, send
from tests.support.turns import BOT, MINUTE, NOW, next_turn, sender, somebody

ACCOUNT = [("telegram", BOT)]


def rows(connection: Connection) -> list[tuple[str, str]]:
    return [(row.question, row.state) for row in connection.execute(select(table).order_by(table.c.question))]


def removals(connection: Connection) -> list[tuple[str, datetime]]:
    return [
        tuple(row) for row in connection.execute(select(file_removals.c.object_key, file_removals.c.due_at))
    ]


def take(connection: Connection, now: datetime = NOW, limit: int = 10) -> list[Claimed]:
    return files.claim(connection, ACCOUNT, now, limit)


def store_all(connection: Connection) -> Sequence[Claimed]:
    claimed = take(connection)
    for one in claimed:
        assert files.settle(connection, one, Settled(FileState.STORED, 1200, "image/jpeg", scanned=False))
    return claimed


async def test_an_answer_with_a_file_leaves_a_file_to_fetch(store: Store) -> None:
    await store.run(send)
    await store.run(send, "name", "Ana")
    await store.run(send, "count", 12)
    await store.run(send, "many", ("a", "b"))
    assert await store.read(rows) == [("house", "waiting")]
    (claimed,) = await store.run(take)
    assert (claimed.channel, claimed.bot, claimed.question, claimed.attempts) == ("telegram", BOT, "house", 1)
    assert claimed.value.startswith("photo sealed:")
    assert await store.run(take) == [], "it is claimed"
    assert await store.read(inconsistencies) == []


async def test_a_rolled_back_answer_leaves_nothing(store: Store) -> None:
    def fail(connection: Connection) -> None:
        send(connection)
        raise RuntimeError

    try:
        await store.run(fail)
    except RuntimeError:
        assert await store.read(rows) == []


async def test_another_file_takes_the_place_of_the_first(store: Store) -> None:
    await store.run(send)
    (first,) = await store.run(store_all)
    await store.run(send)
    assert await store.read(rows) == [("house", "waiting")]
    assert await store.read(files.removals_due, NOW) == [first.key]
    (second,) = await store.run(take)
    assert second.key != first.key
    await store.run(files.mark_removed, [first.key])
    assert await store.read(removals) == []


async def test_a_skipped_question_has_no_file_any_more(store: Store) -> None:
    await store.run(send)
    (first,) = await store.run(store_all)

    def skip(connection: Connection) -> None:
        connection.execute(update(answers).values(value=None))

    await store.run(skip)
    assert await store.read(rows) == []
    assert await store.read(files.removals_due, NOW) == [first.key]


async def test_the_same_value_again_changes_nothing(store: Store) -> None:
    value = picture()
    await store.run(send, "house", value)
    await store.run(store_all)
    await store.run(send, "house", value)
    assert await store.read(rows) == [("house", "stored")]
    assert await store.read(removals) == []


async def test_withdrawing_and_erasing_remove_the_file(store: Store) -> None:
    for number in (1, 2, 3):
        await store.run(send, "house", None, number)
    stored = {one.respondent: one.key for one in await store.run(store_all)}
    people = [await store.run(somebody, number) for number in (1, 2, 3)]

    def withdraw(connection: Connection) -> None:
        asked = rounds.by_code(connection, "health")
        assert asked is not None
        standing = conversations.read_batch(connection, [sender(1)], [], NOW)[people[0].hash]
        turn = next_turn(standing, asked, {}, ["gone"])
        assert turn.session is not None
        left = replace(turn.session, answers={}, state=State.WITHDRAWN)
        conversations.write_batch(connection, [replace(turn, session=left)], NOW)

    await store.run(withdraw)
    await store.run(erasure.erase, people[1].hash, people[1].respondent, "77", NOW)
    gone = [stored[one.respondent] for one in people[:2]]
    assert sorted(await store.read(files.removals_due, NOW)) == sorted(gone)
    assert await store.read(rows) == [("house", "stored")]
    assert await store.read(inconsistencies) == []


async def test_an_object_is_removed_only_when_nobody_can_be_writing_it(store: Store) -> None:
    await store.run(send)
    (claimed,) = await store.run(take)
    await store.run(lambda connection: connection.execute(delete(answers)))
    assert await store.read(files.removals_due, NOW) == []
    assert await store.read(files.removals_due, NOW + CLAIM_LASTS) == [claimed.key]
    assert not await store.run(
        files.settle, claimed, Settled(FileState.STORED, 1, "image/jpeg", scanned=True)
    )


async def test_a_claim_that_ran_out_is_taken_by_the_next(store: Store) -> None:
    await store.run(send)
    (first,) = await store.run(take)
    assert await store.run(take, NOW + CLAIM_LASTS - MINUTE) == []
    (second,) = await store.run(take, NOW + CLAIM_LASTS)
    assert (second.key, second.attempts) == (first.key, 2), "an object of the first try is not left behind"
    stored = Settled(FileState.STORED, 1, "image/jpeg", scanned=True)
    assert not await store.run(files.settle, first, stored)
    assert await store.run(files.settle, second, stored)


async def test_what_is_not_kept_leaves_no_object(store: Store) -> None:
    await store.run(send)
    (claimed,) = await store.run(take)
    assert await store.run(files.settle, claimed, Settled(FileState.INFECTED))
    assert await store.read(rows) == [("house", "infected")]
    assert await store.read(removals) == [(claimed.key, NOW + CLAIM_LASTS)]


async def test_several_fetchers_share_the_work(store: Store) -> None:
    for number in range(1, 21):
        await store.run(send, "house", None, number)
    claimed = await asyncio.gather(*(store.run(take, NOW, 8) for _ in range(4)))
    people = [one.respondent for some in claimed for one in some]
    assert len(people) == len(set(people)) == 20


async def test_each_account_fetches_what_came_to_it(store: Store) -> None:
    await store.run(send)
    for account in ([("telegram", "another")], [("terminal", BOT)], []):
        assert await store.run(files.claim, account, NOW, 10) == []
    assert await store.run(files.give_up, NOW + WAITED_FOR - timedelta(seconds=1)) == 0
    assert await store.run(files.give_up, NOW + WAITED_FOR) == 1, "its bot is gone"
    assert await store.read(rows) == [("house", "failed")]
    await store.run(send, "garden")
    assert await store.run(files.give_up_channel, "telegram") == 1


async def test_keys_that_belong_to_nobody_are_found(store: Store) -> None:
    for question in ("house", "garden", "road"):
        await store.run(send, question)
    kept = [one.key for one in await store.run(store_all)]

    def change(connection: Connection) -> None:
        connection.execute(update(answers).where(answers.c.question == "road").values(value="no"))

    await store.run(change)
    assert await store.read(files.unknown, [*kept, "ab/stranger"]) == ["ab/stranger"]
    assert await store.read(files.lost, kept) == 0
    assert await store.read(files.lost, []) == 2


async def test_what_my_data_says_of_a_file(store: Store) -> None:
    await store.run(send)
    await store.run(store_all)
    person = await store.run(somebody)
    held = await store.read(erasure.export_person, person.respondent, person.hash)
    assert held["rounds"][0]["files"] == [
        {
            "question": "house",
            "state": "stored",
            "at": NOW.isoformat(),
            "attempts": 1,
            "size": 1200,
            "media_type": "image/jpeg",
            "scanned": False,
            "error": None,
        }
    ]


async def test_a_file_without_an_answer_is_a_contradiction(store: Store) -> None:
    def stray(connection: Connection) -> None:
        person = somebody(connection)
        connection.execute(
            table.insert().values(
                respondent_id=person.respondent, round_id=1, question="house", state="waiting",
                at=NOW, attempt_at=NOW, attempts=0,
            )
        )  # fmt: skip

    await store.run(stray)
    (found,) = await store.read(inconsistencies)
    assert found.what == "house: a file without an answer"
