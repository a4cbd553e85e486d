"""`Indicators` ↔ the documents of a published version, and the YAML in which authors write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from bot.flows.expressions import Expression
from bot.flows.indicators import Axis, Change, Column, Difference, Indicators, Item, Ranking
from bot.flows.questionnaire import LocalizedText, Questionnaire

Document: TypeAlias = dict[str, Any]


def indicators_document(indicators: Indicators | None) -> Document | None:
    """All but the words; what is not said is absent."""
    if indicators is None:
        return None
    document: Document = {
        "axes": [
            _said({"name": axis.name, "values": list(axis.values), "choices": axis.choices})
            for axis in indicators.axes
        ],
        "label_of": dict(indicators.words_of),
        "numbers": list(indicators.numbers),
        "items": [
            _said(
                {
                    "name": item.name,
                    "section": item.section,
                    "questions": list(item.questions),
                    "cells": list(item.cells),
                    "zero": _source(item.zero),
                    "dont_know": _source(item.unknown),
                }
            )
            for item in indicators.items
        ],
        "columns": [_column(column) for column in indicators.columns],
        "differences": [_difference(one) for one in indicators.differences],
        "follows": [_change(one) for one in indicators.changes],
    }
    # A list, since a store may keep the keys of a mapping in another order; absent where there are none, so that
    # what was published without keeps its hash.
    ranks = [
        {"columns": list(one.columns), "questions": list(map(list, one.places))}
        for one in indicators.rankings
    ]
    return document | ({"ranks": ranks} if ranks else {})


def indicator_words(indicators: Indicators | None, language: str) -> Document:
    """The words of one language by what they are for."""
    labels = indicators.labels if indicators else {}
    return {name: text.texts[language] for name, text in labels.items() if language in text.texts}


def indicators_from_document(
    document: Mapping[str, Any] | None, words: Callable[[str], LocalizedText]
) -> Indicators | None:
    """The indicators that a document was made from; `words` finds a name's."""
    if document is None:
        return None
    axes = tuple(Axis(a["name"], tuple(a["values"]), a.get("choices")) for a in document["axes"])
    groups = (document[key] for key in ("axes", "columns", "differences", "follows"))
    names = [one["name"] for group in groups for one in group] + [v for axis in axes for v in axis.values]
    labels = {name: words(name) for name in names}
    return Indicators(
        axes=axes,
        numbers=tuple(document["numbers"]),
        items=tuple(map(_item, document["items"])),
        columns=tuple(
            Column(
                column["name"],
                tuple(column.get("sections", ())),
                _expression(column.get("of")),
                column.get("per"),
                column.get("within"),
            )
            for column in document["columns"]
        ),
        differences=tuple(
            Difference(one["name"], one["column"], one["minus"], tuple(one["numbers"]))
            for one in document["differences"]
        ),
        changes=tuple(
            Change(one["name"], one["questionnaire"], one.get("minus") == "this")
            for one in document["follows"]
        ),
        rankings=tuple(
            Ranking(tuple(one["columns"]), tuple((name, number) for name, number in one["questions"]))
            for one in document.get("ranks", ())
        ),
        labels={name: text for name, text in labels.items() if text.texts},
        words_of=dict(document["label_of"]),
    )


def indicators_yaml(questionnaire: Questionnaire, language: str) -> Document | None:
    """The indicators as an author writes them, with words in `language`."""
    indicators = questionnaire.indicators
    if indicators is None:
        return None
    words = indicator_words(indicators, language)

    def labelled(document: Document) -> Document:
        name = document.pop("name")
        return _said({"name": name, "label": words.get(name), **document})

    items = indicators.items
    several = [item for item in items if item.name not in questionnaire.questions]
    here = [item for item in items if item in several or not questionnaire.questions[item.name].cells]
    cells = dict.fromkeys(cell for item in here for cell in item.cells)
    return _said(
        {
            "axes": [labelled(_axis(axis, words, indicators.words_of)) for axis in indicators.axes],
            "numbers": list(indicators.numbers),
            "any_of": {item.name: list(item.questions) for item in several},
            "cells": {cell: [item.name for item in here if cell in item.cells] for cell in cells},
            "zero": {item.name: item.zero.source for item in items if item.zero},
            "dont_know": {item.name: item.unknown.source for item in items if item.unknown},
            "columns": [labelled(_column(column)) for column in indicators.columns],
            "differences": [labelled(_difference(one)) for one in indicators.differences],
            "follows": [labelled(_change(one)) for one in indicators.changes],
            "ranks": [
                {"columns": list(one.columns), "questions": dict(one.places)} for one in indicators.rankings
            ],
        }
    )


def _axis(axis: Axis, words: Mapping[str, str], words_of: Mapping[str, str]) -> Document:
    if axis.choices:
        return {"name": axis.name, "choices": axis.choices}
    values = [_said({"name": v, "label": words.get(v), "label_of": words_of.get(v)}) for v in axis.values]
    return {"name": axis.name, "values": [value if len(value) > 1 else value["name"] for value in values]}


def _column(column: Column) -> Document:
    return _said(
        {
            "name": column.name,
            "sections": list(column.sections),
            "of": _source(column.of),
            "per": column.per,
            "within": column.within,
        }
    )


def _difference(one: Difference) -> Document:
    return {"name": one.name, "column": one.column, "minus": one.minus, "numbers": list(one.numbers)}


def _change(one: Change) -> Document:
    document = {"name": one.name, "questionnaire": one.questionnaire}
    return document | {"minus": "this"} if one.minus_this else document


def _item(item: Mapping[str, Any]) -> Item:
    return Item(
        item["name"],
        item["section"],
        tuple(item["questions"]),
        tuple(item["cells"]),
        _expression(item.get("zero")),
        _expression(item.get("dont_know")),
    )


def _said(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in (None, [], {})}


def _source(expression: Expression | None) -> str | None:
    return expression.source if expression else None


def _expression(source: str | None) -> Expression | None:
    return Expression.parse(source) if source else None
