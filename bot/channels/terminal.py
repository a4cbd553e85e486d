"""The terminal: a conversation at the keyboard, or a transcript of what a script of messages brings about."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TextIO

from bot.flows.received import Received, Text
from bot.messages import Capabilities, Part, Reply

Talk = Callable[[Received], Awaitable[Reply | None]]
"""Hands one message in and brings the reply back."""


class TerminalChannel:
    """Plain text of any length, no buttons: options are numbered, and the numbers are typed."""

    name = "terminal"
    capabilities = Capabilities(text_limit=1_000_000)

    def __init__(self, output: TextIO) -> None:
        self._output = output

    async def send(self, address: str, part: Part, origin: str | None = None) -> None:
        """Print a message and an empty line after it."""
        del address, origin
        print(part.text, end="\n\n", file=self._output, flush=True)

    def echo(self, typed: str) -> None:
        """Print what the person said, as a transcript shows it."""
        for line in typed.splitlines() or [""]:
            print(f"> {line}", file=self._output)
        print(file=self._output, flush=True)


async def converse(
    channel: TerminalChannel, talk: Talk, typed: AsyncIterable[str], *, transcript: bool = False
) -> None:
    """Hand in each typed message and print its reply, until there are no more."""
    async for line in typed:
        if transcript:
            channel.echo(line)
        await show(channel, await talk(Text(line)))


async def show(channel: TerminalChannel, reply: Reply | None) -> None:
    """Print every part of a reply."""
    for part in reply.parts if reply is not None else ():
        await channel.send("", part)
