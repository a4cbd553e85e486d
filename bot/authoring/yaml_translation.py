"""A further language's YAML document: its texts go to the draft's, by path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.authoring.draft import TEXTS, DraftList, DraftText, Languages
from bot.authoring.problems import Place, Problems, did_you_mean, shown
from bot.authoring.states import Mark
from bot.authoring.written import Written
from bot.authoring.yaml_fields import Fields, below, read_mapping, read_text
from bot.authoring.yaml_source import Mapping as MappingNode
from bot.authoring.yaml_source import Node

_DOCUMENT = (
    *("language", "state", "title", "source", "parts", "sections", "choices", "questions", "indicators"),
    "states",
)
_CHOICE = ("label", "synonyms")


class Translations:
    """Reads the documents of further languages into the texts of one draft, or of the common lists."""

    def __init__(
        self,
        texts: Iterable[DraftText],
        lists: Mapping[str, DraftList],
        languages: Languages,
        problems: Problems,
    ) -> None:
        self._texts = {text.path: text for text in texts}
        self._choices = {c.label.path: c for list_ in lists.values() for c in list_.choices}
        self._names: dict[str, set[str]] = {}
        for path in self._texts:
            for group, name in _steps(path):
                self._names.setdefault(group, set()).add(name)
        self._languages = languages
        self._problems = problems
        self._places: dict[str, Place] = {}
        self._language = ""

    def read(self, node: Node, file: str, tag: str | None) -> None:
        """Take over the document's texts; `tag` is the language that the file's name says."""
        self._places = {"": Place(file, 1, 1) if tag else node.place}
        fields = Fields(node, "", _DOCUMENT, self._problems)
        language = fields.text("language", needed=True)
        self._language = self._check_language(language, fields.place, tag)
        if not self._language:
            return
        self._languages.places[self._language] = self._places
        self._places |= fields.keys
        for key in ("title", "source"):
            if (text := fields.text(key)) and self._exists("", key, fields.keys[key]):
                self._add(key, text)
        for group in ("parts", "sections", "indicators"):
            for name, value in fields.mapping(group):
                if self._exists(group, name.text, name.place):
                    self._read_text(below(group, name.text), value)
        for list_name, choices in fields.mapping("choices"):
            if self._exists("choices", list_name.text, list_name.place):
                self._read_choices(below("choices", list_name.text), choices)
        for name, value in fields.mapping("questions"):
            if self._exists("questions", name.text, name.place):
                self._read_question(below("questions", name.text), value)
        self._read_states(fields)

    def _check_language(self, language: Written | None, place: Place, tag: str | None) -> str:
        found = language.text if language else ""
        at = language.place if language else place
        if tag and language and found != tag:
            self._problems.error(
                at,
                "language",
                f"The file is named after the language `{tag}` but says `{shown(found)}`.",
                "Rename the file or correct `language:`.",
            )
        use = tag or found
        if use and use in self._languages.places:
            other = "the default language" if use == self._languages.default else "in another document"
            message = f"The texts of `{shown(use)}` are already there: it is {other}."
            self._problems.error(at, "language", message, "Keep one of the two.")
            return ""
        return use

    def _read_text(self, path: str, node: Node) -> None:
        if text := read_text(node, path, self._problems):
            self._add(path, text)

    def _read_choices(self, group: str, node: Node) -> None:
        for name, value in read_mapping(node, group, self._problems):
            path = below(group, name.text)
            if not self._exists(group, name.text, name.place):
                continue
            if not isinstance(value, MappingNode):
                self._read_text(path, value)
                continue
            fields = Fields(value, path, _CHOICE, self._problems)
            if text := fields.text("label", needed=True):
                self._add(path, text)
            if synonyms := fields.texts("synonyms"):
                self._choices[path].synonyms[self._language] = synonyms

    def _read_question(self, path: str, node: Node) -> None:
        fields = Fields(node, path, TEXTS, self._problems)
        for key, place in fields.keys.items():
            if self._exists(path, key, place) and (text := fields.text(key)):
                self._add(below(path, key), text)

    def _read_states(self, fields: Fields) -> None:
        """How far the whole is, and single texts by their paths."""
        marks = self._languages.marks.setdefault(self._language, {})
        if written := fields.text("state"):
            self._read_mark("", written, marks)
        for path, value in fields.mapping("states"):
            if path.text not in self._texts:
                message = f"There is no text `{shown(path.text)}`."
                remedy = did_you_mean(path.text, list(self._texts), "Remove the line.")
                self._problems.error(path.place, below("states", path.text), message, remedy)
            elif written := read_text(value, below("states", path.text), self._problems):
                self._read_mark(path.text, written, marks)

    def _read_mark(self, path: str, written: Written, marks: dict[str, Mark]) -> None:
        if mark := Mark.read(written.text):
            marks[path] = mark
            return
        message = f"`{shown(written.text)}` is no state of a text."
        self._problems.error(written.place, below("states", path), message, "Write `draft` or `reviewed`.")

    def _add(self, path: str, text: Written) -> None:
        self._places[path] = text.place
        self._texts[path].by_language[self._language] = text

    def _exists(self, group: str, name: str, place: Place) -> bool:
        """Whether there is a text, or a group of texts, of this name; a problem if not."""
        path = below(group, name)
        names = self._names.get(group, ())
        if name in names:
            self._places[path] = place
            return True
        self._problems.error(
            place,
            path,
            f"There is no `{shown(path)}` to translate.",
            did_you_mean(name, names, "Remove it, or add the text that it translates."),
        )
        return False


def _steps(path: str) -> Iterator[tuple[str, str]]:
    """`questions.a.label` → (`questions`, `a`), (`questions.a`, `label`); a choice's name may hold dots."""
    first, _, rest = path.partition(".")
    if not rest:
        yield "", first
        return
    second, _, third = rest.partition(".")
    yield first, second
    if third:
        yield f"{first}.{second}", third
