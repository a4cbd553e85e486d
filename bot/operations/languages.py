"""A language named on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import NotPossible


def chosen(wanted: str | None, offered: Sequence[str], what: str) -> str | None:
    """The one of the offered languages that was named, if one was; `NotPossible` for another."""
    if wanted is None:
        return None
    folded = wanted.replace("_", "-").casefold()
    for language in offered:
        if language.casefold() == folded:
            return language
    raise NotPossible(f"{what} is not there in {wanted}.", f"Its languages: {', '.join(offered)}.")
