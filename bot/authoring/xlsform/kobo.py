"""Ratings, rankings and matrices of KoboToolbox, which no other program knows, as the groups that it makes of them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.authoring.xlsform.texts import REFERENCE
from bot.authoring.xlsform.workbook import Sheet

_LISTS = {"begin_score": "kobo--score-choices", "begin_rank": "kobo--rank-items"}
"""The column that names the list of each one's rows, by the type that begins it."""
_ENDS = frozenset({"end_score", "end_rank"})
_RATED, _RANKED = "score__row", "rank__level"
_Cells = Mapping[str, str]
_DIFFER = "kobo--rank-constraint-message"
_MATRIX, _MATRIX_LIST = "begin_kobomatrix", "kobo--matrix_list"
_MATRIX_ENDS = frozenset({"end_kobomatrix", "end_matrix"})
_OWN = frozenset({*_LISTS.values(), _DIFFER, _MATRIX_LIST})
_BEGINS = frozenset({*_LISTS, _MATRIX})


def with_groups(survey: Sheet, choices: Sheet) -> Sheet:
    """The sheet `survey` with a question for each row of a rating or ranking and for each cell of a matrix.

    Every row keeps its place, the cells of a matrix that of their column.
    """
    if not any(row.get("type") in _BEGINS for row in survey.rows):
        return survey
    columns = dict(survey.headers)
    for header in ("constraint", "constraint_message"):  # which rankings need, whether or not others do
        columns.setdefault(header, columns.get(_DIFFER, columns["type"]))
    reader = _Reader()
    rows = [(number, reader.row(row)) for number, row in _with_cells(list(survey.numbered), choices)]
    headers = tuple((header, index) for header, index in columns.items() if header not in _OWN)
    numbers, found = zip(*rows, strict=True)
    return replace(survey, headers=headers, rows=found, numbers=numbers)


def matrix_lists(survey: Sheet) -> set[str]:
    """The lists whose choices are the rows of matrices."""
    return {row[_MATRIX_LIST] for row in survey.rows if row.get("type") == _MATRIX and _MATRIX_LIST in row}


def _with_cells(rows: list[tuple[int, _Cells]], choices: Sheet) -> Iterator[tuple[int, _Cells]]:
    """The rows with a group for each matrix; one that does not end or has no rows is left to be refused."""
    index = 0
    while index < len(rows):
        number, row = rows[index]
        end = _end(rows, index) if row.get("type") == _MATRIX else None
        items = [] if end is None else _items(row.get(_MATRIX_LIST), choices)
        if end is None or not items:
            yield number, row
            index += 1
            continue
        columns = rows[index + 1 : end]
        names = {name for _, column in columns if (name := column.get("name"))}
        yield number, {**row, "type": "begin_group"}
        for item in items:
            for at, column in columns:
                yield at, dict(_cell(column, item, f"{row.get('name')}_{item.get('name')}", names))
        yield rows[end][0], {**rows[end][1], "type": "end_group"}
        index = end + 1


def _end(rows: list[tuple[int, _Cells]], begin: int) -> int | None:
    return next((n for n in range(begin, len(rows)) if rows[n][1].get("type") in _MATRIX_ENDS), None)


def _items(named: str | None, choices: Sheet) -> list[_Cells]:
    """The choices of a list, which are the rows of a matrix."""
    if named is None:
        return []
    return [item for item in choices.rows if named in (item.get("list_name"), item.get("list name"))]


def _cell(column: _Cells, item: _Cells, prefix: str, names: Container[str]) -> Iterator[tuple[str, str]]:
    """The question of a column about one row, under the name that KoboToolbox gives it."""
    label = next((text for header, text in item.items() if header.startswith("label") and text), "")
    for header, text in column.items():
        if header == "name":
            yield header, f"{prefix}_{text}"
        elif header.partition(":")[0] == "label":
            yield header, f"{item.get(header) or label}: {text}"
        else:
            own = REFERENCE.sub(lambda n: f"${{{prefix}_{n[1]}}}" if n[1] in names else n[0], text)
            yield header, own


@dataclass(slots=True)
class _Reader:
    """Reads one row after another, with the rating or ranking that is open."""

    list_name: str = ""
    message: str = ""
    levels: list[str] = field(default_factory=list)

    def row(self, row: _Cells) -> _Cells:
        left = {header: text for header, text in row.items() if header not in _OWN}
        type_ = row.get("type", "")
        if type_ in _LISTS:
            self.list_name, self.message = row.get(_LISTS[type_], ""), row.get(_DIFFER, "")
            self.levels = []
            return {**left, "type": "begin_group"}
        if type_ in _ENDS:
            return {**left, "type": "end_group"}
        if type_ in {_RATED, _RANKED} and self.list_name:
            return {
                **left,
                **(self.differing(left) if type_ == _RANKED else {}),
                "type": f"select_one {self.list_name}",
            }
        return left

    def differing(self, row: _Cells) -> dict[str, str]:
        """What keeps somebody from giving one thing two ranks."""
        before, self.levels = self.levels, [*self.levels, row.get("name", "")]
        if not before:
            return {}
        found = {"constraint": " and ".join(f". != ${{{name}}}" for name in before)}
        return {**found, "constraint_message": self.message} if self.message else found
