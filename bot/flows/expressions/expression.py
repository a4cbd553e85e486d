"""The expressions of `relevant`, `constraint` and the like: XLSForm's language, over plain values.

An `Expression` is read once and compiled to closures, so that evaluating it costs microseconds; nothing
of it is ever Python code. Its meaning is that of ODK's XPath (https://getodk.github.io/xforms-spec/).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.flows.expressions import (  # noqa: F401 (each enters its functions)
    geometry,
    lists,
    moments,
    patterns,
    texts,
)
from bot.flows.expressions.checks import check
from bot.flows.expressions.conversions import Program, Values, to_boolean, to_value
from bot.flows.expressions.programs import compile_node, gives_condition, reasons
from bot.flows.expressions.repeats import Repeats, written_out
from bot.flows.expressions.syntax import MAX_LENGTH, Call, Current, Node, Reference, Turn, Turns, parse, walk
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
    turn_level: int = field(compare=False)
    """How many repeats up it looks by `position(..)`; 0 without."""
    looks_at_other_turns: bool = field(compare=False)
    """Whether it looks at turns of a repeat that it names."""
    is_filter: bool
    """Whether it is about a choice, whose columns it names by bare words."""
    is_condition: bool = field(compare=False)
    """Whether its result is true or false."""
    _root: Node = field(compare=False)
    _program: Program = field(compare=False)

    @classmethod
    def parse(cls, source: str, *, is_filter: bool = False) -> Expression:
        """Read an expression; raises `ExpressionError` where it cannot be."""
        if len(source) > MAX_LENGTH:
            raise ExpressionError(
                f"The expression is longer than {MAX_LENGTH:,} characters",
                MAX_LENGTH,
                "Split it over several questions or calculations.",
            )
        return _parsed(source, is_filter)

    @classmethod
    def written(cls, source: str) -> Expression:
        """Read an expression that the program wrote itself, however long."""
        return _parsed(source, False)  # noqa: FBT003

    def check(
        self,
        types: Mapping[str, ValueKind],
        current: ValueKind | None,
        columns: Collection[str] = (),
    ) -> list[ExpressionError]:
        """What its author cannot have meant, given each question's kind and that of `.` if there is one."""
        return check(self._root, self.source, types, current, columns)

    def evaluate(self, values: Values, current: Value | None = None) -> Value | None:
        """Its result; `None` for the empty text and for NaN, as ODK stores them. Never raises."""
        return to_value(self._program(values, current))

    def holds(self, values: Values, current: Value | None = None) -> bool:
        """Whether its result counts as true. Never raises."""
        return to_boolean(self._program(values, current))

    def explain(self, values: Values, current: Value | None = None) -> tuple[Reason, ...]:
        """The comparisons and calls that decided `holds`, in order, each once."""
        return tuple(dict.fromkeys(reasons(self._root, self.source, values, current)))

    def written_out(self, repeats: Repeats) -> Expression:
        """The expression for one turn of a repeat, or for what stands outside: each reference to its turn."""
        refers = not (
            self.references.isdisjoint(repeats.repeat_of) and self.references.isdisjoint(repeats.most)
        )
        if not refers and not self.turn_level:
            return self
        source = written_out(self._root, self.source, repeats)
        return self if source == self.source else _parsed(source, self.is_filter)

    def __repr__(self) -> str:
        return f"Expression.parse({self.source!r})"

    def __str__(self) -> str:
        return self.source

    def __reduce__(self) -> tuple[Callable[[str, bool], Expression], tuple[str, bool]]:
        return _parsed, (self.source, self.is_filter)


@lru_cache(maxsize=16_384)  # one instrument asks the same of many questions
def _parsed(source: str, is_filter: bool) -> Expression:
    root = parse(source, columns=is_filter)
    nodes = [node for _, node in walk(root)]
    return Expression(
        source,
        frozenset(node.name for node in nodes if isinstance(node, Reference)),
        any(isinstance(node, Current) for node in nodes),
        max((node.level for node in nodes if isinstance(node, Turn)), default=0),
        any(
            isinstance(n, Turns) or (isinstance(n, Call) and n.function.name == "indexed-repeat")
            for n in nodes
        ),
        is_filter,
        gives_condition(root),
        root,
        compile_node(root),
    )
