"""Files from a telephone to a coordinator's folder, and out of it again, through the whole program."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.cli import run
from bot.clock import now
from storage import schema
from storage.objects import Folder
from storage.store import Store
from tests.support.botapi import BotApi, Phone
from tests.support.botapi.phone import PICTURE
from tests.support.clamd import VIRUS, clamd
from tests.support.program import KEYS, SECRET, Program, answered, open_round
from tests.support.workers import Workers

HOUSE = Path(__file__).parent / "data" / "house"
VOICE = b"OggS" + bytes(range(256)) * 300
PATIENCE = 30.0


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi.start() as running:
        yield running


@pytest.fixture
async def program(store: Store, database_url: str, api: BotApi, tmp_path: Path) -> AsyncIterator[Program]:
    """The program, not started yet, with an open round that asks for files."""
    await store.run(open_round, now(), "house", HOUSE)
    made = Program(database_url, api, tmp_path)
    try:
        yield made
        assert "Traceback" not in made.log, made.log
    finally:
        made.close()


async def begin(phone: Phone) -> None:
    """Up to the first question."""
    phone.open_link("house")
    await phone.await_text("Do you want to take part?", PATIENCE)
    phone.tap("1. I agree")
    await phone.await_text("Please show us your house.", PATIENCE)


async def files_of(store: Store) -> dict[str, Any]:
    """The rows of files, by question."""

    def read(connection: Connection) -> dict[str, Any]:
        return {row.question: row for row in connection.execute(select(schema.files))}

    return await store.read(read)


async def until(store: Store, **states: str) -> dict[str, Any]:
    """Wait until files are in these states, by question; the rows."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await files_of(store)
            if {question: row.state for question, row in found.items()} == states:
                return found
            await asyncio.sleep(0.02)


def kept_in(folder: Path, database_url: str) -> Folder:
    """Where the program keeps files by itself."""
    return Folder(folder / ("talanoa.db.files" if database_url.startswith("sqlite") else "talanoa-files"))


