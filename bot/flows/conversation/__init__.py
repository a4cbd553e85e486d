"""The conversation: a pure function from a session and what was heard to a new session and what to say."""

from __future__ import annotations

from bot.flows.conversation.respond import respond

__all__ = ["respond"]
