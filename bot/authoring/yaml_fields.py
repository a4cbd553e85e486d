"""What stands under the keys of a YAML mapping, each read as the kind of value that belongs there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.authoring.problems import Place, Problems, did_you_mean, listed, shown
from bot.authoring.written import Written
from bot.authoring.yaml_source import Mapping, Node, Scalar, Sequence

_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_TRUE, _FALSE = "true", "false"
_KINDS = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "null": "nothing at all",
    "timestamp": "a date",
    "merge": "a merge key",
    "value": "a default key",
}


def below(path: str, name: str) -> str:
    """The path of what is called `name` under `path`."""
    return f"{path}.{name}" if path else name


def read_text(node: Node, path: str, problems: Problems) -> Written | None:
    """A text that is not empty; a word that YAML takes for something else must be quoted."""
    if not isinstance(node, Scalar):
        problems.error(
            node.place, path, f"`{path}` must be a text, not a {_shape(node)}.", "Write one text here."
        )
        return None
    text = node.written.text
    if not text.strip():
        problems.error(node.place, path, f"`{path}` is empty.", "Write its text, or remove the line.")
        return None
    if node.kind != "str":
        problems.error(
            node.place,
            path,
            f"YAML reads the unquoted `{shown(text)}` as {_KINDS.get(node.kind, node.kind)}, not as a text.",
            f'Write it in quotes: "{shown(text)}".',
        )
    return _trimmed(node.written)


def read_mapping(node: Node, path: str, problems: Problems) -> Iterator[tuple[Written, Node]]:
    """The keys and values of a mapping whose keys are names of the author's; each key once."""
    if not isinstance(node, Mapping):
        problems.error(
            node.place,
            path,
            f"`{path}` must have names with a value each, not be a {_shape(node)}.",
            "Write `name: value` lines, indented below it.",
        )
        return
    seen: dict[str, Place] = {}
    for key, value in node.entries:
        name = read_text(key, below(path, shown(key.written.text)), problems)
        if name is None:
            continue
        if name.text in seen:
            problems.error(
                key.place,
                below(path, name.text),
                f"`{shown(name.text)}` is already there on line {seen[name.text].line}.",
                "Keep one of the two.",
            )
            continue
        seen[name.text] = key.place
        yield name, value


def read_items(node: Node, path: str, problems: Problems) -> tuple[Node, ...]:
    """The members of a list; a list without any is left out instead."""
    if isinstance(node, Sequence):
        if not node.items:
            problems.error(node.place, path, f"`{path}` is empty.", "Add its members, or remove the key.")
        return node.items
    problems.error(
        node.place,
        path,
        f"`{path}` must be a list, not a {_shape(node)}.",
        "Begin each member with a dash, or put them in [brackets].",
    )
    return ()


def _trimmed(written: Written) -> Written:
    text = written.text.strip()
    if text == written.text:
        return written
    start = len(written.text) - len(written.text.lstrip())
    return Written(
        text, written.at(start) if start else written.place, written.raw if not start else "", written.style
    )


def _shape(node: Node) -> str:
    return {Scalar: "text", Sequence: "list", Mapping: "mapping"}[type(node)]


