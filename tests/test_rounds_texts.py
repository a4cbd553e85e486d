"""What an agency says of a round on the command line: texts in several languages, and presets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from bot.cli import run
from storage.schema import rounds
from tests.support.program import FERRY

Talanoa = Callable[..., str]


@pytest.fixture
def talanoa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talanoa:
    """The program on a database of its own: what it prints, or what is wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALANOA_DATABASE_URL", raising=False)

    def call(*arguments: str) -> str:
        status = run(arguments)
        printed = capsys.readouterr()
        return printed.err if status else printed.out

    return call


def _stored(name: str) -> object:
    engine = create_engine("sqlite:///talanoa.db")
    with engine.connect() as connection:
        return connection.scalars(select(rounds.c[name])).one()


CREATE = ("round", "create", "metep", "--code", "fiji", "--languages", "en,fr,pt")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["Our round"], {"texts": {"en": "Our round"}, "default": "en"}),
        (
            ["Our round", "FR=Notre tour", "pt= A nossa "],
            {"texts": {"en": "Our round", "fr": "Notre tour", "pt": "A nossa"}, "default": "en"},
        ),
        (["fr=Notre tour"], {"texts": {"fr": "Notre tour"}, "default": "fr"}),
        (["1+1=2: schools"], {"texts": {"en": "1+1=2: schools"}, "default": "en"}),
    ],
    ids=["plain", "several", "another", "no tag"],
)
@pytest.mark.parametrize("option", ["title", "purpose", "agency"])
def test_a_round_is_described_in_several_languages(
    talanoa: Talanoa, option: str, given: list[str], kept: object
) -> None:
    talanoa(*CREATE, *(word for text in given for word in (f"--{option}", text)))
    assert _stored(option) == kept


def test_people_read_it_in_their_language(talanoa: Talanoa) -> None:
    talanoa(*CREATE, "--open", "--agency", "The Ministry", "--agency", "fr=Le Ministère")
    for language, agency in (("en", "The Ministry"), ("fr", "Le Ministère"), ("pt", "The Ministry")):
        Path("nothing").write_text("")
        assert agency in talanoa("chat", "fiji", "--language", language, "--input", "nothing")


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (["--title", "de=Hallo"], "The round is not there in de."),
        (["--title", "One", "--title", "en=Two"], "'Two' is a second text in en."),
        (["--title", "fr="], "'fr=' has no text."),
        (["--title", " "], "' ' has no text."),
        (["--preset", "district"], "'district' presets nothing."),
        (["--preset", "district="], "'district=' presets nothing."),
        (["--preset", "district=ba"], "metep has no hidden question district."),
        (["--follows", "nope"], "There is no round with the code nope."),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(
    talanoa: Talanoa, arguments: list[str], refused: str
) -> None:
    said = talanoa(*CREATE, *arguments)
    assert said.startswith(f"talanoa: {refused}\n")
    assert len(said.splitlines()) == 2
    assert json.loads(talanoa("round", "list", "--json")) == []


def test_a_hidden_question_begins_with_what_the_round_presets(talanoa: Talanoa) -> None:
    form = FERRY.joinpath("questionnaire.yaml").read_text(encoding="utf-8")
    hidden = "      - {name: port, type: hidden, default: suva}\n"
    folder = Path("ferry")
    folder.mkdir()
    at = form.index("      - ", form.index("sections:"))
    folder.joinpath("questionnaire.yaml").write_text(form[:at] + hidden + form[at:], encoding="utf-8")
    talanoa("questionnaire", "publish", "ferry")
    talanoa("round", "create", "ferry", "--code", "ferry", "--preset", "port=levuka=east", "--open")
    talanoa("simulate", "ferry", "--respondents", "5")
    rows = [line.split(",") for line in talanoa("results", "ferry", "--format", "csv").splitlines()]
    ports = {row[rows[0].index("port")] for row in rows[1:]}
    assert "levuka=east" in ports
    assert ports <= {"levuka=east", ""}
