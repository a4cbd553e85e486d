"""`round …`: the life of a round on the command line."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from bot import rounds as use
from bot.bootstrap import program
from bot.errors import NotPossible
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import LocalizedText, Questionnaire
from bot.messages import SendFailure
from bot.operations.authoring import find_questionnaire
from bot.operations.languages import chosen
from bot.results.indicators.ranks import ranks
from bot.results.source import count_sessions
from bot.results.tabulate import funnel
from bot.settings import PUBLIC_URL, TELEGRAM_TOKEN
from storage import rounds
from storage.rounds import StoredRound

P = ParamSpec("P")
T = TypeVar("T")

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""What the platform lets a link carry: https://core.telegram.org/api/links#bot-links"""
_TAGGED = re.compile(r"(?P<tag>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)=(?P<text>.*)", re.ASCII | re.DOTALL)
_ABOUT_YOU = "about_you"
"""The instrument whose questions a round can ask of everybody last."""


def create(options: Namespace) -> None:
    """Draft a round, and open it where asked."""
    asyncio.run(_create(options))


async def _create(options: Namespace) -> None:
    async with program(options.db) as running:
        now = running.clock()

        def work(connection: Connection) -> StoredRound:
            questionnaire = find_questionnaire(connection, options.instrument)
            draft = _draft(connection, questionnaire, options)
            stored = use.draft_round(connection, questionnaire, draft, now)
            return _open(connection, stored.code) if options.open else stored

        _say(await running.store.run(work), as_json=options.json)


def _draft(connection: Connection, questionnaire: Questionnaire, options: Namespace) -> use.RoundDraft:
    languages = _list(options.languages) or questionnaire.languages
    return use.RoundDraft(
        code=options.code,
        parts=_list(options.parts),
        languages=languages,
        minimum_cell=options.minimum_cell,
        title=_text(options.title, languages),
        purpose=_text(options.purpose, languages),
        agency=_text(options.agency, languages),
        contact=options.contact,
        opens=_moment(options.opens, options.time_zone),
        closes=_moment(options.closes, options.time_zone),
        time_zone=options.time_zone,
        allows_revision=not options.no_revision,
        about_you=find_questionnaire(connection, _ABOUT_YOU) if options.about_you else None,
        follows=options.follows,
        presets=dict(map(_preset, options.preset)),
    )


def open_round(options: Namespace) -> None:
    """Take answers from now on."""
    _change(options, _open)


def close_round(options: Namespace) -> None:
    """Take no more answers."""
    _change(options, use.move, RoundTrigger.CLOSE)


def reopen_round(options: Namespace) -> None:
    """Take answers again."""
    _change(options, use.move, RoundTrigger.REOPEN)


def publish_round(options: Namespace) -> None:
    """Say that the results are out."""
    _change(options, use.move, RoundTrigger.PUBLISH)


def _open(connection: Connection, code: str) -> StoredRound:
    return use.move(connection, code, RoundTrigger.OPEN, ranks(connection, code))


