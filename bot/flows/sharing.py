"""The question types that are answered by sending something: a place, a picture, a recording, a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
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


SEALED = "sealed:"
"""What the second word of a value begins with; the store knows answers with a file by it."""
_MEDIA_TYPE = re.compile(r"[a-z0-9][\w.+-]{0,60}/[a-z0-9][\w.+-]{0,100}", re.ASCII)
_SCRIPTED = frozenset({"image/svg+xml"})
_DOCUMENTS = frozenset(
    {
        "application/geo+json",
        "application/gpx+xml",
        "application/json",
        "application/pdf",
        "application/rtf",
        "application/vnd.google-earth.kml+xml",
        "text/csv",
        "text/markdown",
        "text/plain",
        "text/rtf",
    }
)
_FAMILIES = (
    "image/",
    "audio/",
    "video/",
    "application/vnd.oasis.opendocument.",
    "application/vnd.openxmlformats-officedocument.",
)
"""What the media types of kinds begin with that are taken whole: Office's that may hold macros are not among them."""

_NOT_KEPT = Notice(
    N_(
        "Files of this kind are not kept. Send a picture, a recording, a film, a PDF, a text or a document "
        "without macros."
    )
)


@dataclass(frozen=True, slots=True)
class Sent:
    """The value of a question that was answered by sending something."""

    kind: AttachmentKind
    reference: str
    """How its channel finds it again, sealed."""
    size: int | None
    media_type: str
    """Empty where it is not known."""
    limit: int | None = None
    """What is kept at most, where this is more."""

    def written(self) -> str:
        """The value as it is stored: words with spaces between, of which one that is too large has one more."""
        size = "?" if self.size is None else str(self.size)
        words = [str(self.kind), SEALED + self.reference, size, self.media_type or "?"]
        return " ".join(words if self.limit is None else [*words, str(self.limit)])


def read_sent(value: Value | None) -> Sent | None:
    """What `Sent.written` wrote; `None` for anything else."""
    words = value.split(" ") if isinstance(value, str) else []
    if len(words) not in (4, 5) or words[0] not in set(AttachmentKind) or not words[1].startswith(SEALED):
        return None
    kind, reference, size, media_type, *limit = words
    if not all(number == "?" or number.isdecimal() for number in (size, *limit)):
        return None
    return Sent(
        AttachmentKind(kind),
        reference.removeprefix(SEALED),
        None if size == "?" else int(size),
        "" if media_type == "?" else media_type,
        int(limit[0]) if limit else None,
    )


def is_kept(sent: Sent) -> bool:
    """Whether files of its media type are kept: none that can run, none with macros, no archives."""
    media_type = sent.media_type
    if not media_type:
        return sent.kind is not AttachmentKind.FILE
    return media_type in _DOCUMENTS or (media_type.startswith(_FAMILIES) and media_type not in _SCRIPTED)


class Upload(QuestionType):
    """Something to be sent, stored as its kind, sealed reference, size and media type with spaces between."""

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
        """What was sent, if it is of the kind that is wanted and the channel keeps it; `check` says if it is kept."""
        if not isinstance(received, Attachment) or not received.reference:
            return None
        media_type = received.media_type.partition(";")[0].strip().lower()
        is_file = received.kind is AttachmentKind.FILE
        if received.kind not in self.accepted and not (is_file and media_type.startswith(self.media)):
            return None
        limit = received.limit
        too_large = received.size is not None and limit is not None and received.size > limit
        return Sent(
            received.kind,
            received.reference,
            received.size,
            media_type if _MEDIA_TYPE.fullmatch(media_type) else "",
            limit if too_large else None,
        ).written()

    def instruction(self, ear: Ear) -> Notice | None:
        """What to send."""
        return self.wanted

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """Of a size and a media type that are kept."""
        sent = read_sent(value)
        if sent is None:
            return self.wanted
        if sent.limit is not None:
            return Notice(
                N_(
                    "That is too large: it has {size} MB, and {limit} MB are kept at most. Send a smaller one."
                ),
                {"size": _megabytes(sent.size or 0), "limit": _megabytes(sent.limit)},
            )
        return None if is_kept(sent) else _NOT_KEPT

    def read(self, written: str, question: Question) -> Value | None:
        """Nothing: what is sent cannot be written down before."""
        return None


def _megabytes(size: int) -> float:
    """In megabytes, rounded up to a tenth: more than the limit never looks like the limit."""
    return -(-size * 10 // 2**20) / 10


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
    """A file of any kind that is kept."""

    name = "file"
    accepted = frozenset({*AttachmentKind} - {AttachmentKind.STICKER})
    wanted = Notice(N_("Send a file."))
