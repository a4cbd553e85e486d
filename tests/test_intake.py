"""The intake, in process, on both stores; the ids in names are those of the reliability lessons it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from bot import rounds as use
from bot.attending import QUIET
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.conversation import arrival
from bot.flows.questionnaire import LocalizedText, Questionnaire
from bot.flows.received import Chosen, Received, Start
from bot.intake import Intake
from bot.messages import Reply
from storage import contacts, conversations, schema
from storage.store import Store
from storage.turns import Written
from tests.support.callers import JOINED, NOW, Caller, asked, number_of, only, rows, words
from tests.support.program import FERRY, answered, open_round


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
