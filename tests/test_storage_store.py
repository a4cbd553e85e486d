"""Opening, what an error may say, and what passes."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.errors import place
from storage.errors import StaleTurn, UnsupportedStore, is_passing
from storage.store import Store
from tests.support.databases import PostgresServer, finish
from tests.support.turns import open_round


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://root:secret@localhost/x", "no store of kind 'mysql'"),
        ("secret", "cannot be read"),
        ("sqlite+aiosqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_a_store_that_cannot_be_used_is_refused_with_a_remedy(url: str, told: str) -> None:
    with pytest.raises(UnsupportedStore, match=told) as caught:
        Store.open(url)
    assert "sqlite+aiosqlite:///" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_embedded_store_syncs_each_commit_and_can_be_read_meanwhile(tmp_path: Path) -> None:
    def settings(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    async def open_and_close() -> dict[str, object]:
        store = Store.open(f"sqlite:///{tmp_path / 'talanoa.db'}")
        try:
            return await store.run(settings)
        finally:
            await store.close()

    assert finish(open_and_close()) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10000,
        "secure_delete": 1,
    }
    assert [file.name for file in tmp_path.iterdir()] == ["talanoa.db"]


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.store.CONNECT_SECONDS", 0.05)

    # Connections are taken by the operating system; nobody ever says anything.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = Store.open(f"postgresql+asyncpg://nobody@127.0.0.1:{port}/none")
        try:
            # The driver's own patience is a minute.
            async with asyncio.timeout(30) as limit:
                with pytest.raises(TimeoutError) as caught:
                    await store.run(lambda connection: None)
            assert not limit.expired()
            assert is_passing(caught.value)
        finally:
            await store.close()


async def test_the_server_is_told_who_connects_and_not_to_compile(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        store = Store.open(url)

        def settings(connection: Connection) -> list[object]:
            names = ("application_name", "jit", "TimeZone", "synchronous_commit")
            return [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

        try:
            told = await store.run(settings)
        finally:
            await store.close()
    assert told[:2] == ["talanoa", "off"]
    assert told[3] == "on"


async def test_work_that_raises_leaves_nothing(store: Store) -> None:
    def work(connection: Connection) -> None:
        open_round(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(work)
    assert (await store.run(open_round)).id >= 1


async def test_arguments_and_results_pass_through(store: Store) -> None:
    def add(connection: Connection, left: int, *, right: int) -> int:
        sum_: int = connection.execute(
            text("SELECT CAST(:left AS INTEGER) + CAST(:right AS INTEGER)"), {"left": left, "right": right}
        ).scalar_one()
        return sum_

    assert await store.run(add, 1, right=2) == 3
    assert await store.read(add, 3, right=4) == 7


async def test_a_lost_connection_passes_and_is_made_anew(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        store, other = Store.open(url), Store.open(url)

        def backend(connection: Connection) -> int:
            pid: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            return pid

        def terminate(connection: Connection, pid: int) -> None:
            connection.exec_driver_sql("SELECT pg_terminate_backend($1)", (pid,))

        try:
            pid = await store.run(backend)
            await other.run(terminate, pid)
            await asyncio.sleep(0.05)
            with pytest.raises(Exception) as caught:  # noqa: PT011 (whatever the driver says)
                await store.run(backend)
            assert is_passing(caught.value)
            assert await store.run(backend) != pid
        finally:
            await store.close()
            await other.close()


async def test_a_server_that_is_away_passes(tmp_path: Path) -> None:
    store = Store.open(f"postgresql+asyncpg://nobody@/nothing?host={tmp_path}")
    with pytest.raises(Exception) as caught:  # noqa: PT011 (whatever the driver says)
        await store.run(open_round)
    assert is_passing(caught.value)
    await store.close()


async def test_a_full_or_busy_disk_passes_and_bad_data_does_not(store: Store) -> None:
    def say(connection: Connection, statement: str) -> None:
        connection.exec_driver_sql(statement)

    with pytest.raises(DBAPIError) as caught:
        await store.run(say, "SELECT no_such_column FROM rounds")
    assert not is_passing(caught.value)
    assert not is_passing(ValueError())
    assert is_passing(StaleTurn("read again"))
    assert is_passing(TimeoutError())
    assert is_passing(asyncpg.DeadlockDetectedError())
    assert is_passing(asyncpg.CannotConnectNowError())
    assert is_passing(asyncpg.ReadOnlySQLTransactionError())
    assert not is_passing(asyncpg.UniqueViolationError())


async def test_a_writer_that_waits_too_long_passes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'talanoa.db'}"
    store, other = Store.open(url), Store.open(url)

    def try_meanwhile(_connection: Connection) -> BaseException:
        with (
            other._writer.connect() as impatient,  # type: ignore[attr-defined]
            pytest.raises(DBAPIError) as caught,
        ):
            impatient.exec_driver_sql("SELECT 1")
        return caught.value

    def hurry(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")

    try:
        await other.run(hurry)
        assert is_passing(await store.run(try_meanwhile))
    finally:
        await store.close()
        await other.close()


async def test_the_place_of_an_error_says_where_and_not_what(store: Store) -> None:
    def look_up(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "my secret"})

    with pytest.raises(DBAPIError) as caught:
        await store.run(look_up)
    state = " 42P01" if store.dialect == "postgresql" else ""
    kind = "ProgrammingError" if store.dialect == "postgresql" else "OperationalError"
    assert place(caught.value).startswith(f"{kind}{state} at storage/store.py:")
    assert "secret" not in str(caught.value)
    assert place(ValueError("my secret")) == "ValueError"
