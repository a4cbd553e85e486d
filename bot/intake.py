"""Inbound messages, micro-batched: whatever is waiting goes through one transaction for many people.

With one message waiting the batch is one message, and nobody waits for company. What fails how: an exception in the
conversation or the rendering of one message parks that message, with an apology, and the batch goes on; an outage
is waited for with the whole batch and parks nothing; an error of the data is found by going one by one, and parks what
fails three times.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from bot.attending import Attending
from bot.clock import Clock
from bot.errors import place
from bot.fair_queue import FairQueue
from bot.flows.received import Attachment
from bot.messages import Capabilities, Inbound, NotTaken, Part, Reply
from storage import contacts, conversations
from storage.errors import is_passing
from storage.keys import Keys
from storage.store import Store
from storage.turns import Sender

P = ParamSpec("P")
T = TypeVar("T")

MOST_WAITING = 10_000
"""Messages held in memory; beyond it a channel has to wait, and the platform's own queue is the spool."""
MOST_IN_BATCH = 256
LEAST_BESIDE = 8
"""People who make a batch worthwhile while another is under way; fewer wait for it."""
MOST_OF_PERSON = 200
"""Messages of one person held in memory; more of theirs wait at the platform, in nobody else's way."""
MOST_OF_PERSON_IN_BATCH = 32
"""Messages of one person in a batch: everybody else's come before the rest."""
WAITS = (0.05, 0.1, 0.2, 0.4)
"""Seconds between tries while the store is away: the platform is told within a second to come again."""
AWAY_SECONDS = 5.0
"""After which it does."""
TRIES = 3
"""Of one message whose data the store refuses."""


_log = logging.getLogger(__name__)


class Overloaded(NotTaken):
    """Too many messages are waiting, or the program is stopping: the same again later."""


class StoreUnavailable(NotTaken):
    """The store stayed away: nothing was committed, so the message must not be acknowledged."""


class _Waiting(Struct, frozen=True):
    inbound: Inbound
    hash: bytes
    answer: asyncio.Future[Reply | None]


