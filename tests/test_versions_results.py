"""Results of a round in which people answered several versions: one file, one table, nothing shifted."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from bot.errors import NotPossible
from bot.flows.questionnaire import Question, Questionnaire, Section
from bot.flows.rounds import Round
from bot.results.csv_writer import write_csv
from bot.results.json_writer import as_json
from bot.results.microdata import read_microdata
from bot.results.source import read_round
from bot.results.tabulate import tabulate
from bot.results.versions import pooled
from storage import rounds, schema
from storage.store import Store
from tests.support.results import NOW, Person, ask, choices, make_round, publish, questionnaire, text


def goods(*codes: str) -> Question:
    return ask("goods", "select_multiple", choices=choices(*codes))


def moved(
    connection: Connection, versions: Sequence[Questionnaire], people: Sequence[Person], minimum_cell: int = 0
) -> Round:
    """A round that asked these versions one after another."""
    ids = [publish(connection, one) for one in versions]
    make_round(connection, versions[-1], people, minimum_cell=minimum_cell)
    stored = rounds.by_code(connection, "water")
    assert stored is not None
    connection.execute(
        insert(schema.round_moves),
        [
            {"round_id": stored.id, "from_id": before, "to_id": after, "at": NOW}
            for before, after in pairwise(ids)
        ],
    )
    found = read_round(connection, "water")
    assert found is not None
    return found


async def file(store: Store, versions: Sequence[Questionnaire], people: Sequence[Person]) -> list[list[str]]:
    """The CSV from the sixth column, the version, on; rows in a settled order."""

    def work(connection: Connection) -> str:
        asking = moved(connection, versions, people)
        stream = io.StringIO(newline="")
        write_csv(read_microdata(connection, asking, rng=random.Random(1)), stream)
        return stream.getvalue()

    head, *rows = [row[5:] for row in csv.reader(io.StringIO(await store.run(work), newline=""))]
    return [head, *sorted(rows)]


async def test_ver_4_a_choice_removed_from_the_middle_shifts_no_column(store: Store) -> None:
    """What happened in KoboToolbox when the middle option was removed and the form deployed again (kpi#2089)."""
    versions = (
        questionnaire(goods("fish", "fruit", "crafts")),
        questionnaire(goods("fish", "crafts"), version=2),
    )
    people = [
        Person(answers={"goods": ("fish", "fruit")}, version=1),
        Person(answers={"goods": ("crafts",)}, version=1),
        Person(answers={"goods": ("fish", "crafts")}, version=2),
    ]
    assert await file(store, versions, people) == [
        ["version", "goods", "goods/fish", "goods/fruit", "goods/crafts"],
        ["1", "crafts", "0", "0", "1"],
        ["1", "fish fruit", "1", "1", "0"],
        ["2", "fish crafts", "1", "", "1"],
    ]


async def test_ver_4_a_deleted_question_keeps_its_column(store: Store) -> None:
    """What was lost from exports when a question was deleted and the form deployed again (kobocat#251)."""
    versions = (
        questionnaire(ask("name", "text"), ask("age", "integer"), ask("why", "text")),
        questionnaire(ask("name", "text"), ask("why", "text"), ask("more", "text"), version=2),
    )
    people = [
        Person(answers={"name": "Ana", "age": 31, "why": "Fish"}, version=1),
        Person(answers={"name": "Ben", "why": "Fun", "more": "No"}, version=2),
    ]
    assert await file(store, versions, people) == [
        ["version", "name", "age", "why", "more"],
        ["1", "Ana", "31", "Fish", ""],
        ["2", "Ben", "", "Fun", "No"],
    ]


async def test_ver_4_the_columns_are_there_before_anybody_answers(store: Store) -> None:
    versions = (
        questionnaire(goods("fish", "fruit"), ask("age", "integer")),
        questionnaire(goods("fish", "bread"), version=2),
        questionnaire(ask("why", "text"), goods("fish", "bread", "tools"), version=3),
    )
    assert await file(store, versions, []) == [
        ["version", "why", "goods", "goods/fish", "goods/fruit", "goods/bread", "goods/tools", "age"]
    ]


async def test_ver_4_tables_pool_the_versions_with_labels_and_zeros(store: Store) -> None:
    versions = (
        questionnaire(ask("old", "integer"), goods("fish", "fruit", "crafts")),
        questionnaire(goods("fish", "crafts"), version=2),
    )
    people = [
        Person(answers={"old": 3, "goods": ("fruit",)}, version=1),
        Person(answers={"goods": ("fish",)}, version=2),
    ]

    def work(connection: Connection) -> dict[str, Any]:
        asking = moved(connection, versions, people)
        return as_json(tabulate(connection, asking.id, asking.questionnaire), asking, "en")

    document = await store.run(work)
    assert document["round"]["version"] == 2
    bases = {question["name"]: question["base"] for question in document["questions"]}
    assert bases == {"old": 1, "goods": 2}
    [counted] = [question["choices"] for question in document["questions"] if question["name"] == "goods"]
    assert [(one["label"], one["count"]) for one in counted] == [("Fish", 1), ("Fruit", 1), ("Crafts", 0)]


async def test_ver_4_what_one_version_routes_is_not_given_away_by_another(store: Store) -> None:
    """In version 1 whoever said *no* was asked why; version 2 asks those who said *yes*."""
    happy = ask("happy", "select_one", choices=choices("yes", "no", "dont_know"))
    versions = [
        questionnaire(happy, ask("why", "text", relevant=f"${{happy}} = '{code}'"), version=number)
        for number, code in ((1, "no"), (2, "yes"))
    ]
    people = [
        *(Person(answers={"happy": "no", "why": "Rain"}, version=1) for _ in range(3)),
        *(Person(answers={"happy": "yes", "why": "Sun"}, version=2) for _ in range(20)),
        *(Person(answers={"happy": "dont_know"}, version=2) for _ in range(30)),
    ]

    def work(connection: Connection) -> dict[str, Any]:
        asking = moved(connection, versions, people, minimum_cell=5)
        return as_json(tabulate(connection, asking.id, asking.questionnaire), asking, "en")

    happy_table, why_table = (await store.run(work))["questions"]
    counts = {choice["name"]: choice["count"] for choice in happy_table["choices"]}
    assert counts["no"] is None
    assert counts["yes"] is None or why_table["asked"] is None, "23 − 20 would be the three who said no"


def test_ver_4_a_removed_section_comes_where_it_was() -> None:
    def version(number: int, **sections: str) -> Questionnaire:
        made = tuple(
            Section(name, text(name), tuple(ask(one, "text") for one in questions.split()))
            for name, questions in sections.items()
        )
        return replace(questionnaire(ask("x", "text"), version=number), sections=made)

    joined = pooled([version(2, a="q1 q9", c="q4"), version(1, a="q0 q1 q2", b="q3", c="q4 q5")])
    assert [(s.name, [q.name for q in s.questions]) for s in joined.sections] == [
        ("a", ["q0", "q1", "q2", "q9"]), ("b", ["q3"]), ("c", ["q4", "q5"]),
    ]  # fmt: skip


async def test_ver_4_versions_that_mean_different_things_are_never_pooled(store: Store) -> None:
    """Publishing refuses them; whoever gets round that gets no wrong numbers."""
    versions = (questionnaire(ask("age", "integer")), questionnaire(ask("age", "text"), version=2))
    with pytest.raises(NotPossible, match="cannot be put together") as refused:
        await store.run(moved, versions, [])
    assert "`age` was of type `integer` and is now `text`" in str(refused.value)
