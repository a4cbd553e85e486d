"""Expressions about repeats, written out for one turn: `${age}` → `${age[2]}`, `sum(${age})` → `sum(${age[1]}, …)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from bot.flows.expressions.conversions import to_boolean, to_number
from bot.flows.expressions.lists import OVER_MANY
from bot.flows.expressions.programs import compile_node
from bot.flows.expressions.syntax import (
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
    children,
    parse,
    walk,
)
from bot.flows.expressions.texts import quoted_reference

NOTHING = "''"


def in_turn(name: str, *turns: int) -> str:
    """The name of a repeated question in a turn of each repeat around it; no name in a file can be like it."""
    return name + "".join(f"[{turn}]" for turn in turns)


def written_name(name: str) -> str:
    """The name as the author wrote it, without its turns."""
    return name.partition("[")[0]


@dataclass(frozen=True, slots=True)
class Repeats:
    """What the references of an expression mean where it stands."""

    repeat_of: Mapping[str, str]
    """The innermost repeat that each repeated question is in."""
    within: Mapping[str, str]
    """The repeat around each one that is in another."""
    most: Mapping[str, int]
    """How many turns each repeat has at most."""
    counts: Mapping[str, str]
    """How many turns there are, as an expression, of each repeat in each turn of those around it."""
    exists: Mapping[str, str]
    """When there is such a turn, as an expression, of each turn of each repeat."""
    turns: Mapping[str, int] = field(default_factory=dict)
    """The turn of each repeat in which the expression stands, the outermost first."""

    def around(self, repeat: str) -> tuple[str, ...]:
        """A repeat after those that it is in, the outermost first."""
        outer = self.within.get(repeat)
        return (*self.around(outer), repeat) if outer else (repeat,)

    def every(self, repeats: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
        """Every turn of repeats one in another, as far as the place of the expression leaves them open."""
        return product(
            *((self.turns[r],) if r in self.turns else range(1, self.most[r] + 1) for r in repeats)
        )


def written_out(node: Node, source: str, repeats: Repeats) -> str:
    """The source of a whole expression for one turn."""
    return source[: node.start] + _Writer(source, repeats).text(node) + source[node.end :]


@dataclass(frozen=True, slots=True)
class _Writer:
    source: str
    repeats: Repeats
    outside: _Writer | None = None
    """What writes the expression around the brackets that it is in."""
    looked_at: int = 0
    """The turn that the brackets are about."""

    def text(self, node: Node, *, of_every_turn: bool = False) -> str:
        match node:
            case Reference(name=name) if name in self.repeats.repeat_of:
                return ", ".join(self.every(name)) if of_every_turn else self.reference(name)
            case Turn(level=level):
                return self.turn(level)
            case Own(reference=reference):
                return self.outside.text(node) if self.outside else self.text(reference)
            case Turns():
                answers = ", ".join(self.some_turns(node))
                return answers if of_every_turn else f"coalesce({answers}, '')"  # at most one is meant
            case Call():
                return self.call(node)
            case _:
                return self.around(node)

    def call(self, node: Call) -> str:
        match node.function.name, node.arguments:
            case "count", (Turns() as turns,):
                return self.count_some(turns)
            case "count", (Reference(name=name),):
                return self.count(name)
            case "indexed-repeat", (Reference(name=name), *_):
                return self.item(name, node.arguments)
            case "jr:choice-name", (_, Literal() as named):
                return self.choice_name(node, named)
            case "join", (between, *texts) if any(self.several(text) is not None for text in texts):
                return self.joined(self.text(between), texts)
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

    def reference(self, name: str) -> str:
        repeats = self.repeats.around(self.repeats.repeat_of[name])
        return f"${{{in_turn(name, *(self.repeats.turns.get(repeat, 1) for repeat in repeats))}}}"

    def every(self, name: str) -> list[str]:
        """The answers to a question in every turn."""
        repeats = self.repeats.around(self.repeats.repeat_of[name])
        return [f"${{{in_turn(name, *turns)}}}" for turns in self.repeats.every(repeats)]

    def looking_at(self, node: Turns) -> Iterator[tuple[str, _Writer]]:
        """The condition in each turn of the repeat, of which it looks at all, and what writes about that turn."""
        repeats = self.repeats.around(node.repeat.name)
        pinned = self.repeats.turns.items()
        every = replace(
            self.repeats, turns={r: t for r, t in pinned if node.repeat.name not in self.repeats.around(r)}
        )
        for turns in every.every(repeats):
            here = {**every.turns, **dict(zip(repeats, turns, strict=True))}
            writer = _Writer(self.source, replace(every, turns=here), self, turns[-1])
            condition = writer.text(node.condition)
            if _is_settled(condition) is not False:
                yield condition, writer

    def some_turns(self, node: Turns) -> list[str]:
        """The answers in the turns for which a condition holds, each empty where it does not."""
        if node.question is None or node.repeat.name not in self.repeats.most:
            return [NOTHING]
        name = node.question.name
        return [
            f"if({condition}, {answer}, '')"
            for condition, writer in self.looking_at(node)
            for answer in writer.every(name)
        ] or [NOTHING]

    def several(self, node: Node) -> list[str] | None:
        """The answers in several turns that it stands for; `None` for what is one value."""
        if isinstance(node, Turns):
            return self.some_turns(node)
        if not isinstance(node, Reference) or node.name not in self.repeats.repeat_of:
            return None
        repeats = self.repeats.around(self.repeats.repeat_of[node.name])
        return None if self.repeats.turns.keys() >= set(repeats) else self.every(node.name)

    def joined(self, between: str, texts: Iterable[Node]) -> str:
        """Texts with another between them: of turns those that are answered, since there may be no such turn."""
        pieces: list[str] = []
        for text in texts:
            answers = self.several(text)
            if answers is None:
                pieces.append(f"concat({between}, {self.text(text)})")
            else:
                pieces += [f"if({answer} != '', concat({between}, {answer}), '')" for answer in answers]
        return f"substr(concat({', '.join(pieces)}), string-length({between}))"

    def count_some(self, node: Turns) -> str:
        """How many turns there are for which a condition holds."""
        if node.repeat.name not in self.repeats.most:
            return "0"
        repeats = self.repeats.around(node.repeat.name)
        found = []
        for condition, writer in self.looking_at(node):
            turn = in_turn(node.repeat.name, *(writer.repeats.turns[repeat] for repeat in repeats))
            found.append(f"if({self.repeats.exists[turn]}, if({condition}, 1, 0), 0)")
        return f"sum({', '.join(found)})" if found else "0"

    def turn(self, level: int) -> str:
        if level == 0:
            return str(self.looked_at)
        if self.outside:
            return self.outside.turn(level)
        turns = list(self.repeats.turns.values())
        return str(turns[-level]) if level <= len(turns) else "1"

    def count(self, name: str) -> str:
        """How many turns there are, of a repeat in others in all their turns."""
        repeat = self.repeats.repeat_of.get(name, name)
        if repeat not in self.repeats.most:
            return f"count(${{{name}}})"
        *outer, _ = self.repeats.around(repeat)
        counts = [self.repeats.counts.get(in_turn(repeat, *t), "0") for t in self.repeats.every(tuple(outer))]
        return counts[0] if len(counts) == 1 else f"({' + '.join(counts)})"

    def item(self, name: str, arguments: tuple[Node, ...]) -> str:
        """The answer in turns that are named: at once where it is plain which, else by its place among all."""
        if name not in self.repeats.repeat_of:
            return f"${{{name}}}"
        places = {
            repeat.name: place
            for repeat, place in zip(arguments[1::2], arguments[2::2], strict=False)
            if isinstance(repeat, Reference)
        }
        return self.chosen(name, self.repeats.around(self.repeats.repeat_of[name]), (), places)

    def chosen(
        self, name: str, repeats: tuple[str, ...], turns: tuple[int, ...], places: Mapping[str, Node]
    ) -> str:
        """The answer in the turns found so far and in one of each further repeat."""
        if not repeats:
            return f"${{{in_turn(name, *turns)}}}"
        repeat, *rest = repeats
        place, every = places.get(repeat), range(1, self.repeats.most[repeat] + 1)
        if place is None:
            return self.chosen(name, tuple(rest), (*turns, self.repeats.turns.get(repeat, 1)), places)
        where = self.text(place)
        if "$" in where or any(isinstance(node, Column | Current) for _, node in walk(place)):
            items = (self.chosen(name, tuple(rest), (*turns, turn), places) for turn in every)
            return f"item-at({where}, {', '.join(items)})"
        turn = to_number(compile_node(parse(where))(lambda _: None, None))
        if not 1 <= turn < len(every) + 1:
            return NOTHING
        return self.chosen(name, tuple(rest), (*turns, int(turn)), places)

    def choice_name(self, call: Call, named: Literal) -> str:
        """The label of a choice of this turn's question."""
        name = quoted_reference(named.value)
        if name is None or name not in self.repeats.repeat_of:
            return self.around(call)
        before = self.source[call.start : call.arguments[0].start] + self.text(call.arguments[0])
        between = self.source[call.arguments[0].end : named.start]
        return f"{before}{between}'{self.reference(name)}'{self.source[named.end : call.end]}"


def _is_settled(condition: str) -> bool | None:
    """Whether a condition that compares nothing but numbers and texts holds; `None` where it depends on more."""
    if "$" in condition:
        return None
    root = parse(condition)
    if not all(isinstance(node, Literal | Negation | Operation) for _, node in walk(root)):
        return None
    return to_boolean(compile_node(root)(lambda _: None, None))
