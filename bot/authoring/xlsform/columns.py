"""The columns of a sheet: `label::Français (fr)`, `bind::relevant`, `Constraint Message` → a key and a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.authoring.problems import Place, Problems, did_you_mean, listed, shown
from bot.authoring.written import Written
from bot.authoring.xlsform.workbook import Sheet

_T = TypeVar("_T")

CHAT = "chat"
"""Begins the names of the columns that other programs know nothing of."""

SURVEY_TEXTS = frozenset({"label", "hint", "guidance_hint", "constraint_message", "required_message"})
_SURVEY = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
}
"""Other names of columns, in snake case."""
SURVEY_KEYS = SURVEY_TEXTS | {
    *("type", "name", "required", "relevant", "constraint", "calculation", "default", "read_only"),
    *("appearance", "parameters", "choice_filter", "repeat_count", "disabled", "trigger"),
}
_UNUSED_SURVEY = frozenset(
    {
        *("image", "big-image", "audio", "video", "autoplay", "rows", "intent", "save_to"),
        *(
            "no_app_error_string",
            "noapperrorstring",
            "compact_tag",
            "sms_field",
            "sms_option",
            "sms_separator",
        ),
        *("sms_allow_media", "sms_date_format", "sms_datetime_format", "sms_response", "query", "note"),
    }
)
_MEDIA = frozenset({"image", "big-image", "audio", "video", "media"})
MAY_STAY = "It may stay, for other programs."
_CHOICES = {"list name": "list_name", "caption": "label", "value": "name"}
CHOICE_KEYS = frozenset({"list_name", "name", "label"})
_UNUSED_CHOICES = frozenset({"image", "big-image", "audio", "video", "sms_option", "media"})
_SETTINGS = {
    "title": "form_title",
    "set_form_title": "form_title",
    "id_string": "form_id",
    "set_form_id": "form_id",
}
SETTING_KEYS = frozenset({"form_title", "form_id", "version", "default_language", "allow_choice_duplicates"})
_UNUSED_SETTINGS = frozenset(
    {
        *("name", "style", "instance_name", "instance_id", "instance_xmlns", "public_key", "submission_url"),
        *("auto_send", "auto_delete", "client_editable", "namespaces", "delimiter", "prefix", "flat"),
        *("omit_instanceid", "clean_text_values", "add_none_option", "sms_keyword", "sms_separator"),
        *("sms_allow_media", "sms_date_format", "sms_datetime_format", "attribute", "entity_version"),
    }
)
_CHAT_KEYS: Mapping[str, frozenset[str]] = {
    "survey": frozenset(
        {"part", "number", "cells", "provenance", "start_label", "end_label", "choices", "most", "section"}
    ),
    "choices": frozenset({"synonyms", "exclusive"}),
    "settings": frozenset({"form_title", "source"}),
}
TRANSLATED = SURVEY_TEXTS | {
    f"{CHAT}::{key}" for key in ("start_label", "end_label", "synonyms", "form_title", "source")
}
"""What a form says in each of its languages."""


_UNNAMED = "default"
"""What pyxform calls the language of a column that names none."""
_OF_XFORMS = frozenset({"bind", "body", "control", "instance", "media"})
"""What an author adds to the XForm that ODK makes of the form."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: a key such as `label` or `chat::synonyms`, in a language if it names one."""

    key: str
    language: str | None
    header: str
    place: Place


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of a sheet holds, by key and language as the form names it."""

    sheet: Sheet
    number: int
    cells: Mapping[tuple[str, str | None], Written]
    extra: Mapping[str, Written]
    """By header, what stands under columns of the author's own."""

    def __getitem__(self, key: str) -> Written | None:
        return self.cells.get((key, None))

    def place(self, key: str = "") -> Place:
        """Where the key stands; the beginning of the row if it does not."""
        found = next((written.place for (name, _), written in self.cells.items() if name == key), None)
        return found or self.sheet.place(self.number, 1)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its columns understood."""

    sheet: Sheet
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def column(self, key: str, language: str | None) -> Column | None:
        """The column of a key in a language."""
        return next((c for c in self.columns if (c.key, c.language) == (key, language)), None)


@dataclass(frozen=True, slots=True)
class _Names:
    known: frozenset[str]
    unused: frozenset[str]
    aliases: Mapping[str, str]
    texts: frozenset[str]
    own: bool = False
    """Whether other columns are the author's own, for conditions to look at."""


_SHEETS = {
    "survey": _Names(SURVEY_KEYS, _UNUSED_SURVEY, _SURVEY, SURVEY_TEXTS),
    "choices": _Names(CHOICE_KEYS, _UNUSED_CHOICES, _CHOICES, frozenset({"label"}), own=True),
    "settings": _Names(SETTING_KEYS, _UNUSED_SETTINGS, _SETTINGS, frozenset()),
}


