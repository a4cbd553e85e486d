"""Answers to HTTP requests: short, in JSON where they say something."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

_JSON: Header = (b"content-type", b"application/json")
_CLOSE: Header = (b"connection", b"close")


class Answer(Struct, frozen=True, gc=False):
    """One answer, whole."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()

    async def send(self, send: Send) -> None:
        """Write it."""
        headers = [(b"content-length", b"%d" % len(self.body)), *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


DONE = Answer(200)
"""Acknowledged, and nothing to say."""


def in_body(body: bytes | None) -> Answer:
    """Acknowledged, with a method for the platform to execute, if there is one."""
    return DONE if body is None else Answer(200, body, (_JSON,))


def saying(status: int, what: str, *, closing: bool = False) -> Answer:
    """A JSON object; `closing` ends the connection, whatever else was to come on it."""
    content = msgspec.json.encode({"error" if status >= 400 else "status": what})
    return Answer(status, content, (_JSON, _CLOSE) if closing else (_JSON,))


def busy(what: str, seconds: float, *, closing: bool = False) -> Answer:
    """503: the same again, after so many seconds."""
    told = saying(503, what, closing=closing)
    return Answer(503, told.body, (*told.headers, (b"retry-after", b"%d" % max(1, math.ceil(seconds)))))


def not_allowed(*methods: str) -> Answer:
    """405: another method than these."""
    told = saying(405, f"only {' and '.join(methods)} here", closing=True)
    return Answer(405, told.body, (*told.headers, (b"allow", ", ".join(methods).encode())))
