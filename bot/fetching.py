"""Files that people sent → the object store: claimed, fetched, looked through, sealed and kept, or given up.

It works beside the dispatcher, on rows that the answers' transactions leave, and removes the objects of answers that
were changed, withdrawn or erased.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import FIRST_COMPLETED
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.clock import Clock
from bot.errors import place
from bot.flows.lexicon import Command
from bot.flows.sharing import Sent, read_sent
from bot.flows.speech import N_, CommandWord, Notice
from bot.messages import FileSource, Rejected, RetryLater, TooLarge
from bot.render import render
from bot.scanning import Scanner, can_run
from storage import contacts, files
from storage.file_rules import FileState
from storage.files import CLAIM_LASTS, Claimed, Settled
from storage.keys import Keys
from storage.objects import ObjectStore
from storage.store import Store

AT_ONCE = 4
"""Files on their way together; each is in memory as a whole."""
LOOK_SECONDS = 1.0
"""Between looks at files of which none was due."""
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=1)
CUT_OFF = timedelta(minutes=1)
"""Until what a stop cut off is due again."""
LONGEST = CLAIM_LASTS / 2
"""The most that one file may take, well within its claim."""
_TOLD = {
    FileState.TOO_LARGE: N_("A file that you sent was not kept: it is too large."),
    FileState.REFUSED: N_(
        "A file that you sent was not kept: it is a program or an archive, or a document that is locked or has "
        "macros, scripts or other files in it."
    ),
    FileState.INFECTED: N_("A file that you sent was not kept: a virus was found in it."),
    FileState.FAILED: N_("A file that you sent was not kept: it could not be fetched."),
}
_ANOTHER = N_("Send {review} to see your answers and to send another one.")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where files go, and what is looked at before."""

    objects: ObjectStore
    limit: int
    """The most bytes of one."""
    scanner: Scanner | None = None
    """Without one, files are stored and marked as not scanned."""
    tells: bool = True
    """Whether people are told what was not kept: only where a dispatcher sends what they are owed."""


