"""HTTP/1.1 by hand, both ends of it: keep-alive connections to a program, and a Bot API server for its calls.

Written so that the driver costs little beside what it measures: no objects a message but the bytes themselves.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CHAT = re.compile(rb"""chat_id(?:=|"?\s*:\s*"?|"\r\n(?:[^\r\n]+\r\n)*\r\n)(\d+)""")

Answered = Callable[[int, bytes], None]
"""Called with the status, 0 when the connection broke, and the body."""


class Inbox:
    """Cuts a stream of bytes into heads and bodies."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data

    def next(self) -> tuple[bytes, bytes] | None:
        """The next message, once it is whole; a chunked body is left in its chunks, which is enough to search it."""
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head, start = self._buffer[: head_end + 2], head_end + 4
        found = _LENGTH.search(head)
        if found:
            end = start + int(found[1])
        elif _CHUNKED.search(head):
            last = self._buffer.find(b"0\r\n\r\n", start)
            end = last + 5 if last >= 0 else len(self._buffer) + 1
        else:
            end = start
        if end > len(self._buffer):
            return None
        body, self._buffer = self._buffer[start:end], self._buffer[end:]
        return head, body


class Connection(asyncio.Protocol):
    """One connection to the program: one request at a time."""

    def __init__(self, pool: Connections) -> None:
        self._pool = pool
        self._inbox = Inbox()
        self._answered: Answered | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class

    def post(self, request: bytes, answered: Answered) -> None:
        self._answered = answered
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._inbox.feed(data)
        whole = self._inbox.next()
        if whole is None:
            return
        head, body = whole
        answered, self._answered = self._answered, None
        if b"\r\nconnection: close" in head.lower():
            self._transport.close()
        else:
            self._pool.free(self)
        if answered is not None:
            answered(int(head[9:12]), body)

    def connection_lost(self, error: Exception | None) -> None:
        self._pool.lost(self)
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(0, b"")

    def close(self) -> None:
        self._transport.close()


class Connections:
    """At most `limit` connections to one address, as the platform keeps them to a webhook."""

    def __init__(self, host: str, port: int, path: str, secret: str, limit: int) -> None:
        self._host, self._port, self._limit = host, port, limit
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: "
        ).encode()
        self._all: set[Connection] = set()
        self._idle: deque[Connection] = deque()
        self._waiting: deque[tuple[bytes, Answered]] = deque()
        self._closing = False

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self._limit):
            _, connection = await loop.create_connection(lambda: Connection(self), self._host, self._port)
            self._all.add(connection)
            self._idle.append(connection)

    def post(self, body: bytes, answered: Answered) -> None:
        """Send an update, as soon as a connection is free."""
        request = b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
        if self._idle:
            self._idle.popleft().post(request, answered)
        else:
            self._waiting.append((request, answered))

    @property
    def busy(self) -> bool:
        return not self._idle

    def free(self, connection: Connection) -> None:
        if self._waiting:
            connection.post(*self._waiting.popleft())
        else:
            self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        self._all.discard(connection)
        with suppress(ValueError):
            self._idle.remove(connection)
        if not self._closing:
            self._reopening = asyncio.ensure_future(self._reopen())

    async def _reopen(self) -> None:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self), self._host, self._port
            )
        except OSError:
            return
        self._all.add(connection)
        self.free(connection)

    def close(self) -> None:
        self._closing = True
        for connection in list(self._all):
            connection.close()


class BotApi:
    """A Bot API server that agrees to everything and tells `said` of each message with whom it is for."""

    def __init__(self, said: Callable[[int, bytes], None]) -> None:
        self.said = said
        self.calls = 0
        """Messages that came by a call."""
        self._number = 0
        self._server: asyncio.Server | None = None

    async def listen(self) -> int:
        """Its port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Caller(self), "127.0.0.1", 0, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    def answer(self, method: str, body: bytes) -> bytes:
        """The body of the answer to one call."""
        if method in _SAYING:
            self.calls += 1
            found = _CHAT.search(body)
            chat = int(found[1]) if found else 0
            self._number += 1
            self.said(chat, body)
            return _MESSAGE % (self._number, time.time(), chat)
        return _ANSWERS.get(method, b'{"ok":true,"result":true}')


_SAYING = frozenset({"sendmessage", "editmessagetext"})
_BOT = b'{"id":7000000001,"is_bot":true,"first_name":"Bench","username":"bench_bot"}'
_MESSAGE = (
    b'{"ok":true,"result":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private","first_name":"P"},"from":'
    + _BOT
    + b',"text":"ok"}}'
)
_ANSWERS = {
    "getme": b'{"ok":true,"result":' + _BOT + b"}",
    "getmycommands": b'{"ok":true,"result":[]}',
    "getmydescription": b'{"ok":true,"result":{"description":""}}',
    "getmyshortdescription": b'{"ok":true,"result":{"short_description":""}}',
    "getupdates": b'{"ok":true,"result":[]}',
    "getwebhookinfo": b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}',
}


class _Caller(asyncio.Protocol):
    """One connection of the program to the Bot API server."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._inbox = Inbox()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        self._inbox.feed(data)
        while (whole := self._inbox.next()) is not None:
            head, body = whole
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            answer = self._api.answer(path.rpartition(b"/")[2].decode().lower(), body)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )
