"""The files for spreadsheets and statistical programs, read by the libraries that others read them with."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection

from bot import i18n
from bot.errors import NotPossible
from bot.flows.questionnaire import Choice, Questionnaire
from bot.flows.rounds import Round
from bot.results import xlsx_writer
from bot.results.csv_writer import write_csv
from bot.results.json_writer import as_json
from bot.results.microdata import read_microdata
from bot.results.parquet_writer import write_parquet
from bot.results.sav_writer import write_sav
from bot.results.tabulate import tabulate
from bot.results.xlsx_writer import write_xlsx
from storage.store import Store
from tests.support.results import (
    Person,
    ask,
    choices,
    every_type,
    make_round,
    questionnaire,
    random_people,
    text,
)

COUNTRIES = i18n.lexicon("fr").countries

Writer = Callable[[Connection, Round, Path], None]


def csv_file(connection: Connection, round_: Round, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(read_microdata(connection, round_, rng=random.Random(5)), stream)


def xlsx_file(connection: Connection, round_: Round, path: Path) -> None:
    counted = tabulate(connection, round_.id, round_.questionnaire)
    answers = read_microdata(connection, round_, rng=random.Random(5))
    write_xlsx(answers, counted, round_, "fr", COUNTRIES, path)


def sav_file(connection: Connection, round_: Round, path: Path) -> None:
    write_sav(read_microdata(connection, round_, rng=random.Random(5)), round_, "fr", COUNTRIES, path)


def parquet_file(connection: Connection, round_: Round, path: Path) -> None:
    write_parquet(read_microdata(connection, round_, rng=random.Random(5)), round_, "fr", COUNTRIES, path)


async def files(
    store: Store, folder: Path, survey: Questionnaire, people: list[Person], **writers: Writer
) -> None:
    """Write files of one round, each named for its format."""

    def work(connection: Connection) -> None:
        round_ = make_round(connection, survey, people, minimum_cell=5)
        for name, write in writers.items():
            write(connection, round_, folder / f"r.{name}")

    await store.run(work)


def data_sheet(path: Path) -> list[dict[str, Any]]:
    header, *rows = load_workbook(path)["data"].values
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def plain(value: Any) -> str:
    """A typed value as the CSV has it."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat("T", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    return "" if value is None else str(value)


async def test_every_file_says_the_same(store: Store, tmp_path: Path) -> None:
    people = random_people(random.Random(11), 200)
    await files(
        store,
        tmp_path,
        every_type(),
        people,
        csv=csv_file,
        xlsx=xlsx_file,
        sav=sav_file,
        parquet=parquet_file,
    )

    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as stream:
        expected = [
            {name: cell.removeprefix("'") for name, cell in row.items()} for row in csv.DictReader(stream)
        ]
    assert len(expected) > 80
    as_sheet = [
        {name: plain(value) for name, value in row.items()} for row in data_sheet(tmp_path / "r.xlsx")
    ]
    assert as_sheet == expected
    frame = pl.read_parquet(tmp_path / "r.parquet")
    assert [{name: plain(value) for name, value in row.items()} for row in frame.to_dicts()] == expected
    read, meta = pyreadstat.read_sav(tmp_path / "r.sav", output_format="polars")
    names = dict(zip(expected[0], meta.column_names, strict=True))
    codes = codes_in(meta.notes)
    for number, row in enumerate(read.to_dicts()):
        said = {own: plain(codes.get(name, {}).get(row[name], row[name])) for own, name in names.items()}
        assert said == expected[number]


def codes_in(notes: list[str]) -> dict[str, dict[float, str]]:
    """What the notes of a `.sav` say each number stands for."""
    found: dict[str, dict[float, str]] = {}
    name = ""
    for word in " ".join(notes).split():
        if word.endswith(":"):
            name = word[:-1]
            found[name] = {}
        else:
            number, _, code = word.partition("=")
            found[name][float(number)] = code
    return found


