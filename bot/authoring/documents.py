"""A `Questionnaire` ↔ JSON documents: one for its structure, which a version freezes, and one a language.

Texts may be revised while a version is in use; so with them go a question's number in the source and its
provenance, which are part of the default language's document.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from bot.authoring.expansion import expanded
from bot.authoring.formats import format_of, newest
from bot.authoring.indicators.documents import (
    indicator_words,
    indicators_document,
    indicators_from_document,
)
from bot.flows.expressions import Expression
from bot.flows.questionnaire import (
    Choice,
    LocalizedText,
    Part,
    Provenance,
    Question,
    Questionnaire,
    Repeat,
    Scale,
    Section,
)

Document: TypeAlias = dict[str, Any]

_SCALE = ("start", "end", "step")
_OWN_LIST = "/"
"""Begins the name of a list that has none of its own; no list's name in YAML can."""


def structure_document(questionnaire: Questionnaire) -> Document:
    """Names, codes, types and logic, without a single text; what is not said is false or absent."""
    indicators = indicators_document(questionnaire.indicators)
    document = {
        "key": questionnaire.key,
        "version": questionnaire.version,
        "default_language": questionnaire.default_language,
        "lists": {
            name: [
                _said({"name": c.name, "exclusive": c.exclusive, "filters": dict(c.filters)}) for c in choices
            ]
            for name, choices in lists_of(questionnaire).items()
        },
        "parts": [
            _said({"name": part.name, "always": part.always, "relevant": _source(part.relevant)})
            for part in questionnaire.parts
        ],
        "sections": [
            _said(
                {
                    "name": section.name,
                    "part": section.part,
                    "relevant": _source(section.relevant),
                    "repeat": _repeat_document(section.repeat),
                    "questions": [_question_document(question) for question in section.questions],
                }
            )
            for section in questionnaire.as_written
        ],
        **({"indicators": indicators} if indicators else {}),
    }
    return {"format": format_of(document), **document}


def text_documents(questionnaire: Questionnaire) -> dict[str, Document]:
    """Every text by language; shaped like a language's YAML file."""
    return {language: _text_document(questionnaire, language) for language in questionnaire.languages}


def structure_hash(structure: Mapping[str, Any]) -> str:
    """SHA-256 of a structure, whatever its version: two with the same hash differ in their texts alone."""
    hashed = {key: value for key, value in structure.items() if key != "version"}
    canonical = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def questionnaire_from_documents(
    structure: Mapping[str, Any], texts: Mapping[str, Mapping[str, Any]]
) -> Questionnaire:
    """The questionnaire that `structure_document` and `text_documents` were made from, in any format so far."""
    return expanded(_Restorer(newest(structure), texts).questionnaire())


def lists_of(questionnaire: Questionnaire) -> dict[str, tuple[Choice, ...]]:
    """The lists of choices by name, in the order of first use; a question's own list is `/` and its name."""
    named = ((_list_of(question), question.choices) for question in _questions(questionnaire))
    return {name: choices for name, choices in named if name and choices}


def _questions(questionnaire: Questionnaire) -> Iterator[Question]:
    """The questions as their author wrote them."""
    return (question for section in questionnaire.as_written for question in section.questions)


def _list_of(question: Question) -> str | None:
    own = f"{_OWN_LIST}{question.name}" if question.choices else None
    return question.choice_list or own


def _source(expression: Expression | None) -> str | None:
    return expression.source if expression else None


def _said(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in (None, False, [], {})}


def _question_document(question: Question) -> Document:
    scale = question.scale
    return _said(
        {
            "name": question.name,
            "type": question.type,
            "choices": _list_of(question),
            "scale": {name: _number(getattr(scale, name)) for name in _SCALE} if scale else None,
            "required": question.required,
            "relevant": _source(question.relevant),
            "constraint": _source(question.constraint),
            "cells": list(question.cells),
            "required_when": _source(question.required_when),
            "calculation": _source(question.calculation),
            "default": question.default,
            "choice_filter": _source(question.choice_filter),
            "or_other": question.or_other,
            "randomize": question.randomize,
            "read_only": question.read_only,
            "appearance": question.appearance,
        }
    )


def _repeat_document(repeat: Repeat | None) -> Document | None:
    if repeat is None:
        return None
    return _said(
        {
            "name": repeat.name,
            "count": _source(repeat.count),
            "most": repeat.most,
            "within": _repeat_document(repeat.within),
        }
    )


def _number(number: float) -> float:
    return int(number) if float(number).is_integer() else number


def _text_document(questionnaire: Questionnaire, language: str) -> Document:
    def text(localized: LocalizedText | None) -> str | None:
        return localized.texts.get(language) if localized else None

    def question_texts(question: Question) -> Document:
        scale, default = question.scale, language == questionnaire.default_language
        return _said(
            {
                "number": question.number if default else None,
                "label": text(question.label),
                "hint": text(question.hint),
                "guidance_hint": text(question.guidance_hint),
                "required_message": text(question.required_message),
                "constraint_message": text(question.constraint_message),
                "start_label": text(scale.start_label) if scale else None,
                "end_label": text(scale.end_label) if scale else None,
                "provenance": str(question.provenance) if default and question.provenance else None,
            }
        )

    return _said(
        {
            "language": language,
            "title": text(questionnaire.title),
            "texts": {
                name: texts[language] for name, texts in questionnaire.texts.items() if language in texts
            },
            "parts": _said({part.name: text(part.title) for part in questionnaire.parts}),
            "sections": _said({section.name: text(section.title) for section in questionnaire.as_written}),
            "choices": {
                name: {
                    choice.name: _said(
                        {"label": text(choice.label), "synonyms": list(choice.synonyms.get(language, ()))}
                    )
                    for choice in choices
                }
                for name, choices in lists_of(questionnaire).items()
            },
            "questions": {q.name: question_texts(q) for q in _questions(questionnaire)},
            "indicators": indicator_words(questionnaire.indicators, language),
            "states": dict(questionnaire.states.get(language, {})),
        }
    )


