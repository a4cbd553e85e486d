"""`check`, `publish` and `show` with XLSForms, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import run
from tests.support.forms import FORM, workbook, write

Talanoa = Callable[..., tuple[int, str, str]]
HOME = """key: home
version: 1
title: Home
default_language: en
sections:
  - name: form
    title: Home
    questions:
      - name: people
        type: integer
        label: How many people are in your home?
      - name: change
        type: text
        label: What would you change?
"""


@pytest.fixture
def talanoa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talanoa:
    """The command line in an empty folder with a database of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def test_check_prints_the_cell_and_counts_forms_like_any_questionnaire(talanoa: Talanoa) -> None:
    write(Path(), "good.xlsx", workbook())
    write(Path(), "bad.md", FORM.replace("integer", "integr").encode())
    assert talanoa("check", "good.xlsx") == (0, "0 errors, 0 warnings in 1 questionnaire.\n", "")
    status, out, _ = talanoa("check", "good.xlsx", "bad.md")
    assert (status, out) == (
        1,
        "bad.md:survey!A2: There is no question type `integr`. Did you mean `integer`?\n"
        "1 error, 0 warnings in 2 questionnaires.\n",
    )
    status, out, _ = talanoa("check", "--json", "bad.md")
    [problem] = json.loads(out)
    assert (problem["sheet"], problem["line"], problem["column"]) == ("survey", 2, 1)


def test_check_counts_each_questionnaire_of_a_folder(talanoa: Talanoa) -> None:
    write(Path(), "form.xlsx", workbook())
    for name in ("one", "two"):
        Path("all", name).mkdir(parents=True)
        Path("all", name, "questionnaire.yaml").write_text(HOME, encoding="utf-8")
    assert talanoa("check", "all", "form.xlsx")[1] == "0 errors, 0 warnings in 3 questionnaires.\n"


def test_a_form_is_published_shown_and_written_back(talanoa: Talanoa) -> None:
    write(Path(), "form.xlsx", workbook())
    assert talanoa("questionnaire", "publish", "form.xlsx")[1] == (
        "Published home@1: 2 questions, languages en.\n"
    )
    assert talanoa("questionnaire", "show", "home", "--as", "yaml")[1] == HOME
    assert talanoa("questionnaire", "show", "home", "--as", "xlsform", "--output", "again.xlsx") == (
        0,
        "",
        "",
    )
    assert talanoa("questionnaire", "show", "again.xlsx", "--as", "yaml")[1] == HOME
    assert talanoa("questionnaire", "diff", "form.xlsx", "home")[0] == 0, "the same version twice"
    assert talanoa("questionnaire", "show", "home", "--as", "yaml", "--output", "home.yaml") == (0, "", "")
    assert Path("home.yaml").read_text(encoding="utf-8") == HOME


def test_a_workbook_needs_a_file_that_can_be_written(talanoa: Talanoa) -> None:
    write(Path(), "form.xlsx", workbook())
    status, _, said = talanoa("questionnaire", "show", "form.xlsx", "--as", "xlsform")
    assert status == 2
    assert "--output FILE" in said
    show = ("questionnaire", "show", "form.xlsx", "--as", "xlsform", "--output")
    status, _, said = talanoa(*show, "nowhere/form.xlsx")
    assert status == 1
    assert "nowhere/form.xlsx cannot be written" in said
