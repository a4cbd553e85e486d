"""What a person may ask for at any time: everything, or nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, select

from storage import contacts, conversations, erasure, schema
from storage.erasure import ErasedCounts
from storage.store import Store
from storage.sweep import inconsistencies
from storage.turns import NOBODY, Standing
from tests.support.databases import finish
from tests.support.turns import KEYS, MINUTE, NOW, address, give_answer, open_round, sender, somebody

SECRET = "a word that nobody else would write"


def talk(connection: Connection) -> Standing:
    """Two people in two rounds; the first leaves something in every table."""
    for code in ("health", "water"):
        asked = open_round(connection, code)
        give_answer(connection, 1, asked, f"{code}-1", "q1", SECRET)
        give_answer(connection, 1, asked, f"{code}-2", "q2", ("a", "b"))
        give_answer(connection, 2, asked, f"{code}-1", "q1")
    standing = somebody(connection)
    contacts.owe(connection, standing.hash, [{"text": "Merci"}], NOW)
    contacts.set_aside(connection, standing.hash, KEYS.encrypt(SECRET), "DecodeError at x.py:1", NOW)
    return standing


def cells(connection: Connection) -> Iterator[tuple[str, Any]]:
    for table in schema.metadata.sorted_tables:
        for row in connection.execute(select(table)):
            for name, cell in row._asdict().items():
                yield f"{table.name}.{name}", cell


async def test_erasing_leaves_nothing_but_a_hash(store: Store) -> None:
    standing = await store.run(talk)

    def sealed(connection: Connection) -> bytes:
        return connection.scalars(
            select(contacts.contact_points.c.address_encrypted).where(
                contacts.contact_points.c.hash == standing.hash
            )
        ).one()

    address_sealed = await store.read(sealed)
    gone = await store.run(erasure.erase, standing.hash, standing.respondent, "77", NOW)
    assert gone == ErasedCounts(sessions=2, answers=4, messages=6)

    def remains(connection: Connection) -> list[str]:
        marks = (standing.respondent, standing.hash, address_sealed)
        return [
            place
            for place, cell in cells(connection)
            if cell in marks or SECRET in str(cell) or address(1) in str(cell)
        ]

    assert await store.read(remains) == ["erased.hash"]

    def others(connection: Connection) -> list[object]:
        tables = (schema.respondents, schema.sessions, schema.answers, contacts.inbound)
        return [connection.scalar(select(func.count()).select_from(table)) for table in tables]

    assert await store.read(others) == [1, 2, 2, 2]
    assert await store.read(inconsistencies) == []


def test_erased_bytes_are_not_in_the_file_either(tmp_path: Path) -> None:
    async def talk_and_erase() -> Standing:
        store = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'talanoa.db'}")
        await store.upgrade()
        standing = await store.run(talk)
        await store.run(erasure.erase, standing.hash, standing.respondent, "77", NOW)
        await store.close()
        return standing

    standing = finish(talk_and_erase())
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"q1" in content
    assert SECRET.encode() not in content
    assert str(standing.respondent).encode() not in content


def test_erased_bytes_are_not_in_the_log_beside_it(tmp_path: Path) -> None:
    """While the program runs on, with a connection for readers open too."""

    async def talk_and_erase() -> bytes:
        store = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'talanoa.db'}")
        await store.upgrade()
        standing = await store.run(talk)
        await store.read(somebody_else)
        await store.run(erasure.erase, standing.hash, standing.respondent, "77", NOW)
        await store.fold()
        content = await asyncio.to_thread(everything)
        await store.close()
        return content

    def everything() -> bytes:
        return b"".join(file.read_bytes() for file in tmp_path.iterdir())

    content = finish(talk_and_erase())
    assert b"q1" in content
    assert SECRET.encode() not in content


def somebody_else(connection: Connection) -> int | None:
    return erasure.find_person(connection, b"nobody")


async def test_a_late_repeat_does_not_bring_the_person_back(store: Store) -> None:
    standing = await store.run(talk)
    await store.run(erasure.erase, standing.hash, standing.respondent, "77", NOW)

    def deliver(connection: Connection, *external_ids: str) -> Standing:
        one = sender(1)
        deliveries = [(one.hash, external_id) for external_id in external_ids]
        return conversations.read_batch(connection, [one], deliveries, NOW + MINUTE)[one.hash]

    for late in (("77",), ("76",), ("9", "76")):
        again = await store.run(deliver, *late)
        assert (again.respondent, again.erased_after, again.newcomer) == (NOBODY, "77", False)

    new = await store.run(deliver, "77", "78")
    assert new.newcomer
    assert new.erased_after == "77"
    assert new.respondent not in {NOBODY, standing.respondent}
    assert (await store.run(deliver, "79")).erased_after == "77"


async def test_an_erasure_is_forgotten_too(store: Store) -> None:
    standing = await store.run(talk)
    await store.run(erasure.erase, standing.hash, standing.respondent, "77", NOW)
    await store.run(erasure.erase, standing.hash, standing.respondent, "78", NOW)
    await store.run(contacts.prune, NOW + timedelta(hours=48))
    assert (await store.run(somebody)).erased_after is None


def test_later_is_told_from_earlier_by_number_and_otherwise_by_name() -> None:
    assert conversations.precedes_erasure("77", "77")
    assert conversations.precedes_erasure("9", "77")
    assert not conversations.precedes_erasure("100", "77")
    assert conversations.precedes_erasure("a7f", "a7f")
    assert not conversations.precedes_erasure("a7e", "a7f")


async def test_everything_held_is_handed_over(store: Store) -> None:
    standing = await store.run(talk)
    held = await store.read(erasure.export_person, standing.respondent, standing.hash)
    assert KEYS.decrypt(held["contact"].pop("address_encrypted")) == address(1)
    assert json.loads(json.dumps(held)) == held
    assert held["contact"]["language"] == "fr"
    assert [talk["round"] for talk in held["rounds"]] == ["health", "water"]
    first = held["rounds"][0]
    assert (first["questionnaire"], first["version"], first["source"]) == ("health", 1, "radio")
    assert {answer["question"]: answer["value"] for answer in first["answers"]} == {
        "q1": SECRET,
        "q2": ["a", "b"],
    }
    assert [delivery["external_id"] for delivery in held["deliveries"]] == [
        "health-1",
        "health-2",
        "water-1",
        "water-2",
    ]
    assert held["messages_owed"][0]["part"] == {"text": "Merci"}
    assert held["set_aside"][0]["reason"] == "DecodeError at x.py:1"


async def test_nothing_held_of_a_person_is_left_out(store: Store) -> None:
    """Every table with a column that names a person is in the file."""
    personal = {
        table.name
        for table in schema.metadata.sorted_tables
        if {"respondent_id", "contact_hash"} & set(table.c.keys())
    }
    assert personal == {
        "contact_points",
        "inbound",
        "outbox",
        "set_aside",
        "sessions",
        "answers",
        "session_moves",
        "files",
    }
    held = await store.read(erasure.export_person, 1, b"nobody")
    assert held == {
        "contact": None,
        "respondent": "1",
        "rounds": [],
        "deliveries": [],
        "messages_owed": [],
        "set_aside": [],
    }


async def test_a_person_is_found_by_their_hash(store: Store) -> None:
    standing = await store.run(somebody)
    assert await store.run(erasure.find_person, standing.hash) == standing.respondent
    assert await store.run(erasure.find_person, b"nobody") is None


async def test_addresses_are_sealed_wherever_they_are(store: Store) -> None:
    await store.run(talk)

    def readable(connection: Connection) -> list[str]:
        return [place for place, cell in cells(connection) if address(1) in repr(cell)]

    assert await store.read(readable) == []
    binary = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }
    assert {"contact_points.address_encrypted", "set_aside.payload_encrypted"} <= binary