def read_table(sheet: Sheet, problems: Problems, kind: str = "") -> Table:
    """Understand the columns of `survey`, `choices` or `settings`, or of a sheet or file that is of that kind.

    Each that is not used is named once.
    """
    kind = kind or sheet.name
    names = _SHEETS[kind]
    filled = {header for row in sheet.rows for header, text in row.items() if text}
    double = any("::" in header for header, _ in sheet.headers)
    columns, extra, seen = [], [], dict[tuple[str, str | None], Column]()
    for header, index in sheet.headers:
        column = _column(sheet, header, sheet.place(1, index), names, double=double)
        key = column.key
        chat, _, chat_key = key.partition("::")
        if key in names.known or (chat == CHAT and chat_key in _CHAT_KEYS[kind]):
            other = seen.setdefault((key, column.language), column)
            if other is not column:
                message = (
                    f"`{shown(other.header)}` and `{shown(header)}` are the same column: the first is used."
                )
                problems.warning(column.place, key, message, "Keep one of the two.")
                continue
            columns.append(column)
        elif names.own and key not in names.unused and "::" not in header:
            extra.append(column)
        elif header in filled:
            _name_unused(column, names, sheet, problems)
    return Table(sheet, tuple(columns), tuple(_rows(sheet, columns, extra)))


def without_chat(headers: Mapping[str, _T]) -> dict[str, _T]:
    """The columns that pyxform knows or ignores: on `choices` it fails on a `chat::`."""
    return {header: value for header, value in headers.items() if not _is_chat(header)}


def _is_chat(header: str) -> bool:
    return header.replace(" ", "::", 1).lower().startswith(f"{CHAT}::")


def _rows(sheet: Sheet, columns: list[Column], extra: list[Column]) -> Iterator[Row]:
    known = {column.header: (column.key, column.language) for column in columns}
    own = {column.header for column in extra}
    for number, cells in sheet.cells():
        yield Row(
            sheet,
            number,
            {known[header]: written for header, written in cells.items() if header in known},
            {header: written for header, written in cells.items() if header in own},
        )


def _column(sheet: Sheet, header: str, place: Place, names: _Names, *, double: bool) -> Column:
    if _is_chat(header):
        tokens = [token.strip() for token in header.replace(" ", "::", 1).split("::") if token.strip()]
        if header[len(CHAT) : len(CHAT) + 2] == "::":
            tokens = [token.strip() for token in header.split("::")]
        key = f"{CHAT}::{_snake(tokens[1])}" if len(tokens) > 1 else CHAT
        return Column(key, tokens[2] if len(tokens) > 2 else None, header, place)
    if (whole := names.aliases.get(_snake(header), _snake(header))) in names.known:
        return Column(whole, None, header, place)
    tokens = [token.strip() for token in header.split("::" if double or "::" in header else ":")]
    if "jr" in tokens[:-1]:
        at = tokens.index("jr")
        tokens[at : at + 2] = [f"jr:{tokens[at + 1]}"]
    if tokens[0].lower() in _OF_XFORMS and len(tokens) > 1:
        del tokens[0]
    key = _snake(tokens[0])
    key = names.aliases.get(key, names.aliases.get(key.replace("_", " "), key))
    language = tokens[1] if len(tokens) > 1 and tokens[1] != _UNNAMED else None
    if language is not None and key in names.known - names.texts:
        key = header
    return Column(key, language, header, place)


def _name_unused(column: Column, names: _Names, sheet: Sheet, problems: Problems) -> None:
    what = "setting" if sheet.name == "settings" else "column"
    if column.key in names.unused or column.header.partition(":")[0].lower() in _OF_XFORMS:
        media = not _MEDIA.isdisjoint({column.key, column.header.partition(":")[0].lower()})
        why = "nothing is shown or played with a question" if media else "a conversation has no use for it"
        message = f"The {what} `{shown(column.header)}` is not used: {why}."
        remedy = "Say in words what people would see or hear, if it matters." if media else MAY_STAY
        problems.warning(column.place, column.key, message, remedy)
        return
    if names.own:
        message = f"pyxform fails on the column `{shown(column.header)}` of the choices."
        problems.error(column.place, column.key, message, "Rename it without `::`, or remove it.")
        return
    if _is_chat(column.header):
        known = {f"{CHAT}::{key}" for key in _CHAT_KEYS[sheet.name]}
        message = f"There is no {what} `{shown(column.header)}`; it is not used."
        remedy = did_you_mean(column.key, known, f"The {what}s of this kind are {listed(sorted(known))}.")
        problems.warning(column.place, column.key, message, remedy)
        return
    message = f"The {what} `{shown(column.header)}` is unknown to XLSForm, and not used."
    remedy = did_you_mean(column.key, names.known | names.unused, "Remove it, if it is only a note.")
    problems.warning(column.place, column.key, message, remedy)


def _snake(text: str) -> str:
    return "_".join(text.split()).lower()
