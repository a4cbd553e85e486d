"""Databases with many people in them: some are led through the questions by the program itself, SQL multiplies them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    cast,
    insert,
    literal,
    select,
)
from sqlalchemy.sql.expression import ColumnElement

from bench.postgresql import Server
from bench.walk import ANSWERS, WALKS
from bot import clock
from bot import rounds as use
from bot.authoring.yaml_reader import read_questionnaire
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_updates import CHANNEL
from bot.flows.lifecycle import RoundTrigger
from bot.flows.received import Start, Text
from bot.intake import Intake
from bot.messages import Inbound
from storage import contacts, schema
from storage.keys import Keys
from storage.store import Store

QUESTIONNAIRE = Path(__file__).parents[1] / "questionnaire"
SECRET = "a secret that is for benchmarks only"  # noqa: S105
BOT = "7000000001"
CODE = "twenty"
COMPLETE = len(ANSWERS)
"""The key among the models of somebody who has submitted; others stand at the question of that index."""

AT_ONCE = 50_000
"""People added in one transaction."""

_KEYS = Keys(SECRET.encode())
_OPENING = len(WALKS["talanoa"].opening)

models = Table(
    "bench_models",
    MetaData(),
    Column("step", Integer, primary_key=True),
    Column("respondent_id", BigInteger, nullable=False),
)
"""Who was led how far by the program."""
newcomers = Table(
    "bench_newcomers",
    models.metadata,
    Column("respondent_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("address_encrypted", LargeBinary, nullable=False),
    Column("step", Integer, nullable=False),
)
"""Who is to be added, each like the model of their step."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What Talanoa writes at the answer of somebody half-way."""

    answers: str
    reply: str


def prepare(url: str) -> Documents:
    """Make the schema, the round, and a model of a person at each question."""
    return asyncio.run(_prepare(url))


async def _prepare(url: str) -> Documents:
    store = Store.open(url)
    try:
        await store.upgrade()
        await store.run(_open_round)
        intake = Intake(store, _KEYS, {CHANNEL: TelegramChannel.capabilities}, clock.now)
        await asyncio.gather(*(_lead(intake, step) for step in range(COMPLETE + 1)))
        await intake.stop()
        return await store.run(_note_models)
    finally:
        await store.close()


def _open_round(connection: Connection) -> None:
    now = clock.now()
    draft = use.RoundDraft(code=CODE, minimum_cell=0)
    use.draft_round(connection, read_questionnaire(QUESTIONNAIRE), draft, now)
    use.move(connection, CODE, RoundTrigger.OPEN)


async def _lead(intake: Intake, step: int) -> None:
    said = [*WALKS["talanoa"].texts[: _OPENING + step], *(["submit"] if step == COMPLETE else [])]
    for number, text in enumerate(said):
        received = Text(text) if number else Start(CODE)
        await intake.take(
            Inbound(CHANNEL, BOT, str(-1 - step), str(number), clock.now(), received, language_hint="en")
        )


def _note_models(connection: Connection) -> Documents:
    models.metadata.create_all(connection)
    for step in range(COMPLETE + 1):
        led = select(literal(step), contacts.contact_points.c.respondent_id).where(
            contacts.contact_points.c.hash == _KEYS.contact_hash(CHANNEL, BOT, str(-1 - step))
        )
        connection.execute(insert(models).from_select(["step", "respondent_id"], led))
    half_way = select(models.c.respondent_id).where(models.c.step == COMPLETE // 2).scalar_subquery()
    sessions, inbound = schema.sessions.c, contacts.inbound.c
    return Documents(
        answers=_text(connection, sessions.answers, sessions.respondent_id == half_way),
        reply=_text(
            connection, inbound.reply, (inbound.respondent_id == half_way) & inbound.reply.is_not(None)
        ),
    )


def _text(connection: Connection, column: Column[Any], condition: ColumnElement[bool]) -> str:
    return str(connection.execute(select(cast(column, String)).where(condition)).scalar_one())


def enrol(url: str, first: int, count: int) -> None:
    """Add people with the chat ids from `first` on, evenly spread over the questions."""
    people = [
        {
            "respondent_id": secrets.randbits(63),
            "hash": _KEYS.contact_hash(CHANNEL, BOT, str(first + index)),
            "address_encrypted": _KEYS.encrypt(str(first + index)),
            "step": index % COMPLETE,
        }
        for index in range(count)
    ]
    asyncio.run(_enrol(url, people))


async def _enrol(url: str, people: Sequence[dict[str, object]]) -> None:
    store = Store.open(url)
    try:
        await store.run(_add, people)
    finally:
        await store.close()


def _add(connection: Connection, people: Sequence[dict[str, object]]) -> None:
    connection.execute(insert(newcomers), people)
    multiply(connection)
    connection.execute(newcomers.delete())


def multiply(connection: Connection) -> None:
    """Copy what the models are and said to the newcomers, each with an id and a hash of their own."""
    tables = (schema.respondents, contacts.contact_points, schema.sessions, schema.answers, contacts.inbound)
    for table in tables:
        key = "id" if table is schema.respondents else "respondent_id"
        of_newcomer = {key: newcomers.c.respondent_id}
        if table is contacts.contact_points:
            of_newcomer |= {name: newcomers.c[name] for name in ("hash", "address_encrypted")}
        copied = (
            select(*(of_newcomer.get(column.name, column) for column in table.c))
            .select_from(newcomers)
            .join(models, models.c.step == newcomers.c.step)
            .join(table, table.c[key] == models.c.respondent_id)
            .order_by(newcomers.c.respondent_id)
        )
        if table is contacts.inbound:
            # Of what was heard only the latest, whose reply is on record: the rest is kept for two days.
            copied = copied.where(contacts.inbound.c.reply.is_not(None))
        connection.execute(insert(table).from_select([column.name for column in table.c], copied))


STRANGERS = """
INSERT INTO bench_newcomers (respondent_id, hash, address_encrypted, step)
SELECT ('x' || substr(md5(n::text), 1, 15))::bit(60)::bigint, sha256(n::text::bytea), '', {step}
FROM generate_series({first}, {last}) n ORDER BY 1;
"""
"""People who never write, with hashes that SQL can compute: `pgbench` plays them, or they fill the tables."""


def strangers(server: Server, database: str, first: int, last: int, step: int | str) -> None:
    """Add people who will not write, numbered from `first` to `last`."""
    server.run(STRANGERS.format(first=first, last=last, step=step), database)
    asyncio.run(_multiply(server.url(database)))


def fill(server: Server, database: str, answers: int) -> None:
    """Store so many answers, of people who have submitted theirs."""
    people = answers // COMPLETE
    for first in range(1, people + 1, AT_ONCE):
        strangers(server, database, first, min(first + AT_ONCE - 1, people), COMPLETE)


async def _multiply(url: str) -> None:
    store = Store.open(url)

    def work(connection: Connection) -> None:
        multiply(connection)
        connection.execute(newcomers.delete())

    try:
        await store.run(work)
    finally:
        await store.close()


def settle(server: Server, database: str) -> None:
    """Leave the database as it is after some quiet time, so that a measurement does not pay for the filling."""
    server.run("VACUUM ANALYZE; CHECKPOINT;", database)
