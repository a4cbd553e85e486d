"""Replies that travel as the answer to an update are what python-telegram-bot would send, or are not made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import LinkPreviewOptions
from telegram.request import RequestData

from bot.channels.telegram import TelegramChannel, _keyboard
from bot.channels.telegram_replies import answer_callback_query, send_message
from bot.channels.telegram_transport import AiohttpRequest
from bot.messages import Button, Document, Part, utf16_units
from tests.support.botapi import BotApi
from tests.support.botapi.checks import Parameters, keyboard, message_text
from tests.support.botapi.errors import ApiError

SENT = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
YES_NO = ((Button("Yes", "a1.1.1.0"), Button("No", "a1.1.1.1")), (Button("Skip", "c1.1.4.0"),))


class Captured(AiohttpRequest):
    """A way out that leads nowhere: what would be sent stays here."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[dict[str, Any]] = []

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **timeouts: Any
    ) -> tuple[int, bytes]:
        assert request_data is not None
        name = url.rpartition("/")[2]
        self.calls.append({"method": name} | request_data.parameters)
        result = SENT if name == "sendMessage" else True
        return 200, json.dumps({"ok": True, "result": result}).encode()


@pytest.fixture
def captured() -> Captured:
    return Captured()


@pytest.fixture
def channel(captured: Captured) -> TelegramChannel:
    """The channel, its library speaking into the void."""
    opened = TelegramChannel("7000000001:AAHloopbackloopbackloopbackloopback", "http://127.0.0.1:9")
    opened._bot._request = (captured, captured)
    opened._calling = captured
    return opened


PARTS = {
    "plain": Part("Which country?"),
    "with buttons": Part("Do you agree?", YES_NO),
    "marks": Part('*1* _2_ <b>3</b> & \\ "quoted" https://example.org'),
    "lines": Part("1. one\n2. two\r\n\n\t3. three\n"),
    "right to left": Part("\u200fهل لديك \u2068METEP\u2069؟", ((Button("نعم", "1"), Button("לא", "2")),)),
    "emoji": Part("👩🏽‍🌾 🇫🇯 \U0001f30a", ((Button("✅ \U0001f30a", "1"),),)),
    "control characters": Part("a\x00b\x1fc\x7f\u2028d"),
    "the longest": Part("\U0001f30a" * 2048),
    "the longest in one unit each": Part("й" * 4096),
    "the most buttons": Part("x", tuple((Button(f"Choice {n}", f"a1.1.1.{n}"),) for n in range(100))),
    "the longest data": Part("x", ((Button("x", "й" * 32),),)),
    "the widest row": Part("x", (tuple(Button(str(n), str(n)) for n in range(8)),)),
    "to replace what was not tapped": Part("x", replaces=True),
    "a question": Part("x", question="a1_7"),
}


@pytest.mark.parametrize("name", PARTS)
async def test_a_body_is_what_the_library_would_send(
    channel: TelegramChannel, captured: Captured, name: str
) -> None:
    part = PARTS[name]
    body = send_message("42", part)
    assert body is not None
    await channel._bot.send_message(
        "42",
        part.text,
        reply_markup=_keyboard(part),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    assert [json.loads(body)] == captured.calls


@pytest.mark.parametrize("name", PARTS)
async def test_a_call_is_what_the_library_would_make(
    channel: TelegramChannel, captured: Captured, name: str
) -> None:
    part = PARTS[name]
    await channel.send("42", part)
    ours = captured.calls.pop()
    await channel._bot.send_message(
        "42",
        part.text,
        reply_markup=_keyboard(part),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    [theirs] = captured.calls
    objects = ("link_preview_options", "reply_markup")
    assert ours | {key: json.loads(ours[key]) for key in objects if key in ours} == theirs


async def test_the_end_of_waiting_is_what_the_library_would_send(
    channel: TelegramChannel, captured: Captured
) -> None:
    await channel.answer_tap("4711")
    assert [json.loads(answer_callback_query("4711"))] == captured.calls


REFUSED = {
    "nothing": Part(""),
    "white space": Part(" \n\t\u2003"),
    "too long": Part("x" * 4097),
    "too long in the platform's units": Part("\U0001f30a" * 2048 + "x"),
    "too many buttons": Part("x", tuple((Button("x", "1"),) for _ in range(101))),
    "too wide": Part("x", ((Button("x", "1"),) * 9,)),
    "too much data": Part("x", ((Button("x", "й" * 33),),)),
    "no data": Part("x", ((Button("x", ""),),)),
    "no label": Part("x", ((Button(" ", "1"),),)),
}
LEFT_TO_A_CALL = {
    "a file": Part("x", document=Document("a.csv", "text/csv", "a")),
    "an empty row": Part("x", ((Button("x", "1"),), ())),
    "half a character": Part("a\ud83d"),
    "half a character on a button": Part("a", ((Button("\ude00", "1"),),)),
    "half a character in data": Part("a", ((Button("x", "\ude00"),),)),
}


@pytest.mark.parametrize("name", REFUSED | LEFT_TO_A_CALL)
def test_what_may_be_refused_is_left_to_a_call(name: str) -> None:
    assert send_message("42", (REFUSED | LEFT_TO_A_CALL)[name]) is None


@pytest.mark.parametrize("name", REFUSED)
def test_the_platform_refuses_what_is_held_back(name: str) -> None:
    """Nothing is held back without need."""
    part = REFUSED[name]
    rows = [[{"text": one.label, "callback_data": one.data} for one in row] for row in part.keyboard]
    markup = {"reply_markup": json.dumps({"inline_keyboard": rows})} if rows else {}
    with pytest.raises(ApiError):
        accepted(Parameters({"text": part.text} | markup))


def accepted(parameters: Parameters) -> None:
    message_text(parameters)
    keyboard(parameters)


texts = st.text(max_size=40) | st.text(st.sampled_from("aй\U0001f30a "), max_size=20).map(lambda t: t * 220)
buttons = st.builds(Button, st.text(max_size=6), st.text(st.sampled_from("aй\U0001f30a"), max_size=34))
parts = st.builds(
    Part, texts, st.lists(st.lists(buttons, max_size=9).map(tuple), max_size=3).map(tuple), st.none()
)


@given(parts)
@settings(max_examples=100)
def test_the_platform_accepts_every_body(part: Part) -> None:
    """A refusal would not be seen, so there must be none."""
    body = send_message("42", part)
    if body is None:
        return
    content = json.loads(body)
    assert content.pop("method") == "sendMessage"
    assert content["text"] == part.text
    assert utf16_units(content["text"]) <= 4096
    accepted(
        Parameters(
            {name: value if isinstance(value, str) else json.dumps(value) for name, value in content.items()}
        )
    )


async def test_the_platform_shows_a_body_as_it_shows_a_call() -> None:
    with BotApi.start() as api:
        phone = api.phone(started=True)
        async with TelegramChannel.open(api.token, api.url) as channel:
            for name, part in PARTS.items():
                body = send_message(str(phone.id), part)
                assert body is not None, name
                api.wait(api._obey(json.loads(body)))
                await channel.send(str(phone.id), part)
                by_body, by_call = phone.screen[-2:]
                assert (by_body.text, by_body.rows) == (by_call.text, by_call.rows), name
        assert [call.status for call in api.calls_of("sendMessage")] == [200] * 2 * len(PARTS)
        assert sum(call.in_body for call in api.calls) == len(PARTS)
