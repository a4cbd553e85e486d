"""A daemon that speaks ClamAV's protocol on loopback, and knows one virus."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Win.Test.EICAR_HDB-1"


class Clamd:
    """Answers `PING` and `INSTREAM`, one command a connection, as clamd does without `IDSESSION`."""

    def __init__(self, most: int) -> None:
        self.most = most
        """`StreamMaxLength`."""
        self.looked: list[int] = []
        """The sizes of what it has looked at."""
        self.where = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        told = "UNKNOWN COMMAND"
        if command == b"zPING\0":
            told = "PONG"
        elif command == b"zINSTREAM\0":
            told = await self._look(reader)
        writer.write(told.encode() + b"\0")
        await writer.drain()
        writer.close()

    async def _look(self, reader: asyncio.StreamReader) -> str:
        content = b""
        while length := struct.unpack("!L", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
            if len(content) > self.most:
                return "INSTREAM size limit exceeded. ERROR"
        self.looked.append(len(content))
        return f"stream: {NAME} FOUND" if VIRUS in content else "stream: OK"


@asynccontextmanager
async def clamd(socket: Path | None = None, *, most: int = 25 * 2**20) -> AsyncIterator[Clamd]:
    """One that runs, on a port of its own or at a Unix socket."""
    running = Clamd(most)
    if socket is not None:
        server = await asyncio.start_unix_server(running.answer, socket)
        running.where = str(socket)
    else:
        server = await asyncio.start_server(running.answer, "127.0.0.1", 0)
        running.where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield running
