"""The webhook: an ASGI callable that answers each update after its commit, with the reply where that can be."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable

from bot import clock
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_handover import Intake, SetAside
from bot.clock import Clock
from bot.messages import SendFailure
from bot.web.answers import Answer, Header, Message, Receive, Scope, Send, busy, not_allowed, saying
from bot.web.deliveries import Deliveries

PATH = "/telegram"
INVITATION = re.compile(r"/c/([A-Za-z0-9_-]{1,64})", re.ASCII)
"""Short links into a round: its code, and where people came from."""
SECRET_HEADER = b"x-telegram-bot-api-secret-token"
MOST_BYTES = 1024 * 1024
READ_SECONDS = 30.0
STOPPING_SECONDS = 1.0
"""After which the platform tries elsewhere, or whatever is started next."""

RETRY_SECONDS = 5.0

Probe = Callable[[], Awaitable[bool]]


class Webhook:
    """`POST /telegram` for one bot, `GET /c/CODE` that leads to it, and the probes `GET /healthz` and `GET /readyz`."""

    def __init__(
        self,
        channel: TelegramChannel,
        intake: Intake,
        set_aside: SetAside,
        secret: str,
        store_answers: Probe,
        *,
        now: Clock = clock.now,
    ) -> None:
        self._channel = channel
        self._deliveries = Deliveries(channel, intake, set_aside, now)
        self._secret = secret.encode()
        self._store_answers = store_answers
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"there is nothing but HTTP here, no {scope['type']}")
        try:
            answer = await self._answer(scope, receive)
        except ConnectionError:
            return
        await answer.send(send)

    def stop(self) -> None:
        """Take nothing more: 503 to everything that comes from now on."""
        self._stopping = True

    async def drain(self, seconds: float) -> None:
        """Wait for what runs in the background, at most so long."""
        await self._deliveries.drain(seconds)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path == PATH:
            if method != "POST":
                return not_allowed("POST")
            return await self._update(scope["headers"], receive)
        if path in ("/healthz", "/readyz"):
            if method not in ("GET", "HEAD"):
                return not_allowed("GET", "HEAD")
            return saying(200, "alive") if path == "/healthz" else await self._ready()
        if invitation := INVITATION.fullmatch(path):
            if method not in ("GET", "HEAD"):
                return not_allowed("GET", "HEAD")
            return await self._lead(invitation[1])
        return saying(404, "there is nothing here", closing=True)

    async def _update(self, headers: list[Header], receive: Receive) -> Answer:
        given, announced = b"", b""
        for name, value in headers:
            if name == SECRET_HEADER:
                given = value
            elif name == b"content-length":
                announced = value
        if not hmac.compare_digest(given, self._secret):
            return saying(401, "the secret header is missing or wrong", closing=True)
        if self._stopping:
            return busy("stopping", STOPPING_SECONDS, closing=True)
        if announced.isdigit() and int(announced) > MOST_BYTES:
            return _too_large()
        message = await receive()
        body = message.get("body", b"")
        if message.get("more_body") or message["type"] == "http.disconnect":
            try:
                async with asyncio.timeout(READ_SECONDS):
                    body = await _rest(message, receive)
            except TimeoutError:
                return saying(408, "the update did not arrive in time", closing=True)
        if len(body) > MOST_BYTES:
            return _too_large()
        return await self._deliveries.take(body)

    async def _lead(self, payload: str) -> Answer:
        try:
            link = await self._channel.link(payload)
        except SendFailure:
            return busy("the bot cannot be reached", RETRY_SECONDS)
        return Answer(302, headers=((b"location", link.encode()),))

    async def _ready(self) -> Answer:
        if self._stopping:
            return busy("stopping", STOPPING_SECONDS)
        if self._deliveries.refusing:
            return busy("too much is waiting", 1.0)
        if not await self._store_answers():
            return busy("the store does not answer", 1.0)
        return saying(200, "ready")


async def _rest(message: Message, receive: Receive) -> bytes:
    """A body that comes in pieces, as far as it may go."""
    body = bytearray()
    while message["type"] != "http.disconnect":
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > MOST_BYTES:
            return bytes(body)
        message = await receive()
    raise ConnectionError("the client is gone")


def _too_large() -> Answer:
    return saying(413, f"an update has at most {MOST_BYTES} bytes", closing=True)
