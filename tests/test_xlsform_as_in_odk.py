"""Forms that mean something in ODK which is easily lost: what is computed, what is a condition, which turn is meant."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.authoring.check import problems_of
from bot.authoring.xlsform.writer import form_of
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.expressions import Expression
from bot.flows.filling import as_answer
from bot.results.routing import Condition
from storage import documents
from tests.support.conversations import Chat, round_of
from tests.support.forms import saved, write

LISTS = """
| choices |           |      |       |
|         | list_name | name | label |
|         | yn        | yes  | Yes   |
|         | yn        | no   | No    |
"""
SETTINGS = """
| settings |                  |
|          | default_language |
|          | English (en)     |
"""


def written(folder: Path, survey: str) -> Path:
    return write(folder, "form.md", f"{survey}{LISTS if ' yn' in survey else ''}{SETTINGS}".encode())


def begun(folder: Path, survey: str) -> Chat:
    chat = Chat(round_of(read_questionnaire(written(folder, survey))))
    chat.say("I agree")
    return chat


def said(file: Path) -> list[str]:
    return [str(problem).removeprefix(str(file)) for problem in problems_of(file)]


STAMPS = """
| survey |          |       |       |                                          |         |
|        | type     | name  | label | calculation                              | trigger |
|        | text     | who   | Who?  |                                          |         |
|        | dateTime | first |       | if(${first} = '', now(), ${first})       | ${who}  |
|        | integer  | twice |       | string-length(${who}) * 2                |         |
|        | text     | why   | Why?  |                                          |         |
"""


def test_what_has_a_calculation_and_no_words_is_computed_and_never_asked(tmp_path: Path) -> None:
    chat = begun(tmp_path, STAMPS)
    assert "Why?" in chat.say("Ana")
    assert (chat.answers["first"], chat.answers["twice"]) == (chat.now.isoformat(timespec="seconds"), 6)


def test_the_moment_of_the_first_answer_stays_though_the_calculation_names_itself(tmp_path: Path) -> None:
    chat = begun(tmp_path, STAMPS)
    chat.say("Ana")
    first = chat.answers["first"]
    chat.say("back", "Benjamin")
    assert (chat.answers["first"], chat.answers["twice"]) == (first, 16)
    [problem] = problems_of(tmp_path / "form.md")
    assert "computed once" in problem.message


CONDITIONS = """
| survey |              |       |                |             |              |                         |
|        | type         | name  | label          | calculation | repeat_count | relevant                |
|        | begin_repeat | man   | Person         |             | 2            |                         |
|        | integer      | age   | How old?       |             |              |                         |
|        | calculate    | adult |                | ${age} > 17 |              |                         |
|        | text         | work  | What work?     |             |              | ${adult}                |
|        | end_repeat   |       |                |             |              |                         |
|        | calculate    | many  |                | sum(${adult}) |            |                         |
|        | calculate    | all   |                | ${many} = 2 |              |                         |
|        | text         | no    | Who is not?    |             |              | not(${all})             |
|        | text         | nor   | All? ${all}    |             |              | ${all} = 'false'        |
|        | text         | yes   | All are?       |             |              | ${all} = true()         |
|        | text         | ja    | Really all?    |             |              | ${all} = 'true'         |
"""


def test_a_condition_that_was_computed_counts_as_one_where_it_is_named(tmp_path: Path) -> None:
    chat = begun(tmp_path, CONDITIONS)
    assert "What work?" not in chat.say("17")
    assert "What work?" in chat.say("18")
    assert "Who is not?" in chat.say("cook")
    assert "All? false" in chat.say("Ben")
    assert "5. All? false" in chat.say("no"), "the last one: neither of the others is asked"
    assert "Submit your answers?" in chat.said
    assert (chat.answers["adult[1]"], chat.answers["many"], chat.answers["all"]) == ("false", 1, "false")


def test_and_so_it_does_when_it_holds(tmp_path: Path) -> None:
    chat = begun(tmp_path, CONDITIONS)
    assert "All are?" in chat.say("18", "cook", "18", "cook")
    assert "Really all?" in chat.say("yes")
    assert chat.answers["all"] == "true"


def test_results_see_a_computed_condition_as_the_conversation_does(tmp_path: Path) -> None:
    questionnaire = read_questionnaire(written(tmp_path, CONDITIONS))
    condition = Condition.of(Expression.parse("${all}"), questionnaire)
    for other, holds in ((18, True), (17, False)):
        assert condition.holds({"age[1]": 18, "age[2]": other}.get) is holds


def test_what_is_drawn_by_a_condition_once_is_a_condition_too() -> None:
    for source in (
        "once(${a} > 1)",
        "if(${a} > 1, true(), not(${b}))",
        "coalesce(${a} = 1, false())",
        "1 = 2",
    ):
        assert Expression.parse(source).is_condition
    for source in ("once(${a})", "if(${a} > 1, 'true', true())", "${a}", "1 + 1", "coalesce(true(), 1)"):
        assert not Expression.parse(source).is_condition


@pytest.mark.parametrize(
    "count",
    [
        "if(${count} = 0 or ${plant}[position()=${count}]/more = 'yes', ${count} + 1, ${count})",
        "if(indexed-repeat(${more}, ${plant}, ${count}) = 'yes', ${count} + 1, ${count})",
    ],
)
def test_where_the_turns_say_whether_there_is_another_people_are_asked(count: str, tmp_path: Path) -> None:
    rows = [
        "| survey | | | | | |",
        "| | type | name | label | calculation | repeat_count |",
        "| | calculate | count | | count(${plant}) | |",
        f"| | begin_repeat | plant | Plant | | {count} |",
        "| | text | kind | Which plant? | | |",
        "| | select_one yn | more | Are there more? | | |",
        "| | end_repeat | | | | |",
    ]
    chat = begun(tmp_path, "\n".join(rows) + "\n")
    assert "Is there another one?" in chat.say("fig", "yes")
    assert "Which plant?" in chat.say("yes")
    chat.say("oak", "no", "no")
    assert (chat.answers["count"], chat.answers["kind[2]"]) == (2, "oak")
    told = [line for line in said(tmp_path / "form.md") if "depends on the turns" in line]
    assert [line[: line.index(" ")] for line in told] == [":survey!E3:"]


def test_a_turn_by_its_number_is_that_turn(tmp_path: Path) -> None:
    chat = begun(
        tmp_path,
        """
