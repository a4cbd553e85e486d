"""The texts of a form, each in the languages that its columns name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.authoring.draft import DraftText
from bot.authoring.problems import Place, Problems, shown
from bot.authoring.written import Written
from bot.authoring.xlsform.columns import MAY_STAY, TRANSLATED, Column, Row, Table
from bot.authoring.xlsform.languages import tag_of
from bot.authoring.xlsform.lookups import EMPTY, Find, LookupRefused, written_out
from bot.authoring.xlsform.markup import plain
from bot.authoring.xlsform.predicates import with_names
from bot.flows.expressions.tokens import TURN
from bot.i18n import own_name

_ASSUMED = "en"
REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
"""`${name}` as forms have it."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
_LAST_SAVED = re.compile(r"\$\{\s*last-saved#[^{}]*\}")
_INDEX = re.compile(r"\bindex\(\s*\)")
"""SurveyCTO's word for the turn of the innermost repeat."""
_QUOTED = re.compile(r"('[^']*'|\"[^\"]*\")")
_CURRENT = re.compile(r"\bcurrent\(\)\s*/\s*\.(?![\w./])")
_STEP = r"[^\W\d][\w.-]*\s*/\s*"
_PATH = re.compile(
    rf"(?:(?:\bcurrent\(\)\s*/\s*|\./)?(?:\.\.\s*/\s*)+(?:{_STEP})*|\./|(?<![\w)\]}}./])/\s*(?:{_STEP})+)([^\W\d][\w.-]*)(?![\w(/])"
)
"""A path to a question: relative, with `current()` or without, or from the root."""
_BEFORE_BRACKET = re.compile(rf"{_PATH.pattern}(?=\s*\[)")
_OF_CURRENT = re.compile(r"\bposition\(\s*current\(\)\s*/\s*\.\.")
_OF_TURN = re.compile(
    rf"\$\{{\s*([^{{}}]*?)\s*\}}\s*\[\s*(?:position\(\s*\.?\s*\)\s*=\s*([^\[\]<>=]+?)|([0-9]+))\s*\]\s*/\s*(?:{_STEP})*([^\W\d][\w.-]*)"
)
"""`${repeat}[position() = …]/question` or `${repeat}[1]/question`: the answer in one turn."""
_FROM_HERE = re.compile(
    rf"(?:[\d\s+*()-]|\$\{{[^{{}}]*\}}|\b(?:div|mod)\b|\b(?!position\b)[a-z-]+\(|\bposition\(\s*current\(\)[\s/.]+\)"
    rf"|\bcurrent\(\)\s*/\s*(?:\.\.\s*/\s*)+(?:{_STEP})*[^\W\d][\w.-]*)+"
)
"""The number of a turn that is the same whatever turn is looked at."""
_LITERAL = re.compile(r"(['\"])(.*?)\1")
_NO_BREAK = chr(160)
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})


def as_name(text: str) -> str:
    """The text with `_` for what the name of a question cannot hold."""
    return _NOT_IN_A_NAME.sub("_", text)


