"""While a table is young, PostgreSQL knows little of it: what a message costs must not depend on what it guesses."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from storage import conversations
from storage.rounds import StoredRound
from storage.store import Store
from tests.support.turns import NOW, answer, next_turn, open_round, sender

PEOPLE = 120


def say(connection: Connection, asked: StoredRound, numbers: range, message: str) -> None:
    """Some people answer, in one batch."""
    some = [sender(number) for number in numbers]
    standings = conversations.read_batch(connection, some, [(one.hash, message) for one in some], NOW)
    turns = [
        next_turn(standing, asked, {message: answer()}, [message], [{"text": message}])
        for standing in standings.values()
    ]
    conversations.write_batch(connection, turns, NOW)
    conversations.read_session(connection, turns[0].respondent, asked.id)


def read_by_round(connection: Connection) -> int:
    """How many entries were read of indexes that begin with the round."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))
    found = connection.execute(
        text(
            "SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes "
            "WHERE relname IN ('sessions', 'answers') AND indexrelname LIKE 'ix_%round_id%'"
        )
    )
    return int(found.scalar_one())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nobody_elses_session_is_looked_at(store: Store) -> None:
    """A round that begins with a broadcast has thousands of sessions before any statistics are gathered."""
    asked = await store.run(open_round)
    for message in range(8):
        for first in range(0, PEOPLE, 30):
            await store.run(say, asked, range(first, first + 30), f"q{message}")
    await store.close()
    assert await store.run(read_by_round) == 0
