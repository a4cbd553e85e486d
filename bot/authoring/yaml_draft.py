"""A questionnaire's YAML files → a `Draft`: their shape is checked here, their meaning later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.authoring.draft import (
    Draft,
    DraftChoice,
    DraftList,
    DraftPart,
    DraftQuestion,
    DraftScale,
    DraftSection,
    DraftText,
    Languages,
)
from bot.authoring.problems import Place, Problems, shown
from bot.authoring.written import Written
from bot.authoring.yaml_fields import Fields, read_items
from bot.authoring.yaml_source import Mapping, Node, read_documents
from bot.authoring.yaml_translation import Translations

QUESTIONNAIRE = "questionnaire.yaml"
LISTS = "lists.yaml"
INSTRUMENTS = Path(__file__).parents[1] / "flows" / "instruments"
"""The questionnaires that come with the program, and the lists they share in `common`."""

LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)

_BASE = ("key", "version", "title", "default_language", "source", "choices", "parts", "sections")
_PART = ("name", "title", "always", "relevant")
_SECTION = ("name", "part", "title", "relevant", "questions")
_QUESTION = (
    *("name", "number", "type", "label", "hint", "required", "relevant", "constraint", "constraint_message"),
    *("parameters", "cells", "provenance"),
)
_PARAMETERS = ("start", "end", "step", "start_label", "end_label")
_CHOICE = ("name", "label", "synonyms", "exclusive")


def read_draft(path: Path, problems: Problems) -> Draft | None:
    """The questionnaire in a folder, or in one file with a document per language; `None` without a base."""
    base = path / QUESTIONNAIRE if path.is_dir() else path
    whole_folder = base.name == QUESTIONNAIRE
    documents = _documents(base, problems)
    if not documents:
        if whole_folder:
            _read_languages(base, None, problems)
        return None
    draft = _Reader(base, problems).questionnaire(documents[0])
    translations = Translations(draft.own_texts, draft.lists, draft.own, problems)
    for document in documents[1:]:
        translations.read(document, str(base), None)
    if whole_folder:
        _read_languages(base, translations, problems)
    beside = (base.parent.parent if whole_folder else base.parent) / "common"
    _add_common_lists(beside if (beside / LISTS).is_file() else INSTRUMENTS / "common", draft, problems)
    return draft


def read_lists(folder: Path, problems: Problems) -> tuple[dict[str, DraftList], Languages]:
    """The lists of a `common` folder in the language they are written in."""
    base = folder / LISTS
    languages = Languages(str(folder), "en")
    documents = _documents(base, problems)
    if not documents:
        return {}, languages
    reader = _Reader(base, problems)
    fields = Fields(documents[0], "", ("default_language", "choices"), problems)
    languages.default = reader.language = _default_language(fields, problems, needed=False)
    languages.places[languages.default] = {"": Place(str(base))}
    return dict(reader.lists(fields, common=True)), languages


def read_list_translations(
    folder: Path,
    lists: dict[str, DraftList],
    languages: Languages,
    only: frozenset[str] | None,
    problems: Problems,
) -> None:
    """Add to common lists what their choices are called in other languages: those in `only`, or all."""
    labels = (choice.label for choices in lists.values() for choice in choices.choices)
    _read_languages(folder / LISTS, Translations(labels, lists, languages, problems), problems, only)


def _documents(path: Path, problems: Problems) -> tuple[Mapping, ...]:
    """The documents of a file that is not empty; what is no mapping is left out."""
    before = len(problems.found)
    documents = read_documents(path, problems)
    for document in documents:
        if not isinstance(document, Mapping):
            message = "The file does not consist of keys with values."
            problems.error(
                document.place, "", message, "Write `key: value` lines, without a dash before them."
            )
    if not documents and len(problems.found) == before:
        problems.error(Place(str(path), 1, 1), "", "The file is empty.", "Write it, or remove it.")
    return tuple(document for document in documents if isinstance(document, Mapping))


def _add_common_lists(folder: Path, draft: Draft, problems: Problems) -> None:
    wanted = {question.list_name.text for question in draft.questions if question.list_name}
    if not wanted - set(draft.lists):
        return
    lists, draft.common = read_lists(folder, problems)
    read_list_translations(folder, lists, draft.common, frozenset(draft.languages), problems)
    draft.lists = lists | draft.lists


def _read_languages(
    base: Path, translations: Translations | None, problems: Problems, only: frozenset[str] | None = None
) -> None:
    """Read the files beside `base`, named after their languages; without `translations`, their syntax alone."""
    for file in sorted(base.parent.glob("*.y*ml")):
        tag = file.stem
        if file == base or (only is not None and tag not in only):
            continue
        if not LANGUAGE_TAG.fullmatch(tag) or file.suffix != ".yaml":
            message = f"`{file.name}` is not the name of a language's file."
            problems.error(
                Place(str(file)), "", message, "Call it by its language tag, such as fr.yaml or pt-br.yaml."
            )
            continue
        documents = _documents(file, problems)
        if len(documents) > 1:
            place = documents[1].place
            problems.error(
                place, "", "A second document begins here.", "A language's file holds one: remove the `---`."
            )
        if documents and translations:
            translations.read(documents[0], str(file), tag)


def _default_language(fields: Fields, problems: Problems, *, needed: bool) -> str:
    """The language that a file is written in; English where it does not say."""
    written = fields.text("default_language", needed=needed)
    if written is None or LANGUAGE_TAG.fullmatch(written.text):
        return written.text if written else "en"
    message = f"`{shown(written.text)}` is not a language tag."
    problems.error(written.place, "default_language", message, "Write it in lower case, such as fr or pt-br.")
    return "en"


def _type_and_list(written: Written) -> tuple[Written, Written | None]:
    """`select_one ynd` → the type and the list, each with its own place."""
    name, _, rest = written.text.partition(" ")
    list_name = rest.strip()
    if not list_name:
        return written, None
    start = len(written.text) - len(rest.lstrip())
    return Written(name, written.place), Written(list_name, written.at(start))


@dataclass(slots=True)
class _Reader:
    """Reads the file in which everything is named."""

    file: Path
    problems: Problems
    language: str = "en"

    def questionnaire(self, node: Node) -> Draft:
        fields = Fields(node, "", _BASE, self.problems)
        key = fields.text("key", needed=True)
        version = fields.number("version", needed=True)
        if version is not None and (isinstance(version, float) or version < 1):
            message = f"The version is {version}."
            self.problems.error(fields.keys["version"], "version", message, "Use a whole number from 1 on.")
        self.language = _default_language(fields, self.problems, needed=True)
        source = self.text(fields, "source", "source")
        if source:
            source.optional = True
        own = Languages(str(self.file.parent), self.language)
        own.places[self.language] = {"": Place(str(self.file))}
        return Draft(
            key=key,
            version=int(version) if version is not None else None,
            title=self.needed_text(fields, "title", "title"),
            default_language=self.language,
            source=source,
            lists=dict(self.lists(fields)),
            parts=list(self.parts(fields)),
            sections=list(self.sections(fields)),
            own=own,
            common=Languages(str(INSTRUMENTS / "common"), "en"),
        )

    def text(self, fields: Fields, key: str, path: str) -> DraftText | None:
        return self.needed_text(fields, key, path) if key in fields else None

    def needed_text(self, fields: Fields, key: str, path: str) -> DraftText:
        written = fields.text(key, needed=True)
        return DraftText(path, {self.language: written} if written else {})

    def lists(self, fields: Fields, *, common: bool = False) -> Iterator[tuple[str, DraftList]]:
        for name, node in fields.mapping("choices"):
            path = f"choices.{name.text}"
            items = enumerate(read_items(node, path, self.problems), start=1)
            choices = [choice for index, item in items if (choice := self.choice(item, path, index))]
            yield name.text, DraftList(name, choices, common)

    def choice(self, node: Node, path: str, index: int) -> DraftChoice | None:
        fields = Fields(node, f"{path}[{index}]", _CHOICE, self.problems)
        name = fields.text("name", needed=True)
        if name is None:
            return None
        label = self.needed_text(fields, "label", f"{path}.{name.text}")
        synonyms = fields.texts("synonyms")
        return DraftChoice(
            name, label, {self.language: synonyms} if synonyms else {}, fields.flag("exclusive")
        )

    def parts(self, fields: Fields) -> Iterator[DraftPart]:
        for index, node in enumerate(fields.items("parts"), start=1):
            part = Fields(node, f"parts[{index}]", _PART, self.problems)
            if name := part.text("name", needed=True):
                title = self.needed_text(part, "title", f"parts.{name.text}")
                yield DraftPart(name, title, part.text("relevant"), part.flag("always"))

    def sections(self, fields: Fields) -> Iterator[DraftSection]:
        for index, node in enumerate(fields.items("sections", needed=True), start=1):
            section = Fields(node, f"sections[{index}]", _SECTION, self.problems)
            questions = [
                question
                for number, item in enumerate(section.items("questions", needed=True), start=1)
                if (question := self.question(item, f"{section.path}.questions[{number}]"))
            ]
            name = section.text("name", needed=True) or Written("", section.place)
            title = self.needed_text(section, "title", f"sections.{name.text}")
            yield DraftSection(name, title, section.text("part"), section.text("relevant"), questions)

    def question(self, node: Node, path: str) -> DraftQuestion | None:
        fields = Fields(node, path, _QUESTION, self.problems)
        name = fields.text("name", needed=True)
        written_type = fields.text("type", needed=True)
        if name is None:
            return None
        base = fields.path = f"questions.{name.text}"
        texts = {"label": self.needed_text(fields, "label", f"{base}.label")}
        for key in ("hint", "constraint_message"):
            if text := self.text(fields, key, f"{base}.{key}"):
                texts[key] = text
        type_name, list_name = _type_and_list(written_type) if written_type else (None, None)
        return DraftQuestion(
            name=name,
            type=type_name or Written("", fields.place),
            list_name=list_name,
            texts=texts,
            number=fields.text("number"),
            required=fields.keys["required"] if fields.flag("required") else None,
            relevant=fields.text("relevant"),
            constraint=fields.text("constraint"),
            scale=self.scale(fields, base, texts),
            cells=fields.texts("cells"),
            provenance=fields.text("provenance"),
        )

    def scale(self, fields: Fields, base: str, texts: dict[str, DraftText]) -> DraftScale | None:
        node = fields.node("parameters")
        if node is None:
            return None
        parameters = Fields(node, f"{base}.parameters", _PARAMETERS, self.problems)
        for key in ("start_label", "end_label"):
            if text := self.text(parameters, key, f"{base}.{key}"):
                texts[key] = text
        step = parameters.number("step") if "step" in parameters else 1
        return DraftScale(
            parameters.place,
            parameters.number("start", needed=True),
            parameters.number("end", needed=True),
            step,
        )
