"""The functions that an expression can call: one row each, with what it takes and what it gives.

To add one, write it here under `@function`; it is then read, compiled, checked and suggested for
misspellings. Meanings: https://getodk.github.io/xforms-spec/#xpath-functions
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import TypeAlias

from bot.flows.expressions.conversions import (
    Datum,
    Program,
    Values,
    is_empty,
    to_boolean,
    to_number,
    to_text,
)
from bot.flows.expressions.types import Kind
from bot.flows.values import Value


class Takes(Enum):
    """What a parameter wants; the argument is converted to it, and `check` names one that cannot be meant."""

    ANY = "value"
    TEXT = "text"
    NUMBER = "number"
    CONDITION = "condition"
    CODES = "choices"
    CODE = "'code'"
    REPEAT = "${repeat}"


CONVERSIONS: dict[Takes, Callable[[Datum], Datum]] = {
    Takes.TEXT: to_text,
    Takes.NUMBER: to_number,
    Takes.CONDITION: to_boolean,
    Takes.CODES: to_text,
    Takes.CODE: to_text,
}

Implementation: TypeAlias = Callable[..., Datum]
Builder: TypeAlias = Callable[[Sequence[Program]], Program]
Preparation: TypeAlias = Callable[[Sequence[Datum | None]], Implementation | None]


class ArgumentError(ValueError):
    """A literal argument that a function refuses, found when the expression is read."""

    def __init__(self, argument: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.argument = argument
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its name, its parameters, its result and how it is computed."""

    name: str
    takes: tuple[Takes, ...]
    gives: Kind | None
    """`None` for one whose result is one of its arguments."""
    call: Implementation | None = None
    build: Builder | None = None
    """For one that does not evaluate all its arguments: makes the program from theirs, in place of `call`."""
    prepare: Preparation | None = None
    """Sees the literal arguments once (`None` for others); gives a faster implementation or refuses them."""
    optional: int = 0
    """How many of the last parameters may be left out."""
    repeats: bool = False
    """Whether the last parameter may be given many times."""

    @property
    def arity(self) -> tuple[int, int | None]:
        """The least and the greatest number of arguments; `None` for no limit."""
        return len(self.takes) - self.optional, None if self.repeats else len(self.takes)

    @property
    def usage(self) -> str:
        """How it is written, such as `selected(choices, 'code')`."""
        names = [taken.value for taken in self.takes[: len(self.takes) - self.optional]]
        names += [f"[{taken.value}]" for taken in self.takes[len(names) :]]
        return f"{self.name}({', '.join(names)}{', …' if self.repeats else ''})"

    def parameter(self, index: int) -> Takes:
        """What the argument at `index` has to be."""
        return self.takes[min(index, len(self.takes) - 1)]


FUNCTIONS: dict[str, Function] = {}

REFUSED: dict[str, str] = {
    "current": "Refer to a question as ${name}.",
    "instance": "Give the choices a column, and filter them with `choice_filter`.",
    "pulldata": "Write what the file holds as choices with columns, or ask for it.",
    "position": "Write position(..), in a repeat.",
    "digest": "Leave it out; results name nobody.",
    "base64-decode": "Leave it out.",
    "extract-signed": "Leave it out.",
    "jr:itext": "Refer to the answer as ${name}: a text shows it in words.",
    "geofence": "Ask for the place with a `select_one`.",
    "search": "Write the choices under `choices:`, and filter them with `choice_filter`.",
    "property": "Ask for it.",
    "version": "Leave it out; results say the version of each answer.",
    "randomize": "Write `randomize: true` for the question.",
    "count-if": "Write count(${repeat}[condition]).",
    "sum-if": "Write sum(${repeat}[condition]/name).",
    "min-if": "Write min(${repeat}[condition]/name).",
    "max-if": "Write max(${repeat}[condition]/name).",
    "join-if": "Write join(', ', ${repeat}[condition]/name).",
    "rank-index": "Ask for the order with a `rank`.",
    "rank-value": "Ask for the order with a `rank`.",
    "empty": "Compare it: ${name} = ''.",
    "format-number": "Refer to the number as ${name}.",
    "choice-label": "Write jr:choice-name(${name}, '${name}').",
    "duration": "Take the moments of `start` and `end`.",
}
"""Functions of ODK and SurveyCTO that a conversation cannot carry, each with what to do instead."""


