"""A questionnaire's YAML files → a `Draft`: their shape is checked here, their meaning later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.authoring.draft import (
    Draft,
    DraftChoice,
    DraftList,
    DraftPart,
    DraftQuestion,
    DraftRepeat,
    DraftScale,
    DraftSection,
    DraftText,
    Languages,
)
from bot.authoring.indicators.draft import DraftIndicators
from bot.authoring.indicators.reader import FILE, PATH, indicators_beside, read_indicators
from bot.authoring.problems import Place, Problems, did_you_mean, shown
from bot.authoring.written import Written
from bot.authoring.yaml_fields import Fields, or_other_of, read_items, read_text, type_and_list
from bot.authoring.yaml_source import Mapping, Node, parse_documents, read_documents
from bot.authoring.yaml_translation import Translations
from bot.flows.questionnaire import SILENT

QUESTIONNAIRE = "questionnaire.yaml"
LISTS = "lists.yaml"
INSTRUMENTS = Path(__file__).parents[1] / "flows" / "instruments"
"""The questionnaires that come with the program, and the lists they share in `common`."""

LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)

_BASE = (
    "key",
    "version",
    "title",
    "default_language",
    "runs_elsewhere",
    "source",
    "texts_from",
    "choices",
    "parts",
    "sections",
    "indicators",
)
_PART = ("name", "title", "always", "relevant")
_SECTION = ("name", "part", "title", "relevant", "repeat", "questions")
_REPEAT = ("name", "count", "most", "within")
_QUESTION_TEXTS = ("hint", "guidance_hint", "constraint_message", "required_message")
_QUESTION = (
    *(
        "name",
        "number",
        "type",
        "label",
        *_QUESTION_TEXTS,
        "required",
        "relevant",
        "constraint",
        "calculation",
    ),
    *("default", "choice_filter", "or_other", "randomize", "read_only", "appearance", "parameters", "cells"),
    "provenance",
)
_PARAMETERS = ("start", "end", "step", "start_label", "end_label")
_CHOICE = ("name", "label", "synonyms", "exclusive", "filters")


def read_draft(
    path: Path, problems: Problems, *, lends: bool = False, text: str | None = None
) -> Draft | None:
    """The questionnaire in a folder, or in one file with a document per language; `None` without a base.

    One that `lends` its texts to another cannot itself take texts from a third. `text` is what the file would
    hold, where there is none yet.
    """
    base = path / QUESTIONNAIRE if path.is_dir() else path
    whole_folder = base.name == QUESTIONNAIRE
    documents = _documents(base, problems, text)
    if not documents:
        if whole_folder:
            _read_languages(base, None, problems)
        return None
    beside = base.parent.parent if whole_folder else base.parent
    reader = _Reader(base, problems, beside=None if lends else beside)
    draft = reader.questionnaire(documents[0])
    if whole_folder and (beside_it := indicators_beside(base, draft, problems)):
        draft.indicators = reader.indicators(beside_it)
    translations = Translations(draft.own_texts, draft.lists, draft.own, problems)
    for document in documents[1:]:
        translations.read(document, str(base), None)
    if whole_folder:
        _read_languages(base, translations, problems)
    common = beside / "common"
    _add_common_lists(common if (common / LISTS).is_file() else INSTRUMENTS / "common", draft, problems)
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


def _documents(path: Path, problems: Problems, text: str | None = None) -> tuple[Mapping, ...]:
    """The documents of a file that is not empty; what is no mapping is left out."""
    before = len(problems.found)
    documents = read_documents(path, problems) if text is None else parse_documents(text, str(path), problems)
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
        if file == base or file.name == FILE or (only is not None and tag not in only):
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


@dataclass(slots=True)
class _Reader:
    """Reads the file in which everything is named."""

    file: Path
    problems: Problems
    language: str = "en"
    beside: Path | None = None
    """Where questionnaires lie whose texts this one may take."""
    offered: dict[str, DraftText] = field(default_factory=dict)
    taken: dict[str, DraftText] = field(default_factory=dict)

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
        indicators = fields.node(PATH)
        lender = self.lender(fields)
        self.offered = {text.path: text for text in lender.own_texts} if lender else {}
        self.problems.runs_elsewhere = fields.flag("runs_elsewhere")
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
            indicators=self.indicators(indicators) if indicators else None,
            lent=self.taken,
            lender=lender.own if lender else Languages("", ""),
        )

    def text(self, fields: Fields, key: str, path: str) -> DraftText | None:
        return self.needed_text(fields, key, path) if key in fields else None

    def lender(self, fields: Fields) -> Draft | None:
        """The questionnaire whose labels and titles stand where this one says none of its own."""
        name = fields.text("texts_from")
        if name is None:
            return None
        roots = (INSTRUMENTS, self.beside) if self.beside else ()
        folders = {
            file.parent.name: file.parent for root in roots for file in root.glob(f"*/{QUESTIONNAIRE}")
        }
        if name.text in folders:
            return read_draft(folders[name.text], self.problems, lends=True)
        if self.beside:
            message = f"There is no questionnaire `{shown(name.text)}` to take texts from."
            remedy = did_you_mean(name.text, list(folders), "Name a folder beside this questionnaire's.")
        else:
            message = "A questionnaire that others take texts from takes none itself."
            remedy = "Write its labels and titles here, or let the others name where they are written."
        self.problems.error(name.place, "texts_from", message, remedy)
        return None

    def indicators(self, node: Node) -> DraftIndicators:
        return read_indicators(node, self.language, self.problems, self.lend)

    def lend(self, path: str) -> DraftText | None:
        """The text that another questionnaire has at a path; it is the same one in both."""
        if path in self.offered:
            self.taken[path] = self.offered[path]
        return self.offered.get(path)

    def needed_text(self, fields: Fields, key: str, path: str) -> DraftText:
        if key not in fields and (text := self.lend(path)):
            return text
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
        columns = fields.mapping("filters")
        return DraftChoice(
            name,
            label,
            {self.language: synonyms} if synonyms else {},
            fields.flag("exclusive"),
            {c.text: t for c, n in columns if (t := read_text(n, f"{path}.{c.text}", self.problems))},
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
            yield DraftSection(
                name,
                title,
                section.text("part"),
                section.text("relevant"),
                questions,
                repeat=self.repeat(section),
            )

    def repeat(self, around: Fields, key: str = "repeat") -> DraftRepeat | None:
        node = around.node(key)
        if node is None:
            return None
        fields = Fields(node, f"{around.path}.{key}", _REPEAT, self.problems)
        name, most = fields.text("name", needed=True), fields.number("most")
        if isinstance(most, float):
            self.problems.error(
                fields.keys["most"], f"{fields.path}.most", f"`most` is {most}.", "Use a whole number."
            )
        count, within = fields.text("count"), self.repeat(fields, "within")
        return DraftRepeat(name, count, None if most is None else int(most), within) if name else None

    def question(self, node: Node, path: str) -> DraftQuestion | None:
        fields = Fields(node, path, _QUESTION, self.problems)
        name = fields.text("name", needed=True)
        written_type = fields.text("type", needed=True)
        if name is None:
            return None
        base = fields.path = f"questions.{name.text}"
        type_name, list_name = type_and_list(written_type) if written_type else (None, None)
        silent = type_name is not None and type_name.text in SILENT and "label" not in fields
        at = f"{base}.label"
        texts = {"label": DraftText(at) if silent else self.needed_text(fields, "label", at)}
        for key in _QUESTION_TEXTS:
            if text := self.text(fields, key, f"{base}.{key}"):
                texts[key] = text
        required, condition = fields.flag_or_text("required")
        list_name, other = or_other_of(list_name, fields)
        return DraftQuestion(
            name=name,
            type=type_name or Written("", fields.place),
            list_name=list_name,
            texts=texts,
            number=fields.text("number"),
            required=required,
            required_when=condition,
            relevant=fields.text("relevant"),
            constraint=fields.text("constraint"),
            calculation=fields.text("calculation"),
            default=fields.word("default"),
            choice_filter=fields.text("choice_filter"),
            or_other=other or fields.mark("or_other"),
            randomize=fields.mark("randomize"),
            read_only=fields.mark("read_only"),
            appearance=fields.text("appearance"),
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
