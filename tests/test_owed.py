"""What is owed to a person, and what has to follow it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from bot.attending import QUIET
from bot.delivery import Dispatcher
from bot.flows.received import Blocked
from bot.intake import Intake
from bot.messages import Part, Reply, RetryLater
from storage import contacts
from storage.store import Store
from tests.support.callers import (
    CAPABILITIES,
    CHANNEL,
    JOINED,
    NOW,
    Caller,
    asked,
    new_intake,
    number_of,
    rows,
)
from tests.support.program import KEYS


async def test_a_reply_follows_what_is_still_owed(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    answer = caller.message("1")
    [reply] = await caller.take(answer)
    assert reply is not None
    await taking.owe(answer, reply.parts, 30.0)
    later = caller.message("1")
    assert await caller.take(later) == [QUIET]
    owed = sorted(await rows(store, contacts.outbox), key=lambda row: (row.due_at, row.id))
    assert [row.part["question"] for row in owed] == ["reasons", "trips"]
    assert [row.attempt_at for row in owed] == [NOW + timedelta(seconds=30), NOW]
    assert await caller.take(later) == [None], "it is on its way already"
    other = Caller(taking, "somebody else")
    assert asked((await other.say(*JOINED))[-1]) == "often"


async def test_who_blocked_us_is_owed_nothing_until_they_write_again(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    await taking.owe(caller.message(""), [Part("owed")], 0.0)
    assert await caller.say(Blocked()) == [Reply(())]
    assert await number_of(store, contacts.outbox) == 0
    [point] = await rows(store, contacts.contact_points)
    assert point.blocked_at == NOW
    assert asked((await caller.say("1"))[0]) == "reasons"
    [point] = await rows(store, contacts.contact_points)
    assert point.blocked_at is None


class Sink:
    """The channel, as the dispatcher has it: it notes which questions it sends."""

    name, account, capabilities = CHANNEL, "bot", CAPABILITIES

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.is_busy = False

    async def send(self, address: str, part: Part, origin: str | None = None) -> None:
        if self.is_busy:
            raise RetryLater("busy")
        self.asked.append(part.question or part.text)


@dataclass
class Post:
    """A dispatcher at a time of its own, and what it sent."""

    store: Store
    now: datetime = NOW
    sink: Sink = field(default_factory=Sink)

    async def deliver(self, after: timedelta = timedelta()) -> list[str | None]:
        """Send what is due, some time later; everything sent so far."""
        self.now += after
        dispatcher = Dispatcher(self.store, KEYS, {CHANNEL: self.sink}, lambda: self.now, 1e6)
        while await dispatcher.deliver() and not self.sink.is_busy:
            pass
        return self.sink.asked

    async def schedule(self, to: Caller, text: str, due: datetime) -> None:
        """Owe somebody a message at a time of its own, such as a reminder."""
        contact = KEYS.contact_hash(CHANNEL, "bot", to.address)
        await self.store.run(contacts.owe, contact, [msgspec.to_builtins(Part(text))], due)


async def test_a_reminder_for_later_holds_no_reply_back(taking: Intake, store: Store) -> None:
    caller, post = Caller(taking), Post(store)
    await caller.say(*JOINED)
    await post.schedule(caller, "reminder", NOW + timedelta(days=2))
    [reply] = await caller.say("1")
    assert asked(reply) == "reasons", "it is answered at once"
    answer = caller.message("1")
    [reply] = await caller.take(answer)
    assert reply is not None
    await taking.owe(answer, reply.parts, 30.0)
    assert await caller.say("12") == [QUIET]
    assert await post.deliver() == []
    assert await post.deliver(timedelta(seconds=30)) == ["trips", "fare"], "today, and in order"
    assert await post.deliver(timedelta(days=2)) == ["trips", "fare", "reminder"]


async def test_what_is_due_and_waits_for_its_turn_holds_no_reply_back(taking: Intake, store: Store) -> None:
    """An invitation among fifty thousand leaves in half an hour; who writes meanwhile is answered now."""
    caller, post = Caller(taking), Post(store)
    await caller.say(*JOINED)
    await post.schedule(caller, "invitation", NOW)
    [reply] = await caller.say("1")
    assert asked(reply) == "reasons"
    assert await post.deliver() == ["invitation"]


async def test_a_reply_that_is_tried_again_goes_before_those_after_it(taking: Intake, store: Store) -> None:
    caller, post = Caller(taking), Post(store)
    await caller.say(*JOINED)
    answer = caller.message("1")
    [reply] = await caller.take(answer)
    assert reply is not None
    await taking.owe(answer, reply.parts, 0.0)
    post.sink.is_busy = True
    assert await post.deliver(timedelta(seconds=1)) == []
    assert await caller.say("1") == [QUIET], "it is on its way, and not there yet"
    assert await caller.say("12") == [QUIET]
    post.sink.is_busy = False
    assert await post.deliver() == [], "its next try is not due"
    [first] = [row for row in await rows(store, contacts.outbox) if row.attempts]
    await post.schedule(caller, "reminder", first.due_at + timedelta(seconds=1))
    assert await post.deliver(timedelta(minutes=1)) == ["reasons", "trips", "fare", "reminder"]
    assert asked((await caller.say("5"))[-1]) is not None, "nothing is waited for any more"


async def test_a_reply_behind_one_that_was_just_sent_still_goes_first(taking: Intake, store: Store) -> None:
    caller, post = Caller(taking), Post(store)
    await caller.say(*JOINED)
    answer = caller.message("1")
    [reply] = await caller.take(answer)
    assert reply is not None
    await taking.owe(answer, reply.parts, 30.0)
    later = new_intake(store, at=NOW + timedelta(seconds=5))
    assert await Caller(later).say("1") == [QUIET]
    [first] = await store.run(contacts.claim_due, [(CHANNEL, "bot")], NOW + timedelta(seconds=30), 10)
    await store.run(contacts.mark_sent, first)
    assert await Caller(later).say("12") == [QUIET], "the one before it is not there yet"
    assert await post.deliver(timedelta(minutes=1)) == ["trips", "fare"]
