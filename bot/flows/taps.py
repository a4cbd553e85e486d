"""What a button carries: short numbers of the pinned version, at most 64 bytes, and input like any other."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum

from msgspec import Struct


class TapKind(StrEnum):
    """What a tap asks for; one letter, since it travels in the button's data."""

    ANSWER = "a"
    """`item` is the question's position, `option` the index of its choice or value."""
    DONE = "d"
    """Ends a choice of several; `item` is the question's position."""
    COMMAND = "c"
    """`item` is the index of the command in `Command`, `option` the position of the question it stood under."""
    MENU = "m"
    """`option` is the `MenuKind` of what was offered, `item` the index in it."""
    CHANGE = "e"
    """Opens the answer to the question at position `item` for change."""
    JOIN = "j"
    """Joins the round whose id is `item`."""
    PAGE = "p"
    """Turns to page `option` of the choices of the question at position `item`."""


class MenuKind(IntEnum):
    """The lists that are offered besides the choices of a question."""

    LANGUAGES = 1
    CONSENT = 2
    """0 agree, 1 decline, 2 read more."""
    SECTIONS = 3
    REVIEW = 4
    """0 submit, 1 show all answers."""
    CONFIRM = 5
    """0 yes, 1 no."""
    GUESS = 6
    """The values that may have been meant; for a single one 0 yes, 1 no."""


_DATA = re.compile(r"([a-z])(\d{1,10})\.(\d{1,10})\.(\d{1,10})\.(\d{1,10})", re.ASCII)


class Tap(Struct, frozen=True, gc=False):
    """One button: what it asks for, in which round, and the turn at which it was shown."""

    kind: TapKind
    round: int
    turn: int
    item: int = 0
    option: int = 0

    def encode(self) -> str:
        """At most 45 ASCII characters."""
        return f"{self.kind}{self.round}.{self.turn}.{self.item}.{self.option}"

    @classmethod
    def decode(cls, data: str) -> Tap | None:
        """The tap that `data` says, or `None` for anything that `encode` did not make."""
        found = _DATA.fullmatch(data)
        if found is None:
            return None
        kind, *numbers = found.groups()
        try:
            return cls(TapKind(kind), *map(int, numbers))
        except ValueError:
            return None
