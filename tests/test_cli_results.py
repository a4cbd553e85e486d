"""Results equal what the raw rows say, computed by other means; and simulated people."""

from __future__ import annotations

import asyncio
import csv
import json
import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage.store import Store
from tests.support.commands import Talanoa, answers, stored
from tests.support.program import SECRET

MARKET = Path(__file__).parent / "data" / "questionnaires" / "market"


@dataclass(frozen=True)
class Raw:
    """The rows of a round, read without the program's own queries."""

    outcomes: Counter[str]
    given: dict[str, list[Any]]
    """By question, the answers that count."""
    skipped: Counter[str]


@pytest.fixture
def simulated(database_url: str, talanoa: Talanoa, monkeypatch: pytest.MonkeyPatch) -> Raw:
    """Sixty simulated people in a round that shows everything."""
    monkeypatch.setenv("TALANOA_DATABASE_URL", database_url)
    monkeypatch.setenv("TALANOA_SECRET_KEY", SECRET)
    talanoa("questionnaire", "publish", str(MARKET))
    talanoa("round", "create", "market", "--code", "market", "--minimum-cell", "0", "--open")
    done = talanoa("simulate", "market", "--respondents", "60", "--seed", "3")
    assert (done.status, done.out[:10]) == (0, "60 people,")
    sessions, rows = asyncio.run(
        raw(
            database_url,
            "SELECT respondent_id, outcome FROM sessions",
            "SELECT respondent_id, question, status, CAST(value AS TEXT) FROM answers",
        )
    )
    found = Raw(Counter(outcome for _, outcome in sessions), {}, Counter())
    counted = {respondent for respondent, outcome in sessions if outcome in {"complete", "partial"}}
    for respondent, question, status, value in rows:
        if respondent in counted and status == "skipped":
            found.skipped[question] += 1
        elif respondent in counted and status == "answered":
            found.given.setdefault(question, []).append(json.loads(value))
    assert found.outcomes["complete"] > 25
    assert found.given.keys() == set(ASKED)
    return found


async def raw(url: str, *queries: str) -> list[list[Any]]:
    store = Store.open(url)
    try:
        return [
            await store.read(lambda connection, query: list(connection.execute(text(query))), query)
            for query in queries
        ]
    finally:
        await store.close()


def test_results_equal_what_the_raw_rows_say(simulated: Raw, talanoa: Talanoa) -> None:
    found = talanoa("results", "market", "--format", "json").json
    respondents = found["respondents"]
    assert respondents.pop("started") == 60
    assert {outcome: number for outcome, number in respondents.items() if number} == simulated.outcomes
    assert [question["name"] for question in found["questions"]] == list(ASKED)
    for question in found["questions"]:
        values = simulated.given[question["name"]]
        assert question["base"] == len(values), question["name"]
        assert question["skipped"] == simulated.skipped[question["name"]]
        assert question["asked"] == question["base"] + question["skipped"]
        flat = Counter(code for value in values for code in (value if isinstance(value, list) else [value]))
        for choice in question.get("choices", ()):
            assert choice["count"] == flat.pop(_code(choice["name"]), 0)
            assert choice["share"] == pytest.approx(choice["count"] / len(values))
        assert not flat or "choices" not in question, "every answer is counted somewhere"
        if question["type"] in {"integer", "decimal", "range"}:
            assert question["statistics"]["mean"] == pytest.approx(statistics.fmean(values))
            assert question["statistics"]["median"] == pytest.approx(statistics.median(values))
            assert question["statistics"]["minimum"] == min(values)
            assert question["statistics"]["maximum"] == max(values)


ASKED = (
    "agreed", "country", "visits", "goods", "times", "spent", "clean", "heard", "since", "wish",
)  # fmt: skip


def test_files_and_tables_equal_what_the_raw_rows_say(simulated: Raw, talanoa: Talanoa) -> None:
    done = talanoa("results", "market", "--format", "csv", "--output", "out.csv")
    assert (done.status, done.out) == (0, "")
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for outcome in ("complete", "partial", "no_answer", "declined"):
        shown = 0 if outcome == "declined" else simulated.outcomes[outcome]
        assert sum(row["outcome"] == outcome for row in rows) == shown
    assert Counter(row["wish"] for row in rows if row["wish"]) == Counter(simulated.given["wish"])
    ticked = sum(row["goods/fish"] == "1" for row in rows)
    assert ticked == sum("fish" in value for value in simulated.given["goods"])
    assert "How clean is the market?" in talanoa("results", "market").out
    assert "Le marché est-il propre" in talanoa("results", "market", "--language", "fr").out


def _code(name: str) -> Any:
    """A choice's code, or the number that a step of a scale is."""
    try:
        return float(name)
    except ValueError:
        return name


def test_the_same_seed_makes_the_same_people(ferry: Talanoa) -> None:
    ferry("round", "create", "ferry", "--code", "again", "--minimum-cell", "0", "--open")
    for code, seed in (("ferry", "1"), ("ferry", "2")):
        assert ferry("simulate", code, "--respondents", "5", "--seed", seed, "--language", "fr").status == 0
    assert ferry("round", "show", "ferry", "--json").json["respondents"]["started"] == 10
    assert {language for (language,) in stored("SELECT language FROM sessions")} == {"fr"}
    before = answers()
    assert ferry("simulate", "ferry", "--respondents", "5", "--seed", "2", "--language", "fr").status == 0
    assert answers() == before, "they are known already, and say nothing new"
