"""What the core hears: one thing that a person did, free of any channel's own form."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Text(Struct, frozen=True, gc=False):
    """Words that were typed."""

    text: str


class Start(Struct, frozen=True, gc=False):
    """A link or QR code was opened; `payload` is `CODE` or `CODE-source`, empty without one."""

    payload: str = ""


class Chosen(Struct, frozen=True, gc=False):
    """A button was tapped; `data` is what `buttons.Tap.encode` made, but input like any other."""

    data: str


class Edited(Struct, frozen=True, gc=False):
    """A message sent earlier was changed to `text`."""

    text: str


class AttachmentKind(StrEnum):
    """Kinds of attachments that a channel may bring."""

    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"
    STICKER = "sticker"


class Attachment(Struct, frozen=True, gc=False):
    """A picture, a voice message, a file; `caption` holds the words sent along."""

    kind: AttachmentKind
    caption: str = ""
    reference: str = ""
    """How its channel finds it again, a word without spaces once it is sealed; empty where it does not keep it."""
    size: int | None = None
    """In bytes; `None` where that is not said."""
    media_type: str = ""
    """Such as `image/jpeg`, as the sender's telephone says."""
    limit: int | None = None
    """The most bytes that are kept; `None` where there is no limit."""
    group: str = ""
    """Common to what was sent at once, as an album; empty for what was sent alone."""


class Contact(Struct, frozen=True, gc=False):
    """A shared address-book card. Its content is not looked at."""


class Location(Struct, frozen=True, gc=False):
    """A place, degrees WGS 84."""

    latitude: float
    longitude: float


class Unsupported(Struct, frozen=True, gc=False):
    """Something that a conversation has no use for, such as a poll or a game."""

    kind: str


class Blocked(Struct, frozen=True, gc=False):
    """The person blocked us: nothing can be sent."""


class Unblocked(Struct, frozen=True, gc=False):
    """The person can be reached again."""


Received: TypeAlias = (
    Text | Start | Chosen | Edited | Attachment | Contact | Location | Unsupported | Blocked | Unblocked
)
