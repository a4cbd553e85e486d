"""The fetcher: what somebody sent ends up sealed in the object store, whatever goes wrong meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from bot import i18n
from bot.fetching import CUT_OFF, FIRST_WAIT, LONGEST_WAIT, Fetcher, Keeping
from bot.flows.lexicon import Command
from bot.messages import Capabilities, Misconfigured, Rejected, RetryLater, TooLarge
from bot.scanning import Scanner
from storage import contacts
from storage.file_rules import FileState
from storage.files import CLAIM_LASTS, TRIED_FOR
from storage.objects import Folder
from storage.schema import answers, files
from storage.store import Store
from tests.support.clamd import VIRUS, clamd
from tests.support.sent import picture, send
from tests.support.turns import BOT, KEYS, NOW
from tests.support.workers import free_port

PICTURE = b"\xff\xd8\xff\xe0 a picture"


class Source:
    """A channel that hands over one file, or fails as told."""

    name, account = "telegram", BOT
    capabilities = Capabilities(4096)

    def __init__(self) -> None:
        self.content: bytes = PICTURE
        self.failures: list[Exception] = []
        self.asked: list[str] = []
        self.gate: asyncio.Event | None = None

    async def download(self, reference: str, limit: int) -> bytes:
        self.asked.append(reference)
        if self.failures:
            raise self.failures.pop(0)
        if self.gate is not None:
            await self.gate.wait()
        return self.content


class Desk:
    """A fetcher with all that it works with, at a time of its own."""

    def __init__(self, store: Store, folder: Path, limit: int = 1000, scanner: Scanner | None = None) -> None:
        self.store, self.now, self.source = store, NOW, Source()
        self.objects = Folder(folder)
        keeping = Keeping(self.objects, limit, scanner)
        self.fetcher = Fetcher(store, KEYS, [self.source], keeping, lambda: self.now)

    async def row(self) -> Any:
        def read(connection: Connection) -> Any:
            return connection.execute(select(files)).one_or_none()

        return await self.store.read(read)

    async def told(self) -> list[str]:
        def read(connection: Connection) -> list[str]:
            return [part["text"] for part in connection.scalars(select(contacts.outbox.c.part))]

        return await self.store.read(read)

    async def held(self) -> list[str]:
        return [one.key for one in await self.objects.held()]


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> Desk:
    await store.run(send)
    return Desk(store, tmp_path / "files")


async def test_a_file_is_fetched_and_kept_sealed(desk: Desk) -> None:
    assert await desk.fetcher.fetch() == 1
    row = await desk.row()
    assert (row.state, row.size, row.media_type, row.scanned) == ("stored", len(PICTURE), "image/jpeg", False)
    assert desk.source.asked == ["AgAC1"]
    sealed = await desk.objects.get(row.object_key)
    assert PICTURE not in sealed
    assert KEYS.open_file(sealed, row.object_key) == PICTURE
    assert await desk.fetcher.fetch() == 0
    assert await desk.told() == []


async def test_a_busy_platform_is_asked_again_later_and_later(desk: Desk) -> None:
    waits = [timedelta(seconds=3), FIRST_WAIT * 2, timedelta(minutes=7), FIRST_WAIT * 8]
    desk.source.failures = [
        RetryLater("busy", 3),
        OSError("away"),
        RetryLater("429", 420),
        Misconfigured("token"),
    ]
    for wait in waits:
        assert await desk.fetcher.fetch() == 1
        assert (await desk.row()).state == FileState.WAITING
        desk.now += wait - timedelta(microseconds=1)
        assert await desk.fetcher.fetch() == 0
        desk.now += timedelta(microseconds=1)
    assert await desk.fetcher.fetch() == 1
    assert (await desk.row()).state == FileState.STORED


async def test_what_cannot_be_fetched_for_days_is_given_up_and_its_sender_told(desk: Desk) -> None:
    desk.source.failures = [RetryLater("busy") for _ in range(1000)]
    while (await desk.row()).state == FileState.WAITING:
        await desk.fetcher.fetch()
        desk.now += LONGEST_WAIT
    assert desk.now - NOW < TRIED_FOR + 2 * LONGEST_WAIT
    assert (await desk.row()).state == FileState.FAILED
    (told,) = await desk.told()
    assert i18n.command_name(Command.REVIEW, "fr").upper() in told


@pytest.mark.parametrize(
    ("failure", "state"),
    [(Rejected("gone"), FileState.FAILED), (TooLarge("21 MB"), FileState.TOO_LARGE)],
)
async def test_a_refusal_of_the_platform_is_final(desk: Desk, failure: Exception, state: FileState) -> None:
    desk.source.failures = [failure]
    await desk.fetcher.fetch()
    assert (await desk.row()).state == state
    assert (await desk.row()).object_key is None
    assert len(await desk.told()) == 1
    assert await desk.held() == []


@pytest.mark.parametrize(
    ("content", "state"),
    [(bytes(1001), FileState.TOO_LARGE), (b"MZ\0\0", FileState.REFUSED), (bytes(1000), FileState.STORED)],
)
async def test_what_is_in_a_file_decides(desk: Desk, content: bytes, state: FileState) -> None:
    desk.source.content = content
    await desk.fetcher.fetch()
    assert (await desk.row()).state == state
    assert len(await desk.held()) == (state is FileState.STORED)


@pytest.mark.parametrize("quiet", [{"stopped": True}, {"blocked_at": NOW}])
async def test_who_wants_no_messages_is_told_nothing(desk: Desk, quiet: dict[str, Any]) -> None:
    def fall_silent(connection: Connection) -> None:
        connection.execute(update(contacts.contact_points).values(quiet))

    await desk.store.run(fall_silent)
    desk.source.failures = [Rejected("gone")]
    await desk.fetcher.fetch()
    assert (await desk.row()).state == FileState.FAILED
    assert await desk.told() == []


async def test_a_virus_is_not_kept(store: Store, tmp_path: Path) -> None:
    await store.run(send)
    await store.run(send, "garden")
    async with clamd() as daemon:
        desk = Desk(store, tmp_path / "files", scanner=Scanner(daemon.where))
        desk.source.content = PICTURE + VIRUS
        await desk.fetcher.fetch()
        desk.source.content = PICTURE

        def states(connection: Connection) -> set[str]:
            return set(connection.scalars(select(files.c.state)))

        assert await store.read(states) == {"infected"}
        assert await desk.held() == []
        assert len(await desk.told()) == 2
        await store.run(send)
        await desk.fetcher.fetch()
    (kept,) = await desk.held()
    assert KEYS.open_file(await desk.objects.get(kept), kept) == PICTURE


async def test_nothing_is_kept_unseen_while_the_daemon_is_away(store: Store, tmp_path: Path) -> None:
    await store.run(send)
    desk = Desk(store, tmp_path / "files", scanner=Scanner(f"127.0.0.1:{free_port()}"))
    await desk.fetcher.fetch()
    assert (await desk.row()).state == FileState.WAITING
    assert await desk.held() == []


async def test_a_fetcher_that_dies_after_writing_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the object and the note of it: the next one writes the same object again."""

    def killed(*_: object) -> bool:
        raise OSError

    monkeypatch.setattr(desk.fetcher, "_settle", killed)
    await desk.fetcher.fetch()
    assert (await desk.row()).state == FileState.WAITING
    (left,) = await desk.held()
    second = Desk(desk.store, desk.objects._root)
    second.now += CLAIM_LASTS
    assert await second.fetcher.fetch() == 1
    assert await second.held() == [left] == [(await second.row()).object_key]


