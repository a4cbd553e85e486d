"""XLSForm's expression language, as much of it as a conversation needs."""

from __future__ import annotations

from bot.flows.expressions.expression import Expression
from bot.flows.expressions.types import ExpressionError, Kind, Reason, ValueKind

__all__ = ["Expression", "ExpressionError", "Kind", "Reason", "ValueKind"]
