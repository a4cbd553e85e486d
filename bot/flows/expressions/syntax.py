"""Reading an expression: its tokens, and the tree that a Pratt parser makes of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from bot.flows.expressions.functions import FUNCTIONS, REFUSED, Function
from bot.flows.expressions.types import ExpressionError

MAX_LENGTH = 10_000
MAX_DEPTH = 100

LOGICAL = frozenset({"or", "and"})
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})

_POWERS = {
    operator: power
    for power, operators in enumerate(["or", "and", "= !=", "< <= > >=", "+ -", "* div mod"], start=1)
    for operator in operators.split()
}
_UNARY = 7


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in quotes or a number."""

    start: int
    end: int
    value: str | float


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`: the answer to a question."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Current:
    """`.`: the answer that is being given."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Column:
    """A bare word in a `choice_filter`: the choice's `name`, or a column of its own."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """`position(..)`: which turn of a repeat it is, from 1; `position(../..)` is that of the repeat around it."""

    start: int
    end: int
    level: int
    """1 for the innermost repeat, 2 for the one around that."""


@dataclass(frozen=True, slots=True)
class Negation:
    """A minus sign before an operand."""

    start: int
    end: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands with operators of one binding power between them, from left to right.

    A long chain is one node, so that a tree is never deeper than its source is nested.
    """

    start: int
    end: int
    first: Node
    rest: tuple[tuple[str, Node], ...]

    @property
    def operator(self) -> str:
        """The first operator, which tells the others' family."""
        return self.rest[0][0]

    @property
    def operands(self) -> Iterator[Node]:
        """Every operand, in order."""
        yield self.first
        for _, operand in self.rest:
            yield operand


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    start: int
    end: int
    function: Function
    arguments: tuple[Node, ...]


Node: TypeAlias = Literal | Reference | Current | Column | Turn | Negation | Operation | Call


def children(node: Node) -> Iterable[Node]:
    """The nodes directly under a node."""
    match node:
        case Operation():
            return node.operands
        case Call():
            return node.arguments
        case Negation():
            return (node.operand,)
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[int, Node]]:
    """A node and everything under it, in no order, each with how deep it lies."""
    found = [(1, root)]
    while found:
        depth, node = found.pop()
        yield depth, node
        found += [(depth + 1, child) for child in children(node)]


def suggestion(word: str, known: Iterable[str], form: str = "{}") -> str | None:
    """A question that offers the known word closest to a misspelt one."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {form.format(close[0])}?" if close else None


class _Token(NamedTuple):
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
    "[": "Write indexed-repeat(${name}, ${repeat}, 1) for the answer of one turn. To take some turns only, let a "
    "`calculate` in the repeat be if(condition, ${name}, ''), and take the sum() or the like of that.",
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
    | (?P<operator>!=|<=|>=|[=<>+*(),.-])
    | (?P<word>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def _tokens(source: str) -> Iterator[_Token]:
    for found in _TOKENS.finditer(source):
        kind, text = found.lastgroup or "", found.group()
        if kind in {"mistake", "other"}:
            remedy = _MISTAKES.get(text, "Remove it, or put the text that it belongs to in quotes.")
            raise ExpressionError(f"{text} has no meaning here", found.start(), remedy)
        if kind != "space":
            yield _Token(kind, text, found.start(), found.end())
    yield _Token("end", "", len(source), len(source))


class _Parser:
    """Reads one source; `depth` counts how deep the expression that is being read is nested."""

    def __init__(self, source: str, *, columns: bool) -> None:
        self.columns = columns
        self.tokens = _tokens(source)
        self.token = next(self.tokens)
        self.end = 0
        self.depth = 0

    def advance(self) -> _Token:
        token = self.token
        self.end = token.end
        if token.kind != "end":
            self.token = next(self.tokens)
        return token

    def accept(self, operator: str) -> bool:
        accepted = self.token.kind == "operator" and self.token.text == operator
        if accepted:
            self.advance()
        return accepted

    def whole(self) -> Node:
        node = self.expression(0)
        if self.token.kind != "end":
            raise self.unexpected_operand()
        return node

    def expression(self, power: int) -> Node:
        """An operand and the operators after it that bind more tightly than `power`."""
        if self.depth == MAX_DEPTH:
            raise _too_deep(self.token.start)
        self.depth += 1
        start = self.token.start
        left = self.operand()
        while (binding := self.binding()) > power:
            rest = []
            while self.binding() == binding:
                rest.append((self.advance().text, self.expression(binding)))
            left = Operation(start, self.end, left, tuple(rest))
        self.depth -= 1
        return left

    def binding(self) -> int:
        return _POWERS.get(self.token.text, 0) if self.token.kind in {"operator", "word"} else 0

    def operand(self) -> Node:
        token = self.advance()
        match token.kind, token.text:
            case "number", text:
                return Literal(token.start, token.end, float(text))
            case "text", text:
                return Literal(token.start, token.end, text[1:-1])
            case "reference", text:
                return Reference(token.start, token.end, text[2:-1])
            case "operator", ".":
                return Current(token.start, token.end)
            case "operator", "-":
                operand = self.expression(_UNARY)
                return Negation(token.start, self.end, operand)
            case "operator", "(":
                inside = self.expression(0)
                self.close(token)
                return inside
            case "turn", text:
                return Turn(token.start, token.end, text.count(".."))
            case "word", name if self.token.text == "(" and name not in _POWERS:
                return self.call(token)
            case "word", name if self.columns and name not in _POWERS:
                return Column(token.start, token.end, name)
            case _:
                raise self.unexpected(token)

    def close(self, opened: _Token) -> None:
        if self.accept(")"):
            return
        if self.token.kind == "end":
            raise ExpressionError("A parenthesis is not closed", opened.start, "Add ) where it should end.")
        raise self.unexpected_operand()

    def call(self, name: _Token) -> Call:
        function = FUNCTIONS.get(name.text)
        if name.text in REFUSED:
            raise ExpressionError(
                f"{name.text}() cannot be used in a conversation", name.start, REFUSED[name.text]
            )
        if function is None:
            remedy = suggestion(name.text.lower(), FUNCTIONS, "{}()")
            known = ", ".join(sorted(FUNCTIONS))
            raise ExpressionError(
                f"There is no function {name.text}()", name.start, remedy or f"The functions are {known}."
            )
        opened = self.advance()
        arguments: list[Node] = []
        if not self.accept(")"):
            arguments.append(self.expression(0))
            while self.accept(","):
                arguments.append(self.expression(0))
            self.close(opened)
        _check_arity(function, len(arguments), name.start)
        return Call(name.start, self.end, function, tuple(arguments))

    def unexpected(self, token: _Token) -> ExpressionError:
        """What is wrong with a token that stands where a value should."""
        if token.kind == "end":
            return ExpressionError(
                "The expression ends where a value should follow",
                token.start,
                "Add the value, or remove what waits for it.",
            )
        if token.kind == "operator" or token.text in _POWERS:
            return ExpressionError(
                f"There is no value before {token.text}",
                token.start,
                "Add a value: ${name}, a number, or a text in quotes.",
            )
        if token.text.lower() in {"true", "false", "not"}:
            remedy = "Write not(…)." if token.text.lower() == "not" else f"Write {token.text.lower()}()."
        else:
            remedy = f"Write '{token.text}' for a text or a code, ${{{token.text}}} for a question's answer."
        return ExpressionError(f"{token.text} stands alone", token.start, remedy)

    def unexpected_operand(self) -> ExpressionError:
        """What is wrong with a token that stands where an operator should."""
        token = self.token
        if token.text == ")":
            return ExpressionError("One ) is too many", token.start, "Remove it, or add the ( it belongs to.")
        if token.text == ",":
            return ExpressionError(
                "A comma stands outside a function",
                token.start,
                "Write 1000.5 for a number, and/or for a list.",
            )
        lower = token.text.lower()
        if token.kind == "word" and lower in _POWERS:
            return ExpressionError(f"{token.text} is not an operator", token.start, f"Write {lower}.")
        operator = re.match("(and|or|div|mod)(?=[.-])", token.text)
        remedy = (
            f"Put a space after {operator[0]}." if operator else "Join two conditions with and, or with or."
        )
        return ExpressionError(f"There is no operator before {token.text}", token.start, remedy)


def _check_arity(function: Function, given: int, offset: int) -> None:
    least, most = function.arity
    if least <= given and (most is None or given <= most):
        return
    if most is None:
        wanted = f"at least {least}"
    elif most > least:
        wanted = f"{least} to {most}"
    else:
        wanted = f"{least}"
    raise ExpressionError(
        f"{function.name}() takes {wanted} values, not {given}", offset, f"Write {function.usage}."
    )


def _too_deep(offset: int) -> ExpressionError:
    return ExpressionError(
        f"The expression is nested more than {MAX_DEPTH} levels deep",
        offset,
        "Split it over several questions or calculations.",
    )


def parse(source: str, *, columns: bool = False) -> Node:
    """The tree of an expression, in which bare words may name `columns`; raises `ExpressionError`."""
    if not source.strip():
        raise ExpressionError("The expression is empty", 0, "Write a condition, or leave the field out.")
    root = _Parser(source, columns=columns).whole()
    for depth, node in walk(root):
        if depth > MAX_DEPTH:  # operators can nest to the left, where the parser does not go deep itself
            raise _too_deep(node.start)
    return root
