"""Versions on the command line: what differs, who changed which texts, and a round that moves on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.authoring.differences import Kind, differences
from bot.cli import run
from bot.settings import SETTINGS

Talanoa = Callable[..., tuple[int, str, str]]
HARBOUR = """key: harbour
version: 1
title: The harbour
default_language: en
choices:
  use:
    - {name: daily, label: Every day}
    - {name: weekly, label: Every week}
    - {name: never, label: Never}
sections:
  - name: boats
    title: Boats
    questions:
      - name: used
        type: select_one use
        label: Do you use the harbour?
      - name: trips
        type: integer
        label: How many trips do you make?
        relevant: "${used} != 'never'"
      - name: why
        type: text
        label: Why?
"""
NEWER = (
    HARBOUR.replace("version: 1", "version: 2")
    .replace("    - {name: weekly, label: Every week}\n", "")
    .replace("label: Never}", "label: Not at all}\n    - {name: monthly, label: Every month}")
    .replace("used} != 'never'", "used} = 'daily'")
    .replace("      - name: why\n        type: text\n        label: Why?\n", "")
    .replace("How many trips do", "How many trips a week do")
    + "      - {name: wish, type: text, label: What do you wish?}\n"
)


@pytest.fixture
def talanoa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talanoa:
    """The command line in a folder with two versions and an open round on the first."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    write("harbour.yaml", HARBOUR)
    write("newer.yaml", NEWER)
    assert call("questionnaire", "publish", "harbour.yaml", "--by", "Ana")[0] == 0
    assert call("round", "create", "harbour", "--code", "port", "--minimum-cell", "0", "--open")[0] == 0
    return call


def write(name: str, content: str) -> None:
    Path(name).write_text(content, encoding="utf-8")


def document(done: tuple[int, str, str]) -> Any:
    return json.loads(done[1])


def test_ver_1_each_difference_is_named_in_words(talanoa: Talanoa) -> None:
    status, out, _ = talanoa("questionnaire", "diff", "harbour@1", "newer.yaml")
    assert (status, out.splitlines()) == (0, [
        "The question `why` is removed.",
        "`used` loses the choice `weekly`.",
        "`used` gains the choice `monthly`.",
        "The label of choice `never` of `used` in `en` is “Not at all”, and was “Never”.",
        "`relevant` of `trips` is “${used} = 'daily'”, and was “${used} != 'never'”.",
        "The label of `trips` in `en` is “How many trips a week do you make?”, and was “How many trips do you make?”.",
        "The question `wish` (text) is added.",
        "harbour@2: warning: The `used` choice `weekly` is removed; answers to it stay under its name. "
        "Never give the name to anything else.",
        "harbour@2: warning: The question `why` is removed; answers to it stay under its name. "
        "Never give the name to anything else.",
        "Compatible: answers to both can be put together.",
    ])  # fmt: skip


def test_ver_3_what_keeps_a_version_from_following_is_in_the_document(talanoa: Talanoa) -> None:
    write("newer.yaml", NEWER.replace("type: integer", "type: decimal"))
    done = talanoa("questionnaire", "diff", "harbour.yaml", "newer.yaml", "--json")
    found = document(done)
    assert (done[0], found["old"], found["new"]) == (1, "harbour@1", "harbour@2")
    assert found["compatible"] is False
    assert {one["kind"] for one in found["differences"]} == {
        "question_added", "question_removed", "type_changed", "choice_added", "choice_removed",
        "choice_relabelled", "logic_changed", "texts_changed",
    }  # fmt: skip
    assert [one["path"] for one in found["problems"] if one["severity"] == "error"] == [
        "questions.trips.type"
    ]
    status, _, err = talanoa("questionnaire", "publish", "newer.yaml")
    assert status == 1
    assert "`trips` was of type `integer` and is now `decimal`" in err


@pytest.mark.parametrize(
    ("old", "new", "kind", "path"),
    [
        ("      - name: why\n        type: text\n        label: Why?\n", "", Kind.QUESTION_REMOVED, "questions.why"),
        ("label: Why?", "label: What for?", Kind.TEXTS_CHANGED, "questions.why.label.en"),
        ("title: Boats", "title: Ships", Kind.TEXTS_CHANGED, "sections.boats.en"),
        ("title: The harbour", "title: Our harbour", Kind.TEXTS_CHANGED, "title.en"),
        ("label: Why?", "label: Why?\n        required: true", Kind.LOGIC_CHANGED, "questions.why.required"),
        ("    title: Boats", "    title: Boats\n    relevant: \"today() > '2026-01-01'\"", Kind.LOGIC_CHANGED,
         "sections.boats"),
        ("    - {name: daily, label: Every day}\n    - {name: weekly, label: Every week}\n",
         "    - {name: weekly, label: Every week}\n    - {name: daily, label: Every day}\n",
         Kind.CHOICE_MOVED, "questions.used"),
    ],
)  # fmt: skip
def test_ver_1_every_kind_of_edit_is_one_difference(
    talanoa: Talanoa, old: str, new: str, kind: Kind, path: str
) -> None:
    assert HARBOUR.count(old) == 1
    write("edited.yaml", HARBOUR.replace("version: 1", "version: 2").replace(old, new))
    found = document(talanoa("questionnaire", "diff", "harbour@1", "edited.yaml", "--json"))
    assert [(one["kind"], one["path"]) for one in found["differences"]] == [(kind, path)]
    back = document(talanoa("questionnaire", "diff", "edited.yaml", "harbour@1", "--json"))
    assert back["compatible"] is False, "an older version does not follow a newer one"


