"""The program as a process of its own on a database of its own, started, stopped and killed at will."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bot import rounds as use
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.lifecycle import RoundTrigger
from storage import schema
from storage.keys import Keys
from storage.rounds import StoredRound
from storage.store import Store
from storage.sweep import inconsistencies
from tests.support.botapi import BotApi

FERRY = Path(__file__).parents[1] / "data" / "ferry"
SECRET = "a secret that is for tests only"
KEYS = Keys(SECRET.encode())

# Forked from a process that has everything imported already: a start takes hundredths of a second, not seconds.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["bot.operations.webhook_serving", "bot.cli", "pytest"])


class Program:
    """`talanoa serve` against one Bot API server; what it prints goes to `log`."""

    def __init__(self, database_url: str, api: BotApi, folder: Path, *arguments: str) -> None:
        self._folder = folder
        self._arguments = arguments
        self._environment = {
            "TALANOA_DATABASE_URL": database_url,
            "TALANOA_SECRET_KEY": SECRET,
            "TALANOA_TELEGRAM_TOKEN": api.token,
            "TALANOA_TELEGRAM_API_URL": api.url,
        }
        self._log = folder / "serve.log"
        self._process: ForkServerProcess | None = None

    @property
    def log(self) -> str:
        """What it has printed, over all its starts."""
        return self._log.read_text() if self._log.exists() else ""

    def start(self, **settings: str) -> None:
        """Start it, with other settings where given."""
        assert self._process is None, "it runs already"
        environment = self._environment | settings
        self._process = processes.Process(
            target=_serve,
            args=(environment, str(self._folder), str(self._log), self._arguments),
            daemon=True,
        )
        self._process.start()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        process = self._running()
        process.kill()
        process.join()
        self._process = None

    def terminate(self) -> None:
        """Ask it to stop."""
        self._running().terminate()

    async def ended(self, seconds: float = 10.0) -> int:
        """The exit status, once it has ended."""
        process = self._running()
        await asyncio.to_thread(process.join, seconds)
        assert process.exitcode is not None, f"it still runs after {seconds} s:\n{self.log}"
        self._process = None
        return process.exitcode

    async def stop(self) -> int:
        """Ask it to stop; the exit status."""
        self.terminate()
        return await self.ended()

    async def until(self, holds: Callable[[], object], what: str, seconds: float = 30.0) -> None:
        """Wait until something holds; when it never does, the failure tells what was printed."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():  # noqa: ASYNC110 (other processes and threads change it)
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{what}: not within {seconds} s; it printed\n{self.log[-4000:]}") from None

    def close(self) -> None:
        """Leave nothing running."""
        if self._process is not None:
            self.kill()

    def _running(self) -> ForkServerProcess:
        assert self._process is not None, "it does not run"
        return self._process


@contextmanager
def serving(database_url: str, api: BotApi, folder: Path) -> Iterator[Program]:
    """The program, running; in the end nothing may have gone wrong unseen."""
    program = Program(database_url, api, folder)
    program.start()
    try:
        yield program
        assert "Traceback" not in program.log, program.log
    finally:
        program.close()


def _serve(environment: Mapping[str, str], folder: str, log: str, arguments: Sequence[str]) -> None:
    os.chdir(folder)
    for name in [name for name in os.environ if name.startswith("TALANOA_")]:
        del os.environ[name]
    os.environ.update(environment)
    write_to(log)
    from bot.cli import run  # noqa: PLC0415 (in the process that runs it)

    sys.exit(run(["serve", *arguments]))


def write_to(log: str) -> None:
    """Let this process print to a file."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(written, sys.stdout.fileno())
    os.dup2(written, sys.stderr.fileno())


def open_round(
    connection: Connection, now: datetime, code: str = "ferry", folder: Path = FERRY, /, **draft: Any
) -> StoredRound:
    """An open round of a questionnaire in a folder."""
    use.draft_round(connection, read_questionnaire(folder), use.RoundDraft(code=code, **draft), now)
    return use.move(connection, code, RoundTrigger.OPEN)


async def answered(store: Store) -> dict[tuple[int, int], dict[str, Any]]:
    """What is stored by respondent and round; the store must be in order, its documents equal to its rows."""

    def read(connection: Connection) -> dict[tuple[int, int], dict[str, Any]]:
        assert inconsistencies(connection) == []
        sessions = select(schema.sessions.c.respondent_id, schema.sessions.c.round_id)
        found: dict[tuple[int, int], dict[str, Any]] = {
            (respondent, round_id): {}
            for respondent, round_id in connection.execute(sessions.order_by("round_id"))
        }
        for row in connection.execute(select(schema.answers)):
            found[row.respondent_id, row.round_id][row.question] = row.value
        return found

    return await store.read(read)
