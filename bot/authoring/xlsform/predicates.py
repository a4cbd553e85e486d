"""Conditions in brackets on the turns of a repeat: from ODK's paths to names, and from names to paths."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from bot.authoring.xlsform.lookups import LookupRefused, closed_at
from bot.flows.expressions.syntax import Current, Node, Own, Reference, Turn, Turns, children, parse

Path = tuple[str, ...]
"""The names of the groups and repeats around a question, the outermost first, and its own."""
_BASE = re.compile(r"\$\{\s*([^{}]*?)\s*\}\s*\[")
_STEPS = r"(?:[^\W\d][\w.-]*\s*/\s*)*"
_TAIL = re.compile(rf"(\s*/\s*){_STEPS}([^\W\d][\w.-]*)")
_APART = re.compile(r"('[^']*'|\"[^\"]*\"|\$\{[^{}]*\})")
_OWN = re.compile(rf"\bcurrent\(\)\s*/\s*(?:\.\.\s*/\s*)+{_STEPS}([^\W\d][\w.-]*)(?![\w(/])")
"""A path from where the expression stands."""
_HERE = re.compile(r"\bposition\(\s*\.\s*\)")
_ABOVE = re.compile(r"\bposition\(\s*\.\.")
_ITSELF = re.compile(r"(?<![\w.)/\]}])\.(?![\w./])")
_INSIDE = re.compile(rf"(?<![\w$./)-])(?:\.\s*/\s*|(?:\.\.\s*/\s*)+)?{_STEPS}([^\W\d][\w.-]*)(?![\w(/-])")
"""A path from the turn that is looked at."""


def with_names(text: str, repeats_of: Mapping[str, Container[str]], renamed: Mapping[str, str]) -> str:
    """The expression with names in the place of paths in and after brackets; raises `LookupRefused`.

    `repeats_of` gives the repeats around each question and group, by name; after brackets names are as `renamed`.
    """
    written, reached = [], 0
    for base in _BASE.finditer(text):
        if base.start() < reached:
            continue
        end = closed_at(text, base.end(), "]")
        inside = _named(with_names(text[base.end() : end], repeats_of, renamed), base[1], repeats_of)
        tail = _TAIL.match(text, end + 1)
        name = f"{tail[1]}{renamed.get(tail[2], tail[2])}" if tail else ""
        written += [text[reached : base.end()], inside, f"]{name}"]
        reached = tail.end() if tail else end + 1
    return "".join((*written, text[reached:]))


def _named(condition: str, repeat: str, repeats_of: Mapping[str, Container[str]]) -> str:
    def own(path: re.Match[str]) -> str:
        return f"current(${{{path[1]}}})" if repeat in repeats_of.get(path[1], ()) else f"${{{path[1]}}}"

    def looked_at(path: re.Match[str]) -> str:
        return f"${{{path[1]}}}" if path[1] in repeats_of else path[0]

    condition = "".join(_OWN.sub(own, piece) for piece in _APART.split(condition))
    pieces = _APART.split(condition)
    for index, piece in enumerate(pieces[::2]):
        if _ABOVE.search(piece) or _ITSELF.search(_HERE.sub("", piece)):
            message = "`.` and `..` in brackets are the turn that is looked at and what is around it."
            remedy = "Write position() for its number, and current()/. or position(current()/..) for where this stands."
            raise LookupRefused(message, remedy)
        pieces[2 * index] = _INSIDE.sub(looked_at, _HERE.sub("position()", piece))
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Paths:
    """Writes an expression with ODK's paths in and after brackets."""

    of: Mapping[str, Path]
    """The path to each question."""
    repeats: frozenset[str]
    here: Path
    """The path to what the expression belongs to."""

    def written(self, source: str, *, columns: bool = False) -> str:
        """The expression as it is, but for what concerns brackets."""
        if "[" not in source:
            return source
        root = parse(source, columns=columns)
        return source[: root.start] + self._text(root, source, "") + source[root.end :]

    def _text(self, node: Node, source: str, looked_at: str) -> str:
        match node:
            case Turns(repeat=repeat, condition=condition, question=question):
                before, inside = (
                    source[node.start : condition.start],
                    self._text(condition, source, repeat.name),
                )
                after = source[condition.end : question.start if question else node.end]
                return (
                    f"{before}{inside}{after}{self._inside(question.name, repeat.name) if question else ''}"
                )
            case Own(reference=Reference(name=name)):
                return self._from_here(name)
            case Reference(name=name) if looked_at and looked_at in self.of.get(name, ()):
                return self._inside(name, looked_at)
            case Reference(name=name) if looked_at and not self.repeats.isdisjoint(self.of.get(name, ())):
                return self._from_here(name)
            case Turn(level=level) if looked_at and level:
                in_group = self.of.get(self.here[-1]) == self.here
                return f"position(current()/{'/'.join(['..'] * (level + in_group))})"
            case Current() if looked_at:
                return "current()/."
        pieces, reached = [], node.start
        for child in children(node):
            pieces += [source[reached : child.start], self._text(child, source, looked_at)]
            reached = child.end
        return "".join((*pieces, source[reached : node.end]))

    def _inside(self, name: str, repeat: str) -> str:
        path = self.of[name]
        return "/".join(path[path.index(repeat) + 1 :])

    def _from_here(self, name: str) -> str:
        path = self.of[name]
        shared = next((n for n, (a, b) in enumerate(zip(path, self.here, strict=False)) if a != b), 0)
        up = "/".join([".."] * (len(self.here) - shared))
        return f"current()/{up}/{'/'.join(path[shared:])}"
