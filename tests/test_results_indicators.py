"""`results --indicators`: the table, the JSON and the CSV, and what it says where there is nothing to compute."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import Connection

from bot.authoring.library import instrument
from bot.cli import run
from bot.flows.questionnaire import Questionnaire
from bot.results.indicators.csv_writer import write_indicators_csv
from bot.results.indicators.json_writer import indicators_json
from bot.results.indicators.report import compare, report
from bot.results.indicators.tables import indicators_table
from storage.store import Store
from tests.support.indicators import official, only, person
from tests.support.program import FERRY
from tests.support.results import make_round

NAMES = {"FJ": "Fiji"}


async def shown(
    store: Store,
    form: Questionnaire,
    people: list[Any],
    how: Callable[..., Any],
    language: str = "en",
    **more: Any,
) -> Any:
    followed = more.pop("followed", None)

    def work(connection: Connection) -> Any:
        rows = [person(form.key, one) for one in people]
        this = report(connection, make_round(connection, form, rows, **more))
        assert this is not None
        comparison = None
        if followed is not None:
            other, others = followed
            rows = [person(other.key, one) for one in others]
            before = report(connection, make_round(connection, other, rows, code="BEFORE"))
            assert before is not None
            comparison = compare(this, before)
        return how(this, language, NAMES, comparison)

    return await store.run(work)


def small() -> Questionnaire:
    return only(instrument("metep"), "u1_country", "u1_capacity", "a1_7", "a2_16", "a2_23", "c2_82")


PEOPLE = [
    official(a1_7="yes", a2_16="no", a2_23=("mobile",), c2_82="2"),
    official(a1_7="dont_know", a2_16="yes"),
    {"c2_82": "5"},
    {"c2_82": "4"},
]


async def test_a_table_reads_so(store: Store) -> None:
    table = await shown(store, small(), PEOPLE, indicators_table)
    assert (
        table.splitlines()[:24]
        == """\
Safe water
WATER · draft · metep version 1

