"""The Telegram channel, over real HTTP to a strict Bot API server on loopback."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from telegram import File
from telegram.ext import ExtBot

from bot.channels.telegram import Contested, TelegramChannel, Throttled
from bot.messages import (
    Button,
    Document,
    Misconfigured,
    Part,
    Rejected,
    RetryLater,
    SendFailure,
    Stopped,
    TooLarge,
    utf16_units,
)
from tests.support.botapi import BotApi, Phone

KEYBOARD = ((Button("Yes", "a1.1.1.0"), Button("No", "a1.1.1.1")), (Button("Skip", "c1.1.4.0"),))


@pytest.fixture
def phone(api: BotApi) -> Phone:
    return api.phone(started=True)


async def test_it_knows_its_name_and_number(channel: TelegramChannel) -> None:
    assert await channel.connect() == "talanoa_bot"
    assert channel.account == "7000000001"


async def test_text_arrives_as_it_is(api: BotApi, channel: TelegramChannel, phone: Phone) -> None:
    text = "*1*_2_ <b>3</b> & \u2068نعم\u2069 https://example.org"
    await channel.send(str(phone.id), Part(text, KEYBOARD))
    assert phone.last.text == text
    assert [[(key.label, key.data) for key in row] for row in phone.last.rows] == [
        [(button.label, button.data) for button in row] for row in KEYBOARD
    ]
    (call,) = api.calls_of("sendMessage")
    assert "parse_mode" not in call.parameters
    assert call.parameters["link_preview_options"] == '{"is_disabled": true}'


async def test_the_longest_message_and_the_most_buttons_pass(channel: TelegramChannel, phone: Phone) -> None:
    text = "\U0001f30a" * (channel.capabilities.text_limit // 2)
    assert channel.capabilities.measure(text) == utf16_units(text) == channel.capabilities.text_limit
    keyboard = tuple((Button(f"Choice {n}", f"a1.1.1.{n}"),) for n in range(channel.capabilities.buttons))
    await channel.send(str(phone.id), Part(text, keyboard))
    assert phone.last.text == text
    assert len(phone.last.keys) == channel.capabilities.buttons


async def test_halves_of_surrogate_pairs_are_replaced(channel: TelegramChannel, phone: Phone) -> None:
    await channel.send(str(phone.id), Part("a\ud83db", ((Button("\ude00", "1"),),)))
    assert phone.last.text == "a\ufffdb"
    assert phone.last.labels == ("\ufffd",)


async def test_a_tapped_message_is_replaced(channel: TelegramChannel, phone: Phone) -> None:
    await channel.send(str(phone.id), Part("Pick some", KEYBOARD))
    origin = str(phone.last.id)
    ticked = Part("Pick some: Yes", KEYBOARD, replaces=True)
    await channel.send(str(phone.id), ticked, origin)
    assert [(shown.text, shown.edited) for shown in phone.screen] == [("Pick some: Yes", True)]
    await channel.send(str(phone.id), ticked, origin)
    assert len(phone.screen) == 1
    await channel.send(str(phone.id), Part("Done", replaces=True), origin)
    assert (phone.last.text, phone.last.rows) == ("Done", ())


@pytest.mark.parametrize("origin", [None, "999999", "theirs", "document"])
async def test_what_cannot_be_replaced_is_sent(
    channel: TelegramChannel, phone: Phone, origin: str | None
) -> None:
    await channel.send(str(phone.id), Part("file", document=Document("a.csv", "text/csv", "a")))
    ids = {"theirs": str(phone.say("mine")), "document": str(phone.last.id)}
    await channel.send(str(phone.id), Part("New", replaces=True), ids.get(origin or "", origin))
    assert [shown.text for shown in phone.screen] == ["file", "New"]


async def test_what_does_not_replace_leaves_the_tapped_message(
    channel: TelegramChannel, phone: Phone
) -> None:
    await channel.send(str(phone.id), Part("One", KEYBOARD))
    await channel.send(str(phone.id), Part("Two"), str(phone.last.id))
    assert [shown.text for shown in phone.screen] == ["One", "Two"]
    assert phone.screen[0].labels == ("Yes", "No", "Skip")


async def test_a_file_comes_with_its_words(channel: TelegramChannel, phone: Phone) -> None:
    document = Document("my-data.json", "application/json", '{"name": "Tēnā"}')
    await channel.send(str(phone.id), Part("All we hold", KEYBOARD, document))
    assert (phone.last.text, phone.last.file) == ("All we hold", "my-data.json")
    assert phone.last.content == document.content.encode()
    assert phone.last.labels == ("Yes", "No", "Skip")
    await channel.send(str(phone.id), Part("x" * 1025, document=document))
    assert [(shown.text, shown.file) for shown in phone.screen[1:]] == [
        ("x" * 1025, None),
        ("", "my-data.json"),
    ]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"retry_after": 17}, Throttled),
        ({"status": 500}, RetryLater),
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, RetryLater),
        ({"status": 302, "body": "moved"}, RetryLater),
        ({"body": "<html>Sign in</html>"}, RetryLater),
        ({"body": "[]"}, RetryLater),
        ({"drop": "before"}, RetryLater),
        ({"drop": "after"}, RetryLater),
        ({"status": 403, "description": "Forbidden: user is deactivated"}, Stopped),
        ({"status": 400, "description": "Bad Request: chat not found"}, Rejected),
        ({"status": 401, "description": "Unauthorized"}, Misconfigured),
        ({"status": 404, "description": "Not Found"}, Misconfigured),
        ({"status": 409, "description": "Conflict: terminated by other getUpdates request"}, Contested),
    ],
)
async def test_failures_say_what_follows(
    api: BotApi, channel: TelegramChannel, phone: Phone, fault: dict[str, Any], kind: type[SendFailure]
) -> None:
    api.fault(**fault)
    with pytest.raises(SendFailure) as failure:
        await channel.send(str(phone.id), Part("Hello"))
    assert type(failure.value) is kind
    assert api.token not in str(failure.value)
    if "retry_after" in fault:
        assert isinstance(failure.value, Throttled)
        assert failure.value.seconds == 17
    await channel.send(str(phone.id), Part("Hello again"))
    assert phone.last.text == "Hello again"


async def test_people_who_are_gone_and_messages_that_are_too_long(
    channel: TelegramChannel, phone: Phone
) -> None:
    with pytest.raises(Rejected, match="too long"):
        await channel.send(str(phone.id), Part("x" * 4097))
    with pytest.raises(Rejected, match="too long"):
        await channel.send(str(phone.id), Part("x" * 4097, replaces=True), "1")
    with pytest.raises(Rejected, match="Button_data_invalid"):
        await channel.send(str(phone.id), Part("x", ((Button("x", "й" * 33),),)))
    phone.block()
    with pytest.raises(Stopped, match="blocked by the user"):
        await channel.send(str(phone.id), Part("Hello"))


async def test_a_server_out_of_reach_is_tried_later(api: BotApi) -> None:
    with BotApi.start() as gone:
        url = gone.url
    async with TelegramChannel.open(api.token, url) as channel:
        with pytest.raises(RetryLater, match="out of reach"):
            await channel.send("1", Part("Hello"))
        with pytest.raises(RetryLater):
            await channel.fetch(None, 0)
    with pytest.raises(RetryLater):
        await channel.send("1", Part("Hello"))


async def test_answering_a_tap_never_fails(api: BotApi, channel: TelegramChannel, phone: Phone) -> None:
    await channel.answer_tap("unknown")
    await channel.send(str(phone.id), Part("Well?", KEYBOARD))
    phone.tap("Yes")
    (query,) = api.platform.taps
    api.fault(method="answerCallbackQuery", retry_after=3)
    await channel.answer_tap(query)
    assert phone.waiting == 1
    await channel.answer_tap(query)
    assert phone.waiting == 0
    await channel.answer_tap(query)


async def test_menus_are_set_once_in_each_language(api: BotApi, channel: TelegramChannel) -> None:
    async def prepare() -> None:
        await channel.prepare(
            {None: [("help", "What I can do")], "fr": [("help", "Ce que je sais faire")]},
            {None: "A consultation", "fr": "Une consultation"},
            {None: "Answers", "fr": "Réponses"},
        )

    await prepare()
    assert api.phone(language="fr").menu() == (("help", "Ce que je sais faire"),)
    assert api.phone(language="pt-br").menu() == (("help", "What I can do"),)
    assert api.platform.profile == {
        ("description", ""): "A consultation",
        ("description", "fr"): "Une consultation",
        ("short_description", ""): "Answers",
        ("short_description", "fr"): "Réponses",
    }
    made = len(api.calls_of("setMyCommands"))
    await prepare()
    assert len(api.calls_of("setMyCommands")) == made == 2
    assert len(api.calls_of("setMyDescription")) == len(api.calls_of("setMyShortDescription")) == 2
    with pytest.raises(Rejected, match="language code"):
        await channel.prepare({"zh-hans": [("help", "帮助")]})


async def test_a_webhook_is_left_before_fetching(
    api: BotApi, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    await channel.leave_webhook()
    assert not api.calls_of("deleteWebhook")
    api.platform.webhook = {"url": "https://talanoa.example/secret-path", "max_connections": 40}
    with pytest.raises(Contested, match="webhook is active"):
        await channel.fetch(None, 0)
    await channel.leave_webhook()
    assert await channel.fetch(None, 0) == []
    assert "talanoa.example" in caplog.text
    assert "secret-path" not in caplog.text


@pytest.mark.parametrize("token", ["", "secret", "123:", "123:a b", "abc:def"])
def test_a_token_of_another_shape_is_refused_unseen(token: str) -> None:
    with pytest.raises(Misconfigured, match="TALANOA_TELEGRAM_TOKEN") as refusal:
        TelegramChannel(token)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["", "api.telegram.org", "ftp://api.telegram.org", "https://"])
def test_an_address_of_another_shape_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="TALANOA_TELEGRAM_API_URL"):
        TelegramChannel("1:a", url)


async def test_an_address_may_end_in_a_slash(api: BotApi) -> None:
    async with TelegramChannel.open(api.token, f"{api.url}/") as channel:
        assert await channel.connect() == "talanoa_bot"


async def test_no_log_holds_the_token_or_what_is_said(
    api: BotApi, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with TelegramChannel.open(api.token, api.url) as channel:
        await channel.connect()
        await channel.send(str(phone.id), Part("a private word"))
        phone.say("another private word")
        await channel.fetch(None, 0)
        for fault in ({"body": "a private word, not JSON"}, {"status": 502}, {"drop": "before"}):
            api.fault(**fault)
            with pytest.raises(RetryLater):
                await channel.send(str(phone.id), Part("a private word"))
        await channel.answer_tap("unknown")
    assert api.token.partition(":")[2] not in caplog.text
    assert "private word" not in caplog.text


def _keep(api: BotApi, content: bytes) -> str:
    return api.do(lambda: str(api.platform.keep("AgAC", "photos/x y.jpg", content)["file_id"]))


async def test_a_file_is_downloaded_whole(api: BotApi, channel: TelegramChannel) -> None:
    content = bytes(range(256)) * 4000
    assert await channel.download(_keep(api, content), len(content)) == content
    assert await channel.download(_keep(api, b""), 10) == b""


async def test_a_file_beyond_the_limit_is_not(api: BotApi, channel: TelegramChannel) -> None:
    with pytest.raises(TooLarge):
        await channel.download(_keep(api, bytes(1001)), 1000)
    assert api.downloads == [], "its size was known"
    with pytest.raises(TooLarge):
        await channel.download(_keep(api, bytes(20 * 2**20 + 1)), 100 * 2**20)


async def test_a_file_that_turns_out_to_be_larger_is_cut_off(
    api: BotApi, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = _keep(api, bytes(10))

    def grow() -> None:
        api.platform.files[file_id] = (api.platform.files[file_id][0], bytes(5_000_000))

    get_file = ExtBot.get_file

    async def then_grow(bot: ExtBot[None], reference: str) -> File:
        found = await get_file(bot, reference)
        api.do(grow)
        return found

    monkeypatch.setattr(ExtBot, "get_file", then_grow)
    with pytest.raises(TooLarge):
        await channel.download(file_id, 1000)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"method": "getFile", "retry_after": 7}, Throttled),
        ({"method": "getFile", "status": 502}, RetryLater),
        ({"method": "getFile", "status": 400, "description": "Bad Request: invalid file_id"}, Rejected),
        (
            {
                "method": "getFile",
                "status": 400,
                "description": "Bad Request: wrong file_id or the file is temporarily unavailable",
            },
            RetryLater,
        ),
        ({"method": "getFile", "status": 401, "description": "Unauthorized"}, Misconfigured),
        ({"method": "download", "status": 404}, RetryLater),
        ({"method": "download", "status": 500}, RetryLater),
        ({"method": "download", "retry_after": 3}, RetryLater),
        ({"method": "download", "drop": "after"}, RetryLater),
    ],
)
async def test_what_keeps_a_file_from_coming_says_what_follows(
    api: BotApi, channel: TelegramChannel, fault: dict[str, Any], expected: type[SendFailure]
) -> None:
    file_id = _keep(api, bytes(100_000))
    api.fault(**fault)
    with pytest.raises(expected) as caught:
        await channel.download(file_id, 1_000_000)
    assert api.token not in str(caught.value)
    assert len(await channel.download(file_id, 1_000_000)) == 100_000


async def test_a_server_that_keeps_files_to_itself_is_named(
    channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def local(_: ExtBot[None], reference: str) -> File:
        return File(reference, "u1", 3, "/var/lib/telegram-bot-api/x")

    monkeypatch.setattr(ExtBot, "get_file", local)
    with pytest.raises(Misconfigured, match="--local"):
        await channel.download("AgAC", 100)
