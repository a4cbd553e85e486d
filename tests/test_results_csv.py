"""The file with a row a person: its columns, its safety, and that it recounts to the tabulation."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.flows.session import Outcome
from bot.results.csv_writer import guard, write_csv
from bot.results.json_writer import as_json
from bot.results.microdata import read_microdata
from bot.results.tabulate import tabulate
from storage.store import Store
from tests.support.results import (
    NOW,
    Person,
    ask,
    choices,
    every_type,
    make_round,
    publish,
    questionnaire,
    random_people,
)


def written(connection: Connection, people: list[Person], survey: Any = None, **options: Any) -> str:
    round_ = make_round(connection, survey or every_type(), people, minimum_cell=5)
    stream = io.StringIO(newline="")
    write_csv(read_microdata(connection, round_, **{"rng": random.Random(1)} | options), stream)
    return stream.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_columns_are_those_of_odk(store: Store) -> None:
    people = [Person(answers={"happy": "yes", "topics": ("health", "none"), "age": 4, "litres": 2.0})]

    text = await store.run(lambda connection: written(connection, people))

    assert text.splitlines()[0] == (
        "respondent,outcome,language,channel,source,version,agree,happy,"
        "topics,topics/health,topics/roads,topics/schools,topics/none,"
        "home,age,litres,rating,since,why"
    )
    assert text.splitlines()[1] == "1,complete,en,telegram,,1,,yes,health none,1,0,0,1,,4,2,,,"


async def test_a_recount_of_the_file_equals_the_tabulation(store: Store) -> None:
    people = random_people(random.Random(7), 250)

    def work(connection: Connection) -> tuple[dict[str, Any], str]:
        round_ = make_round(connection, every_type(), people)
        stream = io.StringIO(newline="")
        write_csv(read_microdata(connection, round_), stream)
        counted = tabulate(connection, round_.id, round_.questionnaire)
        return as_json(counted, round_, "en"), stream.getvalue()

    document, text = await store.run(work)
    read = rows(text)

    outcomes = Counter(row["outcome"] for row in read)
    assert outcomes == {name: document["respondents"][name] for name in ("complete", "partial", "no_answer")}
    counting = [row for row in read if row["outcome"] != "no_answer"]
    for question in document["questions"]:
        name = question["name"]
        assert sum(row[name] != "" for row in counting) == question["base"]
        for choice in question.get("choices", ()):
            if question["type"] == "select_multiple":
                assert sum(row[f"{name}/{choice['name']}"] == "1" for row in counting) == choice["count"]
                assert sum(choice["name"] in row[name].split() for row in counting) == choice["count"]
            else:
                assert sum(row[name] == choice["name"] for row in counting) == choice["count"]
        if name in {"age", "litres"}:
            numbers = [float(row[name]) for row in counting if row[name]]
            assert (min(numbers), max(numbers)) == (
                question["statistics"]["minimum"],
                question["statistics"]["maximum"],
            )


async def test_a_row_for_each_who_agreed_and_for_nobody_else(store: Store) -> None:
    people = [Person(outcome, {"happy": "yes"}) for outcome in Outcome]

    def work(connection: Connection) -> list[list[str]]:
        round_ = make_round(connection, every_type(), people)
        found = []
        for complete_only in (False, True):
            stream = io.StringIO(newline="")
            write_csv(read_microdata(connection, round_, complete_only=complete_only), stream)
            found.append(sorted(row["outcome"] for row in rows(stream.getvalue())))
        return found

    assert await store.run(work) == [["complete", "no_answer", "partial"], ["complete"]]


async def test_blank_is_unasked_skipped_or_off_the_route_and_the_status_says_which(store: Store) -> None:
    people = [
        Person(answers={"happy": None, "topics": ("roads",), "age": 7}, off_route=frozenset({"topics"})),
    ]

    (row,) = rows(await store.run(lambda connection: written(connection, people, with_status=True)))

    assert (row["happy"], row["happy/status"]) == ("", "skipped")
    assert (row["topics"], row["topics/roads"], row["topics/status"]) == ("", "", "off_route")
    assert (row["age"], row["age/status"]) == ("7", "answered")
    assert (row["why"], row["why/status"]) == ("", "")


async def test_columns_stay_when_a_choice_is_removed(store: Store) -> None:
    """The scenario of https://github.com/kobotoolbox/kpi/issues/2089: columns must not shift or vanish."""
    people = [
        Person(answers={"topics": ("health", "roads", "schools")}, version=1),
        Person(answers={"topics": ("schools",)}, version=2),
    ]
    without_roads = every_type(2, ("health", "schools", "none"))

    def work(connection: Connection) -> str:
        publish(connection, every_type())
        return written(connection, people, without_roads)

    text = await store.run(work)
    old, new = sorted(rows(text), key=lambda row: row["version"])

    assert "topics,topics/health,topics/schools,topics/none,topics/roads," in text
    assert (old["version"], old["topics"], old["topics/roads"]) == ("1", "health roads schools", "1")
    assert (new["version"], new["topics"], new["topics/roads"]) == ("2", "schools", "0")
    assert (old["topics/health"], old["topics/schools"], old["topics/none"]) == ("1", "1", "0")


