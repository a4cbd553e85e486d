"""The dispatcher: what is owed arrives, in order for each person, whatever the platform does meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select

from bot import delivery
from bot.channels.telegram_transport import ANSWER_SECONDS, CONNECT_SECONDS
from bot.delivery import TRIES, Dispatcher, Pace
from bot.messages import (
    Capabilities,
    Misconfigured,
    Part,
    Rejected,
    RetryLater,
    Stopped,
)
from storage import contacts, conversations, erasure
from storage.keys import Keys
from storage.store import Store
from storage.turns import Sender
from tests.support.program import KEYS

CHANNEL = "post"


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Post:
    """A channel that notes what it sends, and fails as told."""

    name = CHANNEL
    account = "bot"
    capabilities = Capabilities(4096)

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.failures: dict[str, list[Exception]] = defaultdict(list)
        self.waits: dict[str, Callable[[], Awaitable[Any]]] = {}
        self._more = asyncio.Event()

    async def send(self, address: str, part: Part, origin: str | None = None) -> None:
        assert origin is None
        if address in self.waits:
            await self.waits[address]()
        if self.failures[address]:
            raise self.failures[address].pop(0)
        self.sent.append((address, part.text))
        self._more.set()

    async def reached(self, messages: int) -> None:
        """Wait until so many were sent."""
        async with asyncio.timeout(10):
            while len(self.sent) < messages:
                self._more.clear()
                await self._more.wait()

    def to(self, address: str) -> list[str]:
        return [text for to, text in self.sent if to == address]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def dispatcher(store: Store, post: Post, clock: Clock) -> Dispatcher:
    return Dispatcher(store, KEYS, {CHANNEL: post}, clock, a_second=1e6)


def contact(address: str) -> bytes:
    return KEYS.contact_hash(CHANNEL, "bot", address)


async def owe(
    store: Store,
    address: str,
    *texts: str,
    at: datetime,
    channel: str = CHANNEL,
    bot: str = "bot",
    keys: Keys = KEYS,
) -> None:
    """Put messages to somebody, known from now on, into the outbox."""

    def work(connection: Connection) -> None:
        sender = Sender(contact(address), channel, bot, address, keys)
        conversations.read_batch(connection, [sender], [], at)
        contacts.owe(connection, sender.hash, [msgspec.to_builtins(Part(text)) for text in texts], at)

    await store.run(work)


async def outbox(store: Store) -> list[Any]:
    query = select(contacts.outbox).order_by(contacts.outbox.c.id)
    return await store.read(lambda connection: list(connection.execute(query)))


async def until_empty(dispatcher: Dispatcher) -> None:
    while await dispatcher.deliver():
        pass


async def test_messages_arrive_in_order_and_leave_nothing_behind(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock
) -> None:
    for address in ("ann", "ben"):
        await owe(store, address, "one", "two", "three", at=clock())
    await until_empty(dispatcher)
    assert post.to("ann") == post.to("ben") == ["one", "two", "three"]
    assert {to for to, _ in post.sent[:2]} == {"ann", "ben"}
    assert await outbox(store) == []


async def test_what_is_not_due_waits(store: Store, dispatcher: Dispatcher, post: Post, clock: Clock) -> None:
    await owe(store, "ann", "later", at=clock() + timedelta(seconds=30))
    await until_empty(dispatcher)
    assert post.sent == []
    clock.advance(30)
    await until_empty(dispatcher)
    assert post.to("ann") == ["later"]


async def test_a_busy_platform_gets_its_time_and_the_order_stays(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock
) -> None:
    await owe(store, "ann", "one", "two", at=clock())
    await owe(store, "ben", "one", at=clock())
    post.failures["ann"] = [RetryLater("busy", 90)]
    await until_empty(dispatcher)
    assert post.sent == [("ben", "one")]
    clock.advance(89)
    await until_empty(dispatcher)
    assert post.to("ann") == []
    clock.advance(1)
    await until_empty(dispatcher)
    assert post.to("ann") == ["one", "two"]


async def test_waits_grow_up_to_minutes_and_a_day_later_it_is_given_up(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TRIES", 12)
    await owe(store, "ann", "one", "two", at=clock())
    post.failures["ann"] = [RetryLater("out of reach", 1) for _ in range(12)]
    began, tried = clock(), []
    while post.failures["ann"]:
        left = len(post.failures["ann"])
        await dispatcher.deliver()
        if len(post.failures["ann"]) < left:
            tried.append((clock() - began).total_seconds())
        clock.advance(5)
    waits = [int(later - earlier) for earlier, later in pairwise(tried)]
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]
    dead, waiting = await outbox(store)
    assert (dead.state, waiting.state) == (contacts.DEAD, contacts.PENDING)
    assert dead.error.startswith("RetryLater")
    await until_empty(dispatcher)
    assert post.to("ann") == ["two"]
    assert timedelta(hours=23) < TRIES * delivery.LONGEST_WAIT < timedelta(hours=26)


async def test_who_blocked_us_is_owed_nothing_more(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock
) -> None:
    await owe(store, "ann", "one", "two", at=clock())
    await owe(store, "ben", "one", at=clock())
    post.failures["ann"] = [Stopped("blocked")]
    await until_empty(dispatcher)
    assert post.sent == [("ben", "one")]
    assert await outbox(store) == []

    def blocked(connection: Connection) -> object:
        points = contacts.contact_points
        return connection.scalar(select(points.c.blocked_at).where(points.c.hash == contact("ann")))

    assert await store.read(blocked) == clock()


async def test_what_is_refused_for_good_lets_the_next_go_ahead(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await owe(store, "ann", "my secret", "two", at=clock())
    post.failures["ann"] = [Rejected("text 'my secret' of ann is bad")]
    await until_empty(dispatcher)
    assert post.to("ann") == ["two"]
    [dead] = await outbox(store)
    assert dead.state == contacts.DEAD
    assert "given up" in caplog.text
    assert "secret" not in dead.error + caplog.text
    assert "ann" not in dead.error + caplog.text


@pytest.mark.parametrize("failure", [Misconfigured("no token"), RuntimeError("a bug"), OSError("a cable")])
async def test_whatever_else_fails_is_tried_again_and_holds_up_nobody(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock, failure: Exception
) -> None:
    await owe(store, "ann", "one", at=clock())
    await owe(store, "ben", "one", at=clock())
    post.failures["ann"] = [failure]
    await until_empty(dispatcher)
    assert post.sent == [("ben", "one")]
    clock.advance(5)
    await until_empty(dispatcher)
    assert post.to("ann") == ["one"]


async def test_an_address_under_another_key_holds_up_nobody(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock
) -> None:
    await owe(store, "ann", "one", at=clock(), keys=Keys(b"some other secret"))
    await owe(store, "ben", "one", at=clock())
    await until_empty(dispatcher)
    assert post.sent == [("ben", "one")]
    [kept] = await outbox(store)
    assert kept.error.startswith("UnreadableError")


async def test_what_another_bot_owes_is_left_to_it(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock
) -> None:
    await owe(store, "eve", "one", at=clock(), channel="pigeon")
    await owe(store, "ann", "one", at=clock(), bot="another")
    await owe(store, "ben", "one", at=clock())
    await until_empty(dispatcher)
    assert post.sent == [("ben", "one")]
    assert [(row.state, row.attempts) for row in await outbox(store)] == [(contacts.PENDING, 0)] * 2
    other = Post()
    other.account = "another"
    await until_empty(Dispatcher(store, KEYS, {CHANNEL: other}, clock))
    assert other.sent == [("ann", "one")]


def test_turns_are_apart_and_those_not_taken_are_lost() -> None:
    pace = Pace(4)
    assert [pace.wait(10.0) for _ in range(4)] == [0, 0.25, 0.5, 0.75]
    assert [pace.wait(10.5), pace.wait(20.0), pace.wait(20.125)] == [0.5, 0, 0.125]


async def test_a_dispatcher_keeps_to_its_pace(
    store: Store, post: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def wait(pace: Pace, now: float) -> float:
        asked.append(now)
        return 0.0

    monkeypatch.setattr(Pace, "wait", wait)
    for number in range(3):
        await owe(store, f"person {number}", "one", "two", at=clock())
    await until_empty(Dispatcher(store, KEYS, {CHANNEL: post}, clock))
    assert len(asked) == len(post.sent) == 6


async def test_who_is_erased_is_owed_nothing(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock
) -> None:
    await owe(store, "ann", "one", at=clock())

    def erase(connection: Connection) -> None:
        respondent = erasure.find_person(connection, contact("ann"))
        assert respondent is not None
        erasure.erase(connection, contact("ann"), respondent, "", clock())

    await store.run(erase)
    await store.run(contacts.owe, contact("ann"), [msgspec.to_builtins(Part("two"))], clock())
    await until_empty(dispatcher)
    assert post.sent == []


async def test_two_dispatchers_send_each_message_once(
    store: Store, database_url: str, post: Post, clock: Clock
) -> None:
    for number in range(40):
        await owe(store, f"person {number}", "one", "two", at=clock())
    other = Store.open(database_url)
    try:
        both = [Dispatcher(one, KEYS, {CHANNEL: post}, clock, 1e6) for one in (store, other)]
        while await outbox(store):
            await asyncio.gather(*(one.deliver() for one in both))
    finally:
        await other.close()
    assert set(Counter(post.sent).values()) == {1}
    assert all(post.to(f"person {number}") == ["one", "two"] for number in range(40))


async def test_what_could_not_be_noted_is_sent_again_when_its_claim_ends(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owe(store, "ann", "one", "two", at=clock())

    def away(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(contacts, "mark_sent", away)
        await until_empty(dispatcher)
    assert post.to("ann") == ["one"]
    clock.advance(contacts.CLAIM_LASTS.total_seconds())
    await until_empty(dispatcher)
    assert post.to("ann") == ["one", "one", "two"]


def test_tx_3_a_claim_outlasts_the_longest_call() -> None:
    longest = CONNECT_SECONDS + ANSWER_SECONDS + CONNECT_SECONDS
    # A message changed in vain is sent anew, and a text too long for a file's caption goes before it: two calls.
    assert contacts.CLAIM_LASTS.total_seconds() > 2 * longest


async def test_a_slow_person_delays_nobody_and_stopping_waits_for_what_is_on_its_way(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 3)
    monkeypatch.setattr(delivery, "LOOK_SECONDS", 0.01)
    go_on, stopping = asyncio.Event(), asyncio.Event()
    post.waits["slow"] = go_on.wait
    await owe(store, "slow", "one", "two", at=clock())
    for number in range(8):
        await owe(store, f"person {number}", "one", "two", at=clock())
    running = asyncio.create_task(dispatcher.run(stopping))
    await post.reached(16)
    assert post.to("slow") == []
    stopping.set()
    await asyncio.sleep(0.05)
    assert not running.done()
    go_on.set()
    await running
    assert post.to("slow") == ["one"]
    [row] = await outbox(store)
    assert row.part["text"] == "two"


async def test_an_outage_of_the_store_ends_nothing(
    store: Store, dispatcher: Dispatcher, post: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK_SECONDS", 0.01)
    await owe(store, "ann", "one", at=clock())
    claim, failures = contacts.claim_due, [ConnectionResetError(), ZeroDivisionError()]

    def sometimes(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return claim(*arguments)

    monkeypatch.setattr(contacts, "claim_due", sometimes)
    stopping = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stopping))
    await post.reached(1)
    stopping.set()
    await running
    assert await outbox(store) == []
