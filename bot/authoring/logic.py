"""Checks conditions: that they can be read, that what they refer to is there, that none waits for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.authoring.draft import REFERENCE, Draft, DraftQuestion
from bot.authoring.problems import Place, Problems
from bot.authoring.written import Written
from bot.flows.expressions import Expression, ExpressionError, ValueKind
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Choice, LocalizedText, Question

_NO_TEXT = LocalizedText({}, "")


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition as written, where it stands, and whose it is."""

    written: Written
    path: str
    expression: Expression


def check_logic(draft: Draft, problems: Problems) -> None:
    """Find what is wrong with every `relevant` and `constraint`."""
    _Logic(draft, problems).check()


class _Logic:
    def __init__(self, draft: Draft, problems: Problems) -> None:
        self.draft = draft
        self.problems = problems
        self.questions = {q.name.text: q for q in draft.questions}
        self.kinds = {name: kind for name, q in self.questions.items() if (kind := _kind(q, draft))}
        self.position = {name: index for index, name in enumerate(self.questions)}
        optional = {part.name.text for part in draft.parts if not part.always}
        self.part_of = {
            question.name.text: section.part.text
            for section in draft.sections
            if section.part and section.part.text in optional
            for question in section.questions
        }

    def check(self) -> None:
        firsts: dict[str, DraftQuestion] = {}
        for section in self.draft.sections:
            if section.part and section.questions:
                firsts.setdefault(section.part.text, section.questions[0])
        parts = {
            name: self.condition(part.relevant, f"parts.{name}.relevant", firsts.get(name))
            for part in self.draft.parts
            for name in (part.name.text,)
        }
        waits: dict[str, list[_Condition]] = {}
        for section in self.draft.sections:
            path = f"sections.{section.name.text}.relevant"
            outer = self.condition(section.relevant, path, next(iter(section.questions), None))
            part = parts.get(section.part.text) if section.part else None
            for question in section.questions:
                name = question.name.text
                own = self.condition(question.relevant, f"questions.{name}.relevant", question)
                waits[name] = [c for c in (own, outer, part) if c is not None]
                self.constraint(question)
        self.check_cycles(waits)

    def condition(self, written: Written | None, path: str, first: DraftQuestion | None) -> _Condition | None:
        """Read and check a `relevant`; `first` is the first question that it decides on."""
        expression = self.parse(written, path)
        if written is None or expression is None:
            return None
        condition = _Condition(written, path, expression)
        self.check_kinds(condition, None)
        if first:
            self.check_order(condition, first)
        return condition

    def constraint(self, question: DraftQuestion) -> None:
        path = f"questions.{question.name.text}.constraint"
        message_text = question.texts.get("constraint_message")
        if question.constraint is None:
            if message_text:
                self.problems.warning(
                    next(iter(message_text.by_language.values()), question.name).place,
                    f"{path}_message",
                    "A `constraint_message` without a `constraint` is never said.",
                    "Add the constraint, or remove the message.",
                )
            return
        expression = self.parse(question.constraint, path)
        if expression is None:
            return
        if kind := self.kinds.get(question.name.text):
            self.check_kinds(_Condition(question.constraint, path, expression), kind)
        if question.name.text in expression.references:
            self.problems.error(
                self.reference(question.constraint, question.name.text),
                path,
                "The constraint refers to its own question by name, which is the answer before the new one.",
                "Write `.` for the answer that is given.",
            )
        elif not expression.uses_current:
            self.problems.warning(
                question.constraint.place,
                path,
                "The constraint does not look at the answer that is given.",
                "Use `.` for it, as in `. >= 1`.",
            )

    def parse(self, written: Written | None, path: str) -> Expression | None:
        if written is None:
            return None
        try:
            expression = Expression.parse(written.text)
        except ExpressionError as error:
            self.problems.error(written.at(error.offset), path, f"{error.message}.", error.remedy)
            return None
        for name in sorted(expression.references & set(self.questions)):
            if name not in self.kinds and self.questions[name].type.text in QUESTION_TYPES:
                self.problems.error(
                    self.reference(written, name),
                    path,
                    f"`{name}` is a `{self.questions[name].type.text}`, which has no answer.",
                    "Refer to a question that is answered.",
                )
        return expression

    def check_kinds(self, condition: _Condition, current: ValueKind | None) -> None:
        """Name what it cannot mean: questions that are not there, codes and kinds that never match."""
        written = condition.written
        for error in condition.expression.check(self.kinds, current):
            reference = REFERENCE.match(written.text, error.offset)
            if reference is None or reference[1] not in self.questions.keys() - self.kinds.keys():
                self.problems.error(
                    written.at(error.offset), condition.path, f"{error.message}.", error.remedy
                )

    def check_order(self, condition: _Condition, question: DraftQuestion) -> None:
        """Warn of what is seldom meant: looking ahead, or into a part that a round may leave out."""
        here = question.name.text
        for name in sorted(condition.expression.references & set(self.questions)):
            place = self.reference(condition.written, name)
            part = self.part_of.get(name)
            if self.position[name] > self.position[here]:
                self.problems.warning(
                    place,
                    condition.path,
                    f"`{name}` is asked after `{here}`, and counts as unanswered until then.",
                    "Move it before, if that is not meant.",
                )
            if part and part != self.part_of.get(here):
                self.problems.warning(
                    place,
                    condition.path,
                    f"`{name}` is in part `{part}`: it counts as unanswered in a round without that part.",
                    "Move it to a part that is `always: true`, if that is not meant.",
                )

    def check_cycles(self, waits: Mapping[str, list[_Condition]]) -> None:
        """Name each question whose being asked depends, directly or not, on its own answer."""
        needs = {
            name: {r: c for c in reversed(conditions) for r in sorted(c.expression.references) if r in waits}
            for name, conditions in waits.items()
        }
        for cycle in _cycles({name: tuple(found) for name, found in needs.items()}):
            first, second = cycle[0], cycle[1]
            condition = needs[first][second]
            path = " → ".join(cycle)
            message = (
                f"`{first}` would be asked depending on its own answer."
                if len(cycle) == 2
                else f"These questions wait for one another: {path}."
            )
            self.problems.error(
                self.reference(condition.written, second),
                condition.path,
                message,
                "Let the condition refer to a question that is asked anyway.",
            )

    def reference(self, written: Written, name: str) -> Place:
        return written.at(max(written.text.find(f"${{{name}}}"), 0))


def _kind(question: DraftQuestion, draft: Draft) -> ValueKind | None:
    """The kind of a question's answer; `None` for a note, and for a type that there is not."""
    known = QUESTION_TYPES.get(question.type.text)
    if known is None or not known.asks:
        return None
    choices = draft.lists.get(question.list_name.text) if question.list_name else None
    codes = tuple(Choice(choice.name.text, _NO_TEXT) for choice in choices.choices) if choices else ()
    return known.value_kind(Question(question.name.text, question.type.text, _NO_TEXT, choices=codes))


def _cycles(needs: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Walk a graph without recursion and yield each cycle that closes, its first name again at the end."""
    finished: set[str] = set()
    for start in needs:
        trail: dict[str, Iterator[str]] = {} if start in finished else {start: iter(needs[start])}
        while trail:
            here = next(reversed(trail))
            following = next(trail[here], None)
            if following is None:
                finished.add(here)
                del trail[here]
            elif following in trail:
                names = list(trail)
                yield (*names[names.index(following) :], following)
            elif following not in finished:
                trail[following] = iter(needs[following])
