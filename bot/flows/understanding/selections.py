"""Reads several options from one message: numbers, labels with commas or *and* between, and both together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.flows.lexicon import Lexicon
from bot.flows.understanding.folding import fold, plain
from bot.flows.understanding.matching import LONGEST, Match, MatchKind
from bot.flows.understanding.numbers import read_ordinals
from bot.flows.understanding.vocabulary import Vocabulary

_LONGEST = 10 * LONGEST
_MOST_MEMBERS = 60
_MOST_JOINED = 6
"""Commas and *ands* that one label may hold, less one."""
_LINES = re.compile(r"[\r\n]+")
_SPACES = re.compile(r"\s+")
_SPAN = re.compile(r"\(?(\d{1,3}) ?(?:-|\.\.+) ?(\d{1,3})\)?")


@dataclass(frozen=True, slots=True)
class Selections:
    """What may have been meant, the likeliest first; `sure` when it is one and can be taken."""

    codes: tuple[tuple[str, ...], ...]
    sure: bool


NOTHING = Selections((), sure=False)


def find_exactly(typed: str, words: Vocabulary, lexicon: Lexicon) -> tuple[str, ...] | None:
    """The options that are named, each by its number or a word that means nothing else."""
    if len(typed) > _LONGEST:
        return None
    whole = words.exact.get(fold(typed))
    if whole is not None:
        return (whole,)
    numbers = read_ordinals(typed, lexicon)
    if numbers is not None:
        return _all_known(words.exact.get(str(number)) for number in numbers)
    text = _in_one_line(typed)
    return next(
        (
            codes
            for separators in (words.separators, _SPACES)
            if (codes := _all_known(code for _, code in _members(text, separators, words)))
        ),
        None,
    )


def find_loosely(typed: str, words: Vocabulary) -> Selections:
    """The options that may be meant, by first letters and with typos; at most one member may be unclear."""
    if len(typed) > _LONGEST:
        return NOTHING
    found = [
        Match(MatchKind.EXACT, (code,)) if code else words.find(member)
        for member, code in _members(_in_one_line(typed), words.separators, words)
    ]
    unclear = [place for place, member in enumerate(found) if len(member.keys) != 1]
    if not found or len(unclear) > 1 or any(member.kind is MatchKind.NONE for member in found):
        return NOTHING
    place = unclear[0] if unclear else 0
    others = tuple(member.keys[0] for index, member in enumerate(found) if index != place)
    sure = all(member.kind is not MatchKind.UNSURE for member in found)
    return Selections(tuple((*others[:place], key, *others[place:]) for key in found[place].keys), sure)


def find_span(typed: str, words: Vocabulary) -> Selections:
    """What `1-3` may mean: from one to three, or one and three; the same where nothing lies between."""
    span = _SPAN.fullmatch(plain(typed))
    if span is None:
        return NOTHING
    first, last = map(int, span.groups())
    codes = _all_known(words.exact.get(str(number)) for number in range(first, last + 1))
    if codes is None or len(codes) < 2:
        return NOTHING
    return Selections((codes, (codes[0], codes[-1])), sure=len(codes) == 2)


def _all_known(codes: Iterable[str | None]) -> tuple[str, ...] | None:
    """The codes, if there are any and each is one."""
    known = []
    for code in codes:
        if code is None:
            return None
        known.append(code)
    return tuple(known) or None


def _in_one_line(typed: str) -> str:
    return fold(_LINES.sub(", ", typed.strip()))


def _members(text: str, separators: re.Pattern[str], words: Vocabulary) -> Iterator[tuple[str, str | None]]:
    """Each member of a list, with the option that it names; a label that holds a separator goes before its pieces."""
    pieces = _pieces(text, separators)
    if len(pieces) > _MOST_MEMBERS:
        return
    start = 0
    while start < len(pieces):
        for end in range(min(len(pieces), start + _MOST_JOINED), start, -1):
            member = fold(text[pieces[start][0] : pieces[end - 1][1]])
            code = words.exact.get(member) or _joined_on(member, words)
            if code is not None or end == start + 1:
                yield member, code
                start = end
                break


def _joined_on(member: str, words: Vocabulary) -> str | None:
    """The option that is meant with *and* written on to it."""
    found = (
        words.exact.get(member[1:].strip()) for word in words.attached_joiners if member.startswith(word)
    )
    return next(filter(None, found), None)


def _pieces(text: str, separators: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the text between separators begins and ends."""
    pieces, start = [], 0
    for found in separators.finditer(text):
        pieces.append((start, found.start()))
        start = found.end()
    pieces.append((start, len(text)))
    return [(first, last) for first, last in pieces if first < last]
