"""The files that forms come in: what they are is seen by their content, and none costs too much to read."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.authoring.check import problems_of
from bot.authoring.problems import Place, Severity
from bot.authoring.xlsform import workbook as limits
from bot.authoring.yaml_reader import read_questionnaire
from tests.support.forms import FORM, part, saved, with_parts, workbook, write

XLS = Path(__file__).parent / "data" / "xlsform" / "home.xls"
SHEET = "xl/worksheets/sheet1.xml"


def only_error(file: Path) -> tuple[str, str]:
    [error] = [problem for problem in problems_of(file) if problem.severity is Severity.ERROR]
    assert error.file == str(file)
    return error.message, error.remedy


@pytest.mark.parametrize("name", ["form.xlsx", "form.xls", "form.md", "form.XLSX"])
def test_a_workbook_is_known_by_its_content_whatever_its_name(name: str, tmp_path: Path) -> None:
    questionnaire = read_questionnaire(write(tmp_path, name, workbook()))
    assert list(questionnaire.questions) == ["people", "change"]


@pytest.mark.parametrize("name", ["form.xls", "form.xlsx", "form.csv"])
def test_an_old_workbook_is_read_even_under_a_new_name(name: str, tmp_path: Path) -> None:
    old = read_questionnaire(write(tmp_path, name, XLS.read_bytes()))
    assert old == read_questionnaire(write(tmp_path, "new.xlsx", workbook()))


def test_csv_and_markdown_say_the_same_as_a_workbook(tmp_path: Path) -> None:
    csv = """survey
