"""People, a round, and turns as the intake would write them, for tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from bot.flows.questionnaire import LocalizedText
from bot.flows.rounds import RoundState
from bot.flows.session import Answer, AnswerStatus, Outcome, Session, State
from storage import conversations, questionnaires, rounds, schema
from storage.errors import StaleTurn
from storage.keys import Keys
from storage.rounds import NewRound, StoredRound
from storage.store import Store
from storage.turns import Sender, Standing, Written

NOW = datetime(2026, 3, 1, 9, 30, 0, 250, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEYS = Keys(bytes(range(32)))
BOT = "talanoa_bot"


def address(number: int) -> str:
    return f"telephone-{number:07d}"


def sender(number: int, *, hint: str | None = "fr") -> Sender:
    return Sender(
        hash=KEYS.contact_hash("telegram", BOT, address(number)),
        channel="telegram",
        bot=BOT,
        address=address(number),
        keys=KEYS,
        language_hint=hint,
    )


def new_round(questionnaire_id: int, code: str = "health") -> NewRound:
    return NewRound(
        code=code,
        title=LocalizedText({"en": "Health", "fr": "Santé"}, "en"),
        purpose=LocalizedText.of("to plan clinics"),
        agency=LocalizedText.of("Ministry of Health"),
        contact="clinics@example.org",
        questionnaire_id=questionnaire_id,
        languages=("en", "fr"),
        parts=frozenset({"C"}),
    )


def open_round(connection: Connection, code: str = "health") -> StoredRound:
    texts = {"en": {"title": "Health"}, "fr": {"title": "Santé"}}
    published = questionnaires.publish(connection, "health", 1, "h1", {"questions": ["q1"]}, texts, NOW)
    rounds.create(connection, new_round(published.id, code), NOW)
    return rounds.set_state(connection, code, RoundState.DRAFT, RoundState.OPEN)


def answer(value: Any = "yes", *, at: datetime = NOW, revision: int = 0) -> Answer:
    status = AnswerStatus.SKIPPED if value is None else AnswerStatus.ANSWERED
    return Answer(value, status, at, "fr", revision)


def next_turn(
    standing: Standing,
    asked: StoredRound,
    changed: dict[str, Answer],
    external_ids: Sequence[str] = (),
    reply: list[Any] | None = None,
) -> Written:
    """The turn in which somebody gives these answers, as `respond` and the intake make it."""
    before = standing.session
    session = before or Session(State.ANSWERING, "fr", source="radio")
    return Written(
        hash=standing.hash,
        respondent=standing.respondent,
        person=replace(standing.person, language="fr"),
        bot=BOT,
        round_id=asked.id,
        session=replace(
            session,
            answers={**session.answers, **changed},
            turn=session.turn + 1,
            outcome=Outcome.PARTIAL,
        ),
        questionnaire_id=asked.questionnaire_id,
        turn_before=None if before is None else before.turn,
        changed=changed,
        text_revisions=dict.fromkeys(changed, 1),
        deliveries=tuple((external_id, reply) for external_id in external_ids),
    )


def give_answer(
    connection: Connection,
    number: int,
    asked: StoredRound,
    external_id: str,
    question: str,
    value: Any = "yes",
) -> Standing:
    """One message, as a whole: read, decide, write; a repeat writes nothing."""
    one = sender(number)
    standing = conversations.read_batch(connection, [one], [(one.hash, external_id)], NOW)[one.hash]
    if standing.round_id not in {None, asked.id}:
        there = conversations.read_session(connection, standing.respondent, asked.id)
        standing = replace(standing, session=None if there is None else there[0])
    if external_id not in standing.replies:
        turn = next_turn(standing, asked, {question: answer(value)}, [external_id], [{"text": external_id}])
        conversations.write_batch(connection, [turn], NOW)
    return standing


async def until_fresh(store: Store, *args: Any) -> Standing:
    """`give_answer` in a transaction, begun again as often as the turn was stale."""
    while True:
        try:
            return await store.run(give_answer, *args)
        except StaleTurn:
            continue


def somebody(connection: Connection, number: int = 1) -> Standing:
    """Where somebody stands now; known afterwards, if not before."""
    one = sender(number, hint=None)
    return conversations.read_batch(connection, [one], [], NOW)[one.hash]


def row_counts(connection: Connection) -> dict[str, object]:
    """How many rows each table has."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table))
        for table in schema.metadata.sorted_tables
    }
