"""The counts of one round: who took part, and for each question who was asked, answered and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.flows.questionnaire import LocalizedText, Question, Questionnaire

Amount: TypeAlias = int | float | str
"""A number, or a date as ISO 8601."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many gave one answer; `None` where that is suppressed."""

    name: str
    label: LocalizedText | None
    """`None` where the version has no words for the code: a country, a choice that was removed."""
    count: int | None
    exclusive: bool = False
    listed: bool = True
    """Whether the version lists it, so that it is there even when nobody chose it."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the numbers or dates given to one question come to; `None` is suppressed, or does not exist."""

    count: int | None = None
    mean: float | None = None
    median: Amount | None = None
    """Of an even number of dates, the earlier of the two in the middle."""
    minimum: Amount | None = None
    maximum: Amount | None = None
    standard_deviation: float | None = None
    """Of the sample (n - 1)."""
    given: tuple[tuple[Amount, int], ...] = ()
    """Each value in its order with how many gave it; for disclosure control, never shown."""


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The counts of one question; `None` is suppressed."""

    question: Question
    section: str
    asked: int | None
    """Base and skipped; whoever has not come to the question yet is in neither."""
    base: int | None
    """Who gave an answer that counts."""
    skipped: int | None
    cells: tuple[Cell, ...] | None = None
    """`None` where answers are not listed."""
    statistics: Statistics | None = None
    suppressed: bool = False
    """Whether anything here is not shown."""

    @property
    def item_nonresponse(self) -> float | None:
        """The share of those asked who skipped."""
        if self.skipped is None or not self.asked:
            return None
        return self.skipped / self.asked

    def share(self, cell: Cell) -> float | None:
        """The share of the base that gave this answer."""
        if cell.count is None or not self.base:
            return None
        return cell.count / self.base


@dataclass(frozen=True, slots=True)
class Tabulation:
    """The counts of one round."""

    questionnaire: Questionnaire
    respondents: Mapping[str, int]
    """The funnel, by outcome; `started` is everybody. It is shown live."""
    tables: tuple[QuestionTable, ...]
    complete_only: bool = False
    """Whether the bases are over those who submitted, leaving the partial ones out."""
