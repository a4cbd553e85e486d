"""The intake, in process, on both stores; the ids in names are those of the reliability lessons it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection, event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from bot import attending, intake
from bot import rounds as use
from bot.attending import QUIET, Attended, Attending
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.conversation import arrival, respond
from bot.flows.conversation.talk import Scene, Turn
from bot.flows.questionnaire import LocalizedText, Questionnaire
from bot.flows.received import Attachment, AttachmentKind, Blocked, Chosen, Received, Start, Text
from bot.flows.speech import Prompt, Saying
from bot.intake import Intake, Overloaded, StoreUnavailable
from bot.messages import Capabilities, Inbound, NotTaken, Part, Reply
from bot.render import render
from storage import contacts, conversations, schema
from storage.keys import Keys
from storage.store import Store
from storage.turns import Written
from tests.support.program import FERRY, KEYS, answered, open_round

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CHANNEL = "telegram"
CAPABILITIES = Capabilities(4096, buttons=100, button_limit=40, documents=True, replaces=True)
JOINED = (Start("ferry"), "1", "1")
"""Into the round, in English, with consent: the next thing is the first question."""


@pytest.fixture
async def taking(store: Store) -> Intake:
    """An intake with one round open."""
    await store.run(open_round, NOW)
    return new_intake(store)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting while the store is away."""
    monkeypatch.setattr(intake, "WAITS", (0.0,) * 4)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sequence[Written]]]:
    """What each batch wrote."""
    seen: list[Sequence[Written]] = []
    write = conversations.write_batch

    def spy(connection: Connection, written: Sequence[Written], now: datetime) -> None:
        write(connection, written, now)
        seen.append(written)

    monkeypatch.setattr(conversations, "write_batch", spy)
    return iter([seen])


def new_intake(store: Store, keys: Keys = KEYS, **limits: int) -> Intake:
    return Intake(store, keys, {CHANNEL: CAPABILITIES}, lambda: NOW, **limits)


class Caller:
    """Somebody who writes in; each thing they do has a number of its own, as the platform gives it."""

    numbers = count(1000)

    def __init__(self, taking: Intake, address: str = "555-1") -> None:
        self.taking = taking
        self.address = address

    def message(self, said: str | Received, number: int | None = None) -> Inbound:
        received = Text(said) if isinstance(said, str) else said
        external_id = str(next(self.numbers) if number is None else number)
        return Inbound(CHANNEL, "bot", self.address, external_id, NOW, received, language_hint="en")

    async def say(self, *said: str | Received) -> list[Reply | None]:
        """Say several things at once; the reply to each."""
        return await self.take(*(self.message(one) for one in said))

    async def take(self, *inbounds: Inbound) -> list[Reply | None]:
        """Deliver things at once, perhaps again."""
        return list(await asyncio.gather(*(self.taking.take(inbound) for inbound in inbounds)))


def asked(reply: Reply | None) -> str | None:
    """The question that a reply puts."""
    assert reply is not None
    return next((part.question for part in reversed(reply.parts) if part.question), None)


def words(reply: Reply | None) -> str:
    """Everything that a reply says."""
    assert reply is not None
    return "\n".join(part.text for part in reply.parts)


async def only(store: Store) -> dict[str, Any]:
    """The answers of the only session there is."""
    [answers] = (await answered(store)).values()
    return answers


async def rows(store: Store, table: Any) -> list[Any]:
    return await store.read(lambda connection: list(connection.execute(select(table))))


async def number_of(store: Store, table: Any) -> int:
    def read(connection: Connection) -> int:
        return connection.scalar(select(func.count()).select_from(table)) or 0

    return await store.read(read)


# Folding


async def test_what_waits_together_is_one_write_and_one_reply(
    taking: Intake, store: Store, batches: Iterator[list[Sequence[Written]]]
) -> None:
    written = next(batches)
    replies = await Caller(taking).say(*JOINED, "1", "1, 3", "12")
    assert [reply is QUIET for reply in replies] == [True] * 5 + [False]
    assert asked(replies[-1]) == "fare"
    assert "Thank you. You can pause" in words(replies[-1])
    assert [len(batch) for batch in written] == [1]
    assert await only(store) == {"often": "weekly", "reasons": ["work", "market"], "trips": 12}
    [session] = await rows(store, schema.sessions)
    assert session.turn == 6
    assert await number_of(store, contacts.inbound) == 6


