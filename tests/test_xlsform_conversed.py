"""What forms say that only shows in a conversation: filled-in messages, look-ups, triggers, choices from elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.problems import Severity
from bot.authoring.yaml_reader import read_questionnaire
from tests.support.conversations import Chat, round_of
from tests.support.forms import laid_out

DATA = Path(__file__).parent / "data" / "xlsform"


def begun(form: Path) -> Chat:
    chat = Chat(round_of(read_questionnaire(form)))
    chat.say("I agree")
    return chat


def written(folder: Path, form: str) -> Path:
    file = folder / "form.md"
    file.write_text(form, encoding="utf-8")
    return file


def labels(chat: Chat) -> list[str]:
    return [button.label for button in chat.buttons]


def test_messages_and_choices_say_what_was_answered() -> None:
    chat = begun(DATA / "said.md")
    chat.say("5", "7")
    assert "You are only 5." in chat.said
    assert "Say how many of the 5." in chat.say("skip")
    assert "Count those of 5 below 18." in chat.say("help")
    chat.say("2", "lime, fig", "Ana")
    assert "Suggested answer: Ana jr" in chat.said
    chat.say("Ben")
    assert "Who decides about Lime and Fig?" in chat.said
    assert labels(chat)[:2] == ["1. Ana", "2. Ben, the youngest"]
    chat.say("ana")
    assert chat.answers["head"] == "1", "the words that are shown are understood"


def test_what_an_answer_fills_changes_with_it() -> None:
    chat = begun(DATA / "said.md")
    chat.say("5", "2", "lime", "Ana", "Ben", "back", "back", "Eva")
    assert labels(chat)[:2] == ["1. Eva", "2. Ben, the youngest"]


def test_a_look_up_gives_what_the_list_says() -> None:
    chat = begun(DATA / "said.md")
    chat.say("5", "2", "lime, fig")
    assert (chat.answers["price"], chat.answers["named"], chat.answers["pos"]) == ("5", "Lime", 1)


def test_what_is_triggered_is_computed_when_the_answer_is_there_and_then_stays() -> None:
    chat = begun(DATA / "said.md")
    chat.say("5", "2", "lime")
    assert "at" not in chat.answers
    chat.say("Ana")
    first = chat.answers["at"]
    assert first == chat.now.isoformat(timespec="seconds")
    chat.say("back", "Eva")
    assert (chat.answers["at"], chat.answers["long"]) == (first, 3)


def test_choices_are_the_answers_of_the_turns_of_a_repeat() -> None:
    chat = begun(DATA / "turns.md")
    chat.say("Ana", "40", "Ben", "10", "Cy", "15")
    assert "Who cooks?" in chat.said
    assert labels(chat)[:2] == ["1. Ana", "2. Cy"], "Ben is too young"
    chat.say("Cy")
    assert chat.answers["cook"] == "3"
    assert "Who cooks?\n    → Cy" in chat.said


def test_the_answer_of_the_turn_before_is_suggested() -> None:
    chat = begun(DATA / "previous.md")
    assert "Suggested answer" not in chat.said
    chat.say("Beach Road", "yes")
    assert "Suggested answer: Beach Road" in chat.said
    chat.say("done", "no")
    assert (chat.answers["people"], chat.answers["number[2]"]) == (2, 2)
    assert "Suggested answer: 5 January 2024" in chat.said


def test_what_other_programs_run_too_is_a_warning_in_a_form_and_an_error_in_yaml(tmp_path: Path) -> None:
    found = problems_of(DATA / "doubts.md")
    assert {problem.severity for problem in found} == {Severity.WARNING}
    text = (DATA / "doubts.txt").read_text(encoding="utf-8").partition("\n\n")[2]
    file = tmp_path / "questionnaire.yaml"
    file.write_text(text.replace("runs_elsewhere: true\n", ""), encoding="utf-8")
    errors = {p.message for p in problems_of(tmp_path) if p.severity is Severity.ERROR}
    assert errors >= {
        "'99' is not a choice of ${crops}.",
        "'yes' alone is always true.",
        "`later` is not answered yet when this is asked.",
        "`Skip` is a command in this language or in English.",
        "`${crops}` of the text in `en` is missing.",
    }
    file.write_text(text, encoding="utf-8")
    assert {problem.severity for problem in problems_of(tmp_path)} == {Severity.WARNING}


def test_a_condition_that_never_holds_does_not_keep_a_form_from_being_answered() -> None:
    chat = Chat(round_of(read_questionnaire(DATA / "doubts.md")))
    chat.say("English", "I agree", "maize, other", "millet")
    assert "Ok with Maize and Other?" in chat.said
    chat.say("skip")
    assert chat.answers["a"] == "skip", "the choice goes before the command"


def test_a_choice_that_is_there_twice_gets_a_number_where_that_is_allowed(tmp_path: Path) -> None:
    form = """
