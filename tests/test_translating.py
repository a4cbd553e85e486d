"""A translator gets the texts and gives them back, and everybody knows how far each one is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from openpyxl import load_workbook

from bot.authoring.check import checked, problems_of
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.states import fingerprint
from bot.authoring.yaml_draft import INSTRUMENTS
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.cli import run

Talanoa = Callable[..., tuple[int, str, str]]

BASE = """\
key: well
version: 1
title: The well
default_language: en
choices:
  goes:
    - {name: daily, label: Every day, synonyms: [daily]}
    - {name: never, label: Never}
sections:
  - name: all
    title: Water
    questions:
      - {name: often, type: select_one goes, label: How often do you go?, hint: A guess will do.}
      - {name: why, type: text, label: "You said “${often}”. Why?"}
"""
FRENCH = """\
language: fr
title: Le puits
choices:
  goes:
    daily: {label: Chaque jour, synonyms: [quotidien]}
    never: Jamais
sections: {all: Eau}
questions:
  often: {label: Y allez-vous souvent ?, hint: À peu près.}
  why: {label: "Vous avez dit « ${often} ». Pourquoi ?"}
"""


@pytest.fixture
def talanoa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talanoa:
    """The command line in a folder with a questionnaire of two languages."""
    monkeypatch.chdir(tmp_path)
    Path("well").mkdir()
    Path("well/questionnaire.yaml").write_text(BASE, encoding="utf-8")
    Path("well/fr.yaml").write_text(FRENCH, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def edit(file: str, *changes: tuple[str, str]) -> None:
    text = Path(file).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    Path(file).write_text(text, encoding="utf-8")


def export(talanoa: Talanoa, folder: str, language: str, file: str) -> str:
    assert talanoa("questionnaire", "translate", folder, "--language", language, "--output", file)[0] == 0
    return file


def give_back(talanoa: Talanoa, file: str, language: str = "fr") -> tuple[int, str]:
    status, out, err = talanoa("questionnaire", "translate", "well", "--language", language, "--input", file)
    assert err == ""
    return status, out


def catalogue(file: str) -> Catalog:
    with Path(file).open("rb") as stream:
        return read_po(stream)


def cells(file: str) -> dict[str, Any]:
    """The translation of each path in a workbook."""
    rows = list(load_workbook(file).active.iter_rows(values_only=True))
    assert rows[0] == ("path", "what", "base", "translation", "state")
    return {row[0]: row[3] for row in rows[1:]}


def change_cell(file: str, path: str, column: int, text: str) -> None:
    book = load_workbook(file)
    [row] = [row for row in book.active.iter_rows() if row[0].value == path]
    row[column].value = text
    book.save(file)


# Out and back


@pytest.mark.parametrize("form", ["po", "xlsx"])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_metep_goes_out_and_comes_back_as_it_was(talanoa: Talanoa, language: str, form: str) -> None:
    for name in ("metep", "common"):
        shutil.copytree(INSTRUMENTS / name, name)
    before = text_documents(read_questionnaire(Path("metep")))[language]
    file = export(talanoa, "./metep", language, f"metep.{form}")
    status, out, err = talanoa(
        "questionnaire", "translate", "./metep", "--language", language, "--input", file
    )
    assert (status, err) == (0, "")
    assert out.startswith(f"metep {language}: ")

    after = text_documents(read_questionnaire(Path("metep")))[language]
    states = after.pop("states")
    assert {"title", "parts.U"} <= set(states)
    assert all(state.startswith("draft ") for state in states.values())
    assert after == before
    again = export(talanoa, "./metep", language, "again.po")
    first = export(talanoa, "metep", language, "first.po")  # the instrument that comes with the program
    assert Path(again).read_text(encoding="utf-8") == Path(first).read_text(encoding="utf-8")


def test_common_lists_go_out_and_come_back(talanoa: Talanoa) -> None:
    shutil.copytree(INSTRUMENTS / "common", "common")
    file = export(talanoa, "common", "ar", "common.xlsx")
    assert talanoa("questionnaire", "translate", "common", "--language", "ar", "--input", file)[0] == 0
    assert checked(Path("common")).problems == ()
    again = export(talanoa, "common", "ar", "again.xlsx")
    assert cells(again) == cells(file)


def test_a_po_file_says_what_each_text_is(talanoa: Talanoa) -> None:
    status, out, _ = talanoa("questionnaire", "translate", "well", "--language", "fr")
    assert status == 0
    assert (
        "#. What explains the question before.\n"
        "#. At most 4,096 characters.\n"
        "#, fuzzy\n"
        'msgctxt "questions.often.hint"\n'
        'msgid "A guess will do."\n'
        'msgstr "À peu près."\n'
    ) in out
    assert "#. A question.\n#. At most 160 characters.\n" in out
    assert '"Language: fr\\n"' in out
    assert "python-brace-format" not in out


def test_a_new_language_begins_empty_and_may_come_back_in_part(talanoa: Talanoa) -> None:
    file = export(talanoa, "well", "pt", "pt.po")
    texts = catalogue(file)
    assert [message.string for message in texts if message.id] == [""] * 8
    texts.get("The well", "title").string = "O poço"
    texts.get("Every day", "choices.goes.daily").string = "Todos os dias"
    texts.get("daily", "synonyms.goes.daily").string = "sempre; de manhã, cedo"
    with Path(file).open("wb") as stream:
        write_po(stream, texts)

    assert give_back(talanoa, file, "pt") == (
        0,
        "well pt: 7 texts, 0 drafts, 5 missing, 0 changed.\nWritten to well/pt.yaml.\n",
    )
    questionnaire = read_questionnaire(Path("well"))
    daily, never = questionnaire.questions["often"].choices
    assert daily.label.in_language("pt") == "Todos os dias"
    assert daily.synonyms["pt"] == ("sempre", "de manhã, cedo")
    assert never.label.in_language("pt") == "Never"
    assert questionnaire.states["pt"]["title"] == f"reviewed {fingerprint('The well')}"
    assert (
        "well/pt.yaml:1:1: warning: `sections.all` has no text in `pt`; people read `en` instead."
        in (talanoa("check", "well")[1])
    )


def test_a_spreadsheet_keeps_what_looks_like_a_formula(talanoa: Talanoa) -> None:
    edit("well/fr.yaml", ("À peu près.", "=1+1"))
    file = export(talanoa, "well", "fr", "fr.xlsx")
    assert cells(file)["questions.often.hint"] == "=1+1"
    assert give_back(talanoa, file)[0] == 0
    hint = read_questionnaire(Path("well")).questions["often"].hint
    assert hint is not None
    assert hint.in_language("fr") == "=1+1"


# States


def test_what_is_reviewed_stays_so_until_its_base_changes(talanoa: Talanoa) -> None:
    file = export(talanoa, "well", "fr", "fr.xlsx")
    change_cell(file, "title", 4, "reviewed")
    assert give_back(talanoa, file) == (
        0,
        "well fr: 7 texts, 6 drafts, 0 missing, 0 changed.\nWritten to well/fr.yaml.\n",
    )
    edit("well/questionnaire.yaml", ("title: The well", "title: The old well"), ("How often", "When"))

    status, out, _ = talanoa("check", "well")
    assert status == 0
    assert out.splitlines() == [
        "well/fr.yaml:2:8: warning: The text in `en` was another one when this was translated. "
        "Translate “The old well”, or say that it still holds.",
        "well/fr.yaml:11:12: warning: The text in `en` was another one when this was translated. "
        "Translate “When do you go?”, or say that it still holds.",
        "well fr: 7 texts, 5 drafts, 0 missing, 2 changed.",
        "0 errors, 2 warnings in 1 questionnaire.",
    ]
    po = export(talanoa, "well", "fr", "fr.po")
    changed = catalogue(po).get("The old well", "title")
    assert changed.fuzzy
    assert "The text was another one when it was translated." in changed.auto_comments

    assert "\nwell fr: 7 texts, 5 drafts, 0 missing, 2 changed.\n" in give_back(talanoa, po)[1]
    edit(po, ('#, fuzzy\nmsgctxt "title"', 'msgctxt "title"'))
    assert "\nwell fr: 7 texts, 5 drafts, 0 missing, 1 changed.\n" in give_back(talanoa, po)[1]


def test_drafts_are_named_when_asked_for(talanoa: Talanoa) -> None:
    note = (
        "well/fr.yaml:2:8: note: “Le puits” is a draft in `fr`. "
        "Let a native speaker compare it with “The well”."
    )
    assert note not in talanoa("check", "well")[1].splitlines()
    assert note in talanoa("check", "well", "--verbose")[1].splitlines()
    status, out, _ = talanoa("check", "well", "--json")
    assert status == 0
    assert [(one["severity"], one["path"]) for one in json.loads(out)] == [
        ("note", text)
        for text in (
            "title",
            "sections.all",
            "questions.often.label",
            "questions.often.hint",
            "questions.why.label",
            "choices.goes.daily",
            "choices.goes.never",
        )
    ]


def test_an_author_can_say_that_all_is_reviewed(talanoa: Talanoa) -> None:
    edit("well/fr.yaml", ("language: fr\n", "language: fr\nstate: reviewed\nstates: {sections.all: draft}\n"))
    assert talanoa("check", "well")[1].startswith("well fr: 7 texts, 1 draft, 0 missing, 0 changed.")
    file = export(talanoa, "well", "fr", "fr.po")
    assert [m.context for m in catalogue(file) if m.id and m.fuzzy] == ["sections.all"]


def test_states_go_into_a_published_version_and_out_of_it(talanoa: Talanoa) -> None:
    edit("well/fr.yaml", ("language: fr\n", "language: fr\nstates: {title: reviewed 0123abcd}\n"))
    questionnaire = read_questionnaire(Path("well"))
    texts = text_documents(questionnaire)
    assert texts["fr"]["states"] == {"title": "reviewed 0123abcd"}
    assert "states" not in texts["en"]
    assert questionnaire_from_documents(structure_document(questionnaire), texts) == questionnaire
    Path("again.yaml").write_text(to_yaml(questionnaire), encoding="utf-8")
    assert read_questionnaire(Path("again.yaml")) == questionnaire


def test_a_state_that_is_none_is_named(talanoa: Talanoa) -> None:
    lines = "state: done\nstates: {titel: draft, sections.all: reviewd}\n"
    edit("well/fr.yaml", ("language: fr\n", f"language: fr\n{lines}"))
    assert [str(problem) for problem in problems_of(Path("well"))] == [
        "well/fr.yaml:2:8: `done` is no state of a text. Write `draft` or `reviewed`.",
        "well/fr.yaml:3:10: There is no text `titel`. Did you mean `title`?",
        "well/fr.yaml:3:38: `reviewd` is no state of a text. Write `draft` or `reviewed`.",
    ]


# What is refused


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'msgctxt "questions.often.hint"',
            'msgctxt "questions.often.hnt"',
            "There is no text `questions.often.hnt`. Did you mean `questions.often.hint`?",
        ),
        (
            "« ${often} ».",
            "cela.",
            "`${often}` of the text in `en` is missing. Put it where it belongs in the sentence.",
        ),
        (
            'msgid "A guess will do."',
            'msgid "Guess."',
            "The text is now “A guess will do.”, not “Guess.”. "
            "Get the texts again with --output, and translate this one anew.",
        ),
        ("Jamais", "Chaque jour", "`Chaque jour` (fr) means both `daily` and `never`. "
         "Give each choice words of its own."),
        ('msgctxt "questions.often.hint"\n', "", "The message has no context, so nobody knows which text it is. "
         "Keep `msgctxt` as it was exported, and add no plural."),
        ('msgstr "Chaque jour"', 'msgstr ""', "There are synonyms for `daily`, and no text. "
         "Translate `choices.goes.daily` too."),
        ("Language: fr", "Language: pt", "The file says that its language is `pt`. "
         "Give the file for `fr`, or another --language."),
        ('msgid "A guess will do."', "msgd", "This is not PO: Unknown or misformatted keyword. "
         "Export it again from the program."),
    ],
)  # fmt: skip
def test_what_would_break_is_refused_and_nothing_written(
    talanoa: Talanoa, old: str, new: str, said: str
) -> None:
    file = export(talanoa, "well", "fr", "fr.po")
    edit(file, (old, new))
    before = Path("well/fr.yaml").read_bytes()
    status, out = give_back(talanoa, file)
    place, _, words = out.splitlines()[0].partition(": ")
    assert (status, words) == (1, said)
    assert place.startswith("fr.po")
    assert out.endswith("Nothing was written.\n")
    assert Path("well/fr.yaml").read_bytes() == before
    assert sorted(file.name for file in Path("well").iterdir()) == ["fr.yaml", "questionnaire.yaml"]


@pytest.mark.parametrize(
    ("path", "column", "text", "said"),
    [
        ("questions.why.label", 3, "Pourquoi ?", "fr.xlsx:translation!D6: `${often}` of the text in `en`"),
        ("title", 4, "fertig", "fr.xlsx:translation!E2: `fertig` is no state of a text."),
        ("title", 0, "sections.all", "fr.xlsx:translation!D2: The text is now “Water”, not “The well”."),
    ],
)
def test_a_refusal_names_the_cell(talanoa: Talanoa, path: str, column: int, text: str, said: str) -> None:
    file = export(talanoa, "well", "fr", "fr.xlsx")
    change_cell(file, path, column, text)
    status, out = give_back(talanoa, file)
    assert status == 1
    assert said in out


def test_a_language_without_any_text_is_not_begun(talanoa: Talanoa) -> None:
    status, out = give_back(talanoa, export(talanoa, "well", "pt", "pt.po"), "pt")
    assert (status, out.splitlines()[0]) == (
        1,
        "pt.po: There is no translation to `pt`. Translate some texts first.",
    )
    assert not Path("well/pt.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("well", "--language", "en"), 1, "en is the language that everything is written in."),
        (("well", "--language", "Français"), 2, "'Français' is not a language tag."),
        (("well", "--language", "fr", "--as", "xlsx"), 2, "A workbook cannot be printed."),
        (("wel", "--language", "fr"), 1, "There is no questionnaire wel to translate."),
        (("one.yaml", "--language", "fr"), 1, "one.yaml has all languages in one file."),
        (("well", "--language", "es", "--input", "es.po"), 1, "The file cannot be read"),
        (("well", "--language", "es", "--input", "es.xlsx"), 1, "The file cannot be read"),
    ],
)
def test_wrong_usage_says_what_to_do(
    talanoa: Talanoa, arguments: tuple[str, ...], status: int, said: str
) -> None:
    Path("one.yaml").write_text(BASE, encoding="utf-8")
    done = talanoa("questionnaire", "translate", *arguments)
    assert done[0] == status
    assert said in done[1] + done[2]


def test_a_language_file_that_cannot_be_read_is_not_written_over(talanoa: Talanoa) -> None:
    file = export(talanoa, "well", "fr", "fr.po")
    edit("well/fr.yaml", ("questions:\n", "questons:\n"))
    status, _, err = talanoa("questionnaire", "translate", "well", "--language", "fr", "--input", file)
    assert status == 1
    assert "Did you mean `questions`?" in err
