"""HTTP for python-telegram-bot over aiohttp, which is faster than its own and names no token in any log."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec

# Without this the library warns on every 429 that its waiting time will become a timedelta.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 35.0
CONNECTIONS = 32

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_NOISY = ("aiohttp", "httpcore", "httpx", "telegram")

T = TypeVar("T")


def quiet_loggers() -> None:
    """Keep the libraries from logging addresses that hold the token, or what people wrote."""
    for name in _NOISY:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


class AiohttpRequest(BaseRequest):
    """One small pool of connections to the platform."""

    def __init__(self, connections: int = CONNECTIONS, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._connections = connections
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return self._answer_seconds

    async def initialize(self) -> None:
        """Open the pool, unless it is open."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one call; see `BaseRequest.do_request`."""
        if self._session is None or self._session.closed:
            raise NetworkError("the connection pool is closed")
        reading = self._given(read_timeout, self._answer_seconds)
        timeout = aiohttp.ClientTimeout(
            connect=self._given(pool_timeout, reading),
            sock_connect=self._given(connect_timeout, CONNECT_SECONDS),
            total=None if reading is None else reading + CONNECT_SECONDS,
        )
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                timeout=timeout,
                proxy=_proxy(*urlsplit(url)[:2]),
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            # Only the kind: the text of some of these names the address, and with it the token.
            raise NetworkError(type(error).__name__) from None

    async def fetch(self, url: str, fields: Mapping[str, str], read_timeout: float | None = None) -> bytes:
        """Make one call as the library makes its own, its errors too, and leave its answer unread."""
        data = RequestData([RequestParameter(name, value, None) for name, value in fields.items()])
        return await self._request_wrapper(
            url, "POST", data, read_timeout=read_timeout or self._answer_seconds
        )

    async def read(self, url: str, limit: int) -> tuple[int, bytes]:
        """Get a file's bytes, at most one more than `limit`, after the status; raises `NetworkError`."""
        if self._session is None or self._session.closed:
            raise NetworkError("the connection pool is closed")
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=self._answer_seconds)
        try:
            async with self._session.get(
                url, timeout=timeout, proxy=_proxy(*urlsplit(url)[:2]), allow_redirects=False
            ) as response:
                content = bytearray()
                async for piece in response.content.iter_any():
                    content += piece
                    if len(content) > limit:
                        break
                return response.status, bytes(content[: limit + 1])
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Read an answer; what is not JSON comes from something in between, and is not logged."""
        try:
            answer = msgspec.json.decode(payload)
        except ValueError:
            try:
                answer = json.loads(payload.decode("utf-8", "replace"))
            except ValueError:
                answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer

    @staticmethod
    def _given(value: T | Any, default: T) -> T:
        return default if value is BaseRequest.DEFAULT_NONE else value


@lru_cache(maxsize=8)
def _proxy(scheme: str, host: str) -> str | None:
    """The environment's proxy for an address; aiohttp would look it up again for every call."""
    if host.rpartition(":")[0] in _LOOPBACK or proxy_bypass(host):
        return None
    return getproxies().get(scheme)


def _body(request_data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    if request_data is None:
        return None
    if not request_data.contains_files:
        return request_data.json_parameters
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value, content_type="text/plain; charset=utf-8")
    for name, (file_name, content, media_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=media_type)
    return form
