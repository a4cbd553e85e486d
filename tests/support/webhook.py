"""A webhook that is served over HTTP, and a client of it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from bot.channels.telegram import TelegramChannel
from bot.web.server import run_webhook
from bot.web.webhook import Webhook
from tests.support.botapi import BotApi
from tests.support.intakes import FakeIntake

SECRET = "a-secret-that-is-for-tests_only"
UPDATE = {
    "update_id": 7,
    "message": {
        "message_id": 1,
        "date": 1_700_000_000,
        "chat": {"id": 42, "type": "private"},
        "from": {"id": 42, "is_bot": False, "first_name": "x"},
        "text": "hello",
    },
}


class Served:
    """A webhook that is being served, and a client of it that is not the platform."""

    def __init__(self, webhook: Webhook, url: str, session: aiohttp.ClientSession) -> None:
        self.webhook = webhook
        self.url = url
        self.store = True
        """Whether the store answers."""
        self.stopping = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._session = session

    async def request(
        self, method: str = "POST", path: str = "/telegram", *, secret: str | None = SECRET, **content: Any
    ) -> tuple[int, Any, dict[str, str]]:
        """The status, the body's JSON and the headers of an answer."""
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        async with self._session.request(method, self.url + path, headers=headers, **content) as response:
            body = await response.read()
            return response.status, json.loads(body) if body else None, _lowered(response.headers)

    async def connect(self, header: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which a request's body may follow, however it likes."""
        port = int(self.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        secret = f"X-Telegram-Bot-Api-Secret-Token: {SECRET}"
        writer.write(f"POST /telegram HTTP/1.1\r\nHost: x\r\n{secret}\r\n{header}\r\n\r\n".encode())
        return reader, writer


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.fixture
async def served(api: BotApi, channel: TelegramChannel, intake: FakeIntake) -> AsyncIterator[Served]:
    """The webhook, served and known to the platform."""
    api.courier.scale = 0.01
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def store_answers() -> bool:
        return running.store

    async with aiohttp.ClientSession() as session:
        webhook = Webhook(channel, intake, intake.set_aside, SECRET, store_answers)
        running = Served(webhook, url, session)
        running.task = asyncio.create_task(run_webhook(webhook, listener, running.stopping))
        await channel.set_webhook(f"{url}/telegram", SECRET)
        yield running
        running.stopping.set()
        await running.task
