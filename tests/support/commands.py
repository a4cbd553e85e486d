"""The command line as somebody at a terminal uses it, and what its embedded database holds afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run
from bot.settings import SETTINGS
from tests.support.program import FERRY


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Talanoa = Callable[..., Done]


@pytest.fixture
def talanoa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talanoa:
    """The command line in an empty folder, without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)

    def call(*arguments: str) -> Done:
        try:
            status = run(arguments)
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(status, printed.out, printed.err)

    return call


@pytest.fixture
def ferry(talanoa: Talanoa) -> Talanoa:
    """The same, with an open round on the ferry in an embedded database."""
    assert talanoa("questionnaire", "publish", str(FERRY)).status == 0
    created = talanoa("round", "create", "ferry", "--code", "ferry", "--minimum-cell", "0", "--open")
    assert created.status == 0
    return talanoa


def stored(query: str) -> list[Any]:
    """What the embedded database of this folder holds."""
    with closing(sqlite3.connect("talanoa.db")) as connection:
        return connection.execute(query).fetchall()


def answers() -> list[dict[str, Any]]:
    """The answers of each respondent."""
    found: dict[int, dict[str, Any]] = {one: {} for (one,) in stored("SELECT respondent_id FROM sessions")}
    for respondent, question, value in stored("SELECT respondent_id, question, value FROM answers"):
        found[respondent][question] = None if value is None else json.loads(str(value))
    return list(found.values())


def names() -> set[str]:
    """The files of this folder."""
    return {file.name for file in Path().iterdir()}
