"""The expression language: its meaning as ODK has it, its errors and its reasons.

Each meaning is that of JavaRosa (https://github.com/getodk/javarosa, `src/main/java/org/javarosa/xpath/expr`)
or, where they agree with it, of XPath 1.0 and the ODK XForms specification (https://getodk.github.io/xforms-spec/).
"""

from __future__ import annotations

import copy
import math
import pickle
from typing import TYPE_CHECKING

import pytest

from bot.flows.expressions import Expression, ExpressionError, Kind, Reason, ValueKind
from bot.flows.expressions.functions import FUNCTIONS
from bot.flows.expressions.syntax import MAX_DEPTH, MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.flows.values import Value

ANSWERS: Mapping[str, Value] = {
    "role": "citizen",
    "tools": ("social_media", "mobile"),
    "one_tool": ("mobile",),
    "people": 12,
    "share": 2.5,
    "zero": 0,
    "debt": -7,
    "score": "4",
    "born": "1990-02-28",
    "opened": "2024-03-01",
    "nickname": "O'Neil",
    "typed": " 1,5 ",
    "vast": 10**400,
}


def evaluate(source: str, current: Value | None = None) -> Value | None:
    return Expression.parse(source).evaluate(ANSWERS.get, current)


def holds(source: str, current: Value | None = None) -> bool:
    return Expression.parse(source).holds(ANSWERS.get, current)


def refused(source: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        Expression.parse(source)
    return caught.value


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


def test_regex_matches_the_whole_text() -> None:
    assert holds("regex(., '[0-9]{4}')", "2024")
    assert holds("regex(., '^[0-9]{4}$')", 2024)
    assert not holds("regex(., '[0-9]{4}')", "in 2024")
    assert not holds("regex(., 'a|ab')", "abc")
    assert holds("regex(., 'a|ab')", "ab")
    assert holds(r"regex(., '\p{L}+')", "Sāmoa")
    assert holds("regex(., '')", None)


def test_regex_takes_a_pattern_from_an_answer_and_no_pattern_matches_nothing() -> None:
    matches = Expression.parse("regex('aab', ${pattern})")
    assert matches.holds({"pattern": "a+b"}.get)
    assert not matches.holds({"pattern": "a+"}.get)
    assert not matches.holds({"pattern": "(a"}.get)
    assert not matches.holds({"pattern": r"(a)\1b"}.get)
    assert not Expression.parse("regex(., '.*')").holds({}.get, "half a pair \ud800")


def test_lim_2_a_catastrophic_pattern_runs_in_linear_time() -> None:
    # A back-tracking engine tries 2^5000 ways before it says no; this test would not end.
    assert not holds("regex(., '(a+)+$')", "a" * 5000 + "!")
    assert not holds("regex(., '(a|a)*b')", "a" * 5000)


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("^(?=.*[0-9])[A-Z0-9]{4,8}$", "AB12", "ABCD"),
        ("(?!.*--)[a-z-]+", "a-b", "a--b"),
        (r"(?=.{8,})(?=.*[a-z])(?=.*[(\])]).*", "abcdefg(", "abc("),
        ("(?=a)(b|ab)", "ab", "b"),
    ],
)
def test_what_a_pattern_looks_ahead_for_at_its_beginning_is_looked_for(
    pattern: str, fitting: str, other: str
) -> None:
    assert holds(f"regex(., '{pattern}')", fitting)
    assert not holds(f"regex(., '{pattern}')", other)


@pytest.mark.parametrize(
    ("pattern", "culprit"),
    [
        ("b(?=a)", "(?="),
        ("(?!a)b|c", "(?!"),
        ("(?<=a)b", "(?<="),
        (r"(a)\1", r"\1"),
        ("(a", "(a"),
        ("a{2000}", "2000"),
    ],
)
def test_lim_2_a_pattern_without_a_linear_time_is_named_when_it_is_read(pattern: str, culprit: str) -> None:
    error = refused(f"${{x}} = 1 or regex(., '{pattern}')")
    assert culprit in error.message
    assert pattern in error.message
    assert error.offset == 21
    assert error.remedy


