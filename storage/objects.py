"""Where files are kept: a folder of this machine, or a bucket that speaks S3; whole objects by key, sealed before.

A key says nothing about whose file it is: it is drawn at random.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from storage.errors import StorageError, UnsupportedStore

if TYPE_CHECKING:
    from obstore.store import S3Store

_SCHEME = "s3"
_OURS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}(\.\w+)?", re.ASCII)
"""A key, or what a crash left half written of one: whatever else is in the same place is none of ours."""


class ObjectMissing(StorageError):
    """No object has this key."""


@dataclass(frozen=True, slots=True)
class Held:
    """One object that is there, and when it was put there."""

    key: str
    at: datetime


class ObjectStore(Protocol):
    """Keeps bytes under keys; what it raises besides `ObjectMissing` is worth another try later."""

    async def put(self, key: str, content: bytes) -> None:
        """Keep an object, in place of an earlier one with this key; it is on disk when this returns."""

    async def get(self, key: str) -> bytes:
        """The whole object; `ObjectMissing` where there is none."""

    async def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""

    async def held(self) -> list[Held]:
        """Every object of ours that is there."""


def new_key() -> str:
    """A key for an object; its first two letters spread objects over folders."""
    drawn = secrets.token_hex(16)
    return f"{drawn[:2]}/{drawn[2:]}"


def open_objects(location: str, options: Mapping[str, str]) -> ObjectStore:
    """The store at `s3://BUCKET/PREFIX`, with options by their names in `obstore.store.S3Config`, or in a folder.

    Raises `UnsupportedStore`.
    """
    parts = urlsplit(location)
    if "://" not in location:
        return Folder(Path(location))
    if parts.scheme != _SCHEME or not parts.netloc:
        raise UnsupportedStore(
            f"Files cannot be kept at {parts.scheme}://{parts.netloc}; give a folder, or s3://BUCKET/PREFIX."
        )
    return Bucket(parts.netloc, parts.path.strip("/"), options)


class Folder:
    """Objects as files in a folder, which is made when the first one is put there."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, content: bytes) -> None:
        """See `ObjectStore`."""
        await asyncio.to_thread(self._put, key, content)

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        try:
            return await asyncio.to_thread((self._root / key).read_bytes)
        except FileNotFoundError:
            raise _missing(key) from None

    async def delete(self, key: str) -> None:
        """See `ObjectStore`."""
        with suppress(FileNotFoundError):
            await asyncio.to_thread((self._root / key).unlink)

    async def held(self) -> list[Held]:
        """See `ObjectStore`; what a crash left half written counts too."""
        return await asyncio.to_thread(lambda: list(self._held()))

    def _put(self, key: str, content: bytes) -> None:
        target = self._root / key
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        number, part = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(target)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        # The names too, or a power cut takes the file back.
        for folder in (target.parent, self._root, self._root.parent):
            _sync(folder)

    def _held(self) -> Iterator[Held]:
        for file in self._root.glob("*/*"):
            with suppress(FileNotFoundError):
                at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                key = file.relative_to(self._root).as_posix()
                if _OURS.fullmatch(key):
                    yield Held(key, at)


class Bucket:
    """Objects in a bucket of Amazon S3, or of whatever speaks its protocol.

    Calls go through threads: the library's own asynchronous ones abort the process now and then as it exits.
    """

    def __init__(self, bucket: str, prefix: str, options: Mapping[str, str]) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._options = options
        self._opened: S3Store | None = None
        try:
            import obstore  # noqa: F401, PLC0415 (only who keeps files in a bucket has it)
        except ImportError:
            raise UnsupportedStore(
                "Files in a bucket need a library more. Install it with: pip install 'talanoa[s3]'"
            ) from None

    async def put(self, key: str, content: bytes) -> None:
        """See `ObjectStore`."""
        await asyncio.to_thread(lambda: self._store.put(key, content))

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        try:
            return await asyncio.to_thread(lambda: bytes(self._store.get(key).bytes()))
        except FileNotFoundError:
            raise _missing(key) from None

    async def delete(self, key: str) -> None:
        """See `ObjectStore`."""
        await asyncio.to_thread(lambda: self._store.delete(key))

    async def held(self) -> list[Held]:
        """See `ObjectStore`."""
        return await asyncio.to_thread(
            lambda: [
                Held(found["path"], found["last_modified"])
                for page in self._store.list()
                for found in page
                if _OURS.fullmatch(found["path"])
            ]
        )

    @property
    def _store(self) -> S3Store:
        # At first use, since its threads would not survive the fork of a worker.
        if self._opened is None:
            from obstore.store import S3Store  # noqa: PLC0415

            allow_http = self._options.get("endpoint", "").startswith("http://")
            self._opened = S3Store(
                self._bucket,
                prefix=self._prefix or None,
                config=dict(self._options),  # type: ignore[arg-type]
                # Well within a stop of the program, which waits for threads.
                client_options={"allow_http": allow_http, "connect_timeout": "5s", "timeout": "60s"},
                retry_config={"max_retries": 1},
            )
        return self._opened


def _missing(key: str) -> ObjectMissing:
    return ObjectMissing(f"There is no file {key} where files are kept; see TALANOA_FILES.")


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
