"""A questionnaire as written → as it is asked: each turn of a repeat, each question for other words, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from bot import i18n
from bot.flows.expressions import Expression
from bot.flows.expressions.repeats import NOTHING, Repeats, in_turn
from bot.flows.questionnaire import (
    REFERENCE,
    Choice,
    LocalizedText,
    Question,
    Questionnaire,
    Repeat,
    Section,
    is_expression,
)
from bot.flows.route import OTHER
from bot.flows.speech import N_

YES, NO = "yes", "no"
TextOrNone = TypeVar("TextOrNone", LocalizedText, LocalizedText | None)


def expanded(written: Questionnaire) -> Questionnaire:
    """The questionnaire with everything that is asked in its `sections`; itself where nothing is to be added."""
    sections = written.sections
    if not any(s.repeat or any(q.or_other for q in s.questions) for s in sections):
        return written
    return replace(written, sections=tuple(_Expander(written).sections()), written=sections)


def more_name(repeat: str) -> str:
    """The name of the questions whether there is another turn."""
    return f"{repeat}_more"


def other_name(question: str) -> str:
    """The name of the question for other words than the choices', as in XLSForm."""
    return f"{question}_other"


class _Expander:
    def __init__(self, written: Questionnaire) -> None:
        self.written = written
        self.all = [
            replace(section, questions=tuple(self.with_others(section.questions)))
            for section in written.sections
        ]
        self.paths = {section.name: section.repeat.path if section.repeat else () for section in self.all}
        repeats = list(dict.fromkeys(repeat for path in self.paths.values() for repeat in path))
        counts: dict[str, str] = {}
        exists: dict[str, str] = {}
        self.outside = Repeats(
            repeat_of={q.name: s.repeat.name for s in self.all if s.repeat for q in s.questions},
            within={repeat.name: repeat.within.name for repeat in repeats if repeat.within},
            most={repeat.name: repeat.most for repeat in repeats},
            counts=counts,
            exists=exists,
        )
        for repeat in repeats:
            *outer, _ = repeat.path
            names = [around.name for around in outer]
            for turns in self.outside.every(tuple(names)):
                here = replace(self.outside, turns=dict(zip(names, turns, strict=True)))
                begins = self.begins(repeat, here)
                counts[in_turn(repeat.name, *turns)] = self.count(repeat, here, begins)
                for number in range(1, repeat.most + 1):
                    condition = _all(begins, self.condition(repeat, number, here))
                    exists[in_turn(repeat.name, *turns, number)] = condition or "true()"

    def words(self, message: str, title: LocalizedText | None = None) -> LocalizedText:
        """The program's own words in every language of the questionnaire."""
        texts = {
            language: i18n.gettext(language, message).format(
                title=title.in_language(language) if title else ""
            )
            for language in self.written.languages
        }
        return LocalizedText(texts, self.written.default_language)

    # Other words

    def with_others(self, questions: Iterable[Question]) -> Iterator[Question]:
        for question in questions:
            if not question.or_other:
                yield question
                continue
            choices = question.choices
            if OTHER not in question.choice_by_name:
                choices = (*choices, Choice(OTHER, self.words(N_("Other"))))
            yield replace(question, choices=choices)
            yield Question(
                other_name(question.name),
                "text",
                self.words(N_("Which other? Please say.")),
                relevant=Expression.parse(f"selected(${{{question.name}}}, '{OTHER}')"),
            )

    # Repeats

    def sections(self) -> Iterator[Section]:
        yield from self.asked(self.all, self.outside, "")

    def asked(self, sections: Iterable[Section], here: Repeats, condition: str) -> Iterator[Section]:
        """Sections as they are asked in the turns that are open, if the condition holds."""
        depth = len(here.turns)
        for repeat, group in groupby(sections, key=lambda s: next(iter(self.paths[s.name][depth:]), None)):
            members = tuple(group)
            if repeat is None:
                yield from (_Turn(here).section(section, condition) for section in members)
            else:
                yield from self.turns(repeat, members, here, condition)

    def turns(
        self, repeat: Repeat, members: tuple[Section, ...], here: Repeats, condition: str
    ) -> Iterator[Section]:
        for number in range(1, repeat.most + 1):
            inside = replace(here, turns={**here.turns, repeat.name: number})
            exists = _all(condition, self.condition(repeat, number, here))
            sections = list(self.asked(members, inside, exists))
            if repeat.count is None and number < repeat.most:
                more = self.more(repeat, inside, members[0].title)
                if len(sections) == 1:
                    sections = [replace(sections[0], questions=(*sections[0].questions, more))]
                else:
                    # Apart, since the last group may be for some only.
                    title = _numbered(members[0].title, inside)
                    asked_if = _all(exists, self.any_of(members, inside))
                    relevant = Expression.written(asked_if) if asked_if else None
                    sections.append(Section(more.name, title, (more,), members[0].part, relevant))
            yield from sections

    def more(self, repeat: Repeat, inside: Repeats, title: LocalizedText) -> Question:
        return Question(
            in_turn(more_name(repeat.name), *inside.turns.values()),
            "select_one",
            self.words(N_("Is there another one? ({title})"), title),
            choices=(Choice(YES, self.words(N_("Yes"))), Choice(NO, self.words(N_("No")))),
        )

    def condition(self, repeat: Repeat, number: int, here: Repeats) -> str:
        """When there is such a turn; empty for the first, if people are asked for more."""
        if repeat.count is not None:
            return f"({_Turn(here).expression(repeat.count)}) >= {number}"
        return self.has_more(repeat, number - 1, here) if number > 1 else ""

    def has_more(self, repeat: Repeat, number: int, here: Repeats) -> str:
        return f"${{{in_turn(more_name(repeat.name), *here.turns.values(), number)}}} = '{YES}'"

    def any_of(self, members: Iterable[Section], inside: Repeats) -> str:
        """When any of the sections of a turn is asked; empty for always."""
        conditions = dict.fromkeys(
            _Turn(inside).expression(section.relevant) if section.relevant else "" for section in members
        )
        return "" if "" in conditions else " or ".join(f"({condition})" for condition in conditions)

    def count(self, repeat: Repeat, here: Repeats, begins: str) -> str:
        """How many turns there are in a turn of those around it, as an expression."""
        if repeat.count is not None:
            wanted = f"({_Turn(here).expression(repeat.count)})"
            turns = f"if({wanted} >= 1, min(int({wanted}), {repeat.most}), 0)"
        else:
            more = (f"({self.has_more(repeat, n, here)})" for n in range(1, repeat.most))
            turns = f"({' + '.join(['1', *more])})"
        return f"if({begins}, {turns}, 0)" if begins else turns

    def begins(self, repeat: Repeat, here: Repeats) -> str:
        """When there is any turn, as far as the count does not say; empty for always."""
        members = [section for section in self.all if repeat in self.paths[section.name]]
        part = self.written.part_by_name.get(members[0].part) if members[0].part else None
        *outer, _ = repeat.path
        around = (self.condition(one, here.turns[one.name], _outside_of(one, here)) for one in outer)
        first = replace(here, turns={**here.turns, repeat.name: 1})
        return _all(
            part.relevant.source if part and part.relevant else "", *around, self.any_of(members, first)
        )


