"""`db`, `forget`, `retention` and `doctor`: what keeps an installation well."""

from __future__ import annotations

import asyncio
import os
import shutil
from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from bot import i18n
from bot.authoring.library import instrument, instrument_keys
from bot.bootstrap import Program, program, read_settings
from bot.errors import ConfigurationError, NotFound, TalanoaError
from bot.fetching import remove_objects
from bot.scanning import ScanFailed, Scanner
from bot.settings import (
    CLAMD,
    DATABASE_URL,
    FILES,
    SETTINGS,
    TELEGRAM_TOKEN,
    Settings,
    file_limit,
    files_location,
)
from storage import contacts, erasure, files, sweep
from storage.errors import StorageError
from storage.keys import Keys
from storage.objects import new_key


def upgrade(options: Namespace) -> None:
    """Bring the schema up to date."""

    async def do() -> None:
        async with program(options.db, upgraded=False) as running:
            await running.store.upgrade()

    asyncio.run(do())
    print("The database is up to date.")


def check(options: Namespace) -> int:
    """Check the schema, and that each session's document and its answers' rows say the same."""

    async def do() -> list[str]:
        async with program(options.db, upgraded=False) as running:
            if not await running.store.is_current():
                return ["The schema is not up to date. Run: talanoa db upgrade"]
            found = [str(one) for one in await running.store.read(sweep.inconsistencies)]
            return [*found, *await _misplaced(running)]

    found = asyncio.run(do())
    for one in found:
        print(one)
    print("The database is in order." if not found else f"{len(found)} problems.")
    return 1 if found else 0


async def _misplaced(running: Program) -> list[str]:
    """Files that are not where they are said to be, and objects that this database knows nothing of."""
    with running.reaching_files():
        keys = [one.key for one in await running.objects().held()]
    strangers = await running.store.read(files.unknown, keys)
    lost = await running.store.read(files.lost, keys)
    where = files_location(running.settings)
    found = []
    if lost:
        found.append(f"{lost} files are not in {where}; restore them from a backup.")
    if strangers:
        found.append(
            f"{len(strangers)} files in {where} belong to no answer of this database. If no other uses that place: "
            "talanoa retention run --unknown-files"
        )
    return found


def forget(options: Namespace) -> None:
    """Erase everything about one person, as they could themselves."""

    async def do() -> list[erasure.ErasedCounts]:
        async with program(options.db) as running:
            objects = running.objects()
            erased = await running.store.run(_forget, options, running.keys, running.clock())
            await remove_objects(running.store, objects, running.clock)
            await running.store.fold()
            return erased

    gone = asyncio.run(do())
    if not gone:
        raise NotFound(
            f"Nobody with this address is known on {options.channel}.",
            "Check the address, and that TALANOA_SECRET_KEY is the one it was stored under.",
        )
    sessions, answers, messages = (
        sum(getattr(one, name) for one in gone) for name in ("sessions", "answers", "messages")
    )
    print(f"Erased: the address, {sessions} sessions, {answers} answers, {messages} messages.")


def _forget(
    connection: Connection, options: Namespace, keys: Keys, now: datetime
) -> list[erasure.ErasedCounts]:
    """Erase a person with each of the channel's bots that they have talked to."""
    points = contacts.contact_points
    of_channel = select(points.c.bot).where(points.c.channel == options.channel).distinct()
    gone = []
    for bot in [options.bot] if options.bot else connection.scalars(of_channel).all():
        contact = keys.contact_hash(options.channel, bot, options.address)
        respondent = erasure.find_person(connection, contact)
        if respondent is not None:
            heard = select(contacts.inbound.c.external_id).where(
                contacts.inbound.c.respondent_id == respondent
            )
            # The highest number; of other ids any will do, since they tell nothing of the order.
            last = max(connection.scalars(heard), key=lambda one: (len(one), one), default="")
            gone.append(erasure.erase(connection, contact, respondent, last, now))
    return gone


def retain(options: Namespace) -> None:
    """Delete what has been kept long enough."""

    async def do() -> dict[str, int]:
        async with program(options.db) as running:
            store, now, objects = running.store, running.clock(), running.objects()
            deleted = dict(await store.run(contacts.prune, now))
            await store.run(files.give_up, now)
            deleted["files"] = 0
            while removed := await remove_objects(store, objects, running.clock):
                deleted["files"] += removed
            if options.unknown_files:
                with running.reaching_files():
                    old = [one.key for one in await objects.held() if one.at < now - YOUNGEST]
                unknown = await store.read(files.unknown, old)
                with running.reaching_files():
                    for key in unknown:
                        await objects.delete(key)
                deleted["unknown files"] = len(unknown)
            return deleted

    for table, count in asyncio.run(do()).items():
        print(f"{table}: {count} deleted")


