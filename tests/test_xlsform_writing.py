"""Questionnaires as XLSForms: what is written, ODK's converter takes, and reads back as the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from bot.authoring.check import problems_of
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.library import instrument, instrument_keys
from bot.authoring.xlsform.writer import form_of
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.flows.questionnaire import Questionnaire
from tests.support.forms import laid_out

ROOT = Path(__file__).parents[1]
FORMS = sorted((Path(__file__).parent / "data" / "xlsform").glob("*.md"))


def there_and_back(questionnaire: Questionnaire, folder: Path) -> Questionnaire:
    """The questionnaire read from the workbook that is written of it, which ODK's converter takes too."""
    file = folder / "form.xlsx"
    file.write_bytes(form_of(questionnaire))
    assert convert(str(file)).xform
    return read_questionnaire(file)


@pytest.mark.parametrize("key", instrument_keys())
def test_an_instrument_survives_the_way_through_a_workbook(key: str, tmp_path: Path) -> None:
    questionnaire = instrument(key)
    found = there_and_back(questionnaire, tmp_path)
    assert found == questionnaire
    assert to_yaml(found) == to_yaml(questionnaire)


def test_the_example_survives_the_way_through_a_workbook(tmp_path: Path) -> None:
    questionnaire = read_questionnaire(ROOT / "docs" / "examples" / "water")
    assert there_and_back(questionnaire, tmp_path) == questionnaire
    assert problems_of(tmp_path / "form.xlsx") == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_survives_the_way_through_a_version_and_a_workbook(form: Path, tmp_path: Path) -> None:
    questionnaire = read_questionnaire(laid_out(form, tmp_path))
    published = questionnaire_from_documents(structure_document(questionnaire), text_documents(questionnaire))
    assert published == questionnaire
    assert there_and_back(published, tmp_path) == questionnaire


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_survives_the_way_through_yaml(form: Path, tmp_path: Path) -> None:
    questionnaire = read_questionnaire(laid_out(form, tmp_path))
    file = tmp_path / "again.yaml"
    file.write_text(to_yaml(questionnaire), encoding="utf-8")
    assert read_questionnaire(file) == questionnaire
    assert to_yaml(read_questionnaire(file)) == file.read_text(encoding="utf-8")


def test_yaml_says_that_it_runs_elsewhere_only_where_it_would_be_refused_otherwise() -> None:
    said = {
        form.stem: "runs_elsewhere: true\n" in form.with_suffix(".txt").read_text("utf-8") for form in FORMS
    }
    assert [name for name, says in said.items() if says] == ["doubts"]


def test_a_position_counts_the_groups_that_are_written_around_a_question(tmp_path: Path) -> None:
    file = tmp_path / "nested.xlsx"
    file.write_bytes(form_of(read_questionnaire(FORMS[0].with_name("nested.md"))))
    rows = [[cell or "" for cell in row] for row in load_workbook(file)["survey"].values]
    calculation = rows[0].index("calculation")
    said = {row[1]: row[calculation] for row in rows if row[0] == "calculate"}
    assert said["pos"] == "concat(position(../../..), '/', position(../..))"


def test_each_text_of_a_workbook_is_a_text_and_each_language_a_column(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        "| survey |\n| | type | name | label::English (en) | label::pt-br |\n| | text | sum | =1+1 | 12 |\n"
    )
    file.with_suffix(".xlsx").write_bytes(form_of(read_questionnaire(file)))
    rows = list(load_workbook(file.with_suffix(".xlsx"))["survey"].values)
    assert rows[0] == ("type", "name", "label::English (en)", "label::Português (Brasil) (pt-br)")
    assert rows[2] == ("text", "sum", "=1+1", "12")
