"""Serving an ASGI callable on a socket until told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.web.webhook import Webhook

KEEP_ALIVE_SECONDS = 75
"""Longer than the platform's 60 keeps an idle connection, so that it is the one to end it."""
FINISH_SECONDS = 60
"""For what is under way when asked to stop."""
DRAIN_SECONDS = 10.0
BACKLOG = 2048


class _Gathering:
    """A transport that sends in one piece what is written in one step of the event loop.

    uvicorn writes the head of an answer by itself: a second packet, for which the platform's side wakes up twice.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send with whatever else is written before the loop goes on."""
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        """Send what was written, and end."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            self._transport.write(b"".join(self._written))
            self._written.clear()


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, _Gathering(transport, self.loop)))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, webhook: Webhook, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._webhook = webhook
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the server."""
        yield

    async def main_loop(self) -> None:
        """Wait to be stopped: there is no date header to keep up."""
        await self._stopping.wait()
        self._webhook.stop()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fastest event loop there is; `None` is the usual one."""
    try:
        import uvloop  # noqa: PLC0415 (not on every platform)
    except ImportError:
        return None
    return uvloop.new_event_loop


async def run_webhook(webhook: Webhook, listener: socket.socket, stopping: asyncio.Event) -> None:
    """Serve on a listening socket until `stopping`; what was taken is finished, everything else told to come again."""
    # No piece of a long answer waits for the one before it to be confirmed.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        webhook,
        interface="asgi3",
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
        backlog=BACKLOG,
    )
    await _Server(config, webhook, stopping).serve(sockets=[listener])
    await webhook.drain(DRAIN_SECONDS)
