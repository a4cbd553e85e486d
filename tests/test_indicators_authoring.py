"""Indicators as an author writes them: what check finds, and that nothing is lost on the way to a published version."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import i18n
from bot.authoring.check import problems_of
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.library import instrument
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.flows.questionnaire import Questionnaire

INSTRUMENTS = ("metep", "cesaq", "engagement_assess", "engagement_plan")

QUESTIONNAIRE = """\
key: ferry
version: 1
title: The ferry
default_language: en
choices:
  ynd:
    - {name: "yes", label: "Yes"}
    - {name: "no", label: "No"}
    - {name: dont_know, label: I don't know, exclusive: true}
  trips:
    - {name: rare, label: Rarely}
    - {name: often, label: Often}
  ways:
    - {name: phone, label: By phone}
    - {name: desk, label: At the desk}
    - {name: none, label: None, exclusive: true}
sections:
  - name: about
    title: About you
    questions:
      - {name: trips, type: select_one trips, label: How often?}
      - {name: place, type: text, label: Where?}
  - name: ship
    title: The ship
    questions:
      - {name: clean, type: select_one ynd, label: Is it clean?}
      - {name: safe, type: range, label: How safe is it?, parameters: {start: 0, end: 10}}
      - {name: vest, type: select_one ynd, label: Were there vests?, relevant: "${clean} = 'yes'"}
  - name: booking
    title: Booking
    questions:
      - {name: ways, type: select_multiple ways, label: How can it be booked?}
"""

INDICATORS = """\
axes:
  - name: matter
    label: Matter
    values: [ship, {name: booked, label: Booking}]
  - {name: way, label: Way, choices: ways}
numbers: ["+/*", "*/+"]
cells:
  ship/*: [clean, safe, vest]
  booked/+: [ways]
zero:
  vest: "${clean} = 'no'"
columns:
  - {name: often, label: Frequent travellers, of: "${trips} = 'often'"}
  - {name: rare, label: Others, of: "${trips} = 'rare'", within: place}
differences:
  - {name: gap, label: Gap, column: often, minus: rare, numbers: ["+/*"]}
follows:
  - {name: change, label: Change, questionnaire: ferry}
"""


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert INDICATORS.count(old) == 1 or not old
    (folder / "questionnaire.yaml").write_text(QUESTIONNAIRE, encoding="utf-8")
    (folder / "indicators.yaml").write_text(INDICATORS.replace(old, new, 1), encoding="utf-8")
    return folder


def test_an_agency_s_own_indicators_are_read(tmp_path: Path) -> None:
    assert problems_of(written(tmp_path)) == []
    indicators = read_questionnaire(tmp_path).indicators
    assert indicators is not None
    assert [axis.values for axis in indicators.axes] == [("ship", "booked"), ("phone", "desk")]
    assert [item.name for item in indicators.items] == ["clean", "safe", "vest", "ways"]
    assert [item.section for item in indicators.items] == ["ship", "ship", "ship", "booking"]
    assert [name for pattern in indicators.numbers for name in indicators.expand(pattern)] == [
        "ship/*",
        "booked/*",
        "*/phone",
        "*/desk",
    ]
    assert {item.name: places for item, places in indicators.members("*/desk")} == {"ways": (1,)}


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "remedy"),
    [
        (
            "[clean, safe, vest]",
            "[clean, saef, vest]",
            8,
            "There is no question `saef`.",
            "Did you mean `safe`?",
        ),
        (
            "[clean, safe, vest]",
            "[clean, vest, place]",
            8,
            "answers to `place` have no score.",
            "Score a `range`",
        ),
        (
            "[clean, safe, vest]",
            "[clean, vest, trips]",
            8,
            "answers to `trips` have no score.",
            "`yes` and `no`",
        ),
        (
            "booked/+: [ways]",
            "booked/*: [ways]",
            9,
            "The answers to `ways` have no score.",
            "Score a `range`",
        ),
        (
            "ship/*: [",
            "shop/*: [",
            8,
            "There is no value `shop` of the axis `matter`.",
            "Did you mean `ship`?",
        ),
        ("ship/*: [", "ship: [", 8, "`ship` does not name one value of each axis.", "Write it as matter/way"),
        ("ship/*: [clean,", "ship/+: [clean,", 8, "`clean` is a `select_one`; `+`", "Use `select_multiple`"),
        ("choices: ways", "values: [phone, air]", 9, "The choices of `ways` are not", "`phone`, `air`"),
        ("choices: ways", "choices: wais", 5, "There is no list of choices `wais`.", "Did you mean `ways`?"),
        ('["+/*", "*/+"]', '["+/*", "*/desc"]', 6, "There is no value `desc` of the axis `way`.", "`desk`"),
        (
            '  vest: "',
            '  vests: "',
            11,
            "There is no item that enters a number `vests`.",
            "Did you mean `vest`?",
        ),
        (
            "${clean} = 'no'",
            "${clean} = 'nay'",
            11,
            "'nay' is not a choice of ${clean}",
            "dont_know, no, yes",
        ),
        ("${clean} = 'no'", "${clean} =", 11, "", "Add"),
        ("${trips} = 'often'", "${trip} = 'often'", 13, "no question trip.", "Did you mean ${trips}?"),
        ("within: place", "within: palce", 14, "no question with answers `palce`.", "Did you mean `place`?"),
        ("within: place", "per: place", 14, "`place` has no list of choices to compute by.", "`select_one`"),
        ("within: place", "sections: [shop]", 14, "There is no section `shop`.", "Did you mean `ship`?"),
        ("minus: rare", "minus: rar", 16, "There is no column `rar`.", "Did you mean `rare`?"),
        (
            "within: place",
            "per: trips",
            16,
            "are not computed by the same question.",
            "Give both the same `per`",
        ),
        (
            'numbers: ["+/*"]}',
            'numbers: ["+/* - ship/*"]}',
            16,
            "a different count of numbers",
            "as many values",
        ),
        (
            "questionnaire: ferry",
            "questionnaire: ferry, minus: it",
            18,
            "neither this round nor",
            "minus: this",
        ),
        ("name: rare", "name: ship", 14, "The name `ship` is already used on line 4.", "its own name"),
        ("columns:", "colums:", 12, "Unknown key `colums`.", "Did you mean `columns`?"),
        ("values: [ship, ", "value: [ship, ", 4, "Unknown key `value`.", "Did you mean `values`?"),
    ],
)
def test_check_says_where_it_is_wrong_and_what_to_do(
    tmp_path: Path, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    found = problems_of(written(tmp_path, old, new))
    assert any(message in problem.message and remedy in problem.remedy for problem in found), found
    assert all(problem.file.endswith("indicators.yaml") for problem in found)
    assert any(problem.line == line for problem in found), found


def test_a_question_names_its_cells_in_one_place(tmp_path: Path) -> None:
    folder = written(tmp_path)
    text = QUESTIONNAIRE.replace("label: Is it clean?", "label: Is it clean?, cells: [ship/*/*]")
    (folder / "questionnaire.yaml").write_text(text, encoding="utf-8")
    messages = [problem.message for problem in problems_of(folder)]
    assert "`ship/*/*` does not name one value of each axis." in messages
    assert "`clean` names its cells in the questionnaire already." in messages


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty."),
        ("- a list\n", "`indicators` must have keys, not be a list."),
        (f"{INDICATORS}---\nlanguage: fr\n", "A second document begins here."),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, message: str) -> None:
    folder = written(tmp_path)
    (folder / "indicators.yaml").write_text(text, encoding="utf-8")
    assert message in [problem.message for problem in problems_of(folder)]