@dataclass(slots=True)
class Texts:
    """Reads texts and expressions, with the languages and the names that this form has."""

    problems: Problems
    default: str = _ASSUMED
    tags: dict[str | None, str] = field(default_factory=dict)
    """The tag of each language as the form names it; `None` is a column that names none."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Names of questions that cannot stay as they are."""
    repeats_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The repeats around each question and group, by name."""
    codes: dict[str, str] = field(default_factory=dict)
    """Names of choices that cannot, as they were."""
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    """The columns of each sheet."""
    around: list[bool] = field(default_factory=list)
    """Of each group that is open, whether it is a repeat; the outermost first."""
    find_rows: Find = field(default=lambda name, columns: None)
    """Finds the tables that expressions look things up in."""
    _styled: bool = False
    _missing: dict[tuple[str, str, str], list[Row]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language, the default one first."""
        return tuple(dict.fromkeys((self.default, *self.tags.values())))

    def text(self, row: Row, key: str, path: str, *, seen: bool = True) -> DraftText | None:
        """The text under a key, in each language that has it; what people would miss is kept to be named."""
        found: dict[str, Written] = {}
        for (name, language), written in row.cells.items():
            if name == key and language in self.tags:
                tag = self.tags[language]
                if language is not None or tag not in found:
                    found[tag] = self.filled(self._plain(written))
        if not found:
            return None
        if self.default not in found:
            other, written = next(iter(found.items()))
            message = f"There is no `{key}` in `{self.default}`, the default language; the one in `{other}` is used."
            self.problems.warning(written.place, path, message, f"Write it in `{self.default}` too.")
            found[self.default] = written
        for language in self.languages:
            if seen and language not in found:
                self._missing.setdefault((row.sheet.name, key, language), []).append(row)
        return DraftText(path, found, optional=True)

    def _plain(self, written: Written) -> Written:
        words = plain(written.text)
        if words == written.text:
            return written
        if not self._styled:
            self._styled = True
            message = "Texts are plain in a conversation: the styling here, and elsewhere, is left out."
            self.problems.warning(written.place, "survey", message, MAY_STAY)
        return replace(written, text=words)

    def words(self, row: Row, key: str) -> Iterator[tuple[str, Written]]:
        """What stands under a key in each language, without minding what is missing."""
        for (name, language), written in row.cells.items():
            if name == key and language in self.tags:
                yield self.tags[language], written

    def filled(self, written: Written) -> Written:
        """A text with the names in it as they are here."""
        if "${" not in written.text:
            return written
        text = REFERENCE.sub(lambda found: f"${{{self.renamed.get(found[1], found[1])}}}", written.text)
        return replace(written, text=text)

    def expression(self, written: Written | None) -> Written | None:
        """An expression with straight quotes and with the names as they are here."""
        if written is None:
            return None
        text = written.text.replace(_NO_BREAK, " ")
        if not {"'", '"'} & set(text):  # else curly ones are part of what is quoted
            text = text.translate(_QUOTES)
        if _LAST_SAVED.search(text):
            message = (
                "Nothing is kept of what somebody answered in an earlier form: `last-saved` is empty here."
            )
            remedy = "Ask it again, if a condition or a default needs it."
            self.problems.warning(written.place, "survey", message, remedy)
            text = _LAST_SAVED.sub(EMPTY, text)
        try:
            text = written_out(text, self.find_rows)
            text = self._without_paths(text, _BEFORE_BRACKET)
            text = _OF_TURN.sub(self._of_turn, text)
            text = with_names(text, self.repeats_of, self.renamed)
        except LookupRefused as refused:
            self.problems.error(written.place, "survey", refused.message, refused.remedy)
            text = EMPTY
        text = _OF_CURRENT.sub("position(..", text)
        text = _CURRENT.sub(".", _INDEX.sub(_position_of_turn(self.around), text))
        text = self._without_paths(text)
        text = TURN.sub(lambda found: self._position(found[0].count(".."), written), text)
        if self.codes:
            text = _LITERAL.sub(lambda found: f"{found[1]}{self.code(found[2])}{found[1]}", text)
        return self.filled(replace(written, text=self.code(text)))

    def _without_paths(self, text: str, paths: re.Pattern[str] = _PATH) -> str:
        """`../name` and `/data/group/name` as `${name}`, where there is such a question; quotes apart."""
        if "/" not in text:
            return text
        return "".join(
            piece if index % 2 else paths.sub(self._named, piece)
            for index, piece in enumerate(_QUOTED.split(text))
        )

    def _named(self, path: re.Match[str]) -> str:
        return f"${{{path[1]}}}" if path[1] in self.repeats_of else path[0]

    def _of_turn(self, found: re.Match[str]) -> str:
        """One turn by its number, if that does not depend on the turns."""
        repeat, computed, number, name = found.groups()
        turn = computed or number
        depends = any(repeat in self.repeats_of.get(other, ()) for other in REFERENCE.findall(turn))
        if depends or not _FROM_HERE.fullmatch(turn):
            return found[0]
        return f"indexed-repeat(${{{name}}}, ${{{repeat}}}, {turn})"

    def _position(self, up: int, written: Written) -> str:
        """`position(..)` as it counts here: repeats alone, where ODK counts groups too."""
        inside = self.around[-up:] if up <= len(self.around) else []
        if inside and inside[0]:
            return f"position({'/'.join(['..'] * sum(inside))})"
        message = "What `..` means here is no repeat, so its position is always 1, as in ODK."
        remedy = "Write position(../..) in a group of a repeat, and nothing where there is no repeat."
        self.problems.warning(written.place, "survey", message, remedy)
        return "1"

    def code(self, text: str) -> str:
        """A choice's name as it is here; any other text as it is."""
        return self.codes.get(text, text)

    def name_missing(self) -> None:
        """Name the rows whose text is missing in a language, once for each column."""
        for (sheet, key, language), rows in self._missing.items():
            column = next(
                (c for c in self.columns[sheet] if c.key == key and self.tags.get(c.language) == language),
                None,
            )
            if column is None:
                place = rows[0].place(key)
                message = f"No column has the `{key}` in `{language}`: people read `{self.default}` instead."
                named = next((name for name, tag in self.tags.items() if name and tag == language), language)
                self.problems.warning(place, sheet, message, f"Add a column `{key}::{shown(named)}`.")
                continue
            place = rows[0].sheet.place(rows[0].number, column.place.column)
            where = f" in {len(rows)} rows: {_numbers(rows)}" if len(rows) > 1 else ""
            message = f"`{shown(column.header)}` is empty{where}; people read `{self.default}` instead."
            self.problems.warning(place, sheet, message, "Translate it.")


