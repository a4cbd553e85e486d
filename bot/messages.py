"""What crosses a channel: what comes in, what goes out, what a channel can do and how sending fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from bot.flows.received import Received


class Inbound(Struct, frozen=True, gc=False):
    """One thing that arrived."""

    channel: str
    bot: str
    """Which of the channel's own accounts it came to."""
    address: str
    external_id: str
    """The platform's own id of this delivery: the same again is a repeat."""
    at: datetime
    received: Received
    language_hint: str | None = None
    origin: str | None = None
    """The platform's id of the message whose button was tapped; passed back to the channel, never stored."""


class Button(Struct, frozen=True, gc=False):
    """A label and the data that a tap on it brings back."""

    label: str
    data: str


class Document(Struct, frozen=True, gc=False):
    """A file to hand over."""

    name: str
    media_type: str
    content: str


class Part(Struct, frozen=True, gc=False):
    """One message to send, within the channel's limits: plain text, with rows of buttons or a file."""

    text: str
    keyboard: tuple[tuple[Button, ...], ...] = ()
    document: Document | None = None
    replaces: bool = False
    """Takes the place of the message that was tapped, where the channel can."""
    question: str | None = None
    """The name of the question that this message puts, for channels that show a keypad or a calendar for it."""


class Reply(Struct, frozen=True, gc=False):
    """Everything to say to one person at once, in order."""

    parts: tuple[Part, ...]


def characters(text: str) -> int:
    """Length in code points."""
    return len(text)


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each is sent as an escape and a character (3GPP TS 23.038)."""


def sms_segments(text: str) -> int:
    """How many SMS a text takes: one character beyond GSM's alphabet makes all of it UCS-2, in shorter ones."""
    if _GSM_7.union(_GSM_7_EXTENDED).issuperset(text):
        single, several = 160, 153
        costs = [1 + (char in _GSM_7_EXTENDED) for char in text]
    else:
        single, several = 70, 67
        costs = [utf16_units(char) for char in text]
    if sum(costs) <= single:
        return 1
    segments, room = 1, several
    for cost in costs:
        if cost > room:
            segments, room = segments + 1, several
        room -= cost
    return segments


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; nobody asks which channel it is."""

    text_limit: int
    """Longest message, in the unit of `measure`."""
    measure: Callable[[str], int] = characters
    buttons: int = 0
    """Most buttons on one message; 0 where there are none."""
    button_limit: int = 0
    """Longest button label that is shown whole, in characters."""
    documents: bool = False
    replaces: bool = False
    """Whether a message can be changed after it was sent."""


class SendFailure(Exception):
    """A message was not accepted, or a file not handed over; the type says what follows."""


class RetryLater(SendFailure):
    """Busy or out of reach: the same again after `seconds`."""

    def __init__(self, message: str, seconds: float = 5.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class Rejected(SendFailure):
    """The platform refuses this message, now and always."""


class TooLarge(Rejected):
    """A file has more bytes than are kept, or than the platform hands over."""


class Stopped(SendFailure):
    """The person blocked us or is gone: nothing more is sent to this address."""


class Misconfigured(SendFailure):
    """The token, the bot or the platform's address is wrong: an operator must act."""


class NotTaken(Exception):
    """What arrived cannot be taken now: it stays with the platform and is offered again after `seconds`."""

    def __init__(self, message: str, seconds: float = 1.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class Channel(Protocol):
    """A way of talking."""

    name: str
    capabilities: Capabilities

    async def send(self, address: str, part: Part, origin: str | None = None) -> None:
        """Hand over one message, in order; raises `SendFailure`."""


class FileSource(Protocol):
    """A channel that hands over the files that people send; one without is asked for none."""

    name: str
    account: str
    """Which of the channel's own accounts it is: `Inbound.bot`."""
    capabilities: Capabilities

    async def download(self, reference: str, limit: int) -> bytes:
        """Fetch a file by `Attachment.reference`; raises `TooLarge` beyond `limit` bytes, or another `SendFailure`."""
