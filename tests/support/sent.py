"""Answers with a file, as the intake leaves them in the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from bot.flows.received import AttachmentKind
from bot.flows.sharing import Sent
from storage import rounds
from storage.contacts import contact_points
from tests.support.turns import KEYS, give_answer, open_round


def picture(reference: str = "AgAC1") -> str:
    return Sent(AttachmentKind.PHOTO, KEYS.seal_reference(reference), 1200, "image/jpeg").written()


def send(connection: Connection, question: str = "house", value: Any = None, number: int = 1) -> None:
    """One more message, with a picture unless another value is given."""
    asked = rounds.by_code(connection, "health") or open_round(connection)
    turns = connection.scalar(select(func.sum(contact_points.c.turns)))
    give_answer(
        connection, number, asked, f"message {turns}", question, picture() if value is None else value
    )