async def test_a_question_that_was_removed_keeps_its_column(store: Store) -> None:
    """The scenario of https://github.com/kobotoolbox/kobocat/issues/251."""
    people = [Person(answers={"happy": "yes", "gone": "=still here"})]

    (row,) = rows(await store.run(lambda connection: written(connection, people)))

    assert list(row)[-1] == "gone"
    assert row["gone"] == "'=still here"


async def test_no_cell_begins_a_formula(store: Store) -> None:
    formulas = [f'{start}HYPERLINK("http://x.example",1),2;3\n4' for start in "=+-@\t\r\n＝＋－＠"]
    people = [Person(answers={"why": f, "age": -5, "litres": -0.5}, source=f) for f in formulas]

    read = rows(await store.run(lambda connection: written(connection, people)))

    assert sorted(row["why"] for row in read) == sorted(f"'{formula}" for formula in formulas)
    assert all(row["why"] == row["source"] for row in read)
    assert {(row["age"], row["litres"]) for row in read} == {("-5", "-0.5")}


async def test_codes_that_look_like_numbers_stay_as_they_are(store: Store) -> None:
    survey = questionnaire(
        ask("scale", "select_one", choices=choices("-1", "01", "+2")),
        ask("flags", "select_multiple", choices=choices("-x", "1")),
    )
    people = [Person(answers={"scale": code, "flags": ("-x", "1")}) for code in ("-1", "01", "+2")]

    read = rows(await store.run(lambda connection: written(connection, people, survey)))

    assert sorted(row["scale"] for row in read) == ["+2", "-1", "01"]
    assert {(row["flags"], row["flags/-x"], row["flags/1"]) for row in read} == {("'-x 1", "1", "1")}


@pytest.mark.parametrize("harmless", ["", "yes", "a=b", "1-2", "’=", "5"])
def test_harmless_text_is_left_alone(harmless: str) -> None:
    assert guard(harmless) == harmless


async def test_the_order_is_drawn_afresh_and_no_pseudonym_or_time_is_written(store: Store) -> None:
    people = [Person(answers={"age": age}) for age in range(40)]

    def work(connection: Connection) -> list[str]:
        round_ = make_round(connection, every_type(), people)
        texts = []
        for rng in (None, None, random.Random(3), random.Random(3)):
            stream = io.StringIO(newline="")
            write_csv(read_microdata(connection, round_, rng=rng), stream)
            texts.append(stream.getvalue())
        return texts

    one, other, seeded, again = await store.run(work)

    orders = [[row["age"] for row in rows(text)] for text in (one, other, seeded)]
    assert orders[0] != orders[1]
    assert sorted(orders[0], key=int) == sorted(orders[2], key=int) == [str(age) for age in range(40)]
    assert seeded == again
    assert [row["respondent"] for row in rows(one)] == [str(number) for number in range(1, 41)]
    assert str(NOW.year) not in one
    assert max(len(cell) for row in rows(one) for cell in row.values()) == len("complete")


async def test_more_people_than_are_read_at_once(store: Store) -> None:
    people = [Person(answers={"age": age, "why": "é" * 2000}) for age in range(1201)]

    read = rows(await store.run(lambda connection: written(connection, people)))

    assert sorted(int(row["age"]) for row in read) == list(range(1201))
    assert {row["why"] for row in read} == {"é" * 2000}