def _outside_of(repeat: Repeat, here: Repeats) -> Repeats:
    """The place around a repeat, of those that are open."""
    names = {one.name for one in repeat.path[:-1]}
    return replace(here, turns={name: turn for name, turn in here.turns.items() if name in names})


def _all(*conditions: str) -> str:
    """Conditions that must all hold as one; empty for always."""
    said = [condition for condition in conditions if condition]
    return " and ".join(f"({condition})" for condition in said) if len(said) > 1 else "".join(said)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Writes out what belongs to one turn of each repeat around it, or stands outside of all."""

    repeats: Repeats

    def section(self, section: Section, condition: str = "") -> Section:
        both = _all(condition, self.expression(section.relevant) if section.relevant else "")
        return replace(
            section,
            name=in_turn(section.name, *self.repeats.turns.values()),
            title=_numbered(section.title, self.repeats),
            questions=tuple(map(self.question, section.questions)),
            relevant=Expression.written(both) if both else None,
            repeat=None,
        )

    def question(self, question: Question) -> Question:
        default = question.default
        if default and is_expression(default):
            written_out = self.expression(Expression.parse(default))
            default = None if written_out == NOTHING else written_out
        return replace(
            question,
            name=in_turn(question.name, *self.repeats.turns.values()),
            label=self.text(question.label),
            hint=self.text(question.hint),
            guidance_hint=self.text(question.guidance_hint),
            constraint_message=self.text(question.constraint_message),
            required_message=self.text(question.required_message),
            choices=self.choices(question.choices),
            relevant=self.written_out(question.relevant),
            constraint=self.written_out(question.constraint),
            required_when=self.written_out(question.required_when),
            calculation=self.written_out(question.calculation),
            choice_filter=self.written_out(question.choice_filter),
            default=default,
        )

    def written_out(self, expression: Expression | None) -> Expression | None:
        return expression.written_out(self.repeats) if expression else None

    def expression(self, expression: Expression) -> str:
        return expression.written_out(self.repeats).source

    def choices(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """The same where no label names an answer, so that turns share them."""
        if not any(choice.label.references for choice in choices):
            return choices
        return tuple(replace(choice, label=self.text(choice.label)) for choice in choices)

    def text(self, text: TextOrNone) -> TextOrNone:
        if text is None or text.references.isdisjoint(self.repeats.repeat_of):
            return text
        return LocalizedText(
            {language: REFERENCE.sub(self._reference, words) for language, words in text.texts.items()},
            text.default,
        )

    def _reference(self, found: re.Match[str]) -> str:
        return self.expression(Expression.parse(f"${{{found[1]}}}"))


def _numbered(title: LocalizedText, repeats: Repeats) -> LocalizedText:
    if not repeats.turns:
        return title
    number = ".".join(map(str, repeats.turns.values()))
    return LocalizedText(
        {language: f"{words} ({number})" for language, words in title.texts.items()}, title.default
    )
