"""Languages on the command line: the one that was named, and the words of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from bot import i18n
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


def command_words() -> dict[str, frozenset[str]]:
    """What no choice may be called: each language's command words, folded."""
    return {language: i18n.reserved_words(language) for language in i18n.languages()}
