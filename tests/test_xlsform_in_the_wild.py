"""Cells as officials write them: what ODK takes is taken, and what it does not is said so that they can mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.authoring.yaml_reader import read_questionnaire
from tests.support.conversations import Chat, round_of
from tests.support.forms import saved
from tests.test_xlsform_as_in_odk import begun, said, write, written


def test_spaces_in_a_type_count_once(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        "| survey |\n| | type | name | label |\n| | begin   group | g | Group |\n"
        "| | select_one   yn | a | A? |\n| | end  group | | |\n",
    )
    assert said(form) == []
    assert [section.name for section in read_questionnaire(form).sections] == ["g"]


@pytest.mark.parametrize("word", ["oui", "Y", "نعم", "required"])
@pytest.mark.parametrize("column", ["required", "read_only"])
def test_a_word_that_is_neither_yes_nor_no_is_named(word: str, column: str, tmp_path: Path) -> None:
    form = written(
        tmp_path, f"| survey |\n| | type | name | label | {column} |\n| | text | a | A? | {word} |\n"
    )
    assert said(form) == [
        f":survey!D2: `{word}` is neither yes nor no, and no condition. Write `yes`, or nothing."
    ]


def test_a_number_says_yes_as_in_odk(tmp_path: Path) -> None:
    form = written(tmp_path, "| survey |\n| | type | name | label | required |\n| | text | a | A? | 1 |\n")
    assert said(form) == []
    assert "needed" in Chat(round_of(read_questionnaire(form))).say("I agree", "skip")


def test_digits_of_another_script_are_written_out(tmp_path: Path) -> None:
    form = written(
        tmp_path, "| survey |\n| | type | name | label | constraint |\n| | integer | a | A? | . > ١٨ |\n"
    )
    assert said(form)[0] == (
        ":survey!D2: ١ has no meaning here. Write 1: numbers are written with the digits from 0 to 9."
    )


def test_a_default_is_not_held_against_a_time_that_is_not_known_yet(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        "| survey |\n| | type | name | label | default | constraint |\n"
        "| | integer | a | Since when? | 2000 | . <= int(format-date(today(), '%Y')) |\n",
    )
    assert said(form) == []


HERE = "code = current()/. and zone = current()/../zone"
SCHOOLS = f"""
| survey |      |      |       |                                                   |
|        | type | name | label | constraint                                        |
|        | text | zone | Zone? |                                                   |
|        | text | code | Code? | count(instance('schools')/root/item[{HERE}]) > 0  |
"""


def test_a_constraint_counts_the_rows_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("code,zone\r\nA1,north\r\nB2,south\r\n", encoding="utf-8")
    chat = begun(tmp_path, SCHOOLS)
    assert "Submit" not in chat.say("south", "A1")
    assert "Submit" in chat.say("B2")


DUPLICATES = """
| survey |              |             |       |                                            |              |
|        | type         | name        | label | calculation                                | repeat_count |
|        | begin_repeat | Ménage.1    | Home  |                                            | 2            |
|        | text         | nom.complet | Name? |                                            |              |
|        | calculate    | twice       |       | count(${Ménage.1}[nom.complet = current()/../nom.complet]) > 1 | |
|        | end_repeat   |             |       |                                            |              |
|        | calculate    | who         |       | ${Ménage.1}[nom.complet != '']/nom.complet |              |
"""


def test_names_that_cannot_stay_are_followed_in_brackets(tmp_path: Path) -> None:
    chat = begun(tmp_path, DUPLICATES)
    chat.say("Ana", "Ana")
    assert (chat.answers["twice[1]"], chat.answers["who"]) == ("true", "Ana")


@pytest.mark.parametrize("inside", [". = 'Ana'", "position(..) = 2"])
def test_what_means_the_turn_itself_in_brackets_is_refused(inside: str, tmp_path: Path) -> None:
    form = written(
        tmp_path,
        "| survey |\n| | type | name | label | calculation |\n| | begin_repeat | p | P | |\n| | text | a | A? | |\n"
        f"| | end_repeat | | | |\n| | calculate | c | | count(${{p}}[{inside}]) |\n",
    )
    errors = [line for line in said(form) if ": warning: " not in line]
    assert len(errors) == 1
    assert errors[0].startswith(":survey!D5: `.` and `..` in brackets are the turn that is looked at")
    assert "current()" in errors[0]


def test_a_required_note_says_that_it_stops_nobody(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        "| survey |\n| | type | name | label | required |\n| | note | a | Stop. | yes |\n"
        "| | text | b | B? | |\n",
    )
    [line] = said(form)
    assert line.startswith(":survey!D2: warning: A `required` note stops nobody")


def test_lines_of_other_systems_in_the_cells_of_a_table_end_as_ours(tmp_path: Path) -> None:
    form = write(
        tmp_path, "form.csv", b'\xef\xbb\xbfsurvey,,,\r\n,type,name,label\r\n,text,a,"One\r\ntwo"\r\n'
    )
    assert [line for line in said(form) if ": warning: " not in line] == []
    assert [question.label.texts for question in read_questionnaire(form)] == [{"en": "One\ntwo"}]


def test_a_table_with_semicolons_says_so(tmp_path: Path) -> None:
    form = write(tmp_path, "form.csv", b"survey;;;\n;type;name;label\n;text;a;A?\n")
    assert "not semicolons" in said(form)[0]


def test_two_columns_of_one_name_are_named_with_their_place(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "survey"
    for row in (["type", "name", "label", "hint", "label"], ["text", "a", "A?", "", "B?"]):
        book.active.append(row)
    form = write(tmp_path, "form.xlsx", saved(book))
    assert said(form) == [
        ":survey!E1: There are two columns `label`. Keep one of them, or name the other as what it holds."
    ]


def test_a_list_that_is_not_there_belongs_on_its_sheet(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        "| survey |\n| | type | name | label |\n| | select_one yn | b | B? |\n| | select_one places | a | A? |\n",
    )
    assert said(form) == [
        ":survey!A3: There is no list of choices `places`. "
        "Write its choices on the sheet `choices`, or use one of `yn`."
    ]


CROPS = """
| survey |            |       |       |                                       |                 |
|        | type       | name  | label | calculation                           | appearance      |
|        | select_one crops | crop | Crop? |                                  | search('crops') |
|        | calculate  | price |       | pulldata('crops', 'price', 'name', ${crop}) |           |
| choices |           |       |       |
|        | list_name  | name  | label |
|        | crops      | name  | label |
"""


def test_pulldata_means_the_file_where_a_list_is_called_like_it(tmp_path: Path) -> None:
    (tmp_path / "crops.csv").write_text("name,label,price\nyam,Yam,4\nrice,Rice,2\n", encoding="utf-8")
    chat = begun(tmp_path, CROPS)
    chat.say("rice")
    assert chat.answers["price"] == "2"


def test_the_latitude_of_a_place_is_taken_out_of_it(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        "| survey |\n| | type | name | label | calculation |\n| | geopoint | at | Where? | |\n"
        "| | calculate | lat | | selected-at(${at}, 0) |\n",
    )
    assert said(form) == []
    chat = Chat(round_of(read_questionnaire(form)))
    chat.say("I agree", "-18.5, 178.25")
    assert chat.answers["lat"] == "-18.5"
