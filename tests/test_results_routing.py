"""What is asked further on, and who is in a column of the indicators, tells no count that is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.expressions import Expression
from bot.flows.indicators import Axis, Column, Indicators
from bot.flows.questionnaire import Question, Questionnaire
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.disclosure import protect
from bot.results.routing import Condition
from bot.results.source import ValueCount
from bot.results.tabulate import assemble
from bot.results.tabulation import Tabulation
from tests.support.results import ask, choices, questionnaire


def calculated(name: str, calculation: str, relevant: str | None = None) -> Question:
    return ask(name, "calculate", relevant=relevant, calculation=Expression.parse(calculation))


def survey(condition: str, *calculations: tuple[str, ...]) -> Questionnaire:
    """A question whose *yes* opens another, looked at directly or through calculations."""
    return questionnaire(
        ask("first", "select_one", choices=choices("yes", "no", "dont_know")),
        *(calculated(*one) for one in calculations),
        ask("after", "select_one", relevant=condition, choices=choices("a", "b")),
    )


DIRECT = survey("${first} = 'yes'")
THROUGH = {
    "a copy": survey("${copy} = 'yes'", ("copy", "${first}")),
    "a number": survey("${points} > 1", ("points", "if(${first} = 'yes', 2, 1)")),
    "two steps": survey("${twice} = 4", ("points", "if(${first} = 'yes', 2, 1)"), ("twice", "${points} * 2")),
    "its relevance": survey(
        "${flag} = 1", ("flag", "1 * 1 + 0 * string-length(${first})", "${first} = 'yes'")
    ),
}


def counted(form: Questionnaire, yes: tuple[int, int, int], others: tuple[int, int, int]) -> Tabulation:
    """So many who went on with a, with b or skipped it; and who said no, do not know, or skipped the first."""
    rows = [ValueCount("first", AnswerStatus.ANSWERED, "yes", sum(yes))]
    for name, values, counts in (
        ("after", ("a", "b", None), yes),
        ("first", ("no", "dont_know", None), others),
    ):
        rows += [
            ValueCount(name, AnswerStatus.SKIPPED if value is None else AnswerStatus.ANSWERED, value, count)
            for value, count in zip(values, counts, strict=True)
        ]
    return assemble(form, {Outcome.COMPLETE: sum(yes) + sum(others)}, rows)


few = st.tuples(*[st.sampled_from([0, 0, 1, 2, 3, 4, 5, 8, 20])] * 3)


@pytest.mark.parametrize("how", THROUGH)
@settings(max_examples=100)
@given(yes=few, others=few, minimum=st.sampled_from([3, 5]))
def test_a_calculation_between_two_questions_is_seen_through(
    how: str, yes: tuple[int, int, int], others: tuple[int, int, int], minimum: int
) -> None:
    direct, through = (protect(counted(form, yes, others), minimum) for form in (DIRECT, THROUGH[how]))
    for one, other in zip(direct.tables, through.tables, strict=True):
        assert replace(other, question=one.question) == one


def test_the_number_asked_after_a_copy_is_hidden_where_it_would_tell_who_was_not() -> None:
    first, after = protect(counted(THROUGH["a copy"], (20, 30, 0), (3, 0, 0)), 5).tables
    assert [cell.count for cell in first.cells or ()] == [None, None, 0]
    assert (after.asked, after.base) == (None, None)


def test_a_condition_says_what_it_comes_from() -> None:
    form = THROUGH["two steps"]
    condition = Condition.of(Expression.parse("${twice} = 4 and ${other} = 1"), form)
    assert condition.references == {"first", "other"}
    for first, holds in (("yes", True), ("no", False)):
        answers: dict[str, Value] = {"first": first, "other": 1}
        assert condition.holds(answers.get) is holds


def test_choices_that_lead_into_one_column_are_hidden_together() -> None:
    """Of 12 officials 9 are in parliament: without the other side's help, 3 would be in the government."""
    officials = Expression.parse("${capacity} = 'government' or ${capacity} = 'parliament'")
    codes = ("person", "ngo", "media", "parliament", "government")
    form = questionnaire(ask("capacity", "select_one", choices=choices(*codes)))
    columned = replace(
        form,
        indicators=Indicators(
            (Axis("all", ("all",)),), ("+",), (), (Column("officials", of=officials),), (), (), (), {}
        ),
    )
    rows = [
        ValueCount("capacity", AnswerStatus.ANSWERED, code, count)
        for code, count in zip(codes, (30, 13, 2, 9, 3), strict=True)
    ]

    def hidden(one: Questionnaire) -> list[str]:
        (table,) = protect(assemble(one, {Outcome.COMPLETE: 57}, rows), 5).tables
        return [cell.name for cell in table.cells or () if cell.count is None]

    assert hidden(form) == ["media", "government"]
    assert hidden(columned) == ["ngo", "media", "parliament", "government"]
