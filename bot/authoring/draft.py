"""A questionnaire as written, every word with its place, before it is checked; whatever format it came in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.authoring.problems import Place, Problems
from bot.authoring.states import DRAFT, Mark
from bot.authoring.written import Written
from bot.flows.questionnaire import Choice

if TYPE_CHECKING:
    from bot.authoring.indicators.draft import DraftIndicators

COUNTRY = "country"
"""The list of CLDR territories; it is filled from the language's words when a question is put."""

SELECTS = frozenset({"select_one", "select_multiple", "rank"})
"""The types that name a list of choices."""

TEXTS = (
    *("label", "hint", "guidance_hint", "constraint_message", "required_message"),
    *("start_label", "end_label"),
)
"""The texts that a question can have."""

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
    filters: dict[str, Written] = field(default_factory=dict)
    """What a `choice_filter` can look at, by the name of its column."""


@dataclass(slots=True)
class DraftList:
    """A named list of choices; a `common` one is shared by several questionnaires."""

    name: Written
    choices: list[DraftChoice]
    common: bool = False
    codes: tuple[Choice, ...] = ()
    """The choices without texts, once something had to know what can be chosen."""


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
    """By key, one of `TEXTS`."""
    number: Written | None = None
    required: Place | None = None
    """Where it says that it is required; `None` if it is not, or not always."""
    required_when: Written | None = None
    """A condition under which it is required."""
    relevant: Written | None = None
    constraint: Written | None = None
    calculation: Written | None = None
    """What a `calculate` computes; no other type has one."""
    default: Written | None = None
    """A value as XForms writes it, or an expression: one that holds `${…}` or a call."""
    choice_filter: Written | None = None
    """A condition on each choice: bare words are its `name` or a column of its `filters`."""
    or_other: Place | None = None
    """Where it says that other words than the choices' may be given."""
    randomize: Place | None = None
    """Where it says that each person gets the choices in an order of their own."""
    read_only: Place | None = None
    """Where it says that it is shown and keeps its default."""
    appearance: Written | None = None
    """Carried for other programs; a conversation has no use for it."""
    scale: DraftScale | None = None
    cells: tuple[Written, ...] = ()
    provenance: Written | None = None


@dataclass(frozen=True, slots=True)
class DraftRepeat:
    """What is asked again for each of several things; neighbouring sections with equal ones are asked together."""

    name: Written
    count: Written | None = None
    """How many times, an expression; without it people are asked after each whether there is another."""
    most: int | None = None
    """How many times at most, if not `DEFAULT_MOST`."""
    within: DraftRepeat | None = None
    """The repeat in each of whose turns it is asked."""

    @property
    def path(self) -> tuple[DraftRepeat, ...]:
        """It after those that it is in, the outermost first."""
        return (*(self.within.path if self.within else ()), self)


@dataclass(slots=True)
class DraftSection:
    """Questions under one title; nested groups are a section each, in order."""

    name: Written
    title: DraftText
    part: Written | None
    relevant: Written | None
    questions: list[DraftQuestion]
    within: tuple[Written, ...] = ()
    """The `relevant` of each group around this one, the outermost first: all must hold."""
    repeat: DraftRepeat | None = None

    @property
    def conditions(self) -> tuple[Written, ...]:
        """All that must hold for its questions to be asked."""
        return (*self.within, *((self.relevant,) if self.relevant else ()))


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
    marks: dict[str, dict[str, Mark]] = field(default_factory=dict)
    """How far each translation is, in the same way; that of the file is for all that have none of their own."""

    def mark_of(self, language: str, path: str) -> Mark:
        """How far the translation of a text is; a draft where nothing is said."""
        marks = self.marks.get(language, {})
        return marks.get(path) or marks.get("", DRAFT)

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
    indicators: DraftIndicators | None = None
    judge: Callable[[Problems], None] | None = None
    """What else may be wrong with it in the eyes of other programs of its format; asked when all is checked."""
    lent: dict[str, DraftText] = field(default_factory=dict)
    """Labels and titles that another questionnaire lends, by path."""
    lender: Languages = field(default_factory=lambda: Languages("", ""))
    """Where that questionnaire's texts are written."""

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
    def seen_texts(self) -> Iterator[tuple[DraftText, Languages]]:
        """Every text that people can see, each once, with where its languages are written."""
        own = ((text, self.own) for text in self.own_texts)
        shared = (choice.label for choices in self.used_lists if choices.common for choice in choices.choices)
        common = ((label, self.common) for label in shared)
        lent = ((text, self.lender) for text in self.lent.values())
        found = {text.path: (text, languages) for text, languages in (*own, *common, *lent)}
        yield from found.values()

    @property
    def own_texts(self) -> Iterator[DraftText]:
        """Every text of the questionnaire's own files."""
        return (text for text in self._texts if text.path not in self.lent)

    @property
    def _texts(self) -> Iterator[DraftText]:
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
        if self.indicators:
            yield from self.indicators.labels.values()
