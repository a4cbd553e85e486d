"""Reads numbers as people of one language type them: other digits, decimal and group marks, number words."""

from __future__ import annotations

import re
import unicodedata

from bot.flows.lexicon import Lexicon
from bot.flows.understanding.chinese import read_chinese
from bot.flows.understanding.folding import fold, plain

MOST_DIGITS = 15
"""So many significant digits fit a double, and so a column of results, exactly."""
_LONGEST = 64

_NUMBER = re.compile(r"([+-]?) ?([0-9.,'٫٬ ]*[0-9])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_LIST_TOKEN = re.compile(r"[0-9]+|[^0-9\s,;/+&.()#،、；，؛]+")
_MOST_ORDINALS = 100


def read_integer(typed: str, lexicon: Lexicon) -> int | None:
    """The whole number that was typed, or `None`; `12.0` is one, `12.5` is not."""
    literal = _literal(typed, lexicon)
    if literal is None:
        return None
    whole, _, fraction = literal.partition(".")
    return None if fraction.strip("0") else int(whole)


def read_decimal(typed: str, lexicon: Lexicon) -> float | None:
    """The number that was typed, or `None`."""
    literal = _literal(typed, lexicon)
    return None if literal is None else float(literal) + 0.0  # -0.0 becomes 0.0


def read_ordinals(typed: str, lexicon: Lexicon) -> tuple[int, ...] | None:
    """The numbers of a list, such as `1, 3 and 4`, in the order typed; `None` when anything else is in it."""
    text = plain(typed)
    if len(text) > _LONGEST * 8:
        return None
    tokens = _LIST_TOKEN.findall(_single_characters(_without_long_numerals(text, lexicon)))
    numbers = []
    for token in tokens:
        if token.isdigit():
            if len(token) > 4:
                return None
            numbers.append(int(token))
        elif (word := fold(token)) in lexicon.numerals:
            numbers.append(lexicon.numerals[word])
        elif word not in lexicon.joiners:
            return None
    return tuple(numbers) if 0 < len(numbers) <= _MOST_ORDINALS else None


def _literal(typed: str, lexicon: Lexicon) -> str | None:
    """The number as Python writes it: an optional minus, digits, an optional point and digits."""
    text = plain(typed)
    if _PLAIN_NUMBER.fullmatch(text):
        return text.removeprefix("+")
    if not text or len(text) > _LONGEST:
        return None
    numeral = lexicon.numerals.get(fold(text))
    if numeral is not None:
        return str(numeral)
    text = text.strip(" )(:;#").rstrip(" .):;,")
    characters = read_chinese(text)
    if characters is not None and characters < 10**MOST_DIGITS:
        return str(characters)
    if len(text) == 1:
        return _number_sign(text)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    sign, body = found.groups()
    parts = _whole_and_fraction(body, lexicon)
    if parts is None:
        return None
    whole, fraction = parts
    if len((whole + fraction).lstrip("0")) > MOST_DIGITS or len(fraction) > MOST_DIGITS:
        return None
    minus = "-" if sign == "-" else ""
    return f"{minus}{whole or '0'}.{fraction}" if fraction else f"{minus}{whole}"


def _number_sign(char: str) -> str | None:
    """The value of a sign that stands for a number by itself, such as ①, 五 or ½."""
    value = unicodedata.numeric(char, None)
    return None if value is None or abs(value) >= 10**MOST_DIGITS else f"{value:.15g}"


def _without_long_numerals(text: str, lexicon: Lexicon) -> str:
    """The text with number words of several words in digits: `kumi na moja` is eleven, not ten and one."""
    long = [word for word in lexicon.numerals if " " in word]
    if not long or " " not in text:
        return text
    folded = fold(text)
    for word in sorted(long, key=len, reverse=True):
        if word in folded:
            folded = re.sub(rf"\b{re.escape(word)}\b", str(lexicon.numerals[word]), folded)
    return folded


def _single_characters(text: str) -> str:
    """The text with signs such as ① and ❸ written as digits, each apart."""
    if text.isascii():
        return text
    return "".join(
        f" {unicodedata.digit(char)} " if char.isdigit() and not char.isdecimal() else char for char in text
    )


def _whole_and_fraction(body: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """The digits before and after the decimal mark; `None` when the marks make no number, or two."""
    marks = [char for char in body if not char.isdigit()]
    if not marks:
        return body, ""
    last = marks[-1]
    decimal = _is_decimal_mark(body, marks, lexicon)
    if decimal is None:
        return None
    if not decimal:
        whole = _ungrouped(body)
        return None if whole is None else (whole, "")
    before, _, fraction = body.rpartition(last)
    whole = _ungrouped(before)
    return None if whole is None else (whole, fraction)


def _is_decimal_mark(body: str, marks: list[str], lexicon: Lexicon) -> bool | None:
    """Whether the last mark begins the fraction; `None` when that cannot be told."""
    last = marks[-1]
    if last in {"٬", " ", "'"} or marks.count(last) > 1:
        return False
    if last in {"٫", lexicon.decimal_mark} or len(marks) > 1:
        return True
    whole, _, rest = body.rpartition(last)
    groups = len(rest) == 3 and 1 <= len(whole) <= 3 and whole != "0"
    if last in lexicon.group_marks:
        return not groups
    # A mark that is foreign to the language: `1.234` in French may be a thousand or one and a bit.
    return None if groups else True


def _ungrouped(text: str) -> str | None:
    """Digits without the marks between their groups (of three, or two as in India before the last three)."""
    marks = {char for char in text if not char.isdigit()}
    if not marks:
        return text
    if len(marks) > 1:
        return None
    first, *groups = text.split(marks.pop())
    well_formed = (
        1 <= len(first) <= 3 and len(groups[-1]) == 3 and all(2 <= len(group) <= 3 for group in groups)
    )
    return "".join((first, *groups)) if well_formed else None
