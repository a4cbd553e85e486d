"""The words, digits and orders of one language that the core needs to understand what people type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Command(StrEnum):
    """What a person can ask for at any time, in words or with a slash."""

    START = "start"
    HELP = "help"
    LANGUAGE = "language"
    BACK = "back"
    SKIP = "skip"
    SECTIONS = "sections"
    PROGRESS = "progress"
    REVIEW = "review"
    PAUSE = "pause"
    STOP = "stop"
    MYDATA = "mydata"
    FORGET = "forget"
    WITHDRAW = "withdraw"
    JOIN = "join"
    ABOUT = "about"
    RESULTS = "results"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words, each folded by `matching.fold`; English words are in every lexicon."""

    language: str
    commands: Mapping[str, Command]
    """Command words of the language and of English, without a slash."""
    stop_words: frozenset[str]
    """Of every language, since nobody has to know which one is spoken here."""
    yes: frozenset[str]
    no: frozenset[str]
    dont_know: frozenset[str]
    agree: frozenset[str]
    decline: frozenset[str]
    more: frozenset[str]
    """Words for *read more*, *next page*."""
    done: frozenset[str]
    """Words that end a choice of several: *done*, *finished*."""
    submit: frozenset[str]
    change: frozenset[str]
    """Words that may stand before the number of an answer to change."""
    none: frozenset[str]
    joiners: frozenset[str]
    """Words between the members of a list: *and*, *or*."""
    numerals: Mapping[str, int]
    """Number words: *one* → 1 … *twenty* → 20."""
    months: Mapping[str, int]
    """Month names and abbreviations → 1 … 12."""
    relative_days: Mapping[str, int]
    """*today* → 0, *yesterday* → -1, *tomorrow* → 1."""
    date_order: str
    """Three of `d`, `m`, `y` in the order in which the language writes a date in digits."""
    decimal_mark: str
    group_marks: frozenset[str]
    """What may stand between groups of three digits, besides spaces."""
    countries: Mapping[str, str]
    """Territory code (ISO 3166-1 alpha-2) → name in the language, in the language's alphabetical order."""
    language_names: Mapping[str, str]
    """Names of languages (own, English and in this language), folded → language tag, for those offered."""
    english_countries: Mapping[str, str] = field(default_factory=dict)
    """Territory code → English name, which is understood in every language."""
