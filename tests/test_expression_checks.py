"""Expressions checked against the kinds of the questions that they name: what cannot be meant is found beforehand."""

from __future__ import annotations

import pytest

from bot.flows.expressions import Expression, ExpressionError, Kind, ValueKind

TYPES = {
    "role": ValueKind(Kind.CODE, frozenset({"citizen", "official", "dont_know"})),
    "level": ValueKind(Kind.CODE, frozenset({"1", "2", "3", "dont_know"})),
    "yes_no": ValueKind(Kind.CODE, frozenset({"yes", "no"})),
    "country": ValueKind(Kind.CODE),
    "tools": ValueKind(Kind.CODES, frozenset({"social_media", "mobile", "none"})),
    "people": ValueKind(Kind.NUMBER),
    "born": ValueKind(Kind.DATE),
    "comment": ValueKind(Kind.TEXT),
}


def found(source: str, current: ValueKind | None = None) -> list[ExpressionError]:
    return Expression.parse(source).check(TYPES, current)


@pytest.mark.parametrize(
    "source",
    [
        "${role} = 'citizen' or ${role} = ''",
        "selected(${role}, 'official') and not(selected(${tools}, 'none'))",
        "selected(${tools}, ${role}) or selected(${tools}, ${comment})",
        "count-selected(${tools}) > 1 and ${tools} = 'social_media mobile'",
        "${level} >= 2 and ${level} = 3 and ${level} > '1' and ${level} + 1 = 2",
        "${country} = 'WS' and ${country} = ${comment}",
        "${people} = 5 or ${people} != '' or ${people} = '5' or ${people} > ${comment}",
        "${born} < '2010-01-01' and ${born} + 7 > ${born} and ${born} - ${born} > 30",
        "${comment} = 'anything' and ${comment} > 3 and regex(${comment}, '.+')",
        "regex(${people}, '[0-9]+') and string-length(${people}) < 5",
        "if(${people} > 1, ${role}, '') = 'citizen'",
        "coalesce(${role}, ${yes_no}) = 'yes' and coalesce(${role}, ${people}) = 3",
        "(${role} = 'citizen') + (${people} > 3) >= 1",
        "selected(coalesce(${tools}, ''), 'mobile')",
        "not(${comment}) and true() = (${people} > 3) and boolean(${tools})",
        "-${people} < -3 and min(${people}, 4) = 4",
    ],
)
def test_what_can_be_meant_passes_the_check(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("source", "offset", "said", "remedy"),
    [
        ("${rolle} = 'x'", 0, "no question rolle", "${role}"),
        ("${zzz} = 'x'", 0, "no question zzz", "name of a question"),
        ("${role} = 'citzen'", 10, "'citzen' is not a choice of ${role}", "Did you mean 'citizen'?"),
        ("${role} = 'x'", 10, "'x' is not a choice", "citizen, dont_know, official"),
        ("'x' != ${role}", 0, "'x' is not a choice", "citizen"),
        ("selected(${role}, 'x')", 18, "'x' is not a choice of ${role}", "citizen"),
        ("selected(${tools}, 'mobiel')", 19, "'mobiel' is not a choice of ${tools}", "'mobile'"),
        ("${tools} = 'mobile radio'", 11, "'radio' is not a choice", "mobile"),
        ("if(${people} > 1, ${role}, '') = 'x'", 33, "'x' is not a choice", "citizen"),
        ("coalesce(${role}, ${yes_no}) = 'x'", 31, "'x' is not a choice", "citizen"),
        ("selected(${people}, '5')", 9, "${people} is a number", "Compare"),
        ("count-selected(${comment})", 15, "${comment} is a text", "Compare"),
        ("selected(${tools} = 'none', 'none')", 9, "is a condition", "alone"),
        ("selected(${level}, 2)", 19, "quotes", "'2'"),
        ("selected(${tools}, ${people})", 19, "${people} is a number, not a code", "string(${people})"),
        ("${people} = 'yes'", 12, "${people} is a number, not 'yes'", "without quotes"),
        ("${people} < 'yes'", 12, "${people} is a number, not 'yes'", "without quotes"),
        ("${people} = ${role}", 12, "none of its codes is a number", "${role} = 'code'"),
        ("${role} > 2", 0, "none of its codes is a number", "${role} = 'code'"),
        ("${role} > ${yes_no}", 0, "none of its codes is a number", "Compare"),
        ("${level} = 4", 11, "4 is not a choice of ${level}", "1, 2, 3, dont_know"),
        ("${tools} > 1", 0, "several choices, not a number", "count-selected(${tools})"),
        ("${role} + 1", 0, "none of its codes is a number", "Compare"),
        ("1 + 'one'", 4, "'one' is not a number", "without quotes"),
        ("-${tools}", 1, "several choices", "count-selected"),
        ("round(${tools})", 6, "several choices", "count-selected"),
        ("${born} > 1990", 10, "${born} is a date, and 1990 is a number", "'2026-12-31'"),
        ("${born} > '1990'", 10, "${born} is a date, and '1990' is not", "'2026-12-31'"),
        ("${born} = ${role}", 10, "${role} is one choice", "Compare"),
        ("${people} = '2024-01-01'", 12, "${people} is a number", "number"),
        ("${role} = ${yes_no}", 10, "no choice in common", "same list"),
        ("1 < ${people} < 5", 0, "1 < ${people} is true or false", "1 < . and . < 5"),
        ("selected(${tools}, 'none') = 'yes'", 29, "is true or false, not 'yes'", "Leave the comparison out"),
        ("${role} = 'citizen' or 'official'", 23, "'official' alone is always true", "whole comparison"),
        ("if('x', 1, 2)", 3, "'x' alone is always true", "whole comparison"),
        ("${comment} > 'm'", 13, "no order", "="),
        (". > 1", 0, "no current answer", "${name}"),
    ],
)
def test_what_cannot_be_meant_is_named(source: str, offset: int, said: str, remedy: str) -> None:
    (error,) = found(source)
    assert error.offset == offset
    assert said in error.message
    assert remedy in error.remedy


def test_the_current_answer_has_a_kind() -> None:
    assert found(". >= 1 and . <= 10", ValueKind(Kind.NUMBER)) == []
    assert [error.offset for error in found("selected(., 'radio')", TYPES["tools"])] == [12]


def test_every_mistake_is_found_in_the_order_of_the_source() -> None:
    errors = found("${nobody} = 1 and ${role} = 'x' and selected(${people}, 'a') and ${people} = 'b'")
    assert [error.offset for error in errors] == [0, 28, 45, 77]


def test_a_long_list_of_choices_is_cut_short() -> None:
    types = {"q": ValueKind(Kind.CODE, frozenset(f"c{number:02}" for number in range(30)))}
    (error,) = Expression.parse("${q} = 'zzz'").check(types, None)
    assert error.remedy.endswith("c10, c11 and 18 more.")
