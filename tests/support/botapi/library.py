"""python-telegram-bot, and any other client, at the loopback Bot API server."""

from __future__ import annotations

from typing import Any

import aiohttp
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ExtBot

from bot.channels.telegram_transport import AiohttpRequest
from tests.support.botapi import BotApi

BOTH = InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=label) for label in ("Yes", "No")]])


def client(api: BotApi, token: str) -> ExtBot[None]:
    return ExtBot(
        token,
        base_url=f"{api.url}/bot",
        base_file_url=f"{api.url}/file/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )


async def raw(api: BotApi, method: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
    """A call as any HTTP client makes it, past every check of a library."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.url}/bot{api.token}/{method}", json=parameters) as response,
    ):
        return response.status, await response.json()


def texts(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message.text for update in updates if update.message]