def test_indicators_stand_in_one_place(tmp_path: Path) -> None:
    folder = written(tmp_path)
    inside = "\n".join(f"  {line}" for line in INDICATORS.splitlines())
    alone = tmp_path / "apart" / "alone.yaml"
    alone.parent.mkdir()
    alone.write_text(f"{QUESTIONNAIRE}indicators:\n{inside}\n", encoding="utf-8")
    assert read_questionnaire(alone).indicators == read_questionnaire(folder).indicators
    alone.replace(folder / "questionnaire.yaml")
    assert [p.message for p in problems_of(folder)] == ["The questionnaire has `indicators:` already."]


def test_a_section_that_no_column_takes_is_named(tmp_path: Path) -> None:
    text = INDICATORS.replace("of: \"${trips} = 'often'\"", "sections: [ship]").replace(
        "within: place", "sections: [ship]"
    )
    folder = written(tmp_path)
    (folder / "indicators.yaml").write_text(text, encoding="utf-8")
    assert [problem.message for problem in problems_of(folder)] == [
        "No column takes the section `booking`, so `ways` is in no number."
    ]


def test_more_numbers_than_anybody_reads_are_refused(tmp_path: Path) -> None:
    values = ", ".join(f"v{n}" for n in range(50))
    more = ", ".join(f"w{n}" for n in range(50))
    text = INDICATORS.replace("values: [ship, ", f"values: [{values}, ship, ")
    text = text.replace("choices: ways", f"values: [{more}, phone, desk]").replace('"*/+"]', '"+/+"]')
    folder = written(tmp_path)
    (folder / "indicators.yaml").write_text(text, encoding="utf-8")
    assert any("stands for 2,704 numbers" in problem.message for problem in problems_of(folder))


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_a_published_version_and_yaml_keep_the_indicators(key: str, tmp_path: Path) -> None:
    whole = instrument(key)
    again = questionnaire_from_documents(structure_document(whole), text_documents(whole))
    assert again.indicators == whole.indicators
    (tmp_path / "one.yaml").write_text(to_yaml(whole), encoding="utf-8")
    assert read_questionnaire(tmp_path / "one.yaml").indicators == whole.indicators


