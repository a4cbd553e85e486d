"""An XLSForm → a `Draft`; its problems say the sheet, the row and the column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from bot.authoring.draft import COUNTRY, Draft, DraftList, DraftText, Languages
from bot.authoring.problems import Place, Problems, did_you_mean, listed, shown
from bot.authoring.written import Written
from bot.authoring.xlsform.columns import CHAT, MAY_STAY, Row, Table, read_table
from bot.authoring.xlsform.indicators import add_indicators
from bot.authoring.xlsform.kobo import matrix_lists, with_groups
from bot.authoring.xlsform.lists import is_yes, list_name, name_unused_columns, read_lists
from bot.authoring.xlsform.refusals import name_what_pyxform_refuses
from bot.authoring.xlsform.survey import Survey
from bot.authoring.xlsform.tables import Tables
from bot.authoring.xlsform.texts import Texts, texts_of
from bot.authoring.xlsform.workbook import Workbook, read_workbook

_NOT_IN_A_KEY = re.compile(r"[^a-z0-9_]+", re.ASCII)
_LONGEST_KEY = 64
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_VERSION = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_LAST_VERSION = 2_147_483_647
_WORD = re.compile(r"[^\W\d][\w.-]*")
_LEFT_OUT = {
    "entities": "Entities, lists on a server, are not carried: the sheet is left out.",
    "osm": "OpenStreetMap's tags are not carried: the sheet is left out.",
}
EXTERNAL = "external_choices"
_SHEETS = ("survey", "choices", "settings", EXTERNAL, *_LEFT_OUT)


def read_form(path: Path, problems: Problems) -> Draft | None:
    """The questionnaire in a form's file; `None` if it has no sheet to read."""
    workbook = read_workbook(path, problems)
    if workbook is None:
        return None
    problems.runs_elsewhere = True
    _name_other_sheets(workbook, problems)
    if "survey" not in workbook.sheets:
        name_what_pyxform_refuses(workbook, problems)
        return None
    rows_of_matrices = matrix_lists(workbook["survey"])
    workbook.sheets["survey"] = with_groups(workbook["survey"], workbook["choices"])
    draft = _draft(workbook, path, problems, rows_of_matrices)
    draft.judge = partial(name_what_pyxform_refuses, workbook)
    add_indicators(draft, workbook, problems)
    return draft


def _draft(workbook: Workbook, path: Path, problems: Problems, named: Iterable[str]) -> Draft:
    survey, choices, settings = (read_table(workbook[name], problems) for name in _SHEETS[:3])
    setting = _settings(settings, problems)
    texts = texts_of((survey, choices, settings), setting["default_language"], problems)
    key = _key(setting["form_id"], path, problems)
    title = _title(setting, key, texts)
    tables = _tables(workbook, path, choices, setting, texts, problems)
    tables.named.update(map(list_name, named))
    reader = Survey(survey, texts, title, tables, problems)
    reader.read()
    texts.name_missing()
    filters = [q.choice_filter.text for s in reader.sections for q in s.questions if q.choice_filter]
    looked_at = {word for text in filters for word in _WORD.findall(text)}
    name_unused_columns(choices, looked_at | tables.looked_at, problems)
    for choice in (choice for made in tables.made for choice in made.choices):
        choice.filters = {column: said for column, said in choice.filters.items() if column in looked_at}
    draft = Draft(
        key=key,
        version=_version(setting["version"], problems),
        title=title,
        default_language=texts.default,
        source=_source(setting, texts),
        lists=_used(tables, reader, problems),
        parts=list(reader.parts.values()),
        sections=reader.sections,
        own=Languages(str(path), texts.default),
        common=Languages(str(path), texts.default),
    )
    for tag in texts.languages:
        if tag == texts.default or any(tag in text.by_language for text in draft.own_texts):
            draft.own.places[tag] = {"": Place(str(path))}
    return draft


def _tables(
    workbook: Workbook, path: Path, choices: Table, setting: Row, texts: Texts, problems: Problems
) -> Tables:
    allowed = is_yes(setting["allow_choice_duplicates"], problems, "settings")
    tables = Tables(path.parent, choices, texts, problems)
    tables.lists = read_lists(choices, texts, problems, duplicates=allowed)
    if workbook[EXTERNAL].rows:
        external = read_table(workbook[EXTERNAL], problems, "choices")
        texts.columns = {**texts.columns, EXTERNAL: external.columns}
        tables.external = read_lists(external, texts, problems, duplicates=True)
    texts.find_rows = tables.rows
    return tables


def _used(tables: Tables, reader: Survey, problems: Problems) -> dict[str, DraftList]:
    """The lists that questions name; all of them where one is named that is not there, to be compared with."""
    lists = tables.lists
    used = {q.list_name.text for section in reader.sections for q in section.questions if q.list_name}
    if used - lists.keys() - {COUNTRY}:
        return lists
    if unused := lists.keys() - used - tables.named:
        some = [name for name in lists if name in unused]
        message = f"No question uses the {'list' if len(some) == 1 else 'lists'} {listed(some)}: left out."
        problems.warning(lists[some[0]].name.place, "choices", message, MAY_STAY)
    return {name: choices for name, choices in lists.items() if name in used}


def _settings(table: Table, problems: Problems) -> Row:
    """The one row of settings."""
    if not table.rows:
        return Row(table.sheet, 0, {}, {})
    for row in table.rows[1:]:
        message = "Settings have one row, the first; this one is not used."
        problems.warning(row.place(), "settings", message, "Remove it.")
    return table.rows[0]


def _key(written: Written | None, path: Path, problems: Problems) -> Written:
    said = written or Written(path.stem, Place(str(path)))
    if _KEY.fullmatch(said.text):
        return said
    key = _NOT_IN_A_KEY.sub("_", said.text.lower())[:_LONGEST_KEY].strip("_")
    key = key if key[:1].isalpha() else f"form_{key}".strip("_")
    message = f"The questionnaire is called `{key}`, since `{shown(said.text)}` cannot be a name."
    problems.warning(said.place, "key", message, f"Write `{key}` under `form_id`.")
    return Written(key, said.place)


def _version(written: Written | None, problems: Problems) -> int:
    if written is None:
        return 1
    if _VERSION.fullmatch(written.text) and int(written.text) <= _LAST_VERSION:
        return int(written.text)
    message = f"`{shown(written.text)}` is no version here; it counts as version 1."
    problems.warning(
        written.place, "version", message, f"Write a whole number from 1 to {_LAST_VERSION}, such as 2."
    )
    return 1


def _title(setting: Row, key: Written, texts: Texts) -> DraftText:
    written = setting["form_title"] or setting["form_id"] or key
    translated = dict(texts.words(setting, f"{CHAT}::form_title"))
    return DraftText("title", {**translated, texts.default: written}, optional=True)


def _source(setting: Row, texts: Texts) -> DraftText | None:
    words = dict(texts.words(setting, f"{CHAT}::source"))
    return DraftText("source", words, optional=True) if texts.default in words else None


def _name_other_sheets(workbook: Workbook, problems: Problems) -> None:
    for name, message in _LEFT_OUT.items():
        if name in workbook.sheets and workbook[name].rows:
            problems.warning(workbook[name].place(), name, message, MAY_STAY)
    for name in workbook.others:
        if not name.startswith("_"):
            message = f"The sheet `{shown(name)}` is no part of an XLSForm, and not read."
            remedy = did_you_mean(name, _SHEETS, "Put `_` before its name to say that this is meant.")
            problems.warning(Place(workbook.file, sheet=name), "", message, remedy)
