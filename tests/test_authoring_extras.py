"""Calculations, filters, defaults and repeats in files: read, checked, written again, published and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.documents import (
    questionnaire_from_documents,
    structure_document,
    structure_hash,
    text_documents,
)
from bot.authoring.formats import NEWEST, STEPS, newest
from bot.authoring.outline import outline
from bot.authoring.problems import Severity
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.errors import TalanoaError
from bot.flows.questionnaire import Questionnaire

DATA = Path(__file__).parent / "data"
HOUSEHOLD = Path(__file__).parents[1] / "docs" / "examples" / "household" / "questionnaire.yaml"
EXTRAS = """
key: extras
version: 3
title: Everything else
default_language: en
choices:
  fruit:
    - {name: fig, label: Fig, filters: {season: dry, colour: "no"}}
    - {name: lime, label: Lime, filters: {season: wet}}
sections:
  - name: one
    title: One
    questions:
      - name: season
        type: text
        label: Which season is it?
        guidance_hint: Dry or wet.
        default: dry
        required: true
        required_message: We need the season.
        appearance: multiline
      - name: fruit
        type: select_multiple fruit or_other
        label: Which fruit do you like?
        required: "${season} = 'dry'"
        choice_filter: season = ${season}
        randomize: true
        default: fig
      - {name: shown, type: integer, label: "Seven: ${shown}", default: 7, read_only: true}
      - {name: district, type: hidden}
      - {name: length, type: calculate, label: The length, calculation: "string-length(${season})"}
  - name: two
    title: Two
    repeat: {name: trees, count: "${length}", most: 4}
    questions:
      - {name: height, type: decimal, label: "How high is tree ${season}?"}
---
language: fr
title: Tout le reste
choices:
  fruit: {fig: Figue, lime: Citron}
sections: {one: Un, two: Deux}
questions:
  season:
    label: Quelle saison est-ce ?
    guidance_hint: Sèche ou humide.
    required_message: Il nous faut la saison.
  fruit: {label: Quels fruits aimez-vous ?}
  shown: {label: "Sept : ${shown}"}
  length: {label: La longueur}
  height: {label: "Quelle est la hauteur de ${season} ?"}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "extras.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def extras(tmp_path: Path) -> Questionnaire:
    return read_questionnaire(written(tmp_path, EXTRAS))


def test_everything_is_read(extras: Questionnaire) -> None:
    season, fruit = extras.questions["season"], extras.questions["fruit"]
    assert (season.required, season.default, season.appearance) == (True, "dry", "multiline")
    assert season.required_message is not None
    assert season.required_message.in_language("fr") == "Il nous faut la saison."
    assert fruit.required_when is not None
    assert (fruit.required, fruit.randomize, fruit.required_when.source) == (False, True, "${season} = 'dry'")
    assert fruit.choices[0].filters == {"season": "dry", "colour": "no"}
    assert extras.questions["shown"].read_only
    assert [q.name for s in extras.sections for q in s.questions][-4:] == [
        f"height[{n}]" for n in range(1, 5)
    ]


def test_the_programs_own_words_are_there_in_each_language(extras: Questionnaire) -> None:
    other = extras.questions["fruit"].choices[-1]
    assert other.name == "other"
    assert set(other.label.texts) == {"en", "fr"}
    assert set(extras.questions["fruit_other"].label.texts) == {"en", "fr"}


@pytest.mark.parametrize("name", ["extras", "household"])
def test_yaml_and_documents_give_back_what_was_read(name: str, tmp_path: Path) -> None:
    made = read_questionnaire(HOUSEHOLD if name == "household" else written(tmp_path, EXTRAS))
    again = read_questionnaire(written(tmp_path, to_yaml(made)))
    assert again == made
    structure, texts = structure_document(made), text_documents(made)
    stored = [json.loads(json.dumps(document)) for document in (structure, texts)]
    assert questionnaire_from_documents(*stored) == made
    assert structure_hash(structure_document(again)) == structure_hash(structure)


