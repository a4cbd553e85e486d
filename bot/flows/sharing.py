"""The question types that are answered by sending something: a place, a picture, a recording, a file."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.flows.expressions.types import Kind
from bot.flows.hearing import Ear, Heard, Misheard, QuestionType, TabulatedAs, Understood
from bot.flows.questionnaire import Question
from bot.flows.received import Attachment, AttachmentKind, Location
from bot.flows.speech import N_, Notice
from bot.flows.understanding.folding import plain
from bot.flows.values import Value

_DEGREES = re.compile(
    r"([-+]?\d{1,3}(?:[.,]\d{1,12})?)\s*°?(?:\s*[,;]\s*|\s+)([-+]?\d{1,3}(?:[.,]\d{1,12})?)\s*°?"
)
_POINT = re.compile(r"(-?\d{1,3}(?:\.\d+)?) (-?\d{1,3}(?:\.\d+)?)(?: -?\d+(?:\.\d+)?){0,2}")
_NO_PLACE = Notice(
    N_(
        "That is not a place that I can read. Share your location, or send two numbers such as -18.14, 178.44."
    )
)


class GeoPoint(QuestionType):
    """A place on the earth, stored as latitude, longitude, altitude and accuracy (both 0) with spaces between."""

    name = "geopoint"
    kind = Kind.TEXT
    tabulated_as = TabulatedAs.TEXTS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """A shared location, or latitude and longitude in degrees."""
        value = self.hears_exactly(typed, ear)
        return Misheard(_NO_PLACE) if value is None else Understood(value)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Latitude and longitude in degrees."""
        found = _DEGREES.fullmatch(plain(typed).replace("−", "-"))
        return _point(*(float(number.replace(",", ".")) for number in found.groups())) if found else None

    def take(self, received: Attachment | Location, ear: Ear) -> Value | None:
        """The place that was shared."""
        return _point(received.latitude, received.longitude) if isinstance(received, Location) else None

    def instruction(self, ear: Ear) -> Notice | None:
        """How a place can be sent."""
        return Notice(N_("Share a location, or send latitude and longitude, such as -18.14, 178.44."))

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A place on the globe."""
        return None if isinstance(value, str) and self.read(value, ear.question) is not None else _NO_PLACE

    def read(self, written: str, question: Question) -> Value | None:
        """Two to four numbers."""
        found = _POINT.fullmatch(written.strip())
        return _point(float(found[1]), float(found[2])) and written.strip() if found else None


def _point(latitude: float, longitude: float) -> str | None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return f"{_degrees(latitude)} {_degrees(longitude)} 0 0"


def _degrees(number: float) -> str:
    """At most seven decimals, which is about a centimetre."""
    return f"{number + 0.0:.7f}".rstrip("0").rstrip(".")


class Upload(QuestionType):
    """Something to be sent, stored as its kind, reference, size and media type with spaces between."""

    kind = Kind.TEXT
    tabulated_as = TabulatedAs.TEXTS
    accepted: ClassVar[frozenset[AttachmentKind]]
    media: ClassVar[str] = ""
    """What the media type of a file begins with that is accepted as well."""
    wanted: ClassVar[Notice]

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Nothing that is typed."""
        return Misheard(self.wanted)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Nothing that is typed."""
        return None

    def take(self, received: Attachment | Location, ear: Ear) -> Value | None:
        """What was sent, if it is of the kind that is wanted and the channel keeps it."""
        if not isinstance(received, Attachment) or not received.reference:
            return None
        is_file = received.kind is AttachmentKind.FILE
        if received.kind not in self.accepted and not (
            is_file and received.media_type.startswith(self.media)
        ):
            return None
        size = "?" if received.size is None else str(received.size)
        return f"{received.kind} {received.reference} {size} {received.media_type or '?'}"

    def instruction(self, ear: Ear) -> Notice | None:
        """What to send."""
        return self.wanted

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """Four words, of which the first is a kind."""
        words = value.split(" ") if isinstance(value, str) else []
        return None if len(words) == 4 and words[0] in set(AttachmentKind) else self.wanted

    def read(self, written: str, question: Question) -> Value | None:
        """Nothing: what is sent cannot be written down before."""
        return None


class Image(Upload):
    """A picture."""

    name = "image"
    accepted = frozenset({AttachmentKind.PHOTO})
    media = "image/"
    wanted = Notice(N_("Send a picture."))


class Audio(Upload):
    """A recording or a voice message."""

    name = "audio"
    accepted = frozenset({AttachmentKind.VOICE, AttachmentKind.AUDIO})
    media = "audio/"
    wanted = Notice(N_("Send a voice message."))


class Video(Upload):
    """A film."""

    name = "video"
    accepted = frozenset({AttachmentKind.VIDEO})
    media = "video/"
    wanted = Notice(N_("Send a video."))


class File(Upload):
    """A file of any kind."""

    name = "file"
    accepted = frozenset({*AttachmentKind} - {AttachmentKind.STICKER})
    wanted = Notice(N_("Send a file."))
