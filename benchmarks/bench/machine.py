"""Where it was measured: without that, no figure means anything."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.postgresql import Server

_PEERS = """
import json
from importlib.metadata import version
print(json.dumps([version("aiogram"), version("python-telegram-bot")]))
"""
_BLOCK = b"\0" * 8192


def describe(server: Server, folder: Path, peers: Path | None) -> dict[str, Any]:
    """The machine, and the versions of what runs on it."""
    aiogram, ptb = _peer_versions(peers)
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cpus": len(psutil.Process().cpu_affinity())
        if hasattr(psutil.Process, "cpu_affinity")
        else os.cpu_count(),
        "memory_mb": round(psutil.virtual_memory().total / 2**20),
        "load_before": round(os.getloadavg()[0], 2),
        "fsync_us": _fsync_microseconds(folder),
        "python": platform.python_version(),
        "postgresql": server.run("SHOW server_version").split(" ")[0],
        "sqlite": sqlite3.sqlite_version,
        "talanoa": version("talanoa"),
        "ptb": ptb,
        "aiogram": aiogram,
    }


def _peer_versions(peers: Path | None) -> tuple[str | None, str | None]:
    if peers is None:
        return None, None
    printed = subprocess.run([peers, "-c", _PEERS], capture_output=True, text=True, check=True).stdout
    aiogram, ptb = json.loads(printed)
    return aiogram, ptb


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _fsync_microseconds(folder: Path) -> float:
    """What it takes until a block is on disk, there where the databases are."""
    taken = []
    file = os.open(folder / "block", os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(25):
            os.lseek(file, 0, os.SEEK_SET)
            os.write(file, _BLOCK)
            began = time.perf_counter()
            os.fsync(file)
            taken.append(time.perf_counter() - began)
    finally:
        os.close(file)
    return round(statistics.median(taken) * 1e6, 1)
