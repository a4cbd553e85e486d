"""The `Lexicon` of a language: words from its catalogue and from CLDR, with the English ones merged in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from bot.flows.lexicon import Command, Lexicon
from bot.flows.understanding.matching import fold
from bot.i18n import words
from bot.i18n.catalogues import SOURCE_LANGUAGE, gettext, languages, own_name
from bot.i18n.supplement import supplement
from bot.i18n.tags import cldr, language_name
from bot.i18n.words import COMMAND_DESCRIPTIONS, COMMAND_WORDS, RELATIVE_DAYS, WORDS_CONTEXT

_COMMA = re.compile("[,،、，]")
_SEMICOLON = re.compile("[;؛；]")
_QUOTED = re.compile("'[^']*'")

_NOT_IN_ISO_3166 = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)
"""Two-letter codes of CLDR that are groupings, reservations or unassigned in ISO 3166-1."""

_ALSO_MONTHS: Mapping[str, tuple[str, ...]] = {"ar": ("ar-LB", "ar-DZ", "ar-MA")}
"""Regions whose own names of the months are understood in the whole language: June is also *haziran*, *juwan*."""

_NOT_TO_STOP: Mapping[str, frozenset[str]] = {
    "hi": frozenset({"acha"}),  # good, all right
    "ht": frozenset({"pare"}),  # ready
    "pt": frozenset({"alto"}),  # high
}
"""Other languages' stop words that are everyday answers in this one."""

_ANSWER_WORDS: Mapping[str, str] = {
    "yes": words.YES,
    "no": words.NO,
    "dont_know": words.DONT_KNOW,
    "agree": words.AGREE,
    "decline": words.DECLINE,
    "more": words.MORE,
    "done": words.DONE,
    "submit": words.SUBMIT,
    "change": words.CHANGE,
    "none": words.NONE,
    "joiners": words.JOINERS,
}
"""The sets of a `Lexicon`, by the name of the field."""


@lru_cache(maxsize=64)
def lexicon(language: str) -> Lexicon:
    """Gather the words, marks and orders of a language; English words are beside its own."""
    commands = _commands(language)
    answers = _answers(language)
    symbols = cldr(language).number_symbols
    return Lexicon(
        language=language,
        commands=commands,
        stop_words=_stop_words(language, commands),
        yes=answers["yes"],
        no=answers["no"],
        dont_know=answers["dont_know"],
        agree=answers["agree"],
        decline=answers["decline"],
        more=answers["more"],
        done=answers["done"],
        submit=answers["submit"],
        change=answers["change"],
        none=answers["none"],
        joiners=answers["joiners"],
        numerals=_numerals(language),
        months=_months(language),
        relative_days=_merged(
            {word: days for days, listed in RELATIVE_DAYS.items() for word in _folded(spoken, listed)}
            for spoken in (language, SOURCE_LANGUAGE)
        ),
        date_order=_date_order(language),
        decimal_mark=str(symbols["latn"]["decimal"]),
        group_marks=frozenset(
            mark for system in symbols.values() if (mark := str(system.get("group") or "").strip())
        ),
        countries=_countries(language),
        language_names=_language_names(language),
        english_countries=_countries(SOURCE_LANGUAGE),
    )


@lru_cache(maxsize=64)
def reserved_words(language: str) -> frozenset[str]:
    """List the folded words that no label may be: commands of the language and of English, every stop word."""
    known = lexicon(language)
    return known.stop_words.union(known.commands)


def command_name(command: Command, language: str) -> str:
    """Give the main word of a command, to be shown to readers of the language."""
    return _words(language, COMMAND_WORDS[command])[0]


def main_word(name: str, language: str) -> str:
    """Give the main word of one of the lexicon's sets, by its field: `main_word("more", "fr")`."""
    return _words(language, _ANSWER_WORDS[name])[0]


def command_description(command: Command, language: str) -> str:
    """Say in one short sentence what a command does."""
    return gettext(language, COMMAND_DESCRIPTIONS[command])


def _words(language: str, listed: str) -> tuple[str, ...]:
    """List the words that stand in the catalogue of a language for an English list, in order."""
    text = gettext(language, listed, WORDS_CONTEXT)
    separator = _SEMICOLON if _SEMICOLON.search(text) else _COMMA
    return tuple(word for part in separator.split(text) if (word := part.strip()))


def _folded(language: str, listed: str) -> tuple[str, ...]:
    return tuple(filter(None, map(fold, _words(language, listed))))


def _merged(tables: Iterable[dict[str, int]]) -> dict[str, int]:
    """Make one table of several; the first that has a word says what it means."""
    merged: dict[str, int] = {}
    for table in tables:
        merged = table | merged
    return merged


def _commands(language: str) -> dict[str, Command]:
    commands: dict[str, Command] = {}
    for spoken in dict.fromkeys((language, SOURCE_LANGUAGE)):
        for command, listed in COMMAND_WORDS.items():
            for word in _folded(spoken, listed):
                # A slash command is one word: "my data" is sent as /mydata or /my_data.
                for form in (word, word.replace(" ", ""), word.replace(" ", "_")):
                    commands.setdefault(form, command)
    return commands


def _stop_words(language: str, commands: Mapping[str, Command]) -> frozenset[str]:
    """List the stop words of every language: whoever asks for silence may ask in their own words."""
    own = {word for word, command in commands.items() if command is Command.STOP}
    others = {word for tag in languages() for word in _folded(tag, COMMAND_WORDS[Command.STOP])}
    return frozenset(own | (others - commands.keys() - _NOT_TO_STOP.get(language, frozenset())))


def _answers(language: str) -> dict[str, frozenset[str]]:
    own = {name: frozenset(_folded(language, listed)) for name, listed in _ANSWER_WORDS.items()}
    taken = frozenset().union(*own.values())
    return {
        name: own[name] | (frozenset(_folded(SOURCE_LANGUAGE, listed)) - taken)
        for name, listed in _ANSWER_WORDS.items()
    }


def _numerals(language: str) -> dict[str, int]:
    return _merged(
        {
            fold(form): value
            for value, forms in enumerate(_words(spoken, words.NUMERALS))
            for form in forms.split("/")
        }
        for spoken in (language, SOURCE_LANGUAGE)
    )


def _months(language: str) -> dict[str, int]:
    own = supplement(language)
    names = {fold(name): month for month, name in enumerate(own.months, start=1)} if own else {}
    return names | _merged(
        {fold(str(name)): month for month, name in cldr(spoken).months[context][width].items()}
        for spoken in (language, *_ALSO_MONTHS.get(language, ()), SOURCE_LANGUAGE)
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
    )


def _date_order(language: str) -> str:
    pattern = _QUOTED.sub("", str(cldr(language).date_formats["short"].pattern)).replace("L", "M").lower()
    order = "".join(dict.fromkeys(letter for letter in pattern if letter in "dmy"))
    return order if len(order) == 3 else "dmy"


def _countries(language: str) -> dict[str, str]:
    names = {**cldr(SOURCE_LANGUAGE).territories, **cldr(language).territories}
    countries = {
        code: str(name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_IN_ISO_3166
    }
    return dict(sorted(countries.items(), key=lambda item: (fold(item[1]), item[0])))


def _language_names(language: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for tag in languages():
        for name in (own_name(tag), language_name(tag, SOURCE_LANGUAGE), language_name(tag, language), tag):
            names.setdefault(fold(name), tag)
    return names
