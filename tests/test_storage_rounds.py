"""Versions, their texts, and rounds as they are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from bot.flows.questionnaire import LocalizedText, Part, Questionnaire, Section
from bot.flows.rounds import RoundState
from storage import questionnaires, rounds
from storage.errors import CodeTaken, StructureChanged, WrongState
from storage.questionnaires import Published
from storage.rounds import NewRound, StoredRound
from storage.store import Store
from tests.support.turns import MINUTE, NOW, new_round, open_round

STRUCTURE = {"questions": [{"name": "q1", "choices": ["yes", "no"]}]}
TEXTS = {"en": {"q1": "Do you?"}, "fr": {"q1": "Et vous ?"}}


def publish(connection: Connection, version: int = 1, **texts: object) -> Published:
    return questionnaires.publish(
        connection, "health", version, f"hash {version}", STRUCTURE, {**TEXTS, **texts}, NOW
    )


async def test_a_version_comes_back_as_it_was_published(store: Store) -> None:
    published = await store.run(publish)
    assert published == Published(1, "health", 1, "hash 1", STRUCTURE, NOW, TEXTS, 1)
    assert await store.read(questionnaires.by_id, published.id) == published


async def test_publishing_again_changes_nothing(store: Store) -> None:
    assert await store.run(publish) == await store.run(publish)


async def test_another_structure_needs_another_version(store: Store) -> None:
    await store.run(publish)

    def publish_other(connection: Connection) -> None:
        questionnaires.publish(connection, "health", 1, "other", {}, TEXTS, NOW)

    with pytest.raises(StructureChanged, match="give the new one version 2"):
        await store.run(publish_other)


async def test_corrected_texts_are_a_revision_and_reach_running_rounds(store: Store) -> None:
    asked = await store.run(open_round)
    before = await store.read(questionnaires.by_id, asked.questionnaire_id)
    corrected = {"fr": {"title": "La santé"}, "en": before.texts["en"]}
    after = await store.run(questionnaires.revise_texts, before.id, corrected, NOW + MINUTE)
    assert after.text_revision == before.text_revision + 1
    assert after.texts == {"en": {"title": "Health"}, "fr": {"title": "La santé"}}
    assert await store.read(questionnaires.texts_at, before.id, before.text_revision) == before.texts
    noticed = await store.read(rounds.by_code, asked.code)
    assert noticed is not None
    assert noticed.revision == asked.revision + 1
    again = await store.run(questionnaires.revise_texts, before.id, corrected, NOW + MINUTE)
    assert again == after


async def test_a_language_can_be_added_to_a_version(store: Store) -> None:
    await store.run(publish)
    published = await store.run(publish, 1, es={"q1": "¿Y usted?"})
    assert published.texts == {**TEXTS, "es": {"q1": "¿Y usted?"}}
    assert published.text_revision == 2


async def test_the_newest_version_is_found_without_a_number(store: Store) -> None:
    for version in (1, 10, 2):
        await store.run(publish, version)
    newest = await store.read(questionnaires.find, "health")
    assert newest is not None
    assert newest.version == 10
    second = await store.read(questionnaires.find, "health", 2)
    assert second is not None
    assert second.version == 2
    assert await store.read(questionnaires.find, "health", 3) is None
    assert await store.read(questionnaires.find, "water") is None
    listed = await store.read(questionnaires.list_all)
    assert [one.version for one in listed] == [1, 2, 10]


async def test_publishing_twice_at_once_is_publishing_once(store: Store) -> None:
    first, second = await asyncio.gather(store.run(publish), store.run(publish))
    assert first == second


async def test_a_round_comes_back_as_it_was_drafted(store: Store) -> None:
    questionnaire_id = (await store.run(publish)).id
    fiji = timezone(timedelta(hours=12))
    new = replace(
        new_round(questionnaire_id),
        opens_at=datetime(2026, 5, 1, 8, 0, tzinfo=fiji),
        closes_at=NOW + timedelta(days=90),
        time_zone="Pacific/Fiji",
        minimum_cell=0,
        allows_revision=False,
    )
    created = await store.run(rounds.create, new, NOW)
    assert {name: getattr(created, name) for name in NewRound.__slots__} == {
        name: getattr(new, name) for name in NewRound.__slots__
    }
    assert (created.state, created.revision, created.created_at) == (RoundState.DRAFT, 1, NOW)
    assert await store.read(rounds.by_id, created.id) == created
    assert await store.read(rounds.by_code, "HEALTH") == created
    assert await store.read(rounds.by_code, "water") is None
    assert await store.read(rounds.by_id, created.id + 1) is None


async def test_all_parts_are_not_no_parts(store: Store) -> None:
    questionnaire_id = (await store.run(publish)).id
    every = await store.run(rounds.create, replace(new_round(questionnaire_id), parts=None), NOW)
    none = await store.run(rounds.create, replace(new_round(questionnaire_id, "b"), parts=frozenset()), NOW)
    assert (every.parts, none.parts) == (None, frozenset())


async def test_a_code_is_taken_in_whatever_case(store: Store) -> None:
    await store.run(open_round)

    def draft_another(connection: Connection) -> StoredRound:
        published = publish(connection, 2)
        with pytest.raises(CodeTaken, match="choose another code"):
            rounds.create(connection, new_round(published.id, "Health"), NOW)
        return rounds.create(connection, new_round(published.id, "health2"), NOW)

    assert (await store.run(draft_another)).code == "health2"


async def test_other_contradictions_are_not_called_a_taken_code(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign.?key"):
        await store.run(rounds.create, new_round(999), NOW)


@pytest.mark.parametrize(
    ("payload", "code", "source"),
    [
        ("health", "health", None),
        ("Health", "health", None),
        (" health ", "health", None),
        ("health-radio", "health", "radio"),
        ("health-Radio-Suva", "health", "Radio-Suva"),
        ("health-2", "health-2", None),
        ("health-2-radio", "health-2", "radio"),
        ("health-", "health", None),
        ("health--x", "health", "-x"),
    ],
)
async def test_the_longest_code_wins_and_the_rest_is_the_source(
    store: Store, payload: str, code: str, source: str | None
) -> None:
    for known in ("health", "health-2"):
        await store.run(open_round, known)
    found = await store.read(rounds.resolve, payload)
    assert found is not None
    assert (found[0].code, found[1]) == (code, source)


@pytest.mark.parametrize(
    "payload", ["", "-", "healt", "healthy", "-health", "x-health", "é" * 3000, "-" * 3000]
)
async def test_what_names_no_round_is_none(store: Store, payload: str) -> None:
    await store.run(open_round)
    assert await store.read(rounds.resolve, payload) is None


async def test_rounds_that_take_answers_are_listed(store: Store) -> None:
    questionnaire_id = (await store.run(publish)).id
    for code, opens, closes in (
        ("always", None, None),
        ("later", NOW + MINUTE, None),
        ("now", NOW, NOW + MINUTE),
        ("over", None, NOW),
    ):
        new = replace(new_round(questionnaire_id, code), opens_at=opens, closes_at=closes)
        await store.run(rounds.create, new, NOW)
        await store.run(rounds.set_state, code, RoundState.DRAFT, RoundState.OPEN)
    await store.run(rounds.create, new_round(questionnaire_id, "draft"), NOW)
    open_now = await store.read(rounds.list_open, NOW)
    assert [one.code for one in open_now] == ["now", "always"]
    questionnaire = Questionnaire("health", 1, LocalizedText.of("Health"), "en", ("en",), ())
    every = await store.read(rounds.list_all)
    assert {one.code for one in every if one.with_questionnaire(questionnaire).is_open(NOW)} == {
        "now",
        "always",
    }


async def test_a_round_moves_on_from_where_it_is_only(store: Store) -> None:
    asked = await store.run(open_round)
    closed = await store.run(rounds.set_state, "HEALTH", RoundState.OPEN, RoundState.CLOSED)
    assert closed == replace(asked, state=RoundState.CLOSED, revision=asked.revision + 1)
    with pytest.raises(WrongState, match="is closed, not open"):
        await store.run(rounds.set_state, "health", RoundState.OPEN, RoundState.CLOSED)
    with pytest.raises(WrongState, match="no round 'water'"):
        await store.run(rounds.set_state, "water", RoundState.OPEN, RoundState.CLOSED)


async def test_a_round_in_conversation_is_limited_to_its_parts(store: Store) -> None:
    title = LocalizedText.of("Title")
    questionnaire = Questionnaire(
        "health",
        1,
        title,
        "en",
        ("en",),
        (Section("a1", title, (), part="A"), Section("c1", title, (), part="C")),
        (Part("A", title), Part("C", title)),
    )
    asked = (await store.run(open_round)).with_questionnaire(questionnaire)
    assert asked.is_open(NOW)
    assert asked.title.in_language("fr") == "Santé"
    assert [section.name for section in asked.questionnaire.sections] == ["c1"]


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    questionnaire_id = (await store.run(publish)).id
    naive = replace(new_round(questionnaire_id), opens_at=NOW.replace(tzinfo=None))
    with pytest.raises(StatementError, match="pass an aware datetime"):
        await store.run(rounds.create, naive, NOW)
