"""Looking for viruses and programs."""

from __future__ import annotations

import asyncio
import io
import struct
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.scanning import ScanFailed, Scanner, can_run
from tests.support.clamd import NAME, VIRUS, clamd
from tests.support.workers import free_port


@pytest.mark.parametrize("by_socket", [False, True])
async def test_a_virus_is_found_by_name(by_socket: bool, tmp_path: Path) -> None:
    async with clamd(tmp_path / "s" if by_socket else None) as daemon:
        scanner = Scanner(daemon.where)
        assert await scanner.ping()
        assert await scanner.find(b"") is None
        assert await scanner.find(b"a" * 700_000) is None
        assert await scanner.find(b"a" * 700_000 + VIRUS) == NAME
        assert daemon.looked == [0, 700_000, 700_000 + len(VIRUS)]


async def test_a_daemon_that_takes_less_gives_no_verdict() -> None:
    async with clamd(most=100) as daemon:
        with pytest.raises(ScanFailed, match="StreamMaxLength"):
            await Scanner(daemon.where).find(bytes(5_000_000))


async def test_a_daemon_that_is_away_gives_no_verdict(tmp_path: Path) -> None:
    for where in (f"127.0.0.1:{free_port()}", str(tmp_path / "none")):
        with pytest.raises(ScanFailed, match="does not answer"):
            await Scanner(where).find(b"")


@pytest.mark.parametrize("where", ["localhost", "1234", "host:port", "a b:1"])
def test_a_place_that_is_none_is_refused(where: str) -> None:
    with pytest.raises(ConfigurationError, match="HOST:PORT"):
        Scanner(where)


@pytest.mark.parametrize(
    ("pieces", "found"), [(("stream: ", "OK\0"), None), (("stream: Some", "thing FOUND\0"), "Something")]
)
async def test_an_answer_may_come_in_pieces(pieces: tuple[str, ...], found: str | None) -> None:
    async with asyncio.timeout(10), _daemon(*pieces) as where:
        assert await Scanner(where).find(b"a") == found


@pytest.mark.parametrize(
    "pieces", [(), ("stream: OK",), ("HTTP/1.1 400 Bad Request\r\n\r\n",), ("x" * 200_000,)]
)
async def test_what_is_no_answer_is_no_verdict(pieces: tuple[str, ...]) -> None:
    async with asyncio.timeout(10), _daemon(*pieces) as where:
        with pytest.raises(ScanFailed):
            await Scanner(where).find(b"a")


@asynccontextmanager
async def _daemon(*pieces: str) -> AsyncIterator[str]:
    """Something that listens and says this, one piece after the other, whatever it is told."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"a" + bytes(4))
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece.encode())
                await writer.drain()
                await asyncio.sleep(0.02)
            writer.close()
            await writer.wait_closed()
        ended.set()

    ended = asyncio.Event()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await ended.wait()


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "runs"),
    [
        (b"MZ\x90\0\3\0\0\0", True), (b"\x7fELF\2\1", True), (b"#!/bin/sh\n", True), (b"\xcf\xfa\xed\xfe", True),
        (b"\xca\xfe\xba\xbe\0\0", True), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        (zipped("word/document.xml", "word/vbaProject.bin"), True), (zipped("Basic/Standard/Module1.xml"), True),
        (b"PK\3\4 and no archive", True), (b"#! /bin/sh", True), (b"\xef\xbb\xbf#!/bin/sh", True),
        (b"\xff\xd8\xff\xe0 a picture" + zipped("word/VBAPROJECT.bin"), True),
        (zipped("content.xml", "Scripts/python/a.py"), True), (zipped("xl/macrosheets/sheet1.xml"), True),
        (zipped("Pictures/basic/1.png", "word/scripts.xml"), False),
        (zipped("word/document.xml"), False), (b"PK is where I live", False), (b"MZ,12\nMZ,13\n", False),
        (b"#! a heading", False), (b"\xff\xd8\xff\xe0", False), (b"%PDF-1.7", False), (b"", False),
    ],
)  # fmt: skip
def test_programs_and_macros_are_known_by_what_they_are(content: bytes, runs: bool) -> None:
    assert can_run(content) is runs


def test_an_archive_of_very_many_names_takes_no_memory() -> None:
    name = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    archive = b"PK\3\4" + name * 100_000 + b"PK\5\6" + bytes(18)
    tracemalloc.start()
    try:
        assert not can_run(archive)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * len(archive)
