"""A questionnaire is the same whether it comes from YAML, from stored documents, or from what was printed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from bot.authoring.compatibility import compatibility
from bot.authoring.documents import (
    questionnaire_from_documents,
    structure_document,
    structure_hash,
    text_documents,
)
from bot.authoring.problems import Severity
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.flows.expressions import Expression
from bot.flows.questionnaire import Choice, LocalizedText, Provenance, Question, Questionnaire, Scale, Section
from tests.support.questionnaires import questionnaires

DATA = Path(__file__).parent / "data" / "questionnaires"


@pytest.fixture(scope="module")
def market() -> Questionnaire:
    return read_questionnaire(DATA / "market")


def stored(questionnaire: Questionnaire) -> tuple[dict[str, Any], dict[str, Any]]:
    """The documents after a database had them, in an order of its own."""
    structure = json.dumps(structure_document(questionnaire), sort_keys=True)
    texts = json.dumps(text_documents(questionnaire), sort_keys=True)
    return json.loads(structure), json.loads(texts)


def changed(questionnaire: Questionnaire, question: str, /, **fields: Any) -> Questionnaire:
    """The questionnaire with one question changed, as its next version."""
    sections = tuple(
        replace(
            section,
            questions=tuple(replace(q, **fields) if q.name == question else q for q in section.questions),
        )
        for section in questionnaire.sections
    )
    return replace(questionnaire, sections=sections, version=questionnaire.version + 1)


def test_a_survey_is_read_as_it_is_written(market: Questionnaire) -> None:
    assert market.key == "market"
    assert market.version == 2
    assert market.languages == ("en", "fr")
    assert market.title == LocalizedText({"en": "The village market", "fr": "Le marché du village"}, "en")
    assert market.texts == {"source": {"en": "Written for these tests: not a real survey"}}
    assert [(part.name, part.always, str(part.relevant)) for part in market.parts] == [
        ("U", True, "None"),
        ("A", False, "${visits} != 'no'"),
    ]
    assert [(s.name, s.part, len(s.questions)) for s in market.sections] == [
        ("about", "U", 4),
        ("market", "A", 7),
    ]

    goods = market.questions["goods"]
    assert (goods.type, goods.choice_list, goods.number) == ("select_multiple", "goods", "3a")
    assert goods.cells == ("trade/*/+",)
    assert goods.provenance is Provenance.RECONSTRUCTED
    assert [(choice.name, choice.exclusive) for choice in goods.choices] == [
        ("fish", False),
        ("fruit", False),
        ("crafts", False),
        ("nothing", True),
    ]
    assert goods.choices[0].synonyms == {"en": ("seafood", "tuna"), "fr": ("thon",)}

    visits = market.questions["visits"]
    assert visits.required
    assert visits.hint is not None
    assert visits.hint.in_language("fr") == "Tout marché du village compte."
    assert [choice.label.in_language("fr") for choice in visits.choices] == ["Oui", "Non", "Je ne sais pas"]

    times = market.questions["times"]
    assert times.relevant == Expression.parse("${visits} = 'yes' and not(selected(${goods}, 'nothing'))")
    assert times.constraint == Expression.parse(". >= 0 and . <= 31")

    assert market.questions["clean"].scale == Scale(
        0,
        1,
        0.25,
        LocalizedText({"en": "Dirty", "fr": "Sale"}, "en"),
        LocalizedText({"en": "Clean", "fr": "Propre"}, "en"),
    )
    country = market.questions["country"]
    assert (country.choice_list, country.choices) == ("country", ())


def test_questions_share_the_choices_of_their_list(market: Questionnaire) -> None:
    again = questionnaire_from_documents(
        *stored(
            changed(
                market,
                "wish",
                type="select_one",
                choice_list="goods",
                constraint=None,
                choices=market.questions["goods"].choices,
            )
        )
    )
    assert again.questions["wish"].choices is again.questions["goods"].choices


def test_a_questionnaire_comes_back_from_its_documents(market: Questionnaire) -> None:
    assert questionnaire_from_documents(*stored(market)) == market


def test_choices_without_a_list_come_back_too() -> None:
    text = LocalizedText.of("Text")
    question = Question("q", "select_one", text, choices=(Choice("a", text), Choice("b", text)))
    made = Questionnaire("k", 1, text, "en", ("en",), (Section("s", text, (question,)),))
    assert questionnaire_from_documents(*stored(made)) == made


@given(questionnaires())
@settings(max_examples=40)
def test_any_questionnaire_comes_back_from_its_documents(questionnaire: Questionnaire) -> None:
    assert questionnaire_from_documents(*stored(questionnaire)) == questionnaire


@given(questionnaires())
@settings(max_examples=40)
def test_any_questionnaire_comes_back_from_its_yaml(questionnaire: Questionnaire) -> None:
    with TemporaryDirectory() as folder:
        in_one = Path(folder, "survey.yaml")
        in_one.write_text(to_yaml(questionnaire), encoding="utf-8")
        assert read_questionnaire(in_one) == questionnaire

        apart = Path(folder, "survey")
        apart.mkdir()
        for language in questionnaire.languages:
            base = language == questionnaire.default_language
            file = apart / ("questionnaire.yaml" if base else f"{language}.yaml")
            file.write_text(to_yaml(questionnaire, language), encoding="utf-8")
        assert read_questionnaire(apart) == questionnaire


def test_yaml_is_written_as_authors_write_it(market: Questionnaire) -> None:
    text = to_yaml(market)
    assert text.startswith("---\nkey: market\nversion: 2\ntitle: The village market\ndefault_language: en\n")
    assert "    - {name: 'yes', label: 'Yes', synonyms: [yeah]}\n" in text
    assert "        type: select_multiple goods\n" in text
    assert (
        "        parameters: {start: 0, end: 1, step: 0.25, start_label: Dirty, end_label: Clean}\n" in text
    )
    assert "\n---\nlanguage: fr\ntitle: Le marché du village\n" in text
    assert list(yaml.safe_load(to_yaml(market, "fr"))) == [
        "language", "title", "parts", "sections", "choices", "questions",
    ]  # fmt: skip


def test_the_structure_holds_no_text(market: Questionnaire) -> None:
    words = json.dumps(structure_document(market), ensure_ascii=False)
    texts = [q.label.in_language(language) for q in market for language in market.languages]
    assert not [text for text in texts if text in words]


@pytest.mark.parametrize(
    "revision",
    [
        {"label": LocalizedText.of("Which goods do you buy?")},
        {"hint": LocalizedText.of("At the market.")},
        {"number": "4"},
        {"provenance": Provenance.CONFIRMED},
    ],
)
def test_a_revised_text_leaves_the_hash_as_it_is(market: Questionnaire, revision: dict[str, Any]) -> None:
    assert hash_of(changed(market, "goods", **revision)) == hash_of(market)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("goods", {"type": "select_one"}),
        ("goods", {"name": "wares"}),
        ("goods", {"cells": ()}),
        ("visits", {"required": False}),
        ("spent", {"relevant": None}),
        ("times", {"constraint": Expression.parse(". < 9")}),
        ("clean", {"scale": Scale(0, 1, 0.5)}),
    ],
)
def test_a_changed_structure_changes_the_hash(
    market: Questionnaire, name: str, change: dict[str, Any]
) -> None:
    assert hash_of(changed(market, name, **change)) != hash_of(market)


def test_the_hash_is_the_same_for_ever() -> None:
    text = LocalizedText.of("Text")
    question = Question("q", "range", text, scale=Scale(1.0, 5.0))
    made = Questionnaire("k", 1, text, "en", ("en",), (Section("s", text, (question,)),))
    assert hash_of(made) == "3944f7ed00aed253275d485d6ef76bd27eb8d9df9623a5d7455920ca2ae2b5f4"


def hash_of(questionnaire: Questionnaire) -> str:
    return structure_hash(structure_document(questionnaire))


def test_a_new_version_with_better_texts_and_more_choices_may_follow(market: Questionnaire) -> None:
    goods = market.questions["goods"]
    added = (*goods.choices, Choice("tools", LocalizedText.of("Tools")))
    new = changed(market, "goods", label=LocalizedText.of("Which goods do you buy?"), choices=added)
    assert compatibility(market, new) == []


def relabelled(question: Question, **labels: str) -> tuple[Choice, ...]:
    return tuple(
        replace(choice, label=LocalizedText.of(labels[choice.name])) if choice.name in labels else choice
        for choice in question.choices
    )


@pytest.mark.parametrize(
    ("name", "change", "severity", "message"),
    [
        ("times", {"type": "text"}, "error", "`times` was of type `integer` and is now `text`: its answers would mix."),
        ("clean", {"scale": Scale(0, 10)}, "error",
         "The scale of `clean` changes: the same number would no longer mean the same."),
        ("country", {"choice_list": "goods"}, "error",
         "`country` changes between countries and a list of its own."),
        ("wish", {"name": "hope"}, "warning",
         "The question `wish` is removed; answers to it stay under its name."),
        ("wish", {"label": LocalizedText.of("How clean is the market?")}, "error",
         "The question `wish` now means what `clean` meant."),
    ],
)  # fmt: skip
def test_what_a_new_version_may_not_change_is_named(
    market: Questionnaire, name: str, change: dict[str, Any], severity: str, message: str
) -> None:
    [problem] = compatibility(market, changed(market, name, **change))
    assert (problem.severity, problem.message) == (Severity(severity), message)
    assert str(problem).startswith("market@3: ")


def test_removed_codes_are_named_and_reused_ones_refused(market: Questionnaire) -> None:
    goods = market.questions["goods"]
    fewer = changed(market, "goods", choices=goods.choices[1:])
    assert [(p.severity, p.path) for p in compatibility(market, fewer)] == [
        (Severity.WARNING, "questions.goods.fish")
    ]

    swapped = changed(market, "goods", choices=relabelled(goods, fish="Crafts", crafts="Fish"))
    assert [(p.severity, p.message) for p in compatibility(market, swapped)] == [
        (Severity.ERROR, "The `goods` choice `crafts` now means what `fish` meant."),
        (Severity.ERROR, "The `goods` choice `fish` now means what `crafts` meant."),
    ]

    other = (Choice("tools", LocalizedText.of("Tools")),)
    errors = [
        p for p in compatibility(market, changed(market, "goods", choices=other)) if p.severity == "error"
    ]
    assert [p.message for p in errors] == [
        "No choice of `goods` is left: `fish`, `fruit`, `crafts`, `nothing` are all removed."
    ]


def test_another_questionnaire_or_an_older_version_cannot_follow(market: Questionnaire) -> None:
    messages = [p.message for p in compatibility(market, replace(market, key="fair"))]
    assert messages == ["`fair` cannot follow `market`.", "Version 2 does not come after version 2."]