async def test_a_reply_says_what_each_message_brought_about_and_asks_once(taking: Intake) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    replies = await caller.say("monthly", "/skip", "a hundred", "7")
    told = words(replies[-1])
    assert "Skipped." in told
    assert "How many trips" not in told
    assert [part.question for part in replies[-1].parts if part.question] == ["fare"]  # type: ignore[union-attr]


async def test_in_7_what_arrives_while_another_is_handled_waits_its_turn(
    taking: Intake, store: Store, batches: Iterator[list[Sequence[Written]]]
) -> None:
    written = next(batches)
    caller = Caller(taking)
    await caller.say(*JOINED)
    first = asyncio.create_task(caller.say("1"))
    for _ in range(3):  # as many steps as it takes to be handed in and to be taken up
        await asyncio.sleep(0)
    second = asyncio.create_task(caller.say("2"))
    assert asked((await first)[0]) == "reasons"
    assert asked((await second)[0]) == "trips"
    assert len(written) == 3
    assert await only(store) == {"often": "weekly", "reasons": ["school"]}


async def test_newcomers_in_parallel_get_a_pseudonym_each(taking: Intake, store: Store) -> None:
    callers = [Caller(taking, f"555-{number}") for number in range(50)]
    replies = await asyncio.gather(*(caller.say(*JOINED, "3") for caller in callers))
    assert {asked(one[-1]) for one in replies} == {"fare"}
    found = await answered(store)
    assert list(found.values()) == [{"often": "never"}] * 50
    assert await number_of(store, schema.respondents) == 50


# Repeats


