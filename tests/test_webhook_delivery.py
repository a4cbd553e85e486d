"""The loopback Bot API server delivers to a webhook as the platform does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.channels.telegram_transport import AiohttpRequest
from tests.support.botapi import BotApi

SECRET = "only_for-tests"
YES = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


class Hook:
    """Somebody's webhook, which answers as a test wants."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[tuple[dict[str, Any], dict[str, str]]] = []
        """The updates with their headers."""
        self.answers: dict[str, list[web.Response]] = {}
        """What is answered to an update with these words, one after the other, before all is well."""
        self.gates: dict[str, asyncio.Event] = {}
        """Words that are not answered before their gate opens."""
        self.at_once = 0
        self.most_at_once = 0

    async def handle(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.requests.append((update, dict(request.headers)))
        words = self.words(update)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if gate := self.gates.get(words):
                await gate.wait()
            await asyncio.sleep(0.005)
        finally:
            self.at_once -= 1
        left = self.answers.get(words)
        return left.pop(0) if left else web.Response()

    @property
    def heard(self) -> list[str]:
        """The words of what came, oldest first."""
        return [self.words(update) for update, _ in self.requests]

    @staticmethod
    def words(update: dict[str, Any]) -> str:
        content = update.get("message") or update.get("callback_query") or {}
        return str(content.get("text") or content.get("data") or "nothing")


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi.start() as running:
        running.courier.scale = 0.01
        yield running


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A webhook on a port of its own."""
    running = Hook()
    application = web.Application()
    application.router.add_post("/hook", running.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield running
    await runner.cleanup()


@pytest.fixture
async def bot(api: BotApi, hook: Hook) -> AsyncIterator[ExtBot[None]]:
    """The library's client, after it has set the webhook."""
    async with ExtBot(
        api.token,
        base_url=f"{api.url}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    ) as ready:
        await ready.set_webhook(hook.url, secret_token=SECRET, max_connections=10)
        yield ready


async def until(holds: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (some of it is another thread's)
            await asyncio.sleep(0.005)


def method(name: str, **parameters: Any) -> web.Response:
    return web.json_response({"method": name} | parameters)


async def test_an_update_is_posted_with_the_secret(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    phone = api.phone(language="fr")
    phone.say("bonjour")
    assert await api.settled()
    ((update, headers),) = hook.requests
    assert update["message"]["from"]["language_code"] == "fr"
    assert headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
    assert headers["Content-Type"] == "application/json"


async def test_order_holds_within_a_queue_and_queues_do_not_wait_for_one_another(
    api: BotApi, hook: Hook, bot: ExtBot[None]
) -> None:
    phone, other = api.phone(started=True), api.phone()
    await bot.send_message(phone.id, "Well?", reply_markup=YES)
    gate = hook.gates["1"] = asyncio.Event()
    for text in ("1", "2", "3"):
        phone.say(text)
    phone.tap("Yes")
    other.say("hello")
    await until(lambda: len(hook.requests) == 3)
    await asyncio.sleep(0.05)
    assert sorted(hook.heard) == ["1", "hello", "yes"]
    assert api.pending == 3
    gate.set()
    assert await api.settled()
    assert [words for words in hook.heard if words.isdigit()] == ["1", "2", "3"]


async def test_no_more_at_once_than_was_asked_for(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    gate = hook.gates["wait"] = asyncio.Event()
    phones = [api.phone() for _ in range(25)]
    with api.held():
        for phone in phones:
            phone.say("wait")
    await until(lambda: hook.at_once == 10)
    await asyncio.sleep(0.05)
    assert len(hook.requests) == 10
    gate.set()
    assert await api.settled()
    assert len(hook.requests) == 25
    assert hook.most_at_once == 10


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_any_success_acknowledges(api: BotApi, hook: Hook, bot: ExtBot[None], status: int) -> None:
    hook.answers["hello"] = [web.Response(status=status)]
    api.phone().say("hello")
    assert await api.settled()
    assert hook.heard == ["hello"]


@pytest.mark.parametrize("status", [302, 400, 401, 404, 500, 503])
async def test_anything_else_is_tried_again_and_holds_up_its_own_queue_only(
    api: BotApi, hook: Hook, bot: ExtBot[None], status: int
) -> None:
    phone, other = api.phone(), api.phone()
    hook.answers["1"] = [web.Response(status=status) for _ in range(4)]
    phone.say("1")
    phone.say("2")
    await until(lambda: len(hook.requests) >= 2)
    other.say("hello")
    await until(lambda: "hello" in hook.heard)
    assert await api.settled()
    assert [words for words in hook.heard if words != "hello"] == ["1"] * 5 + ["2"]
    assert hook.heard.index("hello") < 5


async def test_waits_grow_up_to_a_minute_or_two(api: BotApi) -> None:
    waits = [api.courier._seconds(failures, None) for failures in range(1, 12)]
    assert waits[:6] == [0, 2, 4, 8, 16, 32]
    assert all(60 <= wait <= 120 for wait in waits[7:])
    assert len(set(waits[8:])) > 1


async def test_retry_after_is_honoured(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    hook.answers["hello"] = [web.Response(status=503, headers={"Retry-After": "30"})]
    started = asyncio.get_running_loop().time()
    api.phone().say("hello")
    assert await api.settled()
    assert 0.3 <= asyncio.get_running_loop().time() - started < 2
    assert hook.heard == ["hello", "hello"]
    hook.answers["again"] = [web.Response(status=503, headers={"Retry-After": "999999"})]
    api.courier.scale = 0.0
    api.phone().say("again")
    assert await api.settled()


async def test_what_is_too_old_is_dropped(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    phone = api.phone(started=True)
    await bot.send_message(phone.id, "Well?", reply_markup=YES)
    api.courier.scale = 0.0005
    for seconds, attempts in ((100, 2), (151, 1)):
        hook.requests.clear()
        hook.answers["yes"] = [web.Response(status=503, headers={"Retry-After": str(seconds)})]
        phone.tap("Yes")
        assert await api.settled()
        assert hook.heard == ["yes"] * attempts, "a tap lives for 150 seconds"
    gate = hook.gates["1"] = asyncio.Event()
    phone.say("1")
    await until(lambda: "1" in hook.heard)
    phone.say("2")
    api.advance(24 * 3600 + 1)
    gate.set()
    assert await api.settled()
    assert "2" not in hook.heard


async def test_a_method_in_the_answer_is_executed(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    phone = api.phone()
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    hook.answers["hello"] = [method("sendMessage", chat_id=phone.id, text="Welcome", reply_markup=markup)]
    phone.say("hello")
    assert (await phone.await_reply()).labels == ("Yes",)
    hook.answers["yes"] = [method("answerCallbackQuery", callback_query_id="")]
    phone.tap("Yes")
    assert await api.settled()
    await until(lambda: api.calls_of("answerCallbackQuery"))
    (sent,) = api.calls_of("sendMessage")
    assert (sent.status, sent.in_body) == (200, True)


@pytest.mark.parametrize(
    ("answer", "description"),
    [
        ({"method": "sendMessage", "text": ""}, "Bad Request: message text is empty"),
        ({"method": "sendMessage", "text": "x" * 4097}, "Bad Request: message is too long"),
        ({"method": "sendMessage", "text": "x", "chat_id": 1}, "Bad Request: chat not found"),
        ({"method": "sendHologram"}, "Not Found"),
        ({"method": "getMe"}, "Bad Request: the method can't be used in an answer to a webhook"),
        ({"method": "deleteWebhook"}, "Bad Request: the method can't be used in an answer to a webhook"),
    ],
)
async def test_nobody_hears_what_becomes_of_it(
    api: BotApi, hook: Hook, bot: ExtBot[None], answer: dict[str, Any], description: str
) -> None:
    phone = api.phone()
    before = len(api.calls)
    hook.answers["hello"] = [web.json_response({"chat_id": phone.id} | answer)]
    phone.say("hello")
    assert await api.settled()
    await until(lambda: api.calls[before:] and api.calls[before].status)
    assert api.calls[before].description == description
    assert phone.screen == ()
    assert hook.heard == ["hello"]
    assert api.platform.webhook


@pytest.mark.parametrize(
    "answer",
    [
        {"text": json.dumps({"method": "sendMessage", "chat_id": 1, "text": "x"})},
        {"body": b"{", "content_type": "application/json"},
        {"text": "[]", "content_type": "application/json"},
        {"text": '{"method": 7}', "content_type": "application/json"},
        {"text": '{"ok": true}', "content_type": "application/json"},
        {"status": 500, "text": '{"method": "sendMessage"}', "content_type": "application/json"},
    ],
)
async def test_other_answers_mean_nothing(
    api: BotApi, hook: Hook, bot: ExtBot[None], answer: dict[str, Any]
) -> None:
    before = len(api.calls)
    hook.answers["hello"] = [web.Response(**answer)]
    api.phone().say("hello")
    assert await api.settled()
    assert len(api.calls) == before


async def test_the_bot_can_ask_how_it_goes(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    api.courier.scale = 1.0
    hook.answers["1"] = [web.Response(status=502, reason="Bad Gateway") for _ in range(2)]
    phone = api.phone()
    for text in ("1", "2"):
        phone.say(text)
    await until(lambda: len(hook.requests) == 2)
    await until(lambda: "last_error" in api.platform.webhook)
    info = await bot.get_webhook_info()
    assert info.pending_update_count == 2
    assert info.last_error_message == "Wrong response from the webhook: 502 Bad Gateway"
    assert info.last_error_date is not None
    assert (info.url, info.max_connections, info.allowed_updates) == (hook.url, 10, ())
    # A webhook that is set anew is tried at once.
    await bot.set_webhook(hook.url, secret_token=SECRET, allowed_updates=["message"])
    assert await api.settled()
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_message) == (0, None)
    assert info.allowed_updates == ("message",)
    assert hook.heard == ["1", "1", "1", "2"]


async def test_nobody_there_is_an_error_like_another(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    for url in ("http://127.0.0.1:9/hook", "https://talanoa.example.org/hook"):
        await bot.set_webhook(url)
        api.phone().say("hello")
        await until(lambda: "last_error" in api.platform.webhook)
        assert (await bot.get_webhook_info()).last_error_message == "Connection refused"
    await bot.set_webhook(hook.url)
    assert await api.settled()
    assert hook.heard == ["hello", "hello"]


async def test_the_way_there_and_back_can_break(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    phone, other = api.phone(), api.phone()
    api.fault(method="webhook", chat=phone.id, drop="before")
    api.fault(method="webhook", chat=phone.id, drop="after")
    api.fault(method="webhook", chat=other.id, delay=0.1)
    for text in ("lost on the way", "2"):
        phone.say(text)
    other.say("late")
    assert await api.settled()
    assert hook.heard == ["lost on the way", "lost on the way", "2", "late"]
    assert len(api.courier.attempts) == len(hook.requests)


async def test_without_a_webhook_nothing_is_delivered(api: BotApi, hook: Hook, bot: ExtBot[None]) -> None:
    phone = api.phone()
    await bot.delete_webhook()
    phone.say("fetched")
    await asyncio.sleep(0.05)
    assert hook.requests == []
    (update,) = await bot.get_updates()
    assert update.message is not None
    await bot.set_webhook(hook.url, drop_pending_updates=True)
    phone.say("delivered")
    assert await api.settled()
    assert hook.heard == ["delivered"]
    assert "X-Telegram-Bot-Api-Secret-Token" not in hook.requests[0][1]


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"url": "http://talanoa.example.org"}, "HTTPS URL must be provided for webhook"),
        ({"url": "talanoa.example.org"}, "HTTPS URL must be provided for webhook"),
        ({"secret_token": "not allowed"}, "secret token contains unallowed characters"),
        ({"secret_token": "x" * 257}, "secret token is too long"),
    ],
)
async def test_a_webhook_is_checked(bot: ExtBot[None], parameters: dict[str, str], description: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){description}"):
        await bot.set_webhook(**{"url": "https://talanoa.example.org"} | parameters)
