"""What the platform remembers: people, chats, messages and the updates that a bot has not confirmed."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.botapi.errors import bad_request, conflict, forbidden

DAY = 24 * 3600
TAP_SECONDS = 150
INACCESSIBLE_AFTER = 48 * 3600
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot receives only when it asks for them."""


class Signal:
    """Wakes those who wait whenever something has changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Something has changed."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds` holds; false when that takes longer than `seconds`."""
        end = time.monotonic() + seconds
        while not holds():
            left = end - time.monotonic()
            if left <= 0:
                return False
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait([future], timeout=left)
            finally:
                self._waiting.discard(future)
        return True


@dataclass(slots=True)
class Person:
    """Somebody with an account, in their private chat with the bot."""

    id: int
    first_name: str
    username: str
    language_code: str | None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    heard: list[int] = field(default_factory=list)
    """Ids of the bot's messages in the order of being sent or edited."""
    changed: Signal = field(default_factory=Signal)

    def user(self) -> dict[str, Any]:
        """The `User` that the bot sees."""
        user = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "username": self.username,
        }
        return user | ({"language_code": self.language_code} if self.language_code else {})

    def chat(self) -> dict[str, Any]:
        """The `Chat` that the bot sees."""
        return {
            "id": self.id,
            "first_name": self.first_name,
            "username": self.username,
            "type": "private",
        }


@dataclass(frozen=True, slots=True)
class Update:
    """One thing for the bot to fetch, or to be delivered in its queue."""

    id: int
    kind: str
    payload: dict[str, Any]
    queue: str
    date: int
    lifetime: int

    @property
    def chat(self) -> int | None:
        """The chat that it is about."""
        match self.payload:
            case {"message": {"chat": {"id": int(chat)}}} | {"chat": {"id": int(chat)}}:
                return chat
            case _:
                return None

    def body(self) -> dict[str, Any]:
        """Its JSON."""
        return {"update_id": self.id, self.kind: self.payload}


@dataclass(slots=True)
class Tap:
    """A tap on a button, until it is answered."""

    person: Person
    at: int
    answered: bool = False
    notice: str = ""


