"""The texts of a questionnaire's folder as a translator gets them, and what comes back → its language's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.authoring.check import check_draft, progress_of, progress_of_lists
from bot.authoring.documents import Document
from bot.authoring.draft import Draft, DraftChoice, DraftList, DraftText, Languages
from bot.authoring.problems import Place, Problem, Problems, Severity, did_you_mean, shown
from bot.authoring.progress import Progress
from bot.authoring.rows import Returned, Row, join_words, split_words, what_it_is
from bot.authoring.states import Mark, TextState, fingerprint
from bot.authoring.structure import check_list
from bot.authoring.texts import check_text, check_words
from bot.authoring.yaml_draft import QUESTIONNAIRE, read_draft, read_list_translations, read_lists
from bot.authoring.yaml_writer import translation_yaml

SYNONYMS = "synonyms"


@dataclass(frozen=True, slots=True)
class Source:
    """What is translated in one folder: a questionnaire, or common lists."""

    languages: Languages
    lists: Mapping[str, DraftList]
    texts: Mapping[str, DraftText]
    """By path; those that have words in the default language."""
    draft: Draft | None = None

    @property
    def choices(self) -> Iterator[tuple[str, DraftChoice]]:
        """Each choice with the path of its synonyms."""
        for name, choices in self.lists.items():
            for choice in choices.choices:
                yield f"{SYNONYMS}.{name}.{choice.name.text}", choice

    def file_of(self, language: str) -> Path:
        """Where the texts of a language belong."""
        return Path(self.languages.folder, f"{language}.yaml")

    def check(self, reserved: Mapping[str, frozenset[str]], problems: Problems) -> None:
        """Find what is wrong with the texts."""
        if self.draft:
            check_draft(self.draft, problems, reserved=reserved)
            return
        tags = (self.languages.default, *sorted(self.languages.places.keys() - {self.languages.default}))
        for text in self.texts.values():
            check_text(text, tags, self.languages, problems)
        for choices in self.lists.values():
            check_list(choices, problems)
            check_words(choices, tags, reserved, problems)

    def progress(self, language: str) -> Progress:
        """How far it is translated to a language that it has."""
        every = progress_of(self.draft) if self.draft else progress_of_lists(self.lists, self.languages)
        return next(one for one in every if one.language == language)


def read_texts(folder: Path, problems: Problems) -> Source | None:
    """What there is to translate in a folder; `None` if it cannot be read."""
    if (folder / QUESTIONNAIRE).is_file():
        draft = read_draft(folder, problems)
        if draft is None:
            return None
        own = {name: choices for name, choices in draft.lists.items() if not choices.common}
        return Source(draft.own, own, _written(draft.own_texts, draft.own), draft)
    lists, languages = read_lists(folder, problems)
    read_list_translations(folder, lists, languages, None, problems)
    labels = (choice.label for choices in lists.values() for choice in choices.choices)
    return Source(languages, lists, _written(labels, languages))


def _written(texts: Iterable[DraftText], languages: Languages) -> dict[str, DraftText]:
    return {text.path: text for text in texts if languages.default in text.by_language}


def rows_for(source: Source, language: str) -> list[Row]:
    """Every text to be translated, in order; after each choice its synonyms, if there are any."""
    types = {q.name.text: q.type.text for q in source.draft.questions} if source.draft else {}
    synonyms = {choice.label.path: (path, choice) for path, choice in source.choices}
    rows = []
    for path, text in source.texts.items():
        base, translated = text.by_language[source.languages.default].text, text.by_language.get(language)
        mark = source.languages.mark_of(language, path)
        state = "changed" if mark.is_of_other_words(base) else str(mark.state)
        words = translated.text if translated else ""
        rows.append(Row(path, what_it_is(path, types), base, words, state if words else ""))
        if path in synonyms:
            at, choice = synonyms[path]
            here, there = (
                join_words(written.text for written in choice.synonyms.get(tag, ()))
                for tag in (source.languages.default, language)
            )
            if here or there:
                rows.append(Row(at, what_it_is(at, types), here or base, there, state if there else ""))
    return rows


def take_back(
    source: Source,
    language: str,
    returned: Iterable[Returned],
    file: Place,
    reserved: Mapping[str, frozenset[str]],
) -> tuple[str, list[Problem]]:
    """A language's new YAML file, and the problems of what came back; with an error the file is not to be used.

    What did not come back stays as it is.
    """
    problems = Problems()
    _Taker(source, language, file, problems).take(returned)
    source.check(reserved, problems)
    theirs = {file.file, str(source.file_of(language))}
    found = [problem for problem in problems.in_order() if problem.file in theirs]
    return translation_yaml(_document(source, language)), found


class _Taker:
    """Puts what came back in the place of a language's texts."""

    def __init__(self, source: Source, language: str, file: Place, problems: Problems) -> None:
        self.source = source
        self.languages = source.languages
        self.language = language
        self.problems = problems
        self.choices = dict(source.choices)
        self.places = {**self.languages.places.get(language, {}), "": file}
        self.languages.places[language] = self.places
        old = self.languages.marks.get(language, {})
        self.marks = {path: old[path] for path in old if path}
        if "" in old:
            self.marks |= {
                p: old[""] for p, t in source.texts.items() if p not in old and language in t.by_language
            }
        self.languages.marks[language] = self.marks

    def take(self, returned: Iterable[Returned]) -> None:
        seen: dict[str, Place] = {}
        for one in returned:
            path = one.path.text
            if path in seen:
                message = f"`{shown(path)}` is already there at {seen[path]}."
                self.problems.error(one.path.place, path, message, "Keep one of the two.")
                continue
            seen[path] = one.path.place
            if path in self.choices:
                words = split_words(one.translation) if one.translation else ()
                self.choices[path].synonyms[self.language] = words
            elif path in self.source.texts:
                self.text(self.source.texts[path], one)
            else:
                known = [*self.source.texts, *self.choices]
                message = f"There is no text `{shown(path)}`."
                remedy = did_you_mean(path, known, "Remove it; paths are not translated.")
                self.problems.error(one.path.place, path, message, remedy)
        if not any(self.language in text.by_language for text in self.source.texts.values()):
            message = f"There is no translation to `{self.language}`."
            self.problems.error(self.places[""], "", message, "Translate some texts first.")
        for path, choice in self.choices.items():
            words = choice.synonyms.get(self.language, ())
            if words and self.language not in choice.label.by_language:
                message = f"There are synonyms for `{choice.name.text}`, and no text."
                self.problems.error(words[0].place, path, message, f"Translate `{choice.label.path}` too.")

    def text(self, text: DraftText, one: Returned) -> None:
        base = text.by_language[self.languages.default].text
        if one.base.strip() != base:
            message = f"The text is now “{shown(base)}”, not “{shown(one.base)}”."
            remedy = "Get the texts again with --output, and translate this one anew."
            self.problems.error(one.path.place, text.path, message, remedy)
            return
        before = text.by_language.pop(self.language, None)
        mark = self.marks.pop(text.path, Mark())
        self.places[text.path] = (
            one.path.place
        )  # without a text: left out on purpose, so that no check names it
        if one.translation is None:
            return
        text.by_language[self.language] = one.translation
        is_same = before is not None and before.text == one.translation.text
        still = one.state is TextState.DRAFT and is_same and mark.is_of_other_words(base)
        self.marks[text.path] = mark if still else Mark(one.state, fingerprint(base))


def _document(source: Source, language: str) -> Document:
    """A language's texts in the shape of a published version's."""
    document: Document = {"language": language}
    for path, text in source.texts.items():
        if written := text.by_language.get(language):
            *groups, name = path.split(
                ".", 1 if path.startswith(("parts.", "sections.", "indicators.")) else 2
            )
            if path == "source":
                groups = ["texts"]
            elif groups and groups[0] == "choices":
                groups, name = [*groups, name], "label"
            _below(document, groups)[name] = written.text
    for name, choices in source.lists.items():
        for choice in choices.choices:
            if words := choice.synonyms.get(language):
                _below(document, ["choices", name, choice.name.text])[SYNONYMS] = [w.text for w in words]
    marks = source.languages.marks.get(language, {})
    document["states"] = {
        path: str(marks[path])
        for path, text in source.texts.items()
        if path in marks and language in text.by_language
    }
    return document


def _below(document: Document, groups: list[str]) -> Document:
    for group in groups:
        document = document.setdefault(group, {})
    return document


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether something may not be used."""
    return any(problem.severity is Severity.ERROR for problem in problems)
