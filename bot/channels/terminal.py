"""The terminal: a conversation at the keyboard, or a transcript of what a script of messages brings about."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterable, Awaitable, Callable
from pathlib import Path
from typing import TextIO

from bot.flows.received import Attachment, AttachmentKind, Received, Text
from bot.messages import Capabilities, Part, Rejected, Reply, TooLarge

Talk = Callable[[Received], Awaitable[Reply | None]]
"""Hands one message in and brings the reply back."""
FILE = "file:"
"""What a line begins with that sends a file: its path follows."""
_KINDS = {"image": AttachmentKind.PHOTO, "audio": AttachmentKind.AUDIO, "video": AttachmentKind.VIDEO}


class TerminalChannel:
    """Plain text of any length, no buttons: options are numbered, and the numbers are typed."""

    name = "terminal"
    account = ""
    capabilities = Capabilities(text_limit=1_000_000)

    def __init__(self, output: TextIO) -> None:
        self._output = output

    async def send(self, address: str, part: Part, origin: str | None = None) -> None:
        """Print a message and an empty line after it."""
        del address, origin
        print(part.text, end="\n\n", file=self._output, flush=True)

    async def download(self, reference: str, limit: int) -> bytes:
        """Read the file at a path; see `FileSource`."""

        def read() -> bytes:
            with Path(reference).open("rb") as file:
                return file.read(limit + 1)

        try:
            content = await asyncio.to_thread(read)
        except OSError as error:
            raise Rejected(f"a file cannot be read: {error.strerror}") from None
        if len(content) > limit:
            raise TooLarge("a file has more bytes than are kept")
        return content

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
        await show(channel, await talk(_received(line)))


def _received(line: str) -> Received:
    """What a line says; the path of a file that is there sends it."""
    if not line.startswith(FILE):
        return Text(line)
    try:
        path = Path(line.removeprefix(FILE)).expanduser().resolve(strict=True)
        size = path.stat().st_size if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        # No such file, a folder that cannot be looked into, a home that nobody has, no path at all.
        size = None
    if size is None:
        return Text(line)
    media_type = mimetypes.guess_type(path.name)[0] or ""
    kind = _KINDS.get(media_type.partition("/")[0], AttachmentKind.FILE)
    return Attachment(kind, "", str(path), size, media_type)


async def show(channel: TerminalChannel, reply: Reply | None) -> None:
    """Print every part of a reply."""
    for part in reply.parts if reply is not None else ():
        await channel.send("", part)
