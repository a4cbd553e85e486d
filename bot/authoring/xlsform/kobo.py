"""Ratings and rankings of KoboToolbox, which no other program knows, as the groups that it makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.authoring.xlsform.workbook import Sheet

_LISTS = {"begin_score": "kobo--score-choices", "begin_rank": "kobo--rank-items"}
"""The column that names the list of each one's rows, by the type that begins it."""
_ENDS = frozenset({"end_score", "end_rank"})
_RATED, _RANKED = "score__row", "rank__level"
_DIFFER = "kobo--rank-constraint-message"
_OWN = frozenset({*_LISTS.values(), _DIFFER})


def with_groups(sheet: Sheet) -> Sheet:
    """The sheet `survey` with a `select_one` for each row of a rating or ranking, every row in its place."""
    if not any(row.get("type") in _LISTS for row in sheet.rows):
        return sheet
    columns = dict(sheet.headers)
    for header in ("constraint", "constraint_message"):  # which rankings need, whether or not others do
        columns.setdefault(header, columns.get(_DIFFER, columns["type"]))
    reader = _Reader()
    rows = tuple(reader.row(row) for row in sheet.rows)
    headers = tuple((header, index) for header, index in columns.items() if header not in _OWN)
    return replace(sheet, headers=headers, rows=rows)


@dataclass(slots=True)
class _Reader:
    """Reads one row after another, with the rating or ranking that is open."""

    list_name: str = ""
    message: str = ""
    levels: list[str] = field(default_factory=list)

    def row(self, row: Mapping[str, str]) -> Mapping[str, str]:
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

    def differing(self, row: Mapping[str, str]) -> dict[str, str]:
        """What keeps somebody from giving one thing two ranks."""
        before, self.levels = self.levels, [*self.levels, row.get("name", "")]
        if not before:
            return {}
        found = {"constraint": " and ".join(f". != ${{{name}}}" for name in before)}
        return {**found, "constraint_message": self.message} if self.message else found
