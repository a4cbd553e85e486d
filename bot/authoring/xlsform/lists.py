"""The sheet of choices → lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.authoring.draft import COUNTRY, DraftChoice, DraftList, DraftText
from bot.authoring.problems import Problems, listed, shown
from bot.authoring.structure import LONE_CODES
from bot.authoring.written import Written
from bot.authoring.xlsform.columns import CHAT, MAY_STAY, Row, Table
from bot.authoring.xlsform.texts import Texts

_SEPARATOR = re.compile(r"[;\n]")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_NOT_IN_A_CODE = re.compile(r"[^A-Za-z0-9_.-]+", re.ASCII)
_LONGEST_CODE = 64
_MOST_SHOWN = 5
_YES = frozenset({"yes", "true", "true()", "1"})
_NO = frozenset({"no", "false", "false()", "0", ""})


def list_name(name: str) -> str:
    """A list's name as it is here: `country` is the built-in one's."""
    return f"{name}_list" if name == COUNTRY else name


def is_yes(written: Written | None, problems: Problems, path: str) -> bool:
    """Whether a cell says yes; what is neither yes nor no is a problem."""
    text = written.text.strip().lower() if written else ""
    if written and text not in _YES | _NO:
        problems.error(
            written.place, path, f"`{shown(written.text)}` is neither yes nor no.", "Write `yes` or `no`."
        )
    return text in _YES


def read_lists(
    table: Table, texts: Texts, problems: Problems, *, duplicates: bool = False
) -> dict[str, DraftList]:
    """Every list of the sheet, by name; with `duplicates` a name may be there twice, and gets a number."""
    lists: dict[str, DraftList] = {}
    taken: dict[str, set[str]] = {}
    numbered: list[Written] = []
    _rename_codes(table, texts, problems)
    for row in table.rows:
        name, code = row["list_name"], row["name"]
        if name is None or code is None:
            _name_incomplete(row, problems)
            continue
        called = list_name(name.text)
        found = lists.setdefault(called, DraftList(Written(called, name.place), []))
        names = taken.setdefault(called, set())
        plain = texts.code(code.text)
        if duplicates and plain in names:
            numbered.append(code)
            plain = _numbered(plain, names)
        names.add(plain)
        found.choices.append(
            _choice(row, replace(code, text=plain), f"choices.{called}.{plain}", texts, problems)
        )
    if numbered:
        some = listed(dict.fromkeys(code.text for code in numbered))
        message = f"Names that are there twice have a number here from the second on: {some}."
        remedy = "Give each choice a name of its own: a condition means the first alone."
        problems.warning(numbered[0].place, "choices", message, remedy)
    return lists


def _numbered(code: str, taken: set[str]) -> str:
    number = 2
    while (found := f"{code[: _LONGEST_CODE - 6]}_{number}") in taken:
        number += 1
    return found


def name_unused_columns(table: Table, used: Iterable[str], problems: Problems) -> None:
    """Name each column of the author's own that no `choice_filter` looks at."""
    filled = dict.fromkeys(header for row in table.rows for header in row.extra)
    columns = dict(table.sheet.headers)
    for header in filled.keys() - set(used):
        message = f"The column `{shown(header)}` is not used: no `choice_filter` looks at it."
        problems.warning(table.sheet.place(1, columns[header]), "choices", message, MAY_STAY)


def _choice(row: Row, code: Written, path: str, texts: Texts, problems: Problems) -> DraftChoice:
    label = texts.text(row, "label", path)
    if label is None:
        message = f"The choice has no label; people see its name, `{shown(code.text)}`."
        problems.warning(code.place, path, message, "Write what it is called.")
        label = DraftText(path, {texts.default: code}, optional=True)
    return DraftChoice(
        name=code,
        label=label,
        synonyms={
            language: tuple(_split(written)) for language, written in texts.words(row, f"{CHAT}::synonyms")
        },
        exclusive=code.text in LONE_CODES or is_yes(row[f"{CHAT}::exclusive"], problems, path),
        filters={key: replace(cell, text=texts.code(cell.text)) for key, cell in row.extra.items()},
    )


def _rename_codes(table: Table, texts: Texts, problems: Problems) -> None:
    """Find names that no choice can have here, such as one with a space, and name some of them."""
    changed: list[Written] = []
    taken = {name.text for row in table.rows if (name := row["name"])}
    for row in table.rows:
        name = row["name"]
        if name is None or name.text in texts.codes or _CODE.fullmatch(name.text):
            continue
        plain = _NOT_IN_A_CODE.sub("_", name.text)[:_LONGEST_CODE]
        plain = plain if any(c.isalnum() for c in plain) else f"choice_{len(changed) + 1}"
        if plain in taken:
            plain = f"{plain[: _LONGEST_CODE - 6]}_{len(changed) + 1}"
        taken.add(plain)
        texts.codes[name.text] = plain
        changed.append(name)
    if changed:
        some = ", ".join(f"`{shown(n.text)}` is `{texts.codes[n.text]}`" for n in changed[:_MOST_SHOWN])
        more = f", and {len(changed) - _MOST_SHOWN} more change" if len(changed) > _MOST_SHOWN else ""
        message = f"Names of choices have no spaces or special characters here: {some}{more}."
        problems.warning(changed[0].place, "choices", message, "Results hold the changed names.")


def _split(written: Written) -> Iterator[Written]:
    for text in _SEPARATOR.split(written.text):
        if text.strip():
            yield Written(text.strip(), written.place)


def _name_incomplete(row: Row, problems: Problems) -> None:
    if not row.cells:
        return
    missing = "list_name" if row["list_name"] is None else "name"
    message = f"The choice has no `{missing}`; it is left out."
    problems.warning(row.place(), "choices", message, f"Write its `{missing}`, or remove the row.")
