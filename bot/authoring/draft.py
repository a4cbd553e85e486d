"""A questionnaire as written, every word with its place, before it is checked; whatever format it came in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.authoring.problems import Place
from bot.authoring.written import Written

COUNTRY = "country"
"""The list of CLDR territories; it is filled from the language's words when a question is put."""

SELECTS = frozenset({"select_one", "select_multiple"})
"""The types that name a list of choices."""

REFERENCE = re.compile(r"\$\{([^{}]*)\}")
"""`${name}`: the answer to another question."""


@dataclass(slots=True)
class DraftText:
    """One text in each language that has it; `path` names it in every language's file."""

    path: str
    by_language: dict[str, Written] = field(default_factory=dict)
    optional: bool = False
    """Whether a translation may leave it out."""


@dataclass(slots=True)
class DraftChoice:
    """One option of a list."""

    name: Written
    label: DraftText
    synonyms: dict[str, tuple[Written, ...]]
    exclusive: bool


@dataclass(slots=True)
class DraftList:
    """A named list of choices; a `common` one is shared by several questionnaires."""

    name: Written
    choices: list[DraftChoice]
    common: bool = False


@dataclass(frozen=True, slots=True)
class DraftScale:
    """The numbers of a `range`, as far as they were given."""

    place: Place
    start: int | float | None
    end: int | float | None
    step: int | float | None


@dataclass(slots=True)
class DraftQuestion:
    """One question."""

    name: Written
    type: Written
    list_name: Written | None
    texts: dict[str, DraftText]
    """By key: `label`, `hint`, `constraint_message`, `start_label`, `end_label`."""
    number: Written | None
    required: Place | None
    """Where it says that it is required; `None` if it is not."""
    relevant: Written | None
    constraint: Written | None
    scale: DraftScale | None
    cells: tuple[Written, ...]
    provenance: Written | None


@dataclass(slots=True)
class DraftSection:
    """Questions under one title."""

    name: Written
    title: DraftText
    part: Written | None
    relevant: Written | None
    questions: list[DraftQuestion]


@dataclass(slots=True)
class DraftPart:
    """A part that a round may leave out."""

    name: Written
    title: DraftText
    relevant: Written | None
    always: bool


@dataclass(slots=True)
class Languages:
    """Where the texts of each language are written, for what is missing there."""

    folder: str
    default: str
    places: dict[str, dict[str, Place]] = field(default_factory=dict)
    """By language tag, then by path; the path `` is the file."""

    def place_of(self, language: str, path: str) -> Place:
        """Where a text that is missing belongs: the nearest thing around it that is there."""
        places = self.places.get(language)
        if places is None:
            return Place(f"{self.folder}/{language}.yaml")
        while path and path not in places:
            path = path.rpartition(".")[0]
        return places[path]


@dataclass(slots=True)
class Draft:
    """A whole questionnaire."""

    key: Written | None
    version: int | None
    title: DraftText
    default_language: str
    source: DraftText | None
    lists: dict[str, DraftList]
    parts: list[DraftPart]
    sections: list[DraftSection]
    own: Languages
    common: Languages

    @property
    def languages(self) -> tuple[str, ...]:
        """The default language, then the others in alphabetical order."""
        return (self.default_language, *sorted(set(self.own.places) - {self.default_language}))

    @property
    def questions(self) -> Iterator[DraftQuestion]:
        """Every question, in order."""
        return (question for section in self.sections for question in section.questions)

    @property
    def used_lists(self) -> Iterator[DraftList]:
        """The lists that questions use, each once, in the order of first use."""
        names = dict.fromkeys(question.list_name.text for question in self.questions if question.list_name)
        return (self.lists[name] for name in names if name in self.lists)

    @property
    def own_texts(self) -> Iterator[DraftText]:
        """Every text of the questionnaire's own files."""
        yield self.title
        if self.source:
            yield self.source
        yield from (part.title for part in self.parts)
        for section in self.sections:
            yield section.title
            for question in section.questions:
                yield from question.texts.values()
        for choices in self.lists.values():
            if not choices.common:
                yield from (choice.label for choice in choices.choices)
