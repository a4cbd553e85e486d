"""Indicators as CSV: one row a number, in the columns of the JSON."""

from __future__ import annotations

import csv
from typing import Any, TextIO

from bot.results.csv_writer import guard

_NUMBER = (
    "status",
    "score",
    "score_low",
    "score_high",
    "smallest_base",
    "largest_base",
    "coverage",
    "dont_know",
)
_DIFFERENCE = ("difference", "difference_low", "difference_high")
_HEADER = (
    "round",
    "kind",
    "column",
    "minus",
    "per",
    "number",
    "minus_number",
    "label",
    *_NUMBER,
    *_DIFFERENCE,
)


def write_indicators_csv(document: dict[str, Any], stream: TextIO) -> None:
    """Write what `indicators_json` made; `stream` is opened with `newline=""`."""
    writer = csv.DictWriter(stream, _HEADER, restval="")
    writer.writeheader()
    followed = document.get("follows")
    for one in (document, *([followed] if followed else [])):
        for column in one["columns"]:
            for number in column["numbers"]:
                writer.writerow(_row(one, "number", column, number) | {key: number[key] for key in _NUMBER})
        for difference in one["differences"]:
            for number in difference["numbers"]:
                writer.writerow(_row(one, "difference", difference, number))
    for change in followed["changes"] if followed else ():
        for number in change["numbers"]:
            writer.writerow(_row(document, "change", change, number))


def _row(
    document: dict[str, Any], kind: str, column: dict[str, Any], number: dict[str, Any]
) -> dict[str, Any]:
    per = column["per"]
    return {
        "round": document["round"]["code"],
        "kind": kind,
        "column": column.get("column", column["name"]),
        "minus": column.get("minus", ""),
        "per": per["name"] if per else "",
        "number": guard(number["name"]),
        "minus_number": guard(number.get("minus", "")),
        "label": guard(number["label"]),
        **{key: number.get(key, "") for key in _DIFFERENCE},
    }
