"""A consultation round as a conversation sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.flows.questionnaire import LocalizedText, Questionnaire


class RoundState(StrEnum):
    """The life of a round; the moves between them are the table in `lifecycle`."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Round:
    """One consultation: who asks what of whom, in which languages, until when."""

    id: int
    code: str
    title: LocalizedText
    purpose: LocalizedText
    agency: LocalizedText
    contact: str
    """Whom to ask: an address, a telephone number, an office."""
    state: RoundState
    questionnaire: Questionnaire
    """Already limited to the round's parts."""
    languages: tuple[str, ...]
    parts: frozenset[str] | None = None
    opens: datetime | None = None
    closes: datetime | None = None
    time_zone: str = "UTC"
    minimum_cell: int = 5
    allows_revision: bool = True
    questionnaire_id: int = 0
    """The stored version that `questionnaire` is."""
    text_revision: int = 0
    """The revision of its texts, which each answer records."""
    revision: int = 0
    """Goes up with every change of the round or of the questionnaire's texts."""

    def is_open(self, now: datetime) -> bool:
        """Whether answers are taken at `now`."""
        return (
            self.state is RoundState.OPEN
            and (self.opens is None or self.opens <= now)
            and (self.closes is None or now < self.closes)
        )