def test_a_version_published_without_indicators_has_none() -> None:
    whole = instrument("cesaq")
    structure = structure_document(whole)
    del structure["indicators"]
    texts = {language: dict(document) for language, document in text_documents(whole).items()}
    for document in texts.values():
        document.pop("indicators", None)
    assert questionnaire_from_documents(structure, texts).indicators is None


# The scored questions of the descriptions, and nothing else

PAIRS = ["2", "3a", "3b", "4a", "4b", "4c", "5", "6", "7", "8"]
CHANNELS = ["meetings", "councils", "surveys", "online", "social_media", "mobile", "media", "petitions"]
CESAQ = {
    "a1": ["a1_1a", "a1_1b", "a1_1c", *(f"a1_{number}" for number in PAIRS)],
    "a1_law": [f"a1_{number}_law" for number in PAIRS],
    "a1_policy": [f"a1_{number}_policy" for number in PAIRS],
    "a2": [f"a2_{number}" for number in range(1, 11)],
    "a3": [f"a3_{number}" for number in range(1, 9)],
    "c1": [f"c1_{number}" for number in range(1, 7)],
    "c2": [f"c2_{number}" for number in range(1, 7)],
    "c3": [f"c3_{number}" for number in range(1, 7)],
    "c4": [f"c4_works_{channel}" for channel in CHANNELS],
    "c5": [f"c5_{number}" for number in range(1, 6)],
}


def members(form: Questionnaire, pattern: str) -> dict[str, list[str]]:
    assert form.indicators is not None
    return {
        number: [item.name for item, _ in form.indicators.members(number)]
        for number in form.indicators.expand(pattern)
    }


def test_cesaq_scores_what_its_description_says() -> None:
    form = instrument("cesaq")
    assert {name: sorted(items) for name, items in members(form, "+").items()} == {
        name: sorted(items) for name, items in CESAQ.items()
    }
    assert form.indicators is not None
    made = {item.name: item.questions for item in form.indicators.items if len(item.questions) > 1}
    assert made == {f"a1_{number}": (f"a1_{number}_law", f"a1_{number}_policy") for number in PAIRS}


@pytest.mark.parametrize("key", ["engagement_assess", "engagement_plan"])
def test_engagement_scores_its_24_indicators_in_4_dimensions(key: str) -> None:
    form = instrument(key)
    indicators = [[f"i{dimension}_{number}" for number in range(1, 7)] for dimension in range(1, 5)]
    assert members(form, "+/*") == {f"d{n}/*": names for n, names in enumerate(indicators, start=1)}
    assert members(form, "*/+") == {f"*/{name}": [name] for names in indicators for name in names}


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize("key", INSTRUMENTS)
def test_every_name_has_words(key: str, language: str) -> None:
    form = instrument(key)
    indicators = form.indicators
    assert indicators is not None
    groups = (indicators.axes, indicators.columns, indicators.differences, indicators.changes)
    for name in [one.name for group in groups for one in group]:
        assert language in indicators.labels[name].texts, name
    titled = {section.name for section in form.sections} | {question.name for question in form}
    for value in [value for axis in indicators.axes for value in axis.values]:
        own = indicators.labels.get(value)
        assert own is None or language in own.texts, value
        assert own is not None or indicators.words_of.get(value, value) in titled, value