| survey |              |       |        |                              |              |
|        | type         | name  | label  | calculation                  | repeat_count |
|        | begin_repeat | tree  | Tree   |                              | 2            |
|        | begin_group  | inner | Inner  |                              |              |
|        | text         | kind  | Which? |                              |              |
|        | end_group    |       |        |                              |              |
|        | end_repeat   |       |        |                              |              |
|        | calculate    | last  |        | ${tree}[2]/inner/kind        |              |
|        | calculate    | none  |        | ${tree}[9]/inner/kind        |              |
""",
    )
    chat.say("fig", "oak")
    assert (chat.answers["last"], chat.answers.get("none")) == ("oak", None)


def test_codes_may_be_looked_for_in_a_text_that_was_put_together(tmp_path: Path) -> None:
    form = """
| survey |               |      |       |                                                            |
|        | type          | name | label | relevant                                                   |
|        | text          | who  | Who?  |                                                            |
|        | select_one yn | a    | A?    | selected({}, 'yes') |
"""
    for listed in ("'yes no'", "concat(${who}, ' ', ${who})", "join(' ', ${who})"):
        assert said(written(tmp_path, form.format(listed))) == []
    [problem] = said(written(tmp_path, form.format("${who}")))
    assert "selected() looks at choices, and ${who} is a text" in problem


def test_a_drawn_name_may_be_of_a_length(tmp_path: Path) -> None:
    def drawn(source: str) -> object:
        return Expression.parse(source).evaluate({"random()": "somebody"}.get)

    name = drawn("uuid(8)")
    assert isinstance(name, str)
    assert len(name) == 8
    assert name != Expression.parse("uuid(8)").evaluate({"random()": "another"}.get)
    assert drawn("uuid('')") == drawn("uuid(99)") == drawn("uuid()")
    assert drawn("uuid(0)") is None


def test_a_column_without_a_header_is_named_where_it_first_holds_something(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label::English (en)", None, "hint::English (en)"])
    book.active.append(["text", "a", "A?", None, "Think"])
    book.active.append(["text", "b", "B?", "${a} = 'x'", "Think", "beyond"])
    book.active.append(["text", "c", "C?", "lost too", "Think"])
    told = said(write(tmp_path, "form.xlsx", saved(book)))
    assert [line.partition(": ")[0] for line in told] == [":survey!D3", ":survey!F3"]
    assert all("has no header" in line for line in told)


def test_so_it_is_in_a_text_file(tmp_path: Path) -> None:
    text = "survey\n,type,name,label::English (en)\n,text,a,A?\n,text,b,B?,${a} = 'x'\n,text,c,C?,lost too\n"
    [told] = said(write(tmp_path, "form.csv", text.encode()))
    assert told.startswith(":survey!D3: warning: This column has no header")


def test_a_part_without_sections_survives_the_way_through_a_workbook(tmp_path: Path) -> None:
    form = """