async def test_in_3_twenty_parallel_deliveries_are_one_row_and_one_turn(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    answer = caller.message("1")
    replies = await caller.take(*[answer] * 20)
    assert [asked(reply) for reply in replies if reply is not None] == ["reasons"]
    again = await asyncio.gather(*(new_intake(store).take(answer) for _ in range(5)))
    assert [asked(reply) for reply in again] == ["reasons"] * 5
    assert await number_of(store, contacts.inbound) == 4
    [session] = await rows(store, schema.sessions)
    assert session.turn == 4


async def test_in_4_the_same_words_twice_are_two_answers(taking: Intake, store: Store) -> None:
    # Each delivery has the platform's number, so equal words need no guessing: only an equal number is a repeat.
    caller = Caller(taking)
    await caller.say(*JOINED)
    await caller.say("1", "1")
    assert await only(store) == {"often": "weekly", "reasons": ["work"]}


async def test_a_repeat_gets_the_reply_on_record_while_it_is_the_last(taking: Intake) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    first, second = caller.message("1"), caller.message("1")
    [reply] = await caller.take(first)
    assert await caller.take(first) == [reply]
    folded = await caller.take(second, first)
    assert folded[1] == reply
    assert asked(folded[0]) == "trips"
    assert await caller.take(first) == [None]
    assert await caller.take(second, first) == [folded[0], None]


async def test_a_repeat_within_one_batch_is_heard_once(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    answer = caller.message("1")
    replies = await caller.take(answer, answer, caller.message("2"))
    assert replies[:2] == [QUIET, None]
    assert asked(replies[2]) == "trips"
    assert await only(store) == {"often": "weekly", "reasons": ["school"]}


async def test_in_5_a_picture_leaves_no_trace_but_its_delivery(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    before = {table.name: await number_of(store, table) for table in schema.metadata.sorted_tables}
    picture = caller.message(Attachment(AttachmentKind.PHOTO, "the quay at dawn"))
    [reply] = await caller.take(picture)
    assert asked(reply) == "often"
    assert await caller.take(picture) == [reply]
    after = {table.name: await number_of(store, table) for table in schema.metadata.sorted_tables}
    assert after == before | {"inbound": before["inbound"] + 1}
    for table in schema.metadata.sorted_tables:
        assert "dawn" not in repr(await rows(store, table))


# What reaches beyond a session


async def test_joining_another_round_in_the_middle_of_a_batch(taking: Intake, store: Store) -> None:
    await store.run(open_round, NOW, "second")
    caller = Caller(taking)
    await caller.say(*JOINED)
    replies = await caller.say("1", "2", Start("second-radio"), "1", "3", "/join ferry")
    assert asked(replies[1]) == "trips"
    assert asked(replies[4]) == "fare"
    assert asked(replies[5]) == "trips"
    sessions = sorted(await rows(store, schema.sessions), key=lambda row: row.round_id)
    assert [row.source for row in sessions] == [None, "radio"]
    found = await answered(store)
    assert len({respondent for respondent, _ in found}) == 1
    assert list(found.values()) == [{"often": "weekly", "reasons": ["school"]}, {"often": "never"}]


async def test_forgetting_in_the_middle_of_a_batch(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    ask, yes, hello = (caller.message(one) for one in ("/forget", "yes", "hello"))
    replies = await caller.take(caller.message("1"), ask, yes, hello)
    assert replies[:2] == [QUIET, QUIET]
    assert "Erased: your address" in words(replies[2])
    assert "These consultations are open" in words(replies[3])
    assert await answered(store) == {}
    assert await number_of(store, schema.respondents) == 1, "who wrote after it is someone new"
    again = await caller.take(ask, yes)
    assert again[0] is None
    assert "Everything about you was erased" in words(again[1])


async def test_what_was_erased_stays_erased_when_it_is_delivered_again(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    said = [caller.message(one) for one in (*JOINED, "1", "/forget", "yes")]
    for one in said:
        await caller.take(one)
    again = await caller.take(*said)
    assert again[:-1] == [None] * 5
    assert "Everything about you was erased" in words(again[-1])
    for table in (contacts.contact_points, schema.respondents, schema.sessions, contacts.inbound):
        assert await number_of(store, table) == 0


async def test_a_second_tap_on_yes_brings_nobody_back(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED, "1")
    [reply] = await caller.say("/forget")
    assert reply is not None
    [yes, _no] = (button for part in reply.parts for row in part.keyboard for button in row)
    replies = await caller.say(Chosen(yes.data), Chosen(yes.data))
    assert "Erased: your address" in words(replies[0])
    assert "Everything about you was erased" in words(replies[1])
    late = caller.message(Chosen(yes.data))
    for _ in range(2):
        assert "Everything about you was erased" in words((await caller.take(late))[0])
    assert await number_of(store, contacts.contact_points) == 0
    assert await number_of(store, schema.respondents) == 0
    replies = await caller.say("hello", Chosen(yes.data))
    assert "These consultations are open" in words(replies[-1])
    assert await number_of(store, contacts.contact_points) == 1


async def test_what_cannot_be_told_is_not_erased(
    taking: Intake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise KeyError

    caller = Caller(taking)
    await caller.say(*JOINED, "1", "/forget")
    with monkeypatch.context() as patch:
        patch.setattr(arrival, "erased", fail)
        [reply] = await caller.say("yes")
    assert "something went wrong" in words(reply)
    assert await only(store) == {"often": "weekly"}
    assert "Erased" in words((await caller.say("yes"))[0])
    assert await answered(store) == {}


async def test_withdrawing_beginning_again_and_answering_in_one_batch(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED, "1", "1", "12")
    replies = await caller.say("2", "/withdraw", "yes", "/start", "1", "3", "2")
    assert asked(replies[-1]) == "wish"
    assert await only(store) == {"often": "never", "fare": "dear"}


async def test_my_data_is_a_file_with_what_was_said_just_before(taking: Intake, store: Store) -> None:
    caller = Caller(taking, "+679 555 0101")
    await caller.say(*JOINED)
    answer, ask = caller.message("1"), caller.message("/mydata")
    replies = await caller.take(answer, ask)
    assert asked(replies[0]) == "reasons"
    held = file_of(replies[1])
    assert held["contact"]["address"] == "+679 555 0101"
    [talk] = held["rounds"]
    assert talk["round"] == "ferry"
    assert "weekly" in json.dumps(talk)
    for row in await rows(store, contacts.inbound):
        assert "weekly" not in json.dumps(row.reply), "no second copy is kept for repeats"
    again = await caller.take(answer, ask)
    assert again[0] is None
    assert file_of(again[1])["rounds"][0]["round"] == "ferry", "a repeat gets it made anew"


def file_of(reply: Reply | None) -> Any:
    assert reply is not None
    [content] = [part.document.content for part in reply.parts if part.document is not None]
    return json.loads(content)


# Failures


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


# Versions


def reworded(version: int) -> Questionnaire:
    """The ferry questionnaire with another word for its first question."""
    ferry = read_questionnaire(FERRY)
    journeys, views = ferry.sections
    often = journeys.questions[0]
    label = LocalizedText({**often.label.texts, "en": "How often are you on board?"}, "en")
    first = replace(often, label=label)
    sections = (replace(journeys, questions=(first, *journeys.questions[1:])), views)
    return replace(ferry, version=version, sections=sections)


async def test_ver_1_who_has_begun_stays_with_their_version(taking: Intake, store: Store) -> None:
    def move_on(connection: Connection) -> None:
        published = use.publish(connection, reworded(2), NOW)
        table = schema.rounds
        connection.execute(
            table.update().values(questionnaire_id=published.id, revision=table.c.revision + 1)
        )

    early, late = Caller(taking, "early"), Caller(taking, "late")
    await early.say(*JOINED)
    await store.run(move_on)
    assert "How often do you take the ferry?" in words((await early.say("what?"))[0])
    assert "How often are you on board?" in words((await late.say(*JOINED))[-1])
    await asyncio.gather(early.say("3"), late.say("3"))
    pinned = {row.questionnaire_id for row in await rows(store, schema.sessions)}
    assert len(pinned) == 2
    await answered(store)


async def test_ver_6_better_words_reach_those_who_are_answering(taking: Intake, store: Store) -> None:
    caller = Caller(taking)
    await caller.say(*JOINED)
    await store.run(use.publish, reworded(1), NOW)
    assert "How often are you on board?" in words((await caller.say("what?"))[0])
    await caller.say("3")
    [answer] = await rows(store, schema.answers)
    [text] = [row for row in await rows(store, schema.questionnaire_texts) if row.revision > 1]
    assert answer.text_revision == text.revision, "the words that were answered can be found again"


# Several programs


async def test_tx_7_two_programs_alternate_on_one_person(store: Store, database_url: str) -> None:
    await store.run(open_round, NOW)
    other = Store.open(database_url)
    try:
        intakes = [new_intake(store), new_intake(other)]
        said: list[str | Received] = [
            *JOINED,
            "1",
            "1, 2",
            "/back",
            "3",
            "12",
            "/review",
            "4",
            "2",
            "More boats",
            "submit",
        ]
        for number, one in enumerate(said):
            [reply] = await Caller(intakes[number % 2]).say(one)
        assert "Your answers were received" in words(reply)
        assert await only(store) == {
            "often": "weekly",
            "reasons": ["market"],
            "trips": 12,
            "fare": "dear",
            "wish": "More boats",
        }
    finally:
        await other.close()


async def test_tx_7_two_programs_hear_the_same_people_at_once(store: Store, database_url: str) -> None:
    await store.run(open_round, NOW)
    other = Store.open(database_url)
    try:
        intakes = [new_intake(store), new_intake(other)]
        people = [[Caller(one, f"555-{number}") for one in intakes] for number in range(10)]
        for said in (*JOINED, "1", "1", "12"):
            # The same delivery at both, and something harmless besides at each.
            deliveries = []
            for pair in people:
                same = pair[0].message(said)
                deliveries += [pair[0].take(same, pair[0].message("/progress")), pair[1].take(same)]
            await asyncio.gather(*deliveries)
        expected = {"often": "weekly", "reasons": ["work"], "trips": 12}
        assert list((await answered(store)).values()) == [expected] * 10
        assert await number_of(store, contacts.set_asides) == 0
    finally:
        await other.close()


# Messages owed


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
    assert {row.due_at for row in owed} == {NOW + timedelta(seconds=30)}
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


# Whatever comes


@pytest.mark.parametrize("known", [False, True], ids=["newcomer", "known"])
async def test_whatever_is_sent_gets_a_reply_and_stops_nobody(
    taking: Intake, store: Store, *, known: bool
) -> None:
    odd: list[str | Received] = [
        "", " ", "\x00", "/join \x00", "'; DROP TABLE answers; --", "%s{0}{name}",
        "1" * 5000, "/" + "x" * 300, "/join " + "-" * 2000, "٣", "\u202e\u2066", "😀" * 2000,
        Start("\x00"), Start("ferry-" + "x" * 500), Start("no such code"),
        Chosen(""), Chosen("j1.0.9999999999.0"), Chosen("j9999999999.9999999999.9999999999.9999999999"),
        Chosen("m1.1.9999999999.2"), Chosen("a1.1.9999999999.9999999999"), Chosen("\x00"), Chosen("x" * 64),
    ]  # fmt: skip
    bystander = Caller(taking, "bystander")
    await bystander.say(*JOINED)
    for number, one in enumerate(odd):
        caller = Caller(taking, f"odd {number}")
        if known:
            await caller.say(*JOINED)
        replies, others = await asyncio.gather(caller.say(one), bystander.say("/progress"))
        assert words(replies[-1]).strip(), one
        assert "something went wrong" not in words(replies[-1]), one
        assert asked(others[0]) == "often"
    assert await number_of(store, contacts.set_asides) == 0
    await answered(store)
