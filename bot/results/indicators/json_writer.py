"""Indicators as one JSON document: scores from 0 to 1, not rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from bot.flows.indicators import NONE, Indicators
from bot.flows.rounds import Round
from bot.results.indicators.numbers import ColumnNumbers, Number
from bot.results.indicators.report import Comparison, Gap, Gaps, Report
from bot.results.indicators.words import Words

Document: TypeAlias = dict[str, Any]


def indicators_json(
    report: Report, language: str, names: Mapping[str, str], comparison: Comparison | None = None
) -> Document:
    """A round's indicators, and what changed since the round that it follows, ready for `json.dumps`."""
    document = _report(report, language, names)
    if comparison is not None:
        words = Words(report.round.questionnaire, report.indicators, language, names)
        document["follows"] = _report(comparison.followed, language, names) | {
            "changes": _differences(comparison.gaps, report, words)
        }
    return document


def _report(report: Report, language: str, names: Mapping[str, str]) -> Document:
    words = Words(report.round.questionnaire, report.indicators, language, names)
    return {
        "round": _round(report.round, language),
        "complete_only": report.complete_only,
        "respondents": dict(report.respondents),
        "axes": [
            {
                "name": axis.name,
                "label": words.name(axis.name),
                "values": [{"name": v, "label": words.axis_value(axis, v)} for v in axis.values],
            }
            for axis in report.indicators.axes
        ],
        "columns": [
            {
                "name": one.column.name,
                "label": words.name(one.column.name),
                "per": _per(one, words),
                "numbers": [_number(number, report.indicators, words) for number in one.numbers.values()],
            }
            for one in report.columns
        ],
        "differences": _differences(report.differences, report, words),
    }


def _round(asking: Round, language: str) -> Document:
    return {
        "code": asking.code,
        "title": asking.title.in_language(language),
        "state": asking.state.value,
        "questionnaire": asking.questionnaire.key,
        "version": asking.questionnaire.version,
        "minimum_cell": asking.minimum_cell,
    }


def _per(one: ColumnNumbers, words: Words) -> Document | None:
    if one.value is None:
        return None
    return {"question": one.column.per, "name": one.value, "label": words.value(one)}


def _number(number: Number, indicators: Indicators, words: Words) -> Document:
    parts = zip(indicators.axes, number.name.split("/"), strict=True)
    return {
        "name": number.name,
        "label": words.number(number.name),
        **{axis.name: None if part == NONE else part for axis, part in parts},
        "status": number.status.value,
        "score": _float(number.score),
        **_bounds("score", number.bounds),
        "smallest_base": number.smallest,
        "largest_base": number.largest,
        "coverage": _float(number.coverage),
        "dont_know": _float(number.dont_know),
    }


def _differences(found: Iterable[Gaps], report: Report, words: Words) -> list[Document]:
    per = {(one.column.name, one.value): _per(one, words) for one in report.columns}
    return [
        {
            "name": one.name,
            "label": words.name(one.name),
            "column": one.column,
            "minus": one.minus,
            "per": per[one.column, one.value],
            "numbers": [_gap(gap, words) for gap in one.gaps],
        }
        for one in found
    ]


def _gap(gap: Gap, words: Words) -> Document:
    return {
        "name": gap.number.name,
        "minus": gap.minus.name,
        "label": words.number(gap.number.name),
        "score": _float(gap.number.score),
        "minus_score": _float(gap.minus.score),
        "difference": _float(gap.difference),
        **_bounds("difference", gap.bounds),
    }


def _bounds(name: str, bounds: tuple[Fraction, Fraction] | None) -> Document:
    low, high = bounds or (None, None)
    return {f"{name}_low": _float(low), f"{name}_high": _float(high)}


def _float(exact: Fraction | None) -> float | None:
    return None if exact is None else float(exact)
