"""Files of results from the command line: whole or not at all, to a file or a pipe, and what cannot be had."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from defusedxml.ElementTree import parse
from openpyxl import load_workbook

from bot.cli import RESULT_FORMATS
from tests.support.commands import Talanoa

ROOT = Path(__file__).parents[1]
BEGINS = {
    "csv": b"respondent,",
    "xlsx": b"PK",
    "sav": b"$FL2",
    "parquet": b"PAR1",
    "ddi": b"<?xml",
    "html": b"<!doctype",
}


@pytest.fixture
def answered(ferry: Talanoa) -> Talanoa:
    """The ferry's round with some answers."""
    assert ferry("simulate", "ferry", "--respondents", "12", "--seed", "4").status == 0
    return ferry


def test_each_format_is_a_file_that_its_programs_open(answered: Talanoa) -> None:
    for name in ("csv", "xlsx", "sav", "parquet", "ddi"):
        done = answered("results", "ferry", "--format", name, "--output", f"out.{name}", "--language", "fr")
        assert (done.status, done.out, done.err) == (0, "", "")
    with Path("out.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert len(rows) > 5
    assert pl.read_parquet("out.parquet").shape == (len(rows), len(header))
    data, meta = pyreadstat.read_sav("out.sav", output_format="polars")
    assert data.shape == (len(rows), len(header))
    assert meta.column_names_to_labels["often"] == "Prenez-vous souvent le bac ?"
    assert load_workbook("out.xlsx")["data"].max_row == len(rows) + 1
    assert len(parse("out.ddi").getroot().findall(".//{*}var")) == len(header)
    assert [path.name for path in Path().glob("*.part")] == []


def test_a_column_says_the_status_where_it_is_asked_for(answered: Talanoa) -> None:
    answered("results", "ferry", "--format", "parquet", "--output", "out.parquet", "--with-status")
    statuses = pl.read_parquet("out.parquet")["often/status"]
    assert "answered" in set(statuses)


@pytest.mark.parametrize("name", BEGINS)
def test_a_file_goes_through_a_pipe_as_it_is(name: str, answered: Talanoa) -> None:
    command = [sys.executable, "-m", "bot", "--db", f"sqlite+aiosqlite:///{Path('talanoa.db').absolute()}"]
    done = subprocess.run(
        [*command, "results", "ferry", "--format", name],
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    begins = {
        "csv": b"respondent,",
        "xlsx": b"PK",
        "sav": b"$FL2",
        "parquet": b"PAR1",
        "ddi": b"<?xml",
        "html": b"<!doctype",
    }
    assert done.stdout.startswith(begins[name])
    if name == "csv":
        assert len(list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))) > 5


def test_a_terminal_is_not_filled_with_bytes(answered: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = answered("results", "ferry", "--format", "xlsx")
    assert done.status == 2
    assert "--format xlsx is no text. Give a file with --output." in " ".join(done.err.split())
    assert answered("results", "ferry", "--format", "csv").out.startswith("respondent,")


@pytest.mark.parametrize("name", ["sav", "parquet"])
def test_libraries_that_are_not_there_are_named(
    name: str, answered: Talanoa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    for module in ("frames", "sav_writer", "parquet_writer"):
        monkeypatch.delitem(sys.modules, f"bot.results.{module}", raising=False)
    done = answered("results", "ferry", "--format", name, "--output", "out")
    assert done.status == 2
    assert f"--format {name} needs libraries more." in done.err
    assert "pip install 'talanoa[statistics]'" in done.err
    assert not Path("out").exists()
    assert answered("results", "ferry", "--format", "xlsx", "--output", "out.xlsx").status == 0


def test_a_file_that_cannot_be_written_leaves_what_was_there(answered: Talanoa) -> None:
    for name in RESULT_FORMATS:
        done = answered("results", "ferry", "--format", name, "--output", f"nowhere/out.{name}")
        assert done.status == 1, name
        assert f"nowhere/out.{name} cannot be written" in done.err
        assert "Give another --output." in done.err


def test_indicators_are_no_rows(answered: Talanoa) -> None:
    done = answered("results", "ferry", "--indicators", "--format", "sav", "--output", "out.sav")
    assert done.status == 2
    assert "Take --format table, json or csv." in done.err


def test_a_page_has_the_scores_of_the_indicators(talanoa: Talanoa) -> None:
    talanoa("round", "create", "metep", "--code", "fiji", "--minimum-cell", "0", "--open")
    talanoa("simulate", "fiji", "--respondents", "12", "--seed", "2")
    document = talanoa("results", "fiji", "--indicators", "--format", "json").json
    scores = [
        number["score"]
        for column in document["columns"]
        for number in column["numbers"]
        if number["score"] is not None
    ]
    assert len(scores) > 20
    assert talanoa("results", "fiji", "--format", "html", "--output", "fiji.html").status == 0
    page = Path("fiji.html").read_text(encoding="utf-8")
    shown = re.findall(
        r'<td class="bar"><i style="inline-size:([0-9.]+)%"></i></td><td class="n">\d+</td><td', page
    )
    assert [float(width) for width in shown[-len(scores) :]] == [
        pytest.approx(score * 100, abs=0.051) for score in scores
    ]


def test_every_format_is_documented() -> None:
    page = (ROOT / "docs" / "rounds-and-results.md").read_text(encoding="utf-8")
    assert [name for name in RESULT_FORMATS[1:] if f"--format {name}" not in page] == []
