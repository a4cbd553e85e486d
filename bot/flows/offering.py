"""A question as one person gets it: with the choices that a filter leaves, in an order of their own."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from bot.flows.questionnaire import Choice, Question
from bot.flows.route import OTHER, Route

_MOST_REMEMBERED = 1024


def offered(question: Question, route: Route) -> Question:
    """The question itself, or a variant of it that is remembered beside the questionnaire."""
    if not (question.choice_filter or question.randomize or question.required_when):
        return question
    required = question.required
    if question.required_when is not None:
        required = question.required_when.holds(route.value)
    choices = route.offers.get(question.name, question.choices)
    if question.randomize:
        choices = _shuffled(choices, f"{route.around.seed}/{question.name}")
    if required == question.required and choices == question.choices:
        return question
    variants = route.questionnaire.variants
    key: tuple[str | bool, ...] = (question.name, required, *(choice.name for choice in choices))
    variant = variants.get(key)
    if variant is None:
        if len(variants) >= _MOST_REMEMBERED:
            variants.clear()
        variant = variants[key] = replace(question, required=required, choices=choices)
    return variant


def _shuffled(choices: tuple[Choice, ...], seed: str) -> tuple[Choice, ...]:
    """In an order that chance gives, the same whenever it is asked for; what stands alone or is *other* stays last."""
    last = [choice for choice in choices if choice.exclusive or choice.name == OTHER]
    others = [choice for choice in choices if choice not in last]
    drawn = sorted(others, key=lambda choice: sha256(f"{seed}/{choice.name}".encode()).digest())
    return (*drawn, *last)
