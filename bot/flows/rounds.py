"""A consultation round as a conversation sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Already limited to the round's parts, and followed by what it asks of everybody last."""
    languages: tuple[str, ...]
    parts: frozenset[str] | None = None
    opens: datetime | None = None
    closes: datetime | None = None
    time_zone: str = "UTC"
    minimum_cell: int = 5
    allows_revision: bool = True
    presets: Mapping[str, str] = field(default_factory=dict)
    """What `hidden` questions begin with, by name, written as XForms writes values."""
    questionnaire_id: int = 0
    """The stored version that `questionnaire` is, up to what is asked last."""
    text_revisions: Mapping[str, int] = field(default_factory=dict)
    """The revision of the texts of each question, which its answers record."""
    revision: int = 0
    """Goes up with every change of the round or of the questionnaire's texts."""

    def is_open(self, now: datetime) -> bool:
        """Whether answers are taken at `now`."""
        return (
            self.state is RoundState.OPEN
            and (self.opens is None or self.opens <= now)
            and (self.closes is None or now < self.closes)
        )
