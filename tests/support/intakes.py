"""An intake for channels to hand in to: it echoes, and fails or waits where a test wants that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_polling import Pace, poll
from bot.flows.received import Blocked, Chosen, Text
from bot.messages import Button, Inbound, Part, Reply
from tests.support.botapi import Phone

PACE = Pace(long_poll=20, recheck=0.02, first_wait=0.02, longest_wait=0.1)
Polling: TypeAlias = Callable[[], AbstractAsyncContextManager["asyncio.Task[None]"]]
YES_NO = ((Button("Yes", "yes"), Button("No", "no")),)


class FakeIntake:
    """Takes everything, echoes it, and remembers the answer as the store would."""

    def __init__(self) -> None:
        self.committed: dict[str, Inbound] = {}
        self.attempts: list[Inbound] = []
        self.owed: list[tuple[Inbound, Sequence[Part], float]] = []
        self.gone: list[Inbound] = []
        self.aside: list[tuple[bytes, str]] = []
        self.gates: dict[str, asyncio.Event] = {}
        """Words that are not committed before their gate opens."""
        self.failures: dict[str, list[BaseException]] = {}
        """Words that fail so often, and how; `owe` and `set aside` are those doings."""
        self.replies: dict[str, tuple[Part, ...]] = {}

    async def take(self, inbound: Inbound) -> Reply | None:
        self.attempts.append(inbound)
        words = said(inbound)
        if gate := self.gates.get(words):
            await gate.wait()
        self._fail(words)
        await asyncio.sleep(0)
        self.committed.setdefault(inbound.external_id, inbound)
        if isinstance(inbound.received, Blocked):
            return None
        return Reply(self.replies.get(words, (Part(f"you said {words}", YES_NO),)))

    async def owe(self, inbound: Inbound, parts: Sequence[Part], seconds: float) -> None:
        self._fail("owe")
        self.owed.append((inbound, tuple(parts), seconds))

    async def unreachable(self, inbound: Inbound) -> None:
        self.gone.append(inbound)

    async def set_aside(self, raw: bytes, reason: str) -> None:
        self._fail("set aside")
        self.aside.append((raw, reason))

    def words(self, phone: Phone | None = None) -> list[str]:
        """What was committed, oldest first."""
        return [
            said(inbound)
            for inbound in self.committed.values()
            if phone is None or inbound.address == str(phone.id)
        ]

    def _fail(self, what: str) -> None:
        if self.failures.get(what):
            raise self.failures[what].pop(0)


def said(inbound: Inbound) -> str:
    """The words of a message or the data of a tap, else its kind."""
    match inbound.received:
        case Text(words) | Chosen(words):
            return words
        case other:
            return type(other).__name__


@asynccontextmanager
async def polled(channel: TelegramChannel, intake: FakeIntake) -> AsyncIterator[asyncio.Task[None]]:
    """Polls in its block, and ends it by stopping; to kill it, cancel the task."""
    stopping = asyncio.Event()
    task = asyncio.create_task(poll(channel, intake, intake.set_aside, stopping, pace=PACE))
    try:
        yield task
        stopping.set()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
    finally:
        await kill(task)


async def kill(task: asyncio.Task[None]) -> None:
    """End a task at once."""
    task.cancel()
    await asyncio.wait([task])


async def until(holds: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something can be seen."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (some of it is another thread's)
            await asyncio.sleep(0.005)
