"""Fetching updates: in order, nothing acknowledged too early, and nobody stops anybody else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_handover import TRIES
from bot.channels.telegram_window import SIZE
from bot.messages import NotTaken, Part
from tests.support.botapi import BotApi
from tests.support.intakes import FakeIntake, Polling, kill, said, until


async def test_a_conversation(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    phone = api.phone(language="fr")
    async with polling():
        phone.say("bonjour")
        assert (await phone.await_reply()).text == "you said bonjour"
        phone.tap("Yes")
        assert (await phone.await_reply()).text == "you said yes"
        await phone.await_answered()
        assert await api.settled()
    first, second = intake.committed.values()
    assert (first.channel, first.bot, first.address) == ("telegram", "7000000001", str(phone.id))
    assert (first.language_hint, first.origin) == ("fr", None)
    assert abs((first.at - datetime.now(UTC)).total_seconds()) < 60
    assert second.origin == str(phone.screen[0].id)
    assert int(second.external_id) == int(first.external_id) + 1


async def test_many_people_are_served_and_each_in_order(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phones = [api.phone() for _ in range(60)]
    async with polling():
        for round_ in range(5):
            for phone in phones:
                phone.say(f"{round_}")
        await asyncio.gather(*(phone.await_text("you said 4", 20) for phone in phones))
        assert await api.settled()
    for phone in phones:
        assert intake.words(phone) == ["0", "1", "2", "3", "4"]
        assert [shown.text for shown in phone.screen] == [f"you said {n}" for n in range(5)]
    assert len(intake.attempts) == 300


async def test_what_waits_together_is_taken_together(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.gates["1"] = asyncio.Event()
    with api.held():
        for text in ("1", "2", "3"):
            phone.say(text)
    async with polling():
        await until(lambda: len(intake.attempts) == 3)
        intake.gates["1"].set()
        await phone.await_reply(count=3)
    assert [shown.text for shown in phone.screen] == ["you said 1", "you said 2", "you said 3"]


async def test_nothing_is_acknowledged_before_it_is_committed(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    slow, quick = api.phone(), api.phone()
    intake.gates["slow"] = asyncio.Event()
    with api.held():
        slow.say("slow")
        quick.say("quick")
    async with polling() as task:
        await quick.await_reply()
        await asyncio.sleep(0.1)
        assert api.pending == 2
        await kill(task)
    assert api.pending == 2
    assert intake.words() == ["quick"]
    intake.gates["slow"].set()
    async with polling():
        await slow.await_reply()
        assert await api.settled()
    assert sorted(intake.words()) == ["quick", "slow"]


async def test_nothing_is_acknowledged_before_its_reply_is_handed_over(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    hanging = api.fault(method="sendMessage", delay=30, times=None)
    async with polling() as task:
        phone.say("hello")
        await until(lambda: intake.committed)
        await until(lambda: api.calls_of("sendMessage"))
        await kill(task)
    assert api.pending == 1
    assert phone.screen == ()
    api.lift(hanging)
    async with polling():
        assert (await phone.await_reply()).text == "you said hello"
        assert await api.settled()
    assert len(intake.attempts) == 2
    assert intake.words() == ["hello"]


async def test_in_2_one_slow_person_delays_nobody(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    slow, quick = api.phone(), api.phone()
    intake.gates["slow"] = asyncio.Event()
    async with polling():
        slow.say("slow")
        await until(lambda: intake.attempts)
        for n in range(30):
            quick.say(f"{n}")
            await quick.await_text(f"you said {n}")
        slow.say("after")
        await asyncio.sleep(0.1)
        assert intake.words(slow) == []
        intake.gates["slow"].set()
        await slow.await_text("you said after")
    assert intake.words(slow) == ["slow", "after"]
    assert len(intake.attempts) == 32


async def test_no_more_than_a_batch_is_under_way(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    gate = intake.gates["wait"] = asyncio.Event()
    phones = [api.phone() for _ in range(SIZE + 30)]
    with api.held():
        for phone in phones:
            phone.say("wait")
    async with polling():
        await until(lambda: len(intake.attempts) == SIZE)
        fetches = len(api.calls_of("getUpdates"))
        await asyncio.sleep(0.2)
        assert len(intake.attempts) == SIZE
        assert len(api.calls_of("getUpdates")) == fetches
        gate.set()
        await asyncio.gather(*(phone.await_reply(10) for phone in phones))
    assert len(intake.attempts) == SIZE + 30


async def test_429_in_one_chat_delays_nobody_else(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    busy, other = api.phone(), api.phone()
    intake.replies["hello"] = (Part("one"), Part("two"), Part("three"))
    api.fault(method="sendMessage", chat=busy.id, retry_after=600, skip=1)
    async with polling():
        with api.held():
            busy.say("hello")
            other.say("hello")
        await other.await_reply(count=3)
        assert await api.settled()
    ((inbound, parts, seconds),) = intake.owed
    assert (inbound.address, [part.text for part in parts], seconds) == (
        str(busy.id),
        ["two", "three"],
        600,
    )
    assert [shown.text for shown in busy.screen] == ["one"]


@pytest.mark.parametrize("fault", [{"status": 502}, {"drop": "before"}, {"body": "<html>no</html>"}])
async def test_a_reply_that_cannot_be_sent_now_is_owed(
    api: BotApi, polling: Polling, intake: FakeIntake, fault: dict[str, object]
) -> None:
    phone = api.phone()
    api.fault(method="sendMessage", **fault)
    async with polling():
        phone.say("hello")
        assert await api.settled()
    assert [[part.text for part in parts] for _, parts, _ in intake.owed] == [["you said hello"]]


async def test_what_comes_after_an_owed_reply_is_owed_behind_it(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    api.fault(method="sendMessage", retry_after=600)
    with api.held():
        for text in ("1", "2", "3"):
            phone.say(text)
    async with polling():
        assert await api.settled()
    assert [(parts[0].text, seconds) for _, parts, seconds in intake.owed] == [
        (f"you said {text}", 600) for text in ("1", "2", "3")
    ]
    assert phone.screen == ()


async def test_a_reply_that_cannot_be_owed_is_not_acknowledged(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    api.fault(method="sendMessage", status=502)
    intake.failures["owe"] = [NotTaken("the store is away", 0.01)]
    async with polling():
        phone.say("hello")
        assert (await phone.await_reply()).text == "you said hello"
        assert await api.settled()
    assert intake.words() == ["hello"]
    assert intake.owed == []


async def test_who_blocks_is_noted(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    phone = api.phone()
    intake.gates["hello"] = asyncio.Event()
    intake.replies["hello"] = (Part("one"), Part("two"))
    async with polling():
        phone.say("hello")
        await until(lambda: intake.attempts)
        phone.block()
        intake.gates["hello"].set()
        await until(lambda: intake.gone)
        await until(lambda: "Blocked" in intake.words())
        assert await api.settled()
    assert [said(inbound) for inbound in intake.gone] == ["hello"]
    assert [call.parameters["text"] for call in api.calls_of("sendMessage")] == ["one"]


async def test_a_message_refused_for_good_does_not_hold_the_rest_back(
    api: BotApi, polling: Polling, intake: FakeIntake, caplog: pytest.LogCaptureFixture
) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part(""), Part("two"))
    async with polling():
        phone.say("hello")
        assert (await phone.await_reply()).text == "two"
        assert await api.settled()
    assert intake.owed == []
    assert "Message text is empty" in caplog.text


async def test_an_unexpected_failure_of_sending_is_owed(
    api: BotApi,
    polling: Polling,
    intake: FakeIntake,
    channel: TelegramChannel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def send(address: str, part: Part, origin: str | None = None) -> None:
        raise KeyError(part.text)

    monkeypatch.setattr(channel, "send", send)
    async with polling():
        api.phone().say("hello")
        assert await api.settled()
    assert len(intake.owed) == 1


@pytest.mark.parametrize("times", [1, 4])
async def test_what_the_intake_cannot_take_is_offered_again(
    api: BotApi, polling: Polling, intake: FakeIntake, times: int
) -> None:
    phone, other = api.phone(), api.phone()
    intake.failures["1"] = [NotTaken("overloaded", 0.01)] * times
    async with polling():
        with api.held():
            phone.say("1")
            other.say("hello")
        await phone.await_reply()
        await other.await_reply()
        phone.say("2")
        await phone.await_reply()
        assert await api.settled()
    assert intake.words(phone) == ["1", "2"]
    assert len(intake.attempts) == times + 3


async def test_an_intake_that_gives_up_is_asked_again(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.failures["hello"] = [asyncio.CancelledError()]
    async with polling():
        phone.say("hello")
        assert (await phone.await_reply()).text == "you said hello"
        assert await api.settled()


async def test_what_grew_too_old_is_given_up(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    """An update that was to be offered again, but is not there any more, holds nothing up."""
    phone = api.phone()
    intake.failures["hello"] = [NotTaken("the store is away", 0.2)]
    async with polling():
        phone.say("hello")
        await until(lambda: intake.attempts)
        api.advance(25 * 3600)
        await asyncio.sleep(0.3)
        fetches = len(api.calls_of("getUpdates"))
        await asyncio.sleep(0.1)
        assert len(api.calls_of("getUpdates")) == fetches
        phone.say("again")
        await phone.await_reply()
        assert await api.settled()
    assert intake.words() == ["again"]


async def test_a_person_who_waits_stays_in_order(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    """A later message does not overtake one that was refused, although it was fetched already."""
    phone, other = api.phone(), api.phone()
    gate = intake.gates["1"] = asyncio.Event()
    intake.failures["1"] = [NotTaken("overloaded", 0.01)]
    async with polling():
        phone.say("1")
        await until(lambda: intake.attempts)
        phone.say("2")
        other.say("fetched after it")
        await other.await_reply()
        gate.set()
        await phone.await_text("you said 2")
        assert await api.settled()
    assert intake.words(phone) == ["1", "2"]


async def test_what_fails_again_and_again_is_set_aside(
    api: BotApi,
    polling: Polling,
    intake: FakeIntake,
    caplog: pytest.LogCaptureFixture,
) -> None:
    phone = api.phone()
    intake.failures["poison"] = [ValueError("my name is Ana")] * (TRIES + 2)
    intake.failures["set aside"] = [NotTaken("the store is away", 0.01), OSError("disk full")]
    intake.failures["hiccup"] = [ValueError("once")]
    async with polling():
        phone.say("poison")
        await until(lambda: intake.aside)
        phone.say("hiccup")
        await phone.await_text("you said hiccup")
        assert await api.settled()
    ((raw, reason),) = intake.aside
    assert b"poison" in raw
    assert reason.startswith("ValueError at bot/channels/telegram_polling.py:")
    assert intake.words() == ["hiccup"]
    assert len(intake.attempts) == TRIES + 2 + 2
    assert "Ana" not in caplog.text


async def test_an_unreadable_update_is_set_aside_and_acknowledged(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.failures["set aside"] = [NotTaken("the store is away", 0.01)]
    async with polling():
        with api.held():
            api.inject("message", {"message_id": 1, "date": "soon", "text": "poison"})
            api.inject("callback_query", {"id": "9"})
            api.inject("channel_post", {"chat": "anything"})
            phone.say("hello")
        await phone.await_reply()
        await until(lambda: len(intake.aside) == 2)
        assert await api.settled()
    assert {b"poison" in raw for raw, _ in intake.aside} == {True, False}
    assert all(reason.startswith("ValidationError") for _, reason in intake.aside)
    assert intake.words() == ["hello"]
    assert [call.parameters["callback_query_id"] for call in api.calls_of("answerCallbackQuery")] == ["9"]


async def test_groups_are_left_alone(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    phone = api.phone()
    async with polling():
        message = {
            "message_id": 1,
            "date": 1,
            "chat": {"id": -5, "type": "group", "title": "Village"},
            "from": {"id": phone.id, "is_bot": False, "first_name": "x"},
            "text": "/start",
        }
        api.inject("message", message)
        assert await api.settled()
    assert intake.attempts == []
    assert api.calls_of("sendMessage") == []


async def test_taps_and_words_may_arrive_reversed(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    phone = api.phone()
    async with polling():
        phone.say("hello")
        await phone.await_reply()
        with api.held(reverse=True):
            phone.say("first")
            phone.tap("Yes")
        await phone.await_reply(count=2)
        await phone.await_answered()
    assert intake.words() == ["hello", "yes", "first"]