| survey   |                         |      |       |               |
|          | type                    | name | label | choice_filter |
|          | select_one l            | a    | A?    | of = 'south'  |
| choices  |                         |      |       |               |
|          | list_name               | name | label | of            |
|          | l                       | x    | Up    | north         |
|          | l                       | x    | Down  | south         |
| settings |                         |
|          | allow_choice_duplicates |
|          | yes                     |
"""
    chat = begun(written(tmp_path, form))
    chat.say("1")
    assert chat.answers["a"] == "x_2"
    assert any("`x`" in problem.message for problem in problems_of(tmp_path / "form.md"))


def test_choices_and_look_ups_come_from_a_file_beside_the_form(tmp_path: Path) -> None:
    chat = begun(laid_out(DATA / "beside.md", tmp_path))
    assert labels(chat)[:3] == ["1. Alofi", "2. Buka", "3. Caba, upper"]
    chat.say("Buka")
    assert (chat.answers["people"], chat.answers["of"]) == ("80", "south")
    assert labels(chat)[:3] == ["1. None of these", "2. Buka", "3. Caba, upper"]
    chat.say("Caba, upper")
    assert labels(chat)[0] == "1. Alba"
    assert (chat.answers["village"], chat.answers["hamlet"]) == ("v2", "v3")


def test_a_file_that_is_not_beside_the_form_is_named_with_what_to_do(tmp_path: Path) -> None:
    form = Path(shutil.copy(DATA / "beside.md", tmp_path))
    errors = [problem for problem in problems_of(form) if problem.severity is Severity.ERROR]
    assert [(e.sheet, e.line, e.column) for e in errors] == [
        ("survey", 2, 1),
        ("survey", 3, 5),
        ("survey", 5, 7),
        ("survey", 6, 7),
    ]
    assert all("villages" in error.message and error.remedy for error in errors)


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd.csv", "a/b.csv", "..csv"])
def test_no_file_outside_of_the_forms_folder_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("name,label\na,A\n", encoding="utf-8")
    folder = tmp_path / "forms"
    folder.mkdir()
    form = written(
        folder, f"| survey |\n| | type | name | label |\n| | select_one_from_file {name} | a | A? |\n"
    )
    assert any(problem.severity is Severity.ERROR for problem in problems_of(form))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name,label\na,\xff\n", "t.csv:2:3: This is not UTF-8 text. "),
        (b"x" * 10_000_001, "t.csv: The file is larger than 10,000,000 bytes. "),
        (b"," * 500_001, "t.csv: The table has more than 500,000 cells. "),
        (b"name,label\n" + b"x" * 200_000, "t.csv:2: This is no row of comma-separated values: "),
        (b"", "form.md:survey!A2: The choices are in `t.csv`, which is not beside the form with "),
        (b"other,columns\n1,2\n", "form.md:survey!A2: The choices are in `t.csv`, which is not beside "),
        (b'name,label\n"a', None),
    ],
)
def test_a_file_that_cannot_be_used_is_said_with_its_reason(
    data: bytes, said: str | None, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    form = written(
        tmp_path, "| survey |\n| | type | name | label |\n| | select_one_from_file t.csv | a | A? |\n"
    )
    errors = [p for p in problems_of(form) if p.severity is Severity.ERROR]
    assert all(error.remedy for error in errors)
    found = [str(error).removeprefix(f"{tmp_path}/") for error in errors]
    assert found == [] if said is None else any(error.startswith(said) for error in found)


def test_a_folder_with_the_files_name_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    form = written(
        tmp_path, "| survey |\n| | type | name | label |\n| | select_one_from_file t.csv | a | A? |\n"
    )
    assert "The file cannot be read: Is a directory." in {problem.message for problem in problems_of(form)}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("pulldata('t', 'b')", "pulldata() wants a file"),
        ("pulldata('t', 'b', 'a', ${q}", "A bracket is not closed."),
        ("pulldata('t', 'z', 'a', ${q})", "The table `t` has no column `z`."),
        ("instance('t')/root/item[a = ${q}][position()=1]/b", "This way of looking into a list"),
        ("instance('nothing')/root/item[a = ${q}]/b", "There is no list `nothing`"),
        ("instance('t')/root/item[a == ${q}]/b", "== has no meaning here, in a look-up."),
        ("count(instance('t')/root/item)", "This way of looking into a list"),
        ("pulldata('long', 'b', 'a', ${q})", "The table `long` is too long to be looked up in."),
    ],
)
def test_a_look_up_that_cannot_be_followed_is_refused_in_words(
    expression: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n", encoding="utf-8")
    rows = "".join(f"key {number},value {number}\n" for number in range(1000))
    (tmp_path / "long.csv").write_text(f"a,b\n{rows}", encoding="utf-8")
    rows = f"| | text | q | Q? | |\n| | calculate | c | | {expression} |\n"
    form = f"| survey |\n| | type | name | label | calculation |\n{rows}"
    errors = [p for p in problems_of(written(tmp_path, form)) if p.severity is Severity.ERROR]
    assert len(errors) == 1
    assert errors[0].message.startswith(message)
    assert errors[0].remedy
    assert (errors[0].line, errors[0].column) == (3, 4)
