"""A row of the sheet `survey` → a question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pyxform.aliases import BINDING_CONVERSIONS

from bot.authoring.draft import REFERENCE, SELECTS, DraftQuestion, DraftScale, DraftText
from bot.authoring.problems import Place, Problems, did_you_mean, listed, shown
from bot.authoring.written import Written
from bot.authoring.xlsform.choosing import Choosing, without_search
from bot.authoring.xlsform.columns import CHAT, MAY_STAY, SURVEY_TEXTS, Row
from bot.authoring.xlsform.lookups import EMPTY
from bot.authoring.xlsform.texts import Texts
from bot.authoring.xlsform.types import Kind, Source, read_kind
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import is_expression

_SEPARATOR = re.compile(r"[;\n]")
_WORD = re.compile(r"[^\W\d]\w*")
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s,;]+)")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_SCALE = {"start": 1, "end": 10, "step": 1}
"""What XLSForm takes for a range that does not say."""
_PREDEFINED = frozenset({"start", "end", "today"})
_COMPUTED = _PREDEFINED | {"calculate", "hidden"}
_MEDIA = frozenset({"image", "audio", "video", "file"})
_SPREADSHEET_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(?::00)?")
"""A cell that a spreadsheet program knows to be a date."""
_VOLATILE = re.compile(r"\b(now|today|random|uuid)\s*\(")
"""Functions that give something else each time."""
_ELSEWHERE = {
    **dict.fromkeys(
        ("begin_kobomatrix", "end_kobomatrix"),
        "Name the list of its rows under `kobo--matrix_list`, and end it with `end_kobomatrix`.",
    ),
    **dict.fromkeys(
        ("caseid", "comments", "text audit", "speed violations count", "sensor_statistic", "sensor_stream"),
        "Leave it out: only SurveyCTO has it.",
    ),
    "calculate_here": "Write `calculate`.",
}
"""Types that only Kobo or SurveyCTO has, each with what to do instead."""
_APPEARANCES_SAID = {
    "draw": "A drawing is sent as a picture.",
    "signature": "A signature is sent as a picture of it.",
    "annotate": "A picture is sent as it is, without drawing on it.",
}


@dataclass(slots=True)
class Questions:
    """Reads one question after another."""

    texts: Texts
    choosing: Choosing
    problems: Problems
    _said: set[str] = field(default_factory=set)

    def question(self, row: Row, name: Written, type_: Written) -> DraftQuestion | None:
        """The question of a row; `None` for what a conversation leaves out or cannot ask."""
        kind = read_kind(type_.text)
        path = f"questions.{name.text}"
        if kind is None:
            remedy = did_you_mean(
                type_.text, list(QUESTION_TYPES), f"The types are {listed(QUESTION_TYPES)}."
            )
            if elsewhere := _ELSEWHERE.get(type_.text):
                remedy = elsewhere
            elif type_.text.partition(" ")[0] in SELECTS:
                remedy = "Write the name of one list after it, without spaces, as `list_name` has it."
            message = f"There is no question type `{shown(type_.text)}`."
            self.problems.error(type_.place, f"{path}.type", message, remedy)
            return None
        if kind.said:
            self.problems.warning(type_.place, f"{path}.type", kind.said, kind.remedy)
        if kind.left_out:
            return None
        question = self._read(row, name, Written(kind.name, type_.place), kind, path)
        self._adapt(question, row, path)
        return question

    def _read(self, row: Row, name: Written, type_: Written, kind: Kind, path: str) -> DraftQuestion:
        texts = self._texts(row, path, seen=kind.name not in _COMPUTED)
        required, required_when = self._condition(row["required"], f"{path}.required")
        read_only, read_only_when = self._condition(row["read_only"], f"{path}.read_only")
        if read_only_when:
            message = "`read_only` is a condition here; the question is asked all the same."
            self.problems.warning(
                read_only_when.place, f"{path}.read_only", message, "Write `yes` or nothing."
            )
        chosen_from, chosen_by = self.choosing.choose(kind, row, type_, path)
        if kind.list_name and chosen_from is None:
            type_ = replace(type_, text="text")  # so that nothing else is said of what refers to it
        question = DraftQuestion(
            name=name,
            type=type_,
            list_name=chosen_from,
            texts=texts,
            number=row[f"{CHAT}::number"],
            required=required,
            required_when=required_when,
            relevant=self.binding(row["relevant"]),
            constraint=self._constraint(row, name, kind, type_),
            calculation=self.texts.expression(row["calculation"]),
            default=self._default(row["default"], kind),
            choice_filter=chosen_by,
            or_other=type_.place if kind.or_other else None,
            read_only=read_only,
            appearance=without_search(row["appearance"]),
            cells=_several(row[f"{CHAT}::cells"]),
            provenance=row[f"{CHAT}::provenance"],
        )
        self._read_parameters(question, row, kind, path)
        if choices := row[f"{CHAT}::choices"]:
            question.list_name = choices
        return question

    def _default(self, written: Written | None, kind: Kind) -> Written | None:
        default = self.texts.expression(written)
        if default is None or default.text == EMPTY:
            return None
        if kind.name in {"date", "dateTime"} and (found := _SPREADSHEET_DATE.fullmatch(default.text)):
            moment = found[1] if kind.name == "date" else f"{found[1]}T{found[2]}"
            return replace(default, text=moment)
        return default

    def _constraint(self, row: Row, name: Written, kind: Kind, type_: Written) -> Written | None:
        """What is demanded of an answer; the question's own name means the answer that is given, as in ODK."""
        constraint = self.texts.expression(row["constraint"])
        if constraint is not None:
            return replace(constraint, text=constraint.text.replace(f"${{{name.text}}}", "."))
        return Written(kind.constraint, type_.place) if kind.constraint else None

    def _texts(self, row: Row, path: str, *, seen: bool) -> dict[str, DraftText]:
        there = {key for key, _ in row.cells}
        found = {
            key: self.texts.text(row, key, f"{path}.{key}", seen=seen) for key in sorted(SURVEY_TEXTS & there)
        }
        for key in ("start_label", "end_label"):
            if f"{CHAT}::{key}" not in there:
                continue
            words = {tag: self.texts.filled(w) for tag, w in self.texts.words(row, f"{CHAT}::{key}")}
            found[key] = DraftText(f"{path}.{key}", words, optional=True) if words else None
        return {key: text for key, text in found.items() if text}

    def binding(self, written: Written | None) -> Written | None:
        """An expression, for which `yes` and `no` may stand."""
        expression = self.texts.expression(written)
        if expression and expression.text in BINDING_CONVERSIONS:
            return replace(expression, text=BINDING_CONVERSIONS[expression.text])
        return expression

    def _condition(self, written: Written | None, path: str) -> tuple[Place | None, Written | None]:
        """Where a cell says yes, or the condition that it holds."""
        expression = self.binding(written)
        if expression and _WORD.fullmatch(expression.text):
            said = f"`{shown(expression.text)}` is neither yes nor no, and no condition."
            self.problems.error(expression.place, path, said, "Write `yes`, or nothing.")
            return None, None
        if expression is None or expression.text == "false()":
            return None, None
        return (expression.place, None) if expression.text == "true()" else (None, expression)

    def _read_parameters(self, question: DraftQuestion, row: Row, kind: Kind, path: str) -> None:
        written = row["parameters"]
        found = dict(_PARAMETER.findall(written.text)) if written else {}
        if kind.source is Source.FILE:
            found = {key: said for key, said in found.items() if key not in {"value", "label"}}
        if question.type.text == "range":
            place = written.place if written else question.type.place
            start, end, step = (_number(found.pop(key, None), value) for key, value in _SCALE.items())
            question.scale = DraftScale(place, start, self._last_step(start, end, step, place, path), step)
            self._label_ends(question, found.pop("tick_labelset", None), path)
        if written and question.type.text in SELECTS and found.get("randomize") in {"true", "true()", "yes"}:
            del found["randomize"]
            question.randomize = written.place
        for key in sorted(found.keys() - {"randomize"}):
            place = row.place("parameters")
            message = f"The parameter `{key}` is not used: a conversation has no use for it."
            self._say_once(f"parameter {key}", place, path, message, MAY_STAY)

    def _last_step(
        self, start: float | None, end: float | None, step: float | None, place: Place, path: str
    ) -> float | None:
        """The last value that steps from the start arrive at, which is where an ODK range ends too."""
        if start is None or end is None or step is None or step <= 0 or end <= start:
            return end
        first, final, by = (Decimal(str(number)) for number in (start, end, step))
        last = first + (final - first) // by * by
        if last == final:
            return end
        message = f"Steps of {step} from {start} end at {last}, not at {end}."
        self.problems.warning(place, f"{path}.parameters", message, f"Write `end={last}`.")
        return _number(str(last), 0)

    def _label_ends(self, question: DraftQuestion, labels: str | None, path: str) -> None:
        """The words at the ends of a range are those of the ticks there."""
        scale, ticks = question.scale, self.choosing.tables.lists.get(labels or "")
        self.choosing.tables.named.add(labels or "")
        if scale is None or ticks is None:
            return
        ends = {scale.start: "start_label", scale.end: "end_label"}
        for choice in ticks.choices:
            key = ends.get(_number(choice.name.text, 0))
            if key is None:
                message = f"`{shown(choice.name.text)}` is no end of the range: its label is not shown."
                remedy = "Say in the hint what it means."
                self.problems.warning(choice.name.place, f"{path}.parameters", message, remedy)
            elif key not in question.texts:
                question.texts[key] = replace(choice.label, path=f"{path}.{key}")

    def _adapt(self, question: DraftQuestion, row: Row, path: str) -> None:
        """Make of what only a screen can do what a conversation can; each is said."""
        self._follow_trigger(question, row, path)
        self._compute(question, path)
        for key in _meaningless(question):
            self._drop(question, key, path)
        if question.constraint is None:
            question.texts.pop("constraint_message", None)
        if not question.required and question.required_when is None:
            question.texts.pop("required_message", None)
        for word in question.appearance.text.split() if question.appearance else ():
            if said := _APPEARANCES_SAID.get(word):
                place = row.place("appearance")
                self._say_once(word, place, path, said, "Say in the hint what to send.")
        self._label(question, path)

    def _follow_trigger(self, question: DraftQuestion, row: Row, path: str) -> None:
        """What is computed when the answer to another question changes, and then stays.

        A route knows no changes, only answers: what depends on the time or on chance is found when that
        question is first answered, and what can be answered too is suggested.
        """
        trigger, calculation = row["trigger"], question.calculation
        names = REFERENCE.findall(self.texts.filled(trigger).text) if trigger else []
        if trigger is None or not names:
            return
        if calculation is None:
            self._say_unused(trigger, path)
            return
        references = ", ".join(f"${{{name.strip()}}}" for name in names)
        answered = f"{f'concat({references})' if len(names) > 1 else references} != ''"
        if question.type.text not in _COMPUTED | {"note"} and _is_shown(question):
            otherwise = question.default.text if question.default else ""
            otherwise = otherwise if is_expression(otherwise) else f"'{otherwise}'"
            found = f"if({answered}, {calculation.text}, {otherwise})"
            question.calculation, question.default = None, replace(calculation, text=found)
            message = f"What is computed from {references} is suggested as the answer."
            self.problems.warning(
                trigger.place, path, message, "Make it a `calculate`, if nobody is to change it."
            )
        elif _VOLATILE.search(calculation.text):
            # The first time it has no value of its own, and afterwards this is not computed again.
            first = calculation.text.replace(f"${{{question.name.text}}}", EMPTY)
            found = f"if({answered}, once({first}), '')"
            question.calculation = replace(calculation, text=found)
            message = f"It is computed once, when {references} is first answered, and then stays."
            self.problems.warning(
                trigger.place, path, message, "Let no other question depend on it changing again."
            )
        else:
            self._say_unused(trigger, path)

    def _say_unused(self, trigger: Written, path: str) -> None:
        message = "`trigger` is not used: a calculation follows each answer that it looks at."
        self._say_once("trigger", trigger.place, path, message, MAY_STAY)

    def _compute(self, question: DraftQuestion, path: str) -> None:
        """What has a calculation is a `calculate`, whatever else it would be."""
        kind, calculation = question.type.text, question.calculation
        if calculation and kind not in _COMPUTED | {"note"}:
            if _is_shown(question):
                message = f"A `{kind}` with a `calculation` is computed and not asked."
                remedy = "Leave the calculation out, or give it as `default`, if people are to be asked."
                self.problems.warning(calculation.place, f"{path}.calculation", message, remedy)
            question.list_name = question.scale = None
        if calculation and kind not in _PREDEFINED | {"note"}:
            question.type = Written("calculate", question.type.place)
        elif kind == "calculate" and question.default is not None:
            question.calculation, question.default = question.default, None

    def _drop(self, question: DraftQuestion, key: str, path: str) -> None:
        written = getattr(question, key)
        if written is not None:
            place = written.place if isinstance(written, Written) else written
            said, kind = key.removesuffix("_when"), question.type.text
            message, remedy = f"`{said}` means nothing for a `{kind}`; it is left out.", "Remove it."
            if (said, kind) == ("required", "note"):
                message = (
                    "A `required` note stops nobody in a conversation, as it does in ODK: it is only said."
                )
                remedy = "Let the `constraint` of the question that it is about refuse the answer."
            self.problems.warning(place, f"{path}.{key}", message, remedy)
            setattr(question, key, None)

    def _label(self, question: DraftQuestion, path: str) -> None:
        """A question without a label is asked by its hint, or else by its name; what is not asked needs none."""
        if "label" in question.texts:
            return
        if question.type.text in _COMPUTED:
            question.texts["label"] = DraftText(f"{path}.label")
            return
        name, hint = question.name, question.texts.pop("hint", None)
        label = hint or DraftText("", {self.texts.default: name}, optional=True)
        question.texts["label"] = replace(label, path=f"{path}.label")
        by = "hint" if hint else "name"
        message = f"The {question.type.text} has no label: people see its {by}."
        self.problems.warning(name.place, f"{path}.label", message, "Write the question under `label`.")

    def _say_once(self, key: str, place: Place, path: str, message: str, remedy: str) -> None:
        if key not in self._said:
            self._said.add(key)
            self.problems.warning(place, path, message, remedy)


def _is_shown(question: DraftQuestion) -> bool:
    """Whether a question with a `calculation` is shown by ODK: one without words is only computed."""
    return bool({"label", "hint"} & question.texts.keys())


def _meaningless(question: DraftQuestion) -> Iterator[str]:
    """The keys that say nothing about a question of its type."""
    kind = question.type.text
    if kind in _COMPUTED or kind == "note":
        yield from ("constraint", "required", "required_when", "read_only")
    if kind in _MEDIA or (kind in _COMPUTED and kind != "hidden") or kind == "note":
        yield "default"
    if kind not in SELECTS:
        yield from ("choice_filter", "or_other")
    if kind != "calculate":
        yield "calculation"


def _several(written: Written | None) -> tuple[Written, ...]:
    texts = _SEPARATOR.split(written.text) if written else ()
    return tuple(Written(text.strip(), written.place) for text in texts if written and text.strip())


def _number(text: str | None, otherwise: int) -> int | float | None:
    if text is None:
        return otherwise
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return int(value) if value.is_integer() else value
