"""The driver process as an object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]


class DriverFailed(Exception):
    """The driver could not do what it was told."""


class Driver:
    """Tells the driver what to do."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.api_url = f"http://127.0.0.1:{self.tell('listen')['port']}"

    def tell(self, what: str, **how: Any) -> dict[str, Any]:
        """What it answers, once it is done."""
        print(json.dumps({"do": what, **how}), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline() if self._process.stdout else ""
        answer: dict[str, Any] = json.loads(line or '{"error": "it has ended"}')
        if "error" in answer:
            raise DriverFailed(f"The load driver could not {what}: {answer['error']}")
        return answer


@contextmanager
def driving() -> Iterator[Driver]:
    """A driver, running."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.driver"],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Driver(process)
        finally:
            process.terminate()
