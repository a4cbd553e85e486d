"""The words that a question's options can be named by, in one language; made once, then looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from bot.flows.lexicon import Lexicon
from bot.flows.questionnaire import Choice, Question
from bot.flows.remembering import remember
from bot.flows.understanding.folding import fold, is_written_without_spaces
from bot.flows.understanding.matching import Candidate, Match, MatchKind, match

COUNTRY = "country"
"""The choice list that the lexicon fills."""
_MOST_CHOICES_ASKED_BACK = 5
_MOST_COUNTRIES_ASKED_BACK = 8
_REMEMBERED = 4096

_Claims: TypeAlias = Iterable[tuple[str, str]]
"""Pairs of a word and the code of the option that it names."""

_OTHER_COUNTRY_NAMES = {
    "usa": "US", "u.s": "US", "u.s.a": "US", "america": "US", "eeuu": "US", "ee.uu": "US", "uk": "GB", "u.k": "GB",
    "england": "GB", "scotland": "GB", "wales": "GB", "uae": "AE", "drc": "CD", "rdc": "CD", "png": "PG", "fsm": "FM",
    "rmi": "MH", "ivory coast": "CI", "swaziland": "SZ", "cape verde": "CV", "east timor": "TL", "turkey": "TR",
    "holland": "NL", "czech republic": "CZ", "macedonia": "MK",
    # Haitian Creole, whose names in CLDR are the French ones; Indonesian
    "ayiti": "HT", "etazini": "US", "repiblik dominiken": "DO", "frans": "FR", "brezil": "BR", "meksik": "MX",
    "kiba": "CU", "kanada": "CA", "cina": "CN",
    # Russian: the countries' own and older names
    "кыргызстан": "KG", "белоруссия": "BY", "молдавия": "MD", "туркмения": "TM", "рф": "RU",
    # Chinese: short names, and usual ones in traditional characters
    "阿联酋": "AE", "香港": "HK", "澳门": "MO", "刚果金": "CD", "刚果布": "CG", "印尼": "ID", "南韩": "KR",
    "中國": "CN", "美國": "US", "英國": "GB", "法國": "FR", "德國": "DE", "韓國": "KR", "泰國": "TH", "台灣": "TW",
}  # fmt: skip
"""Short, older and other names that are typed in many languages and that CLDR does not list."""
_PARENTHESES = re.compile(r"(.+?) \(([^()]+)\)?$")
_LEADING_NUMBER = re.compile(r"\d+(?!\d)")


@dataclass(frozen=True)
class Vocabulary:
    """What each word means among the options of one question, in one language."""

    question: Question
    lexicon: Lexicon
    codes: tuple[str, ...]
    exact: Mapping[str, str]
    """Folded words and numbers → the code that they mean, and nothing else."""
    unclear: Mapping[str, tuple[str, ...]]
    """Words that several options claim with equal right."""
    candidates: tuple[Candidate, ...]
    """Labels and synonyms, for first letters and typos; codes are never shown, so nobody begins one."""

    def find(self, folded: str) -> Match:
        """The option that is meant, by a word for it, its first letters or a word with typos."""
        code = self.exact.get(folded)
        if code is not None:
            return Match(MatchKind.EXACT, (code,))
        limit = _MOST_CHOICES_ASKED_BACK if self.question.choices else _MOST_COUNTRIES_ASKED_BACK
        if folded in self.unclear:
            return Match(MatchKind.UNSURE, self.unclear[folded][:limit])
        found = match(folded, self.candidates, limit=limit)
        if found.kind in {MatchKind.PREFIX, MatchKind.TYPO} and self._means_something_else(folded):
            return Match(MatchKind.UNSURE, found.keys)
        return found

    def _means_something_else(self, folded: str) -> bool:
        """Whether it is a word for yes, no or don't know, where no option is that: *no* is not *North*."""
        known = self.lexicon
        return len(folded) > 1 and (folded in known.yes or folded in known.no or folded in known.dont_know)

    @cached_property
    def separators(self) -> re.Pattern[str]:
        """What stands between the members of a list, in folded text: commas, the language's *and*, *or*."""
        # The longer word first: where no spaces stand, 或者 begins with 或.
        joiners = sorted(self.lexicon.joiners, key=lambda word: (-len(word), word))
        # The space after a comma is left to a joiner that follows it: *radio, posters, and radio*.
        return re.compile("|".join((r"\s*[,،、;؛/&+]", *map(_joiner, joiners))))

    @cached_property
    def attached_joiners(self) -> tuple[str, ...]:
        """The *and* that is written on to the next word, as in Arabic."""
        return tuple(word for word in self.lexicon.joiners if _is_attached(word))


