"""Two questionnaires that ask in the same words: the words stand once, and neither can drift from the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.yaml_reader import read_questionnaire

BEFORE = """\
key: before
version: 1
title: Before the works
default_language: en
sections:
  - name: road
    title: The road
    questions:
      - {name: safe, type: select_one agree5, label: The road is safe., hint: How far is this true?}
      - {name: why, type: text, label: Why do you think so?}
"""
BEFORE_FR = """\
language: fr
title: Avant les travaux
sections: {road: La route}
questions:
  safe: {label: La route est sûre., hint: Dans quelle mesure est-ce vrai ?}
  why: {label: Pourquoi le pensez-vous ?}
"""
AFTER = """\
key: after
version: 1
title: After the works
default_language: en
texts_from: before
sections:
  - name: road
    questions:
      - {name: safe, type: select_one agree5, hint: How far is this true now?}
      - {name: wish, type: text, label: What is still missing?}
"""
AFTER_FR = """\
language: fr
title: Après les travaux
questions:
  safe: {hint: Dans quelle mesure est-ce vrai maintenant ?}
  wish: {label: Que manque-t-il encore ?}
"""


@pytest.fixture
def after(tmp_path: Path) -> Path:
    """The folder of a questionnaire that takes its words from one beside it."""
    for key, base, french in (("before", BEFORE, BEFORE_FR), ("after", AFTER, AFTER_FR)):
        folder = tmp_path / key
        folder.mkdir()
        (folder / "questionnaire.yaml").write_text(base, encoding="utf-8")
        (folder / "fr.yaml").write_text(french, encoding="utf-8")
    return tmp_path / "after"


def found(folder: Path) -> list[str]:
    return [str(problem).replace(f"{folder.parent}/", "") for problem in problems_of(folder)]


def test_what_has_no_words_here_has_those_of_the_other_in_every_language(after: Path) -> None:
    assert found(after) == []
    questionnaire = read_questionnaire(after)
    safe = questionnaire.questions["safe"]
    assert safe.label.texts == {"en": "The road is safe.", "fr": "La route est sûre."}
    assert questionnaire.sections[0].title.texts == {"en": "The road", "fr": "La route"}
    assert safe.hint is not None
    assert safe.hint.in_language("fr") == "Dans quelle mesure est-ce vrai maintenant ?"
    assert list(questionnaire.questions) == ["safe", "wish"]


def test_shared_words_are_translated_in_one_place_only(after: Path) -> None:
    french = after / "fr.yaml"
    french.write_text(AFTER_FR.replace("safe: {", "safe: {label: La route est bonne., "), encoding="utf-8")
    assert found(after) == [
        "after/fr.yaml:4:10: There is no `questions.safe.label` to translate. "
        "Remove it, or add the text that it translates."
    ]


def test_a_language_that_the_other_lacks_is_named_there(after: Path) -> None:
    french = after.parent / "before" / "fr.yaml"
    french.rename(after.parent / "before" / "es.yaml")
    (after.parent / "before" / "es.yaml").write_text(BEFORE_FR.replace("fr", "es", 1), encoding="utf-8")
    assert found(after) == [
        "before/fr.yaml: warning: `questions.safe.label` has no text in `fr`; people read `en` instead. "
        "Translate “The road is safe.”.",
        "before/fr.yaml: warning: `sections.road` has no text in `fr`; people read `en` instead. Translate “The road”.",
    ]


def test_what_neither_says_is_missing_here(after: Path) -> None:
    base = after / "questionnaire.yaml"
    base.write_text(AFTER.replace(", label: What is still missing?", ""), encoding="utf-8")
    assert found(after) == [
        "after/questionnaire.yaml:10:9: The key `label` of `questions.wish` is missing. Add `label: …` here."
    ]


def test_the_words_of_an_instrument_can_be_taken(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    text = AFTER.replace("texts_from: before", "texts_from: engagement_assess").replace(
        "name: safe", "name: i1_1"
    )
    text = text.replace("name: road", "name: d1")
    (folder / "questionnaire.yaml").write_text(text, encoding="utf-8")
    questionnaire = read_questionnaire(folder)
    assert questionnaire.sections[0].title.in_language("en") == "1 – Purposeful"
    assert questionnaire.questions["i1_1"].label.in_language("en").startswith("The aims of the engagement")
