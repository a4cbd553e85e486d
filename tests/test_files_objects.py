"""The object store: the same promises in a folder and in a bucket."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.settings import files_location, load, s3_options
from storage.errors import UnsupportedStore
from storage.objects import Folder, ObjectMissing, ObjectStore, new_key, open_objects
from tests.support.s3 import BUCKET, s3_server
from tests.support.workers import free_port


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    with s3_server() as settings:
        yield settings


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return open_objects(str(tmp_path / "files"), {})
    settings = load(request.getfixturevalue("s3"), tmp_path / "none")
    return open_objects(f"s3://{BUCKET}/{tmp_path.name}", s3_options(settings))


async def test_what_was_put_there_is_there(objects: ObjectStore) -> None:
    key, content = new_key(), bytes(range(256)) * 5000
    before = datetime.now(UTC)
    await objects.put(key, content)
    await objects.put(other := new_key(), b"")
    assert await objects.get(key) == content
    assert await objects.get(other) == b""
    held = await objects.held()
    assert {one.key for one in held} == {key, other}
    assert all(abs(one.at - before) < timedelta(minutes=1) for one in held)


async def test_the_same_key_again_takes_the_place_of_the_first(objects: ObjectStore) -> None:
    key = new_key()
    await objects.put(key, b"first")
    await objects.put(key, b"second")
    assert await objects.get(key) == b"second"
    assert [one.key for one in await objects.held()] == [key]


async def test_what_was_removed_is_gone_and_can_be_removed_again(objects: ObjectStore) -> None:
    key = new_key()
    await objects.put(key, b"first")
    await objects.delete(key)
    await objects.delete(key)
    with pytest.raises(ObjectMissing):
        await objects.get(key)
    assert await objects.held() == []


async def test_an_empty_store_holds_nothing(objects: ObjectStore) -> None:
    assert await objects.held() == []
    with pytest.raises(ObjectMissing):
        await objects.get(new_key())


async def test_what_others_keep_in_the_same_place_is_none_of_ours(objects: ObjectStore) -> None:
    """Or looking for unknown files would remove it."""
    await objects.put(key := new_key(), b"ours")
    for other in ("bin/python", "ab/notes.txt", f"zz/{key[3:]}", f"{key}0", f"{key[:2]}/{key[3:]}.old.jpg"):
        await objects.put(other, b"theirs")
    assert [one.key for one in await objects.held()] == [key]


async def test_what_a_crash_left_half_written_is_found(tmp_path: Path) -> None:
    objects, key = Folder(tmp_path), new_key()
    with (
        patch("pathlib.Path.replace", side_effect=OSError("killed")),
        patch("pathlib.Path.unlink"),
        pytest.raises(OSError, match="killed"),
    ):
        await objects.put(key, b"first")
    (left,) = await objects.held()
    assert left.key.startswith(f"{key}.")


async def test_a_server_that_is_away_is_no_missing_object(tmp_path: Path) -> None:
    settings = load({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}, tmp_path / "none")
    objects = open_objects("s3://bucket", {**s3_options(settings), "skip_signature": "true"})
    for call in (
        objects.put(new_key(), b""),
        objects.get(new_key()),
        objects.delete(new_key()),
        objects.held(),
    ):
        with pytest.raises(Exception, match=r".") as caught:
            await call
        assert not isinstance(caught.value, ObjectMissing)


async def test_only_the_owner_reads_the_folder(tmp_path: Path) -> None:
    objects, key = Folder(tmp_path / "deep" / "files"), new_key()
    await objects.put(key, b"first")
    kept = tmp_path / "deep" / "files" / key
    assert kept.stat().st_mode & 0o077 == 0
    assert (tmp_path / "deep" / "files").stat().st_mode & 0o077 == 0


async def test_a_half_written_file_is_no_object_but_can_be_found(tmp_path: Path) -> None:
    objects, key = Folder(tmp_path), new_key()
    with (
        patch("pathlib.Path.replace", side_effect=OSError("no space")),
        pytest.raises(OSError, match="space"),
    ):
        await objects.put(key, b"first")
    assert await objects.held() == []
    with pytest.raises(ObjectMissing):
        await objects.get(key)


def test_keys_say_nothing() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 33 and key[2] == "/" for key in keys)


def test_places_that_are_none_are_refused() -> None:
    for location in ("ftp://host/x", "s3://", "http://host/bucket"):
        with pytest.raises(UnsupportedStore, match="give a folder, or s3://BUCKET/PREFIX"):
            open_objects(location, {})


def test_without_its_library_a_bucket_says_what_to_install() -> None:
    with patch.dict(sys.modules, {"obstore": None}), pytest.raises(UnsupportedStore, match=r"talanoa\[s3\]"):
        open_objects("s3://bucket", {})


@pytest.mark.parametrize(
    ("environment", "location"),
    [
        ({}, "talanoa.db.files"),
        ({"TALANOA_DATABASE_URL": "sqlite+aiosqlite:////srv/talanoa/a.db"}, "/srv/talanoa/a.db.files"),
        ({"TALANOA_DATABASE_URL": "postgresql+asyncpg://localhost/talanoa"}, "talanoa-files"),
        ({"TALANOA_FILES": "s3://bucket/prefix"}, "s3://bucket/prefix"),
    ],
)
def test_where_files_are_kept(environment: dict[str, str], location: str, tmp_path: Path) -> None:
    assert files_location(load(environment, tmp_path / "none")) == location