async def test_an_answer_that_is_erased_meanwhile_takes_the_file_along(desk: Desk) -> None:
    desk.source.gate = asyncio.Event()
    fetching = asyncio.create_task(desk.fetcher.fetch())
    while not desk.source.asked:  # noqa: ASYNC110 (the fetcher tells nobody)
        await asyncio.sleep(0)
    await desk.store.run(lambda connection: connection.execute(delete(answers)))
    desk.source.gate.set()
    await fetching
    assert await desk.row() is None
    assert await desk.held() == []


async def test_objects_of_answers_that_are_gone_are_removed(desk: Desk) -> None:
    await desk.fetcher.fetch()
    (first,) = await desk.held()
    await desk.store.run(send)
    assert await desk.held() == [first]
    assert await desk.fetcher.remove() == 1
    await desk.fetcher.fetch()
    (second,) = await desk.held()
    assert second != first
    assert await desk.fetcher.remove() == 0


async def test_objects_that_cannot_be_removed_are_removed_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.fetcher.fetch()
    await desk.store.run(lambda connection: connection.execute(delete(answers)))
    with monkeypatch.context() as patched:
        patched.setattr(Folder, "delete", _fail)
        assert await desk.fetcher.remove() == 0
    assert await desk.fetcher.remove() == 0, "not at once again"
    desk.now += timedelta(minutes=1)
    assert await desk.fetcher.remove() == 1
    assert await desk.held() == []


