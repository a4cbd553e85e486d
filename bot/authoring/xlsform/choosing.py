"""Where the choices of a question come from: a sheet, a file beside the form, or the answers of a repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.authoring.draft import DraftChoice, DraftList, DraftQuestion, DraftRepeat, DraftText
from bot.authoring.problems import Problems, shown
from bot.authoring.written import Written
from bot.authoring.xlsform.columns import Row
from bot.authoring.xlsform.lists import list_name
from bot.authoring.xlsform.lookups import literal, outer_arguments
from bot.authoring.xlsform.tables import Tables
from bot.authoring.xlsform.texts import REFERENCE, Texts
from bot.authoring.xlsform.types import Kind, Source
from bot.flows.questionnaire import DEFAULT_MOST

_PARAMETER = re.compile(r"\b(value|label)\s*=\s*([^\s,;]+)")
_SEARCH = re.compile(r"\bsearch\s*\((.*)\)\s*$", re.DOTALL)
_QUOTED = re.compile(r"(['\"])(.*)\1", re.DOTALL)
_COMPARED = {
    "matches": "{column} = {value}",
    "contains": "contains({column}, {value})",
    "startswith": "starts-with({column}, {value})",
    "endswith": "ends-with({column}, {value})",
}


@dataclass(slots=True)
class Choosing:
    """Finds the list of a question, and what its choices are filtered by."""

    tables: Tables
    texts: Texts
    problems: Problems
    repeats: dict[str, DraftRepeat] = field(default_factory=dict)
    """The repeat of each question so far that is in one."""
    made: list[DraftQuestion] = field(default_factory=list)
    """What has to be computed before the question."""
    inside: DraftRepeat | None = None
    """The repeat that is open."""

    def choose(
        self, kind: Kind, row: Row, type_: Written, path: str
    ) -> tuple[Written | None, Written | None]:
        """The list's name and the `choice_filter`; no list where it cannot be had, which is said."""
        chosen_by, name = self.texts.expression(row["choice_filter"]), kind.list_name or ""
        search = _SEARCH.search(row["appearance"].text) if row["appearance"] else None
        if search and kind.source is Source.CHOICES:
            return self._searched(search[1], name, row, chosen_by, path)
        if not name:
            return None, chosen_by
        match kind.source:
            case Source.CHOICES:
                found: str | None = list_name(name)
            case Source.EXTERNAL:
                found = self._external(name)
            case Source.FILE:
                found = self._of_file(name, row, type_, path)
            case Source.REPEAT:
                return self._of_repeat(name, type_, chosen_by, path)
        return (Written(found, type_.place) if found else None), chosen_by

    def _external(self, name: str) -> str:
        """A list of the sheet `external_choices`, which may be called like one of `choices`."""
        called = list_name(name)
        external = self.tables.external.get(called)
        if external and self.tables.lists.get(called, external) is not external:
            called = f"{called}_external"
        if external:
            external.name = replace(external.name, text=called)
            self.tables.lists[called] = external
        return called

    def _of_file(self, name: str, row: Row, type_: Written, path: str) -> str | None:
        columns = {"value": "name", "label": "label"}
        if parameters := row["parameters"]:
            columns |= dict(_PARAMETER.findall(parameters.text))
        found = self.tables.list_of_file(name, columns["value"], columns["label"])
        if found is None:
            wanted = f"the columns `{columns['value']}` and `{columns['label']}`"
            self._name_file(name, wanted, type_, path)
        return found

    def _name_file(self, name: str, wanted: str, at: Written, path: str) -> None:
        message = f"The choices are in `{shown(name)}`, which is not beside the form with {wanted}."
        remedy = "Put the file (.csv, UTF-8) into the folder of the form, or its rows on the sheet `choices`."
        self.problems.error(at.place, f"{path}.type", message, remedy)

    def _searched(
        self, inside: str, name: str, row: Row, chosen_by: Written | None, path: str
    ) -> tuple[Written | None, Written | None]:
        """`search('file', 'matches', 'column', value)`: the row of the list says the columns of the file."""
        arguments = [argument.strip() for argument in outer_arguments(inside)]
        words = [quoted[2] if (quoted := _QUOTED.fullmatch(argument)) else "" for argument in arguments]
        appearance = row["appearance"] or Written("", row.place())
        file = words[0] if words[0].lower().endswith(".csv") else f"{words[0]}.csv"
        columns = self.tables.lists.get(list_name(name))
        said = next((c for c in columns.choices if not c.name.text.isdecimal()), None) if columns else None
        if said is None:
            return Written(list_name(name), appearance.place), chosen_by
        label = next(iter(said.label.by_language.values())).text.partition(",")[0].strip()
        found = self.tables.list_of_file(file, said.name.text, label, of=list_name(name))
        if found is None:
            wanted = f"the columns `{shown(said.name.text)}` and `{shown(label)}`"
            self._name_file(file, wanted, appearance, path)
            return None, None
        fixed = [choice for choice in columns.choices if choice.name.text.isdecimal()] if columns else []
        known = {choice.name.text for choice in self.tables.lists[found].choices}
        self.tables.lists[found].choices[:0] = [c for c in fixed if c.name.text not in known]
        self.tables.named.add(list_name(name))
        conditions = list(_conditions(arguments, words))
        if not conditions:
            return Written(found, appearance.place), chosen_by
        searched = " and ".join(f"({condition})" for condition in conditions)
        always = "".join(f" or name = {literal(choice.name.text)}" for choice in fixed)
        both = f"({searched}{always}) and ({chosen_by.text})" if chosen_by else f"{searched}{always}"
        return Written(found, appearance.place), self.texts.expression(replace(appearance, text=both))

    def _of_repeat(
        self, reference: str, type_: Written, chosen_by: Written | None, path: str
    ) -> tuple[Written | None, Written | None]:
        """A choice for each turn: what was answered there, computed outside of the repeat to be its label."""
        asked = self.texts.renamed.get(reference[2:-1].strip(), reference[2:-1].strip())
        repeat = self.repeats.get(asked)
        if repeat is None or repeat.within or self.inside:
            message = (
                f"The answers to `{shown(asked)}` are choices only after its repeat, outside of all others."
            )
            remedy = "Move the question there, or ask for it in words."
            self.problems.error(type_.place, f"{path}.type", message, remedy)
            return None, None
        called, turns = f"{asked}_turns", range(1, (repeat.most or DEFAULT_MOST) + 1)
        labels = [f"{asked}_{turn}" for turn in turns]
        if not {*self.texts.repeats_of, *self.texts.renamed.values()}.isdisjoint(labels):
            labels = [f"{asked}_in_turn_{turn}" for turn in turns]
        if called not in self.tables.lists:
            self.made += self._computed(asked, repeat, labels, type_)
            self.tables.lists[called] = self._turns(called, labels, type_)
            message = f"The choices are the answers to `{asked}`: what is stored is the number of the turn."
            remedy = f"Look at `{labels[0]}`, and so on, for the words."
            self.problems.warning(type_.place, f"{path}.type", message, remedy)
        said = ", ".join(
            f"if(name = '{turn}', ${{{label}}}, '')" for turn, label in zip(turns, labels, strict=True)
        )
        condition = f"concat({said}, '') != ''"
        if chosen_by:
            own = REFERENCE.sub(lambda found: self._in_turn(found[1], repeat), chosen_by.text)
            condition = f"({condition}) and ({own})"
        return Written(called, type_.place), Written(condition, (chosen_by or type_).place)

    def _in_turn(self, name: str, repeat: DraftRepeat) -> str:
        if self.repeats.get(name) is not repeat:
            return f"${{{name}}}"
        return f"indexed-repeat(${{{name}}}, ${{{repeat.name.text}}}, name)"

    def _computed(
        self, asked: str, repeat: DraftRepeat, labels: list[str], at: Written
    ) -> Iterator[DraftQuestion]:
        for turn, name in enumerate(labels, start=1):
            found = f"indexed-repeat(${{{asked}}}, ${{{repeat.name.text}}}, {turn})"
            yield DraftQuestion(
                name=Written(name, at.place),
                type=Written("calculate", at.place),
                list_name=None,
                texts={"label": DraftText(f"questions.{name}.label")},
                calculation=Written(found, at.place),
            )

    def _turns(self, called: str, labels: list[str], at: Written) -> DraftList:
        return DraftList(
            Written(called, at.place),
            [
                DraftChoice(
                    Written(str(turn), at.place),
                    DraftText(
                        f"choices.{called}.{turn}",
                        {self.texts.default: Written(f"${{{label}}}", at.place)},
                        optional=True,
                    ),
                    {},
                    exclusive=False,
                )
                for turn, label in enumerate(labels, start=1)
            ],
        )


def without_search(appearance: Written | None) -> Written | None:
    """How a question is shown, without where its choices are searched for."""
    left = _SEARCH.sub("", appearance.text).strip() if appearance else ""
    return replace(appearance, text=left) if appearance and left else None


def _conditions(arguments: list[str], words: list[str]) -> Iterator[str]:
    """What `search()` compares, as conditions on columns."""
    if len(arguments) >= 4 and (compared := _COMPARED.get(words[1].lower())):
        columns = [column.strip() for column in words[2].split(",") if column.strip()]
        yield " or ".join(compared.format(column=column, value=arguments[3]) for column in columns)
    if len(arguments) >= 6:
        yield f"{words[4]} = {arguments[5]}"
