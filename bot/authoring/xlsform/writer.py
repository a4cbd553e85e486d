"""A `Questionnaire` → an XLSForm, for ODK and Kobo; reading it back gives an equal one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from openpyxl import Workbook

from bot.authoring.documents import text_documents
from bot.authoring.draft import COUNTRY
from bot.authoring.expansion import other_name
from bot.authoring.indicators.documents import indicators_yaml
from bot.authoring.xlsform.columns import CHAT
from bot.authoring.xlsform.predicates import Path, Paths
from bot.authoring.xlsform.workbook import INDICATORS
from bot.flows.expressions import Expression
from bot.flows.expressions.tokens import TURN
from bot.flows.questionnaire import (
    Choice,
    LocalizedText,
    Part,
    Question,
    Questionnaire,
    Repeat,
    Section,
    is_expression,
)
from bot.i18n import lexicon, own_name
from bot.spreadsheets import text_cell

Cells = dict[str, str]

_SURVEY = (
    *("type", "name", "label", "hint", "guidance_hint", "required", "required_message", "relevant"),
    *("constraint", "constraint_message", "calculation", "default", "choice_filter", "read_only"),
    *("appearance", "parameters", "repeat_count"),
)
_YES = "yes"


def form_of(questionnaire: Questionnaire) -> bytes:
    """A workbook of the sheets `survey`, `choices` and `settings`."""
    writer = _Writer(questionnaire)
    book = Workbook(write_only=True)
    for name, rows in (
        ("survey", list(writer.survey())),
        ("choices", list(writer.choices())),
        ("settings", [writer.settings()]),
    ):
        if rows:
            _write_sheet(book, name, rows)
    if questionnaire.indicators is not None:
        _write_sheet(book, INDICATORS, [{"json": line} for line in writer.indicators()])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _write_sheet(book: Any, name: str, rows: list[Cells]) -> None:
    """One column for every key that some row has: XLSForm's own first, each with its languages together."""
    sheet = book.create_sheet(name)
    columns = sorted(dict.fromkeys(key for row in rows for key in row), key=_rank)
    for row in ({column: column for column in columns}, *rows):
        sheet.append([text_cell(sheet, row.get(column)) for column in columns])


def _rank(column: str) -> int:
    key = column.partition("::")[0]
    return _SURVEY.index(key) if key in _SURVEY else len(_SURVEY)