def test_the_outline_names_each_question_once(extras: Questionnaire) -> None:
    assert outline(extras, "en").count("How high is tree") == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{name: district, type: hidden}", "{name: district, type: calculate}", "A `calculate` computes nothing."),
        ("type: hidden}", 'type: hidden, calculation: "1"}', "takes no `calculation`"),
        ("type: hidden}", "type: hidden, required: true}", "filled in, not answered"),
        ("choice_filter: season = ${season}", "choice_filter: sesaon = ${season}", "Did you mean season?"),
        ("appearance: multiline", "choice_filter: name = 'x'", "There are no choices of its own here"),
        ("appearance: multiline", "randomize: true", "`randomize` means nothing here"),
        ("appearance: multiline", "or_other: true", "`or_other` means nothing here"),
        ("default: fig", "default: melon", "`melon` is not among the choices"),
        ("default: 7", "default: seven", "`seven` is no answer to a `integer`"),
        (
            "default: dry",
            "default: dry\n        constraint: \". = 'wet'\"",
            "does not meet the question's own constraint",
        ),
        ("default: 7", 'default: "${nothing}"', "There is no question nothing"),
        ("required: \"${season} = 'dry'\"", 'required: "${saeson}"', "Did you mean ${season}?"),
        ('"string-length(${season})"', '"string-length(${length})"', "`length` would be worked out from itself"),
        ('"string-length(${season})"', '"count(${height}) + 1"', "wait for one another"),
        ('"string-length(${season})"', '"position(..)"', "there is none here"),
        ('"string-length(${season})"', '"${trees} + 1"', "${trees} is a repeat"),
        ('"string-length(${season})"', '"strlen(${season})"', "There is no function strlen()"),
        ('"string-length(${season})"', '"digest(${season})"', "cannot be used in a conversation"),
        ("name: trees,", "name: fruit,", "The name of the repeat `fruit` is already used"),
        ("most: 4", "most: 0", "at most 0 turns"),
        ("most: 4", "most: 4000", "more than 3,000"),
        ("most: 4", "most: 1.5", "Use a whole number."),
        ("most: 4", "mst: 4", "Did you mean `most`?"),
        ("name: height,", "name: fruit_other,", "`or_other` makes a question `fruit_other`"),
        ("filters: {season: wet}", "filter: {season: wet}", "Did you mean `filters`?"),
        ("guidance_hint: Sèche ou humide.", "guidance_hnt: Sèche.", "Did you mean `guidance_hint`?"),
        ("label: Quelle saison est-ce ?", 'label: ""', "is empty"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert EXTRAS.count(old) == 1
    problems = problems_of(written(tmp_path, EXTRAS.replace(old, new)))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert any(said in str(problem) for problem in errors), [*map(str, problems)]
    assert all(problem.line for problem in errors)


def test_the_files_that_are_broken_here_are_good(tmp_path: Path) -> None:
    assert problems_of(written(tmp_path, EXTRAS)) == []
    assert problems_of(HOUSEHOLD) == []


TURNS = """
key: turns
version: 1
title: Turns
default_language: en
sections:
  - name: one
    title: One
    repeat: {name: people, most: 3}
    questions:
      - {name: age, type: integer, label: How old?}
      - {name: total, type: calculate, calculation: "${age} + PLACE"}
"""


def test_a_turn_may_look_at_earlier_ones_but_not_at_itself(tmp_path: Path) -> None:
    for place, good in (("position(..) - 1", True), ("position(..)", False), ("${age}", False)):
        text = TURNS.replace("PLACE", f"indexed-repeat(${{total}}, ${{people}}, {place})")
        problems = problems_of(written(tmp_path, text))
        assert (problems == []) is good
        assert all("wait for one another" in p.message and "total[" in p.message for p in problems)


SWAPPED = """
key: swapped
version: 1
title: Swapped
default_language: en
choices:
  yn: [{name: "yes", label: "Yes"}, {name: "no", label: "No"}]
sections:
  - {name: one, title: One, questions: [{name: a, type: select_one yn, label: Is it so?}]}
---
language: fr
title: Échangés
choices: {yn: {"yes": Non, "no": {label: Pas du tout, synonyms: [oui]}}}
sections: {one: Un}
questions: {a: {label: Est-ce ainsi ?}}
"""


def test_yes_and_no_that_are_swapped_in_a_translation_are_named(tmp_path: Path) -> None:
    problems = problems_of(written(tmp_path, SWAPPED))
    assert [p.message for p in problems] == [
        "“Non” means no in `fr`, and the code is `yes`.",
        "“oui” means yes in `fr`, and the code is `no`.",
    ]
    good = SWAPPED.replace("Non", "Oui").replace("[oui]", "[non]")
    assert problems_of(written(tmp_path, good)) == []


def structure(number: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        (DATA / "formats" / f"structure-{number}.json").read_text(encoding="utf-8")
    )
    return found


@pytest.mark.parametrize("number", range(1, NEWEST + 1))
def test_ver_5_every_old_format_becomes_the_newest(number: int) -> None:
    assert newest(structure(number)) == structure(NEWEST)


@pytest.mark.parametrize("number", STEPS)
def test_ver_5_each_step_makes_the_next_format_and_changes_nothing_it_was_given(number: int) -> None:
    before = structure(number)
    assert STEPS[number](before) == structure(number + 1)
    assert before == structure(number)


def test_ver_5_what_was_published_before_keeps_its_format_and_hash() -> None:
    made = read_questionnaire(DATA / "questionnaires" / "market")
    assert structure_document(made)["format"] == 1
    assert structure_document(read_questionnaire(HOUSEHOLD))["format"] == 2


def test_ver_5_a_structure_of_a_later_program_is_refused_in_words() -> None:
    with pytest.raises(TalanoaError, match="stored in format 99") as refused:
        newest({**structure(1), "format": 99})
    assert refused.value.remedy == "Update the program."
