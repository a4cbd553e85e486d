"""The sheet `survey` → sections of questions: a group with a label is one, and so is what stands outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bot.authoring.draft import (
    REFERENCE,
    DraftPart,
    DraftQuestion,
    DraftRepeat,
    DraftSection,
    DraftText,
)
from bot.authoring.expansion import other_name
from bot.authoring.problems import Problems, shown
from bot.authoring.structure import RESULT_COLUMNS
from bot.authoring.written import Written
from bot.authoring.xlsform.choosing import Choosing
from bot.authoring.xlsform.columns import CHAT, Row, Table
from bot.authoring.xlsform.lists import is_yes
from bot.authoring.xlsform.loops import unrolled
from bot.authoring.xlsform.questions import Questions
from bot.authoring.xlsform.tables import Tables
from bot.authoring.xlsform.texts import Texts, as_name
from bot.authoring.xlsform.types import Control, read_control
from bot.flows.questionnaire import DEFAULT_MOST

_LONGEST_NAME = 64
_OF_A_GROUP = frozenset({"type", "name", "label", "relevant", "appearance", "repeat_count"})
_MAY_BE_UNNAMED = frozenset({"note", "audit"})
_MOST_INSIDE = 5
"""How many turns a repeat in another has at most, where its author does not say."""
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
    tables: Tables
    problems: Problems
    parts: dict[str, DraftPart] = field(default_factory=dict)
    sections: list[DraftSection] = field(default_factory=list)
    _open: list[_Group] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _repeats: dict[str, str] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    _repeated: dict[str, DraftRepeat] = field(default_factory=dict)
    _last: tuple[object, ...] | None = None

    def read(self) -> None:
        """Fill `parts` and `sections`."""
        self.table = replace(self.table, rows=unrolled(self.table.rows, self.tables, self.problems))
        self._rename()
        choosing = Choosing(self.tables, self.texts, self.problems, self._repeated)
        questions = Questions(self.texts, choosing, self.problems)
        for row in self.table.rows:
            choosing.inside = next((group.repeat for group in reversed(self._open) if group.repeat), None)
            type_ = row["type"]
            if (disabled := row["disabled"]) and is_yes(disabled, self.problems, "survey"):
                message, remedy = "The row is disabled, and left out.", "Empty `disabled` to take it in."
                self.problems.warning(disabled.place, "survey", message, remedy)
            elif type_ is None:
                self._name_without_type(row)
            elif control := read_control(type_.text):
                self._control(row, control)
            elif (name := self._name_of(row, type_)) and (question := questions.question(row, name, type_)):
                for computed in choosing.made:
                    self._add(computed)
                choosing.made.clear()
                self._add(question)
        if not self.sections and self.table.column("type", None) and not self.problems.fatal:
            self.problems.error(
                self.table.sheet.place(), "sections", "The form asks nothing.", "Add a question to it."
            )

    def _rename(self) -> None:
        """Find names that no question can have here, so that what refers to them follows."""
        taken = {name.text for row in self.table.rows if (name := row["name"])}
        self.texts.repeats_of = dict(_repeats_of(self.table.rows))
        for row in self.table.rows:
            name, type_ = row["name"], row["type"]
            if name is None or type_ is None or name.text in self.texts.renamed:
                continue
            if control := read_control(type_.text):
                if control.begins and control.kind == "repeat":
                    self.texts.renamed |= self._rename_repeat(name.text, taken)
                continue
            changed = as_name(name.text)
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
        namesakes = sum(_is_begun(row, name) for row in self.table.rows) - 1
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
            changed = _free(f"{as_name(self._open[-1].name)}_{text}"[:_LONGEST_NAME], self._names)
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
            message, remedy = "The row has no type, and is left out.", "Write one, or empty the row."
            self.problems.warning(row.place(), "survey", message, remedy)

    def _control(self, row: Row, control: Control) -> None:
        if not control.begins:
            self._end(row, control)
            return
        name = row["name"]
        name = row[f"{CHAT}::section"] or name
        called = name.text if name else f"group_{row.number}"
        repeat = self._repeat(row, called) if control.kind == "repeat" else None
        part = row[f"{CHAT}::part"]
        group = _Group(
            control.kind,
            called,
            row,
            self._title(row, called),
            self.texts.expression(row["relevant"]),
            self._part(row, part) if part else None,
            repeat,
        )
        self._open.append(group)
        self.texts.around.append(repeat is not None)
        for (key, _), written in row.cells.items():
            if key not in _OF_A_GROUP and not key.startswith(CHAT):
                message = f"`{key}` means nothing for a group; it is left out."
                self.problems.warning(written.place, f"sections.{called}", message, "Remove it.")
        if (appearance := row["appearance"]) and appearance.text not in self._said:
            self._said.add(appearance.text)
            message = f"A group shown as `{shown(appearance.text)}` is asked question by question."
            remedy = "See that each question says all that it asks by itself."
            self.problems.warning(appearance.place, f"sections.{called}", message, remedy)

    def _title(self, row: Row, called: str) -> DraftText | None:
        """The label of a group; an answer that it names is left out, since titles are the same for everybody."""
        title = self.texts.text(row, "label", f"sections.{called}")
        for language, written in title.by_language.items() if title else ():
            words = REFERENCE.sub("…", written.text)
            if title and words != written.text:
                title.by_language[language] = replace(written, text=words)
                message = f"No answer is filled in the title of a group: people read “{shown(words)}”."
                remedy = "Say it in the label of the first question, or of a note."
                self.problems.warning(written.place, title.path, message, remedy)
        return title

    def _end(self, row: Row, control: Control) -> None:
        if self._open and self._open[-1].kind == control.kind:
            self._open.pop()
            self.texts.around.pop()
            return
        message = f"Here ends a {control.kind} that is not open."
        self.problems.error(row.place("type"), "survey", message, f"Write `begin_{control.kind}` before it.")

    def _repeat(self, row: Row, called: str) -> DraftRepeat:
        outer = next((group.repeat for group in reversed(self._open) if group.repeat), None)
        name = Written(self._repeats.get(called, called), row.place("name"))
        said = row["repeat_count"]
        count = self.texts.expression(said)
        if said and count and called in REFERENCE.findall(said.text):
            message = (
                "How many turns there are depends on the turns: people are asked whether there is another."
            )
            remedy = "Empty `repeat_count`, and remove the question that asks the same."
            self.problems.warning(count.place, f"sections.{called}", message, remedy)
            count = None
        most = self._most(row, called, count, inside=outer is not None)
        return DraftRepeat(name, count, most, outer)

    def _most(self, row: Row, called: str, count: Written | None, *, inside: bool) -> int:
        """How many turns there can be: as the form says, or few enough for a conversation."""
        path, most = f"sections.{called}", row[f"{CHAT}::most"]
        if most and _WHOLE.fullmatch(most.text):
            return int(most.text)
        if most:
            message = f"`{shown(most.text)}` is not a whole number."
            self.problems.error(most.place, path, message, "Write how many there can be, such as 20.")
        elif count and _WHOLE.fullmatch(count.text):
            return max(int(count.text), 1)
        assumed = _MOST_INSIDE if inside else DEFAULT_MOST
        message = f"The repeat `{shown(called)}` is asked {assumed} times at most."
        remedy = f"Write under `{CHAT}::most` how many there can be, if that is not enough."
        self.problems.warning(row.place("type"), path, message, remedy)
        return assumed

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
        repeat = next((group.repeat for group in reversed(self._open) if group.repeat), None)
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
        if repeat:
            self._repeated[question.name.text] = repeat

    def _part_group(self) -> _Group | None:
        return next((group for group in reversed(self._open) if group.part), None)

    def _section_name(self, called: str, taken: set[str]) -> str:
        name = as_name(called).lower().replace("-", "_").lstrip("_0123456789") or "group"
        return _free(name[:_LONGEST_NAME], taken)


def _repeats_of(rows: Iterable[Row]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of questions and groups, each with those of the repeats around it."""
    around: list[str | None] = []
    for row in rows:
        name, type_ = row["name"], row["type"].text if row["type"] else ""
        control = read_control(type_)
        if control and not control.begins:
            del around[-1:]
            continue
        if name:
            yield name.text, tuple(filter(None, around))
            if type_.endswith("or_other"):
                yield other_name(name.text), tuple(filter(None, around))
        if control:
            around.append(name.text if name and control.kind == "repeat" else None)


def _is_begun(row: Row, name: str) -> bool:
    """Whether a row begins something of this name, or is a question: what ends is called like what began."""
    called, type_ = row["name"], row["type"]
    control = read_control(type_.text) if type_ else None
    return called is not None and called.text == name and (control is None or control.begins)


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first with a number after it, that is not taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name[: _LONGEST_NAME - 5]}_{number}" in taken:
        number += 1
    return f"{name[: _LONGEST_NAME - 5]}_{number}"
