"""`chat` and `demo`: a conversation in this terminal."""

from __future__ import annotations

import asyncio
import getpass
import io
import secrets
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterable
from itertools import count
from pathlib import Path

from bot.authoring.library import instrument_keys
from bot.bootstrap import Program, program
from bot.channels.terminal import TerminalChannel, converse, show
from bot.clock import Clock
from bot.errors import NotFound
from bot.fetching import Fetcher
from bot.flows.received import Attachment, Received, Start, Text
from bot.intake import Intake
from bot.messages import Inbound, Reply
from bot.operations.languages import chosen
from bot.rounds import ensure_try_round
from storage import rounds

DEMO_INSTRUMENT = "metep"


def chat(options: Namespace) -> int:
    """Talk to a round, by its code, or try an instrument, by its key."""
    return asyncio.run(_chat(options))


def demo(options: Namespace) -> int:
    """Start a conversation with the sample round."""
    options.round, options.input = DEMO_INSTRUMENT, None
    return asyncio.run(_chat(options))


async def _chat(options: Namespace) -> int:
    # Bytes that are no text become question marks, which can be answered; what is stored must be text.
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    script = _script(options.input)
    async with program(options.db) as running:
        code, language = await _round(running, options)
        channel = TerminalChannel(sys.stdout)
        address = getpass.getuser() if script is None else secrets.token_hex(8)
        intake = running.intake({channel.name: channel.capabilities})
        talk = Talker(intake, running.fetcher([channel], tells=False), running.clock, address, language)
        await show(channel, await talk.arrive(code))
        typed = _typed() if script is None else _lines(script)
        await converse(channel, talk.say, typed, transcript=script is not None)
        await intake.stop()
    return 0


async def _round(running: Program, options: Namespace) -> tuple[str, str | None]:
    """The round to enter, as given or an instrument's try round, and the language; no code lists what is open."""
    code = options.round
    if code is None:
        return "", options.language
    found = await running.store.read(rounds.resolve, code)
    if found is None and code in instrument_keys():
        code = await ensure_try_round(running.store, code, running.clock())
        found = await running.store.read(rounds.resolve, code)
    if found is None:
        raise NotFound(
            f"There is no round with the code {code}, and no instrument of that name.",
            f"Instruments: {', '.join(instrument_keys())}. Rounds: talanoa round list",
        )
    return code, chosen(options.language, found[0].languages, f"Round {found[0].code}")


class Talker:
    """One person at this terminal."""

    def __init__(
        self, intake: Intake, fetcher: Fetcher, clock: Clock, address: str, language: str | None
    ) -> None:
        self._intake = intake
        self._fetcher = fetcher
        self._clock = clock
        self._address = address
        self._language = language
        self._run = secrets.token_hex(4)
        self._numbers = count(1)

    async def arrive(self, code: str) -> Reply | None:
        """Follow the link to a round; a language that was named on the command line counts as chosen."""
        arrived = asyncio.create_task(self.say(Start(code)))
        await asyncio.sleep(0)
        if self._language is None:
            return await arrived
        spoken = await self.say(Text(f"/language {self._language}"))
        await arrived
        return spoken

    async def say(self, received: Received) -> Reply | None:
        """Hand one message in; the reply. A file that was sent with it is kept by then."""
        reply = await self._intake.take(
            Inbound(
                channel=TerminalChannel.name,
                bot="",
                address=self._address,
                external_id=f"{self._run}-{next(self._numbers)}",
                at=self._clock(),
                received=received,
                language_hint=self._language,
            )
        )
        await self._fetcher.remove()
        while isinstance(received, Attachment) and await self._fetcher.fetch():
            pass
        return reply


def _script(path: str | None) -> Iterable[str] | None:
    """The messages to read instead of the keyboard, one a line, if any are."""
    if path is None:
        return None
    if path == "-":
        return sys.stdin
    try:
        return io.StringIO(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise NotFound(
            f"{path} cannot be read: {reason}.", "Give a text file with one message a line."
        ) from error


async def _lines(script: Iterable[str]) -> AsyncIterator[str]:
    for line in script:
        yield line.rstrip("\n")


async def _typed() -> AsyncIterator[str]:
    if sys.stdin.isatty():
        import readline  # noqa: F401, PLC0415 (arrow keys in input(); not on every platform's startup path)
    while True:
        try:
            yield await asyncio.to_thread(input, "> " if sys.stdin.isatty() else "")
        except EOFError:
            return
