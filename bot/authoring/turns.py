"""Checks that no turn of a repeat waits for itself, which only shows when every turn is written out."""

from __future__ import annotations

from graphlib import CycleError

from bot.authoring.builder import build
from bot.authoring.draft import Draft
from bot.authoring.problems import Problems
from bot.flows.expressions.repeats import written_name


def check_turns(draft: Draft, problems: Problems) -> None:
    """Find turns that depend on themselves by way of others; the rest of the draft has no errors."""
    if not any(section.repeat for section in draft.sections):
        return
    try:
        _ = build(draft).logic
    except CycleError as error:
        names = error.args[1]
        here = written_name(names[0])
        question = next(q for q in draft.questions if here in {q.name.text, f"{q.name.text}_other"})
        problems.error(
            question.name.place,
            f"questions.{here}",
            f"These questions wait for one another: {' → '.join(names)}.",
            "Let each turn look at earlier ones only, as with position(..) - 1.",
        )
