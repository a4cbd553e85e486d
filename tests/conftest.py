"""Fixtures that many tests share."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.channels.telegram import TelegramChannel
from bot.intake import Intake
from storage.store import Store
from tests.support.botapi import BotApi
from tests.support.callers import NOW, new_intake
from tests.support.databases import PostgresServer, postgres_server, sqlite_template
from tests.support.intakes import FakeIntake, Polling, polled
from tests.support.pair import Pair, two_workers
from tests.support.program import open_round


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for this run, or for this worker of it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty SQLite file to copy."""
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the newest schema and nothing in it, on each kind of server in turn."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.emptied()
    file = tmp_path / "talanoa.db"
    shutil.copyfile(request.getfixturevalue("sqlite_file"), file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store with nothing in it, on each kind of server in turn."""
    opened = Store.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def taking(store: Store) -> Intake:
    """An intake with one round open."""
    await store.run(open_round, NOW)
    return new_intake(store)


@pytest.fixture
def api() -> Iterator[BotApi]:
    """A Bot API server on loopback."""
    with BotApi.start() as running:
        yield running


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    """A bot there, with open connections."""
    async with TelegramChannel.open(api.token, api.url) as opened:
        yield opened


@pytest.fixture
def intake() -> FakeIntake:
    """An intake that echoes."""
    return FakeIntake()


@pytest.fixture
def polling(channel: TelegramChannel, intake: FakeIntake) -> Polling:
    """Fetching the bot's updates for the intake, as long as a block lasts."""
    return partial(polled, channel, intake)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two workers of the whole program on a PostgreSQL server of their own, and a Bot API server."""
    with two_workers(tmp_path_factory.mktemp("workers")) as running:
        yield running


@pytest.fixture
async def pair_store(pair: Pair) -> AsyncIterator[Store]:
    """The store that the two workers serve."""
    opened = Store.open(pair.database_url)
    yield opened
    await opened.close()


ON_ONE_STORE = {
    "test_serving.py": "sqlite",
    "test_serving_trouble.py": "sqlite",
    "test_cli_results.py": "postgresql",
    "test_delivery.py": "postgresql",
}
"""Tests of the whole program run on both stores; the quick run leaves out the one named here."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if f"[{ON_ONE_STORE.get(item.path.name)}" in item.name:
            item.add_marker(pytest.mark.long)