async def test_spss_shows_words_and_knows_what_is_missing(store: Store, tmp_path: Path) -> None:
    survey = questionnaire(
        ask("happy", "select_one", "Happy?", choices=choices("yes", "no")),
        ask(
            "grade",
            "select_one",
            choices=(Choice("3", text("Good")), Choice("1", text("Bad"))),
        ),
        ask("age", "integer"),
        ask("topics", "select_multiple", choices=choices("health", "a-very-long-code-for-roads")),
        ask("home", "select_one", choice_list="country"),
        ask("why", "text"),
    )
    people = [
        Person(
            answers={"happy": "no", "grade": "3", "age": -99, "topics": ("health",), "home": "FJ", "why": "é"}
        ),
        Person(
            answers={"happy": None, "grade": None, "age": None, "topics": None, "home": None, "why": None}
        ),
        Person(answers={"happy": "yes", "grade": "1", "age": 7}),
    ]
    await files(store, tmp_path, survey, people, sav=sav_file)

    data, meta = pyreadstat.read_sav(tmp_path / "r.sav", user_missing=True, output_format="polars")

    assert meta.file_label == "Eau potable"
    assert meta.column_names_to_labels["happy"] == "Happy?"
    assert meta.column_names_to_labels["topics_health"] == "topics — Health"
    assert meta.variable_value_labels["happy"] == {1: "Yes", 2: "No", -99: "Skipped"}
    assert meta.variable_value_labels["grade"] == {3: "Good", 1: "Bad", -99: "Skipped"}
    assert meta.variable_value_labels["age"] == {-999: "Skipped"}
    assert meta.variable_value_labels["home"]["FJ"] == "Fidji"
    assert meta.variable_value_labels["topics_health"] == {1: "Chosen", 0: "Not chosen"}
    assert meta.missing_ranges["age"] == [{"lo": -999, "hi": -999}]
    assert "" in {one["lo"].strip() for one in meta.missing_ranges["topics"]}
    assert meta.variable_measure["happy"] == "nominal"
    assert meta.variable_measure["age"] == "scale"
    assert "happy: 1=yes 2=no" in meta.notes
    assert sorted(data["happy"]) == [-99, 1, 2]
    assert sorted(data["grade"]) == [-99, 1, 3]
    assert sorted(data["age"]) == [-999, -99, 7]
    counted, _ = pyreadstat.read_sav(tmp_path / "r.sav", output_format="polars")
    assert counted["happy"].null_count() == counted["age"].null_count() == 1
    assert counted["topics"].null_count() == counted["why"].null_count() == 2


async def test_spss_takes_every_name(store: Store, tmp_path: Path) -> None:
    names = ["a.b", "A_b", "_x", "and", "é", "n" * 70, "n" * 71, "q-1", "q_1"]
    survey = questionnaire(*(ask(name, "integer", f"“{name}” " + "é" * 300) for name in names))
    await files(store, tmp_path, survey, [Person(answers=dict.fromkeys(names, 1))], sav=sav_file)

    _, meta = pyreadstat.read_sav(tmp_path / "r.sav", output_format="polars")

    found = meta.column_names[6:]
    assert found == ["a.b", "A_b", "v_x", "and_2", "é", "n" * 64, f"{'n' * 62}_2", "q_1", "q_1_2"]
    assert len({name.casefold() for name in found}) == len(names)
    assert all(len(label.encode()) <= 255 for label in meta.column_labels)


async def test_types_are_kept(store: Store, tmp_path: Path) -> None:
    survey = questionnaire(
        ask("day", "date"),
        ask("at", "time"),
        ask("moment", "dateTime"),
        ask("count", "integer"),
        ask("size", "decimal"),
        ask("total", "calculate"),
        ask("said", "calculate"),
        ask("place", "geopoint"),
    )
    first: dict[str, Any] = {
        "day": "2024-02-29",
        "at": "14:30",
        "moment": "2024-02-29T23:59",
        "count": 10**14,
        "size": 0.1,
        "total": 2.5,
        "said": "01",
        "place": "-18.1 178.4 0 0",
    }
    people = [Person(answers=first), Person(answers={"total": 3, "said": 4, "day": "0999-01-31"})]
    await files(store, tmp_path, survey, people, parquet=parquet_file, xlsx=xlsx_file, sav=sav_file)

    frame = pl.read_parquet(tmp_path / "r.parquet")
    assert dict(zip(frame.columns[6:], frame.dtypes[6:], strict=True)) == {
        "day": pl.Date,
        "at": pl.Time,
        "moment": pl.Datetime("ms"),
        "count": pl.Int64,
        "size": pl.Float64,
        "total": pl.Float64,
        "said": pl.String,
        "place": pl.String,
    }
    row = next(row for row in frame.to_dicts() if row["count"])
    assert (row["day"], row["at"], row["moment"]) == (
        date(2024, 2, 29),
        time(14, 30),
        datetime.fromisoformat("2024-02-29T23:59"),
    )
    assert (row["total"], row["said"]) == (2.5, "01")
    sheet = {row["count"]: row for row in data_sheet(tmp_path / "r.xlsx")}
    assert sheet[10**14]["day"] == datetime.fromisoformat("2024-02-29")
    assert sheet[10**14]["at"] == time(14, 30)
    assert sheet[None]["day"] == "0999-01-31"
    data, meta = pyreadstat.read_sav(tmp_path / "r.sav", output_format="polars")
    assert {date(2024, 2, 29), date(999, 1, 31)} == set(data["day"])
    assert time(14, 30) in set(data["at"])
    assert meta.variable_measure["day"] == "scale"


