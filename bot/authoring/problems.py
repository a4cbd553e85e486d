"""What is wrong with a questionnaire's file: where, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.errors import TalanoaError


class Severity(StrEnum):
    """Whether a problem keeps a questionnaire from being used."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    """Nothing wrong: what is still to be done."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file, counted from 1; line 0 is the file as a whole, column 0 the whole line."""

    file: str
    line: int = 0
    column: int = 0
    sheet: str = ""
    """The sheet of a workbook, whose rows and columns are meant then."""

    def __str__(self) -> str:
        if self.sheet:
            return f"{self.file}:{self.sheet}{f'!{_letters(self.column)}{self.line}' if self.line else ''}"
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])

    @property
    def source(self) -> str:
        """The file, or the sheet of it."""
        return f"{self.file}:{self.sheet}" if self.sheet else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, as `talanoa check` prints it."""

    file: str
    line: int
    column: int
    path: str
    """What it is about, by names: `questions.a1_7.label`."""
    message: str
    remedy: str
    severity: Severity = Severity.ERROR
    sheet: str = ""

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.file, self.line, self.column, self.sheet)

    def __str__(self) -> str:
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        return f"{self.place}: {kind}{self.message} {self.remedy}".rstrip()


class QuestionnaireError(TalanoaError):
    """A questionnaire that cannot be used; carries every problem found, warnings too."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[QuestionnaireError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


@dataclass(slots=True)
class Problems:
    """The problems found so far."""

    found: list[Problem] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)
    """The files that were read, in order, and the sheets of workbooks."""
    runs_elsewhere: bool = False
    """Whether other programs run the questionnaire as it is."""

    def error(self, place: Place, path: str, message: str, remedy: str) -> None:
        """Add what keeps the questionnaire from being used."""
        self._add(place, path, message, remedy, Severity.ERROR)

    def doubt(self, place: Place, path: str, message: str, remedy: str) -> None:
        """Add what its author hardly meant: a warning where other programs run it all the same, else an error."""
        severity = Severity.WARNING if self.runs_elsewhere else Severity.ERROR
        self._add(place, path, message, remedy, severity)

    def warning(self, place: Place, path: str, message: str, remedy: str) -> None:
        """Add what its author should look at."""
        self._add(place, path, message, remedy, Severity.WARNING)

    def note(self, place: Place, path: str, message: str, remedy: str) -> None:
        """Add what is still to be done."""
        self._add(place, path, message, remedy, Severity.NOTE)

    def _add(self, place: Place, path: str, message: str, remedy: str, severity: Severity) -> None:
        words = (_visible(path), _visible(message), _visible(remedy))
        self.found.append(Problem(place.file, place.line, place.column, *words, severity, place.sheet))

    @property
    def fatal(self) -> bool:
        """Whether any of them is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.found)

    def in_order(self) -> list[Problem]:
        """Each once, as a reader meets them: file by file in the order in which the files were read."""
        files = {file: index for index, file in enumerate(self.files)}
        unique: dict[object, Problem] = {}
        for problem in self.found:
            unique.setdefault((problem.place, problem.message, problem.remedy, problem.severity), problem)
        return sorted(
            unique.values(),
            key=lambda p: (files.get(p.place.source, len(files)), p.file, p.line, p.column),
        )


def _letters(column: int) -> str:
    """A column as spreadsheets call it: A to Z, then AA."""
    letters = ""
    while column > 0:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


_MOST_COMPARED = 2_000
_LONGEST_SHOWN = 60
_MOST_LISTED = 24


def shown(text: str) -> str:
    """A text from a file as a message quotes it: on one line, not too long, nothing invisible."""
    return _visible(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…")


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def listed(names: Iterable[str]) -> str:
    """Names as a message lists them; a long list is cut short."""
    every = [f"`{shown(name)}`" for name in names]
    rest = len(every) - _MOST_LISTED
    return ", ".join(every) if rest <= 0 else f"{', '.join(every[:_MOST_LISTED])} and {rest} more"


def did_you_mean(word: str, known: Collection[str], otherwise: str) -> str:
    """The remedy for an unknown word: the nearest known one, or else `otherwise`."""
    if len(word) <= 64 and 0 < len(known) <= _MOST_COMPARED:
        nearest = process.extractOne(
            word.casefold(),
            known,
            scorer=OSA.distance,
            processor=str.casefold,
            score_cutoff=(len(word) + 1) // 3,
        )
        if nearest is not None:
            return f"Did you mean `{nearest[0]}`?"
    return otherwise
