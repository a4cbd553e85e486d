"""Long texts → pieces within a channel's limit, cut where a reader would pause."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

_CUTS = (
    regex.compile(r"\n{2,}"),
    regex.compile(r"\n"),
    regex.compile(r"(?<=[.!?…؟।。！？])[\"”»)\]]*\s+|(?<=[。！？।])"),
    regex.compile(r"(?<=[,;:،])\s+|(?<=[、，；：])"),
    regex.compile(r"\s+"),
)
"""Ends of paragraphs, lines, sentences, clauses and words: the first kind that fits is used."""
_GRAPHEME = regex.compile(r"\X")


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `limit` in the unit of `measure`; at least one, none blank but an only one.

    Nothing but white space at a cut is lost, and no cut is inside what a reader sees as one character,
    unless that one character is itself longer than the limit.
    """
    pieces = [piece for raw in _pieces(text, limit, measure) if (piece := raw.strip())]
    return pieces or [text.strip()]


def _pieces(text: str, limit: int, measure: Callable[[str], int]) -> Iterator[str]:
    while measure(text.strip()) > limit:
        text = text.lstrip()
        end = _longest(text, limit, measure)
        cut = _cut(text[:end], text)
        yield text[:cut]
        text = text[cut:]
    yield text


def _longest(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """The most characters from the start that fit, found by halving since a measure only grows."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(fitting: str, text: str) -> int:
    # One character more, so that a pause right after what fits is seen; its white space is stripped.
    seen = text[: len(fitting) + 1]
    ends: list[int] = []
    for pattern in _CUTS:
        ends = [min(found.end(), len(fitting)) for found in pattern.finditer(seen)]
        late = [end for end in ends if end > len(fitting) // 3]
        if late:
            return late[-1]
    if ends:
        # Early, but better than through a long word, such as a web address.
        return ends[-1]
    last = 0
    for found in _GRAPHEME.finditer(text):
        if found.end() > len(fitting):
            break
        last = found.end()
    return last or len(fitting)
