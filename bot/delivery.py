"""Messages owed → the channel: due outbox rows are claimed, sent, and marked sent, to be tried again, or dead."""

from __future__ import annotations

import asyncio
import logging
from asyncio import FIRST_COMPLETED
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import msgspec

from bot.clock import Clock
from bot.errors import place
from bot.messages import Channel, Misconfigured, Part, Rejected, RetryLater, Stopped
from storage import contacts
from storage.contacts import Due
from storage.keys import Keys
from storage.store import Store

A_SECOND = 25.0
"""Messages that all dispatchers of a bot begin to send in a second: Telegram takes about thirty, direct replies too."""
AT_ONCE = 30
"""Messages on their way together, each to another person."""
LOOK_SECONDS = 1.0
"""Between looks at an outbox in which nothing was due."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
"""Waits grow up to this, so that somebody who writes in after an outage is not kept waiting for long."""
TRIES = 300
"""About a day."""

_log = logging.getLogger(__name__)


class Account(Channel, Protocol):
    """A channel that speaks for one of its own accounts."""

    account: str
    """`Inbound.bot` of those whom it can reach."""


class Pace:
    """So many turns a second, evenly: whoever comes early waits."""

    def __init__(self, a_second: float) -> None:
        self._apart = 1 / a_second
        self._next = 0.0

    def wait(self, now: float) -> float:
        """Take the next turn; in how many seconds it is, at `now` on a clock that never goes back."""
        turn = max(now, self._next)
        self._next = turn + self._apart
        return turn - now


class Dispatcher:
    """Sends what is owed by these accounts; any number of them may run, since each claims what it sends."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        channels: Mapping[str, Account],
        clock: Clock,
        a_second: float = A_SECOND,
    ) -> None:
        self._store = store
        self._keys = keys
        self._channels = channels
        self._clock = clock
        self._accounts = [(name, channel.account) for name, channel in channels.items()]
        self._paces = {name: Pace(a_second) for name in channels}

    async def run(self, stopping: asyncio.Event) -> None:
        """Send what falls due until `stopping`, and finish what is on its way; a slow person delays nobody else."""
        stop = asyncio.create_task(stopping.wait())
        sending: set[asyncio.Task[None]] = set()
        while not stopping.is_set():
            sending |= {
                asyncio.create_task(self._send(due)) for due in await self._claim(AT_ONCE - len(sending))
            }
            # Whoever has got one message may get the next.
            done, _ = await asyncio.wait({stop, *sending}, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            sending -= done
        stop.cancel()
        if sending:
            await asyncio.wait(sending)

    async def deliver(self) -> int:
        """Send what is due now, at most one message a person; how many that were."""
        claimed = await self._claim(AT_ONCE)
        await asyncio.gather(*(self._send(due) for due in claimed))
        return len(claimed)

    async def _claim(self, limit: int) -> list[Due]:
        if not limit:
            return []
        try:
            return await self._store.run(contacts.claim_due, self._accounts, self._clock(), limit)
        except Exception as error:
            _log.error("the outbox cannot be read: %s", place(error))
            return []

    async def _send(self, due: Due) -> None:
        try:
            await self._settle(due, await self._handed_over(due))
        except Exception as error:
            # It is claimed for a while, and then due again.
            _log.error("what became of a message cannot be noted: %s", place(error))

    async def _handed_over(self, due: Due) -> Exception | None:
        """What kept the platform from taking it, if anything did."""
        try:
            address, part = self._keys.decrypt(due.address_encrypted), msgspec.convert(due.part, Part)
            await asyncio.sleep(self._paces[due.channel].wait(asyncio.get_running_loop().time()))
            await self._channels[due.channel].send(address, part)
        except Exception as failure:
            return failure
        return None

    async def _settle(self, due: Due, failure: Exception | None) -> None:
        match failure:
            case None:
                await self._store.run(contacts.mark_sent, due)
            case Stopped():
                await self._store.run(contacts.mark_blocked, due.hash, self._clock())
            case Misconfigured():
                await self._again(due, failure)
            case _ if isinstance(failure, Rejected) or due.attempts >= TRIES:
                _log.error("a message is given up after %d tries: %s", due.attempts, place(failure))
                await self._store.run(contacts.mark_dead, due, place(failure))
            case _:
                await self._again(due, failure)

    async def _again(self, due: Due, failure: Exception) -> None:
        growing = min(FIRST_WAIT * 2 ** min(due.attempts - 1, 10), LONGEST_WAIT)
        least = timedelta(seconds=failure.seconds) if isinstance(failure, RetryLater) else timedelta()
        await self._store.run(contacts.mark_retry, due, self._clock() + max(growing, least), place(failure))
