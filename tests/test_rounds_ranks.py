"""Places that follow from another round, as an author writes them: `ranks` of the indicators."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.library import instrument
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.flows.indicators import Ranking

QUESTIONNAIRE = """\
key: ferry
version: 1
title: The ferry
default_language: en
choices:
  often: [{name: often, label: Often}, {name: rare, label: Rarely}]
sections:
  - name: ship
    title: The ship
    questions:
      - {name: zebra, type: hidden, default: "1"}
      - {name: ant, type: hidden, default: "2"}
      - {name: trips, type: select_one often, label: How often?}
      - {name: clean, type: range, label: How clean?, parameters: {start: 0, end: 10}}
      - {name: safe, type: range, label: How safe?, parameters: {start: 0, end: 10}}
indicators:
  axes: [{name: matter, label: Matter, values: [clean, safe]}]
  numbers: ["+"]
  cells: {clean: [clean], safe: [safe]}
  columns:
    - {name: all, label: All}
    - {name: each, label: Each, per: trips}
  follows:
    - {name: change, label: Change, questionnaire: ferry}
  ranks:
    - columns: [all]
      questions: {zebra: safe, ant: clean}
"""


def _written(folder: Path, old: str = "", new: str = "") -> Path:
    assert QUESTIONNAIRE.count(old) == 1 or not old
    (folder / "questionnaire.yaml").write_text(QUESTIONNAIRE.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_order_of_an_author_is_kept(tmp_path: Path) -> None:
    """Whatever a store does with the keys of a mapping, since equal results come in that order."""
    form = read_questionnaire(_written(tmp_path))
    assert form.indicators is not None
    assert form.indicators.rankings == (Ranking(("all",), (("zebra", "safe"), ("ant", "clean"))),)
    document = structure_document(form)
    assert document["indicators"]["ranks"][0]["questions"] == [["zebra", "safe"], ["ant", "clean"]]
    assert questionnaire_from_documents(document, text_documents(form)) == form


def test_ranks_are_written_as_they_are_read(tmp_path: Path) -> None:
    form = read_questionnaire(_written(tmp_path))
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "questionnaire.yaml").write_text(to_yaml(form), encoding="utf-8")
    again = read_questionnaire(tmp_path / "again")
    assert again.indicators is not None
    assert again.indicators == form.indicators


def test_what_has_no_ranks_is_stored_as_before() -> None:
    assert "ranks" not in structure_document(instrument("metep"))["indicators"]


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        ("zebra: safe,", "zebu: safe,", "There is no hidden question `zebu`.", "`zebra`, `ant`"),
        ("zebra: safe,", "trips: safe,", "There is no hidden question `trips`.", "`ant`"),
        ("zebra: safe,", "zebra: sae,", "There is no value `sae` of the axis `matter`.", "`safe`"),
        ("zebra: safe,", 'zebra: "+",', "`+` is not one of the numbers", "under `numbers:`"),
        ("zebra: safe,", 'zebra: "*",', "`*` is not one of the numbers", "under `numbers:`"),
        ("columns: [all]", "columns: [al]", "There is no column `al`.", "Did you mean `all`?"),
        ("columns: [all]", "columns: [each]", "`each` is computed apart for each answer", "without `per`"),
        ("    - columns: [all]\n  ", "    - ", "`columns` of `indicators.ranks[1]` is missing.", "Add"),
        (
            "      questions: {zebra: safe, ant: clean}",
            "",
            "`questions` of `indicators.ranks[1]` is missing.",
            "Add",
        ),
    ],
)
def test_check_says_what_is_wrong_with_ranks(
    tmp_path: Path, old: str, new: str, message: str, remedy: str
) -> None:
    found = problems_of(_written(tmp_path, old, new))
    assert any(message in problem.message and remedy in problem.remedy for problem in found), found
