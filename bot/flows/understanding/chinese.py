"""Reads numbers in Chinese characters: 三百二十, 一百零五, 1.5万, 二〇二五, 第三题."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {
    char: value
    for value, chars in enumerate(
        ("零〇", "一壹", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for char in chars
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_NUMERAL = "".join((*_DIGITS, *_UNITS, *_MYRIADS))
_TOKENS = re.compile(rf"\d+(?:\.\d+)?|[{_NUMERAL}]")
_WHOLE = re.compile(rf"第?((?:\d+(?:\.\d+)?|[{_NUMERAL}])+)[个個题題号號项項条條]?")
_IN_DATE = re.compile(rf"[{_NUMERAL}]+(?=\s*[年月日号號])")
_LONGEST = 32


def read_chinese(text: str) -> int | None:
    """The whole number that is written in characters, or with a measure word; `None` when it is none."""
    found = None if text.isascii() or len(text) > _LONGEST else _WHOLE.fullmatch(text)
    if found is None:
        return None
    written = found[1]
    if all(char in _DIGITS for char in written):
        return int("".join(str(_DIGITS[char]) for char in written))
    return int(written) if written.isdecimal() else _with_units(_TOKENS.findall(written))


def dates_in_digits(text: str) -> str:
    """The text with the years, months and days that are in characters in digits: 六月三十日 as 6月30日."""
    return _IN_DATE.sub(lambda found: _digits(found[0]), text)


def _digits(written: str) -> str:
    number = read_chinese(written)
    return written if number is None else str(number)


def _with_units(tokens: list[str]) -> int | None:
    """The sum of what stands before each unit; units become smaller within a myriad, and myriads too."""
    total, section, number = Decimal(0), Decimal(0), None
    last_unit, last_myriad = 10**4, 10**12
    for sign in tokens:
        if unit := _UNITS.get(sign):
            if unit >= last_unit or (number is None and unit != 10):
                return None
            section += unit * (Decimal(1) if number is None else number)
            last_unit, number = unit, None
        elif myriad := _MYRIADS.get(sign):
            before = section + (number or 0)
            if myriad >= last_myriad or not before:
                return None
            total += before * myriad
            section, number, last_unit, last_myriad = Decimal(0), None, 10**4, myriad
        elif number is not None:
            return None
        elif sign not in "零〇":
            number = Decimal(_DIGITS.get(sign, sign))
    if number is not None and len(tokens) > 1:
        # 一百五 is 150; the nought in 一百零五 says that it is not.
        unit_before = (_UNITS | _MYRIADS).get(tokens[-2], 10)
        number *= Decimal(unit_before) / 10
    value = total + section + (number or 0)
    return int(value) if value == value.to_integral_value() else None
