"""Checks conditions: that they can be read, that what they refer to is there, that none waits for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.authoring.draft import REFERENCE, Draft, DraftQuestion, DraftSection
from bot.authoring.expansion import other_name
from bot.authoring.extras import bare_question
from bot.authoring.problems import Place, Problems
from bot.authoring.written import Written
from bot.flows.expressions import Expression, ExpressionError, Kind, ValueKind
from bot.flows.expressions.repeats import written_name
from bot.flows.filling import as_answer
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import SILENT, is_expression


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition as written, where it stands, and whose it is."""

    written: Written
    path: str
    expression: Expression


def check_logic(draft: Draft, problems: Problems) -> None:
    """Find what is wrong with every condition and calculation."""
    _Logic(draft, problems).check()


def kinds_of(draft: Draft) -> dict[str, ValueKind]:
    """The kind of each question's answer, by name; those that have none are left out."""
    kinds: dict[str, ValueKind] = {}
    alike: dict[tuple[str, str, bool], ValueKind | None] = {}
    for question in draft.questions:
        of = (
            question.type.text,
            question.list_name.text if question.list_name else "",
            question.or_other is not None,
        )
        if of not in alike:
            alike[of] = _kind(question, draft)
        if kind := alike[of]:
            kinds[question.name.text] = kind
        if question.or_other:
            kinds[other_name(question.name.text)] = ValueKind(Kind.TEXT)
    return kinds