class Intake:
    """Takes messages one by one from any number of channels and answers each after its commit."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        capabilities: Mapping[str, Capabilities],
        clock: Clock,
        *,
        file_limit: int | None = None,
        most_waiting: int = MOST_WAITING,
        most_in_batch: int = MOST_IN_BATCH,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._attending = Attending(keys, capabilities)
        self._file_limit = file_limit
        self._queue: FairQueue[_Waiting] = FairQueue()
        self._most_waiting = most_waiting
        self._most_in_batch = most_in_batch
        self._workers: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def take(self, inbound: Inbound) -> Reply | None:
        """Handle one message; returns after the commit. `None`: a late repeat, to be acknowledged and dropped.

        Raises `Overloaded` or `StoreUnavailable`: nothing was taken.
        """
        if self._stopping or len(self._queue) >= self._most_waiting:
            raise Overloaded("too many messages are waiting")
        contact = self._keys.contact_hash(inbound.channel, inbound.bot, inbound.address)
        if self._queue.waiting_of(contact) >= MOST_OF_PERSON:
            raise Overloaded("too many messages of one person are waiting")
        if isinstance(inbound.received, Attachment):
            inbound = replace(inbound, received=self._sealed(inbound.received))
        waiting = _Waiting(inbound, contact, asyncio.get_running_loop().create_future())
        self._queue.put(contact, waiting)
        if len(self._workers) < self._store.at_once and self._is_worthwhile(len(self._workers)):
            self._workers.add(asyncio.create_task(self._work()))
        return await waiting.answer

    def _sealed(self, sent: Attachment) -> Attachment:
        """A file with what finds it again sealed, before anything is stored of it, and with how large it may be."""
        if not sent.reference:
            return sent
        reference = self._keys.seal_reference(sent.reference)
        return replace(sent, reference=reference, limit=self._file_limit)

    async def owe(self, inbound: Inbound, parts: Sequence[Part], seconds: float) -> None:
        """Put what could not be handed over into the outbox, to be tried again in `seconds`, at least one."""
        contact = self._keys.contact_hash(inbound.channel, inbound.bot, inbound.address)
        now = self._clock()
        await self._guarded(contacts.owe, contact, parts, now, now + timedelta(seconds=max(seconds, 1.0)))

    async def unreachable(self, inbound: Inbound) -> None:
        """The person blocked us: nothing is sent until they write again."""
        contact = self._keys.contact_hash(inbound.channel, inbound.bot, inbound.address)
        await self._guarded(contacts.mark_blocked, contact, self._clock())

    async def set_aside(self, raw: bytes, reason: str) -> None:
        """Keep, encrypted, what could not be read."""
        sealed = self._keys.encrypt(raw.decode("utf-8", "replace"))
        await self._guarded(contacts.set_aside, None, sealed, reason, self._clock())

    async def stop(self) -> None:
        """Take nothing more, and finish what was taken."""
        self._stopping = True
        while self._workers:
            await asyncio.wait(self._workers)

    async def _guarded(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One transaction beside the batches; `StoreUnavailable` while the store is away."""
        try:
            return await self._store.run(work, *args, **kwargs)
        except Exception as error:
            if is_passing(error):
                raise StoreUnavailable("the store does not answer") from error
            raise

    async def _work(self) -> None:
        """Serve batch after batch: while one waits for the store, another is decided."""
        try:
            while self._is_worthwhile(len(self._workers) - 1):
                await self._serve()
        finally:
            # At once: the next message has to find that nobody serves it.
            self._workers = {one for one in self._workers if one is not asyncio.current_task()}

    def _is_worthwhile(self, others: int) -> bool:
        """Whether to begin a batch while `others` are under way."""
        return self._queue.ready >= (LEAST_BESIDE if others else 1)

    async def _serve(self) -> None:
        """Answer the next batch."""
        batch = self._queue.take(self._most_in_batch, MOST_OF_PERSON_IN_BATCH)
        persons = {waiting.hash for waiting in batch}
        again: list[_Waiting] = []
        try:
            again = await self._handle(batch)
        except Exception as error:
            # What the same people sent after it has to wait with it, or it would overtake.
            later = [other for person in persons for other in self._queue.drop(person)]
            for waiting in (*batch, *later):
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
        finally:
            self._queue.release(persons, [(waiting.hash, waiting) for waiting in again])

    async def _handle(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Answer a batch; what is left for the next one comes back (see `Attending.attend`)."""
        try:
            answers = await self._persist(batch)
        except StoreUnavailable:
            raise
        except Exception as error:
            if len(batch) > 1:
                return [left for waiting in batch for left in await self._handle([waiting])]
            await self._park(batch[0], error)
            return []
        left = []
        for waiting, (answered, reply) in zip(batch, answers, strict=True):
            if not answered:
                left.append(waiting)
            elif not waiting.answer.done():
                waiting.answer.set_result(reply)
        return left

    async def _persist(self, batch: list[_Waiting]) -> list[tuple[bool, Reply | None]]:
        """One transaction for the batch, again and again while the store is away."""
        tries = 1 if len(batch) > 1 else TRIES
        for wait in WAITS:
            try:
                return await self._store.run(self._transact, batch)
            except Exception as error:
                if not is_passing(error):
                    tries -= 1
                    if not tries:
                        raise
            await asyncio.sleep(wait)
        raise StoreUnavailable("the store does not answer", AWAY_SECONDS)

    def _transact(self, connection: Connection, batch: list[_Waiting]) -> list[tuple[bool, Reply | None]]:
        now = self._clock()
        senders: dict[bytes, Sender] = {}
        for waiting in batch:
            inbound = waiting.inbound
            senders[waiting.hash] = Sender(
                waiting.hash,
                inbound.channel,
                inbound.bot,
                inbound.address,
                self._keys,
                inbound.language_hint,
            )
        deliveries = [(waiting.hash, waiting.inbound.external_id) for waiting in batch]
        standings = conversations.read_batch(connection, list(senders.values()), deliveries, now)
        of_person: dict[bytes, list[int]] = {}
        for index, waiting in enumerate(batch):
            of_person.setdefault(waiting.hash, []).append(index)
        answers: list[tuple[bool, Reply | None]] = [(False, None)] * len(batch)
        written = []
        for contact, indexes in of_person.items():
            inbounds = [batch[index].inbound for index in indexes]
            attended = self._attending.attend(connection, standings[contact], inbounds, now)
            if attended.written is not None:
                written.append(attended.written)
            for index, answer in zip(indexes, attended.answers, strict=False):
                answers[index] = (True, answer)
        conversations.write_batch(connection, written, now)
        return answers

    async def _park(self, waiting: _Waiting, error: Exception) -> None:
        """Keep a message that the store refuses, sealed, and apologise for it."""
        _log.error("a message could not be handled and is set aside: %s", place(error))
        payload = self._keys.encrypt(repr(waiting.inbound.received))
        await self._guarded(contacts.set_aside, waiting.hash, payload, place(error), self._clock())
        if not waiting.answer.done():
            waiting.answer.set_result(self._attending.apology(waiting.inbound))
