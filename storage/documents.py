"""A session as the columns of its row, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.flows.lexicon import Command
from bot.flows.session import (
    Album,
    Answer,
    Consent,
    Draft,
    Guess,
    Menu,
    Outcome,
    Page,
    Session,
    State,
    Ticks,
)
from bot.flows.values import Value

SESSION_COLUMNS = (
    "state",
    "outcome",
    "language",
    "source",
    "focus",
    "draft",
    "misses",
    "turn",
    "answers",
    "consent",
    "completed_at",
)
"""The columns that make a `Session`, in the order in which `read_session_row` takes them."""


class _DraftDocument(msgspec.Struct, omit_defaults=True):
    ticks: tuple[str, ...] | None = None
    guess: tuple[Value, ...] | None = None
    menu: Command | None = None
    page: int | None = None
    album: str | None = None
    told: bool = False


_decode_answers = msgspec.json.Decoder(dict[str, Answer]).decode
_decode_value: Callable[[str], Value] = msgspec.json.Decoder(Value).decode
_decode_consent = msgspec.json.Decoder(Consent).decode
_decode_draft = msgspec.json.Decoder(_DraftDocument).decode
_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode
"""JSON as plain values."""
_ESCAPE = re.compile(rb"\\(?:u0000|.)")
_NUL = rb"\u0000"


def json_text(value: Any) -> str:
    """Anything JSON-ready as JSON text: plain values, answers, a consent, what `draft_document` gives.

    NUL is left out: nobody types it, and PostgreSQL's text does not hold it.
    """
    encoded = _encode(value)
    if _NUL in encoded:
        encoded = _ESCAPE.sub(lambda escape: b"" if escape[0] == _NUL else escape[0], encoded)
    return encoded.decode()


def read_answers(document: str) -> dict[str, Answer]:
    """The answers in a session's document."""
    return _decode_answers(document)


def read_value(document: str) -> Value:
    """The value in an answer's row."""
    return _decode_value(document)


def draft_document(draft: Draft | None) -> _DraftDocument | None:
    """What awaits the rest of an answer, JSON-ready under the name of its kind."""
    if isinstance(draft, Ticks):
        return _DraftDocument(ticks=draft.choices)
    if isinstance(draft, Guess):
        return _DraftDocument(guess=draft.values)
    if isinstance(draft, Menu):
        return _DraftDocument(menu=draft.command)
    if isinstance(draft, Album):
        return _DraftDocument(album=draft.group, told=draft.told)
    return None if draft is None else _DraftDocument(page=draft.page)


def read_draft(document: str | None) -> Draft | None:
    """The inverse of `draft_document`."""
    if document is None:
        return None
    stored = _decode_draft(document)
    if stored.ticks is not None:
        return Ticks(stored.ticks)
    if stored.guess is not None:
        return Guess(stored.guess)
    if stored.menu is not None:
        return Menu(stored.menu)
    if stored.album is not None:
        return Album(stored.album, stored.told)
    return None if stored.page is None else Page(stored.page)


def read_moment(stored: datetime | str | None) -> datetime | None:
    """A time as a driver hands it over; SQLite's is text in UTC."""
    if isinstance(stored, str):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return stored


def read_session_row(row: Sequence[Any]) -> Session:
    """The session in `SESSION_COLUMNS`, straight from a driver: JSON as text, times in its form."""
    state, outcome, language, source, focus, draft, misses, turn, answers, consent, completed_at = row
    return Session(
        state=State(state),
        language=language,
        source=source,
        answers=_decode_answers(answers),
        focus=focus,
        draft=read_draft(draft),
        misses=misses,
        turn=turn,
        consent=None if consent is None else _decode_consent(consent),
        outcome=Outcome(outcome),
        completed_at=read_moment(completed_at),
    )
