"""`round …`: the life of a round on the command line."""

from __future__ import annotations

import asyncio
import json
import re
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from bot import rounds as use
from bot.bootstrap import program
from bot.errors import NotPossible
from bot.flows.lifecycle import RoundTrigger
from bot.messages import SendFailure
from bot.operations.authoring import find_questionnaire
from bot.results.source import count_sessions
from bot.results.tabulate import funnel
from bot.settings import PUBLIC_URL, TELEGRAM_TOKEN
from storage import rounds
from storage.rounds import StoredRound

P = ParamSpec("P")
T = TypeVar("T")

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""What the platform lets a link carry: https://core.telegram.org/api/links#bot-links"""


def create(options: Namespace) -> None:
    """Draft a round, and open it where asked."""
    asyncio.run(_create(options))


async def _create(options: Namespace) -> None:
    draft = use.RoundDraft(
        code=options.code,
        parts=_list(options.parts),
        languages=_list(options.languages),
        minimum_cell=options.minimum_cell,
        title=options.title,
        purpose=options.purpose,
        agency=options.agency,
        contact=options.contact,
        opens=_moment(options.opens, options.time_zone),
        closes=_moment(options.closes, options.time_zone),
        time_zone=options.time_zone,
        allows_revision=not options.no_revision,
    )
    async with program(options.db) as running:
        now = running.clock()

        def work(connection: Connection) -> StoredRound:
            questionnaire = find_questionnaire(connection, options.instrument)
            stored = use.draft_round(connection, questionnaire, draft, now)
            return use.move(connection, stored.code, RoundTrigger.OPEN) if options.open else stored

        _say(await running.store.run(work), as_json=options.json)


def open_round(options: Namespace) -> None:
    """Take answers from now on."""
    _move(options, RoundTrigger.OPEN)


def close_round(options: Namespace) -> None:
    """Take no more answers."""
    _move(options, RoundTrigger.CLOSE)


def reopen_round(options: Namespace) -> None:
    """Take answers again."""
    _move(options, RoundTrigger.REOPEN)


def _move(options: Namespace, trigger: RoundTrigger) -> None:
    async def do() -> None:
        async with program(options.db) as running:
            moved = await running.store.run(use.move, options.code, trigger)
            _say(moved, as_json=options.json)

    asyncio.run(do())


def list_rounds(options: Namespace) -> None:
    """List all rounds, the newest first."""
    found = _read(options, rounds.list_all)
    if options.json:
        _print([_described(one) for one in found])
        return
    table = Table("code", "state", "title", "languages", box=None)
    for one in found:
        table.add_row(one.code, one.state.value, one.title.in_language("en"), " ".join(one.languages))
    Console().print(
        table if found else "There are no rounds yet. Draft one with: talanoa round create metep --open"
    )


def show(options: Namespace) -> None:
    """Show a round and how far it is."""

    def work(connection: Connection) -> dict[str, Any]:
        stored = use.find(connection, options.code)
        return _described(stored) | {"respondents": funnel(count_sessions(connection, stored.id))}

    found = _read(options, work)
    if options.json:
        _print(found)
        return
    respondents = found.pop("respondents")
    table = Table(show_header=False, box=None)
    for name, value in (*found.items(), *respondents.items()):
        shown = ", ".join(value) if isinstance(value, list) else "–" if value is None else str(value)
        table.add_row(name.replace("_", " "), shown)
    Console().print(table)


def links(options: Namespace) -> None:
    """Print the links that lead into a round."""
    asyncio.run(_links(options))


async def _links(options: Namespace) -> None:
    async with program(options.db) as running:
        stored = await running.store.read(use.find, options.code)
        payloads = (stored.code, *(f"{stored.code}-{source}" for source in options.source))
        for payload in payloads:
            if not _PAYLOAD.fullmatch(payload):
                raise NotPossible(
                    f"{payload!r} cannot be in a link.",
                    "Give a --source of letters, digits, - and _; with the code at most 64.",
                )
        settings = running.settings
        bot = None
        if settings[TELEGRAM_TOKEN]:
            from bot.operations.serving import telegram  # noqa: PLC0415 (a second to import)

            try:
                async with telegram(settings) as channel:
                    bot = await channel.connect()
            except SendFailure as failure:
                raise NotPossible(
                    f"The bot's name is not known: {failure}.", "Try again when Telegram can be reached."
                ) from failure
        for payload in payloads:
            print(f"/join {payload}")
            if bot is not None:
                print(f"https://t.me/{bot}?start={payload}")
            if settings[PUBLIC_URL]:
                print(f"{settings[PUBLIC_URL].rstrip('/')}/c/{payload}")


def _read(
    options: Namespace, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    async def do() -> T:
        async with program(options.db) as running:
            return await running.store.read(work, *args, **kwargs)

    return asyncio.run(do())


def _described(one: StoredRound) -> dict[str, Any]:
    return {
        "code": one.code,
        "state": one.state.value,
        "title": one.title.in_language("en"),
        "languages": list(one.languages),
        "parts": None if one.parts is None else sorted(one.parts),
        "opens": None if one.opens_at is None else one.opens_at.isoformat(),
        "closes": None if one.closes_at is None else one.closes_at.isoformat(),
        "time_zone": one.time_zone,
        "minimum_cell": one.minimum_cell,
    }


def _say(one: StoredRound, *, as_json: bool) -> None:
    if as_json:
        _print({"code": one.code, "state": one.state.value})
        return
    print(f"Round {one.code} is {one.state.value}.")
    if one.state.value == "draft":
        print(f"Open it with: talanoa round open {one.code}")
    elif one.state.value == "open":
        print(f"Try it with: talanoa chat {one.code}")


def _print(document: Mapping[str, Any] | list[Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _list(given: str | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(word.strip() for word in given.split(",") if word.strip())


def _moment(given: str | None, time_zone: str) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))
    except ValueError as error:
        raise NotPossible(f"{given!r} is no time.", "Write it as 2026-03-01T08:00.") from error
    except ZoneInfoNotFoundError as error:
        raise NotPossible(
            f"{time_zone!r} is no time zone.", "Use a name of the tz database, such as Pacific/Fiji."
        ) from error
