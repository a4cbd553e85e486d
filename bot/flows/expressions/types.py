"""What expressions talk about: kinds of values, errors in an expression, reasons for a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_SHOWN = 12


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
    repeats: tuple[str, ...] = ()
    """The repeats that a question is in."""

    @property
    def listed(self) -> str:
        """What the choices are, as a remedy."""
        names = sorted(self.choices or ())
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return f"The choices are {', '.join(names[:_SHOWN])}{more}."

    def never_meets(self, other: ValueKind) -> bool:
        """Whether two have no choice in common."""
        return self.choices is not None and other.choices is not None and not self.choices & other.choices


def common(kinds: Iterable[ValueKind | None]) -> ValueKind | None:
    """The kind of a result that is one of several: theirs, if it is one."""
    known = list(kinds)
    found = [kind for kind in known if kind is not None]
    if not found or len(found) < len(known) or len({kind.kind for kind in found}) > 1:
        return None
    choices = [kind.choices for kind in found if kind.choices is not None]
    return ValueKind(found[0].kind, frozenset().union(*choices) if len(choices) == len(found) else None)


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