@pytest.mark.parametrize(
    ("source", "offset", "said", "remedy"),
    [
        ("", 0, "empty", "leave the field out"),
        (" \n", 0, "empty", "leave the field out"),
        ("1 +", 3, "ends", "Add the value"),
        ("selectd(${a}, 'x')", 0, "no function selectd()", "selected()"),
        ("Selected(${a}, 'x')", 0, "no function Selected()", "selected()"),
        ("xyzzyx('x')", 0, "no function xyzzyx()", "functions are abs,"),
        ("pulldata('x')", 0, "pulldata() cannot be used", "choices with columns"),
        ("1 and selected(${a})", 6, "selected() takes 2 values, not 1", "selected(choices, 'code')"),
        ("true(1)", 0, "true() takes 0 values, not 1", "true()"),
        ("round()", 0, "round() takes 1 to 2 values, not 0", "round(number, [number])"),
        ("concat()", 0, "concat() takes at least 1 values, not 0", "concat(text, …)"),
        ("${a} == 'b'", 5, "==", "Write = once"),
        ("${a} <> 'b'", 5, "<>", "!="),
        ("${a} => 1", 5, "=>", ">="),
        ("${a} && ${b}", 5, "&", "and"),
        ("${a} || ${b}", 5, "|", "or"),
        ("!${a}", 0, "!", "not("),
        ("${a} AND ${b}", 5, "AND", "Write and."),
        ("4 / 2", 2, "/", "div"),
        ("/data/a = 1", 0, "/", "${name}"),
        ("../a = 1", 0, "..", "${name}"),
        ("${a b} = 1", 0, "$", "without spaces"),
        ("${last-saved#a} = 1", 0, "$", "hidden"),
        ("${ a } = 1", 0, "$", "exact name"),
        ("${a} = ‘yes’", 7, "‘", "straight quotes"),
        ("${a}\u00a0= 1", 4, "\u00a0", "non-breaking"),
        ("${a} = 'yes", 7, "'", "Close"),
        ("${a} = yes", 7, "yes stands alone", "'yes'"),
        ("${a} = true", 7, "true stands alone", "true()"),
        ("not ${a}", 0, "not stands alone", "not("),
        ("(1", 0, "not closed", "Add )"),
        ("selected(${a}, 'x'", 8, "not closed", "Add )"),
        ("1)", 1, "too many", "Remove"),
        ("()", 1, "no value before )", "Add a value"),
        ("1 = and 2", 4, "no value before and", "Add a value"),
        ("${a} ${b}", 5, "no operator before ${b}", "and"),
        (". div-1", 2, "no operator before div-1", "space after div"),
        ("${a} > 1,5", 8, "comma", "1000.5"),
        ("${a} = 1 # why", 9, "#", "quotes"),
    ],
)
def test_an_author_is_told_what_is_wrong_where_and_what_to_do(
    source: str, offset: int, said: str, remedy: str
) -> None:
    error = refused(source)
    assert error.offset == offset
    assert said in error.message
    assert remedy in error.remedy
    assert str(error) == f"{error.message} (character {offset + 1}). {error.remedy}"


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(refused("1 +")))  # noqa: S301
    assert (error.message, error.offset, error.remedy) == (
        "The expression ends where a value should follow",
        3,
        "Add the value, or remove what waits for it.",
    )


def test_length_and_depth_are_bounded() -> None:
    assert holds("(" * 99 + "1" + ")" * 99)
    assert holds(" " * (MAX_LENGTH - 1) + "1")
    assert refused("1" * (MAX_LENGTH + 1)).offset == MAX_LENGTH
    for deep in ("(" * 5000, "-" * 5000 + "1", "not(" * 2000, "1 or (" * 1500, "if(1,1," * 1200):
        error = refused(deep)
        assert f"more than {MAX_DEPTH} levels" in error.message
        assert 0 < error.offset < len(deep)


def test_operators_that_nest_to_the_left_are_bounded_too() -> None:
    nested = "1"
    for _ in range(60):
        nested = f"({nested} * 1 + 1 < 3 = true() and true() or false())"
    assert f"more than {MAX_DEPTH} levels" in refused(nested).message


def test_a_chain_may_be_long() -> None:
    assert evaluate(" + ".join(["1"] * 2000)) == 2000
    assert holds(" and ".join(["1 = 1"] * 1000))
    assert evaluate("1" + " = 1" * 2000) is True


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
