"""How typed words are brought to one form, so that case, accents, digits and stray marks do not matter."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod

_APOSTROPHES = "`´‘’‚‛ʹʻʼʽʾʿˈ′‵՚׳ꞌ＇‹›"
_QUOTES = "“”„‟«»″‶〝〞〟״＂"
_ENDS = " .,;:!?¡¿'\"()[]{}*…·•。、，！？：；（）「」『』【】《》،؛؟۔।॥॰።፣፤፥፧։՞՝՜۝៕។။၊།"
"""What is removed at the ends. Not the signs that carry meaning there: + - < > & % # @ / = and currencies."""

_LETTERS = {
    # Latin letters that Unicode does not take apart
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŀ": "l", "ŧ": "t",
    "þ": "th", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ɛ": "e", "ɔ": "o", "ŋ": "n",
    # Arabic: one letter for its spellings; hamza and madda on a carrier go with the marks
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه",
    "ـ": None,
    # Devanagari: either sign for a nasal vowel
    "ँ": "ं",
}  # fmt: skip

_MARKS = (
    (0x0300, 0x036F),  # Latin, Greek, Cyrillic
    (0x0483, 0x0489),
    (0x0591, 0x05C7),  # Hebrew points
    (0x0610, 0x061A),  # Arabic: honorifics, harakat, hamza above and below, Koranic signs
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x093C, 0x093C),  # nukta, often left out: Devanagari, Bengali, Gurmukhi, Gujarati, Odia
    (0x09BC, 0x09BC),
    (0x0A3C, 0x0A3C),
    (0x0ABC, 0x0ABC),
    (0x0B3C, 0x0B3C),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),  # the box of a keycap
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),
)
"""Combining marks that are dropped; vowel signs of Indic scripts and voicing marks of kana stay."""

_REMEMBERED = 20_000


class _Characters(dict[int, str | None], ABC):
    """What becomes of each character, found when it is first met; bounded, since people may send anything."""

    def __missing__(self, code: int) -> str | None:
        becomes = self._becomes(chr(code), code)
        if len(self) < _REMEMBERED:
            self[code] = becomes
        return becomes

    @abstractmethod
    def _becomes(self, char: str, code: int) -> str | None:
        """What it becomes; `None` for nothing."""


class _Plain(_Characters):
    """For numbers and dates: other digits, wide forms, dashes and spaces become ASCII's; the unseen goes."""

    def _becomes(self, char: str, code: int) -> str | None:
        category = unicodedata.category(char)
        if category == "Nd":
            return str(unicodedata.decimal(char))
        if category in {"Cf", "Cs"} or 0xFE00 <= code <= 0xFE0F or code == 0x20E3:
            return None
        if category == "Cc":
            return " " if char.isspace() else None
        if category in {"Zs", "Zl", "Zp"}:
            return " "
        if category == "Pd" or char == "−":
            return "-"
        if 0xFF01 <= code <= 0xFF5E:
            return chr(code - 0xFEE0)
        if char in _APOSTROPHES:
            return "'"
        return char


class _Folded(_Plain):
    """For words: what `_Plain` does, and accents and other marks dropped, letters and quotes unified."""

    def _becomes(self, char: str, code: int) -> str | None:
        if char in _LETTERS:
            return _LETTERS[char]
        if char in _QUOTES:
            return '"'
        if any(low <= code <= high for low, high in _MARKS):
            return None
        return super()._becomes(char, code)


_PLAIN = _Plain()
_FOLDED = _Folded()


def plain(text: str) -> str:
    """The text with digits, spaces, dashes and apostrophes as ASCII has them, and nothing invisible."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return text.translate(_PLAIN).strip()


def fold(text: str) -> str:
    """The text without case, accents, outer punctuation, repeated spaces or invisible characters.

    Punctuation alone stays, so that `?` can be a word of its own.
    """
    if text.isascii() and text.isprintable():
        folded = text.lower().replace("`", "'")
    else:
        # Decomposed before and after: case folding gives letters with marks, and the other way round.
        apart = unicodedata.normalize("NFKD", text.replace("´", "'")).translate(_FOLDED).casefold()
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", apart).translate(_FOLDED))
    spaced = " ".join(folded.split())
    return _without_ends(spaced) or spaced


def _without_ends(text: str) -> str:
    while True:
        # A dash belongs to the word it touches: `-1`, `A-`.
        bare = text.strip(_ENDS).removeprefix("- ").removesuffix(" -")
        if bare == text:
            return bare
        text = bare


def is_written_without_spaces(text: str) -> bool:
    """Whether the text is of a script, such as Chinese, that puts no spaces between words."""
    return bool(text) and all(unicodedata.east_asian_width(char) == "W" for char in text)
