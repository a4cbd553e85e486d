"""What the intake does when the conversation, the data or the store fails, and when it is full or stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from bot import attending, intake
from bot.attending import Attended, Attending
from bot.flows.conversation import respond
from bot.flows.conversation.talk import Scene, Turn
from bot.flows.received import Received, Start, Text
from bot.flows.speech import Prompt, Saying
from bot.intake import Intake, Overloaded, StoreUnavailable
from bot.messages import NotTaken, Part, Reply
from bot.render import render
from storage import contacts, conversations, schema
from storage.store import Store
from tests.support.callers import (
    CHANNEL,
    JOINED,
    NOW,
    Caller,
    asked,
    new_intake,
    number_of,
    only,
    rows,
    words,
)
from tests.support.program import KEYS, answered, open_round


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting while the store is away."""
    monkeypatch.setattr(intake, "WAITS", (0.0,) * 4)


async def test_an_exception_in_the_conversation_parks_that_message_alone(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(scene: Scene, received: Received, *rest: Any) -> Turn:
        if received == Text("secret boom"):
            raise ZeroDivisionError(received)
        return respond(scene, received, *rest)

    monkeypatch.setattr(attending, "respond", fail)
    ann, ben = Caller(taking, "ann"), Caller(taking, "ben")
    await asyncio.gather(ann.say(*JOINED), ben.say(*JOINED))
    of_ann, of_ben = await asyncio.gather(ann.say("1", "secret boom", "2"), ben.say("3"))
    assert asked(of_ann[-1]) == "trips"
    assert "something went wrong here" in words(of_ann[-1])
    assert asked(of_ben[-1]) == "fare"
    [kept] = await rows(store, contacts.set_asides)
    assert kept.reason.startswith("ZeroDivisionError")
    assert "secret" not in kept.reason
    assert KEYS.decrypt(kept.payload_encrypted) == "Text(text='secret boom')"
    assert kept.contact_hash == KEYS.contact_hash(CHANNEL, "bot", "ann")
    replies = await ann.say("secret boom")
    assert "something went wrong" in words(replies[0])
    assert sorted((await answered(store)).values(), key=len) == [
        {"often": "never"},
        {"often": "weekly", "reasons": ["school"]},
    ]


async def test_what_cannot_be_rendered_leaves_the_person_where_they_were(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(say: Sequence[Saying], *rest: Any) -> Reply:
        if any(isinstance(one, Prompt) and one.question.name == "trips" for one in say):
            raise KeyError("trips")
        return render(say, *rest)

    caller = Caller(taking)
    await caller.say(*JOINED)
    monkeypatch.setattr(attending, "render", fail)
    replies = await caller.say("1", "1")
    assert asked(replies[-1]) == "reasons", "the question still waits for an answer"
    assert "something went wrong" in words(replies[-1])
    assert await only(store) == {"often": "weekly"}
    assert await number_of(store, contacts.set_asides) == 1
    monkeypatch.undo()
    assert asked((await caller.say("1"))[0]) == "trips"


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Somebody who says *poison* cannot be written; how often it was tried."""
    attend, tries = Attending.attend, count()
    tried = [0]

    def spoil(self: Attending, connection: Connection, standing: Any, inbounds: Any, *rest: Any) -> Attended:
        attended = attend(self, connection, standing, inbounds, *rest)
        if not any(inbound.received == Text("poison") for inbound in inbounds):
            return attended
        tried[0] = next(tries) + 1
        assert attended.written is not None
        return structs.replace(attended, written=structs.replace(attended.written, questionnaire_id=999))

    monkeypatch.setattr(Attending, "attend", spoil)
    return lambda: tried[0]


@pytest.mark.usefixtures("impatient")
async def test_tx_4_one_poisoned_person_of_25_does_not_lose_the_batch(
    taking: Intake, store: Store, poison: Callable[[], int]
) -> None:
    callers = [Caller(taking, f"555-{number}") for number in range(25)]
    await asyncio.gather(*(caller.say(*JOINED) for caller in callers))
    said = ["poison" if number == 12 else "3" for number in range(25)]
    replies = await asyncio.gather(*(caller.say(one) for caller, one in zip(callers, said, strict=True)))
    assert "something went wrong" in words(replies[12][0])
    assert [asked(reply[0]) for reply in replies].count("fare") == 24
    found = await answered(store)
    assert list(found.values()).count({"often": "never"}) == 24
    [kept] = await rows(store, contacts.set_asides)
    assert kept.contact_hash == KEYS.contact_hash(CHANNEL, "bot", "555-12")
    assert poison() == 1 + 3, "with the others, then three times alone"


@pytest.mark.usefixtures("impatient", "poison")
async def test_tx_5_after_three_tries_a_message_is_parked_and_the_next_is_handled(
    taking: Intake, store: Store
) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    replies = await caller.say("poison", "3", "1")
    assert "something went wrong" in words(replies[0])
    assert [asked(reply) for reply in replies[1:]] == ["fare", "wish"]
    assert await only(store) == {"often": "never", "fare": "fair"}
    assert await number_of(store, contacts.set_asides) == 1


class Refusal(Exception):
    """What a driver raises, with the database's code for it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def away(state: str) -> Exception:
    return ConnectionResetError() if state == "OSError" else DBAPIError("SELECT", {}, Refusal(state))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("state", ["OSError", "08006", "40001", "40P01", "57P01", "25006"])
async def test_an_outage_is_waited_for_with_the_whole_batch_and_parks_nothing(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    run, failures = store.run, iter([away(state)] * 3)

    async def sometimes(work: Any, *rest: Any) -> Any:
        for failure in failures:
            raise failure
        return await run(work, *rest)

    monkeypatch.setattr(store, "run", sometimes)
    callers = [Caller(taking, f"555-{number}") for number in range(3)]
    replies = await asyncio.gather(*(caller.say(*JOINED, "3") for caller in callers))
    assert [asked(reply[-1]) for reply in replies] == ["fare"] * 3
    assert list((await answered(store)).values()) == [{"often": "never"}] * 3
    assert await number_of(store, contacts.set_asides) == 0


@pytest.mark.usefixtures("impatient")
async def test_in_6_while_the_store_stays_away_nothing_is_taken(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(taking)
    said = [caller.message(one) for one in (*JOINED, "3")]

    async def never(work: Any, *rest: Any) -> Any:
        raise away("08006")

    with monkeypatch.context() as patch:
        patch.setattr(store, "run", never)
        refused = await asyncio.gather(*(taking.take(one) for one in said), return_exceptions=True)
        assert {type(one) for one in refused} == {StoreUnavailable}
        for call in (
            taking.owe(said[0], [Part("owed")], 1.0),
            taking.unreachable(said[0]),
            taking.set_aside(b"{}", "unreadable"),
        ):
            with pytest.raises(NotTaken):
                await call
    assert await number_of(store, contacts.contact_points) == 0
    replies = await caller.take(*said)
    assert asked(replies[-1]) == "fare"


async def test_what_cannot_be_parked_during_an_outage_is_not_taken(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch, poison: Callable[[], int]
) -> None:
    monkeypatch.setattr(intake, "WAITS", (0.0,) * 4)

    def gone(*_: Any) -> None:
        raise away("57P01")

    caller = Caller(taking)
    await caller.say(*JOINED)
    with monkeypatch.context() as patch:
        patch.setattr(contacts, "set_aside", gone)
        with pytest.raises(StoreUnavailable):
            await caller.say("poison")
    assert poison() == 3
    assert await number_of(store, contacts.set_asides) == 0


async def test_beyond_its_bound_the_intake_refuses(store: Store) -> None:
    await store.run(open_round, NOW)
    small = new_intake(store, most_waiting=3)
    callers = [Caller(small, f"555-{number}") for number in range(5)]
    replies = await asyncio.gather(
        *(caller.say(Start("ferry")) for caller in callers), return_exceptions=True
    )
    assert [isinstance(reply, Overloaded) for reply in replies] == [False] * 3 + [True] * 2
    assert issubclass(Overloaded, NotTaken)


async def test_stopping_finishes_what_was_taken_and_takes_nothing_more(store: Store) -> None:
    await store.run(open_round, NOW)
    slow = new_intake(store, most_in_batch=2)
    callers = [Caller(slow, f"555-{number}") for number in range(7)]
    taken = [asyncio.create_task(caller.say(*JOINED)) for caller in callers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await slow.stop()
    with pytest.raises(Overloaded):
        await slow.take(callers[0].message("1"))
    assert [asked(replies[-1]) for replies in await asyncio.gather(*taken)] == ["often"] * 7


async def test_tx_1_a_crash_at_any_statement_leaves_all_or_nothing(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WAITS", (0.0,))
    ann, ben, eve = (Caller(taking, name) for name in ("ann", "ben", "eve"))
    await asyncio.gather(ann.say(*JOINED, "1"), ben.say(*JOINED, "1"))
    await taking.owe(ben.message(""), [Part("earlier")], 60.0)

    async def everything() -> list[Any]:
        tables = schema.metadata.sorted_tables
        return [(table.name, sorted(map(repr, await rows(store, table)))) for table in tables]

    # An answer, a change of mind, an answer behind something owed, a newcomer, an erasure.
    said = [
        ann.message("1"),
        ann.message("/back"),
        ben.message("2"),
        eve.message(Start("ferry-radio")),
        eve.message("/forget"),
    ]
    before = await everything()
    for crashes in count():
        with crash_after(crashes) as struck:
            replies = await asyncio.gather(*(taking.take(one) for one in said), return_exceptions=True)
        if not struck:
            break
        assert {type(reply) for reply in replies} == {StoreUnavailable}
        assert await everything() == before
    assert crashes >= 5, "there are statements to crash at"
    assert asked(replies[1]) == "reasons"  # type: ignore[arg-type]
    assert sorted((await answered(store)).values(), key=len) == [
        {},
        {"often": "weekly", "reasons": ["school"]},
        {"often": "weekly", "reasons": ["work"]},
    ]


async def test_tx_1_an_erasure_is_whole_or_not_at_all(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WAITS", (0.0,))
    caller = Caller(taking)
    await caller.say(*JOINED, "1", "/forget")
    yes = caller.message("yes")
    for crashes in count():
        with crash_after(crashes) as struck:
            [reply] = await asyncio.gather(taking.take(yes), return_exceptions=True)
        if not struck:
            break
        assert await only(store) == {"often": "weekly"}
    assert crashes >= 8
    assert "Erased" in words(reply)  # type: ignore[arg-type]
    assert await answered(store) == {}


class crash_after:  # noqa: N801 (a context manager, named like a function)
    """Break the connection before the statement after so many; the list of strikes is empty when none came."""

    def __init__(self, statements: int) -> None:
        self._left = statements
        self._struck: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(Engine, "before_cursor_execute", self._count)
        return self._struck

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._count)

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            return
        if not self._left:
            self._struck.append(statement)
            raise ConnectionAbortedError
        self._left -= 1


async def test_tx_2_who_read_an_older_turn_reads_again(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    read, reads = conversations.read_batch, count(1)

    def late(*arguments: Any) -> Any:
        standings = read(*arguments)
        if next(reads) > 2:
            return standings
        return {
            contact: structs.replace(one, session=structs.replace(one.session, turn=one.session.turn - 1))
            for contact, one in standings.items()
            if one.session is not None
        }

    monkeypatch.setattr(conversations, "read_batch", late)
    assert asked((await caller.say("1"))[0]) == "reasons"
    assert next(reads) == 4
    assert await only(store) == {"often": "weekly"}
    assert await number_of(store, contacts.set_asides) == 0
