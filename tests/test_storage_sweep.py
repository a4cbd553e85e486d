"""The sweep finds what should never be, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from storage.store import Store
from storage.sweep import Inconsistency, inconsistencies
from tests.support.turns import give_answer, open_round, somebody

_DAMAGE = [
    ("DELETE FROM answers WHERE question = 'q1'", "q1: in the document, no row"),
    ("UPDATE answers SET question = 'q9' WHERE question = 'q1'", "q9: a row, not in the document"),
    ("UPDATE answers SET status = 'skipped' WHERE question = 'q1'", "q1: the row differs from the document"),
    ("UPDATE answers SET value = '\"no\"' WHERE question = 'q1'", "q1: the row differs from the document"),
    ("UPDATE answers SET value = NULL WHERE question = 'q2'", "q2: the row differs from the document"),
    ("UPDATE answers SET language = 'en' WHERE question = 'q2'", "q2: the row differs from the document"),
    ("UPDATE answers SET revision = 1 WHERE question = 'q2'", "q2: the row differs from the document"),
    ("UPDATE answers SET round_id = 99", "an answer without a session"),
    ("DELETE FROM sessions", "an answer without a session"),
    ("DELETE FROM sessions", "the round that the person talks in has no session of theirs"),
    ("UPDATE contact_points SET round_id = 2", "the round that the person talks in has no session of theirs"),
    ("UPDATE inbound SET respondent_id = 5", "a delivery without a person"),
]


@pytest.mark.parametrize(("damage", "found"), _DAMAGE)
async def test_tx_8_each_contradiction_is_found(store: Store, damage: str, found: str) -> None:
    def talk(connection: Connection) -> None:
        asked = open_round(connection)
        open_round(connection, "water")
        give_answer(connection, 1, asked, "1", "q1", "yes")
        give_answer(connection, 1, asked, "2", "q2", ("a", "b"))
        give_answer(connection, 1, asked, "3", "q3", 2.5)
        give_answer(connection, 1, asked, "4", "q4", None)

    await store.run(talk)
    assert await store.read(inconsistencies) == []
    await store.run(lambda connection: connection.execute(text(damage)))
    respondent = (await store.run(somebody)).respondent
    told = await store.read(inconsistencies)
    assert found in {one.what for one in told}
    assert {one.respondent for one in told} <= {respondent, 5}
    assert "yes" not in str(told)


async def test_a_round_without_a_session_is_told_with_its_place(store: Store) -> None:
    asked = await store.run(open_round)
    standing = await store.run(give_answer, 1, asked, "1", "q1")
    await store.run(lambda connection: connection.execute(text("DELETE FROM answers")))
    assert await store.read(inconsistencies) == [
        Inconsistency(standing.respondent, asked.id, "q1: in the document, no row")
    ]
