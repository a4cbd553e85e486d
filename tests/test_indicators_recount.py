"""METEP's numbers equal a recount of the raw rows that knows nothing of the program but the published definition."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from bot.authoring.library import instrument
from bot.cli import run

# Question: its cells, as the instrument's description has them; a = any technology by itself.
PAGE = """
7 legal/*/* | 8 organizational/*/* | 9 legal/e_information/other_online | 10 outreach/*/*
11 legal/*/social_media | 12 organizational/*/* | 13 outreach/e_information/* | 14 legal/e_consultation/*
15 legal/e_information/* | 16 legal/*/* | 17 legal/e_information/open_data
18 legal/e_decision_making/other_online | 19 legal/*/other_online legal/*/mobile
20 legal/e_consultation/other_online | 21 legal/*/* | 22 legal/e_consultation/* | 23 legal/e_information/a
24 legal/e_consultation/a | 25 legal/e_decision_making/a | 27 organizational/*/* | 28 organizational/*/*
29 organizational/*/* | 30 organizational/*/*
31 organizational/e_consultation/* organizational/e_decision_making/* | 32 organizational/e_decision_making/*
33 organizational/e_information/a | 34 organizational/e_consultation/a | 35 organizational/e_decision_making/a
37 modalities/e_information/other_online | 38 modalities/e_consultation/other_online
39 modalities/e_consultation/other_online | 40 outreach/e_consultation/*
41 outreach/e_consultation/* outreach/e_decision_making/* | 42 modalities/e_information/a
43 modalities/e_consultation/a | 44 modalities/e_decision_making/a | 45 outreach/*/* | 46 outreach/*/*
47 outreach/*/* | 48 organizational/*/* | 49 outreach/*/* | 50 outreach/e_information/a
51 outreach/e_consultation/a | 52 outreach/e_decision_making/a | 54 modalities/e_information/other_online
55 modalities/e_information/open_data | 56 modalities/e_consultation/social_media
57 modalities/e_information/mobile | 58 modalities/e_consultation/* | 61 outreach/e_consultation/*
62 modalities/e_consultation/* | 63 organizational/*/* | 64 organizational/*/* | 65 organizational/*/*
66 organizational/*/* | 67 legal/*/* | 68 outreach/*/* | 69 modalities/e_information/a
70 modalities/e_consultation/a | 71 modalities/e_decision_making/a | 74 modalities/e_information/*
75 modalities/e_consultation/* | 76 modalities/e_decision_making/* | 77 modalities/e_consultation/*
78a modalities/e_information/a | 78b modalities/e_consultation/a | 78c modalities/e_decision_making/a
79 legal/e_information/* | 80 legal/e_consultation/* | 81 legal/e_decision_making/* | 82 legal/*/* | 83 legal/*/*
84 organizational/e_information/* | 85 organizational/e_consultation/* | 86 organizational/e_decision_making/*
87 organizational/e_consultation/* | 88 organizational/*/* | 89 modalities/*/open_data
90 modalities/*/social_media | 91 modalities/*/mobile | 92 modalities/*/other_online | 93 outreach/e_information/*
94 outreach/e_consultation/* | 95 outreach/e_decision_making/* | 96 outreach/e_consultation/* | 97 outreach/*/*
"""
TECHNOLOGIES = ("open_data", "social_media", "mobile", "other_online")
GOVERNMENT = ("national_government", "local_government", "parliament_or_oversight")
SECTIONS = (
    (14, "a1"),
    (26, "a2"),
    (36, "a3"),
    (53, "a4"),
    (73, "b1"),
    (78, "c1"),
    (83, "c2"),
    (88, "c3"),
    (99, "c4"),
)
Row = dict[str, Any]


def cells() -> dict[str, list[tuple[str, ...]]]:
    found = {}
    for entry in PAGE.replace("\n", "|").split("|"):
        if entry.strip():
            number, *named = entry.split()
            section = next(name for last, name in SECTIONS if int(number.rstrip("abc")) <= last)
            found[f"{section}_{number}"] = [tuple(cell.split("/")) for cell in named]
    return found


CELLS = cells()


def test_the_scored_questions_are_those_of_the_description() -> None:
    indicators = instrument("metep").indicators
    assert indicators is not None
    assert {i.name: sorted(i.cells) for i in indicators.items} == {
        name: sorted(
            "/".join(cell).replace("/a", "/+") if cell[2] == "a" else "/".join(cell) for cell in named
        )
        for name, named in CELLS.items()
    }


def score(question: str, person: Row) -> dict[str, float] | str | None:
    """What a person's answer is worth, by technology; `?` for don't know, `-` for not applicable."""
    value = person["given"].get(question)
    gate = {"a1_14": "a1_7", "b1_61": "b1_58", "b1_62": "b1_58"}.get(question)
    if value is None:
        return {"": 0} if gate and person["given"].get(gate) == "no" else None
    if value in ("dont_know", ["dont_know"]):
        return "?"
    if value == "not_applicable":
        return "-"
    if isinstance(value, list):
        return {each: float(each in value) for each in TECHNOLOGIES}
    return {"": {"yes": 1, "no": 0}[value] if value in ("yes", "no") else (int(value) - 1) / 4}


def on_route(question: str, person: Row) -> bool:
    given, part = person["given"], question[0]
    if question == "a1_14" and given.get("a1_7") != "yes":
        return False
    if question in ("b1_61", "b1_62") and given.get("b1_58") != "yes":
        return False
    answers_for = given.get("u1_answers_for")
    facts = answers_for in ("country", "both") or given.get("u1_facts") == "yes"
    return {"a": facts, "b": answers_for in ("agency", "both"), "c": True}[part]


def enters(question: str, number: tuple[str, ...]) -> tuple[str, ...] | None:
    """By which technologies a question enters a number; `None` where it does not."""
    for cell in CELLS[question]:
        each = cell[2] == "a"
        if all(wanted in ("*", has) or has == "a" for wanted, has in zip(number, cell, strict=True)):
            return () if not each else TECHNOLOGIES if number[2] == "*" else (number[2],)
    return None


def expected(number: tuple[str, ...], part: str, people: list[Row]) -> dict[str, Any]:
    means, bases, unknown, scored, counted = [], [], 0, 0, 0
    for question in CELLS:
        places = enters(question, number)
        if question[0] != part or places is None:
            continue
        given = [(person, score(question, person)) for person in people]
        worth = [(person, value) for person, value in given if isinstance(value, dict)]
        doubts = sum(value == "?" for _, value in given)
        waived = sum(value == "-" for _, value in given)
        reached = worth or any(on_route(question, person) for person in people)
        counted += bool(reached) and not (waived and not worth and not doubts)
        unknown, scored = unknown + doubts, scored + len(worth)
        if worth:
            groups = defaultdict(list)
            for person, value in worth:
                agency = person["given"].get("u1_agency", "").casefold() if part == "b" else ""
                groups[agency].append(fmean(value[each] for each in places or ("",)))
            means.append(fmean(map(fmean, groups.values())))
            bases.append(len(worth))
    printed = bool(counted) and len(means) / counted >= 0.5
    return {
        "status": "printed" if printed else "insufficient",
        "score": pytest.approx(fmean(means)) if printed else None,
        "smallest_base": min(bases, default=None),
        "largest_base": max(bases, default=None),
        "coverage": pytest.approx(len(means) / counted) if counted else None,
        "dont_know": pytest.approx(unknown / (unknown + scored)) if unknown + scored else None,
    }


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety simulated people who answered METEP, most of them in a few countries."""
    file = tmp_path_factory.mktemp("recount") / "talanoa.db"
    url = f"sqlite+aiosqlite:///{file}"
    run(["--db", url, "round", "create", "metep", "--code", "all", "--minimum-cell", "0", "--open"])
    run(["--db", url, "simulate", "all", "--respondents", "90", "--seed", "11", "--language", "en"])
    return file