class _Restorer:
    def __init__(self, structure: Mapping[str, Any], texts: Mapping[str, Mapping[str, Any]]) -> None:
        self.structure = structure
        self.default: str = structure["default_language"]
        self.languages = (self.default, *sorted(set(texts) - {self.default}))
        self.texts = texts
        self.lists = {
            name: tuple(self.choice(choice, ("choices", name, choice["name"])) for choice in choices)
            for name, choices in structure["lists"].items()
        }

    def questionnaire(self) -> Questionnaire:
        structure = self.structure
        names = dict.fromkeys(n for language in self.languages for n in self.texts[language].get("texts", ()))
        return Questionnaire(
            key=structure["key"],
            version=structure["version"],
            title=self.text("title"),
            default_language=self.default,
            languages=self.languages,
            sections=tuple(map(self.section, structure["sections"])),
            parts=tuple(map(self.part, structure["parts"])),
            texts={name: dict(self.found(("texts", name))) for name in names},
            states={tag: self.texts[tag]["states"] for tag in self.languages if "states" in self.texts[tag]},
            indicators=indicators_from_document(
                structure.get("indicators"), lambda name: self.text("indicators", name)
            ),
        )

    def part(self, part: Mapping[str, Any]) -> Part:
        title = self.text("parts", part["name"])
        return Part(part["name"], title, _expression(part.get("relevant")), part.get("always", False))

    def section(self, section: Mapping[str, Any]) -> Section:
        return Section(
            name=section["name"],
            title=self.text("sections", section["name"]),
            questions=tuple(map(self.question, section.get("questions", ()))),
            part=section.get("part"),
            relevant=_expression(section.get("relevant")),
            repeat=_repeat(section.get("repeat")),
        )

    def question(self, question: Mapping[str, Any]) -> Question:
        path = ("questions", question["name"])
        base = self.texts[self.default].get("questions", {}).get(question["name"], {})
        list_name: str | None = question.get("choices")
        provenance = base.get("provenance")
        return Question(
            name=question["name"],
            type=question["type"],
            label=self.text(*path, "label"),
            number=base.get("number"),
            hint=self.optional(*path, "hint"),
            choices=self.lists.get(list_name, ()) if list_name else (),
            choice_list=None if list_name and list_name.startswith(_OWN_LIST) else list_name,
            scale=self.scale(question.get("scale"), path),
            required=question.get("required", False),
            relevant=_expression(question.get("relevant")),
            constraint=_expression(question.get("constraint")),
            constraint_message=self.optional(*path, "constraint_message"),
            cells=tuple(question.get("cells", ())),
            provenance=Provenance(provenance) if provenance else None,
            required_when=_expression(question.get("required_when")),
            required_message=self.optional(*path, "required_message"),
            guidance_hint=self.optional(*path, "guidance_hint"),
            calculation=_expression(question.get("calculation")),
            default=question.get("default"),
            choice_filter=_expression(question.get("choice_filter"), is_filter=True),
            or_other=question.get("or_other", False),
            randomize=question.get("randomize", False),
            read_only=question.get("read_only", False),
            appearance=question.get("appearance"),
        )

    def scale(self, scale: Mapping[str, float] | None, path: tuple[str, ...]) -> Scale | None:
        if scale is None:
            return None
        labels = (self.optional(*path, "start_label"), self.optional(*path, "end_label"))
        return Scale(scale["start"], scale["end"], scale["step"], *labels)

    def choice(self, choice: Mapping[str, Any], path: tuple[str, ...]) -> Choice:
        synonyms = {language: tuple(words) for language, words in self.found((*path, "synonyms"))}
        label, exclusive = self.text(*path, "label"), choice.get("exclusive", False)
        return Choice(choice["name"], label, synonyms, exclusive, choice.get("filters", {}))

    def text(self, *path: str) -> LocalizedText:
        return LocalizedText(dict(self.found(path)), self.default)

    def optional(self, *path: str) -> LocalizedText | None:
        text = self.text(*path)
        return text if text.texts else None

    def found(self, path: tuple[str, ...]) -> Iterable[tuple[str, Any]]:
        """What stands at a path in each language that has it."""
        for language in self.languages:
            node: Any = self.texts[language]
            for name in path:
                node = node.get(name, {})
            if node:
                yield language, node


def _expression(source: str | None, *, is_filter: bool = False) -> Expression | None:
    return Expression.parse(source, is_filter=is_filter) if source else None


def _repeat(repeat: Mapping[str, Any] | None) -> Repeat | None:
    if repeat is None:
        return None
    count, within = _expression(repeat.get("count")), _repeat(repeat.get("within"))
    return Repeat(repeat["name"], count, repeat["most"], within)
