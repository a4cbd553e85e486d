"""A strict Telegram Bot API server on loopback, and phones to drive it.

`async with BotApi.start() as api: phone = api.phone(language="fr")`, and a bot that is told `api.url` and
`api.token` talks to it over real HTTP, by fetching updates or through a webhook. It refuses what the platform refuses,
in the platform's own words (https://core.telegram.org/bots/api, https://github.com/tdlib/telegram-bot-api), and what it
does not know.
"""

from __future__ import annotations

from tests.support.botapi.faults import Fault
from tests.support.botapi.phone import Key, Phone, Shown
from tests.support.botapi.server import BotApi, Call

__all__ = ["BotApi", "Call", "Fault", "Key", "Phone", "Shown"]
