"""The program as several processes behind one port, which the platform calls."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from tests.support.botapi import BotApi
from tests.support.program import Program

WEBHOOK_SECRET = "a-webhook-secret-for-tests"


class Workers(Program):
    """`talanoa serve --mode webhook` with two workers, on a port of its own."""

    def __init__(self, database_url: str, api: BotApi, folder: Path) -> None:
        port = free_port()
        arguments = ("--mode", "webhook", "--workers", "2", "--host", "127.0.0.1", "--port", str(port))
        super().__init__(database_url, api, folder, *arguments)
        self.url = f"http://127.0.0.1:{port}"
        self._environment |= {
            "TALANOA_PUBLIC_URL": self.url,
            "TALANOA_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }

    @property
    def parent(self) -> int:
        """The process that keeps the workers."""
        pid = self._running().pid
        assert pid is not None
        return pid

    @property
    def pids(self) -> list[int]:
        """The processes of the workers, in their latest starts."""
        latest = dict(re.findall(r"worker (\d+) is process (\d+)", self.log))
        return [int(pid) for pid in latest.values()]

    async def both(self) -> list[int]:
        """The same, once both are started."""
        await self.until(lambda: len(self.pids) == 2 and all(map(alive, self.pids)), "two workers")
        return self.pids

    def kill_all(self) -> None:
        """End every process at once."""
        for pid in self.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.kill()

    async def ready(self, seconds: float = 60.0) -> None:
        """Wait until it answers, and is ready to."""
        try:
            async with aiohttp.ClientSession() as session, asyncio.timeout(seconds):
                while not await self._answers(session):
                    status = self._running().exitcode
                    assert status is None, f"it has ended with status {status}:\n{self.log}"
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"it is not ready after {seconds} s:\n{self.log}") from None

    async def deliver(self, update: dict[str, Any]) -> tuple[int, Any]:
        """Deliver an update on a connection of its own; the status, and what came as the answer's body."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.url}/telegram", json=update) as response,
        ):
            return response.status, await response.json() if await response.read() else None

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


def free_port() -> int:
    """A port that no connection gets by chance, as it does one of those that the system gives out."""
    random = Random()
    while True:
        port = random.randrange(20_000, 30_000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