class _Writer:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.sections = questionnaire.written or questionnaire.sections
        self.repeats = frozenset(repeat.name for section in self.sections for repeat in _around(section))
        self.taken = self.repeats | {q.name for section in self.sections for q in section.questions}
        self.paths = {
            name: (*self.path(section), name)
            for section in self.sections
            for question in section.questions
            for name in (question.name, other_name(question.name))
        }
        self.names = {tag: f"{own_name(tag)} ({tag})" for tag in questionnaire.languages}

    def settings(self) -> Cells:
        questionnaire = self.questionnaire
        title = questionnaire.title
        source = questionnaire.texts.get("source", {})
        translated = LocalizedText(
            {t: w for t, w in title.texts.items() if t != title.default}, title.default
        )
        return {
            "form_title": title.texts[title.default],
            "form_id": questionnaire.key,
            "version": str(questionnaire.version),
            "default_language": self.names[questionnaire.default_language],
            **self.texts(f"{CHAT}::form_title", translated),
            **self.texts(f"{CHAT}::source", LocalizedText(source, title.default)),
        }

    def survey(self) -> Iterator[Cells]:
        parts = self.questionnaire.parts
        asked = {section.part for section in self.sections}
        empty = [part for part in parts if part.name not in asked]
        for part, sections in groupby(self.sections, key=lambda section: section.part):
            whole = self.questionnaire.part_by_name.get(part) if part else None
            while whole and empty and parts.index(empty[0]) < parts.index(whole):
                yield from (self.part(empty.pop(0)), {"type": "end_group"})
            if whole:
                yield self.part(whole)
            yield from self.groups(sections, 0)
            if whole:
                yield {"type": "end_group"}
        for last in empty:
            yield from (self.part(last), {"type": "end_group"})

    def groups(self, sections: Iterable[Section], depth: int) -> Iterator[Cells]:
        """Sections with the repeats around them, from this depth on."""
        for repeat, inside in groupby(sections, key=lambda section: _around(section)[depth : depth + 1]):
            if not repeat:
                for section in inside:
                    yield from self.group(section)
                continue
            yield self.repeat(*repeat)
            yield from self.groups(inside, depth + 1)
            yield {"type": "end_repeat"}

    def part(self, part: Part) -> Cells:
        return _said(
            {
                "type": "begin_group",
                "name": part.name,
                **self.texts("label", part.title),
                "relevant": self.logic(part.relevant, (part.name,)),
                f"{CHAT}::part": f"{part.name} always" if part.always else part.name,
            }
        )

    def repeat(self, repeat: Repeat) -> Cells:
        path = tuple(around.name for around in repeat.path)
        return _said(
            {
                "type": "begin_repeat",
                "name": repeat.name,
                "repeat_count": self.logic(repeat.count, path),
                f"{CHAT}::most": str(repeat.most),
            }
        )

    def path(self, section: Section) -> Path:
        """Where a section is written; under another name where `${name}` would mean two things."""
        name = section.name if section.name not in self.taken else f"{section.name}_section"
        part = (section.part,) if section.part else ()
        return (*part, *(repeat.name for repeat in _around(section)), name)

    def logic(self, expression: Expression | None, path: Path) -> str | None:
        """An expression of what is written at a path."""
        if expression is None:
            return None
        return Paths(self.paths, self.repeats, path).written(expression.source, columns=expression.is_filter)

    def default(self, default: str | None, path: Path) -> str | None:
        """A default, which is an expression or a value."""
        return self.logic(Expression.parse(default), path) if default and is_expression(default) else default

    def group(self, section: Section) -> Iterator[Cells]:
        """A section with its questions."""
        *_, name = path = self.path(section)
        yield _said(
            {
                "type": "begin_group",
                "name": name,
                **self.texts("label", section.title),
                "relevant": self.logic(section.relevant, path),
                f"{CHAT}::section": None if name == section.name else section.name,
            }
        )
        yield from map(self.question, section.questions)
        yield {"type": "end_group"}

    def question(self, question: Question) -> Cells:
        scale, list_name, path = question.scale, _list_name(question), self.paths[question.name]
        type_ = f"{question.type} {list_name}" if list_name else question.type
        return _said(
            {
                "type": f"{type_} or_other" if question.or_other else type_,
                "name": question.name,
                **self.texts("label", question.label),
                **self.texts("hint", question.hint),
                **self.texts("guidance_hint", question.guidance_hint),
                "required": _YES
                if question.required
                else _in_group(self.logic(question.required_when, path)),
                **self.texts("required_message", question.required_message),
                "relevant": _in_group(self.logic(question.relevant, path)),
                "constraint": _in_group(self.logic(question.constraint, path)),
                **self.texts("constraint_message", question.constraint_message),
                "calculation": _in_group(self.logic(question.calculation, path)),
                "default": _in_group(self.default(question.default, path)),
                "choice_filter": _in_group(self.logic(question.choice_filter, path)),
                "read_only": _YES if question.read_only else None,
                "appearance": question.appearance,
                "parameters": _parameters(question),
                f"{CHAT}::number": question.number,
                **self.texts(f"{CHAT}::start_label", scale.start_label if scale else None),
                **self.texts(f"{CHAT}::end_label", scale.end_label if scale else None),
                f"{CHAT}::cells": "; ".join(question.cells),
                f"{CHAT}::provenance": str(question.provenance) if question.provenance else None,
                f"{CHAT}::choices": COUNTRY if question.choice_list == COUNTRY else None,
            }
        )

    def choices(self) -> Iterator[Cells]:
        lists: dict[str, tuple[Choice, ...]] = {}
        for section in self.sections:
            for question in section.questions:
                if name := _list_name(question):
                    lists.setdefault(name, question.choices or self.countries())
        for name, choices in lists.items():
            for choice in choices:
                yield self.choice(name, choice)

    def countries(self) -> tuple[Choice, ...]:
        """The countries, for programs that do not have them built in."""
        default = self.questionnaire.default_language
        names = {tag: lexicon(tag).countries for tag in self.questionnaire.languages}
        return tuple(
            Choice(code, LocalizedText({tag: known[code] for tag, known in names.items()}, default))
            for code in names[default]
        )

    def choice(self, list_name: str, choice: Choice) -> Cells:
        synonyms = {f"{CHAT} synonyms::{self.names[tag]}": "; ".join(w) for tag, w in choice.synonyms.items()}
        return _said(
            {
                "list_name": list_name,
                "name": choice.name,
                **self.texts("label", choice.label),
                **choice.filters,
                # pyxform fails on `::` in the names of columns of the author's own here.
                f"{CHAT} exclusive": _YES if choice.exclusive else None,
                **synonyms,
            }
        )

    def indicators(self) -> Iterator[str]:
        """What the answers come to, as JSON in lines; a document for each language."""
        texts = text_documents(self.questionnaire)
        for number, tag in enumerate(self.questionnaire.languages):
            if number:
                yield "---"
            document = (
                indicators_yaml(self.questionnaire, tag)
                if number == 0
                else {"language": tag, "indicators": texts[tag].get("indicators", {})}
            )
            yield from json.dumps(document, ensure_ascii=False, indent=0).splitlines()

    def texts(self, key: str, text: LocalizedText | None) -> Cells:
        written: Mapping[str, str] = text.texts if text else {}
        return {f"{key}::{self.names[tag]}": words for tag, words in written.items() if tag in self.names}


def _around(section: Section) -> tuple[Repeat, ...]:
    return section.repeat.path if section.repeat else ()


def _list_name(question: Question) -> str | None:
    return question.choice_list or (question.name if question.choices else None)


def _parameters(question: Question) -> str | None:
    if scale := question.scale:
        return " ".join(
            f"{key}={number:g}"
            for key, number in (("start", scale.start), ("end", scale.end), ("step", scale.step))
        )
    return "randomize=true" if question.randomize else None


def _in_group(source: str | None) -> str | None:
    """An expression of a question, which stands in a group of its repeat: for ODK one level further down."""
    return source and TURN.sub(lambda found: found[0].replace("..", "../..", 1), source)


def _said(cells: Mapping[str, str | None]) -> Cells:
    return {key: text for key, text in cells.items() if text}
