"""The files behind answers: what a row of all answers says of each, and under which name it goes along."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Questionnaire
from bot.flows.session import AnswerStatus
from bot.flows.sharing import Upload, read_sent
from bot.flows.values import Value
from bot.results.source import SentFile, read_files
from storage.file_rules import FileState

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_EXTENSIONS = {
    "application/geo+json": "geojson",
    "application/gpx+xml": "gpx",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/vnd.google-earth.kml+xml": "kml",
    f"{_OPEN}.presentation": "odp",
    f"{_OPEN}.spreadsheet": "ods",
    f"{_OPEN}.text": "odt",
    f"{_OFFICE}.presentationml.presentation": "pptx",
    f"{_OFFICE}.spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}.wordprocessingml.document": "docx",
    "audio/mpeg": "mp3",
    "audio/x-m4a": "m4a",
    "audio/mp4": "m4a",
    "image/jpeg": "jpg",
    "text/csv": "csv",
    "text/markdown": "md",
    "text/plain": "txt",
    "text/rtf": "rtf",
    "video/quicktime": "mov",
}
"""Of media types whose last word is not how their files end."""
_SAME = frozenset(
    {"aac", "bmp", "flac", "gif", "heic", "heif", "mp4", "mpeg", "ogg", "png", "tiff", "wav", "webm", "webp"}
)
_ODD = re.compile(r"[^\w.\[\]-]")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file under the name that a row gives it, and its key in the object store."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class SentFiles:
    """The files of some respondents in one round, and those that were named so far."""

    connection: Connection
    round_id: int
    questionnaire: Questionnaire
    named: list[NamedFile] = field(default_factory=list)

    def of(self, respondents: Iterable[int]) -> dict[tuple[int, str], SentFile]:
        """The files of these people, by respondent and question."""
        return read_files(self.connection, self.round_id, respondents)

    def told(
        self, number: int, question: str, status: str, value: Value | None, file: SentFile | None
    ) -> Value | None:
        """What a row says instead of an answer's value where it has a file: its name, or why there is none."""
        known = self.questionnaire.questions.get(question)
        is_upload = known is None or isinstance(QUESTION_TYPES[known.type], Upload)
        if not is_upload or status != AnswerStatus.ANSWERED or read_sent(value) is None:
            return value
        if file is None or file.key is None or file.state != FileState.STORED:
            return FileState.FAILED if file is None else file.state
        name = _ODD.sub("_", f"{number}-{question}.{extension(file.media_type)}")
        self.named.append(NamedFile(name, file.key))
        return name


def extension(media_type: str | None) -> str:
    """How a file of this media type ends, without the dot; never as something that runs."""
    last = (media_type or "").rpartition("/")[2]
    return _EXTENSIONS.get(media_type or "", last if last in _SAME else "bin")
