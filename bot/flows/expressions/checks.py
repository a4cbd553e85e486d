"""Checking what an expression says against the questions it is about: the mistakes that would pass unseen.

A wrong comparison never fails, it is only never true (or always): so each that cannot be meant is named.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bot.flows.expressions.conversions import is_date, is_time, to_number
from bot.flows.expressions.functions import Takes
from bot.flows.expressions.repeats import written_name
from bot.flows.expressions.syntax import (
    COMPARISONS,
    LOGICAL,
    Call,
    Column,
    Current,
    Literal,
    Negation,
    Node,
    Operation,
    Own,
    Reference,
    Turn,
    Turns,
    suggestion,
)
from bot.flows.expressions.texts import quoted_reference
from bot.flows.expressions.types import ExpressionError, Kind, ValueKind, common

_TEXT = ValueKind(Kind.TEXT)
_NUMBER = ValueKind(Kind.NUMBER)
_DATE = ValueKind(Kind.DATE)
_BOOLEAN = ValueKind(Kind.BOOLEAN)
_CHOICES = frozenset({Kind.CODE, Kind.CODES})


def check(
    root: Node,
    source: str,
    types: Mapping[str, ValueKind],
    current: ValueKind | None,
    columns: Collection[str] = (),
) -> list[ExpressionError]:
    """Everything in an expression that its author cannot have meant, in the order of the source."""
    checker = _Checker(source, types, current, columns)
    checker.kind_of(root)
    return sorted(checker.found, key=lambda error: error.offset)


def _text_of(node: Node) -> str | None:
    """The text that a node writes out; `None` for all but a literal text."""
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _is_number(text: str) -> bool:
    return not math.isnan(to_number(text))


def _has_numbers(kind: ValueKind) -> bool:
    """Whether some choice's code can be computed with."""
    return kind.choices is None or any(_is_number(code) for code in kind.choices)


