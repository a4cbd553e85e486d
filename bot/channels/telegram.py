"""Telegram: sending through python-telegram-bot's client, its errors told as what follows from them."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.channels.telegram_transport import AiohttpRequest, quiet_loggers
from bot.channels.telegram_updates import CHANNEL, WANTED, split_batch, was_accepted
from bot.channels.telegram_window import SIZE
from bot.messages import (
    Capabilities,
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

API_URL = "https://api.telegram.org"
CAPTION_LIMIT = 1024
MOST_AT_ONCE = 100
"""Updates that the platform delivers to a webhook at the same time."""

_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_log = logging.getLogger(__name__)


class Contested(Misconfigured):
    """Somebody else fetches this bot's updates, or a webhook receives them."""


class Throttled(RetryLater):
    """The platform itself says how long to wait."""


class TelegramChannel:
    """One bot on Telegram, in private chats."""

    name = CHANNEL
    capabilities = Capabilities(
        text_limit=4096,
        measure=utf16_units,
        buttons=100,
        button_limit=40,
        documents=True,
        replaces=True,
    )

    def __init__(self, token: str, api_url: str = API_URL) -> None:
        if not _TOKEN.fullmatch(token):
            raise Misconfigured(
                "TALANOA_TELEGRAM_TOKEN is not a token: it looks like 123456:ABC-DEF, see @BotFather"
            )
        if urlsplit(api_url).scheme not in ("http", "https") or not urlsplit(api_url).netloc:
            raise Misconfigured(f"TALANOA_TELEGRAM_API_URL is not an address such as {API_URL}")
        quiet_loggers()
        self.account = token.partition(":")[0]
        """The bot's own number: `Inbound.bot`."""
        self._calling = AiohttpRequest()
        self._fetching = AiohttpRequest(connections=2)
        self._downloading = AiohttpRequest(connections=4)
        self._user_name = ""
        self._bot = ExtBot(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            request=self._calling,
            get_updates_request=self._fetching,
        )

    @classmethod
    @asynccontextmanager
    async def open(cls, token: str, api_url: str = API_URL) -> AsyncIterator[TelegramChannel]:
        """Open the connections; nothing is sent yet."""
        channel = cls(token, api_url)
        await channel._calling.initialize()
        await channel._fetching.initialize()
        await channel._downloading.initialize()
        try:
            yield channel
        finally:
            await channel._calling.shutdown()
            await channel._fetching.shutdown()
            await channel._downloading.shutdown()

    async def connect(self) -> str:
        """Ask the platform who this bot is; returns its user name, as links have it."""
        with _failures():
            me = await self._bot.get_me()
        self._user_name = me.username or ""
        return self._user_name

    async def link(self, payload: str) -> str:
        """The link that opens a conversation with this bot and begins it with a payload of `A-Za-z0-9_-`."""
        return f"https://t.me/{self._user_name or await self.connect()}?start={payload}"

    async def send(self, address: str, part: Part, origin: str | None = None) -> None:
        """Hand over one message, or change the one whose button was tapped; raises `SendFailure`."""
        keyboard = _keyboard(part)
        text = _well_formed(part.text)
        with _failures():
            if part.document is not None:
                await self._send_document(address, part.document, text, keyboard)
            elif not (part.replaces and origin and await self._replace(address, origin, text, keyboard)):
                await self._send_text(address, text, keyboard)

    async def download(self, reference: str, limit: int) -> bytes:
        """Fetch what somebody sent, by its file id; see `FileSource`."""
        with _failures():
            try:
                file = await self._bot.get_file(reference)
            except BadRequest as error:
                said = error.message.lower()
                if "too big" in said:
                    raise TooLarge("the platform does not hand over so large a file") from None
                if "temporarily unavailable" in said:
                    # It says so too of a file that it does not know, but mostly hands it over after a while.
                    raise RetryLater("the platform cannot hand over a file now") from None
                raise
            if file.file_size is not None and file.file_size > limit:
                raise TooLarge("a file has more bytes than are kept")
            path = file.file_path or ""
            if not path.startswith(self._bot.base_file_url):
                raise Misconfigured(
                    "the Bot API server keeps files on its own disk: run it without --local to have them fetched"
                )
            # Not on the connections for calls: a slow download must hold up no message.
            status, content = await self._downloading.read(path, limit)
        if status != HTTPStatus.OK:
            raise RetryLater(f"the Bot API server answers {status} to a download")
        if len(content) > limit:
            raise TooLarge("a file has more bytes than are kept")
        return content

    async def answer_tap(self, query_id: str) -> None:
        """End the waiting sign on a button that was tapped; that this can fail does not matter."""
        try:
            with _failures():
                await self._bot.answer_callback_query(query_id)
        except SendFailure as failure:
            _log.debug("a tap stays unanswered: %s", type(failure).__name__)

    async def fetch(self, offset: int | None, seconds: int) -> list[bytes]:
        """Fetch the updates from `offset` on, unread; this acknowledges what is before it."""
        wanted = {
            "limit": str(SIZE),
            "timeout": str(seconds),
            "allowed_updates": msgspec.json.encode(WANTED).decode(),
        }
        if offset is not None:
            wanted["offset"] = str(offset)
        with _failures():
            body = await self._fetching.fetch(f"{self._bot.base_url}/getUpdates", wanted, seconds + 10.0)
        try:
            return split_batch(body)
        except ValueError:
            raise RetryLater("an answer to getUpdates that is not one") from None

    async def leave_webhook(self) -> None:
        """Stop the platform from delivering to a webhook, so that updates can be fetched."""
        try:
            with _failures():
                webhook = await self._bot.get_webhook_info()
                if webhook.url:
                    _log.warning(
                        "the webhook at %s is removed: this bot's updates are fetched now",
                        urlsplit(webhook.url).netloc,
                    )
                    await self._bot.delete_webhook()
        except Misconfigured:
            # A server without webhooks says the same as to a wrong token, and the first fetch tells which it is.
            _log.debug("this Bot API server knows no webhooks")

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates delivered to `url` with this secret, as many at once as the platform will."""
        with _failures():
            await self._bot.set_webhook(
                url, secret_token=secret, max_connections=MOST_AT_ONCE, allowed_updates=WANTED
            )

    async def prepare(
        self,
        commands: Mapping[str | None, Sequence[tuple[str, str]]],
        descriptions: Mapping[str | None, str] | None = None,
        abouts: Mapping[str | None, str] | None = None,
    ) -> None:
        """Set the menu of commands, the description in an empty chat and the profile's short one.

        Each is by two-letter language, `None` being every other language; what is so already is left alone.
        """
        with _failures():
            for language, listed in commands.items():
                wanted = tuple(BotCommand(name, description) for name, description in listed)
                if await self._bot.get_my_commands(language_code=language) != wanted:
                    await self._bot.set_my_commands(wanted, language_code=language)
            for language, text in (descriptions or {}).items():
                described = await self._bot.get_my_description(language_code=language)
                if described.description != text:
                    await self._bot.set_my_description(text, language_code=language)
            for language, text in (abouts or {}).items():
                about = await self._bot.get_my_short_description(language_code=language)
                if about.short_description != text:
                    await self._bot.set_my_short_description(text, language_code=language)

    async def _send_text(self, address: str, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        fields = {"chat_id": address, "text": text, "link_preview_options": _NO_PREVIEW.to_json()}
        if keyboard is not None:
            fields["reply_markup"] = keyboard.to_json()
        # The library's own call reads the sent message back, which costs twice what sending does.
        answer = await self._calling.fetch(f"{self._bot.base_url}/sendMessage", fields)
        if not was_accepted(answer):
            raise TelegramError("Invalid server response")

    async def _send_document(
        self, address: str, document: Document, text: str, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        if utf16_units(text) > CAPTION_LIMIT:
            await self._send_text(address, text, None)
            text = ""
        file = InputFile(_well_formed(document.content).encode(), filename=document.name)
        await self._bot.send_document(address, file, caption=text or None, reply_markup=keyboard)

    async def _replace(
        self, address: str, origin: str, text: str, keyboard: InlineKeyboardMarkup | None
    ) -> bool:
        """Whether the tapped message now shows this."""
        try:
            await self._bot.edit_message_text(
                text, address, int(origin), reply_markup=keyboard, link_preview_options=_NO_PREVIEW
            )
        except BadRequest as error:
            return "not modified" in error.message.lower()
        return True


def _keyboard(part: Part) -> InlineKeyboardMarkup | None:
    if not part.keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(_well_formed(button.label), callback_data=button.data) for button in row]
            for row in part.keyboard
        ]
    )


def _well_formed(text: str) -> str:
    """`text` without halves of surrogate pairs, which cannot be sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@contextmanager
def _failures() -> Iterator[None]:
    """Tell the library's errors as what follows from them, without the token that some of them hold."""
    try:
        yield
    except TelegramError as error:
        raise _failure(error) from None


def _failure(error: TelegramError) -> SendFailure:
    match error:
        case RetryAfter():
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
            return Throttled("too many requests", seconds)
        case Forbidden():
            return Stopped(error.message)
        case BadRequest():
            return Rejected(error.message)
        case InvalidToken() | EndPointNotFound():
            return Misconfigured(
                "the Bot API server does not know this bot: "
                "check TALANOA_TELEGRAM_TOKEN (from @BotFather) and TALANOA_TELEGRAM_API_URL"
            )
        case Conflict():
            return Contested(error.message)
        case ChatMigrated():
            return Rejected("not a private chat any more")
        case NetworkError():
            return RetryLater(f"the Bot API server is out of reach or busy: {type(error).__name__}")
        case _:
            return RetryLater("the Bot API server gave an answer that is not one")
