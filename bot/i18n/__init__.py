"""Words, plural forms, dates, numbers and directions of every language, from catalogues and CLDR.

Nothing is read until a language is asked for.
"""

from __future__ import annotations

from bot.i18n.bidi import isolate
from bot.i18n.catalogues import gettext, languages, ngettext, own_name, translations
from bot.i18n.formats import format_date, format_datetime, format_number, format_percent, join_list
from bot.i18n.lexicons import command_description, command_name, lexicon, main_word, reserved_words
from bot.i18n.tags import best_language, direction, two_letter
from bot.i18n.words import NP_

__all__ = [
    "NP_",
    "best_language",
    "command_description",
    "command_name",
    "direction",
    "format_date",
    "format_datetime",
    "format_number",
    "format_percent",
    "gettext",
    "isolate",
    "join_list",
    "languages",
    "lexicon",
    "main_word",
    "ngettext",
    "own_name",
    "reserved_words",
    "translations",
    "two_letter",
]
