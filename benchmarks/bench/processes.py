"""Processes: started, watched and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

STOP_SECONDS = 20.0


class DidNotStart(Exception):
    """A program that is to be measured does not run; the message holds what it printed."""


def tree(process_id: int) -> list[int]:
    """A process and all those that it started."""
    try:
        process = psutil.Process(process_id)
        return [process_id, *(child.pid for child in process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(process_ids: Iterable[int]) -> dict[int, float]:
    """What each process has used so far; those that are gone are left out."""
    used = {}
    for process_id in process_ids:
        try:
            times = psutil.Process(process_id).cpu_times()
        except psutil.NoSuchProcess:
            continue
        used[process_id] = times.user + times.system
    return used


def megabytes(process_ids: Iterable[int]) -> float:
    """The memory of processes together; what they share counts once where the system tells."""
    total = 0
    for process_id in process_ids:
        try:
            process = psutil.Process(process_id)
            full = process.memory_full_info()
            total += getattr(full, "pss", 0) or full.rss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 2**20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group in `folder`, stopped in the end, at the latest by force."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, and insist after a while; nothing of its group is left."""
    process.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until_ready(
    process: subprocess.Popen[bytes], port: int, path: str, log: Path, seconds: float = 30.0
) -> float:
    """Wait until the program answers there with 2xx or 405; the seconds that took."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return time.perf_counter() - began
        except urllib.error.HTTPError as answer:
            if answer.code == 405:
                return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(0.01)
    raise DidNotStart(f"{process.args!r} does not answer:\n{log.read_text(errors='replace')[-4000:]}")
