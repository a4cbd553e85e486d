"""The only place that knows every part: settings in, a running program out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import clock
from bot.clock import Clock
from bot.errors import ConfigurationError, NotPossible, TalanoaError
from bot.fetching import Fetcher, Keeping
from bot.intake import Intake
from bot.messages import Capabilities, FileSource
from bot.scanning import Scanner
from bot.settings import (
    CLAMD,
    DATABASE_URL,
    FILES,
    Settings,
    file_limit,
    files_location,
    load,
    s3_options,
    secret_key,
)
from storage.errors import StorageError
from storage.keys import Keys
from storage.objects import ObjectStore, open_objects
from storage.store import Store

ENV_FILE = Path(".env")


@dataclass(frozen=True, slots=True)
class Program:
    """The parts that every command needs."""

    settings: Settings
    store: Store
    keys: Keys
    clock: Clock

    def intake(self, capabilities: Mapping[str, Capabilities]) -> Intake:
        """An intake for channels with these capabilities, by the channel's name."""
        return Intake(self.store, self.keys, capabilities, self.clock, file_limit=file_limit(self.settings))

    def fetcher(self, sources: Iterable[FileSource], *, tells: bool = True) -> Fetcher:
        """What brings the files that people send through these channels into the object store; see `Keeping`."""
        where = self.settings[CLAMD]
        scanner = Scanner(where) if where else None
        keeping = Keeping(self.objects(), file_limit(self.settings), scanner, tells)
        return Fetcher(self.store, self.keys, sources, keeping, self.clock)

    def objects(self) -> ObjectStore:
        """Where files are kept; raises `ConfigurationError`."""
        try:
            return open_objects(files_location(self.settings), s3_options(self.settings))
        except StorageError as error:
            raise ConfigurationError(str(error)) from error

    @contextmanager
    def reaching_files(self) -> Iterator[None]:
        """Tell as an error that a person can mend what the place of files, or a library on the way to it, raises."""
        try:
            yield
        except TalanoaError:
            raise
        except Exception as error:
            # Not its text, which may hold a key.
            raise NotPossible(
                f"Files cannot be reached at {files_location(self.settings)} ({type(error).__name__}).",
                f"Check {FILES.name}, and that it is there and answers: talanoa doctor.",
            ) from None


def read_settings(database_url: str | None = None) -> Settings:
    """The settings in force here and now."""
    return load(os.environ, ENV_FILE, database_url)


@asynccontextmanager
async def program(
    database_url: str | None = None, *, upgraded: bool = True, now: Clock = clock.now
) -> AsyncIterator[Program]:
    """Open the store, and close it in the end.

    An SQLite file is brought up to date by itself; another database has to be, by `talanoa db upgrade`, unless the
    caller can do with one that is not (`upgraded=False`).
    """
    settings = read_settings(database_url)
    try:
        store = Store.open(settings[DATABASE_URL])
    except StorageError as error:
        raise ConfigurationError(str(error)) from error
    try:
        keys = Keys(secret_key(settings))
        await _prepare(store, upgraded=upgraded)
        yield Program(settings, store, keys, now)
    finally:
        await store.close()


async def _prepare(store: Store, *, upgraded: bool) -> None:
    """See that the database can be used, and has the newest schema where it has to."""
    try:
        current = await store.is_current()
        if not current and upgraded and store.dialect == "sqlite":
            await store.upgrade()
            current = True
    except Exception as error:
        # SQLite's own words hold nothing secret, and tell a missing folder from a file of another kind.
        reason = getattr(error, "orig", None) if store.dialect == "sqlite" else None
        raise ConfigurationError(
            f"The database cannot be used ({reason or type(error).__name__}).",
            f"Check {DATABASE_URL.name}, and that it is there and answers.",
        ) from error
    if upgraded and not current:
        raise ConfigurationError("The database's schema is not up to date.", "Run: talanoa db upgrade")
