"""Fetching a bot's updates: nothing is acknowledged before its answer is on disk and its reply handed over.

`getUpdates` acknowledges everything before the offset it is given, so the offset is the oldest update that is
still under way. What is newer comes again with each fetch and is known by its number: one slow person delays
nobody, and never are more than the hundred updates of one answer under way.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from bot import clock
from bot.channels.telegram import Contested, TelegramChannel, Throttled
from bot.channels.telegram_handover import TRIES, Held, Intake, SetAside, hand_over
from bot.channels.telegram_updates import Delivery, Ignored, Unreadable, read_update, update_id
from bot.channels.telegram_window import Window
from bot.clock import Clock
from bot.errors import place
from bot.messages import Inbound, Misconfigured, NotTaken, RetryLater, SendFailure

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for what, in seconds."""

    long_poll: int = 50
    recheck: float = 0.1
    """Between fetches while something is under way."""
    first_wait: float = 1.0
    """After a first failure; it doubles up to `longest_wait`."""
    longest_wait: float = 60.0


@dataclass(frozen=True, slots=True)
class _Arrived:
    number: int
    raw: bytes
    inbound: Inbound
    query_id: str | None


async def poll(
    channel: TelegramChannel,
    intake: Intake,
    set_aside: SetAside,
    stopping: asyncio.Event,
    *,
    now: Clock = clock.now,
    pace: Pace | None = None,
) -> None:
    """Fetch and hand over until `stopping`, and finish what was taken; raises `Misconfigured`."""
    await _Polling(channel, intake, set_aside, stopping, now, pace or Pace()).run()


