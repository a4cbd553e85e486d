"""A questionnaire as written → as it is asked: each turn of a repeat, each question for other words, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bot import i18n
from bot.flows.expressions import Expression
from bot.flows.expressions.repeats import Repeats, in_turn
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
        repeats = {s.repeat.name: s.repeat for s in self.all if s.repeat}
        self.repeats = Repeats(
            repeat_of={q.name: s.repeat.name for s in self.all if s.repeat for q in s.questions},
            most={name: repeat.most for name, repeat in repeats.items()},
            counts={},
        )
        counts = {
            repeat.name: self.count(section, repeat)
            for section in reversed(self.all)
            if (repeat := section.repeat)
        }
        self.repeats = replace(self.repeats, counts=counts)

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
        for repeat, group in groupby(self.all, key=lambda section: section.repeat):
            members = tuple(group)
            if repeat is None:
                yield from (_Turn(self.repeats).section(section) for section in members)
            else:
                yield from self.turns(repeat, members)

    def turns(self, repeat: Repeat, members: tuple[Section, ...]) -> Iterator[Section]:
        for number in range(1, repeat.most + 1):
            turn = _Turn(replace(self.repeats, repeat=repeat.name, turn=number))
            condition = self.condition(repeat, number)
            sections = [turn.section(section, condition) for section in members]
            if repeat.count is None and number < repeat.most:
                first, last = sections[0], sections[-1]
                more = self.more(repeat, number, members[0].title)
                if first is last:
                    sections = [replace(first, questions=(*first.questions, more))]
                else:
                    # Apart, since the last group may be for some only.
                    sections.append(replace(first, name=more.name, questions=(more,)))
            yield from sections

    def more(self, repeat: Repeat, number: int, title: LocalizedText) -> Question:
        return Question(
            in_turn(more_name(repeat.name), number),
            "select_one",
            self.words(N_("Is there another one? ({title})"), title),
            choices=(Choice(YES, self.words(N_("Yes"))), Choice(NO, self.words(N_("No")))),
        )

    def condition(self, repeat: Repeat, number: int) -> str:
        """When there is such a turn; empty for the first, if people are asked for more."""
        if repeat.count is not None:
            return f"({_Turn(self.repeats).expression(repeat.count)}) >= {number}"
        return f"{self.has_more(repeat, number - 1)}" if number > 1 else ""

    def has_more(self, repeat: Repeat, number: int) -> str:
        return f"${{{in_turn(more_name(repeat.name), number)}}} = '{YES}'"

    def count(self, first: Section, repeat: Repeat) -> str:
        """How many turns there are, as an expression."""
        outside = _Turn(self.repeats)
        if repeat.count is not None:
            wanted = f"({outside.expression(repeat.count)})"
            turns = f"if({wanted} >= 1, min(int({wanted}), {repeat.most}), 0)"
        else:
            turns = (
                " + ".join(["(1", *(f"({self.has_more(repeat, n)})" for n in range(1, repeat.most))]) + ")"
            )
        part = self.written.part_by_name.get(first.part) if first.part else None
        conditions = [c for c in (part.relevant if part else None, first.relevant) if c is not None]
        if not conditions:
            return turns
        return f"if({' and '.join(f'({outside.expression(c)})' for c in conditions)}, {turns}, 0)"


@dataclass(frozen=True, slots=True)
class _Turn:
    """Writes out what belongs to one turn of a repeat, or stands outside of all."""

    repeats: Repeats

    def section(self, section: Section, condition: str = "") -> Section:
        own = section.relevant.written_out(self.repeats).source if section.relevant else ""
        both = (
            " and ".join(f"({c})" for c in (condition, own) if c) if condition and own else condition or own
        )
        number = self.repeats.turn if section.repeat else None
        return replace(
            section,
            name=in_turn(section.name, number) if number else section.name,
            title=_numbered(section.title, number) if number else section.title,
            questions=tuple(map(self.question, section.questions)),
            relevant=Expression.written(both) if both else None,
            repeat=None,
        )

    def question(self, question: Question) -> Question:
        default = question.default
        if default and is_expression(default):
            default = self.expression(Expression.parse(default))
        return replace(
            question,
            name=in_turn(question.name, self.repeats.turn) if self.repeats.repeat else question.name,
            label=self.text(question.label),
            hint=self.text(question.hint) if question.hint else None,
            guidance_hint=self.text(question.guidance_hint) if question.guidance_hint else None,
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

    def text(self, text: LocalizedText) -> LocalizedText:
        if text.references.isdisjoint(self.repeats.repeat_of):
            return text
        return LocalizedText(
            {language: REFERENCE.sub(self._reference, words) for language, words in text.texts.items()},
            text.default,
        )

    def _reference(self, found: re.Match[str]) -> str:
        return self.expression(Expression.parse(f"${{{found[1]}}}"))


def _numbered(title: LocalizedText, number: int) -> LocalizedText:
    return LocalizedText(
        {language: f"{words} ({number})" for language, words in title.texts.items()}, title.default
    )
