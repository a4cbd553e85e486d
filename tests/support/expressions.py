"""Answers that expressions are tried on, and the shortest ways to try one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.flows.expressions import Expression, ExpressionError
from bot.flows.values import Value

ANSWERS: Mapping[str, Value] = {
    "role": "citizen",
    "tools": ("social_media", "mobile"),
    "one_tool": ("mobile",),
    "people": 12,
    "share": 2.5,
    "zero": 0,
    "debt": -7,
    "score": "4",
    "born": "1990-02-28",
    "opened": "2024-03-01",
    "nickname": "O'Neil",
    "typed": " 1,5 ",
    "vast": 10**400,
}


def evaluate(source: str, current: Value | None = None) -> Value | None:
    return Expression.parse(source).evaluate(ANSWERS.get, current)


def holds(source: str, current: Value | None = None) -> bool:
    return Expression.parse(source).holds(ANSWERS.get, current)


def refused(source: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        Expression.parse(source)
    return caught.value
