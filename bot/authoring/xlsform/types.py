"""The question types of XLSForm, under all their names, as they are here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from pyxform.aliases import control, select
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from bot.authoring.xlsform.columns import MAY_STAY

_SELECT = re.compile(rf"({'|'.join(map(re.escape, select))}) (\S+)( (?:or specify other|or_other|or other))?")
_CONTROL = re.compile(rf"(begin|end)[\s_]({'|'.join(control)})( (?:over )?\S+)?")

_MEDIA = {"image/*": "image", "audio/*": "audio", "video/*": "video", "application/*": "file"}
_BINDS = {
    "string": "text",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "dateTime",
    "geopoint": "geopoint",
}
_ASK = "Ask for it, if a condition or a result needs it."
_IN_WORDS = {
    "geotrace": "A line on a map cannot be drawn in a conversation: it is asked in words.",
    "geoshape": "An area on a map cannot be drawn in a conversation: it is asked in words.",
    "barcode": "A barcode cannot be scanned in a conversation: what it says is asked in words.",
    "osm": "OpenStreetMap cannot be edited in a conversation: the place is asked in words.",
}
_SAY_HOW = "Say in the hint what to write, or ask for a `geopoint` or an `image`."
_HIDDEN = {
    "start-geopoint": "Where somebody is when they begin is not recorded in a conversation.",
    "background-geopoint": "Where somebody is is not recorded unasked in a conversation.",
    "background-audio": "Nobody is recorded unasked in a conversation.",
}
_LEFT_OUT = {
    "audit": "How somebody moves through the form is not recorded: `audit` is left out.",
    "xml-external": "A conversation reads no file beside the form: `xml-external` is left out.",
    "csv-external": "A conversation reads no file beside the form: `csv-external` is left out.",
}
_SELECTS = {"select one": "select_one", "select one external": "select_one", "rank": "rank"}
_PREDEFINED = frozenset({"start", "end", "today"})


class Source(Enum):
    """Where a question's choices are."""

    CHOICES = "the sheet `choices`"
    EXTERNAL = "the sheet `external_choices`"
    FILE = "a file beside the form"
    REPEAT = "the answers of a repeat"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a type becomes."""

    name: str
    list_name: str | None = None
    or_other: bool = False
    said: str = ""
    """What an author must know of it."""
    remedy: str = ""
    """What to do about that."""
    left_out: bool = False
    source: Source = Source.CHOICES
    constraint: str | None = None
    """What the type itself demands of an answer."""


@dataclass(frozen=True, slots=True)
class Control:
    """The beginning or the end of a group, of a repeat or of a loop."""

    begins: bool
    kind: str


def read_control(written: str) -> Control | None:
    """`begin_group`, `end repeat` …; `None` for anything else."""
    found = _CONTROL.fullmatch(" ".join(written.split()))
    return Control(found[1] == "begin", control[found[2]]) if found else None


def read_kind(written: str) -> Kind | None:
    """What a type is here; `None` for one that XLSForm does not have."""
    text = " ".join(written.split())
    if found := _SELECT.fullmatch(text):
        command, list_name, other = found.groups()
        key = command.replace(" ", "_")
        source = Source.FILE if key.endswith("_from_file") else Source.CHOICES
        source = Source.EXTERNAL if key.endswith("_external") else source
        source = Source.REPEAT if list_name.startswith("${") else source
        name = "select_multiple" if key.startswith("select_multiple") else _SELECTS.get(select[command], "")
        return Kind(name or "select_multiple", list_name, other is not None, source=source)
    if text.partition(" ")[0] == "osm":
        return Kind("text", said=_IN_WORDS["osm"], remedy=_SAY_HOW)
    if text in _LEFT_OUT:
        return Kind("", said=_LEFT_OUT[text], remedy=MAY_STAY, left_out=True)
    if text in _HIDDEN:
        return Kind("hidden", said=f"{_HIDDEN[text]} It stays empty.", remedy=_ASK)
    return _from_dictionary(text)


def _from_dictionary(text: str) -> Kind | None:
    entry = QUESTION_TYPE_DICT.get(text)
    if entry is None:
        return None
    if text in {"calculate", "hidden", "note", "range", "rank"}:
        return Kind(text)
    bind, shown_as = entry.get("bind", {}), entry.get("control", {})
    preloaded = bind.get("jr:preloadParams")
    if preloaded in _PREDEFINED:
        return Kind(preloaded)
    if preloaded:
        return Kind(
            "hidden", said=f"A conversation does not know a `{preloaded}`: it stays empty.", remedy=_ASK
        )
    if shown_as.get("tag") == "trigger":
        return Kind("acknowledge")
    if not shown_as:
        return Kind("calculate")
    if shown_as.get("tag") == "upload":
        return Kind(_MEDIA[shown_as["mediatype"]])
    if bind.get("readonly"):
        return Kind("note")
    kind = bind.get("type", "string")
    if kind in _IN_WORDS:
        return Kind("text", said=_IN_WORDS[kind], remedy=_SAY_HOW)
    return Kind(_BINDS[kind], constraint=bind.get("constraint"))
