"""Delivering updates to a webhook, as the platform does.

In order within a queue, in parallel between queues; what is not answered with success is tried again, at once and then
after growing waits, and holds up its own queue only.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from tests.support.botapi.checks import LOOPBACK
from tests.support.botapi.faults import Fault

if TYPE_CHECKING:
    from tests.support.botapi.platform import Platform, Update

ANSWER_SECONDS = 60.0
LONGEST_RETRY_AFTER = 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    taken: bool
    error: str = ""
    retry_after: int | None = None
    body: Any = None
    """JSON that came back."""


class Courier:
    """Carries what is pending to the webhook, while one is set."""

    def __init__(
        self,
        platform: Platform,
        execute: Callable[[dict[str, Any]], Awaitable[None]],
        fault: Callable[[int | None], Fault],
    ) -> None:
        self.scale = 1.0
        """Of the waits between attempts: tests are in a hurry, the platform is not."""
        self.attempts: list[int] = []
        """The ids of the updates as they were carried, again and again where that was needed."""
        self._platform = platform
        self._execute = execute
        self._fault = fault
        self._queues: dict[str, asyncio.Task[None]] = {}
        self._executing: dict[asyncio.Task[None], int | None] = {}
        """Methods that came in answers, with the chat that each update was about."""
        self._random = random.Random(1)

    async def run(self) -> None:
        """Deliver, for ever."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            try:
                while True:
                    for queue in self._waiting():
                        self._queues[queue] = asyncio.create_task(self._serve(queue, session))
                    await self._platform.changed.until(lambda: bool(self._waiting()), 3600)
            finally:
                for task in (*self._queues.values(), *self._executing):
                    task.cancel()

    def _waiting(self) -> list[str]:
        """The queues with something in them that nobody carries."""
        if not self._platform.webhook:
            return []
        return [
            queue
            for queue in dict.fromkeys(update.queue for update in self._platform.pending)
            if queue not in self._queues
        ]

    async def _serve(self, queue: str, session: aiohttp.ClientSession) -> None:
        failures = 0
        try:
            while self._platform.webhook and (update := self._head(queue)):
                webhook = self._platform.webhook
                slots = webhook.setdefault("slots", asyncio.Semaphore(webhook["max_connections"]))
                async with slots:
                    outcome = await self._carry(update, webhook, session)
                if outcome.taken:
                    failures = 0
                    self._obey(outcome.body, update.chat)
                    self._platform.acknowledge(update)
                else:
                    failures += 1
                    webhook["last_error"] = (self._platform.now(), outcome.error)
                    await self._wait(update, webhook, self._seconds(failures, outcome.retry_after))
        finally:
            del self._queues[queue]
            self._platform.changed.notify()

    def _head(self, queue: str) -> Update | None:
        self._platform.expire()
        return next((update for update in self._platform.pending if update.queue == queue), None)

    async def _carry(
        self, update: Update, webhook: dict[str, Any], session: aiohttp.ClientSession
    ) -> Outcome:
        fault = self._fault(update.chat)
        await asyncio.sleep(fault.delay)
        if fault.drop == "before" or urlsplit(webhook["url"]).hostname not in LOOPBACK:
            return Outcome(taken=False, error="Connection refused")
        headers = {"Content-Type": "application/json"}
        if secret := webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        # As the platform has it: in ASCII, with everything else escaped.
        body = json.dumps(update.body()).encode()
        self.attempts.append(update.id)
        try:
            async with session.post(
                webhook["url"], data=body, headers=headers, allow_redirects=False
            ) as response:
                answer = await response.read()
        except TimeoutError:
            return Outcome(taken=False, error="Read timeout expired")
        except aiohttp.ClientError:
            return Outcome(taken=False, error="Connection refused")
        if fault.drop == "after":
            return Outcome(taken=False, error="Connection reset by peer")
        if 200 <= response.status < 300:
            return Outcome(taken=True, body=_object(answer, response.content_type))
        after = response.headers.get("Retry-After", "")
        return Outcome(
            taken=False,
            error=f"Wrong response from the webhook: {response.status} {response.reason}",
            retry_after=min(int(after), LONGEST_RETRY_AFTER) if after.isdecimal() else None,
        )

    def _seconds(self, failures: int, retry_after: int | None) -> int:
        if retry_after is not None:
            return retry_after
        return 0 if failures == 1 else min(2 ** (failures - 1), self._random.randint(60, 120))

    async def _wait(self, update: Update, webhook: dict[str, Any], seconds: int) -> None:
        """Wait for the next attempt, or for another webhook; what would be too old by then is dropped."""
        if self._platform.now() + seconds > update.date + update.lifetime:
            self._platform.pending = [one for one in self._platform.pending if one is not update]
            return
        await self._platform.changed.until(
            lambda: self._platform.webhook is not webhook, seconds * self.scale
        )

    def executes(self, chat: int) -> bool:
        """Whether a method that came in an answer to somebody is under way."""
        return chat in self._executing.values()

    def _obey(self, body: Any, chat: int | None) -> None:
        """Execute the method in an answer's body; nobody hears what becomes of it."""
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            task = asyncio.create_task(self._execute(body))
            self._executing[task] = chat
            task.add_done_callback(self._executed)

    def _executed(self, task: asyncio.Task[None]) -> None:
        self._platform.tell(self._executing.pop(task))


def _object(answer: bytes, content_type: str) -> Any:
    if content_type != "application/json":
        return None
    try:
        return json.loads(answer)
    except ValueError:
        return None
