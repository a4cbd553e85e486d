"""The sheet `survey` → sections of questions: a group with a label is one, and so is what stands outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.authoring.draft import (
    DraftList,
    DraftPart,
    DraftQuestion,
    DraftRepeat,
    DraftSection,
    DraftText,
)
from bot.authoring.problems import Problems, shown
from bot.authoring.structure import RESULT_COLUMNS
from bot.authoring.written import Written
from bot.authoring.xlsform.columns import CHAT, Row, Table
from bot.authoring.xlsform.lists import is_yes
from bot.authoring.xlsform.questions import Questions
from bot.authoring.xlsform.texts import Texts
from bot.authoring.xlsform.types import Control, read_control

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
_LONGEST_NAME = 64
_OF_A_GROUP = frozenset({"type", "name", "label", "relevant", "appearance", "repeat_count"})
_MAY_BE_UNNAMED = frozenset({"note", "audit"})
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group that is open: what it adds to the questions in it."""

    kind: str
    name: str
    row: Row
    title: DraftText | None
    relevant: Written | None
    part: Written | None = None
    repeat: DraftRepeat | None = None


@dataclass(slots=True)
class Survey:
    """Reads the rows in order, with the groups that are open."""

    table: Table
    texts: Texts
    title: DraftText
    lists: Mapping[str, DraftList]
    problems: Problems
    parts: dict[str, DraftPart] = field(default_factory=dict)
    sections: list[DraftSection] = field(default_factory=list)
    _open: list[_Group] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _repeats: dict[str, str] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    _last: tuple[object, ...] | None = None

    def read(self) -> None:
        """Fill `parts` and `sections`."""
        self._rename()
        questions = Questions(self.texts, self.lists, self.problems)
        for row in self.table.rows:
            type_ = row["type"]
            if (disabled := row["disabled"]) and is_yes(disabled, self.problems, "survey"):
                self.problems.warning(disabled.place, "survey", "The row is disabled, and left out.", "")
            elif type_ is None:
                self._name_without_type(row)
            elif control := read_control(type_.text):
                self._control(row, control)
            elif (name := self._name_of(row, type_)) and (question := questions.question(row, name, type_)):
                self._add(question)
        if not self.sections and self.table.column("type", None) and not self.problems.fatal:
            self.problems.error(
                self.table.sheet.place(), "sections", "The form asks nothing.", "Add a question to it."
            )

    def _rename(self) -> None:
        """Find names that no question can have here, so that what refers to them follows."""
        taken = {name.text for row in self.table.rows if (name := row["name"])}
        for row in self.table.rows:
            name, type_ = row["name"], row["type"]
            if name is None or type_ is None or name.text in self.texts.renamed:
                continue
            if control := read_control(type_.text):
                if control.begins and control.kind == "repeat":
                    self.texts.renamed |= self._rename_repeat(name.text, taken)
                continue
            changed = _NOT_IN_A_NAME.sub("_", name.text)
            changed = f"q{changed}" if changed[:1].isdigit() or changed[:1] == "-" else changed
            changed = f"my_{changed}" if changed in RESULT_COLUMNS else changed[:_LONGEST_NAME]
            if changed != name.text:
                changed = _free(changed, taken)
                taken.add(changed)
                self.texts.renamed[name.text] = changed
                message = f"The question `{shown(name.text)}` is called `{changed}` here and in results."
                self.problems.warning(
                    name.place, f"questions.{changed}", message, "Rename it in the form too."
                )

    def _rename_repeat(self, name: str, taken: set[str]) -> dict[str, str]:
        """Repeats are in lower case and, unlike in XForms, are never called like a question."""
        ours = self._section_name(name, taken - {name})
        namesakes = sum(row["name"] is not None and row["name"].text == name for row in self.table.rows) - 1
        self._repeats[name] = ours = _free(ours, taken) if namesakes else ours
        taken.add(ours)
        return {name: ours} if ours != name and not namesakes else {}

    def _name_of(self, row: Row, type_: Written) -> Written | None:
        """The name of a row's question; one that another group has too gets that of its own before it."""
        name = row["name"]
        if name is None and type_.text not in _MAY_BE_UNNAMED:
            remedy = "Write one under `name`: answers are kept by it."
            self.problems.error(row.place(), "questions", "The question has no name.", remedy)
            return None
        name = name or Written(f"generated_{type_.text}_name_{row.number}", row.place())
        text = self.texts.renamed.get(name.text, name.text)
        if text in self._names and self._open:
            changed = _free(
                f"{_NOT_IN_A_NAME.sub('_', self._open[-1].name)}_{text}"[:_LONGEST_NAME], self._names
            )
            message = f"There is a question `{shown(text)}` already: this one is called `{changed}`."
            self.problems.warning(name.place, f"questions.{changed}", message, "Give each a name of its own.")
            text = changed
        self._names.add(text)
        return Written(text, name.place)

    def _name_without_type(self, row: Row) -> None:
        if row["name"] is not None or any(key == "label" for key, _ in row.cells):
            self.problems.error(
                row.place(), "survey", "The row has no type.", "Write one under `type`, or empty the row."
            )
        elif row.cells:
            self.problems.warning(row.place(), "survey", "The row has no type, and is left out.", "")

    def _control(self, row: Row, control: Control) -> None:
        if not control.begins:
            self._end(row, control)
            return
        name = row["name"]
        name = row[f"{CHAT}::section"] or name
        called = name.text if name else f"group_{row.number}"
        if control.kind == "loop":
            message = "A loop over choices is not carried."
            self.problems.error(row.place("type"), f"sections.{called}", message, "Write its questions out.")
        repeat = self._repeat(row, called) if control.kind == "repeat" else None
        part = row[f"{CHAT}::part"]
        group = _Group(
            control.kind,
            called,
            row,
            self.texts.text(row, "label", f"sections.{called}"),
            self.texts.expression(row["relevant"]),
            self._part(row, part) if part else None,
            repeat,
        )
        self._open.append(group)
        for (key, _), written in row.cells.items():
            if key not in _OF_A_GROUP and not key.startswith(CHAT):
                message = f"`{key}` means nothing for a group; it is left out."
                self.problems.warning(written.place, f"sections.{called}", message, "")
        if (appearance := row["appearance"]) and appearance.text not in self._said:
            self._said.add(appearance.text)
            message = f"A group shown as `{shown(appearance.text)}` is asked question by question."
            self.problems.warning(appearance.place, f"sections.{called}", message, "")

    def _end(self, row: Row, control: Control) -> None:
        if self._open and self._open[-1].kind == control.kind:
            self._open.pop()
            return
        message = f"Here ends a {control.kind} that is not open."
        self.problems.error(row.place("type"), "survey", message, f"Write `begin_{control.kind}` before it.")

    def _repeat(self, row: Row, called: str) -> DraftRepeat:
        if outer := next((group for group in self._open if group.repeat), None):
            message = f"The repeat `{shown(called)}` is inside the repeat `{shown(outer.name)}`."
            remedy = "Ask it once for each in a repeat of its own, after the other one."
            self.problems.error(row.place("type"), f"sections.{called}", message, remedy)
        most = row[f"{CHAT}::most"]
        if most and not _WHOLE.fullmatch(most.text):
            message = f"`{shown(most.text)}` is not a whole number."
            self.problems.error(
                most.place, f"sections.{called}", message, "Write how many there can be, such as 20."
            )
            most = None
        name = Written(self._repeats.get(called, called), row.place("name"))
        return DraftRepeat(name, self.texts.expression(row["repeat_count"]), int(most.text) if most else None)

    def _part(self, row: Row, written: Written) -> Written:
        """`A` or `A always`: the part that a group is, declared by the first one of that name."""
        name, _, always = written.text.partition(" ")
        if name not in self.parts:
            title = self.texts.text(row, "label", f"parts.{name}")
            self.parts[name] = DraftPart(
                Written(name, written.place),
                title or replace(self.title, path=f"parts.{name}"),
                self.texts.expression(row["relevant"]),
                always.strip() == "always",
            )
        return Written(name, written.place)

    def _add(self, question: DraftQuestion) -> None:
        """Put a question in the section that the open groups make, a new one if they have changed."""
        titled = next((group for group in reversed(self._open) if group.title and not group.part), None)
        conditions = tuple(group.relevant for group in self._open if group.relevant and not group.part)
        part = next((group.part for group in self._open if group.part), None)
        repeat = next((group.repeat for group in self._open if group.repeat), None)
        key = (titled, conditions, part, repeat)
        if key != self._last:
            self._last = key
            of = titled or next((g for g in reversed(self._open) if not g.part), None) or self._part_group()
            name = self._section_name(of.name if of else "form", {s.name.text for s in self.sections})
            title = of.title if of and of.title else self.title
            self.sections.append(
                DraftSection(
                    name=Written(name, of.row.place("name") if of else question.name.place),
                    title=replace(title, path=f"sections.{name}"),
                    part=part,
                    relevant=conditions[-1] if conditions else None,
                    questions=[],
                    within=conditions[:-1],
                    repeat=repeat,
                )
            )
        self.sections[-1].questions.append(question)

    def _part_group(self) -> _Group | None:
        return next((group for group in reversed(self._open) if group.part), None)

    def _section_name(self, called: str, taken: set[str]) -> str:
        name = _NOT_IN_A_NAME.sub("_", called).lower().replace("-", "_").lstrip("_0123456789") or "group"
        return _free(name[:_LONGEST_NAME], taken)


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first with a number after it, that is not taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name[: _LONGEST_NAME - 5]}_{number}" in taken:
        number += 1
    return f"{name[: _LONGEST_NAME - 5]}_{number}"