class Fetcher:
    """Fetches what is waiting; any number of them may run, since each claims what it fetches."""

    def __init__(
        self, store: Store, keys: Keys, sources: Iterable[FileSource], keeping: Keeping, clock: Clock
    ) -> None:
        self._store = store
        self._keys = keys
        self._sources = {(source.name, source.account): source for source in sources}
        self._keeping = keeping
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Fetch and remove what falls due until `stopping`; a fetch that is cut off begins again later."""
        stop = asyncio.create_task(stopping.wait())
        fetching: dict[asyncio.Task[None], Claimed] = {}
        while not stopping.is_set():
            await self.remove()
            for claimed in await self._claim(AT_ONCE - len(fetching)):
                fetching[asyncio.create_task(self._fetch(claimed))] = claimed
            done, _ = await asyncio.wait({stop, *fetching}, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            fetching = {task: claimed for task, claimed in fetching.items() if task not in done}
        stop.cancel()
        for task in fetching:
            task.cancel()
        await asyncio.gather(*fetching, return_exceptions=True)
        await self._let_go(fetching.values())

    async def fetch(self) -> int:
        """Fetch some of what is due now; how many files that were."""
        claimed = await self._claim(AT_ONCE)
        await asyncio.gather(*(self._fetch(one) for one in claimed))
        return len(claimed)

    async def remove(self) -> int:
        """Remove some of the objects whose answers are gone; how many that were."""
        try:
            return await remove_objects(self._store, self._keeping.objects, self._clock)
        except Exception as error:
            _log.error("files that are gone cannot be looked up: %s", place(error))
            return 0

    async def _let_go(self, claims: Iterable[Claimed]) -> None:
        """Leave what was cut off to the next fetcher, soon, but not while a write of this one may be on its way."""
        try:
            for claimed in claims:
                at = self._clock() + CUT_OFF
                await self._store.run(files.mark_retry, claimed, at, "cut off by a stop")
        except Exception as error:
            # The claim runs out by itself.
            _log.warning("files cannot be let go: %s", place(error))

    async def _claim(self, limit: int) -> list[Claimed]:
        if not limit:
            return []
        try:
            return await self._store.run(files.claim, self._sources, self._clock(), limit)
        except Exception as error:
            _log.error("files to fetch cannot be looked up: %s", place(error))
            return []

    async def _fetch(self, claimed: Claimed) -> None:
        try:
            sent = read_sent(claimed.value)
            if sent is None:
                # Words, such as "the well is sealed: nobody uses it", which the database took for a file.
                await self._store.run(files.drop, claimed)
                return
            try:
                async with asyncio.timeout(LONGEST.total_seconds()):
                    settled = await self._keep(claimed, sent)
            except TooLarge:
                settled = Settled(FileState.TOO_LARGE)
            except Rejected as refusal:
                _log.warning("a file cannot be fetched: %s", place(refusal))
                settled = Settled(FileState.FAILED)
            except Exception as failure:
                await self._again(claimed, failure)
                return
            if not await self._store.run(self._settle, claimed, settled) and not await self._store.read(
                files.is_known, claimed.key
            ):
                # Its answer was changed or erased meanwhile; where it was not, another fetcher has the same object.
                await self._keeping.objects.delete(claimed.key)
        except Exception as error:
            # It is claimed for a while, and then due again.
            _log.error("what became of a file cannot be noted: %s", place(error))

    async def _keep(self, claimed: Claimed, sent: Sent) -> Settled:
        """Bring one file into the object store, if it may be there."""
        keeping = self._keeping
        source = self._sources[claimed.channel, claimed.bot]
        content = await source.download(self._keys.open_reference(sent.reference), keeping.limit)
        if len(content) > keeping.limit:
            return Settled(FileState.TOO_LARGE)
        if await asyncio.to_thread(can_run, content):
            return Settled(FileState.REFUSED)
        if keeping.scanner is not None and (found := await keeping.scanner.find(content)) is not None:
            _log.warning("a file is not kept, a virus was found in it: %s", found)
            return Settled(FileState.INFECTED)
        sealed = await asyncio.to_thread(self._keys.seal_file, content, claimed.key)
        await keeping.objects.put(claimed.key, sealed)
        scanned = keeping.scanner is not None
        return Settled(FileState.STORED, len(content), sent.media_type or None, scanned)

    def _settle(self, connection: Connection, claimed: Claimed, settled: Settled) -> bool:
        """Put on record what became of a file, and tell its sender where it was not kept."""
        told = _TOLD.get(settled.state) if self._keeping.tells else None
        # The person first, as a message of theirs would: who locks in another order can wait for ever.
        sender = files.lock_sender(connection, claimed) if told else None
        if not files.settle(connection, claimed, settled):
            return False
        if told and sender is not None and not sender.is_quiet:
            capabilities = self._sources[claimed.channel, claimed.bot].capabilities
            another = Notice(_ANOTHER, {"review": CommandWord(Command.REVIEW)})
            reply = render([Notice(told), another], sender.language, capabilities)
            contacts.owe(connection, sender.hash, reply.parts, self._clock())
        return True

    async def _again(self, claimed: Claimed, failure: Exception) -> None:
        now = self._clock()
        if now - claimed.at >= files.TRIED_FOR:
            _log.error("a file is given up after %d tries: %s", claimed.attempts, place(failure))
            await self._store.run(self._settle, claimed, Settled(FileState.FAILED))
            return
        growing = min(FIRST_WAIT * 2 ** min(claimed.attempts - 1, 12), LONGEST_WAIT)
        least = timedelta(seconds=failure.seconds) if isinstance(failure, RetryLater) else timedelta()
        _log.warning("a file could not be fetched, and will be tried again: %s", place(failure))
        await self._store.run(files.mark_retry, claimed, now + max(growing, least), place(failure))


async def remove_objects(store: Store, objects: ObjectStore, clock: Clock) -> int:
    """Remove some of the objects whose answers are gone; how many that were."""
    keys = await store.read(files.removals_due, clock())
    removed = []
    for key in keys:
        try:
            await objects.delete(key)
        except Exception as error:
            _log.warning("a file that is gone cannot be removed yet: %s", place(error))
            break
        removed.append(key)
    if removed:
        await store.run(files.mark_removed, removed)
    if left := keys[len(removed) :]:
        await store.run(files.postpone_removals, left, clock())
    return len(removed)
