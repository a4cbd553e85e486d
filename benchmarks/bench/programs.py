"""What is measured: Talanoa as it is served, and the same questions as they are commonly written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.filling import BOT, SECRET
from bench.processes import free_port, megabytes, running, tree, until_ready

HERE = Path(__file__).resolve().parents[1]
TOKEN = f"{BOT}:AAHloopbackloopbackloopbackloopback"
WEBHOOK_SECRET = "only-for-benchmarks"  # noqa: S105
PATH = "/telegram"
STARTS = {"body": ("-m", "bot"), "call": ("-m", "bench.by_call")}
"""How Talanoa is started, by how it replies."""


@dataclass(frozen=True, slots=True)
class Target:
    """A program that runs and listens."""

    process_id: int
    port: int
    start_seconds: float
    memory_mb: float
    """Before the first message."""

    @property
    def address(self) -> dict[str, Any]:
        """As the driver wants it."""
        return {"port": self.port, "path": PATH, "secret": WEBHOOK_SECRET, "workers": self.process_id}


@contextmanager
def talanoa(url: str, workers: int, reply: str, api_url: str, folder: Path) -> Iterator[Target]:
    """`talanoa serve`, by webhook; with `reply` "call" nothing is said in a response's body."""
    port = free_port()
    served = [
        "serve",
        "--mode",
        "webhook",
        "--workers",
        str(workers),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    environment = {
        "PYTHONPATH": str(HERE),
        "TALANOA_DATABASE_URL": url,
        "TALANOA_SECRET_KEY": SECRET,
        "TALANOA_TELEGRAM_TOKEN": TOKEN,
        "TALANOA_TELEGRAM_API_URL": api_url,
        "TALANOA_PUBLIC_URL": f"https://127.0.0.1:{port}",
        "TALANOA_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    with _started([sys.executable, *STARTS[reply], *served], environment, folder, port, "/readyz") as target:
        yield target


@contextmanager
def peer(
    name: str, python: Path, dsn: str, api_url: str, folder: Path, *, again: bool = False
) -> Iterator[Target]:
    """One of the scripts in `peers`, by the interpreter that has its packages; `again` with what it has kept."""
    port = free_port()
    pickle = folder / f"{name}.pickle"
    if not again:
        # Stopped while it writes, the library leaves half a file, with which it would not start again.
        pickle.unlink(missing_ok=True)
    environment = {
        "TOKEN": TOKEN,
        "API_URL": api_url,
        "PORT": str(port),
        "SECRET": WEBHOOK_SECRET,
        "DATABASE": dsn,
        "PICKLE": str(pickle),
    }
    with _started([python, HERE / "peers" / f"{name}_survey.py"], environment, folder, port, PATH) as target:
        yield target


@contextmanager
def _started(
    command: list[str | Path], environment: Mapping[str, str], folder: Path, port: int, probe: str
) -> Iterator[Target]:
    log = folder / "log.txt"
    began = time.perf_counter()
    with running(command, environment, folder, log) as process:
        until_ready(process, port, probe, log)
        took = time.perf_counter() - began
        yield Target(process.pid, port, took, megabytes(tree(process.pid)))
    if "Traceback" in log.read_text(errors="replace"):
        raise RuntimeError(f"{command[-1]} printed:\n{log.read_text(errors='replace')[-4000:]}")


def steps(url: str, first: int, count: int) -> list[dict[str, Any]]:
    """Where the time of an answer goes, as `bench.steps` finds it with these people."""
    return _told("bench.steps", url, str(first), str(count))


def lengths(folder: Path) -> list[dict[str, Any]]:
    """What long forms cost, as `bench.lengths` finds it."""
    return _told("bench.lengths", str(folder))


def _told(module: str, *arguments: str) -> list[dict[str, Any]]:
    """What a module of ours prints, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def help_seconds() -> float:
    """How long `talanoa --help` takes."""
    return _seconds("-m", "bot", "--help")


def baseline_seconds() -> float:
    """How long Python takes to start with what any such program imports."""
    return _seconds("-c", "import argparse, asyncio, json")


def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def has_peers(python: Path) -> bool:
    """Whether this interpreter is there and has the packages of the peers."""
    needed = "import aiogram, asyncpg, telegram.ext, tornado"
    if not os.access(python, os.X_OK):
        return False
    return subprocess.run([python, "-c", needed], capture_output=True, check=False).returncode == 0
