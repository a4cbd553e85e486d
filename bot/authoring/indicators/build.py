"""A checked draft of indicators → the `Indicators` that it describes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.authoring.draft import Draft
from bot.authoring.indicators.check import values_of
from bot.authoring.indicators.draft import DraftIndicators
from bot.authoring.written import Written
from bot.flows.expressions import Expression
from bot.flows.indicators import Axis, Change, Column, Difference, Indicators, Item, Ranking
from bot.flows.questionnaire import LocalizedText


def build_indicators(draft: Draft) -> Indicators | None:
    """Put the indicators of a checked draft together; `None` for a questionnaire without."""
    written = draft.indicators
    if written is None:
        return None
    axes = tuple(
        Axis(axis.name.text, values_of(axis, draft), _text(axis.list_name) or None) for axis in written.axes
    )
    return Indicators(
        axes=axes,
        numbers=_texts(written.numbers),
        items=tuple(_items(draft, written, axes)),
        columns=tuple(
            Column(
                column.name.text,
                _texts(column.sections),
                _expression(column.of),
                _text(column.per) or None,
                _text(column.within) or None,
            )
            for column in written.columns
        ),
        differences=tuple(
            Difference(one.name.text, _text(one.column), _text(one.minus), _texts(one.numbers))
            for one in written.differences
        ),
        changes=tuple(
            Change(one.name.text, _text(one.questionnaire), _text(one.minus) == "this")
            for one in written.changes
        ),
        rankings=tuple(
            Ranking(_texts(one.columns), tuple((name.text, number.text) for name, number in one.places))
            for one in written.rankings
        ),
        labels={
            name: LocalizedText({tag: w.text for tag, w in text.by_language.items()}, draft.default_language)
            for name, text in written.labels.items()
        },
        words_of={name: w.text for name, w in written.words_of.items()},
    )


def _items(draft: Draft, written: DraftIndicators, axes: tuple[Axis, ...]) -> Iterator[Item]:
    """Every item with its cells, in the order of the questionnaire; what several questions make before them."""
    any_of = {name.text: _texts(members) for name, members in written.any_of}
    zero, unknown = ({name.text: w for name, w in pairs} for pairs in (written.zero, written.unknown))
    cells = _cells(draft, written, axes)
    places = {question.name.text: place for place, question in enumerate(draft.questions)}
    sections = {q.name.text: s.name.text for s in draft.sections for q in s.questions}
    made_of = {name: any_of.get(name, (name,)) for name in cells}
    for name in sorted(cells, key=lambda name: (places[made_of[name][0]], name not in any_of)):
        questions = made_of[name]
        yield Item(
            name,
            sections[questions[0]],
            questions,
            cells[name],
            _expression(zero.get(name)),
            _expression(unknown.get(name)),
        )


def _cells(draft: Draft, written: DraftIndicators, axes: tuple[Axis, ...]) -> dict[str, tuple[str, ...]]:
    """The cells of each item: as its question has them, or those under which it stands, in the axes' order."""

    def order(cell: str) -> tuple[int, ...]:
        parts = zip(axes, cell.split("/"), strict=True)
        return tuple(axis.values.index(part) if part in axis.values else -1 for axis, part in parts)

    found = {question.name.text: _texts(question.cells) for question in draft.questions if question.cells}
    grouped: dict[str, set[str]] = {}
    for cell, items in written.cells:
        for item in items:
            grouped.setdefault(item.text, set()).add(cell.text)
    return found | {item: tuple(sorted(cells, key=order)) for item, cells in grouped.items()}


def _texts(written: tuple[Written, ...]) -> tuple[str, ...]:
    return tuple(one.text for one in written)


def _text(written: Written | None) -> str:
    return written.text if written else ""


def _expression(written: Written | None) -> Expression | None:
    return Expression.parse(written.text) if written else None