def function(
    name: str,
    *takes: Takes,
    gives: Kind | None,
    optional: int = 0,
    repeats: bool = False,
    prepare: Preparation | None = None,
) -> Callable[[Implementation], Implementation]:
    """Enter the decorated implementation in the table of functions."""

    def enter(call: Implementation) -> Implementation:
        FUNCTIONS[name] = Function(
            name, takes, gives, call, prepare=prepare, optional=optional, repeats=repeats
        )
        return call

    return enter


def lazy(
    name: str, *takes: Takes, gives: Kind | None, optional: int = 0, repeats: bool = False
) -> Callable[[Builder], Builder]:
    """Enter a function that evaluates only the arguments it needs, or looks at more than these."""

    def enter(build: Builder) -> Builder:
        FUNCTIONS[name] = Function(name, takes, gives, build=build, optional=optional, repeats=repeats)
        return build

    return enter


@function("true", gives=Kind.BOOLEAN)
def _true() -> bool:
    return True


@function("false", gives=Kind.BOOLEAN)
def _false() -> bool:
    return False


@function("not", Takes.CONDITION, gives=Kind.BOOLEAN)
def _not(condition: bool) -> bool:
    return not condition


@function("boolean", Takes.CONDITION, gives=Kind.BOOLEAN)
def _boolean(condition: bool) -> bool:
    return condition


@lazy("if", Takes.CONDITION, Takes.ANY, Takes.ANY, gives=None)
def _if(arguments: Sequence[Program]) -> Program:
    condition, then, otherwise = arguments

    def choose(values: Values, current: Value | None) -> Datum:
        chosen = then if to_boolean(condition(values, current)) else otherwise
        return chosen(values, current)

    return choose


@lazy("coalesce", Takes.ANY, Takes.ANY, gives=None, repeats=True)
def _coalesce(arguments: Sequence[Program]) -> Program:
    def first_answered(values: Values, current: Value | None) -> Datum:
        found: Datum = ""
        for argument in arguments:
            found = argument(values, current)
            if not is_empty(found):
                break
        return found

    return first_answered


@function("selected", Takes.CODES, Takes.CODE, gives=Kind.BOOLEAN)
def _selected(codes: str, code: str) -> bool:
    return f" {code.strip()} " in f" {codes} "


@function("count-selected", Takes.CODES, gives=Kind.NUMBER)
def _count_selected(codes: str) -> float:
    return float(len(codes.split()))


@function("selected-at", Takes.CODES, Takes.NUMBER, gives=Kind.TEXT)
def _selected_at(codes: str, place: float) -> str:
    listed = codes.split()
    return listed[int(place)] if 0 <= place < len(listed) else ""


@function("string", Takes.TEXT, gives=Kind.TEXT)
def _string(text: str) -> str:
    return text


@function("string-length", Takes.TEXT, gives=Kind.NUMBER)
def _string_length(text: str) -> float:
    return float(len(text))


@function("concat", Takes.TEXT, gives=Kind.TEXT, repeats=True)
def _concat(*texts: str) -> str:
    return "".join(texts)


@function("contains", Takes.TEXT, Takes.TEXT, gives=Kind.BOOLEAN)
def _contains(text: str, part: str) -> bool:
    return part in text


@function("starts-with", Takes.TEXT, Takes.TEXT, gives=Kind.BOOLEAN)
def _starts_with(text: str, part: str) -> bool:
    return text.startswith(part)


@function("ends-with", Takes.TEXT, Takes.TEXT, gives=Kind.BOOLEAN)
def _ends_with(text: str, part: str) -> bool:
    return text.endswith(part)


@function("number", Takes.NUMBER, gives=Kind.NUMBER)
def _number(number: float) -> float:
    return number


@function("int", Takes.NUMBER, gives=Kind.NUMBER)
def _int(number: float) -> float:
    return float(math.trunc(number)) if math.isfinite(number) else number


# Wide enough for every digit of the greatest double and the most decimals that are given.
_DIGITS = Context(prec=400)
_MOST_DECIMALS = 30


@function("round", Takes.NUMBER, Takes.NUMBER, gives=Kind.NUMBER, optional=1)
def _round(number: float, decimals: float = 0.0) -> float:
    if not math.isfinite(number):
        return number
    if abs(decimals) > _MOST_DECIMALS:
        return math.nan
    step = Decimal(1).scaleb(0 if math.isnan(decimals) else -int(decimals))
    # XPath rounds a half upwards, towards zero for a negative number.
    halves = ROUND_HALF_DOWN if number < 0 else ROUND_HALF_UP
    return float(Decimal(repr(number)).quantize(step, halves, _DIGITS))
