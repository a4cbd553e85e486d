"""Versions of questionnaires: what people began with stays theirs, and names keep their meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Connection, select

from bot import rounds as use
from bot.authoring.documents import questionnaire_from_documents
from bot.errors import NotPossible
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import Choice, LocalizedText, Question, Questionnaire, Section
from bot.flows.received import Start, Text
from bot.intake import Intake
from bot.messages import Capabilities, Inbound
from bot.shelf import assemble
from bot.simulation import CAPABILITIES, CHANNEL, simulate
from storage import questionnaires, schema
from storage.keys import Keys
from storage.store import Store

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


async def test_ver_1_sessions_stay_with_the_version_that_they_began_with(store: Store) -> None:
    """Ten versions are published while people answer; every answer stored fits the version of its session."""
    await store.run(_open, FIRST)
    stored = await store.read(use.find, "harbour")
    asking = await store.read(assemble, stored)
    intake = Intake(store, KEYS, {CHANNEL: CAPABILITIES}, lambda: NOW)
    versions = count(2)
    done = 0

    async def take(inbound: Inbound) -> object:
        nonlocal done
        done += 1
        if done % 20 == 0 and (number := next(versions)) <= 11:
            extra = tuple(_question(f"extra_{n}", "integer") for n in range(2, number + 1))
            newer = _version(number, *FIRST.sections[0].questions[number % 2 :], *extra)
            await store.run(use.publish, newer, NOW)
        return await intake.take(inbound)

    await simulate(asking, take, respondents=40, seed=7, now=lambda: NOW)  # type: ignore[arg-type]
    await intake.stop()
    assert next(versions) > 11

    def strays(connection: Connection) -> list[object]:
        found: list[object] = []
        pinned = {
            one.id: questionnaire_from_documents(one.structure, one.texts)
            for one in questionnaires.list_all(connection)
        }
        rows = connection.execute(
            select(
                schema.answers.c.question, schema.answers.c.value, schema.sessions.c.questionnaire_id
            ).join(
                schema.sessions,
                (schema.sessions.c.respondent_id == schema.answers.c.respondent_id)
                & (schema.sessions.c.round_id == schema.answers.c.round_id),
            )
        ).all()
        assert len(rows) > 60
        for name, value, version in rows:
            question = pinned[version].questions.get(name)
            codes = value if isinstance(value, list) else [value]
            if question is None or (
                question.choices and value and not set(codes) <= set(question.choice_by_name)
            ):
                found.append((name, value))
        return found

    assert await store.read(strays) == []


async def test_ver_1_the_text_that_a_person_was_shown_can_be_found_again(store: Store) -> None:
    await store.run(_open, FIRST)
    intake = Intake(store, KEYS, {"sms": Capabilities(4096)}, lambda: NOW)
    for number, received in enumerate((Start("harbour"), Text("1"), Text("1"))):
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
