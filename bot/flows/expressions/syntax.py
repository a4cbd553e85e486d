"""Reading an expression: its tokens, and the tree that a Pratt parser makes of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.flows.expressions.functions import FUNCTIONS, REFUSED, Function
from bot.flows.expressions.tokens import Token, mistake, tokens
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
_MOST_BRACKETS = 2
"""Conditions on turns one in another: each is written out for every turn of those around it."""
_STRANGE = frozenset("[]/")
"""What means something after a repeat alone."""


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
    """1 for the innermost repeat, 2 for the one around that; 0 for `position()`, the turn that is looked at."""


@dataclass(frozen=True, slots=True)
class Own:
    """`current(${name})`, in the condition on turns: the answer in the turn in which the expression stands."""

    start: int
    end: int
    reference: Reference


@dataclass(frozen=True, slots=True)
class Turns:
    """`${repeat}[condition]`, the turns of a repeat for which it holds, or `${repeat}[condition]/name`.

    In the condition `${name}` is the answer in the turn that is looked at, and `position()` its number.
    """

    start: int
    end: int
    repeat: Reference
    condition: Node
    question: Reference | None
    """Whose answers in these turns are meant."""


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


Node: TypeAlias = Literal | Reference | Current | Column | Turn | Turns | Own | Negation | Operation | Call


def children(node: Node) -> Iterable[Node]:
    """The nodes directly under a node."""
    match node:
        case Operation():
            return node.operands
        case Call():
            return node.arguments
        case Negation():
            return (node.operand,)
        case Own():
            return (node.reference,)
        case Turns():
            return (node.repeat, node.condition, *((node.question,) if node.question else ()))
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


class _Parser:
    """Reads one source.

    `depth` counts how deep the expression that is being read is nested, `brackets` in how many conditions on turns.
    """

    def __init__(self, source: str, *, columns: bool) -> None:
        self.columns = columns
        self.tokens = tokens(source)
        self.token = next(self.tokens)
        self.end = 0
        self.depth = 0
        self.brackets = 0

    def advance(self) -> Token:
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
                reference = Reference(token.start, token.end, text[2:-1])
                return self.turns(reference) if self.accept("[") else reference
            case "operator", ".":
                return Current(token.start, token.end)
            case "operator", "-":
                operand = self.expression(_UNARY)
                return Negation(token.start, self.end, operand)
            case "operator", "(":
                inside = self.expression(0)
                self.close(token, ")")
                return inside
            case "turn", text:
                return Turn(token.start, token.end, text.count(".."))
            case "word", "current" | "position" if self.brackets and self.token.text == "(":
                return self.in_brackets(token)
            case "word", name if self.token.text == "(" and name not in _POWERS:
                return self.call(token)
            case "word", name if self.columns and name not in _POWERS:
                return Column(token.start, token.end, name)
            case _:
                raise self.unexpected(token)

    def turns(self, repeat: Reference) -> Turns:
        opened = Token("operator", "[", repeat.end, self.end)
        if self.brackets == _MOST_BRACKETS:
            message = f"Conditions on turns stand more than {_MOST_BRACKETS} deep in one another"
            remedy = "Let a `calculate` in the repeat hold the innermost of them."
            raise ExpressionError(message, repeat.end, remedy)
        self.brackets += 1
        condition = self.expression(0)
        self.brackets -= 1
        self.close(opened, "]")
        question = None
        if self.accept("/"):
            token = self.advance()
            if token.kind != "word":
                raise self.unexpected(token)
            question = Reference(token.start, token.end, token.text)
        return Turns(repeat.start, self.end, repeat, condition, question)

    def in_brackets(self, name: Token) -> Turn | Own:
        opened = self.advance()
        if name.text == "position":
            self.close(opened, ")")
            return Turn(name.start, self.end, 0)
        token = self.advance()
        if token.kind != "reference":
            message = "current() in brackets takes the name of a question"
            raise ExpressionError(message, token.start, "Write current(${name}).")
        self.close(opened, ")")
        return Own(name.start, self.end, Reference(token.start, token.end, token.text[2:-1]))

    def close(self, opened: Token, closing: str) -> None:
        if self.accept(closing):
            return
        if self.token.kind == "end":
            kind = "parenthesis" if closing == ")" else "bracket"
            raise ExpressionError(
                f"A {kind} is not closed", opened.start, f"Add {closing} where it should end."
            )
        raise self.unexpected_operand()

    def call(self, name: Token) -> Call:
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
            self.close(opened, ")")
        _check_arity(function, len(arguments), name.start)
        return Call(name.start, self.end, function, tuple(arguments))

    def unexpected(self, token: Token) -> ExpressionError:
        """What is wrong with a token that stands where a value should."""
        if token.kind == "end":
            return ExpressionError(
                "The expression ends where a value should follow",
                token.start,
                "Add the value, or remove what waits for it.",
            )
        if token.text in _STRANGE:
            return mistake(token.text, token.start)
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
        if token.text in _STRANGE:
            return mistake(token.text, token.start)
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
