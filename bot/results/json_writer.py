"""Results as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.flows.expressions.types import Kind
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.rounds import Round
from bot.results.disclosure import protect
from bot.results.tabulation import Cell, QuestionTable, Statistics, Tabulation


def as_json(
    tabulation: Tabulation, round_: Round, language: str, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What may be shown of a tabulation, ready for `json.dumps`; labels are in `language`.

    `names` are words for codes that the questionnaire has none for, such as countries.
    """
    shown = protect(tabulation, round_.minimum_cell)
    return {
        "round": {
            "code": round_.code,
            "title": round_.title.in_language(language),
            "state": round_.state.value,
            "questionnaire": round_.questionnaire.key,
            "version": round_.questionnaire.version,
            "minimum_cell": round_.minimum_cell,
        },
        "complete_only": shown.complete_only,
        "respondents": dict(shown.respondents),
        "questions": [_question(table, language, names or {}) for table in shown.tables],
    }


def cell_label(cell: Cell, language: str, names: Mapping[str, str]) -> str:
    """An answer in words; the code itself where there are none."""
    return cell.label.in_language(language) if cell.label else names.get(cell.name, cell.name)


def _question(table: QuestionTable, language: str, names: Mapping[str, str]) -> dict[str, Any]:
    question = table.question
    document: dict[str, Any] = {
        "name": question.name,
        "section": table.section,
        "type": question.type,
        "number": question.number,
        "label": question.label.in_language(language),
        "asked": table.asked,
        "base": table.base,
        "skipped": table.skipped,
        "item_nonresponse": table.item_nonresponse,
        "suppressed": table.suppressed,
    }
    if table.cells is not None:
        document["choices"] = [
            {
                "name": cell.name,
                "label": cell_label(cell, language, names),
                "count": cell.count,
                "share": table.share(cell),
            }
            for cell in table.cells
        ]
    if table.statistics is not None:
        document["statistics"] = _statistics(
            table.statistics, dates=QUESTION_TYPES[question.type].kind in {Kind.DATE, Kind.TIME}
        )
    return document


def _statistics(statistics: Statistics, *, dates: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "count": statistics.count,
        "mean": statistics.mean,
        "median": statistics.median,
        "minimum": statistics.minimum,
        "maximum": statistics.maximum,
        "standard_deviation": statistics.standard_deviation,
    }
    # Dates have no mean that anybody asks for.
    return (
        {k: v for k, v in document.items() if k not in {"mean", "standard_deviation"}} if dates else document
    )
