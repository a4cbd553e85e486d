"""Files in a folder beside the rows that name them, at a terminal."""

from __future__ import annotations

import csv
import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run
from bot.results.sent_files import extension
from bot.settings import SETTINGS
from tests.support.s3 import BUCKET, s3_server
from tests.support.workers import free_port

HOUSE = Path(__file__).parent / "data" / "house"
PICTURE = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a round that asks for files, and files to send."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    assert run(["questionnaire", "publish", str(HOUSE)]) == 0
    assert run(["round", "create", "house", "--code", "house", "--minimum-cell", "0", "--open"]) == 0
    (tmp_path / "my house.jpg").write_bytes(PICTURE)
    (tmp_path / "tool.pdf").write_bytes(b"\x7fELF")
    (tmp_path / "notes.txt").write_text("notes")
    return tmp_path


def talk(desk: Path, *lines: str) -> None:
    (desk / "script").write_text("\n".join(["1", *lines]))
    assert run(["chat", "house", "--input", "script"]) == 0


def rows(desk: Path, *options: str) -> list[dict[str, Any]]:
    assert run(["results", "house", "--format", "csv", "--output", "house.csv", *options]) == 0
    with (desk / "house.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_each_file_has_the_name_that_its_row_says(desk: Path) -> None:
    for number in range(5):
        (desk / "my house.jpg").write_bytes(PICTURE + bytes([number]))
        talk(desk, "file:my house.jpg", "skip", "skip", f"person {number}")
    people = rows(desk, "--files", "out")
    assert len(people) == 5
    for person in people:
        assert person["house"] == f"{person['respondent']}-house.jpg"
        number = int(person["words"].split()[1])
        assert (desk / "out" / person["house"]).read_bytes() == PICTURE + bytes([number])
    assert len(list((desk / "out").iterdir())) == 5


def test_a_row_says_why_there_is_no_file(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk(desk, "file:my house.jpg", "file:none.ogg", "skip", "file:tool.pdf", "photo sealed:x 1 image/png")
    assert "Send a voice message." in capsys.readouterr().out, "a file that is not there is words"
    (person,) = rows(desk)
    assert person["house"] == "1-house.jpg"
    assert person["paper"] == "refused"
    assert person["words"] == "photo sealed:x 1 image/png"
    (desk / "my house.jpg").unlink()


def test_an_answer_that_is_off_the_route_or_skipped_has_no_file(desk: Path) -> None:
    talk(desk, "file:my house.jpg", "skip", "skip", "words", "1", "skip")
    assert rows(desk, "--files", "out")[0]["house"] == ""
    assert list((desk / "out").iterdir()) == []


def test_what_is_lost_or_unknown_is_found_and_can_be_removed(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(desk, "file:my house.jpg", "skip", "file:notes.txt", "words")
    assert run(["db", "check"]) == 0
    kept = sorted(file for file in (desk / "talanoa.db.files").glob("*/*"))
    assert len(kept) == 2
    assert all(PICTURE not in file.read_bytes() for file in kept)
    kept[0].rename(kept[0].with_name("e" * 30))
    capsys.readouterr()
    assert run(["db", "check"]) == 1
    told = capsys.readouterr().out
    assert "1 files are not in talanoa.db.files" in told
    assert "1 files in talanoa.db.files belong to no answer" in told
    people = rows(desk, "--files", "out")
    assert len(people) == 1
    assert len(list((desk / "out").iterdir())) == 1
    assert "1 files are not there any more" in capsys.readouterr().err
    assert run(["retention", "run", "--unknown-files"]) == 0
    assert "unknown files: 0 deleted" in capsys.readouterr().out, "it may be on its way"


def test_one_that_does_not_open_keeps_back_none_of_the_others(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(desk, "file:my house.jpg", "skip", "file:notes.txt", "words")
    next((desk / "talanoa.db.files").glob("*/*")).write_bytes(b"damaged")
    assert run(["results", "house", "--format", "csv", "--output", "house.csv", "--files", "out"]) == 1
    told = capsys.readouterr().err
    assert "1 files written to out" in told
    assert "1 files do not open" in told
    assert len(list((desk / "out").iterdir())) == 1


def test_what_cannot_be_written_or_reached_is_said(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(desk, "file:my house.jpg", "skip", "skip", "words")
    wanted = ["results", "house", "--format", "csv", "--output", "house.csv", "--files"]
    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", _no_space)
        assert run([*wanted, "out"]) == 1
    assert "1-house.jpg cannot be written: No space left on device" in capsys.readouterr().err
    monkeypatch.setenv("TALANOA_FILES", "s3://bucket")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    for command in ([*wanted, "more"], ["db", "check"], ["retention", "run", "--unknown-files"]):
        assert run(command) == 1
        told = capsys.readouterr().err
        assert "Files cannot be reached at s3://bucket" in told
        assert "a secret" not in told


def _no_space(self: Path, content: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "line", ["~nobody-at-all", "file:~nobody-at-all/x", "file:" + "a" * 1900, "file:/dev/zero", "file:"]
)
def test_what_is_no_path_is_words(desk: Path, line: str) -> None:
    talk(desk, "skip", "skip", "skip", line)
    assert rows(desk)[0]["words"] == line


def test_files_go_to_an_empty_folder_with_a_csv(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "out").mkdir()
    (desk / "out" / "1-house.jpg").write_bytes(b"of another time")
    assert run(["results", "house", "--format", "csv", "--files", "out"]) == 1
    assert "people have other numbers each time" in capsys.readouterr().err
    for wrong in (["--files", "new"], ["--format", "csv", "--indicators", "--files", "new"]):
        assert run(["results", "house", *wrong]) == 2
    assert not (desk / "new").exists()


def test_simulated_people_send_nothing_that_could_be_fetched(desk: Path) -> None:
    assert run(["simulate", "house", "--respondents", "10"]) == 0
    people = rows(desk, "--files", "out")
    assert {person["house"] for person in people} <= {"failed", ""}
    assert list((desk / "out").iterdir()) == []


def test_forgetting_removes_the_file_at_once(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda length: "ab" * length)
    talk(desk, "file:my house.jpg", "skip", "skip", "words")
    assert len(list((desk / "talanoa.db.files").glob("*/*"))) == 1
    assert run(["forget", "ab" * 8, "--channel", "terminal"]) == 0
    assert list((desk / "talanoa.db.files").glob("*/*")) == []


def test_forgetting_beside_another_program_leaves_no_words_in_the_log(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda length: "ab" * length)
    with closing(sqlite3.connect(desk / "talanoa.db")) as serving:
        serving.execute("SELECT count(*) FROM answers").fetchall()
        talk(desk, "skip", "skip", "skip", "what nobody else would say")
        assert b"nobody else" in b"".join(
            file.read_bytes() for file in desk.glob("talanoa.db*") if file.is_file()
        )
        assert run(["forget", "ab" * 8, "--channel", "terminal"]) == 0
        assert b"nobody else" not in b"".join(
            file.read_bytes() for file in desk.glob("talanoa.db*") if file.is_file()
        )


def test_files_are_kept_in_a_bucket(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with s3_server() as settings:
        (desk / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in settings.items())
            + f"TALANOA_FILES=s3://{BUCKET}/house\n"
        )
        talk(desk, "file:my house.jpg", "skip", "skip", "words")
        assert not (desk / "talanoa.db.files").exists()
        (person,) = rows(desk, "--files", "out")
        assert (desk / "out" / person["house"]).read_bytes() == PICTURE
        capsys.readouterr()
        run(["doctor"])
        told = capsys.readouterr().out
        assert f"ok  files: s3://{BUCKET}/house can be written and read" in told
        assert "AWS_SECRET_ACCESS_KEY: set" in told
        assert settings["AWS_SECRET_ACCESS_KEY"] not in told
        assert run(["db", "check"]) == 0


def test_a_doctor_looks_at_the_place_of_files(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["doctor"])
    told = capsys.readouterr().out
    assert "ok  files: talanoa.db.files can be written and read" in told
    assert "ok  viruses: files are not scanned → set TALANOA_CLAMD" in told
    monkeypatch.setenv("TALANOA_FILES", str(desk / "notes.txt"))
    monkeypatch.setenv("TALANOA_CLAMD", str(desk / "none.ctl"))
    assert run(["doctor"]) == 1
    told = capsys.readouterr().out
    assert f"BAD files: {desk / 'notes.txt'} cannot be written and read (FileExistsError)" in told
    assert "BAD viruses: clamd does not answer" in told
    for limit in ("0", "101", "many"):
        monkeypatch.setenv("TALANOA_FILE_LIMIT", limit)
        assert run(["doctor"]) == 1
        assert "BAD files: TALANOA_FILE_LIMIT is" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("media_type", "end"),
    [
        ("image/jpeg", "jpg"), ("image/png", "png"), ("audio/ogg", "ogg"), ("video/mp4", "mp4"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("application/vnd.oasis.opendocument.text", "odt"), ("application/pdf", "pdf"),
        ("image/x-exe", "bin"), ("video/exe", "bin"), ("", "bin"), (None, "bin"),
    ],
)  # fmt: skip
def test_the_end_of_a_name_never_runs(media_type: str | None, end: str) -> None:
    assert extension(media_type) == end
