"""The expression language: its meaning as ODK has it, and its reasons.

Each meaning is that of JavaRosa (https://github.com/getodk/javarosa, `src/main/java/org/javarosa/xpath/expr`)
or, where they agree with it, of XPath 1.0 and the ODK XForms specification (https://getodk.github.io/xforms-spec/).
"""

from __future__ import annotations

import copy
import math
import pickle

import pytest

from bot.flows.expressions import Expression, Reason
from bot.flows.values import Value
from tests.support.expressions import ANSWERS, evaluate, holds


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("${role} = 'citizen'", True),
        ("${role} != 'citizen'", False),
        ('${nickname} = "O\'Neil"', True),
        ("${people} = 12", True),
        ("${people} = '12.0'", True),
        ("${people} >= 12 and ${people} <= 12", True),
        ("${people} < 12 or ${people} > 12", False),
        ("${score} = 4", True),
        ("${score} >= 3.5", True),
        ("${role} = 4", False),
        ("0.1 + 0.2 = 0.3", True),
        ("1 = true()", True),
        ("${role} = true()", True),
        ("2 = 3 = false()", True),
        ("1 < 2 < 1", False),
    ],
)
def test_comparisons(source: str, result: bool) -> None:
    assert evaluate(source) is result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("${unanswered} = ''", True),
        ("${unanswered} != ''", False),
        ("'' = ''", True),
        ("${people} = ''", False),
        ("${people} != ''", True),
        ("${unanswered} < 3", False),
        ("${unanswered} >= 3", False),
        ("${unanswered} > ${people}", False),
        ("${unanswered} = 0", False),
        ("${unanswered} = ${unanswered}", True),
        # NaN is unequal to every number: XPath 1.0, section 3.4 (by IEEE 754); JavaRosa's XPathEqExpr negates
        # its "equal", Enketo uses JavaScript's !==. So a number that was not given is "not 5".
        ("${unanswered} != 5", True),
        ("number('word') != number('word')", True),
        ("number('word') = number('word')", False),
        ("${unanswered} = 'citizen'", False),
        ("${unanswered} != 'citizen'", True),
        ("selected(${unanswered}, 'mobile')", False),
        ("not(selected(${unanswered}, 'mobile'))", True),
        ("count-selected(${unanswered}) = 0", True),
        ("string-length(${unanswered}) = 0", True),
        ("not(${unanswered})", True),
        ("${unanswered} = false()", True),
    ],
)
def test_what_was_not_answered_is_the_empty_text(source: str, result: bool) -> None:
    assert evaluate(source) is result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("${people} + 1", 13),
        ("${people} - ${share}", 9.5),
        ("${people} * 2 - 4 div 2", 22),
        ("(${people} - 2) div 4", 2.5),
        ("7 mod 3", 1),
        ("-7 mod 3", -1),
        ("7 mod -3", 1),
        ("1.5 mod 0.5", 0),
        ("5 mod 2 * 3", 3),
        ("10 - 4 - 3", 3),
        ("16 div 4 div 2", 2),
        ("--3", 3),
        ("-${debt}", 7),
        ("${typed} + 1", 2.5),
        ("(${role} = 'citizen') + (${people} > 3) + (1 = 2)", 2),
        ("1 div 0", math.inf),
        ("-1 div 0", -math.inf),
        ("1 div -0", -math.inf),
        ("${vast}", math.inf),
        ("-${vast}", -math.inf),
        ("0 div 0", None),
        ("5 mod 0", None),
        ("(1 div 0) mod 2", None),
        ("${vast} - ${vast}", None),
        ("${unanswered} + 1", None),
        ("number('1e3')", None),
        ("number('+1')", None),
        ("number('.5')", 0.5),
        ("number('5.')", 5),
        ("number('')", None),
        ("number(true())", 1),
        ("int(2.9)", 2),
        ("int(-2.9)", -2),
        ("int(1 div 0)", math.inf),
        ("round(2.5)", 3),
        ("round(-2.5)", -2),
        ("round(1.005, 2)", 1.01),
        ("round(1234.5, -2)", 1200),
        ("round(1, 31)", None),
        ("round(${unanswered})", None),
        ("round(1234.5, ${unanswered})", 1235),
        ("min(3, ${people}, ${unanswered})", 3),
        ("max(-3, -5)", -3),
        ("max(${unanswered})", None),
    ],
)
def test_numbers_are_doubles_and_never_fail(source: str, result: Value | None) -> None:
    assert evaluate(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("${tools}", "social_media mobile"),
        ("${role}", "citizen"),
        ("${unanswered}", None),
        ("concat(${role}, ' ', ${people}, ' ', ${share}, ' ', 1 = 1)", "citizen 12 2.5 true"),
        ("string(0 div 0)", "NaN"),
        ("string(-1 div 0)", "-Infinity"),
        ("string(-0)", "0"),
        ("string(10000000000 * 10)", "100000000000"),
        ("string(1 div 10000000)", "0.0000001"),
        ("string-length('Ālofa')", 5),
        ("contains(${role}, 'tiz')", True),
        ("contains(${role}, ${unanswered})", True),
        ("starts-with(${role}, 'cit')", True),
        ("ends-with(${role}, 'cit')", False),
        ("if(${people} > 10, 'many', 'few')", "many"),
        ("if(${unanswered}, 'many', 'few')", "few"),
        ("coalesce(${unanswered}, ${role})", "citizen"),
        ("coalesce(${zero}, 5)", 0),
        ("coalesce(${unanswered} + 1, 5)", 5),
        ("coalesce(${unanswered}, ${missing})", None),
        ("boolean('false')", True),
        ("boolean(0)", False),
        ("boolean(0 div 0)", False),
        ("false()", False),
    ],
)
def test_texts_and_choices_between_values(source: str, result: Value | None) -> None:
    assert evaluate(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("selected(${tools}, 'mobile')", True),
        ("selected(${tools}, ' mobile ')", True),
        ("selected(${tools}, 'media')", False),
        ("selected(${role}, 'citizen')", True),
        ("selected(${score}, '4')", True),
        ("count-selected(${tools})", 2),
        ("count-selected(${role})", 1),
        ("${tools} = 'social_media mobile'", True),
        ("${tools} = 'mobile'", False),
        ("${one_tool} = 'mobile'", True),
    ],
)
def test_several_choices_are_their_codes_with_spaces_between(source: str, result: Value) -> None:
    assert evaluate(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("${born} < ${opened}", True),
        ("${born} < '1990-02-28'", False),
        ("${born} <= '1990-02-28'", True),
        ("'2024-02-29' < '2024-03-01'", True),
        ("'2023-02-29' < '2024-03-01'", False),  # no such day, so no number
        ("'2024-9-1' < '2024-10-01'", False),
        ("${opened} = '2024-03-01'", True),
        ("${opened} - '2024-02-28'", 2),
        ("number('1970-01-02')", 1),
        ("'1969-12-31' + 0", -1),
        ("${opened} <= '2024-02-28' + 2", True),
        ("${unanswered} < '2024-01-01'", False),
    ],
)
def test_iso_dates_compare_as_dates(source: str, result: Value) -> None:
    assert evaluate(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("1 = 1 or 1 = 2 and 1 = 2", True),
        ("(1 = 1 or 1 = 2) and 1 = 2", False),
        ("1 + 1 = 2", True),
        ("1 < 2 = true()", True),
        ("1 + 2 * 3", 7),
        ("-2 + 3", 1),
        ("not(1 = 2) and 1 = 1", True),
        ("1=1 and\n\t2=2", True),
    ],
)
def test_operators_bind_as_in_xpath(source: str, result: Value) -> None:
    assert evaluate(source) == result


