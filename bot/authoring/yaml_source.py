"""YAML as written: every word keeps its place and whether it was quoted; nothing is expanded or converted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from yaml.resolver import Resolver

from bot.authoring.problems import Place, Problems, shown
from bot.authoring.reading import bytes_of, text_of
from bot.authoring.written import Written

MOST_BYTES = 2_000_000
DEEPEST = 24

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_resolver = Resolver()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One word, text or number; `kind` is what YAML 1.1 makes of it: `str`, `bool`, `int`, `null` …."""

    written: Written
    kind: str

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.written.place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in order; a key that comes twice is still there twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


Node: TypeAlias = Scalar | Sequence | Mapping


class _RefusedError(Exception):
    """The file uses what a questionnaire does not need; reading it stops there."""

    def __init__(self, mark: Any, message: str, remedy: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.remedy = remedy


def read_documents(path: Path, problems: Problems) -> tuple[Node, ...]:
    """The documents of a file; none, and a problem, if it cannot be read."""
    file = str(path)
    problems.files[file] = None
    data = bytes_of(path, MOST_BYTES, problems, "Split it into several questionnaires.")
    text = None if data is None else text_of(data, file, problems)
    return () if text is None else parse_documents(text, file, problems)


def parse_documents(text: str, file: str, problems: Problems) -> tuple[Node, ...]:
    """The documents of a YAML text; none, and a problem, if it is not YAML."""
    try:
        return tuple(_documents(text, file))
    except _RefusedError as refused:
        place, message, remedy = _place(file, refused.mark), refused.message, refused.remedy
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(file, mark) if mark else Place(file, 1, 1)
        message = f"This is not YAML: {error.problem or error.context or 'it cannot be read'}."
        remedy = _remedy(error)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"The character U+{error.character:04X} may not stand in YAML."
        remedy = "Remove it."
    except yaml.YAMLError as error:
        place, message = Place(file, 1, 1), f"This is not YAML: {shown(str(error))}."
        remedy = "Correct its syntax."
    problems.error(place, "", message, remedy)
    return ()


def _remedy(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    if "mapping values are not allowed" in problem:
        return "Quote a text that holds a colon followed by a space."
    if "cannot start any token" in problem or "tab" in problem:
        return "Indent with spaces, and quote a text that begins with a special character (` @ % & * ! | >)."
    if error.context and error.context_mark:
        return f"Look at what begins on line {error.context_mark.line + 1} ({error.context})."
    return "Check the indentation, the quotes and the brackets here."


def _place(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)


def _documents(text: str, file: str) -> Iterator[Node]:
    """Build each document from the parser's events; no recursion, so no nesting can exhaust the stack."""
    open_nodes: list[tuple[Any, list[Node]]] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.NodeEvent):
            _refuse_indirection(event)
        node: Node
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_nodes) >= DEEPEST:
                raise _RefusedError(
                    event.start_mark, "This is nested too deeply.", "A questionnaire needs a few levels only."
                )
            open_nodes.append((event, []))
            continue
        if isinstance(event, yaml.ScalarEvent):
            node = _scalar(event, text, file)
        elif isinstance(event, yaml.CollectionEndEvent):
            start, members = open_nodes.pop()
            place = _place(file, start.start_mark)
            node = Sequence(tuple(members), place)
            if isinstance(start, yaml.MappingStartEvent):
                node = Mapping(tuple(_pairs(start, members)), place)
        else:
            continue
        if open_nodes:
            open_nodes[-1][1].append(node)
        else:
            yield node


def _refuse_indirection(event: yaml.NodeEvent) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _RefusedError(
            event.start_mark,
            f"YAML anchors and aliases are not read (`{shown(str(event.anchor))}`).",
            "Write the text out where it belongs, or quote a text that begins with & or *.",
        )
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise _RefusedError(
            event.start_mark,
            f"YAML tags are not read (`{shown(str(tag))}`).",
            "Remove the tag, or quote a text that begins with !.",
        )


def _scalar(event: yaml.ScalarEvent, text: str, file: str) -> Scalar:
    start: Any = event.start_mark
    end: Any = event.end_mark
    written = Written(event.value, _place(file, start), text[start.index : end.index], event.style or "")
    if event.style:
        return Scalar(written, "str")
    tag: str = _resolver.resolve(yaml.ScalarNode, event.value, (True, False))  # type: ignore[no-untyped-call]
    return Scalar(written, tag.removeprefix(_STANDARD))


def _pairs(start: yaml.MappingStartEvent, members: list[Node]) -> Iterator[tuple[Scalar, Node]]:
    for key, value in zip(members[::2], members[1::2], strict=True):
        if not isinstance(key, Scalar):
            raise _RefusedError(
                start.start_mark, "A key here is itself a list or a mapping.", "Use a plain name as key."
            )
        yield key, value