YOUNGEST = timedelta(days=1)
"""A file that nobody knows may be one that a program of another version is writing now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the doctor looked at; `remedy` says what to do where it is not well."""

    what: str
    well: bool = True
    remedy: str = ""


def doctor(options: Namespace) -> int:
    """Look at everything that an installation needs; status 1 when something is not well."""

    async def look() -> list[Finding]:
        async with aclosing(_findings(options)) as findings:
            return [finding async for finding in findings]

    settings = read_settings(options.db)
    for setting in SETTINGS:
        value = settings[setting]
        shown = "set" if setting.secret and value else _without_password(value) or "not set"
        print(f"{setting.name}: {shown} ({settings.origins[setting.name]})")
    findings = asyncio.run(look())
    for finding in findings:
        print(
            f"{'ok ' if finding.well else 'BAD'} {finding.what}"
            + (f" → {finding.remedy}" if finding.remedy else "")
        )
    return 0 if all(finding.well for finding in findings) else 1


async def _findings(options: Namespace) -> AsyncGenerator[Finding]:
    settings = read_settings(options.db)
    try:
        async with program(options.db, upgraded=False) as running:
            current = await running.store.is_current()
            # SQLite's schema is brought up to date by the first command that uses it.
            well = current or running.store.dialect == "sqlite"
            yield Finding(f"database ({running.store.dialect})", well, "" if well else "talanoa db upgrade")
            if current:
                found = await running.store.read(sweep.inconsistencies)
                yield Finding("answers and sessions agree", not found, "talanoa db check" if found else "")
            yield await _files(running)
    except (TalanoaError, StorageError) as error:
        yield Finding(f"database: {error.args[0]}", well=False, remedy=getattr(error, "remedy", ""))
    except OSError as error:
        yield Finding(
            f"database: {type(error).__name__}",
            well=False,
            remedy=f"check {DATABASE_URL.name} and that it runs",
        )
    yield await _telegram(settings)
    yield await _clamd(settings)
    yield _clock()
    yield _disk(settings)
    for key in instrument_keys():
        questionnaire = instrument(key)
        yield Finding(f"instrument {key}@{questionnaire.version} in {', '.join(questionnaire.languages)}")
    yield Finding(f"languages of the program: {', '.join(i18n.languages())}")


async def _telegram(settings: Settings) -> Finding:
    if not settings[TELEGRAM_TOKEN]:
        return Finding("Telegram: no token", remedy=f"set {TELEGRAM_TOKEN.name} to run a bot")
    from bot.messages import SendFailure  # noqa: PLC0415
    from bot.operations.serving import telegram  # noqa: PLC0415 (a second to import)

    try:
        async with telegram(settings) as channel:
            return Finding(f"Telegram: the bot is @{await channel.connect()}")
    except (SendFailure, ConfigurationError) as failure:
        return Finding(f"Telegram: {failure}", well=False, remedy=f"check {TELEGRAM_TOKEN.name}")


async def _files(running: Program) -> Finding:
    where, key = files_location(running.settings), new_key()
    try:
        file_limit(running.settings)
        objects = running.objects()
        await objects.put(key, key.encode())
        same = await objects.get(key) == key.encode()
        await objects.delete(key)
    except ConfigurationError as error:
        return Finding(f"files: {error.args[0]}", well=False, remedy=error.remedy or f"check {FILES.name}")
    except Exception as error:
        # Whatever a library raises: its text may hold a key.
        return Finding(
            f"files: {where} cannot be written and read ({type(error).__name__})",
            well=False,
            remedy=f"check {FILES.name}, and who may write there",
        )
    return Finding(f"files: {where} can be written and read", same, "" if same else f"check {FILES.name}")


async def _clamd(settings: Settings) -> Finding:
    where = settings[CLAMD]
    if not where:
        return Finding("viruses: files are not scanned", remedy=f"set {CLAMD.name} to have them scanned")
    try:
        well = await Scanner(where).ping()
    except (ConfigurationError, ScanFailed) as error:
        return Finding(
            f"viruses: {error.args[0]}", well=False, remedy=f"check {CLAMD.name} and that clamd runs"
        )
    return Finding(f"viruses: clamd at {where} answers", well, "" if well else f"check {CLAMD.name}")


def _clock() -> Finding:
    now, written = datetime.now(UTC), datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    well = now >= written
    return Finding(
        f"clock: {now:%Y-%m-%d %H:%M} UTC",
        well,
        "" if well else "it is before this program was installed: set it",
    )


def _disk(settings: Settings) -> Finding:
    file = settings.sqlite_file
    free = shutil.disk_usage(file.parent if file and file.parent.exists() else os.curdir).free
    well = free > 500_000_000
    return Finding(f"disk: {free // 1_000_000} MB free", well, "" if well else "make room for the database")


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    if not at:
        return url
    return head.partition("://")[0] + "://…@" + tail
