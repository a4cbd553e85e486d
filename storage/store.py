"""The store: one database, PostgreSQL or the embedded SQLite, behind the same few functions."""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import create_async_engine

from storage import revision
from storage.documents import decode, json_text
from storage.errors import UnsupportedStore

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

_OPTIONS: dict[str, Any] = {
    # Parameters are people's answers: they stay out of messages and logs.
    "hide_parameters": True,
    "json_serializer": json_text,
    "json_deserializer": decode,
}
_OLDEST_SQLITE = (3, 38, 0)
_BUSY_MS = 10_000
CONNECT_SECONDS = 10.0
"""How long a server may take to answer: one that cannot be reached may never say so."""
_BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""A batch looks up a few people by their keys, however many there are. Left to choose, the planner reads whole tables
while they are small or its statistics are old, and keeps to that plan as they grow."""


class Store(ABC):
    """Where everything is kept. Work is a function over a SQLAlchemy `Connection`, run in a transaction."""

    dialect: str
    at_once: int
    """Transactions of one process that go on beside each other with gain."""

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at `url`; nothing is connected before it is needed."""
        try:
            parsed = make_url(url)
        except ArgumentError:
            # The URL is not repeated: it may hold a password.
            raise UnsupportedStore(
                "The database URL cannot be read; write sqlite+aiosqlite:///FILE or postgresql+asyncpg://…"
            ) from None
        match parsed.get_backend_name():
            case "sqlite":
                return _SQLite(parsed)
            case "postgresql" | "postgres":
                return _PostgreSQL(parsed)
            case other:
                raise UnsupportedStore(
                    f"There is no store of kind {other!r}; use sqlite+aiosqlite:///FILE or postgresql+asyncpg://…"
                )

    @abstractmethod
    async def run(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, after the commit; an exception of its rolls everything back."""

    @abstractmethod
    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, from one consistent view that writes nothing and waits for no writer."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what runs and disconnect."""

    @abstractmethod
    async def fold(self) -> None:
        """Leave nothing of what was erased in a log beside the database's file."""

    async def upgrade(self) -> None:
        """Bring the schema up to date."""
        # Alembic takes longer to import than most commands take to run.
        from storage import upgrading  # noqa: PLC0415

        await self.run(upgrading.upgrade)

    async def is_current(self) -> bool:
        """Whether the schema is the one that this program expects."""
        return await self.read(revision.is_current)


class _PostgreSQL(Store):
    """Work runs on the event loop: asyncpg beneath it waits without holding up anything."""

    dialect = "postgresql"
    at_once = 2

    def __init__(self, url: URL) -> None:
        url = url.set(drivername="postgresql+asyncpg")
        self._writer = create_async_engine(
            url, pool_size=8, max_overflow=8, connect_args=_settings(**_BY_INDEX), **_OPTIONS
        )
        self._reader = create_async_engine(url, connect_args=_settings(), **_OPTIONS).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def run(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._writer.begin() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._reader.begin() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def fold(self) -> None:
        # The server sees to its own log.
        return

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


def _settings(**settings: str) -> dict[str, Any]:
    # What is run is small and known; compiling it anew costs more than it saves.
    return {
        "server_settings": {"application_name": "talanoa", "jit": "off", **settings},
        "timeout": CONNECT_SECONDS,
    }


class _SQLite(Store):
    """One thread writes and another reads, so that neither the event loop nor a reader waits for the disk."""

    dialect = "sqlite"
    at_once = 1

    def __init__(self, url: URL) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            oldest = ".".join(map(str, _OLDEST_SQLITE))
            raise UnsupportedStore(
                f"Python's SQLite is {sqlite3.sqlite_version}; {oldest} or newer is needed, or PostgreSQL."
            )
        if url.database in {None, "", ":memory:"}:
            raise UnsupportedStore(
                "The embedded store needs a file: sqlite+aiosqlite:///talanoa.db (four slashes for a full path)."
            )
        url = url.set(drivername="sqlite+pysqlite")
        self._writer = _engine(url, "BEGIN IMMEDIATE", read_only=False)
        self._reader = _engine(url, "BEGIN", read_only=True)
        self._writing = ThreadPoolExecutor(1, "talanoa-write")
        self._reading = ThreadPoolExecutor(1, "talanoa-read")

    async def run(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _in_thread(self._writing, self._writer, work, *args, **kwargs)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _in_thread(self._reading, self._reader, work, *args, **kwargs)

    async def fold(self) -> None:
        def checkpoint() -> None:
            with closing(self._writer.raw_connection()) as connection:
                # A reader of another program's is not waited for: nobody else could write meanwhile.
                for pragma in (
                    "busy_timeout = 100",
                    "wal_checkpoint(TRUNCATE)",
                    f"busy_timeout = {_BUSY_MS}",
                ):
                    connection.cursor().execute(f"PRAGMA {pragma}").close()

        await asyncio.get_running_loop().run_in_executor(self._writing, checkpoint)

    async def close(self) -> None:
        # The reader first: the last connection to go folds the log into the file, and a reader may not.
        for threads, engine in ((self._reading, self._reader), (self._writing, self._writer)):
            await asyncio.get_running_loop().run_in_executor(threads, engine.dispose)
            await asyncio.to_thread(threads.shutdown)


async def _in_thread(
    threads: ThreadPoolExecutor, engine: Engine, work: Work[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    def transaction() -> T:
        with engine.begin() as connection:
            return work(connection, *args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(threads, transaction)


def _engine(url: URL, begin: str, *, read_only: bool) -> Engine:
    # One connection, used by one thread at a time.
    engine = create_engine(
        url, pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}, **_OPTIONS
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions when it sees fit.
        connection.isolation_level = None
        # SQLite has its own from 3.41 on.
        connection.create_function("unhex", 1, bytes.fromhex, deterministic=True)
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # What is erased is overwritten.
            "secure_delete = ON",
            f"query_only = {int(read_only)}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
