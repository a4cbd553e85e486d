"""`indicators.yaml` as written, every word with its place, before it is checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.authoring.draft import DraftText
from bot.authoring.problems import Place
from bot.authoring.written import Written


@dataclass(frozen=True, slots=True)
class DraftAxis:
    """An axis, with its values or the list of choices that they are."""

    name: Written
    list_name: Written | None
    values: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class DraftColumn:
    """A column."""

    name: Written
    sections: tuple[Written, ...]
    of: Written | None
    per: Written | None
    within: Written | None


@dataclass(frozen=True, slots=True)
class DraftDifference:
    """A difference between two columns."""

    name: Written
    column: Written | None
    minus: Written | None
    numbers: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What a round is compared with that it follows."""

    name: Written
    questionnaire: Written | None
    minus: Written | None


@dataclass(frozen=True, slots=True)
class DraftRanking:
    """Questions that hold the places of numbers."""

    columns: tuple[Written, ...]
    places: tuple[tuple[Written, Written], ...]
    """Questions and numbers."""


@dataclass(slots=True)
class DraftIndicators:
    """The whole file."""

    place: Place
    axes: tuple[DraftAxis, ...]
    numbers: tuple[Written, ...]
    cells: tuple[tuple[Written, tuple[Written, ...]], ...]
    """Each cell and the items in it."""
    any_of: tuple[tuple[Written, tuple[Written, ...]], ...]
    """Items made of several questions."""
    zero: tuple[tuple[Written, Written], ...]
    unknown: tuple[tuple[Written, Written], ...]
    """Items and conditions."""
    columns: tuple[DraftColumn, ...]
    differences: tuple[DraftDifference, ...]
    changes: tuple[DraftChange, ...]
    rankings: tuple[DraftRanking, ...]
    labels: dict[str, DraftText] = field(default_factory=dict)
    """Words by the name that they are for."""
    words_of: dict[str, Written] = field(default_factory=dict)
    """Whose words a value has, by its name."""

    @property
    def named(self) -> list[Written]:
        """Every name that can have words of its own."""
        axes = [name for axis in self.axes for name in (axis.name, *axis.values)]
        return axes + [one.name for group in (self.columns, self.differences, self.changes) for one in group]
