"""What a person types and what they must read next, from the first word to the last question."""

from __future__ import annotations

import re
from dataclasses import dataclass

QUESTION = re.compile(rb"Q(\d\d)\.")
"""How every label of the questionnaire begins."""

ANSWERS = (
    "2", "2", "3", "1", "1, 3", "4", "25", "1.5", "4", "3",
    "2", "1, 2", "Line 4 to the harbour", "2024-05-03", "3", "2", "7", "1", "5", "More boats on Sundays, please",
)  # fmt: skip
"""One to each question; every program under measurement understands them."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through one program: what opens it, and what is read after the last answer."""

    opening: tuple[str, ...]
    end: bytes

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that a person types, in order."""
        return self.opening + ANSWERS

    @property
    def end_step(self) -> int:
        """Where those are who need no more."""
        return len(self.opening) + len(ANSWERS)

    def step_of(self, reply: bytes) -> int:
        """Where in `texts` a person is who reads this."""
        if self.end in reply:
            return self.end_step
        found = QUESTION.search(reply)
        # Before the first question there is only the opening to go on with.
        return len(self.opening) - 1 + int(found[1]) if found else 1

    def first(self) -> int:
        """The step of the first question."""
        return len(self.opening)


WALKS = {
    "talanoa": Walk(opening=("/start twenty", "1"), end=b"Submit"),
    "peer": Walk(opening=("/start",), end=b"Thank"),
}
