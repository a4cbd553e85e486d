"""How a language writes dates and lists where CLDR lends it another's: Haitian Creole has there the French ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.i18n.tags import Tag


@dataclass(frozen=True, slots=True)
class Supplement:
    """What stands in the place of CLDR's data; a day is written before its month and year."""

    months: tuple[str, ...]
    joiners: Mapping[Literal["and", "or"], str]
    time_in: str
    """The time of a `{place}`, after a moment."""


_SUPPLEMENTS: Mapping[str, Supplement] = {
    "ht": Supplement(
        months=(
            *("janvye", "fevriye", "mas", "avril", "me", "jen"),
            *("jiyè", "out", "septanm", "oktòb", "novanm", "desanm"),
        ),
        joiners={"and": "ak", "or": "oswa"},
        time_in="lè {place}",
    ),
}


def supplement(language: str) -> Supplement | None:
    """Give what CLDR lacks for a language, `None` for almost all."""
    tag = Tag.read(language)
    return _SUPPLEMENTS.get(tag.language) if tag else None
