"""The webhook over real HTTP: answered after the commit, with the reply in the answer where that can be."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.channels.telegram_handover import TRIES
from bot.messages import Document, NotTaken, Part
from tests.support.botapi import BotApi
from tests.support.intakes import YES_NO, FakeIntake, until
from tests.support.webhook import SECRET, UPDATE, Served


async def test_a_conversation(api: BotApi, served: Served, intake: FakeIntake) -> None:
    phone = api.phone(language="fr")
    phone.say("bonjour")
    assert (await phone.await_reply()).text == "you said bonjour"
    phone.tap("Yes")
    assert (await phone.await_reply()).text == "you said yes"
    await phone.await_answered()
    assert await api.settled()
    first, second = intake.committed.values()
    assert (first.channel, first.bot, first.address) == ("telegram", "7000000001", str(phone.id))
    assert (first.language_hint, first.origin) == ("fr", None)
    assert second.origin == str(phone.screen[0].id)
    assert [call.in_body for call in api.calls_of("sendMessage")] == [True, True]
    assert [call.in_body for call in api.calls_of("answerCallbackQuery")] == [False]


async def test_the_platform_is_told_what_to_deliver(api: BotApi, served: Served) -> None:
    (call,) = api.calls_of("setWebhook")
    assert call.parameters == {
        "url": f"{served.url}/telegram",
        "secret_token": SECRET,
        "max_connections": "100",
        "allowed_updates": '["message", "edited_message", "callback_query", "my_chat_member"]',
    }


async def test_a_short_link_leads_to_the_bot(api: BotApi, served: Served) -> None:
    async def lead(path: str, method: str = "GET") -> tuple[int, str | None]:
        status, _, headers = await served.request(method, path, secret=None, allow_redirects=False)
        return status, headers.get("location")

    assert await lead("/c/fiji-radio") == (302, "https://t.me/talanoa_bot?start=fiji-radio")
    assert await lead("/c/Fiji", "HEAD") == (302, "https://t.me/talanoa_bot?start=Fiji")
    assert len(api.calls_of("getMe")) == 1
    for path in ("/c/", "/c/a/b", "/c/%0d%0aSet-Cookie", "/c/http:x", f"/c/{'x' * 65}"):
        assert await lead(path) == (404, None)
    assert (await lead("/c/fiji", "POST"))[0] == 405


async def test_a_short_link_waits_for_a_platform_that_is_away(api: BotApi, served: Served) -> None:
    api.fault(method="getMe", drop="before", times=None)
    status, _, headers = await served.request("GET", "/c/fiji", secret=None, allow_redirects=False)
    assert (status, headers["retry-after"]) == (503, "5")


async def test_in_1_many_people_are_served_and_each_in_order(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phones = [api.phone() for _ in range(60)]
    for round_ in range(5):
        for phone in phones:
            phone.say(f"{round_}")
    await asyncio.gather(*(phone.await_text("you said 4", 20) for phone in phones))
    assert await api.settled()
    for phone in phones:
        assert intake.words(phone) == ["0", "1", "2", "3", "4"]
    assert len(intake.attempts) == 300


async def test_nothing_is_acknowledged_before_it_is_committed(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    slow, quick = api.phone(), api.phone()
    gate = intake.gates["slow"] = asyncio.Event()
    slow.say("slow")
    quick.say("quick")
    await quick.await_reply()
    assert api.pending == 1
    assert slow.screen == ()
    gate.set()
    await slow.await_reply()
    assert await api.settled()


async def test_several_parts_come_in_order_the_last_in_the_answer(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part("one"), Part("two"), Part("three", YES_NO))
    phone.say("hello")
    await phone.await_reply(count=3)
    assert [shown.text for shown in phone.screen] == ["one", "two", "three"]
    assert [call.in_body for call in api.calls_of("sendMessage")] == [False, False, True]


async def test_a_tapped_message_is_replaced_by_a_call_and_the_tap_ends_in_the_answer(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.replies["yes"] = (Part("ticked", YES_NO, replaces=True),)
    phone.say("hello")
    await phone.await_reply()
    phone.tap("Yes")
    await phone.await_text("ticked")
    await phone.await_answered()
    assert [shown.text for shown in phone.screen] == ["ticked"]
    assert [call.in_body for call in api.calls_of("editMessageText")] == [False]
    assert [call.in_body for call in api.calls_of("answerCallbackQuery")] == [True]


async def test_what_was_not_tapped_is_not_replaced(api: BotApi, served: Served, intake: FakeIntake) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part("new", replaces=True),)
    phone.say("hello")
    assert (await phone.await_reply()).text == "new"
    assert [call.in_body for call in api.calls_of("sendMessage")] == [True]


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (Part("All we hold", document=Document("a.json", "application/json", "{}")), "All we hold"),
        (Part("half \ud83d"), "half \ufffd"),
    ],
)
async def test_what_cannot_be_in_the_answer_is_sent(
    api: BotApi, served: Served, intake: FakeIntake, part: Part, shown: str
) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part("first"), part)
    phone.say("hello")
    await phone.await_reply(count=2)
    assert [one.text for one in phone.screen] == ["first", shown]
    assert not any(call.in_body for call in api.calls)


async def test_what_is_said_waits_for_what_is_being_said(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    """Words and taps of one person come at the same time; their replies do not overtake one another."""
    phone, other = api.phone(), api.phone()
    intake.replies["yes"] = (Part("ticked", YES_NO, replaces=True),)
    phone.say("hello")
    await phone.await_reply()
    api.fault(method="editMessageText", delay=0.3)
    phone.tap("Yes")
    await until(lambda: api.calls_of("editMessageText"))
    for text in ("1", "2"):
        phone.say(text)
    other.say("hello")
    await other.await_reply()
    await until(lambda: "1" in intake.words())
    assert len(phone.screen) == 1
    await phone.await_text("you said 2")
    assert [shown.text for shown in phone.screen] == ["ticked", "you said 1", "you said 2"]
    assert served.webhook._deliveries._speaking == {}


async def test_what_waited_for_something_that_became_owed_is_owed_behind_it(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.replies["yes"] = (Part("ticked", YES_NO, replaces=True),)
    phone.say("hello")
    await phone.await_reply()
    api.fault(method="editMessageText", delay=0.2, status=429, retry_after=7)
    phone.tap("Yes")
    await until(lambda: api.calls_of("editMessageText"))
    phone.say("1")
    await until(lambda: len(intake.owed) == 2)
    assert [[part.text for part in parts] for _, parts, _ in intake.owed] == [["ticked"], ["you said 1"]]
    assert {seconds for _, _, seconds in intake.owed} == {7}
    assert await api.settled()
    assert len(phone.screen) == 1


async def test_nothing_to_say_is_an_empty_answer(api: BotApi, served: Served, intake: FakeIntake) -> None:
    phone = api.phone()
    intake.replies["hello"] = ()
    phone.say("hello")
    await until(lambda: intake.committed)
    phone.block()
    assert await api.settled()
    assert [call.method for call in api.calls] == ["setWebhook"]
    status, body, headers = await served.request(json=UPDATE)
    assert (status, body, headers["content-length"]) == (200, None, "0")


@pytest.mark.parametrize(
    ("fault", "seconds"), [({"retry_after": 600}, 600), ({"status": 502}, 5), ({"drop": "before"}, 5)]
)
async def test_what_cannot_be_sent_now_is_owed_with_what_follows(
    api: BotApi, served: Served, intake: FakeIntake, fault: dict[str, Any], seconds: float
) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part("one"), Part("two"), Part("three"))
    api.fault(method="sendMessage", skip=1, **fault)
    phone.say("hello")
    assert await api.settled()
    await until(lambda: intake.owed)
    assert [([part.text for part in parts], after) for _, parts, after in intake.owed] == [
        (["two", "three"], seconds)
    ]
    assert [shown.text for shown in phone.screen] == ["one"]


async def test_what_cannot_be_owed_is_not_acknowledged(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part("one"), Part("two"))
    api.fault(method="sendMessage", status=502)
    intake.failures["owe"] = [NotTaken("the store is away")]
    phone.say("hello")
    await phone.await_text("two")
    assert intake.words() == ["hello"]
    assert [shown.text for shown in phone.screen] == ["one", "two"]


async def test_who_blocks_is_noted(api: BotApi, served: Served, intake: FakeIntake) -> None:
    phone = api.phone()
    gate = intake.gates["hello"] = asyncio.Event()
    intake.replies["hello"] = (Part("one"), Part("two"))
    phone.say("hello")
    await until(lambda: intake.attempts)
    phone.block()
    gate.set()
    await until(lambda: intake.gone)
    await until(lambda: "Blocked" in intake.words())
    assert await api.settled()
    assert [call.parameters["text"] for call in api.calls_of("sendMessage")] == ["one"]


async def test_what_is_refused_for_good_does_not_hold_the_rest_back(
    api: BotApi, served: Served, intake: FakeIntake, caplog: pytest.LogCaptureFixture
) -> None:
    phone = api.phone()
    intake.replies["hello"] = (Part("x" * 4097), Part("two"))
    intake.replies["again"] = (Part(" "),)
    phone.say("hello")
    await phone.await_text("two")
    phone.say("again")
    assert await api.settled()
    assert caplog.text.count("refuses a message for good") == 2
    assert intake.owed == []


async def test_in_6_what_the_intake_cannot_take_comes_again(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone, other = api.phone(), api.phone()
    intake.failures["1"] = [NotTaken("overloaded", 20)] * 2
    phone.say("1")
    phone.say("2")
    await until(lambda: len(intake.attempts) == 1)
    other.say("hello")
    await other.await_reply()
    assert intake.words(phone) == []
    status, body, _ = await served.request("GET", "/readyz")
    assert (status, body) == (503, {"error": "too much is waiting"})
    await phone.await_text("you said 2")
    assert intake.words(phone) == ["1", "2"]


@pytest.mark.parametrize("failure", [NotTaken("overloaded", 16.2), asyncio.CancelledError()])
async def test_a_refusal_says_when_to_come_again(
    served: Served, intake: FakeIntake, failure: BaseException
) -> None:
    intake.failures["hello"] = [failure]
    status, body, headers = await served.request(json=UPDATE)
    assert (status, body) == (503, {"error": "not now"})
    assert headers["retry-after"] == ("17" if isinstance(failure, NotTaken) else "1")
    assert (await served.request(json=UPDATE))[0] == 200


async def test_a_reply_in_the_answer_names_its_method(served: Served) -> None:
    status, body, headers = await served.request(json=UPDATE)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert body == {
        "method": "sendMessage",
        "chat_id": "42",
        "text": "you said hello",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "Yes", "callback_data": "yes"}, {"text": "No", "callback_data": "no"}]
            ]
        },
    }


async def test_in_3_an_answer_that_is_lost_is_given_again(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone = api.phone()
    api.fault(method="webhook", drop="after", times=2)
    phone.say("hello")
    assert (await phone.await_reply()).text == "you said hello"
    assert len({inbound.external_id for inbound in intake.attempts}) == 1
    assert len(intake.attempts) == 3


async def test_what_fails_again_and_again_is_set_aside(
    api: BotApi, served: Served, intake: FakeIntake, caplog: pytest.LogCaptureFixture
) -> None:
    phone = api.phone()
    intake.failures["poison"] = [ValueError("my name is Ana")] * (TRIES + 2)
    intake.failures["set aside"] = [NotTaken("the store is away"), OSError("disk full")]
    intake.failures["hiccup"] = [ValueError("once")]
    phone.say("poison")
    phone.say("hiccup")
    await phone.await_text("you said hiccup")
    ((raw, reason),) = intake.aside
    assert b"poison" in raw
    assert reason.startswith("ValueError at bot/web/deliveries.py:")
    assert intake.words() == ["hiccup"]
    assert len(intake.attempts) == TRIES + 2 + 2
    assert not served.webhook._deliveries._tries
    assert "Ana" not in caplog.text


async def test_in_10_an_unreadable_update_is_set_aside_and_acknowledged(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    phone = api.phone()
    intake.failures["set aside"] = [NotTaken("the store is away")]
    api.inject("message", {"message_id": 1, "date": "soon", "text": "poison"})
    api.inject("callback_query", {"id": "9"})
    api.inject("my_chat_member", {"chat": "anything"})
    phone.say("hello")
    await phone.await_reply()
    assert await api.settled()
    assert len(intake.aside) == 3
    assert sum(b"poison" in raw for raw, _ in intake.aside) == 1
    assert all("Error" in reason for _, reason in intake.aside)
    (answered,) = api.calls_of("answerCallbackQuery")
    assert (answered.parameters["callback_query_id"], answered.in_body) == ("9", True)


async def test_one_malformed_character_is_no_reason_to_lose_a_message(
    served: Served, intake: FakeIntake
) -> None:
    raw = json.dumps(UPDATE).encode()
    for number, word in enumerate((b"caf\xe9", rb"\ud83d")):
        numbered = raw.replace(b'"update_id": 7', b'"update_id": %d' % number)
        status, _, _ = await served.request(data=numbered.replace(b"hello", word))
        assert status == 200
    assert intake.words() == ["caf\ufffd", "?"]
    assert intake.aside == []


async def test_groups_and_unwanted_kinds_are_acknowledged(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    group = UPDATE["message"] | {"chat": {"id": -5, "type": "group", "title": "Village"}}
    for kind, payload in (("message", group), ("poll", {"id": "1"})):
        assert (await served.request(json={"update_id": 8, kind: payload}))[:2] == (200, None)
    tap = {"id": "5", "from": {"id": 1, "is_bot": False}, "message": group, "data": "x"}
    assert (await served.request(json={"update_id": 9, "callback_query": tap}))[1] == {
        "method": "answerCallbackQuery",
        "callback_query_id": "5",
    }
    assert intake.attempts == []
