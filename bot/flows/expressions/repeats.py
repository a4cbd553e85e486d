"""Expressions about repeats, written out for one turn: `${age}` → `${age[2]}`, `sum(${age})` → `sum(${age[1]}, …)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.flows.expressions.conversions import to_number
from bot.flows.expressions.lists import OVER_MANY
from bot.flows.expressions.programs import compile_node
from bot.flows.expressions.syntax import Call, Node, Reference, Turn, children, parse

NOTHING = "''"


def in_turn(name: str, turn: int) -> str:
    """The name of a repeated question in one turn; no name in a questionnaire's file can be like it."""
    return f"{name}[{turn}]"


def written_name(name: str) -> str:
    """The name as the author wrote it, without its turn."""
    return name.partition("[")[0]


@dataclass(frozen=True, slots=True)
class Repeats:
    """What the references of an expression mean where it stands."""

    repeat_of: Mapping[str, str]
    """The repeat that each repeated question is in."""
    most: Mapping[str, int]
    """How many turns each repeat has at most."""
    counts: Mapping[str, str]
    """How many turns of each repeat there are, as an expression."""
    repeat: str = ""
    """The repeat in which the expression stands; empty outside of all."""
    turn: int = 1

    def every(self, name: str) -> list[str]:
        """References to a question in every turn."""
        turns = range(1, self.most[self.repeat_of[name]] + 1)
        return [f"${{{in_turn(name, turn)}}}" for turn in turns]


def written_out(node: Node, source: str, repeats: Repeats) -> str:
    """The source of a whole expression for one turn."""
    return source[: node.start] + _Writer(source, repeats).text(node) + source[node.end :]


@dataclass(frozen=True, slots=True)
class _Writer:
    source: str
    repeats: Repeats

    def text(self, node: Node, *, of_every_turn: bool = False) -> str:
        match node:
            case Reference(name=name) if name in self.repeats.repeat_of:
                return self.reference(name, of_every_turn=of_every_turn)
            case Turn():
                return str(self.repeats.turn)
            case Call(arguments=(Reference(name=name),)) if node.function.name == "count":
                return self.count(name)
            case Call(arguments=(Reference(name=name), _, place)) if node.function.name == "indexed-repeat":
                return self.item(name, place)
            case _:
                return self.around(node)

    def around(self, node: Node) -> str:
        """The node's own words, with what is under it written out."""
        of_every_turn = isinstance(node, Call) and node.function.name in OVER_MANY
        pieces, reached = [], node.start
        for child in children(node):
            pieces += [self.source[reached : child.start], self.text(child, of_every_turn=of_every_turn)]
            reached = child.end
        return "".join((*pieces, self.source[reached : node.end]))

    def reference(self, name: str, *, of_every_turn: bool) -> str:
        if self.repeats.repeat_of[name] == self.repeats.repeat:
            return f"${{{in_turn(name, self.repeats.turn)}}}"
        return ", ".join(self.repeats.every(name)) if of_every_turn else f"${{{in_turn(name, 1)}}}"

    def count(self, name: str) -> str:
        repeat = self.repeats.repeat_of.get(name, name)
        return self.repeats.counts.get(repeat, f"count(${{{name}}})")

    def item(self, name: str, place: Node) -> str:
        """The answer in a turn: at once where it is plain which, else by its place among all."""
        where = self.text(place)
        if name not in self.repeats.repeat_of:
            return f"${{{name}}}"
        if "$" in where:
            return f"item-at({where}, {', '.join(self.repeats.every(name))})"
        turn = to_number(compile_node(parse(where))(lambda _: None, None))
        every = self.repeats.every(name)
        return every[int(turn) - 1] if 1 <= turn < len(every) + 1 else NOTHING
