"""Scores as data: which questions of an instrument enter which of its numbers, and from whom they count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from bot.flows.expressions import Expression
from bot.flows.questionnaire import LocalizedText

DONT_KNOW, NOT_APPLICABLE = "dont_know", "not_applicable"
"""The codes that have no score; they mean the same in every list."""
ANY, NONE = "+", "*"
"""In a cell's name: each value of that axis, no value of it."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One way in which numbers differ, such as a policy domain or a section, and its values."""

    name: str
    values: tuple[str, ...]
    choices: str | None = None
    """The list of choices whose codes and words the values are."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is scored as one question: a question, or several of which a single *yes* is enough."""

    name: str
    section: str
    questions: tuple[str, ...]
    cells: tuple[str, ...]
    """One axis value each, with a slash between; `*` names none, `+` each choice by itself."""
    zero: Expression | None = None
    """When it scores 0 though it was not asked."""
    unknown: Expression | None = None
    """When it counts as *don't know* though it was not asked; what this looks at is part of the item."""

    @property
    def route(self) -> frozenset[str]:
        """The questions of which one on a person's route means that the item was asked."""
        return frozenset(self.questions) | (self.unknown.references if self.unknown else frozenset())

    def counts_in(self, column: Column) -> bool:
        """Whether a column takes it."""
        return not column.sections or self.section in column.sections


@dataclass(frozen=True, slots=True)
class Column:
    """The numbers of one kind of source; columns are never averaged together."""

    name: str
    sections: tuple[str, ...] = ()
    """Whose items count in it; empty for all."""
    of: Expression | None = None
    """Whose answers count in it."""
    per: str | None = None
    """The question by whose every answer the column is computed apart."""
    within: str | None = None
    """The question within whose answers the mean is taken first."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One column less another, for some numbers: `legal/*/*`, or `c2 - a1` where the two differ."""

    name: str
    column: str
    minus: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A round less the round that it follows, or the other way round, column by column."""

    name: str
    questionnaire: str
    """The key of what the followed round asks."""
    minus_this: bool = False
    """Whether this round is taken from the one that it follows."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hidden questions that hold places: the first that of the lowest number of the round that is followed."""

    columns: tuple[str, ...]
    """Where the numbers are looked up: the first column that has one of them."""
    places: tuple[tuple[str, str], ...]
    """Each question with its number; those without a result come last, and equal ones in this order."""


@dataclass(frozen=True)
class Indicators:
    """All that an instrument's answers come to."""

    axes: tuple[Axis, ...]
    numbers: tuple[str, ...]
    """Patterns of the numbers to compute: `+/*/*` is one for each value of the first axis."""
    items: tuple[Item, ...]
    columns: tuple[Column, ...]
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    rankings: tuple[Ranking, ...]
    labels: Mapping[str, LocalizedText]
    """Words for axes, values, columns, differences and changes, by name."""
    words_of: Mapping[str, str] = field(default_factory=dict)
    """The question or section whose words a value has, where it is not called the same."""

    def expand(self, pattern: str) -> Iterator[str]:
        """The numbers that a pattern stands for, in the order of the axes' values."""
        parts = pattern.split("/")
        choices = [a.values if part == ANY else (part,) for a, part in zip(self.axes, parts, strict=True)]
        return ("/".join(values) for values in product(*choices))

    def pairs(self, difference: Difference) -> Iterator[tuple[str, str]]:
        """The numbers that a difference takes from one another."""
        for written in difference.numbers:
            pattern, _, other = written.partition(" - ")
            yield from zip(self.expand(pattern), self.expand(other or pattern), strict=True)

    def members(self, number: str) -> Iterator[tuple[Item, tuple[int, ...]]]:
        """The items that enter a number, each once, and by which of its scores."""
        named = number.split("/")
        for item in self.items:
            places: set[int] = set()
            for cell in item.cells:
                places.update(self._places(cell.split("/"), named))
            if places:
                yield item, tuple(sorted(places))

    def facets(self, item: Item) -> tuple[str, ...]:
        """The choices that an item scores each by itself; none where it has a single score."""
        places = (cell.split("/").index(ANY) for cell in item.cells if ANY in cell.split("/"))
        return next((self.axes[place].values for place in places), ())

    def _places(self, cell: list[str], named: list[str]) -> Iterable[int]:
        """The scores by which a cell enters a number: it must name every value that the number stands for."""
        each: Iterable[int] = (0,)
        for axis, has, wants in zip(self.axes, cell, named, strict=True):
            if has == ANY:
                every = range(len(axis.values))
                each = every if wants == NONE else (axis.values.index(wants),)
            elif wants not in {NONE, has}:
                return ()
        return each


def scores_of(codes: Iterable[str]) -> Mapping[str, Fraction] | None:
    """What each choice of a list is worth: yes 1 and no 0, or steps evenly from 0 to 1; `None` for other lists."""
    graded = set(codes) - {DONT_KNOW, NOT_APPLICABLE}
    if graded == {"yes", "no"}:
        return {"yes": Fraction(1), "no": Fraction(0)}
    if len(graded) < 2 or not all(code.isascii() and code.isdecimal() for code in graded):
        return None
    low, high = min(map(int, graded)), max(map(int, graded))
    return {code: Fraction(int(code) - low, high - low) for code in graded} if low < high else None
