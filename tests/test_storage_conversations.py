"""The hot path on both stores: what is written comes back, and nothing else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, select

from bot.flows.lexicon import Command
from bot.flows.session import AnswerStatus, Consent, Guess, Menu, Outcome, Page, Person, Session, State, Ticks
from storage import conversations, schema
from storage.contacts import contact_points, inbound, mark_blocked, outbox
from storage.errors import StaleTurn
from storage.store import Store
from storage.sweep import inconsistencies
from storage.turns import Owed, Written
from tests.support.turns import (
    BOT,
    MINUTE,
    NOW,
    answer,
    give_answer,
    next_turn,
    open_round,
    row_counts,
    somebody,
)

FULL_SESSION = Session(
    state=State.REVIEWING,
    language="fr",
    source="radio",
    answers={
        "code": answer("dont_know"),
        "codes": answer(("mobile", "other_online")),
        "whole": answer(42),
        "fraction": answer(2.5),
        "words": answer("Une \"citation\", l'eau — 水 🌊\n\\u0000 n'est pas un caractère nul"),
        "skipped": answer(None),
        "changed": answer("no", revision=3),
        "gone": replace(answer("yes"), status=AnswerStatus.OFF_ROUTE),
    },
    focus="whole",
    draft=Guess(("yes", 3, 2.5, ("a", "b"))),
    misses=2,
    turn=0,
    consent=Consent(NOW, "fr", "a1b2"),
    outcome=Outcome.PARTIAL,
    completed_at=NOW + MINUTE,
)


def write_session(connection: Connection, session: Session, turn_before: int | None = None) -> None:
    asked = open_round(connection)
    standing = somebody(connection)
    written = Written(
        hash=standing.hash,
        respondent=standing.respondent,
        person=Person(language="fr", language_hint="fr", stopped=True, confirming=Command.FORGET),
        bot=BOT,
        round_id=asked.id,
        session=session,
        questionnaire_id=asked.questionnaire_id,
        turn_before=turn_before,
        changed=session.answers,
        text_revisions=dict.fromkeys(session.answers, 7),
    )
    conversations.write_batch(connection, [written], NOW)


async def test_a_session_comes_back_as_it_was_written(store: Store) -> None:
    await store.run(write_session, FULL_SESSION)
    standing = await store.run(somebody)
    assert standing.session == FULL_SESSION
    assert standing.person == Person("fr", "fr", stopped=True, confirming=Command.FORGET)
    assert standing.round_id is not None
    assert standing.round_revision == 2
    assert standing.questionnaire_id is not None
    assert not standing.newcomer
    assert await store.read(inconsistencies) == []
    in_round = await store.read(conversations.read_session, standing.respondent, standing.round_id)
    assert in_round == (FULL_SESSION, standing.questionnaire_id)
    assert await store.read(conversations.read_session, standing.respondent, standing.round_id + 1) is None


@pytest.mark.parametrize(
    "draft", [None, Ticks(()), Ticks(("a", "b")), Guess((1,)), Menu(Command.SECTIONS), Page(2)]
)
async def test_every_draft_comes_back(store: Store, draft: Ticks | Guess | Menu | Page | None) -> None:
    await store.run(write_session, replace(FULL_SESSION, draft=draft))
    standing = await store.run(somebody)
    assert standing.session is not None
    assert standing.session.draft == draft


async def test_answers_are_rows_too(store: Store) -> None:
    await store.run(write_session, FULL_SESSION)

    def rows(connection: Connection) -> dict[str, tuple[object, ...]]:
        columns = schema.answers.c
        statement = select(
            columns.question,
            columns.value,
            columns.status,
            columns.at,
            columns.text_revision,
            columns.revision,
        )
        return {row[0]: tuple(row[1:]) for row in connection.execute(statement)}

    stored = await store.read(rows)
    assert stored["code"] == ("dont_know", "answered", NOW, 7, 0)
    assert stored["codes"] == (["mobile", "other_online"], "answered", NOW, 7, 0)
    assert stored["skipped"] == (None, "skipped", NOW, 7, 0)
    assert stored["changed"] == ("no", "answered", NOW, 7, 3)
    assert stored["gone"][1] == "off_route"
    assert stored.keys() == FULL_SESSION.answers.keys()


async def test_a_newcomer_has_no_past(store: Store) -> None:
    standing = await store.run(somebody)
    assert standing.newcomer
    assert standing.respondent > 0
    assert (standing.session, standing.round_id, standing.replies) == (None, None, {})
    again = await store.run(somebody)
    assert not again.newcomer
    assert again.respondent == standing.respondent


async def test_a_changed_answer_replaces_its_row(store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1", "yes")
    await store.run(give_answer, 1, asked, "2", "q1", "no")

    def values(connection: Connection) -> list[object]:
        return list(connection.scalars(select(schema.answers.c.value)))

    assert await store.read(values) == ["no"]
    assert await store.read(inconsistencies) == []


async def test_a_repeat_gets_its_reply_while_it_is_the_last(store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1")
    repeat = await store.run(give_answer, 1, asked, "1", "q1")
    assert repeat.replies == {"1": [{"text": "1"}]}
    await store.run(give_answer, 1, asked, "2", "q2")
    late = await store.run(give_answer, 1, asked, "1", "q1")
    assert late.replies == {"1": None}
    assert late.session is not None
    assert late.session.turn == 2


@pytest.mark.parametrize("turn_before", [0, 5])
async def test_a_session_that_is_gone_or_elsewhere_is_stale(store: Store, turn_before: int) -> None:
    if turn_before:
        await store.run(write_session, FULL_SESSION)
    with pytest.raises(StaleTurn):
        await store.run(_write_again, turn_before)


def _write_again(connection: Connection, turn_before: int) -> None:
    asked = open_round(connection, "other")
    standing = somebody(connection)
    turn = replace(next_turn(standing, asked, {}), turn_before=turn_before)
    conversations.write_batch(connection, [turn], NOW)


async def test_withdrawing_deletes_the_answers_and_keeps_the_session(store: Store) -> None:
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1")
    await store.run(give_answer, 2, asked, "1", "q1")

    def withdraw(connection: Connection) -> None:
        turn = next_turn(somebody(connection), asked, {})
        assert turn.session is not None
        gone = replace(turn.session, state=State.WITHDRAWN, outcome=Outcome.WITHDRAWN, answers={})
        conversations.write_batch(connection, [replace(turn, session=gone)], NOW)

    await store.run(withdraw)
    counts = await store.read(row_counts)
    assert (counts["sessions"], counts["answers"]) == (2, 1)
    assert await store.read(inconsistencies) == []


async def test_somebody_may_go_on_in_another_round_within_a_batch(store: Store) -> None:
    first, second = await store.run(open_round), await store.run(open_round, "water")

    def write(connection: Connection) -> None:
        standing = somebody(connection)
        turns = [
            next_turn(standing, first, {"q1": answer()}, ["1"], ["one"]),
            next_turn(standing, second, {"q1": answer("no")}, ["2"], ["two"]),
        ]
        conversations.write_batch(connection, turns, NOW)

    await store.run(write)
    standing = await store.run(somebody)
    assert standing.round_id == second.id
    in_first = await store.read(conversations.read_session, standing.respondent, first.id)
    assert in_first is not None
    assert in_first[0].answers["q1"].value == "yes"
    repeat = await store.run(give_answer, 1, second, "1", "q1")
    assert repeat.replies == {"1": None}


async def test_owed_messages_are_written_with_the_turn(store: Store) -> None:
    asked = await store.run(open_round)

    def write(connection: Connection) -> None:
        turn = next_turn(somebody(connection), asked, {})
        owed = (Owed({"text": "Merci"}, NOW + MINUTE), Owed({"text": "À bientôt"}, NOW + MINUTE))
        conversations.write_batch(connection, [replace(turn, owed=owed)], NOW)

    def parts(connection: Connection) -> list[object]:
        return list(connection.scalars(select(outbox.c.part).order_by(outbox.c.id)))

    await store.run(write)
    assert await store.read(parts) == [{"text": "Merci"}, {"text": "À bientôt"}]
    await store.run(_block)
    assert (await store.run(somebody)).blocked
    assert await store.read(parts) == []


def _block(connection: Connection) -> None:
    standing = somebody(connection)
    turn = Written(standing.hash, standing.respondent, standing.person, BOT, blocked=True)
    conversations.write_batch(connection, [turn], NOW)


async def test_blocking_keeps_when_it_began_and_writing_again_ends_it(store: Store) -> None:
    def blocked_at(connection: Connection) -> object:
        return connection.scalar(select(contact_points.c.blocked_at))

    hash_ = (await store.run(somebody)).hash
    await store.run(mark_blocked, hash_, NOW - MINUTE)
    await store.run(_block)
    assert await store.read(blocked_at) == NOW - MINUTE
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1")
    assert await store.read(blocked_at) is None


async def test_what_is_no_text_in_postgresql_stops_nobody(store: Store) -> None:
    asked = await store.run(open_round)

    def write(connection: Connection) -> None:
        turn = next_turn(somebody(connection), asked, {"q1": answer("a\x00b\\u0000")}, ["1"], ["c\x00\x00d"])
        conversations.write_batch(connection, [turn], NOW)

    await store.run(write)
    standing = await store.run(somebody)
    assert standing.session is not None
    said = standing.session.answers["q1"].value
    assert isinstance(said, str)
    assert said.replace("\x00", "") == "ab\\u0000"
    repeat = await store.run(give_answer, 1, asked, "1", "q1")
    assert [str(text).replace("\x00", "") for text in repeat.replies["1"] or ()] == ["cd"]


async def test_inbound_holds_no_words_of_the_person(store: Store) -> None:
    assert inbound.c.keys() == ["respondent_id", "bot", "external_id", "at", "reply"]
    asked = await store.run(open_round)
    await store.run(give_answer, 1, asked, "1", "q1", "my secret")

    def rows(connection: Connection) -> str:
        return str(connection.execute(select(inbound)).all())

    assert "my secret" not in await store.read(rows)
