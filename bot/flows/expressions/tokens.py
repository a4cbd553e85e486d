"""The tokens of an expression: what can stand in it, and what people write who mean something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.flows.expressions.types import ExpressionError


class Token(NamedTuple):
    """A piece of the source; the last one, of the kind `end`, is empty."""

    kind: str
    text: str
    start: int
    end: int


# What people write who know other languages, or whose word processor improves their quotes.
_MISTAKES = {
    "==": "Write = once.",
    "<>": "Write != for “is not”.",
    "=>": "Write >=.",
    "=<": "Write <=.",
    "&": "Write and.",
    "|": "Write or.",
    "!": "Write != for “is not”, or not(…) around a condition.",
    "%": "Write mod for the remainder of a division.",
    "/": "Write div to divide, and ${name} to refer to a question.",
    "..": "Refer to a question as ${name}.",
    "[": "Write ${repeat}[condition]/name for the answers of some turns, indexed-repeat(${name}, ${repeat}, 1) for "
    "that of one.",
    "@": "Refer to a question as ${name}.",
    "{": "Refer to a question as ${name}.",
    "$": "Refer to a question as ${name}: its exact name in braces, without spaces.",
    "${last-saved#": "Answers of an earlier round are not at hand: give the value to a `hidden` question.",
    "'": "Close the text with another '.",
    '"': 'Close the text with another ".',
    "‘": "Use straight quotes: 'yes'.",
    "’": "Use straight quotes: 'yes'.",
    "“": "Use straight quotes: 'yes'.",
    "”": "Use straight quotes: 'yes'.",
    "\u00a0": "Replace this non-breaking space by an ordinary one.",
}

TURN = re.compile(r"position\(\s*\.\.(?:\s*/\s*\.\.)*\s*\)")
"""`position(..)`, `position(../..)` and so on."""
_TOKENS = re.compile(
    r"""(?P<space>[ \t\r\n\f]+)
    | (?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)
    | (?P<text>'[^']*'|"[^"]*")
    | (?P<reference>\$\{[^\W\d][\w.-]*(?:\[[0-9]{1,4}\])*\})
    | (?P<turn>"""
    + TURN.pattern
    + r""")
    | (?P<mistake>==|<>|=>|=<|\.\.|\$\{last-saved\#)
    | (?P<operator>!=|<=|>=|[=<>+*(),.\[\]/-])
    | (?P<word>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def tokens(source: str) -> Iterator[Token]:
    """Each token, in order; raises `ExpressionError` at the first that has no meaning."""
    for found in _TOKENS.finditer(source):
        kind, text = found.lastgroup or "", found.group()
        if kind in {"mistake", "other"}:
            raise mistake(text, found.start())
        if kind != "space":
            yield Token(kind, text, found.start(), found.end())
    yield Token("end", "", len(source), len(source))


def mistake(text: str, offset: int) -> ExpressionError:
    """What is wrong with a token that has no meaning where it stands."""
    remedy = _MISTAKES.get(text, "Remove it, or put the text that it belongs to in quotes.")
    if text.isdecimal():
        remedy = f"Write {int(text)}: numbers are written with the digits from 0 to 9."
    return ExpressionError(f"{text} has no meaning here", offset, remedy)
