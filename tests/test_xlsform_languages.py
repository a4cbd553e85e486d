"""The languages of a form's columns: what people call them, and columns that name none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.authoring.xlsform.languages import tag_of
from bot.authoring.yaml_reader import read_questionnaire


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Français (fr)", "fr"),
        ("French", "fr"),
        ("fra", "fr"),
        ("Portugues (BR)", "pt-br"),
        ("Français (CA)", "fr-ca"),
        ("Español (ES)", "es"),
        ("English (EN)", "en"),
        ("Kreyòl Ayisyen (ht)", "ht"),
        ("The coast", None),
    ],
)
def test_a_language_is_known_by_its_tag_or_its_name(name: str, tag: str | None) -> None:
    assert tag_of(name) == tag


@pytest.mark.parametrize(
    ("columns", "texts"),
    [
        ("label | label::French", {"en": "one", "fr": "two"}),
        ("label::English | hint", {"en": "one"}),
        ("label::French | hint", {"fr": "one"}),
        ("label | label::English", {"en": "two"}),
        ("label::default | hint", {"en": "one"}),
        ("label:Spanish | hint:Spanish", {"es": "one"}),
    ],
)
def test_a_column_without_a_language_is_in_the_one_that_lacks_it(
    columns: str, texts: dict[str, str], tmp_path: Path
) -> None:
    form = tmp_path / "form.md"
    form.write_text(
        f"| survey |\n| | type | name | {columns} |\n| | text | a | one | two |\n", encoding="utf-8"
    )
    assert read_questionnaire(form).questions["a"].label.texts == texts