| survey |             |      |        |            |
|        | type        | name | label  | chat::part |
|        | begin_group | first | First | Z         |
|        | end_group   |      |        |            |
|        | begin_group | pa   | Part A | A always   |
|        | text        | a    | A?     |            |
|        | begin_group | pb   | Part B | B          |
|        | end_group   |      |        |            |
|        | end_group   |      |        |            |
|        | begin_group | pc   | Part C | C          |
|        | text        | c    | C?     |            |
|        | end_group   |      |        |            |
|        | begin_group | last | Last   | D          |
|        | end_group   |      |        |            |
"""
    questionnaire = read_questionnaire(written(tmp_path, form))
    assert [part.name for part in questionnaire.parts] == ["Z", "A", "B", "C", "D"]
    assert read_questionnaire(write(tmp_path, "back.xlsx", form_of(questionnaire))) == questionnaire


@pytest.mark.parametrize(
    ("type_", "remedy"),
    [("begin_kobomatrix", "under `kobo--matrix_list`"), ("text audit", "only SurveyCTO has it")],
)
def test_types_of_one_program_only_are_refused_with_what_to_do(
    type_: str, remedy: str, tmp_path: Path
) -> None:
    form = written(tmp_path, f"| survey |\n| | type | name | label::English (en) |\n| | {type_} | a | A? |\n")
    assert any(line.startswith(":survey!A2: There is no") and remedy in line for line in said(form))


def test_what_was_divided_by_zero_is_kept_as_odk_writes_it_and_can_be_stored(tmp_path: Path) -> None:
    chat = begun(
        tmp_path,
        """
| survey |           |      |       |              |             |
|        | type      | name | label | calculation  | relevant    |
|        | integer   | a    | A?    |              |             |
|        | calculate | up   |       | 1 div ${a}   |             |
|        | calculate | down |       | -1 div ${a}  |             |
|        | calculate | none |       | 0 div ${a}   |             |
|        | text      | b    | B?    |              | ${up} > 5   |
|        | text      | c    | C?    |              | ${down} > 5 |
""",
    )
    assert "B?" in chat.say("0")
    assert "Submit your answers?" in chat.say("x")
    assert [chat.answers.get(name) for name in ("up", "down", "none")] == ["Infinity", "-Infinity", None]
    for value in chat.answers.values():
        assert documents.read_value(documents.json_text(value)) == value


@pytest.mark.parametrize(
    ("computed", "kept"),
    [(1 / 3, 0.333333333333333), (0.1 + 0.2, 0.3), (2.9999999999999996, 3), (1e22, 1e22)],
)
def test_a_computed_number_has_the_digits_that_every_database_keeps(computed: float, kept: float) -> None:
    assert as_answer(computed) == kept
    with closing(sqlite3.connect(":memory:")) as database:
        [(read,)] = database.execute("SELECT CAST(CAST(? AS NUMERIC) AS TEXT)", [documents.json_text(kept)])
    assert documents.read_value(read) == kept
