"""Updates that the platform delivers one by one: taken, committed, replied to, and only then acknowledged."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_handover import TRIES, Held, Intake, SetAside, hand_over
from bot.channels.telegram_replies import answer_callback_query, send_message
from bot.channels.telegram_updates import Ignored, Unreadable, read_update
from bot.errors import place
from bot.messages import Inbound, NotTaken, Part
from bot.web.answers import Answer, busy, in_body, saying

REFUSING_SECONDS = 1.0
"""How long a refusal of the intake counts as its state."""
MOST_ANSWERING = 1000
"""Calls in the background; beyond them a button shows its waiting sign a little longer."""
MOST_COUNTED = 1000

_log = logging.getLogger(__name__)


class Deliveries:
    """One bot's updates; holds nothing that a restart may not lose."""

    def __init__(
        self,
        channel: TelegramChannel,
        intake: Intake,
        set_aside: SetAside,
        now: Callable[[], datetime],
    ) -> None:
        self._channel = channel
        self._intake = intake
        self._set_aside = set_aside
        self._now = now
        self._speaking: dict[str, asyncio.Future[Held | None]] = {}
        """The latest calls for each person that are under way: what is said next waits for them."""
        self._answering: set[asyncio.Task[None]] = set()
        self._tries: Counter[str] = Counter()
        self._refused_at = float("-inf")

    @property
    def refusing(self) -> bool:
        """Whether the intake has just refused something."""
        return asyncio.get_running_loop().time() - self._refused_at < REFUSING_SECONDS

    async def take(self, raw: bytes) -> Answer:
        """Handle one update as it came; the answer acknowledges it unless it has to come again."""
        delivery = read_update(raw, self._channel.account, self._now())
        if isinstance(delivery.outcome, Unreadable) and (wrong := _no_update(raw)):
            return saying(400, wrong)
        query_id = delivery.query_id
        match delivery.outcome:
            case Inbound() as inbound:
                return await self._converse(inbound, query_id, raw)
            case Unreadable(reason):
                _log.error("an update could not be read and is set aside: %s", reason)
                return await self._put_aside(raw, reason, query_id)
            case Ignored():
                return in_body(_end_waiting(query_id))

    async def drain(self, seconds: float) -> None:
        """Wait for the calls in the background, at most so long, and then give them up."""
        if self._answering:
            _, left = await asyncio.wait(self._answering, timeout=seconds)
            for task in left:
                task.cancel()

    async def _converse(self, inbound: Inbound, query_id: str | None, raw: bytes) -> Answer:
        try:
            reply = await self._intake.take(inbound)
            body = None if reply is None else await self._say(inbound, reply.parts)
        except NotTaken as refusal:
            return self._not_now(refusal.seconds)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return self._not_now(REFUSING_SECONDS)  # not we were cancelled, but what the intake was doing
        except Exception as error:
            return await self._failed(inbound.external_id, error, query_id, raw)
        self._tries.pop(inbound.external_id, None)
        if body is None:
            return in_body(_end_waiting(query_id))
        if query_id is not None and len(self._answering) < MOST_ANSWERING:
            task = asyncio.create_task(self._channel.answer_tap(query_id))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        return in_body(body)

    async def _say(self, inbound: Inbound, parts: Sequence[Part]) -> bytes | None:
        """Send a reply but for its last part, which is returned where it can be the answer's body."""
        if not parts:
            return None
        last = parts[-1]
        body = None if last.replaces and inbound.origin else send_message(inbound.address, last)
        if body is not None and len(parts) == 1 and inbound.address not in self._speaking:
            return body
        count = len(parts) if body is None else len(parts) - 1
        held = await self._in_turn(inbound, parts, count)
        return body if held is None else None

    async def _in_turn(self, inbound: Inbound, parts: Sequence[Part], count: int) -> Held | None:
        """Send some parts after what is being said to the person; what comes next waits for this."""
        address, held = inbound.address, None
        before = self._speaking.get(address)
        over = self._speaking[address] = asyncio.get_running_loop().create_future()
        try:
            if before is not None:
                await asyncio.wait({before})
                held = before.result()
            held = await hand_over(self._channel, self._intake, inbound, parts, count, held)
            return held
        finally:
            over.set_result(held)
            if self._speaking[address] is over:
                del self._speaking[address]

    async def _failed(self, number: str, error: Exception, query_id: str | None, raw: bytes) -> Answer:
        """Let what failed for no known reason come again, and set it aside in the end."""
        reason = place(error)
        if len(self._tries) >= MOST_COUNTED:
            self._tries.clear()
        self._tries[number] += 1
        if self._tries[number] < TRIES:
            _log.error("an update failed and is tried again: %s", reason)
            return saying(500, "the update could not be handled")
        _log.error("an update failed %d times and is set aside: %s", TRIES, reason)
        answer = await self._put_aside(raw, reason, query_id)
        if answer.status < 300:
            del self._tries[number]
        return answer

    async def _put_aside(self, raw: bytes, reason: str, query_id: str | None) -> Answer:
        try:
            await self._set_aside(raw, reason)
        except NotTaken as refusal:
            return self._not_now(refusal.seconds)
        except Exception as error:
            _log.error("an update could not be set aside: %s", place(error))
            return saying(500, "the update could not be set aside")
        return in_body(_end_waiting(query_id))

    def _not_now(self, seconds: float) -> Answer:
        self._refused_at = asyncio.get_running_loop().time()
        return busy("not now", seconds)


def _no_update(raw: bytes) -> str | None:
    """Why a body that could not be read is not even an update."""
    try:
        body = json.loads(raw.decode("utf-8", "replace"))
    except RecursionError:
        return None
    except ValueError:
        return "the body is not JSON"
    return None if isinstance(body, dict) else "the body is not an update: it is no JSON object"


def _end_waiting(query_id: str | None) -> bytes | None:
    """Where nothing is said by the answer itself, it ends a button's waiting sign."""
    return None if query_id is None else answer_callback_query(query_id)