async def test_a_parquet_file_brings_its_codebook(store: Store, tmp_path: Path) -> None:
    await files(store, tmp_path, every_type(), [Person(answers={"happy": "yes"})], parquet=parquet_file)

    document = json.loads(pl.read_parquet_metadata(tmp_path / "r.parquet")["talanoa"])

    assert document["round"] == {
        "code": "WATER",
        "title": "Eau potable",
        "questionnaire": "water",
        "version": 1,
    }
    by_name: Mapping[str, Any] = {one["name"]: one for one in document["variables"]}
    assert list(by_name) == pl.read_parquet(tmp_path / "r.parquet").columns
    assert by_name["happy"]["categories"] == {"yes": "Yes", "no": "No", "dont_know": "Dont know"}
    assert by_name["home"]["categories"]["FJ"] == "Fidji"
    assert by_name["rating"]["categories"] == {"1": "Mauvais", "5": "Bon"}


async def test_a_workbook_holds_no_formula_and_every_character_it_can(store: Store, tmp_path: Path) -> None:
    formulas = [f'{start}HYPERLINK("http://x.example",1)' for start in "=+-@"]
    people = [Person(answers={"why": f}, source=f) for f in formulas]
    people += [Person(answers={"why": "a\x00b\x0bc"}), Person(answers={"why": "é" * 40_000})]
    await files(store, tmp_path, questionnaire(ask("why", "text")), people, xlsx=xlsx_file)

    cells = [cell for row in load_workbook(tmp_path / "r.xlsx")["data"].iter_rows(min_row=2) for cell in row]

    assert {cell.data_type for cell in cells} == {"n", "s"}
    said = {cell.value for cell in cells if cell.data_type == "s"}
    assert said >= {*formulas, "abc", "é" * 32_767}


async def test_a_workbook_explains_its_columns_and_shows_no_more_than_the_tables(
    store: Store, tmp_path: Path
) -> None:
    people = [Person(answers={"happy": "yes"}) for _ in range(20)] + [Person(answers={"happy": "no"})] * 2
    await files(store, tmp_path, every_type(), people, xlsx=xlsx_file)

    book = load_workbook(tmp_path / "r.xlsx")

    codebook = list(book["codebook"].values)
    assert codebook[0] == ("variable", "form", "section", "label", "code", "code label")
    assert ("happy", "code", "First", "Are you happy?", "dont_know", "Dont know") in codebook
    assert ("topics/roads", "tick", "First", "topics — Roads", None, None) in codebook
    assert {row[0] for row in codebook[1:]} == set(data_sheet(tmp_path / "r.xlsx")[0])

    def shown(connection: Connection) -> dict[str, Any]:
        round_ = make_round(connection, every_type(), people, minimum_cell=5, code="AGAIN")
        return as_json(tabulate(connection, round_.id, round_.questionnaire), round_, "fr")

    document = await store.run(shown)
    (happy,) = (one for one in document["questions"] if one["name"] == "happy")
    results = {
        (row[3], row[4]): row[6]
        for row in book["results"].iter_rows(min_row=2, values_only=True)
        if row[1] == "happy"
    }
    assert happy["suppressed"]
    assert results == {
        **{(figure, None): happy[figure] for figure in ("asked", "base", "skipped")},
        **{
            ("count", choice["name"]): "suppressed" if choice["count"] is None else choice["count"]
            for choice in happy["choices"]
        },
    }


async def test_a_round_that_is_too_large_for_a_sheet_is_told_what_to_take(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_writer, "MOST_ROWS", 3)
    with pytest.raises(NotPossible, match=r"room for 3 rows .* has 4 and 7\.") as raised:
        await files(store, tmp_path, questionnaire(ask("why", "text")), [Person()] * 3, xlsx=xlsx_file)
    assert "--format csv, sav or parquet" in str(raised.value)
    assert not (tmp_path / "r.xlsx").exists()


async def test_a_round_without_answers_has_files_too(store: Store, tmp_path: Path) -> None:
    await files(store, tmp_path, every_type(), [], xlsx=xlsx_file, sav=sav_file, parquet=parquet_file)

    assert data_sheet(tmp_path / "r.xlsx") == []
    assert pl.read_parquet(tmp_path / "r.parquet").shape == (0, 19)
    assert pyreadstat.read_sav(tmp_path / "r.sav", output_format="polars")[0].shape == (0, 19)


async def test_more_rows_than_are_held_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.results.frames.CHUNK", 7)
    people = [Person(answers={"age": None if age % 5 == 0 else age}) for age in range(40)]
    await files(store, tmp_path, questionnaire(ask("age", "integer")), people, sav=sav_file)

    data, _ = pyreadstat.read_sav(tmp_path / "r.sav", user_missing=True, output_format="polars")

    assert sorted(data["age"]) == sorted([-99.0] * 8 + [float(age) for age in range(40) if age % 5])
