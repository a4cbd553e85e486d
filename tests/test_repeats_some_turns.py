"""Brackets after a repeat: expressions that look at some of its turns only."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.problems import Severity
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.values import Value
from bot.results.routing import conditions_of, routed_by
from tests.support.conversations import Chat, round_of

DATA = Path(__file__).parent / "data" / "xlsform"
PEOPLE = """\
key: people
version: 1
title: People
default_language: en
sections:
  - {{name: few, title: Few, questions: [{{name: n, type: integer, label: How many?}}]}}
  - name: person
    title: Person
    repeat: {{name: people, {count}most: 3}}
    questions:
      - {{name: age, type: integer, label: How old?}}
      - {{name: pets, type: integer, label: How many pets?}}
      - {{name: cum, type: calculate, calculation: "{within}"}}
  - name: end
    title: End
    questions:
      - {{name: found, type: calculate, calculation: "{outside}"}}
      - {{name: last, type: integer, label: Last?, relevant: "{relevant}"}}
"""
COUNT = 'count: "${n}", '


def chat_about(
    folder: Path, outside: str, *answers: str, count: str = COUNT, within: str = "1"
) -> dict[str, Value | None]:
    file = folder / "people.yaml"
    file.write_text(
        PEOPLE.format(relevant="true()", outside=outside, within=within, count=count), encoding="utf-8"
    )
    chat = Chat(round_of(read_questionnaire(file)))
    chat.say("I agree", *answers)
    return dict(chat.answers)


@pytest.mark.parametrize(
    ("outside", "found"),
    [
        ("sum(${people}[${age} < 18]/pets)", 7),
        ("sum(${people}[${age} > 90]/pets)", 0),
        ("count(${people}[${age} >= 18])", 1),
        ("count(${people}[${age} != 99])", 2),
        ("count(${people}[${pets} = ''])", 1),
        ("count(${people}[true()])", 2),
        ("${people}[${age} > 18]/age", 40),
        ("${people}[${age} > 90]/age", None),
        ("${people}[position() = 2]/age", 5),
        ("${people}[position() = 3]/age", None),
        ("max(${people}[position() > 1]/age)", 5),
        ("join('+', 'x', ${people}[${age} > 1]/pets, 'y')", "x+7+y"),
        ("join('+', ${people}[${age} > 90]/pets)", None),
        ("join('+', ${pets})", "7"),
        ("count(${people}[count(${people}[${age} < 10]) = 1 and ${age} = 40])", 1),
    ],
)
def test_it_is_of_the_turns_for_which_a_condition_holds(
    outside: str, found: Value | None, tmp_path: Path
) -> None:
    assert chat_about(tmp_path, outside, "2", "40", "skip", "5", "7").get("found") == found


def test_turns_count_only_as_far_as_there_are_any(tmp_path: Path) -> None:
    for said, turns in (("no", 1), ("yes", 2)):
        given = chat_about(tmp_path, "count(${people}[${age} != 99])", "0", "40", "1", said, "5", count="")
        assert given["found"] == turns


@pytest.mark.parametrize(
    ("within", "found"),
    [
        ("sum(${people}[position() < position(..)]/cum) + ${pets}", (1, 3, 8)),
        ("count(${people}[${age} = current(${age})])", (2, 1, 2)),
        ("sum(${people}[${age} < current(${age})]/pets) + position(..)", (3, 2, 5)),
        ("count(${people}[count(${people}[${age} = current(${age})]) > 1])", (3, 0, 3)),
    ],
)
def test_a_turn_looks_at_others_and_at_itself(within: str, found: tuple[int, ...], tmp_path: Path) -> None:
    given = chat_about(tmp_path, "1", "3", "40", "1", "5", "2", "40", "4", within=within)
    assert tuple(given[f"cum[{turn}]"] for turn in (1, 2, 3)) == found


NESTED = """\
key: houses
version: 1
title: Houses
default_language: en
sections:
  - name: member
    title: Member
    repeat: {{name: members, count: "2", most: 2, within: {{name: houses, count: "2", most: 2}}}}
    questions:
      - {{name: age, type: integer, label: How old?}}
      - {{name: found, type: calculate, calculation: "{}"}}
  - {{name: end, title: End, questions: [{{name: last, type: integer, label: Last?}}]}}