def _change(
    options: Namespace,
    work: Callable[Concatenate[Connection, str, P], StoredRound],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    async def do() -> None:
        async with program(options.db) as running:
            changed = await running.store.run(work, options.code, *args, **kwargs)
            _say(changed, as_json=options.json)

    asyncio.run(do())


def list_rounds(options: Namespace) -> None:
    """List all rounds, the newest first."""
    found = _read(options, rounds.list_all)
    if options.json:
        codes = {one.id: one.code for one in found}
        _print([_described(one, codes) for one in found])
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
        codes = {one.id: one.code for one in rounds.list_all(connection)}
        return _described(stored, codes) | {"respondents": funnel(count_sessions(connection, stored.id))}

    found = _read(options, work)
    if options.json:
        _print(found)
        return
    respondents = found.pop("respondents")
    table = Table(show_header=False, box=None)
    for name, value in (*found.items(), *respondents.items()):
        table.add_row(name.replace("_", " "), _shown(value))
    Console().print(table)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return _shown([f"{name}={one}" for name, one in value.items()])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) if isinstance(value, list) else "" if value is None else str(value)) or "–"


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
        public = settings[PUBLIC_URL].rstrip("/")
        telegram_links: list[str] = []
        if settings[TELEGRAM_TOKEN]:
            from bot.operations.serving import telegram  # noqa: PLC0415 (a second to import)

            try:
                async with telegram(settings) as channel:
                    telegram_links = [await channel.link(payload) for payload in payloads]
            except SendFailure as failure:
                raise NotPossible(
                    f"The bot's name is not known: {failure}.", "Try again when Telegram can be reached."
                ) from failure
        pictured: dict[str, str] = {}
        for place, payload in enumerate(payloads):
            print(f"/join {payload}")
            if telegram_links:
                print(telegram_links[place])
                # `-telegram` may be a source of this round too; no code or source has a full stop.
                ending = ".telegram" if f"{payload}-telegram" in payloads else "-telegram"
                pictured[f"{payload}{ending}"] = telegram_links[place]
            if public:
                print(f"{public}/c/{payload}")
                pictured[payload] = f"{public}/c/{payload}"
    if options.qr is not None:
        _picture(pictured, Path(options.qr))


def _picture(links: Mapping[str, str], folder: Path) -> None:
    """Write each link as a QR code, of which a seventh may be scratched away."""
    if not links:
        raise NotPossible(
            "There is no link that a QR code could hold.",
            f"Set {TELEGRAM_TOKEN.name}, or {PUBLIC_URL.name}.",
        )
    import segno  # noqa: PLC0415 (no other command needs it)

    try:
        folder.mkdir(exist_ok=True)
        for name, link in links.items():
            code = segno.make_qr(link, error="m")
            code.save(str(folder / f"{name}.svg"), scale=10, title=link)
            code.save(str(folder / f"{name}.png"), scale=20)
    except OSError as error:
        raise NotPossible(f"{folder} cannot be written: {error.strerror}.", "Give another --qr.") from error
    print(f"{2 * len(links)} files written to {folder}", file=sys.stderr)


def _read(
    options: Namespace, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    async def do() -> T:
        async with program(options.db) as running:
            return await running.store.read(work, *args, **kwargs)

    return asyncio.run(do())


def _described(one: StoredRound, codes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "code": one.code,
        "state": one.state.value,
        "title": one.title.in_language("en"),
        "languages": list(one.languages),
        "parts": None if one.parts is None else sorted(one.parts),
        "about_you": one.about_you_id is not None,
        "follows": None if one.follows_id is None else codes[one.follows_id],
        "presets": dict(one.presets),
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


def _text(given: Sequence[str], languages: tuple[str, ...]) -> LocalizedText | None:
    """What was written as TEXT, in the first language, or as TAG=TEXT; the first is for those without their own."""
    texts: dict[str, str] = {}
    for one in given:
        tagged = _TAGGED.fullmatch(one)
        language = chosen(tagged["tag"], languages, "The round") if tagged else None
        language, text = language or languages[0], tagged["text"] if tagged else one
        if language in texts:
            raise NotPossible(
                f"{text!r} is a second text in {language}.", "Give each language one: TAG=TEXT."
            )
        if not text.strip():
            raise NotPossible(f"{one!r} has no text.", "Write it as TEXT, or as TAG=TEXT for one language.")
        texts[language] = text.strip()
    if not texts:
        return None
    return LocalizedText(texts, languages[0] if languages[0] in texts else next(iter(texts)))


def _preset(given: str) -> tuple[str, str]:
    name, _, value = given.partition("=")
    if not name.strip() or not value.strip():
        raise NotPossible(f"{given!r} presets nothing.", "Write it as NAME=VALUE.")
    return name.strip(), value.strip()


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
