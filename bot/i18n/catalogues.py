"""The bot's own words: catalogues in `bot/locales`, read from `.po` as they are; the key is the English."""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from bot.i18n.tags import language_name, match
from bot.i18n.words import OWN_NAME, OWN_NAME_CONTEXT

LOCALES = Path(__file__).parents[1] / "locales"
SOURCE_LANGUAGE = "en"


def catalogue_path(language: str) -> Path:
    """Say where the catalogue of a language is kept."""
    return LOCALES / language.replace("-", "_") / "LC_MESSAGES" / "bot.po"


@cache
def languages() -> tuple[str, ...]:
    """List English, then every language that has a catalogue, by tag."""
    found = {path.parents[1].name.replace("_", "-") for path in LOCALES.glob("*/LC_MESSAGES/bot.po")}
    return (SOURCE_LANGUAGE, *sorted(found - {SOURCE_LANGUAGE}))


def read_catalogue(path: Path) -> Translations:
    """Read the translations of a `.po` file, without those that are marked fuzzy."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@cache
def _catalogue(language: str) -> Translations:
    return read_catalogue(catalogue_path(language))


@lru_cache(maxsize=256)
def translations(language: str) -> NullTranslations:
    """Give the catalogue for readers of `language`: its own, a relative's (`pt` for `pt-BR`), or none."""
    found = match(language, languages())
    return NullTranslations() if found in {None, SOURCE_LANGUAGE} else _catalogue(str(found))


def gettext(language: str, message: str, context: str | None = None) -> str:
    """Say a message in a language, in English where it is not translated."""
    catalogue = translations(language)
    return catalogue.gettext(message) if context is None else str(catalogue.pgettext(context, message))


def ngettext(language: str, singular: str, plural: str, n: int, context: str | None = None) -> str:
    """Say a message in the form that goes with the number `n` in a language."""
    catalogue = translations(language)
    if context is None:
        return catalogue.ngettext(singular, plural, n)
    return catalogue.npgettext(context, singular, plural, n)


@lru_cache(maxsize=256)
def own_name(language: str) -> str:
    """Name a language in itself, as in a menu: `Français`, `العربية`."""
    name = gettext(language, OWN_NAME, OWN_NAME_CONTEXT) if language in languages() else OWN_NAME
    if name == OWN_NAME and language != SOURCE_LANGUAGE:
        name = language_name(language, language)
    # Title case, not upper case: Georgian letters and the Croatian digraphs have one of their own.
    return name[:1].title() + name[1:]
