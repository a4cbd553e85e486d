"""Compiling an expression's tree to closures, and explaining what they found."""

from __future__ import annotations

import math
import operator as arithmetic
from collections.abc import Callable, Iterator

from bot.flows.expressions.conversions import (
    COLUMN,
    Datum,
    Program,
    Values,
    datum,
    is_equal,
    to_boolean,
    to_number,
    to_text,
)
from bot.flows.expressions.functions import CONVERSIONS, ArgumentError, Implementation
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
    walk,
)
from bot.flows.expressions.types import ExpressionError, Kind, Reason
from bot.flows.values import Value


def _divide(dividend: float, divisor: float) -> float:
    """IEEE 754's quotient, where Python raises."""
    if divisor:
        return dividend / divisor
    if not dividend or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


def _remainder(dividend: float, divisor: float) -> float:
    """XPath's `mod`: the remainder of a truncating division, with the sign of the dividend."""
    if math.isinf(dividend) or not divisor:
        return math.nan
    return math.fmod(dividend, divisor)


def _is_unequal(left: Datum, right: Datum) -> bool:
    # The opposite of `=` always, so a number that was not given is unequal to every number: XPath 1.0
    # says so of NaN, and both JavaRosa and Enketo do it.
    return not is_equal(left, right)


def _on_numbers(compute: Callable[[float, float], Datum]) -> Callable[[Datum, Datum], Datum]:
    def convert_and_compute(left: Datum, right: Datum) -> Datum:
        return compute(to_number(left), to_number(right))

    return convert_and_compute


_OPERATORS: dict[str, Callable[[Datum, Datum], Datum]] = {
    "=": is_equal,
    "!=": _is_unequal,
    "<": _on_numbers(arithmetic.lt),
    "<=": _on_numbers(arithmetic.le),
    ">": _on_numbers(arithmetic.gt),
    ">=": _on_numbers(arithmetic.ge),
    "+": _on_numbers(arithmetic.add),
    "-": _on_numbers(arithmetic.sub),
    "*": _on_numbers(arithmetic.mul),
    "div": _on_numbers(_divide),
    "mod": _on_numbers(_remainder),
}


def compile_node(node: Node) -> Program:
    """The program of a node; raises `ExpressionError` for a literal that a function refuses."""
    match node:
        case Literal(value=value):
            return lambda values, current: value
        case Reference(name=name):
            return lambda values, current: datum(values(name))
        case Column(name=name):
            key = COLUMN + name
            return lambda values, current: datum(values(key))
        case Current():
            return lambda values, current: datum(current)
        case Turn() | Turns() | Own():
            # Replaced when the questionnaire is built; there is none without a repeat.
            return lambda values, current: ""
        case Negation(operand=operand):
            negated = compile_node(operand)
            return lambda values, current: -to_number(negated(values, current))
        case Operation(operator=operator) if operator in LOGICAL:
            return _logical(node)
        case Operation():
            return _chain(node)
        case Call():
            return _call(node)


def _condition(node: Node) -> Program:
    """The program of a node whose result is wanted as a boolean, which most already give."""
    program = compile_node(node)
    if _is_boolean(node):
        return program
    return lambda values, current: to_boolean(program(values, current))


def _is_boolean(node: Node) -> bool:
    match node:
        case Operation(operator=operator):
            return operator in LOGICAL or operator in COMPARISONS
        case Call(function=function):
            return function.gives is Kind.BOOLEAN
        case _:
            return False


def gives_condition(node: Node) -> bool:
    """Whether a node's result is always a boolean, also by way of functions that give one of their arguments."""
    if isinstance(node, Call) and node.function.name in {"if", "once", "coalesce"}:
        given = node.arguments[1:] if node.function.name == "if" else node.arguments
        return all(map(gives_condition, given))
    return _is_boolean(node)


def _logical(node: Operation) -> Program:
    conditions = tuple(_condition(operand) for operand in node.operands)
    deciding = node.operator == "or"

    def decide(values: Values, current: Value | None) -> bool:
        for condition in conditions:
            if condition(values, current) is deciding:
                return deciding
        return not deciding

    return decide


