"""What goes wrong is said with what to do, and changes nothing; and where settings come from."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.settings import load, secret_key
from tests.support.commands import Talanoa, names, stored
from tests.support.databases import PostgresServer
from tests.support.program import SECRET


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
