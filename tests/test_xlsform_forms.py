"""Forms as ODK's and Kobo's users write them: what is carried, what is said about the rest, what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.problems import QuestionnaireError, Severity
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from tests.support.forms import laid_out

DATA = Path(__file__).parent / "data" / "xlsform"
FORMS = sorted(DATA.glob("*.md"))


def outcome(form: Path) -> str:
    """What the check prints about a form, and the questionnaire that is made of it."""
    said = [str(problem).removeprefix(f"{form.parent}{os.sep}") for problem in problems_of(form)]
    return "\n".join([*said, "", to_yaml(read_questionnaire(form))])


def refusals() -> Iterator[tuple[str, str, list[str]]]:
    for block in (DATA / "refusals.txt").read_text(encoding="utf-8").split("\n== ")[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        form = "\n".join(line for line in lines if line.startswith("|"))
        yield title, f"{form}\n", [line[2:] for line in lines if line.startswith("> ")]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_is_carried_and_what_is_not_is_said(form: Path, tmp_path: Path) -> None:
    assert outcome(laid_out(form, tmp_path)) == (DATA / f"{form.stem}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_each_problem_of_a_form_says_what_to_do_next(form: Path, tmp_path: Path) -> None:
    problems = problems_of(laid_out(form, tmp_path))
    assert [problem.message for problem in problems if not problem.remedy] == []


@pytest.mark.parametrize("case", list(refusals()), ids=lambda case: case[0].replace(" ", "_"))
def test_a_form_is_refused_with_sheet_row_and_remedy(
    case: tuple[str, str, list[str]], tmp_path: Path
) -> None:
    _, text, expected = case
    form = tmp_path / "form.md"
    form.write_text(text, encoding="utf-8")
    errors = [problem for problem in problems_of(form) if problem.severity is Severity.ERROR]
    assert all(error.remedy for error in errors)
    assert [str(error).removeprefix(f"{tmp_path}{os.sep}") for error in errors] == expected
    with pytest.raises(QuestionnaireError):
        read_questionnaire(form)
