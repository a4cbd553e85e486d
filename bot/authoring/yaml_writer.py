"""A `Questionnaire` → YAML, in the shape in which authors write it; reading it back gives an equal one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bot.authoring.check import check_draft
from bot.authoring.documents import Document, structure_document, text_documents
from bot.authoring.indicators.documents import indicators_yaml
from bot.authoring.problems import Problems
from bot.authoring.texts import ENGLISH_COMMANDS
from bot.authoring.yaml_draft import read_draft
from bot.flows.questionnaire import Questionnaire

_WIDTH = 110
_AS_THEY_ARE = ("calculation", "default", "choice_filter", "or_other", "randomize", "read_only", "appearance")


def translation_yaml(texts: Document) -> str:
    """The file of a further language, from its document."""
    return _dumped([_translation(texts)])


def to_yaml(
    questionnaire: Questionnaire,
    language: str | None = None,
    *,
    reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS,
) -> str:
    """The whole in one stream, a document per language; or only the document of `language`.

    The default language's document is the questionnaire itself; it says that it runs elsewhere where the check,
    with these `reserved` words, would refuse it otherwise, as with forms of other programs.
    """
    texts = text_documents(questionnaire)
    default = questionnaire.default_language
    base = _base(structure_document(questionnaire), texts[default])
    base["indicators"] = indicators_yaml(questionnaire, default)
    documents = {default: _present(base)}
    documents |= {tag: _translation(texts[tag]) for tag in questionnaire.languages if tag != default}
    if _is_refused(_dumped([*documents.values()]), reserved):
        documents[default] = _present(base | {"runs_elsewhere": True})
    return _dumped([*documents.values()] if language is None else [documents[language]])


def _is_refused(text: str, reserved: Mapping[str, frozenset[str]]) -> bool:
    problems = Problems()
    if draft := read_draft(Path("one.yaml"), problems, text=text):
        check_draft(draft, problems, reserved=reserved)
    return problems.fatal


def _dumped(documents: list[Document]) -> str:
    text: str = yaml.dump_all(
        documents,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        explicit_start=len(documents) > 1,
    )
    return text


class _Inline(dict[str, Any]):
    """A mapping on one line."""


class _Dumper(yaml.SafeDumper):
    """Indents lists, repeats what is shared, and writes numbers in plain digits."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out, since the reader takes no aliases."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent a list under its key."""
        super().increase_indent(flow, False)  # noqa: FBT003


def _represent_inline(dumper: yaml.SafeDumper, data: _Inline) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


def _represent_float(dumper: yaml.SafeDumper, data: float) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{Decimal(repr(data)):f}")


_Dumper.add_representer(_Inline, _represent_inline)
_Dumper.add_representer(float, _represent_float)


def _base(structure: Document, texts: Document) -> Document:
    """The questionnaire with its texts in the default language."""
    choices = texts.get("choices", {})
    return {
        "key": structure["key"],
        "version": structure["version"],
        "title": texts.get("title"),
        "default_language": structure["default_language"],
        "runs_elsewhere": None,
        "source": texts.get("texts", {}).get("source"),
        "choices": {
            _list_name(name): [
                _Inline(
                    _present(
                        {
                            "name": c["name"],
                            **choices[name][c["name"]],
                            "exclusive": c.get("exclusive"),
                            "filters": _Inline(c.get("filters", {})),
                        }
                    )
                )
                for c in members
            ]
            for name, members in structure["lists"].items()
        },
        "parts": [
            {"name": part["name"], "title": texts["parts"][part["name"]], **_without_name(part)}
            for part in structure["parts"]
        ],
        "sections": [
            _present(
                {
                    "name": section["name"],
                    "part": section.get("part"),
                    "title": texts["sections"][section["name"]],
                    "relevant": section.get("relevant"),
                    "repeat": section.get("repeat"),
                    "questions": [_question(q, texts["questions"][q["name"]]) for q in section["questions"]],
                }
            )
            for section in structure["sections"]
        ],
    }


def _question(question: Mapping[str, Any], texts: Mapping[str, Any]) -> Document:
    parameters = {
        **question.get("scale", {}),
        "start_label": texts.get("start_label"),
        "end_label": texts.get("end_label"),
    }
    list_name = question.get("choices")
    return _present(
        {
            "name": question["name"],
            "number": texts.get("number"),
            "type": f"{question['type']} {_list_name(list_name)}" if list_name else question["type"],
            "label": texts.get("label"),
            "hint": texts.get("hint"),
            "guidance_hint": texts.get("guidance_hint"),
            "required": question.get("required") or question.get("required_when"),
            "required_message": texts.get("required_message"),
            "relevant": question.get("relevant"),
            "constraint": question.get("constraint"),
            "constraint_message": texts.get("constraint_message"),
            **{key: question.get(key) for key in _AS_THEY_ARE},
            "parameters": _Inline(_present(parameters)),
            "cells": question.get("cells"),
            "provenance": texts.get("provenance"),
        }
    )


def _translation(texts: Document) -> Document:
    """A further language's texts."""
    choices = {
        _list_name(name): {
            code: _Inline(words) if "synonyms" in words else words["label"]
            for code, words in members.items()
            if "label" in words
        }
        for name, members in texts.get("choices", {}).items()
    }
    return _present(
        {
            "language": texts["language"],
            "title": texts.get("title"),
            "source": texts.get("texts", {}).get("source"),
            "parts": texts.get("parts"),
            "sections": texts.get("sections"),
            "choices": _present(choices),
            "questions": _present(texts.get("questions", {})),
            "indicators": texts.get("indicators"),
            "states": texts.get("states"),
        }
    )


def _list_name(name: str) -> str:
    """A list's name; choices that were given to one question alone are called after it."""
    return name.removeprefix("/")


def _present(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}


def _without_name(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "name"}
