"""Every command as somebody at a terminal uses it."""

from __future__ import annotations

import argparse
import getpass
import io
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from bot import __version__
from bot.cli import parser
from tests.support.botapi import BotApi
from tests.support.commands import Talanoa, answers, stored
from tests.support.program import FERRY

MARKET = Path(__file__).parent / "data" / "questionnaires" / "market"
ROOT = Path(__file__).parents[1]


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


def test_a_command_on_a_current_database_imports_no_migrations(ferry: Talanoa) -> None:
    code = "import sys; from bot.cli import run; run(sys.argv[1:]); print('alembic' in sys.modules)"
    assert ferry("round", "list").status == 0
    command = [sys.executable, "-c", code, "round", "list"]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert "ferry" in done.stdout.lower()
    assert done.stdout.endswith("False\n")


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
    early = talanoa("round", "publish", code)
    assert (early.status, "Only a round that is closed can." in early.err) == (1, True)
    moves = {"open": "open", "close": "closed", "publish": "published", "reopen": "open"}
    for command, state in moves.items():
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


def test_links_as_pictures_for_posters(ferry: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ferry("round", "links", "ferry", "--qr", "posters")
    assert refused.status == 1
    assert "no link that a QR code could hold" in refused.err
    assert not Path("posters").exists()
    monkeypatch.setenv("TALANOA_PUBLIC_URL", "https://example.org/")
    with BotApi.start() as api:
        monkeypatch.setenv("TALANOA_TELEGRAM_TOKEN", api.token)
        monkeypatch.setenv("TALANOA_TELEGRAM_API_URL", api.url)
        done = ferry("round", "links", "ferry", "--source", "village-office", "--qr", "posters")
    assert (done.status, done.err) == (0, "8 files written to posters\n")
    found = {}
    for picture in Path("posters").glob("*.png"):
        (code,) = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
        found[picture.stem] = code.text
    assert found == {
        "ferry": "https://example.org/c/ferry",
        "ferry-telegram": "https://t.me/talanoa_bot?start=ferry",
        "ferry-village-office": "https://example.org/c/ferry-village-office",
        "ferry-village-office-telegram": "https://t.me/talanoa_bot?start=ferry-village-office",
    }
    for name, link in found.items():
        drawn = Path("posters", f"{name}.svg").read_text(encoding="utf-8")
        assert drawn.startswith("<?xml")
        assert f"<title>{link}</title>" in drawn
    monkeypatch.delenv("TALANOA_TELEGRAM_TOKEN")
    Path("file").touch()
    done = ferry("round", "links", "ferry", "--qr", "file")
    assert (done.status, done.err.startswith("talanoa: file cannot be written")) == (1, True)


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
