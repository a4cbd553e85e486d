"""The counts equal an independent recount of the rows."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.flows.questionnaire import Scale
from bot.flows.session import Outcome
from bot.results.json_writer import as_json
from bot.results.source import read_round
from bot.results.tabulate import tabulate
from storage.store import Store
from tests.support.results import (
    Person,
    ask,
    every_type,
    make_round,
    publish,
    questionnaire,
    random_people,
    text,
)

FUNNEL = ("complete", "partial", "no_answer", "declined", "withdrawn", "not_eligible")


def results(connection: Connection, people: list[Person], **more: Any) -> dict[str, Any]:
    complete_only = more.pop("complete_only", False)
    survey = more.pop("questionnaire", None) or every_type()
    names = {"FJ": "Fidji", "TO": "Tonga"}
    round_ = make_round(connection, survey, people, **more)
    counted = tabulate(connection, round_.id, round_.questionnaire, complete_only=complete_only)
    document = as_json(counted, round_, "fr", names)
    # What is printed is JSON and nothing but: no NaN, no dates, no tuples.
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return document


def by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {question["name"]: question for question in document["questions"]}


def counts(question: dict[str, Any]) -> dict[str, int]:
    return {choice["name"]: choice["count"] for choice in question["choices"]}


@pytest.mark.parametrize("complete_only", [False, True])
async def test_counts_equal_a_recount_of_random_answers(store: Store, complete_only: bool) -> None:
    rng = random.Random(20250301)
    people = random_people(rng, 300)

    def work(connection: Connection) -> dict[str, Any]:
        make_round(connection, every_type(), random_people(rng, 40), code="OTHER")
        return results(connection, people, complete_only=complete_only)

    document = await store.run(work)

    outcomes = Counter(person.outcome.value for person in people)
    assert document["respondents"] == {"started": 300} | {name: outcomes[name] for name in FUNNEL}
    counting = {"complete"} if complete_only else {"complete", "partial"}
    for question in document["questions"]:
        name = question["name"]
        said = [
            person.answers[name]
            for person in people
            if person.outcome in counting and name in person.answers and name not in person.off_route
        ]
        given = [value for value in said if value is not None]
        assert (question["asked"], question["base"], question["skipped"]) == (
            len(said),
            len(given),
            len(said) - len(given),
        )
        assert question["item_nonresponse"] == (len(said) - len(given)) / len(said)
        assert question["suppressed"] is False
        codes = Counter(
            str(code) for value in given for code in (value if isinstance(value, tuple) else (value,))
        )
        if "choices" in question:
            assert counts(question) == {name: codes[name] for name in counts(question)}
            assert sum(counts(question).values()) == codes.total()
            assert all(choice["share"] == choice["count"] / len(given) for choice in question["choices"])
        if name == "since":
            assert question["statistics"] == {
                "count": len(given),
                "median": statistics.median_low(map(str, given)),
                "minimum": min(map(str, given)),
                "maximum": max(map(str, given)),
            }
        elif "statistics" in question:
            numbers = [value for value in given if isinstance(value, (int, float))]
            assert question["statistics"] == {
                "count": len(given),
                "mean": pytest.approx(statistics.mean(numbers)),
                "median": statistics.median(numbers),
                "minimum": min(numbers),
                "maximum": max(numbers),
                "standard_deviation": pytest.approx(statistics.stdev(numbers)),
            }
        if name == "why":
            assert "choices" not in question
            assert "statistics" not in question


async def test_a_document_says_which_round_it_is_and_labels_in_the_language(store: Store) -> None:
    people = [Person(answers={"rating": 1, "home": "FJ", "happy": "yes"}), Person(answers={"home": "ZZ"})]

    document = await store.run(lambda connection: results(connection, people))

    assert document["round"] == {
        "code": "WATER",
        "title": "Eau potable",
        "state": "draft",
        "questionnaire": "water",
        "version": 1,
        "minimum_cell": 0,
    }
    found = by_name(document)
    assert list(found) == ["agree", "happy", "topics", "home", "age", "litres", "rating", "since", "why"]
    assert found["happy"] | {"choices": None} == {
        "name": "happy",
        "section": "a",
        "type": "select_one",
        "number": "1",
        "label": "Are you happy?",
        "asked": 1,
        "base": 1,
        "skipped": 0,
        "item_nonresponse": 0.0,
        "suppressed": False,
        "choices": None,
    }
    assert found["happy"]["choices"] == [
        {"name": "yes", "label": "Yes", "count": 1, "share": 1.0},
        {"name": "no", "label": "No", "count": 0, "share": 0.0},
        {"name": "dont_know", "label": "Dont know", "count": 0, "share": 0.0},
    ]
    assert [choice["label"] for choice in found["rating"]["choices"]] == ["1 Mauvais", "2", "3", "4", "5 Bon"]
    assert found["home"]["choices"] == [
        {"name": "FJ", "label": "Fidji", "count": 1, "share": 0.5},
        {"name": "ZZ", "label": "ZZ", "count": 1, "share": 0.5},
    ]


async def test_an_empty_round_is_all_zeros(store: Store) -> None:
    document = await store.run(lambda connection: results(connection, [], minimum_cell=5))

    assert document["respondents"] == dict.fromkeys(("started", *FUNNEL), 0)
    for question in document["questions"]:
        assert (question["asked"], question["base"], question["skipped"]) == (0, 0, 0)
        assert question["item_nonresponse"] is None
        assert not question["suppressed"]
        assert all(choice["count"] == 0 and choice["share"] is None for choice in question.get("choices", ()))
        assert {value for key, value in question.get("statistics", {}).items() if key != "count"} <= {None}
        assert question.get("statistics", {}).get("count", 0) == 0


async def test_what_everybody_skipped_has_no_base(store: Store) -> None:
    people = [Person(answers={"happy": None, "age": None, "topics": None}) for _ in range(4)]

    found = by_name(await store.run(lambda connection: results(connection, people)))

    for name in ("happy", "age", "topics"):
        assert (found[name]["asked"], found[name]["base"], found[name]["skipped"]) == (4, 0, 4)
        assert found[name]["item_nonresponse"] == 1.0
    assert all(choice["share"] is None for choice in found["happy"]["choices"])
    assert found["age"]["statistics"]["mean"] is None


async def test_an_answer_that_left_the_route_does_not_count(store: Store) -> None:
    people = [
        Person(answers={"happy": "yes", "topics": ("roads",)}, off_route=frozenset({"topics"})),
        Person(answers={"happy": "no", "topics": ("health", "roads")}),
    ]

    found = by_name(await store.run(lambda connection: results(connection, people)))

    assert found["topics"]["asked"] == 1
    assert counts(found["topics"]) == {"health": 1, "roads": 1, "schools": 0, "none": 0}
    assert [choice["share"] for choice in found["topics"]["choices"]] == [1.0, 1.0, 0.0, 0.0]


async def test_who_neither_submitted_nor_answered_is_in_no_base(store: Store) -> None:
    people = [Person(outcome, {"happy": outcome.value}) for outcome in Outcome]

    document = await store.run(lambda connection: results(connection, people))

    assert document["respondents"] == {"started": 7} | dict.fromkeys(FUNNEL, 1)
    assert counts(by_name(document)["happy"]) == {
        "yes": 0,
        "no": 0,
        "dont_know": 0,
        "complete": 1,
        "partial": 1,
    }


async def test_a_choice_that_was_removed_keeps_its_count(store: Store) -> None:
    people = [Person(answers={"topics": ("health", "roads")}), Person(answers={"topics": ("schools",)})]
    without_roads = every_type(2, ("health", "schools", "none"))

    def work(connection: Connection) -> dict[str, Any]:
        publish(connection, every_type())
        return results(connection, people, questionnaire=without_roads)

    topics = by_name(await store.run(work))["topics"]

    assert topics["choices"][-1] == {"name": "roads", "label": "roads", "count": 1, "share": 0.5}
    assert counts(topics) == {"health": 1, "schools": 1, "none": 0, "roads": 1}


async def test_a_round_shows_its_own_parts_only(store: Store) -> None:
    people = [Person(answers={"happy": "yes"})]

    document = await store.run(lambda connection: results(connection, people, parts=frozenset()))

    assert list(by_name(document)) == ["agree", "happy", "topics", "home"]


async def test_a_long_scale_lists_the_values_that_were_given(store: Store) -> None:
    survey = questionnaire(ask("share", "range", scale=Scale(0, 100, 0.5)))
    people = [Person(answers={"share": value}) for value in (7.5, 10, 10.0, 2)]

    share = by_name(await store.run(lambda connection: results(connection, people, questionnaire=survey)))[
        "share"
    ]

    assert counts(share) == {"2": 1, "7.5": 1, "10": 2}
    assert share["statistics"]["median"] == 8.75


async def test_a_scale_of_tenths_counts_what_was_given(store: Store) -> None:
    survey = questionnaire(ask("part", "range", scale=Scale(0, 1, 0.1)))
    people = [Person(answers={"part": value}) for value in (0.3, 0.7, 1, 0)]

    part = by_name(await store.run(lambda connection: results(connection, people, questionnaire=survey)))[
        "part"
    ]

    assert list(counts(part)) == ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"]
    assert sum(counts(part).values()) == 4


async def test_a_round_is_found_in_any_case_of_its_code(store: Store) -> None:
    await store.run(lambda connection: make_round(connection, every_type(), []))

    found = await store.read(read_round, "water")

    assert found is not None
    assert (found.code, found.title) == ("WATER", text("Safe water", "Eau potable"))
    assert await store.read(read_round, "wine") is None


def test_results_cannot_reach_addresses() -> None:
    script = (
        "import sys, bot.results.tables, bot.results.json_writer, bot.results.csv_writer, bot.results.xlsx_writer;"
        "import bot.results.sav_writer, bot.results.parquet_writer, bot.results.ddi_writer;"
        "print([m for m in sys.modules if m.startswith('storage.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert "storage.schema" in loaded
    assert "contacts" not in loaded
    assert "conversations" not in loaded