class _Logic:
    def __init__(self, draft: Draft, problems: Problems) -> None:
        self.draft = draft
        self.problems = problems
        self.questions = {q.name.text: q for q in draft.questions}
        repeats = [repeat for section in draft.sections if section.repeat for repeat in section.repeat.path]
        self.kinds = kinds_of(draft) | {repeat.name.text: ValueKind(Kind.REPEAT) for repeat in repeats}
        self.repeats_of = {
            name: tuple(repeat.name.text for repeat in section.repeat.path)
            for section in draft.sections
            if section.repeat
            for question in section.questions
            for name in (question.name.text, other_name(question.name.text))
        }
        for name, around in self.repeats_of.items():
            if name in self.kinds:
                self.kinds[name] = replace(self.kinds[name], repeats=around)
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
            outer = self.section(section)
            part = parts.get(section.part.text) if section.part else None
            for question in section.questions:
                name = question.name.text
                own = self.condition(question.relevant, f"questions.{name}.relevant", question)
                waits[name] = [c for c in (own, *outer, part, *self.value(question)) if c is not None]
                self.constraint(question)
        self.check_cycles(waits)

    def section(self, section: DraftSection) -> list[_Condition | None]:
        path = f"sections.{section.name.text}"
        first = next(iter(section.questions), None)
        conditions = [self.condition(written, f"{path}.relevant", first) for written in section.conditions]
        for level, repeat in enumerate(reversed(section.repeat.path if section.repeat else ())):
            at = f"{path}.repeat{'.within' * level}.count"
            conditions.append(self.condition(repeat.count, at, first))
        return conditions

    def value(self, question: DraftQuestion) -> Iterator[_Condition | None]:
        """Check what a question's value and choices come from; those on which its place on the route depends."""
        path = f"questions.{question.name.text}"
        yield self.computed(question.calculation, f"{path}.calculation")
        if question.choice_filter:
            yield self.filter(question, f"{path}.choice_filter")
        self.condition(question.required_when, f"{path}.required", question)
        if question.default and is_expression(question.default.text):
            default = self.computed(question.default, f"{path}.default")
            if question.type.text in SILENT or question.read_only:
                yield default

    def computed(self, written: Written | None, path: str) -> _Condition | None:
        expression = self.parse(written, path)
        if written is None or expression is None:
            return None
        condition = _Condition(written, path, expression)
        self.check_kinds(condition, None)
        return condition

    def filter(self, question: DraftQuestion, path: str) -> _Condition | None:
        expression = self.parse(question.choice_filter, path, is_filter=True)
        choices = self.draft.lists.get(question.list_name.text) if question.list_name else None
        if question.choice_filter is None or expression is None or choices is None:
            return None
        columns = dict.fromkeys(
            ["name", *(column for choice in choices.choices for column in choice.filters)]
        )
        condition = _Condition(question.choice_filter, path, expression)
        self.check_kinds(condition, None, tuple(columns))
        self.check_order(condition, question)
        return condition

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
        self.default(question, expression)

    def default(self, question: DraftQuestion, constraint: Expression) -> None:
        """Name a default that the question's own constraint refuses."""
        written = question.default
        if written is None or constraint.references or is_expression(written.text):
            return
        kind = QUESTION_TYPES.get(question.type.text)
        value = kind.read(written.text, bare_question(question, self.draft)) if kind else None
        looked_at: list[str] = []  # such as the time, which is not known here
        if value is not None and not constraint.holds(looked_at.append, as_answer(value)) and not looked_at:
            self.problems.error(
                written.place,
                f"questions.{question.name.text}.default",
                "The default does not meet the question's own constraint.",
                "Change one of the two.",
            )

    def parse(self, written: Written | None, path: str, *, is_filter: bool = False) -> Expression | None:
        if written is None:
            return None
        try:
            expression = Expression.parse(written.text, is_filter=is_filter)
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

    def check_kinds(
        self, condition: _Condition, current: ValueKind | None, columns: tuple[str, ...] = ()
    ) -> None:
        """Name what it cannot mean: questions that are not there, codes and kinds that never match."""
        written = condition.written
        self.check_turn(condition)
        for error in condition.expression.check(self.kinds, current, columns):
            reference = REFERENCE.match(written.text, error.offset)
            if reference is None or reference[1] not in self.questions.keys() - self.kinds.keys():
                say = self.problems.doubt if error.is_doubt else self.problems.error
                say(written.at(error.offset), condition.path, f"{error.message}.", error.remedy)

    def check_turn(self, condition: _Condition) -> None:
        """Name `position(..)` outside of any repeat, or of so many."""
        if condition.expression.turn_level <= self.repeats_around(condition.path):
            return
        self.problems.error(
            condition.written.at(condition.written.text.find("position(")),
            condition.path,
            "position(..) counts the turns of a repeat, position(../..) of the one around it; there is none here.",
            "Move it into the repeat, or leave it out.",
        )

    def repeats_around(self, path: str) -> int:
        """How many repeats there are around what stands at a path, such as `sections.home.repeat.within.count`."""
        group, name, *keys = path.split(".")
        if group == "questions":
            return len(self.repeats_of.get(name, ()))
        sections = (s for s in self.draft.sections if group == "sections" and s.name.text == name)
        depth = next((len(s.repeat.path) for s in sections if s.repeat), 0)
        return depth - keys.count("repeat") - keys.count("within")

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
            name: {
                r: c
                for c in reversed(conditions)
                for r in sorted(map(written_name, c.expression.references))
                if r in waits and not self.looks_at_other_turns(name, r, c)
            }
            for name, conditions in waits.items()
        }
        for cycle in _cycles({name: tuple(found) for name, found in needs.items()}):
            first, second = cycle[0], cycle[1]
            condition = needs[first][second]
            path = " → ".join(cycle)
            if len(cycle) > 2:
                message = f"These questions wait for one another: {path}."
            elif condition.path.endswith("relevant"):
                message = f"`{first}` would be asked depending on its own answer."
            else:
                message = f"`{first}` would be worked out from itself."
            self.problems.error(
                self.reference(condition.written, second),
                condition.path,
                message,
                "Let the condition refer to a question that is asked anyway.",
            )

    def looks_at_other_turns(self, name: str, reference: str, condition: _Condition) -> bool:
        """Whether it may be another turn's answer that is meant; `check_turns` looks at each turn then."""
        mine, its = self.repeats_of.get(name, ()), self.repeats_of.get(reference, ())
        return mine[:1] == its[:1] != () and condition.expression.looks_at_other_turns

    def reference(self, written: Written, name: str) -> Place:
        return written.at(max(written.text.find(f"${{{name}}}"), 0))


def _kind(question: DraftQuestion, draft: Draft) -> ValueKind | None:
    """The kind of a question's answer; `None` for a note, and for a type that there is not."""
    known = QUESTION_TYPES.get(question.type.text)
    if known is None or not (known.asks or known.is_filled):
        return None
    return known.value_kind(bare_question(question, draft))


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
