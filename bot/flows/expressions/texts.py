"""Functions of texts and numbers that few forms need, and those that draw from chance or look at labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from bot.flows.expressions.conversions import (
    LABEL,
    SEED,
    Datum,
    Program,
    Values,
    datum,
    is_empty,
    to_number,
    to_text,
)
from bot.flows.expressions.functions import Takes, function, lazy
from bot.flows.expressions.types import Kind
from bot.flows.values import Value


@function("substr", Takes.TEXT, Takes.NUMBER, Takes.NUMBER, gives=Kind.TEXT, optional=1)
def _substr(text: str, start: float, end: float = math.inf) -> str:
    bounds = [
        len(text) if math.isinf(place) else int(place) for place in (start, end) if not math.isnan(place)
    ]
    if len(bounds) < 2:
        return ""
    first, last = (place + len(text) if place < 0 else place for place in bounds)
    return text[max(first, 0) : max(last, 0)]


@function("substring-before", Takes.TEXT, Takes.TEXT, gives=Kind.TEXT)
def _substring_before(text: str, part: str) -> str:
    before, found, _ = text.partition(part) if part else ("", "", "")
    return before if found else ""


@function("substring-after", Takes.TEXT, Takes.TEXT, gives=Kind.TEXT)
def _substring_after(text: str, part: str) -> str:
    return text.partition(part)[2] if part else text


@function("translate", Takes.TEXT, Takes.TEXT, Takes.TEXT, gives=Kind.TEXT)
def _translate(text: str, old: str, new: str) -> str:
    table: dict[str, str] = {}
    for index, character in enumerate(old):
        table.setdefault(character, new[index : index + 1])
    return "".join(table.get(character, character) for character in text)


@function("normalize-space", Takes.TEXT, gives=Kind.TEXT)
def _normalize_space(text: str) -> str:
    return " ".join(text.split())


@function("boolean-from-string", Takes.TEXT, gives=Kind.BOOLEAN)
def _boolean_from_string(text: str) -> bool:
    return text in {"true", "1"}


@function("pow", Takes.NUMBER, Takes.NUMBER, gives=Kind.NUMBER)
def _pow(number: float, exponent: float) -> float:
    try:
        result = number**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return result if isinstance(result, float) else math.nan


@function("abs", Takes.NUMBER, gives=Kind.NUMBER)
def _abs(number: float) -> float:
    return abs(number)


@function("sqrt", Takes.NUMBER, gives=Kind.NUMBER)
def _sqrt(number: float) -> float:
    return math.sqrt(number) if number >= 0 else math.nan


@function("exp", Takes.NUMBER, gives=Kind.NUMBER)
def _exp(number: float) -> float:
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf


@function("exp10", Takes.NUMBER, gives=Kind.NUMBER)
def _exp10(number: float) -> float:
    try:
        return math.pow(10.0, number)
    except OverflowError:
        return math.inf


@function("ceiling", Takes.NUMBER, gives=Kind.NUMBER)
def _ceiling(number: float) -> float:
    return float(math.ceil(number)) if math.isfinite(number) else number


@function("floor", Takes.NUMBER, gives=Kind.NUMBER)
def _floor(number: float) -> float:
    return float(math.floor(number)) if math.isfinite(number) else number


@function("log", Takes.NUMBER, gives=Kind.NUMBER)
def _log(number: float) -> float:
    return math.log(number) if number > 0 else -math.inf if number == 0 else math.nan


@function("log10", Takes.NUMBER, gives=Kind.NUMBER)
def _log10(number: float) -> float:
    return math.log10(number) if number > 0 else -math.inf if number == 0 else math.nan


@function("pi", gives=Kind.NUMBER)
def _pi() -> float:
    return math.pi


@lazy("once", Takes.ANY, gives=None)
def _once(arguments: Sequence[Program]) -> Program:
    (first,) = arguments

    def keep(values: Values, current: Value | None) -> Datum:
        kept = datum(current)
        return first(values, current) if is_empty(kept) else kept

    return keep


@lazy("random", gives=Kind.NUMBER)
def _random(arguments: Sequence[Program]) -> Program:
    return lambda values, current: int.from_bytes(_drawn(values)[:6], "big") / 2**48


@lazy("uuid", Takes.NUMBER, gives=Kind.TEXT, optional=1)
def _uuid(arguments: Sequence[Program]) -> Program:
    def draw(values: Values, current: Value | None) -> str:
        drawn = _drawn(values)
        length = to_number(arguments[0](values, current)) if arguments else math.nan
        if 0 <= length <= 2 * len(drawn):
            return drawn.hex()[: int(length)]
        return str(UUID(bytes=drawn[:16], version=4))

    return draw


def _drawn(values: Values) -> bytes:
    """Bytes that look like chance, and are the same whenever one person's question asks for them."""
    return sha256(str(values(SEED)).encode("utf-8", "surrogatepass")).digest()


def quoted_reference(literal: Datum | None) -> str | None:
    """The question that `'${name}'` names."""
    if isinstance(literal, str) and literal.startswith("${") and literal.endswith("}"):
        return literal[2:-1].strip()
    return None


@lazy("jr:choice-name", Takes.ANY, Takes.TEXT, gives=Kind.TEXT)
def _choice_name(arguments: Sequence[Program]) -> Program:
    code, question = arguments

    def find(values: Values, current: Value | None) -> Datum:
        name = quoted_reference(question(values, current))
        found = values(f"{LABEL}/{name}/{to_text(code(values, current))}")
        return found if isinstance(found, str) else ""

    return find
