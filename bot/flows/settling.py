"""What follows from a route for the answers: which of them count, and those that nobody is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from bot.flows.route import Route
from bot.flows.session import Answer, AnswerStatus


def settle(route: Route, before: Route | None = None) -> dict[str, Answer]:
    """The answers whose status the route changes: off it they are kept but don't count, on it they do again.

    After `before`, which was settled, only what the two tell differently is looked at.
    """
    names: Iterable[str] = route.answers
    if before is not None:
        if before.relevant is route.relevant and before.unfit is route.unfit:
            return {}
        differ = (before.relevant ^ route.relevant) | (before.unfit ^ route.unfit)
        names = sorted(differ & route.answers.keys())
    changed: dict[str, Answer] = {}
    for name in names:
        answer = route.answers[name]
        if name not in route.relevant or name in route.unfit:
            status = AnswerStatus.OFF_ROUTE
        elif answer.value is None:
            status = AnswerStatus.SKIPPED
        else:
            status = AnswerStatus.ANSWERED
        if status is not answer.status:
            changed[name] = replace(answer, status=status)
    return changed


def fill_in(route: Route, at: datetime, language: str) -> dict[str, Answer]:
    """The answers that were not asked for, as far as they differ from those that are kept."""
    changed: dict[str, Answer] = {}
    for name, value in route.filled.items():
        kept = route.answers.get(name)
        if value != (kept.value if kept else None):
            status = AnswerStatus.OFF_ROUTE if value is None else AnswerStatus.ANSWERED
            changed[name] = Answer(value, status, at, language)
    return changed
