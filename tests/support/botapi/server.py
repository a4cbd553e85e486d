"""The server: HTTP on 127.0.0.1, in a thread and loop of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import BodyPartReader, web

from tests.support.botapi.checks import Parameters, Upload
from tests.support.botapi.courier import Courier
from tests.support.botapi.errors import ApiError
from tests.support.botapi.faults import DOWNLOAD, WEBHOOK, Fault
from tests.support.botapi.methods import call
from tests.support.botapi.phone import Phone
from tests.support.botapi.platform import Platform

T = TypeVar("T")
TOKEN = "7000000001:AAHloopbackloopbackloopbackloopback"  # a made-up one, of the right shape
NOT_IN_BODY = ("get", "setwebhook", "deletewebhook", "close", "logout")
"""Methods that are not executed from the body of an answer to an update."""


@dataclass(slots=True)
class Call:
    """One call of the bot, and how it was answered."""

    method: str
    parameters: Parameters
    status: int = 0
    description: str = ""
    in_body: bool = False
    """Whether it came as the body of the answer to an update."""

    @property
    def chat(self) -> int | None:
        """The chat that it names."""
        return self.parameters.integer("chat_id") or None


class BotApi:
    """The platform, for one bot; its methods may be called from any thread."""

    def __init__(self, *, token: str = TOKEN, username: str = "talanoa_bot", seed: int = 1) -> None:
        self.token = token
        self.username = username
        self.url = ""
        self.calls: list[Call] = []
        self.downloads: list[str] = []
        """The files that were fetched, by path."""
        self.platform = Platform(username, int(token.partition(":")[0]), seed)
        self.courier = Courier(self.platform, self._obey, lambda chat: self._fault(WEBHOOK, chat))
        self._carrying: asyncio.Task[None] | None = None
        self._faults: list[Fault] = []
        self._names = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="botapi", daemon=True)
        self._runner = web.AppRunner(self._application(), handler_cancellation=True, shutdown_timeout=0.1)

    @classmethod
    def start(cls, *, token: str = TOKEN, username: str = "talanoa_bot", seed: int = 1) -> BotApi:
        """A running server; leave it with `with`, `async with` or `stop`."""
        api = cls(token=token, username=username, seed=seed)
        api._thread.start()
        api.wait(api._listen())
        return api

    def stop(self) -> None:
        """Stop listening."""
        self.wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def phone(self, name: str | None = None, language: str | None = "en", *, started: bool = False) -> Phone:
        """Somebody's phone; `started` when they have written to the bot before."""
        name = name or f"Person {next(self._names)}"
        return Phone(self, self.do(lambda: self.platform.enrol(name, language, started=started)))

    def fault(self, **what: Any) -> Fault:
        """Let something go wrong; see `Fault`."""
        fault = Fault(**what)
        self._faults.append(fault)
        return fault

    def lift(self, fault: Fault) -> None:
        """End a fault."""
        self._faults.remove(fault)

    def advance(self, seconds: float) -> None:
        """Move the platform's clock."""
        self.platform.skew += seconds

    @contextmanager
    def held(self, *, reverse: bool = False) -> Iterator[None]:
        """Deliver what people do in this block all at once at its end.

        With `reverse`, taps come before the words of the same person: they have queues of their own.
        """

        def hold() -> None:
            self.platform.held = []

        self.do(hold)
        try:
            yield
        finally:
            self.do(lambda: self.platform.release(reverse=reverse))

    def inject(self, kind: str, payload: dict[str, Any]) -> None:
        """Deliver an update as it is."""
        self.do(lambda: self.platform.publish(kind, payload, kind))

    def forget_confirmation(self) -> None:
        """Deliver again what the bot's last confirmation took away."""
        self.do(self.platform.forget_confirmation)

    def renumber(self) -> None:
        """Number updates anew, as after a quiet week."""
        self.do(self.platform.renumber)

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed."""
        return self.do(lambda: len(self.platform.pending))

    async def settled(self, seconds: float = 5.0) -> bool:
        """Whether the bot confirms everything within `seconds`."""
        end = asyncio.get_running_loop().time() + seconds
        while self.pending:
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(0.01)
        return True

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method, oldest first."""
        return [made for made in self.calls if made.method == method]

    def do(self, work: Callable[[], T]) -> T:
        """Run `work` on the server's loop."""

        async def run() -> T:
            return work()

        return self.wait(run())

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop and wait for it here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def wait_async(self, work: Coroutine[Any, Any, T]) -> T:
        """The same without blocking the caller's loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/bot{token}/{method}", self._answer)
        application.router.add_get("/file/bot{token}/{path:.+}", self._download)
        return application

    async def _listen(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"

        self._carrying = asyncio.create_task(self.courier.run())

    async def _close(self) -> None:
        if self._carrying is not None:
            self._carrying.cancel()
            await asyncio.wait({self._carrying})
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            self._authorise(request)
            made = Call(request.match_info["method"], await _parameters(request))
        except ApiError as error:
            return _response(error.code, error.body())
        self.calls.append(made)
        fault = self._fault(made.method, made.chat)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            return _broken(request)
        if fault.body is not None:
            made.status = fault.status or 200
            return web.Response(status=made.status, text=fault.body, content_type="text/html")
        body = await self._perform(made, fault)
        return _broken(request) if fault.drop == "after" else _response(made.status, body)

    async def _obey(self, body: dict[str, Any]) -> None:
        """Execute what came as the body of the answer to an update."""
        parameters = Parameters(_texts(body))
        made = Call(str(parameters.pop("method")), parameters, in_body=True)
        self.calls.append(made)
        await self._perform(made, self._fault(made.method, made.chat))

    async def _perform(self, made: Call, fault: Fault) -> dict[str, Any]:
        """Execute a call; the answer to it."""
        try:
            if refusal := fault.error():
                raise refusal
            if made.in_body and made.method.lower().startswith(NOT_IN_BODY):
                raise ApiError(400, "Bad Request: the method can't be used in an answer to a webhook")
            result = await call(self.platform, made.method, made.parameters)
        except ApiError as error:
            made.status, made.description = error.code, error.description
            return error.body()
        made.status = HTTPStatus.OK
        return {"ok": True, "result": result}

    def _fault(self, method: str, chat: int | None) -> Fault:
        return next((one for one in self._faults if one.matches(method, chat)), Fault())

    async def _download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._authorise(request)
        except ApiError as error:
            return _response(error.code, error.body())
        path = request.match_info["path"]
        fault = self._fault(DOWNLOAD, None)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if refusal := fault.error():
            return _response(refusal.code, refusal.body())
        for name, content in self.platform.files.values():
            if path in (name, f"documents/{name}"):
                self.downloads.append(path)
                if fault.drop == "after":
                    return await _cut(request, content)
                return web.Response(body=content)
        return _response(404, ApiError(404, "Not Found").body())

    def _authorise(self, request: web.Request) -> None:
        given = request.match_info["token"]
        if given != self.token:
            number, colon, secret = given.partition(":")
            well_formed = number.isdecimal() and colon and len(secret) >= 30
            raise ApiError(401, "Unauthorized") if well_formed else ApiError(404, "Not Found")


async def _parameters(request: web.Request) -> Parameters:
    parameters = Parameters(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiError(400, "Bad Request: can't parse request: expected a JSON object")
        parameters.update(_texts(body))
    elif request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name:
                content = await part.read(decode=True)
                if part.filename is None:
                    parameters[part.name] = _decoded(content)
                else:
                    media_type = part.headers.get("Content-Type", "application/octet-stream")
                    parameters[part.name] = Upload(part.filename, media_type, content)
    elif request.can_read_body:
        for name, text in (await request.post()).items():
            if isinstance(text, str):
                parameters[name] = text
    return parameters


def _texts(body: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}


def _decoded(content: bytes | bytearray) -> str:
    try:
        return bytes(content).decode()
    except UnicodeDecodeError:
        raise ApiError(400, "Bad Request: strings must be encoded in UTF-8") from None


def _response(status: int, body: dict[str, Any]) -> web.Response:
    headers = {}
    if after := body.get("parameters", {}).get("retry_after"):
        headers["Retry-After"] = str(after)
    return web.json_response(body, status=status, headers=headers)


async def _cut(request: web.Request, content: bytes) -> web.StreamResponse:
    """Half a file, and then nothing."""
    response = web.StreamResponse(headers={"Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    return _broken(request)


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