def test_ver_1_a_question_that_moves_is_one_difference() -> None:
    from tests.test_versions import FIRST, _version  # noqa: PLC0415

    used, boats, trips = FIRST.sections[0].questions
    found = differences(FIRST, _version(2, trips, used, boats))
    assert [(one.kind, one.path) for one in found] == [(Kind.QUESTION_MOVED, "questions.trips")]
    assert differences(FIRST, FIRST) == []


def test_ver_6_texts_are_revised_live_on_record_and_found_again(talanoa: Talanoa) -> None:
    write("harbour.yaml", HARBOUR.replace("label: Why?", "label: What for?"))
    assert talanoa("questionnaire", "diff", "harbour@1", "harbour.yaml")[0] == 0
    assert talanoa("questionnaire", "publish", "harbour.yaml", "--by", "Ben")[1] == (
        "Revised the texts of harbour@1: revision 2, en.\n"
    )
    assert talanoa("questionnaire", "publish", "harbour.yaml")[1] == (
        "harbour@1 is published so already; nothing changes.\n"
    )
    log = document(talanoa("questionnaire", "revisions", "harbour@1", "--json"))
    assert [(one["number"], one["by"], one["languages"]) for one in log] == [
        (1, "Ana", ["en"]), (2, "Ben", ["en"]),
    ]  # fmt: skip
    assert "by Ben  [en]" in talanoa("questionnaire", "revisions", "harbour")[1]
    assert "What for?" in talanoa("questionnaire", "show", "harbour@1")[1]
    assert "Why?" in talanoa("questionnaire", "show", "harbour@1", "--revision", "1")[1]
    status, _, err = talanoa("questionnaire", "show", "harbour@1", "--revision", "3")
    assert status == 1
    assert "It has 1 to 2" in err


def test_ver_6_a_revision_of_texts_may_not_swap_meanings(talanoa: Talanoa) -> None:
    swapped = (
        HARBOUR.replace("Every day", "X").replace("Every week", "Every day").replace("X}", "Every week}")
    )
    write("harbour.yaml", swapped)
    status, _, err = talanoa("questionnaire", "publish", "harbour.yaml")
    assert status == 1
    assert "The `used` choice `daily` now means what `weekly` meant." in err
    assert len(document(talanoa("questionnaire", "revisions", "harbour", "--json"))) == 1


def test_ver_2_a_round_is_moved_looked_at_first_and_taken_back(talanoa: Talanoa) -> None:
    write("said.txt", "1\n2\n3\n")
    assert talanoa("chat", "port", "--input", "said.txt")[0] == 0
    assert talanoa("questionnaire", "publish", "newer.yaml")[0] == 0
    to = ("round", "move", "port", "--to", "harbour@2")
    looked = document(talanoa(*to, "--dry-run", "--json"))
    assert looked == {
        "code": "port",
        "from": "harbour@1",
        "to": "harbour@2",
        "dry_run": True,
        "people": 1,
        "staying": 0,
        "asked_again": 1,
        "reopened": 0,
        "answers": [
            {"question": "trips", "why": "not_asked", "count": 1, "asked_again": 0},
            {"question": "used", "why": "choice_removed", "count": 1, "asked_again": 1},
        ],
    }
    assert talanoa(*to)[1].splitlines() == [
        "Round port goes from harbour@1 to harbour@2.",
        "People who go along: 1. Who stay with the version that they answered: 0.",
        "Answers that do not count there; they are kept:",
        "  trips: 1 (not asked in their case any more)",
        "  used: 1 (the choice is removed)",
        "People who are asked again what they answered: 1.",
        "People who had answered everything, and have more to answer: 0.",
        "Until somebody answers, it can be taken back: talanoa round move port --undo",
    ]
    assert document(talanoa("results", "port", "--format", "json"))["round"]["version"] == 2
    undone = document(talanoa("round", "move", "port", "--undo", "--json"))
    assert (undone["from"], undone["to"], undone["people"]) == ("harbour@2", "harbour@1", 1)
    assert talanoa("round", "move", "port", "--undo")[0] == 1
    assert talanoa("db", "check")[0] == 0
