"""Two workers on a PostgreSQL server of their own, with an open round on the jetty."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text

from bot.clock import now
from storage import contacts, schema
from storage.store import Store
from tests.support.botapi import BotApi, Phone
from tests.support.databases import PostgresServer, finish, postgres_server
from tests.support.program import KEYS, open_round
from tests.support.respondents import JETTY, READ
from tests.support.workers import Workers

CHANNEL = "telegram"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds of one person."""

    answers: dict[str, Any]
    turn: int
    heard: list[str]
    """The numbers of the updates that were handled."""
    set_aside: int
    owed: int


@dataclass(frozen=True, slots=True)
class Pair:
    """The workers, and everything around them."""

    server: PostgresServer
    database_url: str
    api: BotApi
    workers: Workers

    async def begin(self, count: int = 1) -> list[Phone]:
        """People who have come to the first question."""
        phones = [self.api.phone() for _ in range(count)]
        await asyncio.gather(*map(self._begin, phones))
        return phones

    async def _begin(self, phone: Phone) -> None:
        phone.open_link("jetty")
        await self.reads(phone, "consent")
        await self.tell(phone, "1", reads="often")

    async def tell(self, phone: Phone, *texts: str, reads: str) -> None:
        """Say things one after the other without waiting, and read the question that comes in the end."""
        for one in texts:
            phone.say(one)
        await self.reads(phone, reads)

    async def reads(self, phone: Phone, asked: str) -> None:
        """Wait for a question."""
        await phone.await_text(READ[asked], PATIENCE)

    async def sent(self, count: int) -> None:
        """Wait until people have done so many things more."""
        platform = self.api.platform
        end = platform.next_update + count
        await self.workers.until(lambda: platform.next_update >= end, f"{count} updates more")

    def message(self, phone: Phone, text: str) -> dict[str, Any]:
        """An update that is not on its way yet."""

        def act() -> dict[str, Any]:
            platform = self.api.platform
            person = platform.people[phone.id]
            return platform.number("message", platform.message(person, person.user(), {"text": text}))

        return self.api.do(act)

    def tap(self, phone: Phone, data: str, message: int) -> dict[str, Any]:
        """The same of a tap on a button with this data under a message."""

        def act() -> dict[str, Any]:
            platform = self.api.platform
            person = platform.people[phone.id]
            return platform.number("callback_query", platform.query(person, data, message))

        return self.api.do(act)

    async def stored(self, store: Store, phone: Phone) -> Stored:
        """What is stored of somebody."""
        found = KEYS.contact_hash(CHANNEL, self.api.token.partition(":")[0], str(phone.id))
        return await store.read(_stored, found)


def _stored(connection: Connection, contact: bytes) -> Stored:
    points, session, rows, heard = (
        table.c for table in (contacts.contact_points, schema.sessions, schema.answers, contacts.inbound)
    )
    person = connection.scalars(select(points.respondent_id).where(points.hash == contact)).one()

    def of_contact(table: Any) -> int:
        return (
            connection.scalar(select(func.count()).select_from(table).where(table.c.contact_hash == contact))
            or 0
        )

    answers: Sequence[Any] = connection.execute(
        select(rows.question, rows.value).where(rows.respondent_id == person)
    ).all()
    return Stored(
        answers=dict(map(tuple, answers)),
        turn=connection.scalars(select(session.turn).where(session.respondent_id == person)).one(),
        heard=list(connection.scalars(select(heard.external_id).where(heard.respondent_id == person))),
        set_aside=of_contact(contacts.set_asides),
        owed=of_contact(contacts.outbox),
    )


def execute(connection: Connection, *statements: str) -> Sequence[Any]:
    """Execute SQL; the rows of the last statement, if it has any."""
    results = [connection.execute(text(statement)) for statement in statements]
    return results[-1].all() if results[-1].returns_rows else ()


@contextmanager
def two_workers(folder: Path) -> Iterator[Pair]:
    """Both, running; in the end nothing may have gone wrong unseen."""
    with postgres_server() as server, BotApi.start() as api:
        api.courier.scale = 0.02
        database_url = server.emptied()
        finish(_open_round(database_url))
        workers = Workers(database_url, api, folder)
        workers.start()
        try:
            finish(workers.ready())
            yield Pair(server, database_url, api, workers)
            assert "Traceback" not in workers.log, workers.log
        finally:
            workers.close()


async def _open_round(database_url: str) -> None:
    store = Store.open(database_url)
    try:
        await store.run(open_round, now(), "jetty", JETTY)
    finally:
        await store.close()
