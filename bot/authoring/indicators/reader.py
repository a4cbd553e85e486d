"""The YAML of an instrument's indicators → their draft: their shape is checked here, their meaning later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.authoring.draft import Draft, DraftText
from bot.authoring.indicators.draft import (
    DraftAxis,
    DraftChange,
    DraftColumn,
    DraftDifference,
    DraftIndicators,
    DraftRanking,
)
from bot.authoring.problems import Place, Problems
from bot.authoring.written import Written
from bot.authoring.yaml_fields import Fields, below, read_items, read_text
from bot.authoring.yaml_source import Node, Scalar, read_documents

_INDICATORS = (
    *("axes", "numbers", "cells", "any_of", "zero", "dont_know"),
    *("columns", "differences", "follows", "ranks"),
)
_AXIS = ("name", "label", "values", "choices")
_VALUE = ("name", "label", "label_of")
_COLUMN = ("name", "label", "sections", "of", "per", "within")
_DIFFERENCE = ("name", "label", "column", "minus", "numbers")
_RANKING = ("columns", "questions")
_CHANGE = ("name", "label", "questionnaire", "minus")
PATH = "indicators"
FILE = "indicators.yaml"


def indicators_beside(questionnaire: Path, draft: Draft, problems: Problems) -> Node | None:
    """What stands in the file beside a questionnaire that says what its answers come to, if there is one."""
    file = questionnaire.parent / FILE
    if not file.is_file():
        return None
    before = len(problems.found)
    documents = read_documents(file, problems)
    if not documents and len(problems.found) == before:
        problems.error(Place(str(file), 1, 1), PATH, "The file is empty.", "Write it, or remove it.")
    for document in documents[1:]:
        message = "A second document begins here."
        problems.error(document.place, PATH, message, "The file holds one: remove the `---`.")
    if documents and draft.indicators:
        message = "The questionnaire has `indicators:` already."
        problems.error(documents[0].place, PATH, message, "Keep one of the two.")
    return documents[0] if documents else None


def read_indicators(
    node: Node, language: str, problems: Problems, lend: Callable[[str], DraftText | None] = lambda path: None
) -> DraftIndicators:
    """What stands in `indicators.yaml`, or under `indicators:`, in the questionnaire's own language.

    `lend` gives the words that another questionnaire has at a path.
    """
    return _Reader(language, problems, lend).indicators(node)


class _Reader:
    def __init__(self, language: str, problems: Problems, lend: Callable[[str], DraftText | None]) -> None:
        self.language = language
        self.problems = problems
        self.lend = lend
        self.labels: dict[str, DraftText] = {}
        self.words_of: dict[str, Written] = {}

    def indicators(self, node: Node) -> DraftIndicators:
        fields = Fields(node, PATH, _INDICATORS, self.problems)
        return DraftIndicators(
            place=fields.place,
            axes=tuple(self.axes(fields)),
            numbers=self.needed_texts(fields, "numbers"),
            cells=tuple(self.groups(fields, "cells")),
            any_of=tuple(self.groups(fields, "any_of")),
            zero=tuple(self.pairs(fields, "zero")),
            unknown=tuple(self.pairs(fields, "dont_know")),
            columns=tuple(self.columns(fields)),
            differences=tuple(self.differences(fields)),
            changes=tuple(self.changes(fields)),
            rankings=tuple(self.rankings(fields)),
            labels=self.labels,
            words_of=self.words_of,
        )

    def axes(self, fields: Fields) -> Iterator[DraftAxis]:
        for axis in self.members(fields, "axes", _AXIS, needed=True):
            if name := self.name(axis):
                yield DraftAxis(name, axis.text("choices"), tuple(self.values(axis)))

    def values(self, axis: Fields) -> Iterator[Written]:
        """Values stand alone, or with words of their own."""
        for index, node in enumerate(axis.items("values"), start=1):
            path = f"{axis.path}.values[{index}]"
            if isinstance(node, Scalar):
                name = read_text(node, path, self.problems)
            else:
                value = Fields(node, path, _VALUE, self.problems)
                name = self.name(value)
                if name and (words_of := value.text("label_of")):
                    self.words_of[name.text] = words_of
            if name:
                yield name

    def columns(self, fields: Fields) -> Iterator[DraftColumn]:
        for column in self.members(fields, "columns", _COLUMN, needed=True):
            if name := self.name(column):
                yield DraftColumn(
                    name,
                    column.texts("sections"),
                    column.text("of"),
                    column.text("per"),
                    column.text("within"),
                )

    def differences(self, fields: Fields) -> Iterator[DraftDifference]:
        for difference in self.members(fields, "differences", _DIFFERENCE):
            if name := self.name(difference):
                yield DraftDifference(
                    name,
                    difference.text("column", needed=True),
                    difference.text("minus", needed=True),
                    self.needed_texts(difference, "numbers"),
                )

    def changes(self, fields: Fields) -> Iterator[DraftChange]:
        for change in self.members(fields, "follows", _CHANGE):
            if name := self.name(change):
                yield DraftChange(name, change.text("questionnaire", needed=True), change.text("minus"))

    def rankings(self, fields: Fields) -> Iterator[DraftRanking]:
        for ranking in self.members(fields, "ranks", _RANKING):
            ranking.node("questions", needed=True)
            places = tuple(self.pairs(ranking, "questions"))
            yield DraftRanking(self.needed_texts(ranking, "columns"), places)

    def members(
        self, fields: Fields, key: str, known: tuple[str, ...], *, needed: bool = False
    ) -> Iterator[Fields]:
        """The mappings in a list; the list is there when it is `needed`."""
        for index, node in enumerate(fields.items(key, needed=needed), start=1):
            yield Fields(node, f"{fields.path}.{key}[{index}]", known, self.problems)

    def name(self, fields: Fields) -> Written | None:
        """Its name; its words go to the labels."""
        name = fields.text("name", needed=True)
        label = fields.text("label")
        path = below(PATH, name.text) if name else ""
        text = DraftText(path, {self.language: label}, optional=True) if label else self.lend(path)
        if name and text:
            self.labels[name.text] = text
        return name

    def needed_texts(self, fields: Fields, key: str) -> tuple[Written, ...]:
        fields.node(key, needed=True)
        return fields.texts(key)

    def groups(self, fields: Fields, key: str) -> Iterator[tuple[Written, tuple[Written, ...]]]:
        for name, node in fields.mapping(key):
            path = f"{fields.path}.{key}.{name.text}"
            read = (read_text(item, path, self.problems) for item in read_items(node, path, self.problems))
            yield name, tuple(text for text in read if text is not None)

    def pairs(self, fields: Fields, key: str) -> Iterator[tuple[Written, Written]]:
        for name, node in fields.mapping(key):
            if text := read_text(node, f"{fields.path}.{key}.{name.text}", self.problems):
                yield name, text
