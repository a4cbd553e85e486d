"""Looking for viruses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.scanning import ScanFailed, Scanner
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
