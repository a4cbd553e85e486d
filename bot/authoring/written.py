"""A word or text as an author wrote it, which can say where each of its characters stands in the file."""

from __future__ import annotations

from dataclasses import dataclass

from bot.authoring.problems import Place

_ESCAPE_LENGTH = {"x": 4, "u": 6, "U": 10}


@dataclass(frozen=True, slots=True)
class Written:
    """A text and where it begins; `raw` is its source with quotes and escapes, of YAML style `style`."""

    text: str
    place: Place
    raw: str = ""
    style: str = ""

    def at(self, offset: int) -> Place:
        """The place of the character at `offset` of the text; its cell in a workbook, its line without a column."""
        if self.place.sheet or not self.place.column:
            return self.place
        if not self.raw:
            return Place(self.place.file, self.place.line, self.place.column + offset)
        before = self.raw[: self._raw_index(offset)]
        line_breaks = before.count("\n")
        column = len(before) - before.rfind("\n") if line_breaks else self.place.column + len(before)
        return Place(self.place.file, self.place.line + line_breaks, column)

    def _raw_index(self, offset: int) -> int:
        """Walk the text and its source together: quotes, escapes and folded lines make them differ."""
        index = self.raw.find("\n") + 1 if self.style in {"|", ">"} else len(self.style)
        for position, character in enumerate(self.text[: offset + 1]):
            start, end = self._step(index, character)
            if position == offset:
                return start
            index = end
        return index

    def _step(self, index: int, character: str) -> tuple[int, int]:
        """Where in the source, from `index` on, `character` begins and ends."""
        raw = self.raw
        while index < len(raw):
            if self.style == '"' and raw[index] == "\\":
                if raw[index + 1 : index + 2] in {"\n", "\r"}:
                    index += 1
                    continue
                return index, index + _ESCAPE_LENGTH.get(raw[index + 1 : index + 2], 2)
            if self.style == "'" and raw.startswith("''", index):
                return index, index + 2
            if raw[index] == character:
                return index, index + 1
            if not raw[index].isspace():
                return index, index
            end = index
            while end < len(raw) and raw[end].isspace():
                end += 1
            if character.isspace():
                return index, end
            index = end
        return index, index
