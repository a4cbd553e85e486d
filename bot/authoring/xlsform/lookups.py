"""`pulldata()` and `instance()`: what a table says about an answer, written out as an expression of its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.flows.expressions import ExpressionError
from bot.flows.expressions.syntax import MAX_LENGTH, Column, Node, Operation, Reference, parse, walk

Rows = Sequence[Mapping[str, str]]
Find = Callable[[str, set[str]], Rows | None]
"""The rows of a table by its name, each by column, and the columns that are wanted; `None` for no such table.

A name that ends with `.csv` is first of all that of a file.
"""
EMPTY = "coalesce('', '')"
"""Nothing, which goes with any kind of answer."""

_CALL = re.compile(r"\b(?:pulldata|instance)\s*\(")
_NAME = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\")\s*")
_ITEM = re.compile(r"\s*/\s*root\s*/\s*item\s*\[")
_COUNT = re.compile(r"\bcount\(\s*$")
_COUNTED = re.compile(r"\s*\)")
_CURRENT = re.compile(
    r"\bcurrent\(\)\s*/\s*(?:(?:\.\.\s*/\s*)+(?:[\w.-]+\s*/\s*)*([^\W\d][\w.-]*)|\.(?![\w./]))"
)
"""`current()/../name` or `current()/.`, which mean the same outside of the look-up."""
_COLUMN = re.compile(r"\s*/\s*([^\W\d][\w.-]*)")


class LookupRefused(Exception):
    """A look-up that cannot be written out; says why and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class _Lookup:
    """One look-up: the text from `start` to `end` stands for a column of the first row for which `holds`.

    Without a column it stands for the number of such rows.
    """

    start: int
    end: int
    table: str
    column: str
    holds: str
    """A condition in which bare words are columns."""


def literal(text: str) -> str:
    """A text as an expression writes it; one with both kinds of quotes loses the single ones."""
    if not text:
        return EMPTY
    return f'"{text}"' if "'" in text and '"' not in text else f"'{text.replace(chr(39), '')}'"


def written_out(text: str, find: Find) -> str:
    """The expression without look-ups; raises `LookupRefused`."""
    while lookup := _last(text):
        text = f"{text[: lookup.start]}{_of_rows(lookup, find)}{text[lookup.end :]}"
        if len(text) > MAX_LENGTH:
            table = lookup.table.removesuffix(".csv")
            message = f"The table `{table}` is too long to be looked up in."
            raise LookupRefused(message, "Keep it below some 200 rows, or ask with its rows as choices.")
    return text


def _last(text: str) -> _Lookup | None:
    """The last look-up, which has no other inside."""
    found = [match for match in _CALL.finditer(text) if text.count("'", 0, match.start()) % 2 == 0]
    if not found:
        return None
    call = found[-1]
    if call[0].startswith("pulldata"):
        return _pulldata(text, call.start(), call.end())
    return _instance(text, call.start(), call.end())


def _pulldata(text: str, start: int, inside: int) -> _Lookup:
    end = closed_at(text, inside, ")")
    arguments = [argument.strip() for argument in outer_arguments(text[inside:end])]
    names = [_NAME.fullmatch(argument) for argument in arguments[:3]]
    if len(arguments) != 4 or not all(names):
        message = "pulldata() wants a file, a column, the column of the key in quotes, and the key."
        raise LookupRefused(message, "Write pulldata('file', 'column', 'key_column', ${name}).")
    table, column, key = ((name[1] or name[2] or "").strip() for name in names if name)
    return _Lookup(start, end + 1, f"{table.removesuffix('.csv')}.csv", column, f"{key} = ({arguments[3]})")


def _instance(text: str, start: int, inside: int) -> _Lookup:
    end = closed_at(text, inside, ")")
    name, item = _NAME.fullmatch(text[inside:end]), _ITEM.match(text, end + 1)
    close = closed_at(text, item.end(), "]") if item else 0
    column = _COLUMN.match(text, close + 1) if item else None
    count, counted = _COUNT.search(text[:start]), _COUNTED.match(text, close + 1) if item else None
    if name is None or item is None or (column is None and not (count and counted)):
        message = "This way of looking into a list cannot be followed."
        raise LookupRefused(message, "Write instance('list')/root/item[name = ${name}]/column.")
    holds = _CURRENT.sub(lambda path: f"${{{path[1]}}}" if path[1] else ".", text[item.end() : close])
    table = (name[1] or name[2] or "").strip()
    if count and counted and column is None:
        return _Lookup(count.start(), counted.end(), table, "", holds)
    return _Lookup(start, column.end() if column else close, table, column[1] if column else "", holds)


def _of_rows(lookup: _Lookup, find: Find) -> str:
    """The look-up row by row: at most one of the conditions holds, so the texts can be put together."""
    try:
        root = parse(lookup.holds, columns=True)
    except ExpressionError as error:
        raise LookupRefused(f"{error.message}, in a look-up.", error.remedy) from None
    nodes = sorted(_replaced(root), key=lambda node: -node.start)
    wanted = {lookup.column, *(node.name for node in nodes if isinstance(node, Column))} - {""}
    rows, table = find(lookup.table, wanted), lookup.table.removesuffix(".csv")
    if rows is None:
        message = f"There is no list `{table}`, and no file `{table}.csv` beside the form."
        raise LookupRefused(message, "Put the file beside the form, or its rows on the sheet `choices`.")
    columns = {column for row in rows for column in row}
    if missing := wanted - columns:
        message = f"The table `{table}` has no column `{min(missing)}`."
        raise LookupRefused(message, f"Its columns are {', '.join(sorted(columns))}.")
    values: dict[str, str] = {}
    conditions: list[str] = []
    for row in rows:
        condition = lookup.holds
        for node in nodes:
            written = condition[node.start : node.end]
            said = literal(row.get(node.name, "")) if isinstance(node, Column) else f"string({written})"
            condition = f"{condition[: node.start]}{said}{condition[node.end :]}"
        conditions.append(condition.strip())
        values.setdefault(condition.strip(), row.get(lookup.column, ""))
    if not lookup.column:
        return (
            f"sum({', '.join(f'if({condition}, 1, 0)' for condition in conditions)})" if conditions else "0"
        )
    every = [f"if({condition}, {literal(value)}, '')" for condition, value in values.items() if value]
    return f"concat({', '.join(every)})" if every else EMPTY


def _replaced(root: Node) -> Iterator[Column | Reference]:
    """What changes from row to row, and answers that are compared, as texts since the table holds texts."""
    for _, node in walk(root):
        if isinstance(node, Column):
            yield node
        elif isinstance(node, Operation) and node.operator in {"=", "!="}:
            yield from (operand for operand in node.operands if isinstance(operand, Reference))


def closed_at(text: str, start: int, closing: str) -> int:
    """Where the bracket that was opened before `start` is closed."""
    for index, character, depth in _outside_of_quotes(text, start):
        if depth < 0 and character == closing:
            return index
    raise LookupRefused("A bracket is not closed.", f"Add {closing} where it should end.")


def outer_arguments(text: str) -> Iterable[str]:
    """What commas divide, those in brackets and quotes apart."""
    begun, pieces = 0, []
    for index, character, depth in _outside_of_quotes(text, 0):
        if character == "," and depth == 0:
            pieces.append(text[begun:index])
            begun = index + 1
    return [*pieces, text[begun:]]


def _outside_of_quotes(text: str, start: int) -> Iterator[tuple[int, str, int]]:
    """Each character that is not in quotes, with how many brackets are open after it."""
    quote, depth = "", 0
    for index in range(start, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            depth += (character in "([") - (character in ")]")
            yield index, character, depth
