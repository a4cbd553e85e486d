"""The migrations give exactly the tables that the program expects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.revision import newest
from storage.schema import metadata
from storage.store import Store

_SQLITE_DEFINITIONS = "SELECT tbl_name, name, sql FROM sqlite_master"
_POSTGRESQL_DEFINITIONS = """
SELECT c.relname, a.attnum::text, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
    || a.attnotnull::text || ' ' || a.attidentity::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'functions', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


def definitions(connection: Connection) -> list[tuple[str, ...]]:
    sqlite = connection.dialect.name == "sqlite"
    rows = connection.execute(text(_SQLITE_DEFINITIONS if sqlite else _POSTGRESQL_DEFINITIONS))
    words = (tuple(" ".join(str(cell).split()) for cell in row) for row in rows)
    return sorted((*row[:-1], *_parts(row[-1])) for row in words if row[0] != "alembic_version")


def _drop_functions(connection: Connection) -> None:
    """What dropping tables leaves."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION talanoa_answer_file, talanoa_file_removed"))


def _parts(definition: str) -> list[str]:
    """A definition with its constraints in order: they are equal in whatever order they are written."""
    return sorted(definition.removesuffix(" )").split(", CONSTRAINT "))


async def test_migrations_and_metadata_are_the_same(empty_url: str) -> None:
    store = Store.open(empty_url)
    try:
        await store.run(metadata.create_all)
        expected = await store.read(definitions)
        await store.run(metadata.drop_all)
        await store.run(_drop_functions)
        await store.upgrade()
        assert await store.read(definitions) == expected
        assert len(expected) > len(metadata.tables)
    finally:
        await store.close()


async def test_alembic_sees_no_difference(store: Store) -> None:
    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return compare_metadata(context, metadata)

    assert await store.read(differences) == []


async def test_a_store_knows_whether_it_is_current(empty_url: str) -> None:
    store = Store.open(empty_url)
    try:
        assert not await store.is_current()
        await store.upgrade()
        assert await store.is_current()
        before = await store.read(definitions)
        await asyncio.gather(store.upgrade(), store.upgrade())
        assert await store.read(definitions) == before
    finally:
        await store.close()


def test_there_is_one_head_and_every_revision_can_go_back() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [newest()]
    for revision in scripts.walk_revisions():
        assert callable(revision.module.downgrade)
        assert revision.doc
