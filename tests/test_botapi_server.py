"""The loopback Bot API server is as strict as the platform, and python-telegram-bot believes it."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot, BotCommand
from telegram.error import EndPointNotFound, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import ExtBot

from tests.support.botapi import BotApi
from tests.support.botapi.library import BOTH, client, raw
from tests.support.botapi.methods import METHODS


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[ExtBot[None]]:
    async with client(api, api.token) as ready:
        yield ready


async def test_the_library_accepts_every_answer(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone(language="fr", started=True)
    assert (await bot.get_me()).username == "talanoa_bot"
    sent = await bot.send_message(phone.id, "Hello", reply_markup=BOTH)
    assert sent.reply_markup == BOTH
    changed = await bot.edit_message_text("Goodbye", phone.id, sent.message_id, reply_markup=BOTH)
    assert isinstance(changed, type(sent))
    assert changed.edit_date is not None
    await bot.edit_message_reply_markup(phone.id, sent.message_id)
    file = await bot.send_document(
        phone.id, b"a,b\n", filename="data.csv", caption="Yours", reply_markup=BOTH
    )
    assert file.document is not None
    assert await (await bot.get_file(file.document.file_id)).download_as_bytearray() == b"a,b\n"
    phone.tap("Yes")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert await bot.answer_callback_query(update.callback_query.id)
    assert [shown.text for shown in phone.screen] == ["Goodbye", "Yours"]
    assert phone.screen[0].edited
    assert phone.screen[0].rows == ()
    assert (phone.last.file, phone.last.content) == ("data.csv", b"a,b\n")
    assert phone.last.labels == ("Yes", "No")


async def test_the_library_can_read_all_that_a_phone_sends(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone(language="es")
    first = phone.say("hola")
    phone.open_link("METEP-radio")
    phone.edit(first, "adiós")
    phone.send_photo("our road")
    phone.send_voice()
    phone.send_document()
    phone.send_sticker()
    phone.send_location()
    phone.send_contact()
    phone.send_poll()
    phone.block()
    phone.unblock()
    updates = await bot.get_updates()
    messages = [update.message for update in updates if update.message]
    assert [update.update_id - updates[0].update_id for update in updates] == list(range(12))
    assert messages[0].text == "hola"
    assert messages[0].from_user is not None
    assert messages[0].from_user.language_code == "es"
    assert messages[1].text == "/start METEP-radio"
    assert updates[2].edited_message is not None
    assert updates[2].edited_message.text == "adiós"
    assert messages[2].caption == "our road"
    assert [message.effective_attachment is not None for message in messages[2:]] == [True] * 7
    changes = [update.my_chat_member for update in updates if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked", "member"]


async def test_menus_and_descriptions_have_languages(api: BotApi, bot: ExtBot[None]) -> None:
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("help", "Aide")], language_code="fr")
    assert await bot.get_my_commands(language_code="fr") == (BotCommand("help", "Aide"),)
    assert await bot.get_my_commands(language_code="es") == ()
    assert api.phone(language="fr-CA").menu() == (("help", "Aide"),)
    assert api.phone(language="es").menu() == (("help", "Help"),)
    await bot.delete_my_commands(language_code="fr")
    assert api.phone(language="fr").menu() == (("help", "Help"),)
    await bot.set_my_description("A consultation", language_code="en")
    await bot.set_my_description("Talanoa")
    assert (await bot.get_my_description("en")).description == "A consultation"
    assert (await bot.get_my_description("fr")).description == "Talanoa"
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_short_description()).short_description == "Short"
    await bot.set_my_name("Talanoa", language_code="es")
    assert (await bot.get_my_name("es")).name == "Talanoa"


KEY = {"text": "Yes", "callback_data": "1"}


@pytest.mark.parametrize(
    ("method", "parameters", "description"),
    [
        ("sendMessage", {"text": ""}, "message text is empty"),
        ("sendMessage", {"text": " \n\t"}, "message text is empty"),
        ("sendMessage", {"text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"text": "\U0001f30a" * 2049}, "message is too long"),
        ("sendMessage", {"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        (
            "sendMessage",
            {"text": "é<2>", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "2" at byte offset 2',
        ),
        (
            "sendMessage",
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            {"text": "x</b>", "parse_mode": "HTML"},
            "can't parse entities: Unexpected end tag at byte offset 1",
        ),
        (
            "sendMessage",
            {"text": "1.", "parse_mode": "MarkdownV2"},
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ("sendMessage", {"text": "x", "chat_id": ""}, "chat_id is empty"),
        ("sendMessage", {"text": "x", "chat_id": 42}, "chat not found"),
        ("sendMessage", {"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ("sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ("sendMessage", {"text": "x", "reply_markup": [1]}, "object expected as reply markup"),
        ("sendMessage", {"text": "x", "keys": [[KEY | {"callback_data": ""}]]}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "x", "keys": [[KEY | {"callback_data": "й" * 33}]]}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "x", "keys": [[KEY | {"text": " "}]]}, "BUTTON_TEXT_INVALID"),
        (
            "sendMessage",
            {"text": "x", "keys": [[{"text": "Yes"}]]},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ("sendMessage", {"text": "x", "keys": [[KEY] * 9]}, "REPLY_MARKUP_TOO_LONG"),
        ("sendMessage", {"text": "x", "keys": [[KEY]] * 101}, "REPLY_MARKUP_TOO_LONG"),
        ("sendMessage", {"txt": "x"}, "this server does not know the parameter txt of sendMessage"),
        ("sendDocument", {"caption": "x"}, "there is no document in the request"),
        ("sendDocument", {"caption": "x" * 1025}, "message caption is too long"),
        ("editMessageText", {"text": "x"}, "message identifier is not specified"),
        ("editMessageText", {"text": "x", "message_id": 999}, "message to edit not found"),
        ("editMessageText", {"text": "x", "message_id": "theirs"}, "message can't be edited"),
        (
            "editMessageText",
            {"text": "Hello", "message_id": "ours"},
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message",
        ),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ("setMyCommands", {"commands": [{"command": "Aide", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        (
            "setMyCommands",
            {"commands": [{"command": "help", "description": "x" * 257}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "help", "description": "x"}] * 101},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        ("setMyCommands", {"commands": [], "language_code": "zh-hans"}, "invalid language code specified"),
        ("setMyDescription", {"description": "x" * 513}, "BOT_DESCRIPTION_INVALID"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "BOT_DESCRIPTION_INVALID"),
        ("setMyName", {"name": "x" * 65}, "BOT_NAME_INVALID"),
        ("getFile", {"file_id": "nothing"}, "invalid file_id"),
    ],
)
async def test_refusals_are_the_platforms(
    api: BotApi, method: str, parameters: dict[str, Any], description: str
) -> None:
    phone = api.phone(started=True)
    theirs = phone.say("hello")
    _, answer = await raw(api, "sendMessage", chat_id=phone.id, text="Hello")
    ids = {"ours": answer["result"]["message_id"], "theirs": theirs}
    given = dict(parameters)
    if method.startswith(("send", "edit")):
        given = {"chat_id": phone.id} | given
    if "keys" in given:
        given["reply_markup"] = {"inline_keyboard": given.pop("keys")}
    if given.get("message_id") in ids:
        given["message_id"] = ids[given["message_id"]]
    status, body = await raw(api, method, **given)
    assert (status, body) == (
        400,
        {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"},
    )
    assert len(phone.screen) == 1


async def test_what_is_just_within_the_limits_is_accepted(api: BotApi) -> None:
    phone = api.phone(started=True)
    keys = [[{"text": "x", "callback_data": "й" * 32}] * 8] * 12 + [[{"text": "x", "callback_data": "1"}] * 4]
    markup = json.dumps({"inline_keyboard": keys})
    text = "\U0001f30a" * 2048
    status, _ = await raw(api, "sendMessage", chat_id=phone.id, text=text, reply_markup=markup)
    assert status == 200
    assert phone.last.text == text
    assert len(phone.last.keys) == 100
    status, _ = await raw(api, "sendMessage", chat_id=phone.id, text="<b>1</b> &lt; 2", parse_mode="HTML")
    assert phone.last.text == "1 < 2"
    status, _ = await raw(api, "sendMessage", chat_id=phone.id, text=r" *1*\. ", parse_mode="MarkdownV2")
    assert phone.last.text == "1."


async def test_people_out_of_reach(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone()
    with pytest.raises(Forbidden, match="can't initiate conversation with a user"):
        await bot.send_message(phone.id, "Hello")
    phone.say("hi")
    await bot.send_message(phone.id, "Hello")
    phone.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(phone.id, "Hello")
    with pytest.raises(AssertionError, match="blocked"):
        phone.say("hi")
    phone.unblock()
    await bot.send_message(phone.id, "Hello")
    phone.deactivate()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(phone.id, "Hello")


async def test_tokens_and_methods_are_checked(api: BotApi, bot: ExtBot[None]) -> None:
    with pytest.raises(InvalidToken, match="rejected"):
        async with client(api, "7000000001:AAHanotheranotheranotheranotherano"):
            pytest.fail("it was let in")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{api.url}/bot{api.token[:-1]}x/getMe") as unauthorized,
        session.get(f"{api.url}/botnonsense/getMe") as not_found,
    ):
        assert (unauthorized.status, (await unauthorized.json())["description"]) == (401, "Unauthorized")
        assert not_found.status == 404
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendHologram")


async def test_faults_strike_as_they_are_told(api: BotApi, bot: ExtBot[None]) -> None:
    slow, other = api.phone(started=True), api.phone(started=True)
    api.fault(method="sendMessage", chat=slow.id, retry_after=7)
    with pytest.raises(RetryAfter, match="7"):
        await bot.send_message(slow.id, "1")
    await bot.send_message(other.id, "2")
    await bot.send_message(slow.id, "3")
    api.fault(method="sendMessage", status=502, description="Bad Gateway", skip=1)
    await bot.send_message(slow.id, "4")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(slow.id, "5")
    api.fault(method="sendMessage", drop="before")
    with pytest.raises(NetworkError):
        await bot.send_message(slow.id, "6")
    api.fault(method="sendMessage", drop="after")
    with pytest.raises(NetworkError):
        await bot.send_message(slow.id, "7")
    api.fault(method="sendMessage", status=403, description="Forbidden: bot was blocked by the user")
    with pytest.raises(Forbidden):
        await bot.send_message(slow.id, "8")
    proxy = api.fault(body="<html>Sign in to the network</html>", times=None)
    with pytest.raises(Exception, match="Invalid server response"):
        await bot.send_message(slow.id, "9")
    api.lift(proxy)
    api.fault(delay=0.05)
    await bot.send_message(slow.id, "10")
    assert [shown.text for shown in slow.screen] == ["3", "4", "7", "10"]
    assert [call.status for call in api.calls_of("sendMessage")] == [
        429, 200, 200, 200, 502, 0, 200, 403, 200, 200,
    ]  # fmt: skip


async def test_a_phone_waits_and_says_what_it_missed(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone()
    phone.say("hello")
    await bot.send_message(phone.id, "one", reply_markup=BOTH)
    await bot.send_message(phone.id, "two")
    assert (await phone.await_reply(count=2)).text == "two"
    assert (await phone.await_text("on")).text == "one"
    with pytest.raises(AssertionError, match=r"no 3 replies within 0.05 s.*one.*two"):
        await phone.await_reply(0.05, count=3)
    with pytest.raises(AssertionError, match=r"no button 'Maybe'.*Yes.*No"):
        phone.tap("Maybe")
    phone.tap("Yes", phone.screen[0])
    assert phone.replies == ()
    assert phone.waiting == 1
    with pytest.raises(AssertionError, match="an answer to every tap"):
        await phone.await_answered(0.05)


async def test_two_hundred_phones_at_once(api: BotApi, bot: ExtBot[None]) -> None:
    phones = [api.phone() for _ in range(200)]
    for phone in phones:
        phone.say("hello")
    offset, answered = None, 0
    while answered < 200:
        updates = await bot.get_updates(offset=offset)
        offset = updates[-1].update_id + 1
        answered += len(updates)
        chats = [update.effective_chat for update in updates]
        await asyncio.gather(*(bot.send_message(chat.id, f"to {chat.id}") for chat in chats if chat))
    shown = await asyncio.gather(*(phone.await_reply(10) for phone in phones))
    assert [one.text for one in shown] == [f"to {phone.id}" for phone in phones]


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods_take_what_the_library_sends(name: str) -> None:
    """Every method and parameter known here is one of the Bot API, as the library spells it."""
    (method,) = [attribute for attribute in dir(Bot) if attribute.lower() == name]
    known = set(inspect.signature(getattr(Bot, method)).parameters)
    assert METHODS[name].parameters <= known