class Fields:
    """A mapping whose keys are the format's own: unknown, repeated and missing ones are problems."""

    def __init__(self, node: Node, path: str, known: Collection[str], problems: Problems) -> None:
        self.place = node.place
        self.path = path
        self._problems = problems
        self._values: dict[str, Node] = {}
        self.keys: dict[str, Place] = {}
        self._readable = isinstance(node, Mapping)
        if not isinstance(node, Mapping):
            message = f"`{path}` must have keys, not be a {_shape(node)}."
            problems.error(node.place, path, message, f"Its keys are {listed(known)}.")
            known = ()
            node = Mapping((), node.place)
        for key, value in node.entries:
            name = key.written.text
            if name not in known:
                remedy = did_you_mean(name, known, f"The keys here are {listed(known)}.")
                problems.error(key.place, below(path, name), f"Unknown key `{shown(name)}`.", remedy)
            elif name in self._values:
                first = self.keys[name].line
                message = f"The key `{name}` is already there on line {first}."
                problems.error(key.place, below(path, name), message, "Keep one of the two.")
            else:
                self._values[name] = value
                self.keys[name] = key.place

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def node(self, key: str, *, needed: bool = False) -> Node | None:
        """What stands under `key`; a problem if it is `needed` and missing."""
        if needed and self._readable and key not in self._values:
            where = f" of `{self.path}`" if self.path else ""
            self._problems.error(
                self.place,
                below(self.path, key),
                f"The key `{key}`{where} is missing.",
                f"Add `{key}: …` here.",
            )
        return self._values.get(key)

    def text(self, key: str, *, needed: bool = False) -> Written | None:
        """The text under `key`."""
        node = self.node(key, needed=needed)
        return None if node is None else read_text(node, below(self.path, key), self._problems)

    def flag(self, key: str) -> bool:
        """The true or false under `key`; false where there is none."""
        node = self.node(key)
        if node is None:
            return False
        text = node.written.text.lower() if isinstance(node, Scalar) and node.kind == "bool" else ""
        if text not in {_TRUE, _FALSE}:
            self._wrong(node, key, "true or false", "Write `true` or `false`, without quotes.")
        return text == _TRUE

    def mark(self, key: str) -> Place | None:
        """Where `key` says true; `None` where it does not."""
        return self.keys[key] if self.flag(key) else None

    def flag_or_text(self, key: str) -> tuple[Place | None, Written | None]:
        """Where `key` says true, or the text that stands under it instead."""
        node = self._values.get(key)
        if isinstance(node, Scalar) and node.kind == "str" and node.written.text not in {_TRUE, _FALSE}:
            return None, self.text(key)
        return self.mark(key), None

    def word(self, key: str) -> Written | None:
        """The text, or the plain number, under `key`."""
        node = self._values.get(key)
        if isinstance(node, Scalar) and not node.written.style and _NUMBER.fullmatch(node.written.text):
            return node.written
        return self.text(key)

    def number(self, key: str, *, needed: bool = False) -> int | float | None:
        """The number under `key`, in plain decimal digits."""
        node = self.node(key, needed=needed)
        if node is None:
            return None
        if isinstance(node, Scalar) and not node.written.style and _NUMBER.fullmatch(node.written.text):
            value = float(node.written.text)
            return int(value) if value.is_integer() else value
        self._wrong(node, key, "a number", "Write it in plain digits, such as 5 or 0.5, without quotes.")
        return None

    def items(self, key: str, *, needed: bool = False) -> tuple[Node, ...]:
        """The members of the list under `key`."""
        node = self.node(key, needed=needed)
        return () if node is None else read_items(node, below(self.path, key), self._problems)

    def texts(self, key: str) -> tuple[Written, ...]:
        """The texts of the list under `key`."""
        path = below(self.path, key)
        read = (read_text(node, path, self._problems) for node in self.items(key))
        return tuple(text for text in read if text is not None)

    def mapping(self, key: str, *, needed: bool = False) -> Iterator[tuple[Written, Node]]:
        """The names and values of the mapping under `key`."""
        node = self.node(key, needed=needed)
        return iter(()) if node is None else read_mapping(node, below(self.path, key), self._problems)

    def _wrong(self, node: Node, key: str, wanted: str, remedy: str) -> None:
        found = f"`{shown(node.written.text)}`" if isinstance(node, Scalar) else f"a {_shape(node)}"
        self._problems.error(
            node.place, below(self.path, key), f"`{key}` must be {wanted}, not {found}.", remedy
        )


def type_and_list(written: Written) -> tuple[Written, Written | None]:
    """`select_one ynd` → the type and the list, each with its own place."""
    name, _, rest = written.text.partition(" ")
    list_name = rest.strip()
    if not list_name:
        return written, None
    start = len(written.text) - len(rest.lstrip())
    return Written(name, written.place), Written(list_name, written.at(start))


def or_other_of(list_name: Written | None, fields: Fields) -> tuple[Written | None, Place | None]:
    """`select_one LIST or_other`, as XLSForm has it."""
    if list_name is None or not list_name.text.endswith(" or_other"):
        return list_name, None
    name = list_name.text.removesuffix(" or_other").strip()
    return Written(name, list_name.place), fields.keys["type"]