Facts · Fiji
────────────
  Policy domain                                      Score          Base      Coverage    Don't know
  A1 Legal frameworks                                   58           1–2          100%           20%
  A2 Organizational frameworks                   not asked             –             –             –
  A3 Modalities/channels                         not asked             –             –             –
  A4 Outreach                                    not asked             –             –             –

  Policy domain × Level                              Score          Base      Coverage    Don't know
  A1 Legal frameworks
    B1 e-Information                                    25             1          100%            0%
    B2 e-Consultation                            not asked             –             –             –
    B3 e-Decision-making                         not asked             –             –             –
  A2 Organizational frameworks
    B1 e-Information                             not asked             –             –             –
    B2 e-Consultation                            not asked             –             –             –
    B3 e-Decision-making                         not asked             –             –             –
  A3 Modalities/channels
    B1 e-Information                             not asked             –             –             –
    B2 e-Consultation                            not asked             –             –             –
    B3 e-Decision-making                         not asked             –             –             –""".splitlines()
    )
    assert "Agencies' own account · Fiji\n────────────────────────────\n  not asked\n" in table
    # Experience (1 + 3/4) / 2 = 87.5 against facts (1 + 1/2 + 1/4) / 3 = 58.3; rounded when shown: +29.
    assert (
        "  A1 Legal frameworks                                                 88            58           +29\n"
        in table
    )
    assert max(cell_len(line) for line in table.splitlines()) <= 100


@pytest.mark.parametrize("language", ["fr", "es"])
async def test_a_table_is_in_the_language_and_fits(store: Store, language: str) -> None:
    people = [official("X", b1_67="yes", a2_16="yes", c2_82="3"), {"c2_82": "5", "c2_83": "5"}]
    table = await shown(store, instrument("metep"), people, indicators_table, language)
    assert {"fr": "Cadres juridiques", "es": "Marcos jurídicos"}[language] in table
    # A share as the language writes it: with a no-break space before the sign.
    assert "100\N{NO-BREAK SPACE}%" in table
    assert max(cell_len(line) for line in table.splitlines()) <= 100


async def test_sections_and_titles_are_the_instrument_s_own_words(store: Store) -> None:
    people = [{"role": "organisation", "i1_1": "2"}]
    table = await shown(store, instrument("engagement_assess"), people, indicators_table, "fr")
    titles = [q.label.in_language("fr") for q in instrument("engagement_assess") if q.name == "i1_1_title"]
    assert f"  {titles[0]}" in table


async def test_what_a_round_adds_to_the_one_it_follows_comes_after(store: Store) -> None:
    plan = (instrument("engagement_plan"), [{"role": "organisation", "i1_1": "5", "i1_2": "4"}])
    people = [{"role": "organisation", "i1_1": "2", "i1_2": "4"}]
    table = await shown(store, instrument("engagement_assess"), people, indicators_table, followed=plan)
    _, _, changes = table.partition("Actual − target · Organisation\n")
    heads, first, second, widest = changes.splitlines()[1:5]
    assert heads.split() == ["WATER", "BEFORE", "Difference"]
    assert first.split()[-3:] == ["25", "100", "−75"]
    assert second.split()[-3:] == ["75", "75", "0"]
    assert widest == "  The widest gaps: Engagement objectives (−75)."


async def test_the_json_is_exact_and_says_what_each_number_rests_on(store: Store) -> None:
    document = await shown(store, small(), PEOPLE, indicators_json)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["round"]["code"] == "WATER"
    assert document["respondents"]["complete"] == 4
    facts = document["columns"][0]
    assert (facts["name"], facts["per"]) == (
        "facts",
        {"question": "u1_country", "name": "FJ", "label": "Fiji"},
    )
    assert facts["numbers"][0] == {
        "name": "legal/*/*",
        "label": "A1 Legal frameworks",
        "domain": "legal",
        "level": None,
        "technology": None,
        "status": "printed",
        "score": 7 / 12,
        "score_low": 7 / 12,
        "score_high": 7 / 12,
        "smallest_base": 1,
        "largest_base": 2,
        "coverage": 1.0,
        "dont_know": 0.2,
    }
    gap = document["differences"][0]
    assert (gap["name"], gap["column"], gap["minus"]) == ("gap", "experience", "facts")
    assert gap["numbers"][0] == {
        "name": "legal/*/*",
        "minus": "legal/*/*",
        "label": "A1 Legal frameworks",
        "score": 7 / 8,
        "minus_score": 7 / 12,
        "difference": 7 / 24,
        "difference_low": 7 / 24,
        "difference_high": 7 / 24,
    }


async def test_the_csv_has_a_row_for_each_number_of_the_json(store: Store) -> None:
    plan = (instrument("engagement_plan"), [{"role": "organisation", "i1_1": "5"}])
    people = [{"role": "organisation", "i1_1": "2"}, {"role": "stakeholder", "i1_1": "4"}]
    document = await shown(store, instrument("engagement_assess"), people, indicators_json, followed=plan)
    stream = StringIO(newline="")
    write_indicators_csv(document, stream)
    rows = list(csv.DictReader(StringIO(stream.getvalue(), newline="")))
    both = (document, document["follows"])
    assert sum(row["kind"] == "number" for row in rows) == sum(
        len(column["numbers"]) for one in both for column in one["columns"]
    )
    found = {(r["round"], r["kind"], r["column"], r["minus"], r["number"]): r for r in rows}
    assert found["WATER", "number", "organisation", "", "*/i1_1"]["score"] == "0.25"
    roles = found["WATER", "difference", "organisation", "stakeholders", "*/i1_1"]
    assert roles["difference"] == "-0.5"
    assert found["WATER", "change", "organisation", "organisation", "*/i1_1"]["difference"] == "-0.75"


async def test_small_numbers_are_not_in_any_of_the_three(store: Store) -> None:
    document = await shown(store, small(), PEOPLE, indicators_json, minimum_cell=5)
    assert document["columns"] == document["differences"] == []
    table = await shown(store, small(), PEOPLE, indicators_table, code="TWO", minimum_cell=5)
    assert "computed from, or too few people have" in table
    assert "fewer than 5 people" in table


@pytest.fixture
def talanoa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = run(["--db", f"sqlite+aiosqlite:///{tmp_path}/talanoa.db", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def test_the_command_says_what_is_missing(
    talanoa: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    talanoa("questionnaire", "publish", str(FERRY))
    talanoa("round", "create", "ferry", "--code", "ferry")
    status, out, err = talanoa("results", "ferry", "--indicators")
    assert (status, out) == (1, "")
    assert "ferry@1, which ferry asks, has no indicators." in err
    assert "indicators.yaml" in err
    for key in ("cesaq", "metep"):
        talanoa("round", "create", key, "--code", key)
    status, _, err = talanoa("results", "metep", "--follows", "nope")
    assert (status, "no round with the code nope" in err) == (1, True)
    status, _, err = talanoa("results", "metep", "--follows", "cesaq")
    assert (status, "metep do not say how to compare with cesaq" in err) == (1, True)
    for form in ("table", "json", "csv"):
        file = tmp_path / f"out.{form}"
        status, out, _ = talanoa("results", "metep", "--indicators", "--format", form, "--output", str(file))
        assert (status, out) == (0, "")
        assert file.read_text(encoding="utf-8")
    status, out, _ = talanoa("results", "metep", "--indicators", "--language", "fr")
    assert "Nobody has answered yet" in out
