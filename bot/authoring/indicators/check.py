"""Checks that indicators name what is there: questions that can be scored, axis values, columns, conditions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from math import prod

from bot.authoring.draft import COUNTRY, Draft, DraftQuestion
from bot.authoring.indicators.draft import (
    DraftAxis,
    DraftColumn,
    DraftDifference,
    DraftIndicators,
    DraftRanking,
)
from bot.authoring.indicators.reader import PATH
from bot.authoring.logic import kinds_of
from bot.authoring.problems import Problems, did_you_mean, listed, shown
from bot.authoring.written import Written
from bot.flows.expressions import Expression, ExpressionError
from bot.flows.indicators import ANY, DONT_KNOW, NONE, NOT_APPLICABLE, scores_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
MOST_NUMBERS = 2000


def check_indicators(draft: Draft, problems: Problems) -> None:
    """Find what is wrong with the indicators of a questionnaire that has some."""
    if draft.indicators:
        _Check(draft, draft.indicators, problems).check()


def values_of(axis: DraftAxis, draft: Draft) -> tuple[str, ...]:
    """The values of an axis; where they are a list of choices, those that can stand together."""
    choices = draft.lists.get(axis.list_name.text) if axis.list_name else None
    if choices is None:
        return tuple(value.text for value in axis.values)
    return tuple(choice.name.text for choice in choices.choices if not choice.exclusive)


class _Check:
    def __init__(self, draft: Draft, indicators: DraftIndicators, problems: Problems) -> None:
        self.draft = draft
        self.indicators = indicators
        self.problems = problems
        self.questions = {question.name.text: question for question in draft.questions}
        self.sections = {q.name.text: s.name.text for s in draft.sections for q in s.questions}
        self.any_of = {name.text: tuple(w.text for w in members) for name, members in indicators.any_of}
        self.values = [values_of(axis, draft) for axis in indicators.axes]
        self.columns = {column.name.text: column for column in indicators.columns}
        self.items: dict[str, Written] = {}
        self.each: dict[str, list[int]] = {}
        """At which axes each item has `+`."""

    def check(self) -> None:
        self.names()
        for axis in self.indicators.axes:
            self.axis(axis)
        sections = {section.name.text for section in self.draft.sections}
        for value, words_of in self.indicators.words_of.items():
            self.known(words_of, self.questions.keys() | sections, f"{PATH}.{value}", "question or section")
        for pattern in self.indicators.numbers:
            self.pattern(pattern, f"{PATH}.numbers")
        self.check_any_of()
        self.check_items()
        for key, conditions in (("zero", self.indicators.zero), ("dont_know", self.indicators.unknown)):
            for name, condition in conditions:
                at = f"{PATH}.{key}.{name.text}"
                self.known(name, self.items, at, "item that enters a number")
                self.condition(condition, at)
        for column in self.indicators.columns:
            self.column(column)
        self.check_sections()
        for difference in self.indicators.differences:
            self.difference(difference)
        for ranking in self.indicators.rankings:
            self.ranking(ranking)
        for change in self.indicators.changes:
            if change.minus and change.minus.text not in {"this", "followed"}:
                message = f"`{shown(change.minus.text)}` is neither this round nor the followed one."
                remedy = "Write `minus: followed`, or `minus: this`."
                self.error(change.minus, f"{PATH}.{change.name.text}.minus", message, remedy)

    def error(self, written: Written, path: str, message: str, remedy: str) -> None:
        self.problems.error(written.place, path, message, remedy)

    def known(
        self, written: Written | None, names: Collection[str], path: str, what: str, *, of: str = ""
    ) -> bool:
        """Whether what is written is one of the names; a problem if it is not."""
        if written is None or written.text in names:
            return written is not None
        otherwise = f"There are {listed(names)}." if names else "Add it first."
        remedy = did_you_mean(written.text, list(names), otherwise)
        self.error(written, path, f"There is no {what} `{shown(written.text)}`{of}.", remedy)
        return False

    def names(self) -> None:
        """Words are found by name, so no two things may share one."""
        seen: dict[str, Written] = {}
        for name in self.indicators.named:
            path = f"{PATH}.{name.text}"
            if not _NAME.fullmatch(name.text) and not name.text.isdecimal():
                message = f"`{shown(name.text)}` cannot be a name."
                self.error(name, path, message, "Use letters, digits and _, beginning with a letter.")
            if seen.setdefault(name.text, name) is not name:
                message = (
                    f"The name `{shown(name.text)}` is already used on line {seen[name.text].place.line}."
                )
                self.error(name, path, message, "Give each its own name.")

    def axis(self, axis: DraftAxis) -> None:
        path = f"{PATH}.{axis.name.text}"
        if axis.list_name and axis.values:
            message = "An axis has `values` or `choices`, not both."
            self.error(axis.name, path, message, "Keep one of the two.")
        elif axis.list_name:
            self.known(axis.list_name, self.draft.lists, f"{path}.choices", "list of choices")
        elif not axis.values:
            self.error(axis.name, path, f"The axis `{shown(axis.name.text)}` has no values.", "Add `values`.")

    def cell(self, written: Written, path: str) -> bool:
        """Whether a cell, or a pattern of numbers, names one value, none or any of each axis."""
        parts = written.text.split("/")
        axes = self.indicators.axes
        if len(parts) != len(axes):
            names = "/".join(axis.name.text for axis in axes)
            message = f"`{shown(written.text)}` does not name one value of each axis."
            self.error(written, path, message, f"Write it as {names}; `*` names no value, `+` each.")
            return False
        right = True
        for axis, values, part in zip(axes, self.values, parts, strict=True):
            if part not in {ANY, NONE, *values}:
                offset = written.text.find(part)
                here = Written(part, written.at(offset))
                right = self.known(here, values, path, "value", of=f" of the axis `{axis.name.text}`")
        return right

    def pattern(self, written: Written, path: str) -> bool:
        """Whether it is a cell, and stands for no more numbers than anybody reads."""
        if not self.cell(written, path):
            return False
        if (size := self.size(written)) > MOST_NUMBERS:
            message = f"`{written.text}` stands for {size:,} numbers, more than {MOST_NUMBERS:,}."
            self.error(written, path, message, "Name single values in place of `+`.")
            return False
        return True

    def check_any_of(self) -> None:
        for name, members in self.indicators.any_of:
            path = f"{PATH}.any_of.{name.text}"
            if name.text in self.questions:
                message = f"`{shown(name.text)}` is the name of a question."
                self.error(name, path, message, "Give what is made of several questions a name of its own.")
            if len(members) < 2:
                self.error(name, path, "One question alone is scored by itself.", "Name two or more.")
            for member in members:
                if self.known(member, self.questions, path, "question"):
                    self.scored(member, path)

    def check_items(self) -> None:
        """Each item of each cell, in the file and in the questionnaire."""
        for question in self.draft.questions:
            for cell in question.cells:
                self.item(question.name, cell, f"questions.{question.name.text}.cells")
        in_questionnaire = frozenset(self.items)
        for cell, items in self.indicators.cells:
            path = f"{PATH}.cells.{cell.text}"
            for item in items:
                if not self.known(item, self.questions.keys() | self.any_of.keys(), path, "question"):
                    continue
                if item.text in in_questionnaire:
                    message = f"`{item.text}` names its cells in the questionnaire already."
                    self.error(item, path, message, "Name them in one of the two places.")
                self.item(item, cell, path)
        for name, _ in self.indicators.any_of:
            if name.text not in self.items:
                message = f"`{shown(name.text)}` is in no cell."
                self.error(name, f"{PATH}.any_of.{name.text}", message, "Add it to one under `cells:`.")

    def item(self, item: Written, cell: Written, path: str) -> None:
        """One item in one cell: of several choices each by itself in all of its cells, or in none."""
        first = self.items.setdefault(item.text, item)
        if not self.cell(cell, path):
            return
        each = [place for place, part in enumerate(cell.text.split("/")) if part == ANY]
        if self.each.setdefault(item.text, each) != each or len(each) > 1:
            message = f"`{item.text}` has `+` at different places of its cells."
            self.error(item, path, message, "Write `+` for the same one axis in all of them, or in none.")
        elif item.text in self.questions and first is item:
            self.scored(item, path, self.values[each[0]] if each else None)
        elif each and item.text in self.any_of:
            message = f"`{item.text}` is made of several questions, which `+` cannot score each by itself."
            self.error(item, path, message, "Name one value.")

    def scored(self, written: Written, path: str, values: tuple[str, ...] | None = None) -> None:
        """Name a question whose answers have no score; of several choices, `values` are scored each by itself."""
        question = self.questions[written.text]
        codes = self.codes(question)
        if values is not None:
            if question.type.text != "select_multiple":
                message = f"`{written.text}` is a `{question.type.text}`; `+` scores each choice of several."
                self.error(written, path, message, "Use `select_multiple`, or name one value.")
            elif not codes >= set(values):
                message = f"The choices of `{written.text}` are not the values of the axis with `+`."
                self.error(written, path, message, f"Ask it with a list that has {listed(values)}.")
        elif question.type.text == "range":
            return
        elif question.type.text != "select_one" or scores_of(codes) is None:
            message = f"The answers to `{written.text}` have no score."
            remedy = (
                f"Score a `range`, or a `select_one` of `yes` and `no` or of whole numbers, "
                f"with `{DONT_KNOW}` and `{NOT_APPLICABLE}` beside them."
            )
            self.error(written, path, message, remedy)

    def codes(self, question: DraftQuestion) -> set[str]:
        choices = self.draft.lists.get(question.list_name.text) if question.list_name else None
        return {choice.name.text for choice in choices.choices} if choices else set()

    def condition(self, written: Written | None, path: str) -> None:
        if written is None:
            return
        try:
            found = Expression.parse(written.text).check(kinds_of(self.draft), None)
        except ExpressionError as unreadable:
            found = [unreadable]
        for error in found:
            self.problems.error(written.at(error.offset), path, f"{error.message}.", error.remedy)

    def column(self, column: DraftColumn) -> None:
        path = f"{PATH}.{column.name.text}"
        sections = {section.name.text for section in self.draft.sections}
        for section in column.sections:
            self.known(section, sections, f"{path}.sections", "section")
        self.condition(column.of, f"{path}.of")
        for key, written in (("per", column.per), ("within", column.within)):
            if written and self.known(
                written, kinds_of(self.draft), f"{path}.{key}", "question with answers"
            ):
                question = self.questions[written.text]
                listed_ = bool(self.codes(question)) or (
                    question.list_name is not None and question.list_name.text == COUNTRY
                )
                if key == "per" and not listed_:
                    message = f"`{written.text}` has no list of choices to compute by."
                    self.error(written, f"{path}.per", message, "Name a `select_one` or `select_multiple`.")

    def check_sections(self) -> None:
        """Name the first item of each section that no column takes."""
        taken = {section.text for column in self.indicators.columns for section in column.sections}
        if any(not column.sections for column in self.indicators.columns):
            return
        for section, written in {self.section(name): w for name, w in reversed(self.items.items())}.items():
            if section and section not in taken:
                message = f"No column takes the section `{section}`, so `{written.text}` is in no number."
                remedy = "Name the section in a column."
                self.error(written, f"{PATH}.columns", message, remedy)

    def section(self, item: str) -> str | None:
        return self.sections.get(item) or next(
            (self.sections[q] for q in self.any_of.get(item, ()) if q in self.sections), None
        )

    def difference(self, difference: DraftDifference) -> None:
        path = f"{PATH}.{difference.name.text}"
        sides = (("column", difference.column), ("minus", difference.minus))
        found = [self.columns[w.text] for key, w in sides if self.column_known(w, f"{path}.{key}") and w]
        if len(found) == 2 and len({column.per.text if column.per else None for column in found}) == 2:
            message = "The two columns are not computed by the same question."
            self.error(difference.name, path, message, "Give both the same `per`, or neither.")
        for written in difference.numbers:
            sizes = {
                self.size(part) for part in self.halves(written) if self.pattern(part, f"{path}.numbers")
            }
            if len(sizes) > 1:
                message = f"`{shown(written.text)}` takes a different count of numbers on each side."
                self.error(written, f"{path}.numbers", message, "Name as many values on both.")

    def ranking(self, ranking: DraftRanking) -> None:
        """Numbers of columns that are not computed apart, and hidden questions that hold their places."""
        path = f"{PATH}.ranks"
        for column in ranking.columns:
            if self.column_known(column, f"{path}.columns") and self.columns[column.text].per:
                message = f"`{column.text}` is computed apart for each answer, so it has no one number."
                self.error(column, f"{path}.columns", message, "Name a column without `per`.")
        hidden = [name for name, question in self.questions.items() if question.type.text == "hidden"]
        for name, number in ranking.places:
            at = f"{path}.questions.{shown(name.text)}"
            self.known(name, hidden, at, "hidden question")
            if self.cell(number, at) and not self.computed(number.text):
                message = f"`{shown(number.text)}` is not one of the numbers that are computed."
                self.error(number, at, message, "Name one that a pattern under `numbers:` stands for.")

    def computed(self, number: str) -> bool:
        """Whether it is one of the numbers: no axis has `+`, and a pattern has it or any value there."""
        parts = number.split("/")
        return ANY not in parts and any(
            all(
                wants == has or (wants == ANY and has != NONE)
                for wants, has in zip(pattern, parts, strict=False)
            )
            for pattern in (written.text.split("/") for written in self.indicators.numbers)
        )

    def column_known(self, written: Written | None, path: str) -> bool:
        return self.known(written, self.columns, path, "column")

    def halves(self, written: Written) -> Iterator[Written]:
        left, dash, right = written.text.partition(" - ")
        yield Written(left, written.place)
        if dash:
            yield Written(right, written.at(len(left) + len(dash)))

    def size(self, pattern: Written) -> int:
        parts = zip(self.values, pattern.text.split("/"), strict=True)
        return prod(len(values) for values, part in parts if part == ANY)