async def _fail(self: Folder, key: str) -> None:
    raise OSError("away")


async def test_words_that_look_like_a_file_are_none(desk: Desk) -> None:
    """Somebody types into a question for words what an answer with a file looks like."""
    await desk.store.run(send, "words", "photo sealed:AgAC1 12 image/png")
    await desk.fetcher.fetch()
    assert desk.source.asked == ["AgAC1"], "the one of the picture"


async def test_words_that_the_database_takes_for_a_file_are_left_alone(desk: Desk) -> None:
    await desk.store.run(lambda connection: connection.execute(delete(answers)))
    await desk.store.run(send, "words", "The well is sealed: nobody uses it")
    await desk.fetcher.fetch()
    assert await desk.row() is None
    assert await desk.told() == []
    assert desk.source.asked == []


async def test_a_fetcher_that_comes_too_late_leaves_the_file_of_the_next_one(desk: Desk) -> None:
    """As one does whose machine stood still for longer than its claim lasts."""
    late, next_one = desk, Desk(desk.store, desk.objects._root)
    late.source.gate = asyncio.Event()
    fetching = asyncio.create_task(late.fetcher.fetch())
    while not late.source.asked:  # noqa: ASYNC110 (the fetcher tells nobody)
        await asyncio.sleep(0)
    next_one.now += CLAIM_LASTS
    assert await next_one.fetcher.fetch() == 1
    late.source.gate.set()
    await fetching
    row = await desk.row()
    assert row.state == FileState.STORED
    assert KEYS.open_file(await desk.objects.get(row.object_key), row.object_key) == PICTURE


async def test_only_what_was_sealed_here_is_fetched(desk: Desk) -> None:
    await desk.store.run(send, "house", picture().replace("sealed:", "sealed:A"))
    await desk.fetcher.fetch()
    assert desk.source.asked == []


async def test_it_runs_until_it_is_told_to_stop(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(desk.fetcher.run(stopping))
    async with asyncio.timeout(10):
        while (await desk.row()).state != FileState.STORED:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        desk.source.gate = asyncio.Event()
        await desk.store.run(send, "garden")
        while len(desk.source.asked) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stopping.set()
        await running
    assert await desk.store.read(_waiting_until) == NOW + CUT_OFF, "the next one need not wait for its claim"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def _waiting_until(connection: Connection) -> Any:
    return connection.scalars(select(files.c.attempt_at).where(files.c.state == FileState.WAITING)).one()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No log line holds how a file is found, or what is in it."""
    yield
    assert "AgAC1" not in caplog.text
    assert "picture" not in caplog.text