def _joiner(word: str) -> str:
    """The pattern of a joining word; some scripts write it on to the next word, some without any space."""
    escaped = re.escape(word)
    if _is_attached(word):
        # After a comma it may as well be the next word's own first letter.
        return rf"(?<![,،;؛])\s+{escaped}\s*"
    if is_written_without_spaces(word):
        return rf"\s*{escaped}\s*"
    return rf"\s+{escaped}\s+"


def _is_attached(word: str) -> bool:
    return len(word) == 1 and unicodedata.bidirectional(word) in {"R", "AL"}


_LATIN = re.compile("[a-z]")
_known: dict[tuple[int, str, int], Vocabulary] = {}


def vocabulary(question: Question, language: str, lexicon: Lexicon) -> Vocabulary:
    """The vocabulary of a question in a language."""
    # By identity: neither can be hashed, and what is remembered keeps both alive.
    key = (id(question), language, id(lexicon))
    known = _known.get(key)
    if known is None:
        known = remember(_known, key, _made(question, language, lexicon), _REMEMBERED)
    return known


def _made(question: Question, language: str, lexicon: Lexicon) -> Vocabulary:
    if question.choices or question.choice_list != COUNTRY:
        codes = tuple(choice.name for choice in question.choices)
        candidates = tuple(
            Candidate(choice.name, tuple(_label_words(choice, language))) for choice in question.choices
        )
        tiers = _choice_tiers(question.choices, language, lexicon)
    else:
        codes = tuple(lexicon.countries)
        candidates = tuple(
            Candidate(code, tuple(_country_words(code, name, lexicon)))
            for code, name in lexicon.countries.items()
        )
        tiers = _country_tiers(candidates, lexicon)
    exact, unclear = _settle(tiers)
    return Vocabulary(question, lexicon, codes, exact, unclear, candidates)


