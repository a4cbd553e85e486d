"""While a table is young, PostgreSQL knows little of it: what a message costs must not depend on what it guesses."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from storage import conversations
from storage.rounds import StoredRound
from storage.store import Store
from tests.support.turns import NOW, answer, next_turn, open_round, sender

PEOPLE = 300
BATCH = 30
MESSAGES = 8


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


def fetched(connection: Connection) -> int:
    """How many rows of sessions have been fetched by an index, up to now in this connection."""
    found = connection.execute(
        text(
            "SELECT coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables WHERE relname = 'sessions'"
        )
    )
    return int(found.scalar_one())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nobody_elses_session_is_looked_at(store: Store) -> None:
    """A round that begins with a broadcast has thousands of sessions before any statistics are gathered."""
    asked = await store.run(open_round)

    def say_and_count(connection: Connection, first: int, message: str) -> int:
        before = fetched(connection)
        say(connection, asked, range(first, first + BATCH), message)
        return fetched(connection) - before

    most = 0
    for message in range(MESSAGES):
        for first in range(0, PEOPLE, BATCH):
            most = max(most, await store.run(say_and_count, first, f"q{message}"))
    assert most <= 2 * BATCH + 1, "each is read once and written once, and one of them read again"
