"""The status of an answer has a column of its own, whatever the choices are called."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from bot.results.csv_writer import write_csv
from bot.results.microdata import read_microdata
from bot.results.parquet_writer import write_parquet
from storage.store import Store
from tests.support.results import Person, ask, choices, make_round, questionnaire


async def test_a_choice_that_is_called_status(store: Store, tmp_path: Path) -> None:
    survey = questionnaire(ask("worry", "select_multiple", choices=choices("status", "pay")))

    def work(connection: Connection) -> None:
        round_ = make_round(connection, survey, [Person(answers={"worry": ("status",)})])
        with (tmp_path / "r.csv").open("w", encoding="utf-8", newline="") as stream:
            write_csv(read_microdata(connection, round_, with_status=True), stream)
        answers = read_microdata(connection, round_, with_status=True)
        write_parquet(answers, round_, "en", {}, tmp_path / "r.parquet")

    await store.run(work)

    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    found = {name: value for name, value in row.items() if name.startswith("worry/")}
    assert found == {"worry/status": "1", "worry/pay": "0", "worry/answer_status": "answered"}
    (same,) = pl.read_parquet(tmp_path / "r.parquet").to_dicts()
    assert {name: str(same[name]) for name in found} == found