async def test_from_the_telephone_to_the_coordinator_and_gone(
    program: Program, api: BotApi, store: Store, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    program.start()
    phone = api.phone()
    await begin(phone)
    phone.send_photo("this is it", PICTURE)
    await phone.await_text("Say something about it.", PATIENCE)
    phone.send_voice(content=VOICE)
    await phone.await_text("Is there a plan of it?")
    phone.send_document("Ana's plan.pdf", content=b"%PDF-1.7 plan")
    await phone.await_text("What else should we know?")
    phone.say("nothing")
    review = await phone.await_text("Submit your answers?")
    assert review.text.count("(sent)") == 3

    rows = await until(store, house="stored", voice="stored", paper="stored")
    assert [(row.size, row.media_type, row.scanned) for row in (rows["house"], rows["voice"])] == [
        (len(PICTURE), "image/jpeg", False),
        (len(VOICE), "audio/ogg", False),
    ]
    objects = kept_in(tmp_path, database_url)
    sealed = {question: await objects.get(row.object_key) for question, row in rows.items()}
    assert KEYS.open_file(sealed["house"], rows["house"].object_key) == PICTURE
    assert PICTURE[:64] not in sealed["house"]
    (values,) = (await answered(store)).values()
    assert values["house"].startswith("photo sealed:")
    assert not any(file_id in json.dumps(values) for file_id in api.platform.files)

    # Another picture takes the place of the first.
    phone.say("1")
    await phone.await_text("Please show us your house.")
    phone.send_photo(content=PICTURE + b"again")
    await phone.await_text("Submit your answers?")
    await until(store, house="stored", voice="stored", paper="stored")
    await _until_held(objects, 3)

    for name, value in (("DATABASE_URL", database_url), ("SECRET_KEY", SECRET)):
        monkeypatch.setenv(f"TALANOA_{name}", value)
    monkeypatch.chdir(tmp_path)
    arguments = ["results", "house", "--format", "csv", "--output", "house.csv", "--files", "house-files"]
    assert await asyncio.to_thread(run, arguments) == 0
    with (tmp_path / "house.csv").open(newline="") as stream:
        (person,) = csv.DictReader(stream)
    assert {name: person[name] for name in ("house", "voice", "paper", "words")} == {
        "house": "1-house.jpg",
        "voice": "1-voice.ogg",
        "paper": "1-paper.pdf",
        "words": "nothing",
    }
    exported = {file.name: file.read_bytes() for file in (tmp_path / "house-files").iterdir()}
    assert exported == {
        "1-house.jpg": PICTURE + b"again",
        "1-voice.ogg": VOICE,
        "1-paper.pdf": b"%PDF-1.7 plan",
    }

    phone.say("/mydata")
    held = await phone.await_text("everything we hold about you")
    (about,) = json.loads(held.content or b"")["rounds"]
    assert {file["question"]: file["size"] for file in about["files"]} == {
        "house": len(PICTURE) + 5,
        "voice": len(VOICE),
        "paper": 13,
    }
    phone.say("/forget")
    await phone.await_text("Erase everything we hold about you")
    phone.tap("Yes")
    await phone.await_text("Erased: your address, and 4 answers.")
    await _until_held(objects, 0)
    assert await files_of(store) == {}
    assert await program.stop() == 0
    assert not any(file_id in program.log for file_id in api.platform.files)
    assert "plan" not in program.log


async def _until_held(objects: Folder, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await objects.held()) != count:  # noqa: ASYNC110 (another process writes them)
            await asyncio.sleep(0.02)


async def test_what_is_not_kept_is_said_at_once(program: Program, api: BotApi, store: Store) -> None:
    program.start(TALANOA_FILE_LIMIT="1")
    phone = api.phone()
    await begin(phone)
    phone.send_voice()
    await phone.await_text("Send a picture.")
    phone.send_document("big.png", media_type="image/png", size=1_100_000)
    await phone.await_text("it has 1.1 MB, and 1 MB are kept at most")
    phone.send_document("drawing.svg", media_type="image/svg+xml")
    await phone.await_text("Files of this kind are not kept.")
    phone.say("/skip")
    await phone.await_text("Say something about it.")
    phone.say("/skip")
    for name, media_type in (
        ("a.exe", "application/x-msdownload"),
        ("a.docm", "application/msword"),
        ("a", ""),
    ):
        await phone.await_reply()
        phone.send_document(name, media_type=media_type)
        await phone.await_text("Files of this kind are not kept.")
    assert await files_of(store) == {}
    assert api.downloads == []


@pytest.mark.long
async def test_a_platform_in_trouble_and_a_kill_lose_no_file(
    program: Program, api: BotApi, store: Store, database_url: str, tmp_path: Path
) -> None:
    busy = api.fault(method="getFile", times=None, status=500)
    program.start()
    phone = api.phone()
    await begin(phone)
    phone.send_photo()
    await phone.await_text("Say something about it.", PATIENCE)
    async with asyncio.timeout(PATIENCE):
        while (await files_of(store))["house"].error is None:  # noqa: ASYNC110 (another process writes it)
            await asyncio.sleep(0.02)
    assert (await files_of(store))["house"].state == "waiting"
    program.kill()
    api.lift(busy)
    api.fault(method="getFile", retry_after=1)
    api.fault(method="download", drop="after")
    program.start()
    rows = await until(store, house="stored")
    objects = kept_in(tmp_path, database_url)
    key = rows["house"].object_key
    assert KEYS.open_file(await objects.get(key), key) == PICTURE
    assert [one.key for one in await objects.held()] == [key]


async def test_a_virus_is_not_kept_and_its_sender_hears_of_it(
    program: Program, api: BotApi, store: Store, database_url: str, tmp_path: Path
) -> None:
    async with clamd() as daemon:
        program.start(TALANOA_CLAMD=daemon.where)
        phone = api.phone(language="fr")
        await begin(phone)
        phone.send_photo(content=PICTURE + VIRUS)
        await phone.await_text("Say something about it.", PATIENCE)
        await phone.await_text("a virus was found in it", PATIENCE)
        rows = await until(store, house="infected")
        assert rows["house"].object_key is None
        phone.send_voice(content=VOICE)
        await phone.await_text("Is there a plan of it?")
        rows = await until(store, house="infected", voice="stored")
        assert rows["voice"].scanned
        assert len(await kept_in(tmp_path, database_url).held()) == 1
        assert await program.stop() == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_workers_fetch_each_file_once(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    await store.run(open_round, now(), "house", HOUSE)
    workers = Workers(database_url, api, tmp_path)
    try:
        workers.start(TALANOA_FILES=str(tmp_path / "kept"))
        await workers.ready()
        phones = [api.phone() for _ in range(8)]
        await asyncio.gather(*map(begin, phones))
        for number, phone in enumerate(phones):
            phone.send_photo(content=PICTURE + bytes([number]))
        await asyncio.gather(*(phone.await_text("Say something about it.", PATIENCE) for phone in phones))
        objects = Folder(tmp_path / "kept")
        await _until_held(objects, len(phones))

        def states(connection: Connection) -> set[str]:
            return set(connection.scalars(select(schema.files.c.state)))

        async with asyncio.timeout(PATIENCE):
            while await store.read(states) != {"stored"}:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        contents = {KEYS.open_file(await objects.get(one.key), one.key)[-1] for one in await objects.held()}
        assert contents == set(range(8))
        assert len(api.downloads) == 8
        assert await workers.stop() == 0
    finally:
        workers.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_album_through_two_workers_is_one_answer_however_often_it_comes(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    await store.run(open_round, now(), "house", HOUSE)
    workers = Workers(database_url, api, tmp_path)
    api.courier.scale = 0.02
    try:
        workers.start(TALANOA_FILES=str(tmp_path / "kept"))
        await workers.ready()
        phones = [api.phone(language="fr" if number % 2 else "en") for number in range(6)]
        await asyncio.gather(*map(begin, phones))
        for phone in phones[:3]:
            api.fault(method="webhook", chat=phone.id, drop="after", times=3)
        with api.held():
            for phone in phones:
                phone.send_album("the front", "", "the back")
        await asyncio.gather(
            *(phone.await_text("the first that fits was kept", PATIENCE) for phone in phones)
        )
        assert await api.settled(PATIENCE)
        assert [phone.last.text.count("Say something about it.") for phone in phones] == [1] * 6
        for phone in phones:
            phone.send_voice(content=VOICE)
        await asyncio.gather(*(phone.await_text("Is there a plan of it?", PATIENCE) for phone in phones))
        assert [list(values) for values in (await answered(store)).values()] == [["house", "voice"]] * 6
        assert await workers.stop() == 0
        assert "Traceback" not in workers.log
    finally:
        workers.close()