def _position_of_turn(around: list[bool]) -> str:
    """The position of the innermost repeat, counted through the groups in it; of what is outside, nothing."""
    up = next((n for n, is_repeat in enumerate(reversed(around), start=1) if is_repeat), 0)
    return f"position({'/'.join(['..'] * up)})" if up else "index()"


_MOST_ROWS = 20


def _numbers(rows: list[Row]) -> str:
    more = f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else ""
    return ", ".join(str(row.number) for row in rows[:_MOST_ROWS]) + more


def texts_of(tables: Iterable[Table], default: Written | None, problems: Problems) -> Texts:
    """Find the languages of a form; `default` is what its settings say."""
    tables = tuple(tables)
    columns = tuple(c for table in tables for c in table.columns if c.key in TRANSLATED)
    filled = {key for table in tables for row in table.rows for key in row.cells}
    used = [column for column in columns if (column.key, column.language) in filled]
    texts = Texts(problems, columns={table.sheet.name: table.columns for table in tables})
    for column in used:
        if column.language is not None and column.language not in texts.tags:
            _add_language(column.language, column.place, texts, problems)
    _choose_default(default, used, texts, problems)
    if not texts.tags or any(column.language is None for column in used):
        texts.tags[None] = texts.default
    _check_columns(used, texts, problems)
    for table in tables:
        for column in table.columns:
            tag = tag_of(column.language) if column.language else None
            if tag in texts.tags.values():
                texts.tags.setdefault(column.language, str(tag))
    return texts


def _add_language(name: str, place: Place, texts: Texts, problems: Problems) -> None:
    tag = tag_of(name)
    if tag is not None:
        texts.tags[name] = tag
        return
    message = f"`{shown(name)}` is not the name of a language: its texts are left out."
    problems.warning(place, "", message, f"Say which one it is, such as `label::{shown(name)} (fr)`.")


def _choose_default(default: Written | None, used: list[Column], texts: Texts, problems: Problems) -> None:
    named = list(texts.tags.values())
    unnamed = [column for column in used if column.language is None]
    if default is not None:
        tag = texts.tags.get(default.text) or tag_of(default.text)
        if tag is not None and (unnamed or not named or tag in named):
            texts.default = tag
            return
        message = f"`{shown(default.text)}` is not a language of this form."
        remedy = (
            f"Write `{named[0]}`, or another one of its languages."
            if named
            else "Write its tag, such as `fr`."
        )
        problems.warning(default.place, "default_language", message, remedy)
    if unnamed and named:
        column, tag = unnamed[0], _unsaid(unnamed, used, texts)
        texts.default = tag
        message = (
            f"The column `{shown(column.header)}` names no language, as others do: it counts as `{tag}`."
        )
        remedy = (
            f"Call it `{column.key}::{own_name(tag)} ({tag})`, if that is right, or set `default_language`."
        )
        problems.warning(column.place, column.key, message, remedy)
    elif named:
        texts.default = named[0]
    elif unnamed:
        column = unnamed[0]
        message = "The form does not say its language, and counts as English."
        remedy = (
            f"Set `default_language` to `fr`, for example, or call the column `{column.key}::Français (fr)`."
        )
        problems.warning(column.place, "default_language", message, remedy)


def _unsaid(unnamed: list[Column], used: list[Column], texts: Texts) -> str:
    """The language of columns that name none: the one that lacks just these, or else English."""
    kinds = {(column.place.sheet, column.key) for column in unnamed}
    for tag in texts.tags.values():
        if kinds.isdisjoint((c.place.sheet, c.key) for c in used if texts.tags.get(c.language) == tag):
            return tag
    return _ASSUMED


def _check_columns(used: list[Column], texts: Texts, problems: Problems) -> None:
    """Name two columns that are the same in a language that is called by two names."""
    seen: dict[tuple[str, str, str], Column] = {}
    for column in used:
        tag = texts.tags.get(column.language)
        other = seen.setdefault((column.place.sheet, column.key, tag), column) if tag else column
        if other is column:
            continue
        unnamed, named = (column, other) if column.language is None else (other, column)
        if unnamed.language is None:
            message = (
                f"`{shown(unnamed.header)}` is read only where `{shown(named.header)}` is empty: "
                f"both are in `{tag}`."
            )
            remedy = f"Say its language, such as `{column.key}::Français (fr)`, or remove it."
            problems.warning(unnamed.place, column.key, message, remedy)
        else:
            message = f"`{shown(other.header)}` and `{shown(column.header)}` are the same language."
            problems.error(column.place, column.key, message, "Keep one of the two.")
