"""Looking for viruses, by ClamAV's daemon."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.errors import ConfigurationError
from bot.settings import CLAMD

SECONDS = 120.0
"""The most that a look may take."""
_CHUNK = 256 * 1024
_ADDRESS = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")


class ScanFailed(Exception):
    """The daemon is out of reach, or gave no verdict; worth another try."""


class Scanner:
    """One daemon, at `HOST:PORT` or a Unix socket's path; raises `ConfigurationError` for neither.

    The protocol is spoken here, for the libraries that are kept up (aioclamd, clamav-client) know no Unix socket, which
    is how clamd listens by default, or hand over a kilobyte at a time.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._address = _ADDRESS.fullmatch(where)
        if self._address is None and "/" not in where:
            raise ConfigurationError(
                f"{CLAMD.name} is {where}, which is no place of a daemon.",
                "Give HOST:PORT, such as localhost:3310, or the path of a socket, such as /run/clamav/clamd.ctl.",
            )

    async def find(self, content: bytes) -> str | None:
        """The name of a virus in `content`, `None` where there is none; raises `ScanFailed`."""
        pieces = (content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))
        told = b"".join(struct.pack("!L", len(piece)) + piece for piece in pieces)
        answer = await self._ask(b"zINSTREAM\0" + told + struct.pack("!L", 0))
        if answer == "stream: OK":
            return None
        if answer.endswith(" FOUND"):
            return answer.removesuffix(" FOUND").removeprefix("stream: ")
        raise ScanFailed("no verdict: the daemon's StreamMaxLength may be less than the size of a file")

    async def ping(self) -> bool:
        """Whether the daemon answers; raises `ScanFailed`."""
        return await self._ask(b"zPING\0") == "PONG"

    async def _ask(self, command: bytes) -> str:
        try:
            async with asyncio.timeout(SECONDS), self._connected() as (reader, writer):
                # It answers, and closes, as soon as it has heard more than it takes.
                with suppress(ConnectionError):
                    writer.write(command)
                    await writer.drain()
                answer = await reader.readuntil(b"\0")
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError) as error:
            raise ScanFailed(f"clamd does not answer: {type(error).__name__}") from error
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if self._address is None:
            reader, writer = await asyncio.open_unix_connection(self._where)
        else:
            host, port = self._address["host"].strip("[]"), int(self._address["port"])
            reader, writer = await asyncio.open_connection(host, port)
        try:
            yield reader, writer
        finally:
            writer.close()
