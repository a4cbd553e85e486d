"""Which revision the schema is at, told without Alembic, which takes longer to import than most commands to run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

_VERSIONS = table("alembic_version", column("version_num"))


@cache
def newest() -> str:
    """The newest revision, by the names of the migrations' files: they begin with it, in order."""
    files = (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*_*.py")
    return max(file.name.partition("_")[0] for file in files)


def is_current(connection: Connection) -> bool:
    """Whether the schema is at the newest revision."""
    if not inspect(connection).has_table(_VERSIONS.name):
        return False
    return connection.scalars(select(_VERSIONS.c.version_num)).all() == [newest()]