def test_and_or_if_and_coalesce_look_no_further_than_they_need() -> None:
    asked: list[str] = []

    def values(name: str) -> Value | None:
        asked.append(name)
        return {"yes": "yes", "no": ""}[name]

    for source in (
        "${no} and ${unread}",
        "${yes} or ${unread}",
        "if(${yes}, ${yes}, ${unread})",
        "coalesce(${yes}, ${unread})",
    ):
        Expression.parse(source).holds(values)
    assert set(asked) == {"yes", "no"}


def test_the_current_answer() -> None:
    constraint = Expression.parse(". >= 1 and . <= 10000")
    assert constraint.uses_current
    assert constraint.references == frozenset()
    assert constraint.holds(ANSWERS.get, 1)
    assert constraint.holds(ANSWERS.get, 10_000)
    assert not constraint.holds(ANSWERS.get, 10_001)
    assert not constraint.holds(ANSWERS.get, None)
    assert holds("not(selected(., 'none') and count-selected(.) > 1)", ("none",))
    assert not holds("not(selected(., 'none') and count-selected(.) > 1)", ("none", "mobile"))
    assert holds(".=.5", 0.5)


def test_an_expression_is_its_source() -> None:
    source = "${role} = 'citizen' and not(selected(${tools}, .))"
    expression = Expression.parse(source)
    assert expression.references == {"role", "tools"}
    assert expression.uses_current
    assert str(expression) == source
    assert eval(repr(expression), {"Expression": Expression}) == expression  # noqa: S307
    assert pickle.loads(pickle.dumps(expression)) == expression  # noqa: S301
    assert copy.deepcopy(expression) == expression
    assert len({expression, Expression.parse(source), Expression.parse(source + " ")}) == 2
    with pytest.raises(AttributeError):
        expression.source = "1"  # type: ignore[misc]


def test_reasons_are_what_settled_the_result() -> None:
    source = "${role} = 'official' or not(${people} < 5 and ${share} > 1) and selected(${tools}, 'mobile')"
    assert Expression.parse(source).explain(ANSWERS.get) == (
        Reason("${people} < 5", frozenset({"people"}), False),
        Reason("selected(${tools}, 'mobile')", frozenset({"tools"}), True),
    )
    assert Expression.parse(source).explain({}.get) == (
        Reason("${role} = 'official'", frozenset({"role"}), False),
        Reason("selected(${tools}, 'mobile')", frozenset({"tools"}), False),
    )


def test_reasons_of_a_choice_are_its_condition_and_the_branch_taken() -> None:
    explained = Expression.parse("if(${people} > 10, ${role} = 'citizen', ${born} < 5)").explain(ANSWERS.get)
    assert [reason.source_text for reason in explained] == ["${people} > 10", "${role} = 'citizen'"]
    assert all(reason.result for reason in explained)


def test_reasons_come_once_each_and_keep_parentheses() -> None:
    explained = Expression.parse("(${people} + 1) * 2 > 3 and (${people} + 1) * 2 > 3").explain(ANSWERS.get)
    assert explained == (Reason("(${people} + 1) * 2 > 3", frozenset({"people"}), True),)
    assert Expression.parse(". > 3").explain(ANSWERS.get, 1) == (Reason(". > 3", frozenset(), False),)
