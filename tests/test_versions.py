"""Versions of questionnaires: what people began with stays theirs, and names keep their meaning."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot import rounds as use
from bot.authoring.documents import questionnaire_from_documents
from bot.errors import NotPossible
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import Choice, LocalizedText, Question, Questionnaire, Section
from bot.flows.received import Received, Start, Text
from bot.flows.route import lacks_choice
from bot.intake import Intake
from bot.messages import Capabilities, Inbound, Reply
from bot.moving import move, undo
from bot.shelf import assemble
from bot.simulation import CAPABILITIES, CHANNEL, simulate
from storage import questionnaires, schema
from storage.keys import Keys
from storage.store import Store
from storage.sweep import inconsistencies

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = Keys(b"a secret that is for tests only")


def _choices(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(label.lower(), LocalizedText.of(label)) for label in labels)


def _question(name: str, kind: str, *labels: str) -> Question:
    return Question(name, kind, LocalizedText.of(f"About {name}?"), choices=_choices(*labels))


def _version(number: int, *questions: Question) -> Questionnaire:
    section = Section("all", LocalizedText.of("All"), questions)
    return Questionnaire("harbour", number, LocalizedText.of("The harbour"), "en", ("en",), (section,))


FIRST = _version(
    1,
    _question("used", "select_one", "Yes", "No"),
    _question("boats", "select_multiple", "Ferry", "Canoe", "Trawler"),
    _question("trips", "integer"),
)


def _open(connection: Connection, questionnaire: Questionnaire) -> None:
    use.draft_round(connection, questionnaire, use.RoundDraft(code="harbour", minimum_cell=0), NOW)
    use.move(connection, "harbour", RoundTrigger.OPEN)


def _edited(number: int) -> Questionnaire:
    """Version `number`, which has lost a question or a choice of the first one and gained others."""
    used, boats, trips = FIRST.sections[0].questions
    fewer = replace(boats, choices=tuple(c for i, c in enumerate(boats.choices) if i != number % 3))
    extra = tuple(_question(f"extra_{n}", "integer") for n in range(2, number + 1))
    return _version(number, *((used, fewer) if number % 2 else (boats, trips)), *extra)


@pytest.mark.parametrize("people", [100, pytest.param(1000, marks=pytest.mark.long)])
async def test_ver_1_sessions_stay_with_the_version_that_they_began_with(store: Store, people: int) -> None:
    """Ten versions are published and asked while people answer; every answer fits the version of its session."""
    await store.run(_open, FIRST)
    stored = await store.read(use.find, "harbour")
    everything = _version(99, *FIRST, *(_question(f"extra_{n}", "integer") for n in range(2, 12)))
    asking = replace(await store.read(assemble, stored), questionnaire=everything)
    intake = Intake(store, KEYS, {CHANNEL: CAPABILITIES}, lambda: NOW)
    begins, beginning = count(1), asyncio.Lock()

    async def take(inbound: Inbound) -> Reply | None:
        if not isinstance(inbound.received, Start):
            return await intake.take(inbound)
        async with beginning:
            edits, left = divmod(next(begins), people // 11)
            if left == 0 and 1 <= edits <= 10:
                await store.run(use.publish, _edited(edits + 1), NOW)
                await move(store, "harbour", f"harbour@{edits + 1}", lambda: NOW, newcomers_only=True)
            return await intake.take(inbound)

    await simulate(asking, take, respondents=people, seed=7, now=lambda: NOW)
    await intake.stop()

    def strays(connection: Connection) -> list[object]:
        pinned = {
            one.id: questionnaire_from_documents(one.structure, one.texts)
            for one in questionnaires.list_all(connection)
        }
        columns = schema.answers.c.question, schema.answers.c.value, schema.sessions.c.questionnaire_id
        rows = connection.execute(
            select(*columns).join(
                schema.sessions,
                (schema.sessions.c.respondent_id == schema.answers.c.respondent_id)
                & (schema.sessions.c.round_id == schema.answers.c.round_id),
            )
        ).all()
        assert len(rows) > 2 * people
        assert len({version for *_, version in rows}) == 11, "people began in each version"
        return [
            (name, value, version)
            for name, value, version in rows
            if name not in pinned[version].questions
            or lacks_choice(pinned[version].questions[name], _held(value))
        ]

    assert await store.read(strays) == []
    assert await store.read(inconsistencies) == []


def _held(stored: Any) -> Any:
    return tuple(stored) if isinstance(stored, list) else stored


async def test_ver_1_the_text_that_a_person_was_shown_can_be_found_again(store: Store) -> None:
    await store.run(_open, FIRST)
    intake = Intake(store, KEYS, {"sms": Capabilities(4096)}, lambda: NOW)
    said: tuple[Received, ...] = (Start("harbour"), Text("1"), Text("1"))
    for number, received in enumerate(said):
        await intake.take(Inbound("sms", "", "555", str(number), NOW, received))
    corrected = replace(
        FIRST,
        sections=(
            replace(
                FIRST.sections[0],
                questions=(
                    FIRST.sections[0].questions[0],
                    replace(FIRST.sections[0].questions[1], label=LocalizedText.of("Which boats?")),
                    FIRST.sections[0].questions[2],
                ),
            ),
        ),
    )
    await store.run(use.publish, corrected, NOW + timedelta(minutes=1))
    reply = await intake.take(Inbound("sms", "", "555", "9", NOW, Text("2")))
    assert reply is not None

    def shown(connection: Connection) -> dict[str, str]:
        rows = connection.execute(select(schema.answers.c.question, schema.answers.c.text_revision)).all()
        return {
            name: questionnaires.texts_at(connection, 1, revision)["en"]["questions"]["boats"]["label"]
            for name, revision in rows
        }

    assert await store.read(shown) == {"used": "About boats?", "boats": "Which boats?"}


@pytest.mark.parametrize(
    ("changed", "culprit"),
    [
        (_question("trips", "text"), "trips"),
        (_question("used", "select_one", "No", "Yes"), None),
        (_question("used", "select_one", "Yes"), None),
        (
            Question(
                "used",
                "select_one",
                LocalizedText.of("About used?"),
                choices=(Choice("yes", LocalizedText.of("No")), Choice("no", LocalizedText.of("Yes"))),
            ),
            "used",
        ),
    ],
)
async def test_ver_3_names_and_codes_keep_their_meaning(
    store: Store, changed: Question, culprit: str | None
) -> None:
    await store.run(use.publish, FIRST, NOW)
    kept = [q for q in FIRST.sections[0].questions if q.name != changed.name]
    newer = _version(2, changed, *kept)
    if culprit is None:
        await store.run(use.publish, newer, NOW)
        return
    with pytest.raises(NotPossible, match=culprit):
        await store.run(use.publish, newer, NOW)
    assert [one.version for one in await store.read(questionnaires.list_all)] == [1]


async def test_ver_2_people_are_moved_to_and_fro_while_they_answer(store: Store) -> None:
    """Nothing is lost or doubled, and what counts fits the version that each session is pinned to."""
    await store.run(_open, FIRST)
    await store.run(use.publish, _edited(2), NOW)
    everything = _version(99, *FIRST, _question("extra_2", "integer"))
    asking = replace(
        await store.read(assemble, await store.read(use.find, "harbour")), questionnaire=everything
    )
    minutes = count()

    def clock() -> datetime:
        return NOW + timedelta(seconds=next(minutes))

    intake = Intake(store, KEYS, {CHANNEL: CAPABILITIES}, clock)
    taken, moves, moving = count(1), count(1), asyncio.Lock()

    async def take(inbound: Inbound) -> Reply | None:
        if next(taken) % 60 == 0:
            async with moving:
                if next(moves) % 2:
                    await move(store, "harbour", "harbour@2", clock)
                else:
                    await undo(store, "harbour", clock)
        return await intake.take(inbound)

    await simulate(asking, take, respondents=100, seed=3, now=clock)
    await intake.stop()
    assert next(moves) > 6

    def misfits(connection: Connection) -> list[object]:
        versions = {1: FIRST, 2: _edited(2)}
        rows = connection.execute(
            select(schema.answers, schema.sessions.c.questionnaire_id)
            .join(
                schema.sessions,
                (schema.sessions.c.respondent_id == schema.answers.c.respondent_id)
                & (schema.sessions.c.round_id == schema.answers.c.round_id),
            )
            .where(schema.answers.c.status != "off_route")
        ).all()
        assert len(rows) > 100
        return [
            row
            for row in rows
            if row.question not in versions[row.questionnaire_id].questions
            or lacks_choice(versions[row.questionnaire_id].questions[row.question], _held(row.value))
        ]

    assert await store.read(misfits) == []
    assert await store.read(inconsistencies) == []