class _Polling:
    def __init__(
        self,
        channel: TelegramChannel,
        intake: Intake,
        set_aside: SetAside,
        stopping: asyncio.Event,
        now: Clock,
        pace: Pace,
    ) -> None:
        self._channel = channel
        self._intake = intake
        self._set_aside = set_aside
        self._stopping = stopping
        self._now = now
        self._pace = pace
        self._window = Window()
        self._lanes: dict[str, deque[_Arrived]] = {}
        """What waits for each person with something under way."""
        self._handling: set[asyncio.Task[Any]] = set()
        self._answering: set[asyncio.Task[Any]] = set()
        self._tries: Counter[int] = Counter()
        self._failures = 0
        """Of fetching, in a row."""
        self._refusals = 0
        """Of the intake, in a row."""
        self._resume_at = 0.0

    async def run(self) -> None:
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await self._insist(self._channel.leave_webhook, stop)
            while not self._stopping.is_set():
                await self._rest(self._resume_at - asyncio.get_running_loop().time(), stop)
                fetched = await self._insist(self._fetch, stop)
                if fetched is not None:
                    self._accept(fetched)
                    await self._breathe()
            await self._drain()
            await self._acknowledge()
        except Misconfigured:
            await self._drain()
            raise
        finally:
            stop.cancel()
            for task in self._handling | self._answering:
                task.cancel()

    async def _fetch(self) -> dict[int, bytes]:
        seconds = self._pace.long_poll if self._window.idle else 0
        raws = await self._channel.fetch(self._window.offset, seconds)
        fetched = {number: raw for raw in raws if (number := update_id(raw)) is not None}
        if raws and not fetched:
            raise RetryLater("updates without numbers, which cannot be acknowledged")
        return fetched

    async def _insist(self, call: Callable[[], Coroutine[Any, Any, T]], stop: asyncio.Task[Any]) -> T | None:
        """Call the platform, however long it is out of reach; `None` once stopping."""
        while not self._stopping.is_set():
            calling = asyncio.create_task(call())
            least = 0.0
            try:
                await asyncio.wait({calling, stop}, return_when=asyncio.FIRST_COMPLETED)
                if not calling.done():
                    return None
                result = calling.result()
            except Contested as failure:
                reason = f"somebody else receives them; stop that program or remove its webhook ({failure})"
            except Misconfigured:
                raise
            except SendFailure as failure:
                reason = str(failure)
                least = failure.seconds if isinstance(failure, Throttled) else 0.0
            except Exception as error:
                reason = place(error)
            else:
                self._failures = 0
                return result
            finally:
                calling.cancel()
                await asyncio.wait({calling})
            wait = self._wait(least, self._failures)
            self._failures += 1
            _log.warning("no updates of the bot %s: %s; again in %.0f s", self._channel.account, reason, wait)
            await self._rest(wait, stop)
        return None

    def _wait(self, least: float, failures: int) -> float:
        doubled = self._pace.first_wait * 2.0 ** min(failures, 16)
        return max(least, min(doubled, self._pace.longest_wait))

    async def _rest(self, seconds: float, stop: asyncio.Task[Any]) -> None:
        if seconds > 0:
            await asyncio.wait({stop}, timeout=seconds)

    def _accept(self, fetched: Mapping[int, bytes]) -> None:
        new = self._window.admit(fetched)
        for number, raw in fetched.items():
            if number in new:
                self._begin(number, raw, read_update(raw, self._channel.account, self._now()))

    def _begin(self, number: int, raw: bytes, delivery: Delivery) -> None:
        match delivery.outcome:
            case Inbound() as inbound:
                lane = self._lanes.get(inbound.address)
                arrived = _Arrived(number, raw, inbound, delivery.query_id)
                if lane is None:
                    self._lanes[inbound.address] = deque([arrived])
                    self._spawn(self._serve(inbound.address), self._handling)
                else:
                    lane.append(arrived)
            case Unreadable(reason):
                _log.error("an update could not be read and is set aside: %s", reason)
                self._answer(delivery.query_id)
                self._spawn(self._put_aside(number, raw, reason), self._handling)
            case Ignored():
                self._answer(delivery.query_id)
                self._window.finish(number)

    async def _serve(self, address: str) -> None:
        """Hand over what one person sent, in order; what waits together goes together."""
        lane = self._lanes[address]
        try:
            while lane:
                wave = list(lane)
                lane.clear()
                if not await self._hand_on(wave):
                    for arrived in lane:
                        self._window.release(arrived.number)
                    return
        finally:
            del self._lanes[address]

    async def _hand_on(self, wave: Sequence[_Arrived]) -> bool:
        """Whether everything of a wave was taken and answered."""
        taken = await asyncio.gather(
            *(self._intake.take(arrived.inbound) for arrived in wave), return_exceptions=True
        )
        whole = True
        held: Held | None = None
        for arrived, reply in zip(wave, taken, strict=True):
            try:
                if isinstance(reply, asyncio.CancelledError):
                    raise NotTaken("the intake gave up")
                if isinstance(reply, BaseException):
                    raise reply
                self._refusals = 0
                self._answer(arrived.query_id)
                if reply is not None:
                    held = await hand_over(
                        self._channel, self._intake, arrived.inbound, reply.parts, held=held
                    )
            except NotTaken as refusal:
                self._release(arrived.number, refusal.seconds)
                whole = False
            except Exception as error:
                whole = await self._failed(arrived, error) and whole
            else:
                self._finish(arrived.number)
        return whole

    async def _failed(self, arrived: _Arrived, error: Exception) -> bool:
        """Try again what failed for no known reason, and set it aside in the end."""
        reason = place(error)
        self._tries[arrived.number] += 1
        if self._tries[arrived.number] < TRIES:
            _log.error("an update failed and is tried again: %s", reason)
            self._release(arrived.number, 0.0)
            return False
        _log.error("an update failed %d times and is set aside: %s", TRIES, reason)
        self._answer(arrived.query_id)
        return await self._put_aside(arrived.number, arrived.raw, reason)

    async def _put_aside(self, number: int, raw: bytes, reason: str) -> bool:
        try:
            await self._set_aside(raw, reason)
        except NotTaken as refusal:
            self._release(number, refusal.seconds)
        except Exception as error:
            _log.error("an update could not be set aside: %s", place(error))
            self._release(number, 0.0)
        else:
            self._finish(number)
            return True
        return False

    def _finish(self, number: int) -> None:
        self._window.finish(number)
        self._tries.pop(number, None)

    def _release(self, number: int, seconds: float) -> None:
        """Leave an update to a later fetch, and pause fetching; what fails together pauses once."""
        self._window.release(number)
        now = asyncio.get_running_loop().time()
        if now >= self._resume_at:
            self._resume_at = now + self._wait(seconds, self._refusals)
            self._refusals += 1

    def _answer(self, query_id: str | None) -> None:
        if query_id is not None:
            self._spawn(self._channel.answer_tap(query_id), self._answering)

    def _spawn(self, work: Coroutine[Any, Any, Any], tasks: set[asyncio.Task[Any]]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _breathe(self) -> None:
        """Let what is under way finish before the next fetch, but not for long."""
        before = self._window.offset
        while self._handling and not self._stopping.is_set():
            await asyncio.wait(self._handling, timeout=self._pace.recheck)
            if not self._window.full or self._window.offset != before:
                return

    async def _drain(self) -> None:
        while tasks := self._handling | self._answering:
            await asyncio.wait(tasks)

    async def _acknowledge(self) -> None:
        if self._window.offset is not None:
            with suppress(SendFailure):
                await self._channel.fetch(self._window.offset, 0)