def raw(file: Path, outcomes: tuple[str, ...]) -> list[Row]:
    with closing(sqlite3.connect(file)) as connection:
        chosen = {
            r for r, o in connection.execute("SELECT respondent_id, outcome FROM sessions") if o in outcomes
        }
        people: dict[int, Row] = {r: {"given": {}} for r in chosen}
        query = "SELECT respondent_id, question, CAST(value AS TEXT) FROM answers WHERE status = 'answered'"
        for respondent, question, value in connection.execute(query):
            if respondent in people:
                people[respondent]["given"][question] = json.loads(value)
    return list(people.values())


@pytest.mark.parametrize("arguments", [[], ["--complete-only"]])
def test_every_number_equals_the_recount(
    database: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    url = f"sqlite+aiosqlite:///{database}"
    assert run(["--db", url, "results", "all", "--indicators", "--format", "json", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    people = raw(database, ("complete",) if arguments else ("complete", "partial"))
    assert len(people) > 60
    compared = 0
    for column in document["columns"]:
        here = [p for p in people if p["given"].get("u1_country") == column["per"]["name"]]
        if column["name"] in ("experience", "officials"):
            wanted = column["name"] == "officials"
            here = [p for p in here if (p["given"]["u1_capacity"] in GOVERNMENT) == wanted]
        part = {"facts": "a", "agency": "b"}.get(column["name"], "c")
        for number in column["numbers"]:
            wanted_number = expected(tuple(number["name"].split("/")), part, here)
            assert {key: number[key] for key in wanted_number} == wanted_number, (
                column["name"],
                number["name"],
            )
            compared += number["score"] is not None
    assert compared > 300
    by = {
        (c["name"], c["per"]["name"]): {n["name"]: n["score"] for n in c["numbers"]}
        for c in document["columns"]
    }
    for difference in document["differences"]:
        for number in difference["numbers"]:
            country = difference["per"]["name"]
            left, right = by["experience", country][number["name"]], by["facts", country][number["name"]]
            gap = None if left is None or right is None else pytest.approx(left - right)
            assert number["difference"] == gap
