"""Loops over the choices of a list, written out: a group of questions for each choice, as pyxform does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bot.authoring.problems import Problems
from bot.authoring.written import Written
from bot.authoring.xlsform.columns import Row
from bot.authoring.xlsform.lists import list_name
from bot.authoring.xlsform.tables import Tables
from bot.authoring.xlsform.texts import REFERENCE, as_name
from bot.authoring.xlsform.types import Control, read_control

_SKIPPED = "none"
"""A choice that pyxform leaves out of loops."""
_Cells = Mapping[tuple[str, str | None], Written]


def unrolled(rows: Iterable[Row], tables: Tables, problems: Problems) -> tuple[Row, ...]:
    """The rows of a survey without loops; names in a loop begin with that of the choice."""
    by_list: dict[str, list[Row]] = {}
    for choice in tables.choices.rows:
        if (of := choice["list_name"]) and choice["name"]:
            by_list.setdefault(of.text, []).append(choice)
    return tuple(_without_loops(list(rows), by_list, tables, problems))


def _without_loops(
    rows: list[Row], lists: Mapping[str, list[Row]], tables: Tables, problems: Problems
) -> Iterator[Row]:
    index = 0
    while index < len(rows):
        row, type_ = rows[index], rows[index]["type"]
        control = read_control(type_.text) if type_ else None
        end = _end(rows, index) if control and control.begins and control.kind == "loop" else None
        if type_ is None or end is None:
            yield row
            index += 1
            continue
        name = type_.text.split()[-1]
        tables.named.add(list_name(name))
        members = list(_without_loops(rows[index + 1 : end], lists, tables, problems))
        message = f"The loop is written out for each choice of `{name}`, whose name its questions begin with."
        problems.warning(type_.place, "survey", message, "Results have these names.")
        yield replace(row, cells={**row.cells, ("type", None): replace(type_, text="begin_group")})
        for choice in lists.get(name, ()):
            yield from _for_choice(choice, row, members)
        yield replace(rows[end], cells={("type", None): replace(type_, text="end_group")})
        index = end + 1


def _end(rows: list[Row], begin: int) -> int | None:
    """The row that ends what begins at a row; `None` where it does not end."""
    open_: list[Control] = []
    for index in range(begin, len(rows)):
        type_ = rows[index]["type"]
        control = read_control(type_.text) if type_ else None
        if control and control.begins:
            open_.append(control)
        elif control:
            open_.pop()
            if not open_:
                return index
    return None


def _for_choice(choice: Row, loop: Row, members: list[Row]) -> Iterator[Row]:
    """The rows of a loop for one choice, in a group of its name and label."""
    code = choice["name"]
    if code is None or code.text == _SKIPPED:
        return
    prefix = as_name(code.text)
    labels = {key: written for key, written in choice.cells.items() if key[0] == "label"}
    ours = {name.text for row in members if (name := row["name"])}
    place = loop.place("type")
    group = Written(f"{prefix}_{loop['name'].text}" if loop["name"] else prefix, place)
    yield replace(
        loop, cells={("type", None): Written("begin_group", place), ("name", None): group, **labels}
    )
    for row in members:
        yield replace(row, cells=dict(_filled(row.cells, prefix, code.text, labels, ours)))
    yield replace(loop, cells={("type", None): Written("end_group", place)})


def _filled(
    cells: _Cells, prefix: str, code: str, labels: _Cells, ours: set[str]
) -> Iterator[tuple[tuple[str, str | None], Written]]:
    for (key, language), written in cells.items():
        text = written.text
        if key == "name":
            text = f"{prefix}_{text}"
        elif "%(" in text:
            label = labels.get(("label", language)) or next(iter(labels.values()), None)
            text = text.replace("%(name)s", code).replace("%(label)s", label.text if label else code)
        if "${" in text:
            text = REFERENCE.sub(
                lambda found: f"${{{prefix}_{found[1]}}}" if found[1] in ours else found[0],
                text,
            )
        yield (key, language), replace(written, text=text)
