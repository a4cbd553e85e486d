"""The expressions of `relevant` and `constraint`: XLSForm's language, over plain values.

An `Expression` is read once and compiled to closures, so that evaluating it costs microseconds; nothing
of it is ever Python code. Its meaning is that of ODK's XPath (https://getodk.github.io/xforms-spec/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.flows.expressions.checks import check
from bot.flows.expressions.conversions import Program, Values, to_boolean, to_value
from bot.flows.expressions.programs import compile_node, reasons
from bot.flows.expressions.syntax import Current, Node, Reference, parse, walk
from bot.flows.expressions.types import ExpressionError, Kind, Reason, ValueKind
from bot.flows.values import Value

__all__ = ["Expression", "ExpressionError", "Kind", "Reason", "ValueKind"]


@dataclass(frozen=True, slots=True, repr=False)
class Expression:
    """A condition or calculation over answers; equal to another of the same source."""

    source: str
    references: frozenset[str] = field(compare=False)
    """The names in its `${…}`."""
    uses_current: bool = field(compare=False)
    """Whether it uses `.`, the answer that is being given."""
    _root: Node = field(compare=False)
    _program: Program = field(compare=False)

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Read an expression; raises `ExpressionError` where it cannot be."""
        return _parsed(source)

    def check(self, types: Mapping[str, ValueKind], current: ValueKind | None) -> list[ExpressionError]:
        """What its author cannot have meant, given each question's kind and that of `.` if there is one."""
        return check(self._root, self.source, types, current)

    def evaluate(self, values: Values, current: Value | None = None) -> Value | None:
        """Its result; `None` for the empty text and for NaN, as ODK stores them. Never raises."""
        return to_value(self._program(values, current))

    def holds(self, values: Values, current: Value | None = None) -> bool:
        """Whether its result counts as true. Never raises."""
        return to_boolean(self._program(values, current))

    def explain(self, values: Values, current: Value | None = None) -> tuple[Reason, ...]:
        """The comparisons and calls that decided `holds`, in order, each once."""
        return tuple(dict.fromkeys(reasons(self._root, self.source, values, current)))

    def __repr__(self) -> str:
        return f"Expression.parse({self.source!r})"

    def __str__(self) -> str:
        return self.source

    def __reduce__(self) -> tuple[Callable[[str], Expression], tuple[str]]:
        return Expression.parse, (self.source,)


@lru_cache(maxsize=4096)  # one instrument asks the same of many questions
def _parsed(source: str) -> Expression:
    root = parse(source)
    nodes = [node for _, node in walk(root)]
    return Expression(
        source,
        frozenset(node.name for node in nodes if isinstance(node, Reference)),
        any(isinstance(node, Current) for node in nodes),
        root,
        compile_node(root),
    )
