"""Finds which of several things typed words mean: exactly, by first letters, with typos; never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rapidfuzz.distance import OSA

from bot.flows.understanding.folding import fold as fold  # noqa: PLC0414 (part of this module's face)
from bot.flows.understanding.folding import is_written_without_spaces

LONGEST = 200
"""Longer messages are compared with nothing but whole words: no label is that long."""
MOST_ASKED_BACK = 5

_NEGATION_WORDS = """
    no not none never nor without non ne pas sans aucun aucune jamais nul ni sin nunca jamás ningún ninguna
    não nem sem nicht kein keine ohne niet geen nie не нет без ни hapana bila tidak bukan tanpa
    tak belum nggak gak pa okenn poko ليس غير ليست لم لن لا بدون ما نه نیست नहीं न ना बिना לא אין בלי
    مش مو sio siyo nahi nahin
    'ikai leai kāore kāhore kao sega aita
"""
_NEGATIONS = frozenset(map(fold, _NEGATION_WORDS.split()))
"""Words that turn a label into its opposite: two texts that differ in them are never alike."""
_NEGATING_SIGNS = "不没沒无無非未"
"""The same in Chinese, which writes them on to the next word."""
_DIGITS = re.compile(r"\d+")


class MatchKind(Enum):
    """How sure it is what was meant."""

    EXACT = auto()
    PREFIX = auto()
    TYPO = auto()
    UNSURE = auto()
    """One or more that may be meant: to be asked back."""
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be meant, with the words for it, each folded."""

    key: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What was meant: one key when it is sure, several (best first) when it has to be asked back."""

    kind: MatchKind
    keys: tuple[str, ...] = ()


_NO_MATCH = Match(MatchKind.NONE)


def match(
    typed: str, candidates: Sequence[Candidate], *, exact_only: bool = False, limit: int = MOST_ASKED_BACK
) -> Match:
    """Which candidate `typed` means; at most `limit` keys when it may be several."""
    said = fold(typed)
    if not said:
        return _NO_MATCH
    exact = _keys(candidates, lambda word: word == said)
    if exact:
        return _one_or_unsure(MatchKind.EXACT, exact, limit)
    if exact_only or len(said) > LONGEST:
        return _NO_MATCH
    begun = _keys(candidates, lambda word: _begins(word, said))
    if begun:
        if len(begun) > limit:
            return _NO_MATCH
        plainly = any(
            _begins(word, said) and _negations(said) <= _negations(word)
            for candidate in candidates
            if candidate.key == begun[0]
            for word in candidate.words
        )
        return _one_or_unsure(MatchKind.PREFIX if plainly else MatchKind.UNSURE, begun, limit)
    return _alike(said, candidates, limit)


def parted(said: str, words: Collection[str]) -> tuple[str, str]:
    """The first word of folded text, and what stands after it; some scripts put no space between the two."""
    attached = () if said.isascii() else filter(said.startswith, words)
    first = max(filter(is_written_without_spaces, attached), key=len, default="")
    if first:
        return first, said.removeprefix(first).strip()
    first, _, rest = said.partition(" ")
    return first, rest


def _keys(candidates: Iterable[Candidate], fits: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.key for c in candidates if any(map(fits, c.words))))


def _one_or_unsure(kind: MatchKind, keys: tuple[str, ...], limit: int) -> Match:
    return Match(kind, keys) if len(keys) == 1 else Match(MatchKind.UNSURE, keys[:limit])


def _begins(word: str, said: str) -> bool:
    """Whether `said` is the beginning of `word`, not cutting a number in two."""
    if not word.startswith(said):
        return False
    return len(word) == len(said) or not (said[-1].isdigit() and word[len(said)].isdigit())


def _alike(said: str, candidates: Sequence[Candidate], limit: int) -> Match:
    """The candidates that are a few slips of the finger away, or that hold the words somewhere inside."""
    ranked = sorted(
        (nearest, index)
        for index, candidate in enumerate(candidates)
        if (nearest := min((n for word in candidate.words if (n := _distance(said, word))), default=None))
    )
    if not ranked:
        inside = _keys(candidates, lambda word: _holds(word, said))
        return Match(MatchKind.UNSURE, inside) if 1 <= len(inside) <= limit else _NO_MATCH
    best, guessed = ranked[0][0]
    rivals = tuple(dict.fromkeys(candidates[i].key for (steps, _), i in ranked if steps <= best + 1))
    if len(rivals) == 1 and not guessed:
        return Match(MatchKind.TYPO, rivals)
    return Match(MatchKind.UNSURE, rivals[:limit])


def _distance(said: str, word: str) -> tuple[int, bool] | None:
    """Slips between the two, and whether they are too many or too early to be sure; `None` if not alike."""
    shorter = min(len(said), len(word))
    farthest = _farthest(shorter)
    if not farthest:
        return None
    if said.replace("'", "") == word.replace("'", ""):
        return 1, False
    if abs(len(said) - len(word)) <= farthest:
        steps = OSA.distance(said, word, score_cutoff=farthest)
        sure = steps <= _tolerance(shorter) and said[0] == word[0]
    elif 5 <= len(said) < len(word):
        # The beginning of a long label, with a slip in it.
        word, farthest = word[: len(said)], _tolerance(shorter)
        steps = OSA.distance(said, word, score_cutoff=farthest)
        sure = False
    else:
        return None
    if steps > farthest or _says_otherwise(said, word):
        return None
    return steps, not sure


def _tolerance(length: int) -> int:
    """Slips that leave no doubt."""
    return 0 if length <= 3 else 1 if length <= 6 else 2 if length <= 14 else 3


def _farthest(length: int) -> int:
    """Slips up to which it is worth asking back."""
    return 0 if length <= 2 else 1 if length <= 5 else min(5, length // 3)


def _holds(word: str, said: str) -> bool:
    """Whether a later word of the label begins with what was said, or what was said has the label in it."""
    if is_written_without_spaces(said):
        within, least = said in word or word in said, 2
    else:
        within, least = f" {said}" in word if len(said) < len(word) else f" {word} " in f" {said} ", 3
    return within and min(len(said), len(word)) >= least and not _says_otherwise(said, word)


def _says_otherwise(said: str, word: str) -> bool:
    """Whether the difference is one of meaning: another number, or a *not* on one side only."""
    return _DIGITS.findall(said) != _DIGITS.findall(word) or _negations(said) != _negations(word)


def _negations(text: str) -> int:
    words = sum(
        token in _NEGATIONS or token.endswith("n't") or token.startswith("n'") for token in text.split()
    )
    return words + sum(map(text.count, _NEGATING_SIGNS))
