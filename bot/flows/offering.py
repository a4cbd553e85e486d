"""A question as one person gets it: with the choices that a filter leaves, in an order and with words of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from bot.flows.expressions.conversions import datum, to_text
from bot.flows.questionnaire import REFERENCE, Choice, LocalizedText, Question
from bot.flows.remembering import remember
from bot.flows.route import OTHER, Route

_MOST_REMEMBERED = 1024

TextOrNone = TypeVar("TextOrNone", LocalizedText, LocalizedText | None)


def offered(question: Question, route: Route) -> Question:
    """The question itself, or a variant of it that is remembered beside the questionnaire."""
    if not question.varies:
        return question
    required = question.required
    if question.required_when is not None:
        required = question.required_when.holds(route.value)
    choices = route.offers.get(question.name, question.choices)
    if question.randomize:
        choices = _shuffled(choices, f"{route.around.seed}/{question.name}")
    words = _Words.of(question, route)
    if required == question.required and choices == question.choices and not words.fills:
        return question
    variants = route.questionnaire.variants
    spoken = (words.language, *words.fills.values()) if words.fills else ()
    key: tuple[str | bool, ...] = (question.name, required, *(choice.name for choice in choices), *spoken)
    variant = variants.get(key)
    if variant is None:
        variant = replace(
            question,
            required=required,
            choices=tuple(map(words.choice, choices)),
            constraint_message=words.text(question.constraint_message),
            required_message=words.text(question.required_message),
        )
        remember(variants, key, variant, _MOST_REMEMBERED)
    return variant


@dataclass(frozen=True, slots=True)
class _Words:
    """What a person's answers fill in the texts of a question, in the person's language."""

    language: str
    fills: Mapping[str, str]

    @classmethod
    def of(cls, question: Question, route: Route) -> _Words:
        language = route.around.language
        return cls(language, {name: _said(name, route, language) for name in sorted(question.filled_from)})

    def choice(self, choice: Choice) -> Choice:
        return replace(choice, label=self.text(choice.label)) if choice.label.references else choice

    def text(self, text: TextOrNone) -> TextOrNone:
        if text is None or not text.references:
            return text
        words = REFERENCE.sub(lambda found: self.fills[found[1]], text.in_language(self.language))
        return LocalizedText.of(words, self.language)


def _said(name: str, route: Route, language: str) -> str:
    """An answer in words; `…` stands for one that was not given."""
    value, question = route.value(name), route.questionnaire.questions.get(name)
    if value is None or question is None:
        return "…"
    known = question.choice_by_name
    codes = value if isinstance(value, tuple) else (to_text(datum(value)),)
    return ", ".join(known[code].label.in_language(language) if code in known else code for code in codes)


def _shuffled(choices: tuple[Choice, ...], seed: str) -> tuple[Choice, ...]:
    """In an order that chance gives, the same whenever it is asked for; what stands alone or is *other* stays last."""
    last = [choice for choice in choices if choice.exclusive or choice.name == OTHER]
    others = [choice for choice in choices if choice not in last]
    drawn = sorted(others, key=lambda choice: sha256(f"{seed}/{choice.name}".encode()).digest())
    return (*drawn, *last)