class Platform:
    """Everything the server knows; used on the server's own loop only."""

    def __init__(self, username: str, bot_id: int, seed: int) -> None:
        self.bot = {"id": bot_id, "is_bot": True, "first_name": "Talanoa", "username": username}
        self.skew = 0.0
        self.people: dict[int, Person] = {}
        self.taps: dict[str, Tap] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        """Path or name, and content, by file id."""
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.webhook: dict[str, Any] = {}
        self.pending: list[Update] = []
        self.confirmed: list[Update] = []
        """What the last confirmation took away."""
        self.changed = Signal()
        self.poller: object | None = None
        self.allowed: frozenset[str] | None = None
        self.held: list[tuple[str, str, dict[str, Any], int]] | None = None
        self._random = random.Random(seed)
        self._people = itertools.count(5_000_000_001)
        self._messages = itertools.count(11)
        self.next_update = self._random.randrange(10**8, 9 * 10**8)

    def now(self) -> int:
        """The platform's time, in whole seconds as it tells them."""
        return int(time.time() + self.skew)

    def enrol(self, name: str, language: str | None, *, started: bool) -> Person:
        """A new account."""
        number = next(self._people)
        person = Person(number, name, f"person{number}", language, started=started)
        self.people[number] = person
        return person

    def recipient(self, chat: str) -> Person:
        """Who a bot writes to, or the platform's refusal."""
        if not chat:
            raise bad_request("chat_id is empty")
        person = self.people.get(int(chat)) if chat.removeprefix("-").isdecimal() else None
        if person is None:
            raise bad_request("chat not found")
        if person.deactivated:
            raise forbidden("user is deactivated")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        if not person.started:
            raise forbidden("bot can't initiate conversation with a user")
        return person

    def message(self, person: Person, sender: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """Put a message into a chat."""
        message: dict[str, Any] = {
            "message_id": next(self._messages),
            "from": sender,
            "chat": person.chat(),
            "date": self.now(),
        } | content
        person.messages[message["message_id"]] = message
        return message

    def query(self, person: Person, data: str, message: int) -> dict[str, Any]:
        """A tap on a button with this data under a message."""
        number = str((person.id << 32) + len(self.taps))
        self.taps[number] = Tap(person, self.now())
        sent = person.messages[message]
        if self.now() - sent["date"] > INACCESSIBLE_AFTER:
            sent = {"chat": sent["chat"], "message_id": message, "date": 0}
        return {
            "id": number,
            "from": person.user(),
            "message": sent,
            "chat_instance": str(-person.id),
            "data": data,
        }

    def show(self, person: Person, message: dict[str, Any]) -> None:
        """The person sees a message of the bot, new or changed."""
        person.heard.append(message["message_id"])
        person.changed.notify()

    def tell(self, chat: int | None) -> None:
        """Wake who waits for something to become of what was done in a chat."""
        if chat in self.people:
            self.people[chat].changed.notify()

    def publish(self, kind: str, payload: dict[str, Any], queue: str, lifetime: int = DAY) -> None:
        """Queue an update, unless the bot does not want its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in UNASKED
        if not wanted:
            return
        if self.held is not None:
            self.held.append((queue, kind, payload, lifetime))
            return
        self.pending.append(Update(self.next_update, kind, payload, queue, self.now(), lifetime))
        self.next_update += 1
        self.changed.notify()

    def number(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """An update's JSON, for a test that delivers it by itself."""
        self.next_update += 1
        return {"update_id": self.next_update - 1, kind: payload}

    def keep(self, prefix: str, path: str, content: bytes) -> dict[str, Any]:
        """Keep a file under an id of its own; what messages say of it."""
        number = len(self.files)
        file_id = f"{prefix}AgQAAxkBAAI{number:04}"
        folder, _, name = path.rpartition("/")
        self.files[file_id] = (f"{folder}/{number}_{name}" if folder else name, content)
        return {"file_id": file_id, "file_unique_id": f"{prefix}7{number:04}", "file_size": len(content)}

    def release(self, *, reverse: bool) -> None:
        """Deliver what was held back, queue by queue; within each queue in order."""
        held, self.held = self.held or [], None
        queues = list(dict.fromkeys(queue for queue, *_ in held))
        if not reverse:
            queues = [""]
        for name in reversed(queues):
            for queue, kind, payload, lifetime in held:
                if name in ("", queue):
                    self.publish(kind, payload, queue, lifetime)

    def renumber(self) -> None:
        """Go on with other update ids, as the platform does after a quiet week."""
        self.next_update = self._random.randrange(10**6, 10**7)

    def confirm(self, offset: int) -> None:
        """Forget the updates before `offset`, or all but the last `-offset`."""
        if offset < 0:
            gone = self.pending[:offset]
        elif offset > self.next_update:
            gone = []
        else:
            gone = [update for update in self.pending if update.id < offset]
        if gone:
            self.confirmed = gone
            self.pending = self.pending[len(gone) :]
            for update in gone:
                self.tell(update.chat)

    def acknowledge(self, update: Update) -> None:
        """Forget an update that the webhook has taken."""
        if update in self.pending:
            self.pending.remove(update)
            self.confirmed = [update]
            self.tell(update.chat)

    def forget_confirmation(self) -> None:
        """Lose the last confirmation: what it took away is delivered again."""
        self.pending = self.confirmed + self.pending
        self.confirmed = []
        self.changed.notify()

    def expire(self) -> None:
        """Drop the updates that have waited too long."""
        now = self.now()
        self.pending = [update for update in self.pending if now - update.date <= update.lifetime]

    def waits(self, chat: int) -> bool:
        """Whether something that was done in a chat is not confirmed."""
        return any(update.chat == chat for update in self.pending)

    async def fetch(self, offset: int, limit: int, seconds: float) -> list[Update]:
        """The next updates, waiting for one; a newer fetch ends an older one."""
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self.poller = mine = object()
        self.changed.notify()
        if offset:
            self.confirm(offset)
        await self.changed.until(lambda: bool(self.pending) or self.poller is not mine, seconds)
        if self.poller is not mine:
            raise conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        self.expire()
        return self.pending[:limit]