@dataclass(slots=True)
class _Checker:
    source: str
    types: Mapping[str, ValueKind]
    current: ValueKind | None
    columns: Collection[str]
    found: list[ExpressionError] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    """The repeats in whose brackets it is."""

    def say(self, node: Node, message: str, remedy: str) -> None:
        """Name what hardly anybody can mean."""
        self.found.append(ExpressionError(message, node.start, remedy, is_doubt=True))

    def refuse(self, node: Node, message: str, remedy: str) -> None:
        """Name what means nothing."""
        self.found.append(ExpressionError(message, node.start, remedy))

    def name(self, node: Node) -> str:
        return self.source[node.start : node.end]

    def kind_of(self, node: Node) -> ValueKind | None:
        """The kind of a node's result, `None` where it cannot be known; says what is wrong under it."""
        match node:
            case Literal(value=value):
                return _TEXT if isinstance(value, str) else _NUMBER
            case Reference():
                return self.reference(node)
            case Column():
                return self.column(node)
            case Turn():
                return _NUMBER
            case Turns():
                return self.turns(node)
            case Own():
                return self.own(node)
            case Current():
                if self.current is None:
                    self.refuse(node, "There is no current answer here for . to mean", "Write ${name}.")
                return self.current
            case Negation(operand=operand):
                self.number(operand, self.kind_of(operand))
                return _NUMBER
            case Operation():
                return self.operation(node)
            case Call():
                return self.call(node)

    def reference(self, node: Reference, *, repeat: bool = False) -> ValueKind | None:
        kind = self.types.get(written_name(node.name))
        if kind is None:
            remedy = suggestion(node.name, self.types, "${{{}}}") or "Use the name of a question."
            self.refuse(node, f"There is no question {node.name}", remedy)
        elif kind.kind is Kind.REPEAT and not repeat:
            self.refuse(
                node,
                f"{self.name(node)} is a repeat, which has no answer",
                f"Write count({self.name(node)}) for how many there are, or name one of its questions.",
            )
            return None
        return None if kind is not None and kind.kind is Kind.COMPUTED else kind

    def turns(self, node: Turns, *, counted: bool = False) -> ValueKind | None:
        """The answers in some turns of a repeat, or the turns themselves where they are counted."""
        repeat, name = node.repeat.name, self.name(node.repeat)
        kind = self.types.get(repeat)
        if kind is None:
            self.reference(node.repeat)
        elif kind.kind is not Kind.REPEAT:
            self.refuse(node, f"{name} is no repeat", "Write ${repeat}[condition]/name.")
        self.looked_at.append(repeat)
        decides = self.kind_of(node.condition)
        self.looked_at.pop()
        if decides is not None and decides.kind is Kind.NUMBER:
            number = self.name(node.condition)
            remedy = f"Write position() = {number} for the turn of that number."
            self.refuse(node.condition, f"{number} is a number, and no condition", remedy)
        self.condition(node.condition)
        if node.question is None:
            if not counted:
                remedy = f"Write count({self.name(node)}), or /name after it for the answers to one of its questions."
                self.refuse(node, f"{self.name(node)} has no answer", remedy)
            return None
        if kind is not None:
            self.is_in(node.question, repeat, "Name one of its questions.")
        return self.reference(node.question)

    def own(self, node: Own) -> ValueKind | None:
        self.is_in(node.reference, self.looked_at[-1], f"Write {self.name(node.reference)} alone.")
        return self.reference(node.reference)

    def is_in(self, question: Reference, repeat: str, remedy: str) -> None:
        kind = self.types.get(written_name(question.name))
        if kind is not None and repeat not in kind.repeats:
            self.refuse(question, f"{question.name} is no question of the repeat {repeat}", remedy)

    def column(self, node: Column) -> ValueKind | None:
        if node.name not in self.columns:
            remedy = suggestion(node.name, self.columns) or f"The columns are {', '.join(self.columns)}."
            self.refuse(node, f"The choices have no column {node.name}", remedy)
        return None

    def operation(self, node: Operation) -> ValueKind | None:
        kinds = [(operand, self.kind_of(operand)) for operand in node.operands]
        if node.operator in LOGICAL:
            for operand, _ in kinds:
                self.condition(operand)
            return _BOOLEAN
        (left, left_kind), *others = kinds
        for (operator, right), (_, right_kind) in zip(node.rest, others, strict=True):
            if operator in COMPARISONS:
                self.comparison(operator, (left, left_kind), (right, right_kind))
                left_kind = _BOOLEAN
            else:
                self.number(left, left_kind)
                self.number(right, right_kind)
                left_kind = self.computed(operator, left_kind, right_kind)
            left = Operation(node.start, right.end, node.first, node.rest)  # to be named: all so far
        return left_kind

    def computed(self, operator: str, left: ValueKind | None, right: ValueKind | None) -> ValueKind:
        """A date and days make a date; all else makes a number."""
        dates = [kind for kind in (left, right) if kind is not None and kind.kind is Kind.DATE]
        return _DATE if operator in {"+", "-"} and len(dates) == 1 else _NUMBER

    def condition(self, node: Node) -> None:
        text = _text_of(node)
        if text:
            self.say(
                node,
                f"'{text}' alone is always true",
                f"Write the whole comparison each time: ${{name}} = 'a' or ${{name}} = '{text}'.",
            )

    def number(self, node: Node, kind: ValueKind | None) -> None:
        """Says so when a node cannot be computed with."""
        text = _text_of(node)
        if text is not None:
            if text and not _is_number(text):
                self.say(node, f"'{text}' is not a number", "Write a number without quotes.")
        elif kind is not None and kind.kind is Kind.CODES:
            self.say(
                node,
                f"{self.name(node)} is several choices, not a number",
                f"Write count-selected({self.name(node)}) for how many.",
            )
        elif kind is not None and kind.kind is Kind.CODE and not _has_numbers(kind):
            self.say(
                node, f"{self.name(node)} is a choice, and none of its codes is a number", self.equal(node)
            )

    def equal(self, node: Node) -> str:
        return f"Compare it with a code: {self.name(node)} = 'code'."

    def comparison(
        self, operator: str, left: tuple[Node, ValueKind | None], right: tuple[Node, ValueKind | None]
    ) -> None:
        for (node, kind), (other, other_kind) in ((left, right), (right, left)):
            if kind is None or _text_of(node) is not None:
                continue
            before = len(self.found)
            text = _text_of(other)
            if text is not None:
                self.with_text(operator, node, kind, other, text)
            elif other_kind is not None:
                self.with_kind(operator, node, kind, other, other_kind)
            if len(self.found) > before:
                return

    def with_text(self, operator: str, node: Node, kind: ValueKind, literal: Node, text: str) -> None:
        """Compares something of a kind with a text that is written out."""
        ordered = operator not in {"=", "!="}
        name = self.name(node)
        if text == "" and not ordered:
            return
        match kind.kind:
            case Kind.BOOLEAN:
                self.say(literal, f"{name} is true or false, not '{text}'", "Leave the comparison out.")
            case Kind.NUMBER if not _is_number(text) or is_date(text):
                self.say(literal, f"{name} is a number, not '{text}'", "Write a number without quotes.")
            case Kind.TIME if not is_time(text):
                self.say(
                    literal,
                    f"{name} is a time of day, and '{text}' is not",
                    "Write the time as '14:30', with quotes.",
                )
            case Kind.DATE if not is_date(text):
                self.say(
                    literal,
                    f"{name} is a date, and '{text}' is not",
                    "Write the date as '2026-12-31', with quotes.",
                )
            case Kind.CODE | Kind.CODES if ordered:
                self.number(node, kind)
                self.number(literal, _TEXT)
            case Kind.CODE:
                self.codes(node, kind, literal, (text,))
            case Kind.CODES:
                self.codes(node, kind, literal, text.split())
            case Kind.TEXT if ordered and not _is_number(text):
                self.say(
                    literal, f"Texts have no order, so {operator} '{text}' is never true", "Compare with =."
                )
            case _:
                pass

    def with_kind(
        self, operator: str, node: Node, kind: ValueKind, other: Node, other_kind: ValueKind
    ) -> None:
        """Compares something of a kind with something of another."""
        ordered = operator not in {"=", "!="}
        match kind.kind, other_kind.kind:
            case Kind.BOOLEAN, _ if ordered:
                name = self.name(node)
                self.say(
                    node,
                    f"{name} is true or false, which has no order",
                    "Write two comparisons: 1 < . and . < 5.",
                )
            case Kind.DATE, Kind.NUMBER | Kind.CODE | Kind.CODES:
                self.say(
                    other,
                    f"{self.name(node)} is a date, and {self.name(other)} is {other_kind.kind}",
                    "Compare it with a date: '2026-12-31', or ${name} + 7.",
                )
            case Kind.CODE | Kind.CODES, Kind.NUMBER:
                self.number(node, kind)
                if kind.kind is Kind.CODE and not ordered:
                    self.numeric_code(node, kind, other)
            case Kind.CODE | Kind.CODES, Kind.CODE | Kind.CODES if ordered:
                self.number(node, kind)
            case Kind.CODE | Kind.CODES, Kind.CODE | Kind.CODES if kind.never_meets(other_kind):
                self.say(
                    other,
                    f"{self.name(node)} and {self.name(other)} have no choice in common",
                    "Compare questions that use the same list.",
                )
            case _:
                pass

    def numeric_code(self, node: Node, kind: ValueKind, other: Node) -> None:
        if kind.choices is None or not _has_numbers(kind) or not isinstance(other, Literal):
            return
        if other.value not in {to_number(code) for code in kind.choices}:
            self.say(
                other,
                f"{self.name(other)} is not a choice of {self.name(node)}",
                kind.listed,
            )

    def codes(self, node: Node, kind: ValueKind, literal: Node, codes: Iterable[str]) -> None:
        """Says so for each code that a question does not have."""
        if kind.choices is None:
            return
        for code in codes:
            if code not in kind.choices:
                remedy = suggestion(code, kind.choices, "'{}'") or kind.listed
                self.say(literal, f"'{code}' is not a choice of {self.name(node)}", remedy)

    def call(self, node: Call) -> ValueKind | None:
        if node.function.name == "jr:choice-name":
            self.choice_name(node)
        kinds = [
            self.argument(argument, node.function.parameter(index), node.function.name)
            for index, argument in enumerate(node.arguments)
        ]
        for index, (argument, kind) in enumerate(zip(node.arguments, kinds, strict=True)):
            match node.function.parameter(index):
                case Takes.NUMBER:
                    self.number(argument, kind)
                case Takes.CONDITION:
                    self.condition(argument)
                case Takes.CODES:
                    self.list_of_codes(node, argument, kind)
                case Takes.CODE:
                    self.one_code(node, argument, kind, kinds[0])
                case Takes.REPEAT if not isinstance(argument, Reference | Turns):
                    self.refuse(argument, f"{self.name(argument)} is not a repeat", "Write ${repeat}.")
                case Takes.REPEAT | Takes.ANY | Takes.TEXT:
                    pass
        if node.function.gives is not None:
            return ValueKind(node.function.gives)
        return common(
            kind
            for index, (argument, kind) in enumerate(zip(node.arguments, kinds, strict=True))
            if node.function.parameter(index) is Takes.ANY and _text_of(argument) != ""
        )

    def argument(self, node: Node, takes: Takes, function: str) -> ValueKind | None:
        if isinstance(node, Reference) and takes is Takes.REPEAT:
            return self.reference(node, repeat=True)
        if isinstance(node, Turns):
            return self.turns(node, counted=function == "count")
        return self.kind_of(node)

    def choice_name(self, call: Call) -> None:
        named = call.arguments[1]
        name = quoted_reference(_text_of(named))
        if name is None:
            self.refuse(
                named, "jr:choice-name() wants the question's name in quotes", "Write '${name}', with quotes."
            )
        elif name not in self.types:
            remedy = suggestion(name, self.types, "'${{{}}}'") or "Use the name of a question."
            self.refuse(named, f"There is no question {name}", remedy)

    def list_of_codes(self, call: Call, argument: Node, kind: ValueKind | None) -> None:
        words = call.function.name == "selected-at"  # as of a place, which is numbers with spaces between
        if kind is not None and kind.kind not in _CHOICES and not _lists_codes(argument, kind, words=words):
            name = self.name(argument)
            self.say(
                argument,
                f"{call.function.name}() looks at choices, and {name} is {kind.kind}",
                f"Write {name} alone." if kind.kind is Kind.BOOLEAN else f"Compare it: {name} = ….",
            )

    def one_code(self, call: Call, argument: Node, kind: ValueKind | None, of: ValueKind | None) -> None:
        text = _text_of(argument)
        if isinstance(argument, Literal) and text is None:
            self.say(argument, "A code is written in quotes", f"Write '{self.name(argument)}'.")
        elif of is not None and of.kind in _CHOICES and text is not None:
            self.codes(call.arguments[0], of, argument, (text.strip(),))
        elif kind is not None and kind.kind not in _CHOICES | {Kind.TEXT}:
            self.say(
                argument,
                f"{self.name(argument)} is {kind.kind}, not a code",
                f"Write string({self.name(argument)}) if it holds one.",
            )


def _lists_codes(node: Node, kind: ValueKind, *, words: bool) -> bool:
    """Whether a text may be codes, or any words, with spaces between: one written out, or put together by join()."""
    return kind.kind is Kind.TEXT and (words or isinstance(node, Literal | Call))
