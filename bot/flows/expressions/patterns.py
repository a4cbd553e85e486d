"""Patterns that texts have to fit, in linear time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import re2

from bot.flows.expressions.conversions import Datum, to_text
from bot.flows.expressions.functions import ArgumentError, Implementation, Takes, function
from bot.flows.expressions.types import Kind

_QUIET = re2.Options()
_QUIET.log_errors = False

_UNBOUNDED = {
    "looks ahead": ("(?=", "(?!"),
    "looks behind": ("(?<=", "(?<!"),
    "refers back": tuple(f"\\{digit}" for digit in range(1, 10)),
}


def _compile(pattern: str) -> Callable[[str], bool]:
    """Whether a whole text fits a pattern; what it looks ahead for at its beginning is a pattern of its own."""
    ahead, rest = _looks_ahead(pattern)
    if not ahead:
        return _compile_plain(pattern)
    wanted = [(holds, _compile_plain(f"(?:{inside})(?s:.*)")) for holds, inside in ahead]
    fits = _compile_plain(rest)
    return lambda text: fits(text) and all(found(text) is holds for holds, found in wanted)


def _looks_ahead(pattern: str) -> tuple[list[tuple[bool, str]], str]:
    """The `(?=…)` and `(?!…)` with which a pattern begins, whether each has to hold, and the rest."""
    found: list[tuple[bool, str]] = []
    rest = pattern.removeprefix("^")
    while rest.startswith(("(?=", "(?!")):
        end = next((index for index, character, depth in _structure(rest) if depth == 0), 0)
        if not end:
            break
        found.append((rest[2] == "=", rest[3:end]))
        rest = rest[end + 1 :]
    alternatives = any(character == "|" and depth == 0 for _, character, depth in _structure(rest))
    return ([], pattern) if alternatives else (found, rest)


def _structure(pattern: str) -> Iterator[tuple[int, str, int]]:
    """Each character that neither stands in a class nor is escaped, with how many groups are open after it."""
    depth, in_class, index = 0, False, 0
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 1
        elif in_class:
            in_class = character != "]"
        else:
            in_class = character == "["
            depth += (character == "(") - (character == ")")
            yield index, character, depth
        index += 1


def _compile_plain(pattern: str) -> Callable[[str], bool]:
    try:
        fullmatch = re2.compile(pattern, _QUIET).fullmatch
    except UnicodeEncodeError:
        raise ArgumentError(
            1, "The pattern holds half a character", "Type the character again in the pattern."
        ) from None
    except re2.error as error:
        raise _refusal(pattern, error) from None

    def matches(text: str) -> bool:
        try:
            return fullmatch(text) is not None
        except UnicodeEncodeError:  # half a surrogate pair: no character, so nothing matches it
            return False

    return matches


def _refusal(pattern: str, error: Exception) -> ArgumentError:
    said = error.args[0].decode(errors="replace")
    culprit = said.rpartition(": ")[2]
    habit = next((habit for habit, marks in _UNBOUNDED.items() if culprit.startswith(marks)), None)
    if habit is None:
        message = f"The pattern '{pattern}' cannot be read: {said}"
        return ArgumentError(
            1, message, "See https://github.com/google/re2/wiki/Syntax for what it may hold."
        )
    return ArgumentError(
        1,
        f"The pattern '{pattern}' {habit} by '{culprit}', which takes unbounded time",
        "Say it with several patterns: regex(…) and not(regex(…)).",
    )


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> Callable[[str], bool] | None:
    try:
        return _compile(pattern)
    except ArgumentError:
        return None


def _prepare_regex(arguments: Sequence[Datum | None]) -> Implementation | None:
    if arguments[1] is None:
        return None
    matches = _compile(to_text(arguments[1]))

    def matches_literal(text: str, _: str) -> bool:
        return matches(text)

    return matches_literal


@function("regex", Takes.TEXT, Takes.TEXT, gives=Kind.BOOLEAN, prepare=_prepare_regex)
def _regex(text: str, pattern: str) -> bool:
    matches = _matcher(pattern)
    return matches is not None and matches(text)
