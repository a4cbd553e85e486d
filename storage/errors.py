"""What can go wrong in the store, and which of it passes if the same is done again."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import TalanoaError


class StorageError(TalanoaError):
    """The store did not do what it was asked."""


class StaleTurn(StorageError):
    """Somebody else wrote about the same person since they were read: begin the batch again."""


class StructureChanged(StorageError):
    """A published version is immutable; another structure needs another version."""


class CodeTaken(StorageError):
    """Another round has this code."""


class WrongState(StorageError):
    """A round is not in the state that it was to leave."""


class UnreadableError(StorageError):
    """Something sealed does not open with this key."""


class UnsupportedStore(StorageError):
    """A database that this program cannot use."""


_PASSING_CLASSES = frozenset({"08", "40", "53", "57", "58"})
"""SQLSTATE classes: connection, transaction rollback, resources, operator intervention, system error."""
_READ_ONLY = "25006"
"""What a server says that was the primary until a fail-over."""
_SQLITE_PASSING = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
)


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed later: nothing about the data is wrong, so nothing is parked."""
    if isinstance(error, StaleTurn | PoolTimeoutError | OSError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    origin = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return state == _READ_ONLY or state[:2] in _PASSING_CLASSES
    # The primary code is the low byte of SQLite's extended code.
    code = getattr(origin, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _SQLITE_PASSING