def _settle(tiers: Iterable[_Claims]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """What each word means when stronger claims go first; equal ones make it unclear."""
    exact: dict[str, str] = {}
    unclear: dict[str, tuple[str, ...]] = {}
    for tier in tiers:
        claims: dict[str, dict[str, None]] = {}
        for word, code in tier:
            if word and word not in exact and word not in unclear:
                claims.setdefault(word, {})[code] = None
        for word, by in claims.items():
            if len(by) == 1:
                exact[word] = next(iter(by))
            else:
                unclear[word] = tuple(by)
    return exact, unclear


def _choice_tiers(choices: tuple[Choice, ...], language: str, lexicon: Lexicon) -> Iterator[_Claims]:
    """Claims to words, the strongest first: what is shown, what authors add, what people say anyway."""
    shown = {choice.name: fold(choice.label.in_language(language)) for choice in choices}
    numbers = [(str(place), choice.name) for place, choice in enumerate(choices, start=1)]
    yield [*((label, code) for code, label in shown.items()), *numbers, *_numbers_in(shown, numbers)]
    # A code is never shown, so a command word that happens to be one stays a command.
    coded = ((fold(choice.name), choice.name) for choice in choices)
    yield (claim for claim in coded if claim[0] not in lexicon.commands)
    yield ((word, choice.name) for choice in choices for word in _label_words(choice, language))
    yield ((word, choice.name) for choice in choices for word in _label_words(choice, choice.label.default))
    yield _usual_words(shown, lexicon)
    yield _number_words(choices, shown, lexicon)


def _numbers_in(shown: Mapping[str, str], numbers: list[tuple[str, str]]) -> _Claims:
    """Labels that begin with a number that is also another option's place: `3` may mean *3 or more*."""
    places = dict(numbers)
    for code, label in shown.items():
        number = _LEADING_NUMBER.match(label)
        if number and places.get(number[0], code) != code:
            yield number[0], code


def _usual_words(shown: Mapping[str, str], lexicon: Lexicon) -> _Claims:
    """The language's words for *yes*, *no*, *don't know* and *none*, as whole messages."""
    groups = (
        (("yes",), lexicon.yes),
        (("no",), lexicon.no),
        (("dont_know",), lexicon.dont_know),
        (("none", "nothing"), lexicon.none),
    )
    for names, words in groups:
        code = next((name for name in names if name in shown), None)
        if code is None:
            continue
        for word in words:
            # One letter is the first of a label rather than a word, where another label begins with it.
            whole = len(word) > 1 or is_written_without_spaces(word)
            if whole or not any(s.startswith(word) for c, s in shown.items() if c != code):
                yield word, code


def _number_words(choices: tuple[Choice, ...], shown: Mapping[str, str], lexicon: Lexicon) -> _Claims:
    """*One*, *two* … for an option's place, and any label that begins with the word."""
    for word, number in lexicon.numerals.items():
        if 1 <= number <= len(choices):
            yield word, choices[number - 1].name
            yield from ((word, code) for code, label in shown.items() if f"{label} ".startswith(f"{word} "))


def _label_words(choice: Choice, language: str) -> Iterator[str]:
    """The label, the label without what is in parentheses, and the synonyms."""
    label = choice.label.in_language(language)
    yield fold(label)
    outside = _PARENTHESES.match(label)
    if outside:
        yield fold(outside[1])
    synonyms = choice.synonyms
    yield from map(fold, synonyms.get(language) or synonyms.get(language.partition("-")[0], ()))


def _country_tiers(candidates: tuple[Candidate, ...], lexicon: Lexicon) -> Iterator[_Claims]:
    """Names before codes; a code with which names of other countries begin is unclear: *de*, *in*."""
    yield ((candidate.words[0], candidate.key) for candidate in candidates)
    yield ((word, candidate.key) for candidate in candidates for word in candidate.words)
    yield (
        (word, code) for code, name in lexicon.english_countries.items() for word in _spellings(name, lexicon)
    )
    yield ((word, code) for word, code in _OTHER_COUNTRY_NAMES.items() if code in lexicon.countries)
    yield _country_codes(candidates, lexicon)


def _country_codes(candidates: tuple[Candidate, ...], lexicon: Lexicon) -> _Claims:
    begun: dict[str, list[str]] = {}
    for candidate in candidates:
        for word in candidate.words:
            begun.setdefault(word[:2], []).append(candidate.key)
    for candidate in candidates:
        folded = fold(candidate.key)
        if folded not in lexicon.yes and folded not in lexicon.no:
            yield folded, candidate.key
            yield from ((folded, other) for other in begun.get(folded, ()))


def _country_words(code: str, name: str, lexicon: Lexicon) -> Iterator[str]:
    """How the name is written; where that is in no Latin letters, the English one too: those can mean nothing else."""
    yield from _spellings(name, lexicon)
    if not _LATIN.search(fold(name)) and code in lexicon.english_countries:
        yield from _spellings(lexicon.english_countries[code], lexicon)


def _spellings(name: str, lexicon: Lexicon) -> Iterator[str]:
    """The name, both names of one like *Myanmar (Burma)*, and the one with *and* or *saint* written out."""
    folded = fold(name)
    yield folded
    both = _PARENTHESES.match(folded)
    if both:
        yield fold(both[1])
        yield fold(both[2])
    if " & " in folded:
        yield from (folded.replace("&", word) for word in sorted(lexicon.joiners) if word.isalpha())
    if folded.startswith(("st. ", "st ")):
        yield f"saint {folded.partition(' ')[2]}"
