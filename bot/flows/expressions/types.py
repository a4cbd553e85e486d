"""What expressions talk about: kinds of values, errors in an expression, reasons for a result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value is, as far as an author can go wrong with it; each reads as words in a message."""

    TEXT = "a text"
    CODE = "one choice"
    CODES = "several choices"
    NUMBER = "a number"
    DATE = "a date"
    TIME = "a time of day"
    BOOLEAN = "a condition"
    REPEAT = "a repeat"
    COMPUTED = "a computed value"


@dataclass(frozen=True, slots=True)
class ValueKind:
    """The kind of a question's answer or of a part of an expression."""

    kind: Kind
    choices: frozenset[str] | None = None
    """The codes that a `CODE` or `CODES` can be; `None` when they are not known, such as for `country`."""


class ExpressionError(Exception):
    """An expression that cannot be read, or that cannot mean what its author wanted."""

    def __init__(self, message: str, offset: int, remedy: str, *, is_doubt: bool = False) -> None:
        super().__init__(message, offset, remedy)
        self.message = message
        """What is wrong: a sentence without its full stop."""
        self.offset = offset
        """Where, counted in characters from 0; the source's length when it ends too early."""
        self.remedy = remedy
        """What to do next: a whole sentence."""
        self.is_doubt = is_doubt
        """Whether it has a meaning, though hardly one that anybody wants."""

    def __str__(self) -> str:
        return f"{self.message} (character {self.offset + 1}). {self.remedy}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison or call that decided a result."""

    source_text: str
    references: frozenset[str]
    result: bool