,type,name,label::English (en)
,integer,people,How many people are in your home?
,text,change,What would you change?
settings
,form_title,form_id,version,default_language
,Home,home,1,English (en)
"""
    expected = read_questionnaire(write(tmp_path, "a.xlsx", workbook()))
    for name, text in (("a.csv", csv), ("a.md", FORM), ("b.csv", f"\ufeff{csv}")):
        assert read_questionnaire(write(tmp_path, name, text.encode())) == expected


def test_a_place_is_a_cell_as_spreadsheets_call_it(tmp_path: Path) -> None:
    headers = ["type", "name", *(f"x{number}" for number in range(24)), "label", "relevant"]
    book = Workbook()
    book.active.title = "survey"
    book.active.append(headers)
    book.active.append(["text", "a", *[None] * 24, "A?", "${b} = ''"])
    file = write(tmp_path, "wide.xlsx", saved(book))
    [error] = [problem for problem in problems_of(file) if problem.severity is Severity.ERROR]
    assert str(error).startswith(f"{file}:survey!AB2: There is no question b.")
    assert error.place == Place(str(file), 2, 28, "survey")


def test_a_space_that_does_not_break_stays(tmp_path: Path) -> None:
    form = workbook(FORM.replace("change?", "change\u00a0?"))
    questionnaire = read_questionnaire(write(tmp_path, "a.xlsx", form))
    assert questionnaire.questions["change"].label.in_language("en") == "What would you change\u00a0?"


def test_what_stands_after_a_gap_that_odk_reads_no_further_than_is_named(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label", *[None] * 30, "relevant"])
    for row in (["text", "a", "A?"], *([] for _ in range(70)), ["text", "b", "B?"]):
        book.active.append(row)
    file = write(tmp_path, "gaps.xlsx", saved(book))
    assert list(read_questionnaire(file).questions) == ["a"]
    said = [str(p) for p in problems_of(file) if "is not read" in p.message]
    assert [text.partition(": warning")[0] for text in said] == [f"{file}:survey!AH1", f"{file}:survey!A73"]


def test_ends_of_lines_of_other_systems_are_plain_ones(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label"])
    book.active.append(["text", "a", "One_x000D_\ntwo"])
    questionnaire = read_questionnaire(write(tmp_path, "lines.xlsx", saved(book)))
    assert questionnaire.questions["a"].label.in_language("en") == "One\ntwo"


def test_lim_3_a_file_may_have_so_many_bytes(tmp_path: Path) -> None:
    message, remedy = only_error(write(tmp_path, "a.xlsx", b"\0" * (limits.MOST_BYTES + 1)))
    assert message == "The file is larger than 10,000,000 bytes."
    assert remedy


def test_lim_3_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = with_parts(workbook(), {"xl/media/big.xml": b" " * (limits.MOST_UNPACKED + 1)})
    assert len(bomb) < limits.MOST_BYTES / 100
    message, _ = only_error(write(tmp_path, "a.xlsx", bomb))
    assert message.startswith("The workbook unpacks to ")


def test_lim_3_an_archive_may_have_so_many_parts(tmp_path: Path) -> None:
    many = with_parts(workbook(), {f"xl/media/{n}": b"" for n in range(limits.MOST_PARTS)})
    assert "parts, which no form needs" in only_error(write(tmp_path, "a.xlsx", many))[0]


def test_lim_3_a_workbook_may_have_so_many_sheets(tmp_path: Path) -> None:
    book = Workbook()
    for number in range(limits.MOST_SHEETS):
        book.create_sheet(f"sheet {number}")
    message, _ = only_error(write(tmp_path, "a.xlsx", saved(book)))
    assert message == "The workbook has 51 sheets; a form may have 50."


def test_lim_3_a_workbook_may_have_so_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CELLS", 9)
    for name, data in (("a.xlsx", workbook()), ("a.xls", XLS.read_bytes())):
        assert only_error(write(tmp_path, name, data))[0] == "The workbook has more than 9 cells."
    message, _ = only_error(write(tmp_path, "a.md", FORM.encode()))
    assert message == "The form has more than 50 sheets or 9 cells."


def test_lim_3_one_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    form = workbook()
    far = part(form, SHEET).replace(
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>',
    )
    questionnaire = read_questionnaire(write(tmp_path, "a.xlsx", with_parts(form, {SHEET: far})))
    assert len(questionnaire.questions) == 2


def test_lim_3_no_entity_is_expanded_or_fetched(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.txt", b"a secret")
    form = workbook()
    for entity in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', '<!ENTITY x "long">'):
        sheet = part(form, SHEET).replace(b"people", b"&x;", 1)
        sheet = b'<?xml version="1.0"?><!DOCTYPE a [' + entity.encode() + b"]>" + sheet.rpartition(b"?>")[2]
        message, _ = only_error(write(tmp_path, "a.xlsx", with_parts(form, {SHEET: sheet})))
        assert message == "The workbook declares XML entities, which spreadsheet programs never write."


def test_lim_3_macros_are_said_and_left_alone(tmp_path: Path) -> None:
    form = with_parts(workbook(), {"xl/vbaProject.bin": b"Sub Auto_Open()"})
    file = write(tmp_path, "a.xlsm", form)
    assert [str(problem) for problem in problems_of(file)] == [
        f"{file}: warning: The workbook holds macros; they are not read, and never run. "
        "Save it as .xlsx to leave them out."
    ]
    assert len(read_questionnaire(file).questions) == 2


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlsx", b"PK\x03\x04 and no more", "The file is damaged"),
        ("a.xlsx", workbook()[:2000], "The file is damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "The file is damaged"),
        ("a.xlsx", b"only text", "This is no form."),
        ("a.xlsx", b"", "This is no form."),
        ("a.csv", b"\xff\xfe", "The file is not UTF-8 text."),
        ("a.csv", b"", "The file does not hold the tables of an XLSForm."),
        ("a.md", b"# A page\n\nof words", "The file does not hold the tables of an XLSForm."),
        ("a.xlsx", zlib.compress(base64.b64encode(bytes(3000))), "This is no form."),
    ],
)
def test_what_is_no_form_is_said_to_be_none(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    said, remedy = only_error(write(tmp_path, name, data))
    assert said.startswith(message)
    assert remedy
