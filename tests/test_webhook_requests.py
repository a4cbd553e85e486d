"""What else comes to the webhook: strangers, what is no update, bodies of all kinds, probes, and the end."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import Mock

import pytest

from bot.channels.telegram import TelegramChannel
from bot.messages import Button, NotTaken, Part
from bot.web import server
from bot.web import webhook as webhooks
from bot.web.server import _Gathering
from bot.web.webhook import MOST_BYTES, Webhook
from tests.support.botapi import BotApi
from tests.support.intakes import FakeIntake, until
from tests.support.webhook import SECRET, UPDATE, Served


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "sécret"])
async def test_without_the_secret_nothing_is_read(
    served: Served, intake: FakeIntake, secret: str | None
) -> None:
    status, body, headers = await served.request(json=UPDATE, secret=secret)
    assert (status, body) == (401, {"error": "the secret header is missing or wrong"})
    assert headers["connection"] == "close"
    assert intake.attempts == []


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/telegram", 405, "only POST here"),
        ("PUT", "/telegram", 405, "only POST here"),
        ("POST", "/readyz", 405, "only GET and HEAD here"),
        ("POST", "/", 404, "there is nothing here"),
        ("GET", "/telegram/", 404, "there is nothing here"),
        ("POST", "/%74elegram2", 404, "there is nothing here"),
    ],
)
async def test_other_requests_are_told_so(
    served: Served, method: str, path: str, status: int, error: str
) -> None:
    given, body, headers = await served.request(method, path)
    assert (given, body) == (status, {"error": error})
    assert ("allow" in headers) == (status == 405)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"update_id=7", "the body is not JSON"),
        (b"[]", "the body is not an update: it is no JSON object"),
    ],
)
async def test_what_is_not_json_is_refused(
    served: Served, intake: FakeIntake, body: bytes, error: str
) -> None:
    assert (await served.request(data=body))[:2] == (400, {"error": error})
    assert intake.aside == []


async def test_what_nests_too_deeply_is_set_aside(served: Served, intake: FakeIntake) -> None:
    body = b'{"message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert (await served.request(data=body))[:2] == (200, None)
    assert len(intake.aside) == 1


async def test_a_body_is_bounded_whether_or_not_it_says_how_long_it_is(
    served: Served, intake: FakeIntake
) -> None:
    refusal = (413, {"error": f"an update has at most {MOST_BYTES} bytes"})
    assert (await served.request(data=io.BytesIO(b" " * (MOST_BYTES + 1))))[:2] == refusal
    reader, writer = await served.connect("Transfer-Encoding: chunked")
    for _ in range(MOST_BYTES // 4096):
        writer.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(b"1\r\n \r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 413 ")
    writer.close()
    longest = json.dumps(UPDATE).ljust(MOST_BYTES)
    assert (await served.request(data=io.BytesIO(longest.encode())))[0] == 200
    assert len(intake.committed) == 1


async def test_a_body_in_pieces_is_put_together(served: Served, intake: FakeIntake) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in json.dumps(UPDATE).encode():
            yield bytes([byte])
            await asyncio.sleep(0)

    assert (await served.request(data=pieces()))[0] == 200
    assert intake.words() == ["hello"]


async def test_a_body_that_does_not_end_is_given_up(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhooks, "READ_SECONDS", 0.05)
    reader, writer = await served.connect("Content-Length: 100")
    writer.write(b"{")
    assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    _, gone = await served.connect("Content-Length: 100")
    gone.write(b"{")
    await gone.drain()
    await asyncio.sleep(0.02)
    gone.close()
    await asyncio.sleep(0.1)
    assert (await served.request("GET", "/healthz"))[0] == 200
    assert caplog.text == ""


async def test_probes(served: Served, intake: FakeIntake) -> None:
    assert (await served.request("GET", "/healthz", secret=None))[:2] == (200, {"status": "alive"})
    assert (await served.request("HEAD", "/readyz", secret=None))[:2] == (200, None)
    assert (await served.request("GET", "/readyz", secret=None))[:2] == (200, {"status": "ready"})
    served.store = False
    status, body, headers = await served.request("GET", "/readyz")
    assert (status, body, headers["retry-after"]) == (503, {"error": "the store does not answer"}, "1")
    assert (await served.request("GET", "/healthz"))[0] == 200
    served.store = True
    served.webhook.stop()
    assert (await served.request("GET", "/readyz"))[:2] == (503, {"error": "stopping"})
    assert (await served.request("GET", "/healthz"))[0] == 200


async def test_ops_1_stopping_finishes_what_was_taken_and_sends_the_rest_away(
    api: BotApi, served: Served, intake: FakeIntake
) -> None:
    taken, late = api.phone(), api.phone()
    gate = intake.gates["taken"] = asyncio.Event()
    taken.say("taken")
    await until(lambda: intake.attempts)
    served.webhook.stop()
    late.say("late")
    await until(lambda: "last_error" in api.platform.webhook)
    assert api.platform.webhook["last_error"][1] == "Wrong response from the webhook: 503 Service Unavailable"
    served.stopping.set()
    await asyncio.sleep(0.3)
    assert served.task is not None
    assert not served.task.done()
    gate.set()
    assert (await taken.await_reply()).text == "you said taken"
    await asyncio.wait_for(served.task, 5)
    assert intake.words() == ["taken"]
    assert api.pending == 1


async def test_a_tap_that_cannot_be_answered_holds_nothing_up(
    api: BotApi, served: Served, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = api.phone()
    phone.say("hello")
    await phone.await_reply()
    hanging = api.fault(method="answerCallbackQuery", delay=30, times=None)
    phone.tap("Yes")
    await phone.await_text("you said yes")
    monkeypatch.setattr("bot.web.server.DRAIN_SECONDS", 0.1)
    served.stopping.set()
    assert served.task is not None
    await asyncio.wait_for(served.task, 5)
    api.lift(hanging)


async def test_logs_hold_no_words_of_people(
    api: BotApi, served: Served, intake: FakeIntake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = api.phone()
    api.fault(method="sendMessage", drop="before")
    intake.failures["private words"] = [RuntimeError("private words"), NotTaken("no", 0.01)]
    intake.replies["private words"] = (Part("private words", ((Button("private words", "1"),),)),) * 2
    phone.say("private words")
    await until(lambda: intake.owed)
    assert await api.settled()
    assert "private words" not in caplog.text
    assert SECRET not in caplog.text
    assert api.token.partition(":")[2] not in caplog.text
    assert str(phone.id) not in caplog.text


async def test_nothing_but_http_is_answered(channel: TelegramChannel, intake: FakeIntake) -> None:
    async def never() -> Any:
        raise AssertionError

    webhook = Webhook(channel, intake, intake.set_aside, SECRET, never)
    with pytest.raises(ValueError, match="no lifespan"):
        await webhook({"type": "lifespan"}, never, never)


async def test_an_answer_is_sent_in_one_piece(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head by itself would be a packet of its own, and wake the other side twice."""
    pieces: list[bytes] = []

    class Watched(_Gathering):
        def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
            super().__init__(transport, loop)
            send = transport.write
            self._transport = Mock(wraps=transport)
            self._transport.write.side_effect = lambda data: (pieces.append(data), send(data))

    monkeypatch.setattr(server, "_Gathering", Watched)
    assert (await served.request(json=UPDATE))[0] == 200
    assert len(pieces) == 1
    head, _, body = pieces[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert json.loads(body)["text"] == "you said hello"


async def test_an_answer_without_a_body_is_sent_too(served: Served) -> None:
    status, body, headers = await served.request("HEAD", "/healthz")
    assert (status, body) == (200, None)
    assert int(headers["content-length"]) > 0
