"""The functions that ODK's forms use, beyond the commonest: what each gives, and which are refused."""

from __future__ import annotations

import math

import pytest

from bot.flows.expressions import Expression, ExpressionError, Kind, ValueKind
from bot.flows.expressions.conversions import COLUMN, LABEL, NOW
from bot.flows.expressions.functions import FUNCTIONS
from bot.flows.values import Value
from tests.support.expressions import evaluate

VALUES: dict[str, Value] = {
    NOW: "2026-03-02T09:30:15+00:00",
    "goods": ("fish", "salt"),
    "age": 41,
    "name": " Ana  Tui ",
    "born": "1985-06-30",
    "meal": "19:30",
    f"{LABEL}/goods/fish": "Fresh fish",
    f"{COLUMN}name": "alba",
    f"{COLUMN}region": "north",
}


def worth(source: str, *, is_filter: bool = False) -> Value | None:
    return Expression.parse(source, is_filter=is_filter).evaluate(VALUES.get)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("today()", "2026-03-02"),
        ("now()", "2026-03-02T09:30:15+00:00"),
        ("today() > '2026-03-01'", True),
        ("int((today() - ${born}) div 365.25)", 40),
        ("date('2026-03-02T09:30:15')", "2026-03-02"),
        ("date(20514)", "2026-03-02"),
        ("date('soon')", None),
        ("date-time('2026-03-02')", "2026-03-02T00:00:00+00:00"),
        ("decimal-date-time('1970-01-02')", 1),
        ("decimal-date-time('1970-01-01T12:00:00Z')", 0.5),
        ("decimal-time('18:00')", 0.75),
        ("format-date(today(), '%e %b %Y (%a %d/%m/%y %n)')", "2 Mar 2026 (Mon 02/03/26 3)"),
        ("format-date-time(now(), '%Y-%m-%d %H:%M:%S.%3 %h')", "2026-03-02 09:30:15.000 9"),
        ("format-date-time(${meal}, '%H.%M')", "19.30"),
        ("format-date('', '%Y')", None),
        ("${meal} > '18:00'", True),
        ("selected-at(${goods}, 1)", "salt"),
        ("selected-at(${goods}, 2)", None),
        ("jr:choice-name('fish', '${goods}')", "Fresh fish"),
        ("jr:choice-name('cow', '${goods}')", None),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -3)", "llo"),
        ("substr('hello', 3, 1)", None),
        ("substring-before('a-b-c', '-')", "a"),
        ("substring-before('abc', '-')", None),
        ("substring-after('a-b-c', '-')", "b-c"),
        ("translate('bar', 'abr', 'AB')", "BA"),
        ("normalize-space(${name})", "Ana Tui"),
        ("join(', ', 'a', '', 'b')", "a, , b"),
        ("sum(1, ${age}, ${nothing})", 42),
        ("count-non-empty(${age}, ${nothing}, 'x')", 2),
        ("coalesce(${nothing}, '', 3)", 3),
        ("pow(2, 10)", 1024),
        ("pow(0, -1) > 5", True),
        ("pow(-8, 0.5)", None),
        ("abs(-3)", 3),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("ceiling(1.2)", 2),
        ("floor(-1.2)", -2),
        ("floor(${nothing})", None),
        ("exp10(3)", 1000),
        ("exp10(400) > 5", True),
        ("round(sin(pi() div 2) + cos(0) + tan(0), 6)", 2),
        ("round(asin(1) + acos(1) + atan(1) - atan2(1, 1), 6)", 1.570796),
        ("asin(2)", None),
        ("sin(1 div 0)", None),
        ("round(distance('0 0 0 0', '0 1 0 0'))", 111319),
        ("round(distance('0 0; 0 1; 0 0'))", 222638),
        ("distance('0 0')", None),
        ("distance('here', 'there')", None),
        ("round(area('0 0; 0 1; 1 1; 1 0; 0 0') div 1000000)", 12391),
        ("area('0 0; 0 1')", None),
        ("round(exp(log(5)), 6)", 5),
        ("log10(1000)", 3),
        ("round(pi(), 4)", 3.1416),
        ("checklist(1, 2, true(), false(), true())", True),
        ("checklist(3, -1, true(), false(), true())", False),
        ("weighted-checklist(5, -1, true(), 3, ${age} > 40, 2, false(), 9)", True),
        ("boolean-from-string('1')", True),
        ("item-at(2, 'a', 'b')", "b"),
        ("item-at(3, 'a', 'b')", None),
    ],
)
def test_a_function_gives(source: str, value: Value | None) -> None:
    found = worth(source)
    if isinstance(value, float):
        assert isinstance(found, float)
        assert math.isclose(found, value)
    else:
        assert found == value


def test_a_filter_names_columns_by_bare_words() -> None:
    assert worth("region = 'north' and name != 'bora'", is_filter=True) is True
    with pytest.raises(ExpressionError, match="region stands alone"):
        Expression.parse("region = 'north'")


def test_a_filter_is_not_equal_to_a_condition_of_the_same_words() -> None:
    assert Expression.parse("true()", is_filter=True) != Expression.parse("true()")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("pulldata('a', 'b', 'c', ${age})", "pulldata() cannot be used in a conversation"),
        ("instance('a')/root/item[name = ${age}]/label", "instance() cannot be used"),
        ("digest(${age}, 'MD5')", "digest() cannot be used"),
        ("position(${age})", "position() cannot be used"),
        ("${last-saved#age}", "${last-saved# has no meaning here"),
        ("current()/../age", "current() cannot be used"),
        ("tody()", "There is no function tody()"),
    ],
)
def test_what_a_conversation_cannot_carry_is_refused_by_name(source: str, said: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        Expression.parse(source)
    assert said in refused.value.message
    assert refused.value.remedy


KINDS = {
    "goods": ValueKind(Kind.CODES, frozenset({"fish", "salt"})),
    "meal": ValueKind(Kind.TIME),
    "children": ValueKind(Kind.REPEAT),
    "score": ValueKind(Kind.COMPUTED),
}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("jr:choice-name('fish', ${goods})", "wants the question's name in quotes"),
        ("jr:choice-name('fish', '${gods}')", "There is no question gods"),
        ("${meal} > 'noon'", "is a time of day"),
        ("${children} > 1", "${children} is a repeat"),
        ("indexed-repeat(${goods}, 1, 1)", "1 is not a repeat"),
        ("count(${children}) > 1", None),
        ("${score} = 'x' and ${score} > 3", None),
    ],
)
def test_what_cannot_be_meant_is_named(source: str, said: str | None) -> None:
    found = [error.message for error in Expression.parse(source).check(KINDS, None)]
    assert found == [] if said is None else any(said in message for message in found)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_answers_whatever_it_is_given(name: str) -> None:
    function = FUNCTIONS[name]
    least, most = function.arity
    for count in {least, 4 if most is None else most}:
        for given in (
            "''",
            "'a b'",
            "0",
            "-1.5",
            "0 div 0",
            "-1 div 0",
            "true()",
            "${tools}",
            "'2024-02-30'",
        ):
            evaluate(f"{name}({', '.join([given] * count)})")
    assert function.usage.startswith(f"{name}(")