def _chain(node: Operation) -> Program:
    first = compile_node(node.first)
    if len(node.rest) == 1:
        return _binary(*node.rest[0], node.first, first)
    steps = tuple((_OPERATORS[operator], compile_node(operand)) for operator, operand in node.rest)

    def compute_each(values: Values, current: Value | None) -> Datum:
        result = first(values, current)
        for compute, operand in steps:
            result = compute(result, operand(values, current))
        return result

    return compute_each


def _binary(operator: str, operand: Node, first: Node, left: Program) -> Program:
    if isinstance(operand, Literal) and isinstance(operand.value, str) and operator in {"=", "!="}:
        if isinstance(first, Reference):
            return _answer_against_text(first.name, operand.value, equal=operator == "=")
        return _against_text(left, operand.value, equal=operator == "=")
    compute, right = _OPERATORS[operator], compile_node(operand)
    return lambda values, current: compute(left(values, current), right(values, current))


def _answer_against_text(name: str, text: str, *, equal: bool) -> Program:
    """The commonest comparison, of an answer with a code, without the general rules."""

    def compare(values: Values, current: Value | None) -> bool:
        found = values(name)
        if isinstance(found, bool):
            found = to_text(found)  # what a calculation found is compared with its word
        return ((found == text) if isinstance(found, str) else is_equal(datum(found), text)) is equal

    return compare


def _against_text(left: Program, text: str, *, equal: bool) -> Program:
    """The same of what was computed."""

    def compare(values: Values, current: Value | None) -> bool:
        found = left(values, current)
        return ((found == text) if isinstance(found, str) else is_equal(found, text)) is equal

    return compare


def _call(node: Call) -> Program:
    function = node.function
    programs = tuple(_converted(argument, index, node) for index, argument in enumerate(node.arguments))
    if function.build is not None:
        return function.build(programs)
    call = _implementation(node)
    match programs:
        case (one,):
            return lambda values, current: call(one(values, current))
        case (one, two):
            return lambda values, current: call(one(values, current), two(values, current))
        case _:
            return lambda values, current: call(*[program(values, current) for program in programs])


def _converted(argument: Node, index: int, call: Call) -> Program:
    program = compile_node(argument)
    convert = CONVERSIONS.get(call.function.parameter(index))
    if convert is None:
        return program
    return lambda values, current: convert(program(values, current))


def _implementation(node: Call) -> Implementation:
    function = node.function
    prepared = None
    if function.prepare is not None:
        literals = [argument.value if isinstance(argument, Literal) else None for argument in node.arguments]
        try:
            prepared = function.prepare(literals)
        except ArgumentError as error:
            offset = node.arguments[error.argument].start
            raise ExpressionError(error.message, offset, error.remedy) from None
    implementation = prepared or function.call
    if implementation is None:
        raise TypeError(f"{function.name}() has neither an implementation nor a builder")
    return implementation


def reasons(node: Node, source: str, values: Values, current: Value | None) -> Iterator[Reason]:
    """The comparisons and calls that decided a node's result: of `and` and `or`, only what settled them."""
    match node:
        case Operation(operator=operator) if operator in LOGICAL:
            yield from _settling(node, source, values, current)
        case Call(arguments=(condition,)) if node.function.name in {"not", "boolean"}:
            yield from reasons(condition, source, values, current)
        case Call(arguments=(condition, then, otherwise)) if node.function.name == "if":
            yield from reasons(condition, source, values, current)
            chosen = then if _holds(condition, values, current) else otherwise
            yield from reasons(chosen, source, values, current)
        case _:
            names = frozenset(under.name for _, under in walk(node) if isinstance(under, Reference))
            yield Reason(source[node.start : node.end], names, _holds(node, values, current))


def _settling(node: Operation, source: str, values: Values, current: Value | None) -> Iterator[Reason]:
    deciding = node.operator == "or"
    for operand in node.operands:
        if _holds(operand, values, current) is deciding:
            yield from reasons(operand, source, values, current)
            return
    for operand in node.operands:
        yield from reasons(operand, source, values, current)


def _holds(node: Node, values: Values, current: Value | None) -> bool:
    return to_boolean(compile_node(node)(values, current))
