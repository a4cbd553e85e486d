"""The benchmarks' short form: everything runs, and its document has the documented keys; no time is asserted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
KEY = re.compile(r"`([a-z_0-9.\[\]]+)`")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where databases are made: open to the account that PostgreSQL runs under where this one is root."""
    with tempfile.TemporaryDirectory(prefix="talanoa-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def ran(folder: Path) -> subprocess.CompletedProcess[str]:
    """The short form, without the bots to compare with."""
    command: list[str | Path] = [sys.executable, BENCHMARKS, "--short", "--json"]
    command += ["--peers", folder / "none", "--folder", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)


@pytest.fixture(scope="module")
def found(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    document: dict[str, Any] = json.loads(ran.stdout)
    return document


def documented() -> set[str]:
    """The keys in the first column of the README's last table."""
    table = (BENCHMARKS / "README.md").read_text(encoding="utf-8").partition("## The document")[2]
    return {key for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for key in KEY.findall(row)}


def keys(value: Any, path: str = "") -> Iterator[str]:
    """The paths of a document's keys, `[]` standing for every entry of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from keys(inner, f"{path}.{name}" if path else name)
        if path.endswith("[]"):
            yield path
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{path}[]")
        if not value:
            yield f"{path}[]"
    else:
        yield path


def test_it_measures_everything_without_an_error(found: dict[str, Any]) -> None:
    assert found["short"] is True
    assert {row["work"] for row in found["ceilings"]} == {"minimal", "same"}
    ways = {(row["store"], row["workers"], row["reply"]) for row in found["conversations"]}
    assert ways == {("postgresql", 2, "body"), ("sqlite", 1, "call")}
    for section in ("conversations", "growth"):
        assert all(row["errors"] == 0 and row["answers_per_second"] > 0 for row in found[section])
    assert found["live_sessions"][0]["errors"] == 0


def test_a_reply_is_a_call_where_it_should_be(found: dict[str, Any]) -> None:
    for row in found["conversations"]:
        calls = row["calls_per_answer"]
        assert calls == 0 if row["reply"] == "body" else calls >= 1


def test_nothing_that_was_acknowledged_is_lost_to_a_kill(found: dict[str, Any]) -> None:
    [killed] = found["losses"]
    assert killed["program"] == "talanoa"
    assert killed["acknowledged"] > 0
    assert killed["lost"] == 0


def test_it_says_what_it_leaves_out(found: dict[str, Any]) -> None:
    assert len(found["left_out"]) == 1
    assert "bots to compare with" in found["left_out"][0]
    assert found["machine"]["aiogram"] is None


def test_its_keys_are_documented(found: dict[str, Any]) -> None:
    assert set(keys(found)) == documented()


def test_it_leaves_nothing_behind(found: dict[str, Any], folder: Path) -> None:
    assert found["seconds"] > 0
    assert list(folder.iterdir()) == []