"""


@pytest.mark.parametrize(
    ("within", "found"),
    [
        ("sum(${houses}[true()]/age)", (33, 33, 33, 33)),
        ("sum(${houses}[position() = 2]/age)", (30, 30, 30, 30)),
        ("sum(${members}[true()]/age)", (3, 3, 30, 30)),
        ("count(${houses}[sum(${members}[true()]/age) > 5])", (1, 1, 1, 1)),
    ],
)
def test_a_turn_looks_at_all_within_a_turn_around_it(
    within: str, found: tuple[int, ...], tmp_path: Path
) -> None:
    file = tmp_path / "houses.yaml"
    file.write_text(NESTED.format(within), encoding="utf-8")
    chat = Chat(round_of(read_questionnaire(file)))
    chat.say("I agree", "1", "2", "10", "20")
    assert tuple(chat.answers[f"found[{h}][{m}]"] for h in (1, 2) for m in (1, 2)) == found


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("count(${age}[1 = 1])", "${age} is no repeat."),
        (
            "count(${people}[count(${people}[count(${people}[${age} > 1]) > 1]) > 1])",
            "Conditions on turns stand more than 2 deep in one another.",
        ),
        ("sum(${people}[2]/pets)", "2 is a number, and no condition."),
        ("sum(${people}[${age} > 1])", "${people}[${age} > 1] has no answer."),
        ("sum(${people}[${age} > 1]/n)", "n is no question of the repeat people."),
        ("sum(${people}[${age} > 1]/zz)", "There is no question zz."),
        ("sum(${people}[current(${n}) > 1]/age)", "n is no question of the repeat people."),
        ("sum(${people}[current(1) > 1]/age)", "current() in brackets takes the name of a question."),
        ("sum(${people}[${age} > 1/age)", "/ has no meaning here."),
        ("sum(${people}[${age} > 1", "A bracket is not closed."),
        ("current(${age})", "current() cannot be used in a conversation."),
        ("sum(${peopl}[1 = 1]/pets)", "There is no question peopl."),
    ],
)
def test_what_means_nothing_is_named(written: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(
        PEOPLE.format(relevant="true()", outside=written, within="1", count=COUNT), encoding="utf-8"
    )
    errors = [problem for problem in problems_of(file) if problem.severity is Severity.ERROR]
    assert [problem.message for problem in errors] == [message]
    assert all(problem.remedy for problem in errors)


def test_a_running_total_that_looks_at_its_own_turn_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    within = "sum(${people}[position() <= position(..)]/cum) + ${pets}"
    file.write_text(
        PEOPLE.format(relevant="true()", outside="1", within=within, count=COUNT), encoding="utf-8"
    )
    assert "wait for one another" in str(problems_of(file)[0])


def test_paths_of_a_form_mean_what_they_mean_in_odk() -> None:
    chat = Chat(round_of(read_questionnaire(DATA / "some_turns.md")))
    chat.say("I agree", "3", "18")
    chat.say("Ana", "40", "1", "dog", "2", "yes", "9", "no")
    chat.say("Ben", "10", "2", "other", "goat", "4", "no")
    chat.say("Ana", "60", "4", "cat", "1", "yes", "5", "no")
    given = chat.answers
    assert [given.get(f"same[{turn}]") for turn in (1, 2, 3)] == [2, 1, 2]
    assert [given.get(f"before[{turn}]") for turn in (1, 2, 3)] == [0, 1, 3]
    assert [given.get(f"older[{turn}]") for turn in (1, 2, 3)] == ["Ana", "Ana, Ana", None]
    names = ("young", "adults", "second", "dog", "away", "others", "most", "long", "other")
    assert [given[name] for name in names] == [2, 2, "Ben", "Ana", 5, 2, 60, 3, "goat"]


def test_what_some_turns_route_is_seen_by_disclosure_control(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    relevant = "count(${people}[${age} >= 18]) > 0"
    file.write_text(PEOPLE.format(outside="1", within="1", count=COUNT, relevant=relevant), encoding="utf-8")
    routed = routed_by(conditions_of(read_questionnaire(file)))
    assert all("last" in routed[name] for name in ("n", "age[1]", "age[2]", "age[3]"))
    chat = Chat(round_of(read_questionnaire(file)))
    assert "Last?" not in chat.say("I agree", "1", "17", "0")
    assert "Last?" in Chat(round_of(read_questionnaire(file))).say("I agree", "1", "18", "0")
