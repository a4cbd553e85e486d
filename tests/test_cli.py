"""Every command as somebody at a terminal uses it."""

from __future__ import annotations

import argparse
import asyncio
import csv
import getpass
import io
import json
import sqlite3
import stat
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import __version__
from bot.cli import parser, run
from bot.settings import SETTINGS, load, secret_key
from storage.store import Store
from tests.support.botapi import BotApi
from tests.support.databases import PostgresServer
from tests.support.program import FERRY, SECRET

MARKET = Path(__file__).parent / "data" / "questionnaires" / "market"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Talanoa = Callable[..., Done]


@pytest.fixture
def talanoa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talanoa:
    """The command line in an empty folder, without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)

    def call(*arguments: str) -> Done:
        try:
            status = run(arguments)
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(status, printed.out, printed.err)

    return call


@pytest.fixture
def ferry(talanoa: Talanoa) -> Talanoa:
    """The same, with an open round on the ferry in an embedded database."""
    assert talanoa("questionnaire", "publish", str(FERRY)).status == 0
    created = talanoa("round", "create", "ferry", "--code", "ferry", "--minimum-cell", "0", "--open")
    assert created.status == 0
    return talanoa


def stored(query: str) -> list[Any]:
    """What the embedded database of this folder holds."""
    with closing(sqlite3.connect("talanoa.db")) as connection:
        return connection.execute(query).fetchall()


def answers() -> list[dict[str, Any]]:
    """The answers of each respondent."""
    found: dict[int, dict[str, Any]] = {one: {} for (one,) in stored("SELECT respondent_id FROM sessions")}
    for respondent, question, value in stored("SELECT respondent_id, question, value FROM answers"):
        found[respondent][question] = None if value is None else json.loads(str(value))
    return list(found.values())


def names() -> set[str]:
    """The files of this folder."""
    return {file.name for file in Path().iterdir()}


# The command line itself


def leaves(made: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    under = [action for action in made._actions if isinstance(action, argparse._SubParsersAction)]
    if not under:
        yield path
    for action in under:
        for name, parser_ in action.choices.items():
            yield from leaves(parser_, (*path, name))


def test_every_command_does_something_and_explains_itself(talanoa: Talanoa) -> None:
    commands = list(leaves(parser()))
    assert len(commands) >= 22
    for command in commands:
        helped = talanoa(*command, "--help")
        assert helped.status == 0
        assert helped.out.startswith(f"usage: talanoa {' '.join(command)}")
    for does in {action.get_default("does") for action in _parsers(parser()) if action.get_default("does")}:
        module, _, function = does.partition(":")
        assert callable(getattr(import_module(module), function))


def _parsers(made: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield made
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            for parser_ in action.choices.values():
                yield from _parsers(parser_)


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["round"], ["results"], ["serve", "--mode", "pigeon"], ["simulate", "x"]]
)
def test_wrong_usage_is_status_2(talanoa: Talanoa, arguments: list[str]) -> None:
    done = talanoa(*arguments)
    assert done.status == 2
    assert done.out == ""
    assert "usage: talanoa" in done.err


def test_the_version(talanoa: Talanoa) -> None:
    assert talanoa("--version").out == f"talanoa {__version__}\n"


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys\n"
        "from bot.cli import run\n"
        "try: run(['--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'sqlalchemy', 'babel', 'telegram', 'aiohttp', 'rich', 'yaml', 'asyncio', 'alembic'}\n"
        "print('slow:', sorted(slow & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: talanoa")
    assert done.stdout.endswith("slow: []\n")


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "round", "show", "nope"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("talanoa: There is no round with the code nope.")


# Talking


SCRIPT = "1\n1\n1, 3\n12\n2\nMore boats\nsubmit\n"


def test_chat_from_a_file_prints_the_transcript_and_stores_those_answers(ferry: Talanoa) -> None:
    Path("said.txt").write_text(SCRIPT, encoding="utf-8")
    done = ferry("chat", "ferry", "--language", "en", "--input", "said.txt")
    assert done.status == 0
    assert [line for line in done.out.splitlines() if line.startswith("> ")] == [
        f"> {line}" for line in SCRIPT.splitlines()
    ]
    assert done.out.index("> 12\n") < done.out.index("What do you think of the fare?")
    assert "Your receipt: ferry-" in done.out
    meant = {
        "often": "weekly",
        "reasons": ["work", "market"],
        "trips": 12,
        "fare": "dear",
        "wish": "More boats",
    }
    assert answers() == [meant]
    assert ferry("chat", "ferry", "--language", "en", "--input", "said.txt").out == done.out
    assert answers() == [meant, meant], "every run is a new person"


def test_chat_reads_what_is_piped_in(ferry: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\ufeff1\n\n3\n"))
    done = ferry("chat", "ferry", "--language", "fr", "--input", "-")
    assert done.status == 0
    assert "Que pensez-vous du prix" in done.out


def test_at_the_keyboard_a_conversation_is_resumed(ferry: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ana")
    for said, shown in (("1\n1\n", "How often"), ("1\n", "What do you take it for?"), ("", "Welcome back!")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        done = ferry("chat", "ferry")
        assert done.status == 0
        assert shown in done.out
        assert "> " not in done.out
    assert answers() == [{"often": "weekly"}]


def test_chat_without_a_code_lists_what_is_open(ferry: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    ferry("round", "create", "ferry", "--code", "second", "--title", "Again", "--open")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = ferry("chat")
    assert "1. Again" in done.out
    assert "2. The island ferry" in done.out


def test_an_instrument_is_tried_in_a_round_of_its_own(talanoa: Talanoa) -> None:
    Path("said.txt").write_text("1\n", encoding="utf-8")
    assert talanoa("chat", "metep", "--language", "es", "--input", "said.txt").status == 0
    assert talanoa("chat", "metep", "--language", "es", "--input", "said.txt").status == 0
    assert stored("SELECT code, state, minimum_cell FROM rounds") == [("try-metep", "open", 0)]
    talanoa("round", "close", "try-metep")
    assert talanoa("chat", "metep", "--input", "said.txt").status == 0
    assert stored("SELECT state FROM rounds") == [("open",)]


def test_the_demo_is_a_conversation_with_metep(talanoa: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    done = talanoa("demo", "--language", "fr")
    assert done.status == 0
    assert "METEP" in done.out
    assert "Merci." in done.out


# Questionnaires


def test_check_passes_what_is_good(talanoa: Talanoa) -> None:
    done = talanoa("check", str(FERRY), str(MARKET))
    assert done.status == 0
    assert done.out.endswith("0 errors, 0 warnings in 2 questionnaires.\n")
    assert {problem["severity"] for problem in talanoa("check", "--json", str(FERRY)).json} == {"note"}


def test_check_names_each_problem_with_its_place_and_remedy(talanoa: Talanoa) -> None:
    good = (FERRY / "questionnaire.yaml").read_text(encoding="utf-8")
    Path("bad.yaml").write_text(
        good.replace("select_one often", "select_one offen").replace("${often} != 'never'", "${oft} = 1", 1),
        encoding="utf-8",
    )
    done = talanoa("check", "bad.yaml")
    assert done.status == 1
    assert done.out.count("bad.yaml:") >= 2
    assert "error" in done.out.splitlines()[-1]
    problems = talanoa("check", "bad.yaml", "--json")
    assert problems.status == 1
    assert {problem["file"] for problem in problems.json} == {"bad.yaml"}
    assert all(problem["line"] > 0 and problem["remedy"] for problem in problems.json)


def test_the_versions_of_a_questionnaire(talanoa: Talanoa) -> None:
    assert talanoa("questionnaire", "list", "--json").json["published"] == []
    done = talanoa("questionnaire", "publish", str(FERRY))
    assert done.out == "Published ferry@1: 5 questions, languages en, fr.\n"
    assert talanoa("questionnaire", "publish", str(FERRY)).status == 0, "the same again is no change"
    [published] = talanoa("questionnaire", "list", "--json").json["published"]
    assert (published["key"], published["version"], published["languages"]) == ("ferry", 1, ["en", "fr"])
    assert "ferry@1" in talanoa("questionnaire", "list").out

    shown = talanoa("questionnaire", "show", "ferry", "--language", "fr")
    assert "Prenez-vous souvent le bac" in shown.out
    document = talanoa("questionnaire", "show", "ferry@1", "--as", "json").json
    assert set(document) == {"structure", "texts"}
    Path("copy.yaml").write_text(
        talanoa("questionnaire", "show", "ferry", "--as", "yaml").out, encoding="utf-8"
    )
    assert talanoa("check", "copy.yaml").status == 0
    assert talanoa("questionnaire", "publish", "copy.yaml").status == 0

    other = Path("copy.yaml").read_text(encoding="utf-8")
    Path("next.yaml").write_text(other.replace("version: 1", "version: 2"), encoding="utf-8")
    assert talanoa("questionnaire", "diff", "ferry", "next.yaml").status == 0
    changed = other.replace("type: integer", "type: decimal")
    Path("next.yaml").write_text(changed.replace("version: 1", "version: 2"), encoding="utf-8")
    done = talanoa("questionnaire", "diff", "ferry@1", "next.yaml")
    assert done.status == 1
    assert "`trips`" in done.out
    Path("next.yaml").write_text(changed, encoding="utf-8")
    refused = talanoa("questionnaire", "publish", "next.yaml")
    assert refused.status == 1
    assert "version" in refused.err


# Rounds


def test_the_life_of_a_round(talanoa: Talanoa) -> None:
    created = talanoa("round", "create", "metep", "--parts", "A,C", "--languages", "fr,en", "--json")
    code = created.json["code"]
    assert created.json == {"code": code, "state": "draft"}
    assert code.startswith("metep-")
    for command, state in (("open", "open"), ("close", "closed"), ("reopen", "open")):
        assert talanoa("round", command, code, "--json").json == {"code": code, "state": state}
    refused = talanoa("round", "open", code)
    assert (refused.status, refused.out) == (1, "")
    shown = talanoa("round", "show", code, "--json").json
    assert (shown["parts"], shown["languages"], shown["minimum_cell"]) == (["A", "C"], ["fr", "en"], 5)
    assert shown["respondents"]["started"] == 0
    assert [one["code"] for one in talanoa("round", "list", "--json").json] == [code]
    assert code in talanoa("round", "list").out
    assert "minimum cell" in talanoa("round", "show", code).out


def test_the_links_into_a_round(ferry: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ferry("round", "links", "FERRY").out == "/join ferry\n"
    monkeypatch.setenv("TALANOA_PUBLIC_URL", "https://example.org/")
    with BotApi.start() as api:
        monkeypatch.setenv("TALANOA_TELEGRAM_TOKEN", api.token)
        monkeypatch.setenv("TALANOA_TELEGRAM_API_URL", api.url)
        assert ferry("round", "links", "ferry", "--source", "radio").out.splitlines() == [
            "/join ferry",
            "https://t.me/talanoa_bot?start=ferry",
            "https://example.org/c/ferry",
            "/join ferry-radio",
            "https://t.me/talanoa_bot?start=ferry-radio",
            "https://example.org/c/ferry-radio",
        ]
    done = ferry("round", "links", "ferry")
    assert done.status == 1
    assert "out of reach" in done.err
    assert api.token.partition(":")[2] not in done.err


# Results


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


# Operation


def test_forgetting_somebody(ferry: Talanoa) -> None:
    ferry("simulate", "ferry", "--respondents", "3")
    assert len(answers()) == 3
    done = ferry("forget", "ferry/1/0", "--channel", "simulated")
    assert done.status == 0
    assert done.out.startswith("Erased: the address, 1 sessions,")
    assert len(answers()) == 2
    again = ferry("forget", "ferry/1/0", "--channel", "simulated")
    assert again.status == 1
    assert "Nobody with this address" in again.err
    assert ferry("db", "check").status == 0


def test_the_database_is_checked(ferry: Talanoa) -> None:
    ferry("simulate", "ferry", "--respondents", "2")
    assert ferry("db", "upgrade").status == 0
    assert ferry("db", "check").out == "The database is in order.\n"
    with closing(sqlite3.connect("talanoa.db")) as connection:
        connection.execute("UPDATE answers SET value = '\"never\"' WHERE question = 'often'")
        connection.commit()
    done = ferry("db", "check")
    assert done.status == 1
    assert "often: the row differs from the document" in done.out
    assert "BAD answers and sessions agree" in ferry("doctor").out


def test_retention_deletes_what_was_kept_long_enough(ferry: Talanoa) -> None:
    ferry("simulate", "ferry", "--respondents", "2")
    assert "inbound: 0 deleted" in ferry("retention", "run").out
    with closing(sqlite3.connect("talanoa.db")) as connection:
        connection.execute("UPDATE inbound SET at = '2020-01-01 00:00:00.000000'")
        connection.commit()
    assert "inbound: 0 deleted" not in ferry("retention", "run").out
    assert stored("SELECT * FROM inbound") == []


def test_the_doctor_looks_at_everything(talanoa: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    done = talanoa("doctor")
    assert done.status == 0
    for words in (
        "database (sqlite)",
        "Telegram: no token",
        "clock",
        "disk",
        "instrument metep@1",
        "languages",
    ):
        assert f"ok  {words}" in done.out
    with BotApi.start() as api:
        monkeypatch.setenv("TALANOA_TELEGRAM_TOKEN", api.token)
        monkeypatch.setenv("TALANOA_TELEGRAM_API_URL", api.url)
        done = talanoa("doctor")
        assert done.status == 0
        assert "the bot is @talanoa_bot" in done.out
        assert "TALANOA_TELEGRAM_TOKEN: set (environment)" in done.out
        assert api.token not in done.out
        monkeypatch.setenv("TALANOA_TELEGRAM_TOKEN", api.token[:-1] + "x")
        done = talanoa("doctor")
        assert done.status == 1
        assert "BAD Telegram" in done.out


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["chat", "nope"], 1, "no round with the code nope, and no instrument"),
        (["chat", "ferry", "--language", "tlh"], 1, "not there in tlh.\nIts languages: en, fr."),
        (["chat", "ferry", "--input", "missing.txt"], 1, "missing.txt cannot be read: No such file"),
        (["chat", "ferry", "--input", "."], 1, ". cannot be read: Is a directory"),
        (["check", "missing.yaml"], 1, "missing.yaml is not there"),
        (["questionnaire", "publish", "missing.yaml"], 1, "missing.yaml is not there"),
        (["questionnaire", "show", "nope"], 1, "no questionnaire nope"),
        (["questionnaire", "show", "ferry@9"], 1, "no questionnaire ferry@9"),
        (["questionnaire", "show", "ferry@x"], 1, "'x' is no version"),
        (["questionnaire", "show", "ferry", "--language", "tlh"], 1, "Its languages: en, fr"),
        (["round", "create", "nope"], 1, "no questionnaire nope"),
        (["round", "create", "ferry", "--code", "FERRY"], 1, "is a round 'FERRY' already"),
        (["round", "create", "ferry", "--code", "no spaces"], 1, "cannot be a code"),
        (["round", "create", "ferry", "--parts", "Z"], 1, "has no part Z"),
        (["round", "create", "ferry", "--languages", "tlh"], 1, "not translated into tlh"),
        (["round", "create", "ferry", "--minimum-cell", "-1"], 1, "cannot be below 0"),
        (["round", "create", "ferry", "--opens", "soon"], 1, "'soon' is no time"),
        (["round", "create", "ferry", "--time-zone", "Nowhere/X"], 1, "no time zone"),
        (
            ["round", "create", "ferry", "--opens", "2026-02-01", "--closes", "2026-01-01"],
            1,
            "close before it opens",
        ),
        (["round", "show", "nope"], 1, "no round with the code nope"),
        (["round", "open", "nope"], 1, "no round with the code nope"),
        (["round", "reopen", "ferry"], 1, "Round ferry is open"),
        (["round", "links", "ferry", "--source", "radio one"], 1, "cannot be in a link"),
        (["results", "nope"], 1, "no round with the code nope"),
        (["results", "ferry", "--language", "tlh"], 1, "Its languages: en, fr"),
        (["results", "ferry", "--output", "."], 1, ". cannot be written"),
        (["results", "ferry", "--format", "csv", "--output", "no/such/folder.csv"], 1, "cannot be written"),
        (["simulate", "nope", "--respondents", "1"], 1, "no round with the code nope"),
        (["simulate", "ferry", "--respondents", "0"], 1, "nobody to simulate"),
        (["simulate", "ferry", "--respondents", "1", "--language", "tlh"], 1, "Its languages: en, fr"),
        (["forget", "nobody", "--channel", "telegram"], 1, "Nobody with this address"),
        (["serve"], 2, "TALANOA_TELEGRAM_TOKEN is not set"),
        (["--db", "nonsense", "round", "list"], 2, "cannot be read"),
        (["--db", "mysql://host/name", "round", "list"], 2, "no store of kind 'mysql'"),
        (["--db", "sqlite:///:memory:", "round", "list"], 2, "needs a file"),
        (["--db", "sqlite+aiosqlite:///no/such/folder.db", "round", "list"], 2, "No such file or directory"),
        (["--db", "sqlite+aiosqlite:///junk.db", "round", "list"], 2, "file is not a database"),
        (["--db", "sqlite+aiosqlite:///junk.db", "db", "check"], 2, "file is not a database"),
        (["--db", "sqlite+aiosqlite:///junk.db", "db", "upgrade"], 2, "file is not a database"),
        (["round", "list", "--db", "sqlite+aiosqlite:///junk.db"], 2, "file is not a database"),
    ],
)
def test_what_goes_wrong_is_said_with_what_to_do(
    ferry: Talanoa, arguments: list[str], status: int, words: str
) -> None:
    Path("junk.db").write_text("this is something else entirely, and long enough to be looked at")
    before = stored("SELECT * FROM sessions"), names()
    done = ferry(*arguments)
    assert done.status == status
    assert words in done.err
    assert done.err.startswith("talanoa: ")
    assert done.out == ""
    assert (stored("SELECT * FROM sessions"), names() - {"junk.db.key"}) == before


def test_a_closed_round_is_not_simulated(ferry: Talanoa) -> None:
    ferry("round", "close", "ferry")
    done = ferry("simulate", "ferry", "--respondents", "1")
    assert done.status == 1
    assert "Round ferry is closed" in done.err


def test_postgresql_wants_a_secret_a_schema_and_an_answer(
    talanoa: Talanoa, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.database() as url:
        done = talanoa("--db", url, "round", "list")
        assert done.status == 2
        assert "TALANOA_SECRET_KEY is not set" in done.err
        monkeypatch.setenv("TALANOA_SECRET_KEY", "too short")
        assert "shorter than 16" in talanoa("--db", url, "round", "list").err
        monkeypatch.setenv("TALANOA_SECRET_KEY", SECRET)
        done = talanoa("--db", url, "round", "list")
        assert done.status == 2
        assert "talanoa db upgrade" in done.err
        done = talanoa("--db", url, "db", "check")
        assert (done.status, "talanoa db upgrade" in done.out) == (1, True)
        assert "BAD database (postgresql)" in talanoa("--db", url, "doctor").out
        assert talanoa("--db", url, "db", "upgrade").status == 0
        assert talanoa("--db", url, "round", "list", "--json").json == []
        assert talanoa("--db", url, "db", "check").status == 0
    missing = talanoa("--db", url, "round", "list")
    assert missing.status == 2
    assert "The database cannot be used" in missing.err
    silent = talanoa("--db", "postgresql+asyncpg://me:hush@127.0.0.1:9/none", "round", "list")
    assert silent.status == 2
    assert "hush" not in silent.err


# Settings


def test_settings_come_from_the_nearest_place(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("TALANOA_DATABASE_URL=from-file\nTALANOA_PUBLIC_URL=https://file\n")
    environment = {"TALANOA_DATABASE_URL": "from-environment", "TALANOA_TELEGRAM_TOKEN": ""}
    named = load(environment, env_file, "from-command-line")
    assert [named.values["TALANOA_DATABASE_URL"], named.origins["TALANOA_DATABASE_URL"]] == [
        "from-command-line",
        "--db",
    ]
    settings = load(environment, env_file)
    assert settings.values["TALANOA_DATABASE_URL"] == "from-environment"
    assert settings.values["TALANOA_PUBLIC_URL"] == "https://file"
    assert settings.origins["TALANOA_PUBLIC_URL"] == str(env_file)
    assert settings.values["TALANOA_TELEGRAM_TOKEN"] == ""
    assert load({}, env_file).values["TALANOA_DATABASE_URL"] == "from-file"
    assert load({}, tmp_path / "none").origins["TALANOA_DATABASE_URL"] == "default"


def test_settings_in_the_folder_are_read(talanoa: Talanoa) -> None:
    Path(".env").write_text("TALANOA_DATABASE_URL=sqlite+aiosqlite:///from_env.db\n")
    assert talanoa("round", "list").status == 0
    assert Path("from_env.db").exists()
    assert talanoa("--db", "sqlite+aiosqlite:///named.db", "round", "list").status == 0
    assert Path("named.db").exists()
    assert not Path("talanoa.db").exists()


def test_the_secret_is_made_once_and_kept_from_others(talanoa: Talanoa) -> None:
    talanoa("round", "list")
    key_file = Path("talanoa.db.key")
    made = key_file.read_bytes()
    assert len(made.strip()) >= 32
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    talanoa("round", "list")
    assert key_file.read_bytes() == made
    assert names() == {"talanoa.db", "talanoa.db.key"}
    key_file.write_bytes(b"short")
    done = talanoa("round", "list")
    assert done.status == 2
    assert "holds no usable key" in done.err


def test_programs_that_start_together_make_one_secret(tmp_path: Path) -> None:
    settings = load({}, tmp_path / "none", f"sqlite+aiosqlite:///{tmp_path / 'talanoa.db'}")
    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(lambda _: secret_key(settings), range(64)))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["talanoa.db.key"]
