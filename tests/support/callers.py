"""Somebody who writes in to an intake, in process, and what is read of its answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, select

from bot.flows.received import Received, Start, Text
from bot.intake import Intake
from bot.messages import Capabilities, Inbound, Reply
from storage.keys import Keys
from storage.store import Store
from tests.support.program import KEYS, answered

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CHANNEL = "telegram"
CAPABILITIES = Capabilities(4096, buttons=100, button_limit=40, documents=True, replaces=True)
JOINED = (Start("ferry"), "1", "1")
"""Into the round, in English, with consent: the next thing is the first question."""


def new_intake(store: Store, keys: Keys = KEYS, at: datetime = NOW, **limits: int) -> Intake:
    """An intake for one channel, at a time that stands still."""
    return Intake(store, keys, {CHANNEL: CAPABILITIES}, lambda: at, **limits)


class Caller:
    """Somebody who writes in; each thing they do has a number of its own, as the platform gives it."""

    numbers = count(1000)

    def __init__(self, taking: Intake, address: str = "555-1") -> None:
        self.taking = taking
        self.address = address

    def message(self, said: str | Received, number: int | None = None) -> Inbound:
        """What arrives when they say something, or do it."""
        received = Text(said) if isinstance(said, str) else said
        external_id = str(next(self.numbers) if number is None else number)
        return Inbound(CHANNEL, "bot", self.address, external_id, NOW, received, language_hint="en")

    async def say(self, *said: str | Received) -> list[Reply | None]:
        """Say several things at once; the reply to each."""
        return await self.take(*(self.message(one) for one in said))

    async def take(self, *inbounds: Inbound) -> list[Reply | None]:
        """Deliver things at once, perhaps again."""
        return list(await asyncio.gather(*(self.taking.take(inbound) for inbound in inbounds)))


def asked(reply: Reply | None) -> str | None:
    """The question that a reply puts."""
    assert reply is not None
    return next((part.question for part in reversed(reply.parts) if part.question), None)


def words(reply: Reply | None) -> str:
    """Everything that a reply says."""
    assert reply is not None
    return "\n".join(part.text for part in reply.parts)


async def only(store: Store) -> dict[str, Any]:
    """The answers of the only session there is."""
    [answers] = (await answered(store)).values()
    return answers


async def rows(store: Store, table: Any) -> list[Any]:
    """All rows of a table."""
    return await store.read(lambda connection: list(connection.execute(select(table))))


async def number_of(store: Store, table: Any) -> int:
    def read(connection: Connection) -> int:
        return connection.scalar(select(func.count()).select_from(table)) or 0

    return await store.read(read)
