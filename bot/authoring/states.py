"""How far a translation is: drafted or read by a native speaker, and of which words it is a translation."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

_MARK = re.compile(r"(draft|reviewed)(?: ([0-9a-f]{8}))?", re.ASCII)


class TextState(StrEnum):
    """Whether a native speaker has read a translation."""

    DRAFT = "draft"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a language's file says of a translation: `reviewed 1f3870be`."""

    state: TextState = TextState.DRAFT
    of: str | None = None
    """The fingerprint of the text that was translated; without it nobody can tell whether that has changed."""

    def __str__(self) -> str:
        return f"{self.state} {self.of}" if self.of else str(self.state)

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark as a file has it; `None` if it is none."""
        found = _MARK.fullmatch(text)
        return cls(TextState(found[1]), found[2]) if found else None

    def is_of_other_words(self, base: str) -> bool:
        """Whether the text was another one when it was translated."""
        return self.of is not None and self.of != fingerprint(base)


DRAFT = Mark()


def fingerprint(text: str) -> str:
    """Eight characters that another text does not have."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
