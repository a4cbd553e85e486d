"""Properties of the expression language: nothing raises, and independent evaluations agree."""

from __future__ import annotations

import itertools
import math
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.flows.expressions import Expression, ExpressionError, Kind, ValueKind
from bot.flows.expressions.functions import FUNCTIONS

if TYPE_CHECKING:
    from bot.flows.values import Value


def examples(count: int) -> settings:
    """So many examples, the same in every run, however slow the machine."""
    return settings(max_examples=count)


NAMES = ("a", "b", "many", "count")
TYPES = {
    "a": ValueKind(Kind.CODE, frozenset({"yes", "no"})),
    "b": ValueKind(Kind.TEXT),
    "many": ValueKind(Kind.CODES, frozenset({"x", "y"})),
    "count": ValueKind(Kind.NUMBER),
}

values = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(["yes", "no", "2024-02-29", "1,5", "-3", "\ud800"]),
    st.integers(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(),
    st.booleans(),
    st.lists(st.sampled_from(["x", "y", "yes"]), max_size=3).map(tuple),
)
answers = st.fixed_dictionaries(dict.fromkeys(NAMES, values))

leaves = st.one_of(
    st.sampled_from([f"${{{name}}}" for name in NAMES]),
    st.just("."),
    st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,2})?", fullmatch=True, alphabet="0123456789."),
    st.sampled_from(["''", "'yes'", '"it\'s"', "'2024-02-29'", "'[a-z]+'", "true()", "false()"]),
)


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"])
    calls = [
        st.lists(parts, min_size=least, max_size=least + 2 if most is None else most).map(
            lambda arguments, name=name: f"{name}({', '.join(arguments)})"
        )
        for name, (least, most) in ((name, function.arity) for name, function in FUNCTIONS.items())
        if name != "regex"  # most texts are no pattern: what is refused is tested by name
    ]
    return st.one_of(
        st.tuples(parts, operators, parts).map(" ".join),
        parts.map("({})".format),
        parts.map("-{}".format),
        parts.map("regex({}, '[a-z]+')".format),
        st.one_of(calls),
    )


expressions = st.recursive(leaves, _larger, max_leaves=12)


@given(expressions, answers, values)
@examples(300)
def test_evaluating_never_raises(source: str, given: dict[str, Value | None], current: Value | None) -> None:
    expression = Expression.parse(source)
    result = expression.evaluate(given.get, current)
    assert result is None or isinstance(result, str | int | float | bool)
    assert isinstance(expression.holds(given.get, current), bool)
    if result is None:
        assert not expression.holds(given.get, current)


@given(expressions, answers, values)
@examples(200)
def test_each_reason_is_an_expression_of_the_result_it_states(
    source: str, given: dict[str, Value | None], current: Value | None
) -> None:
    expression = Expression.parse(source)
    reasons = expression.explain(given.get, current)
    assert reasons
    for reason in reasons:
        part = Expression.parse(reason.source_text)
        assert part.holds(given.get, current) is reason.result
        assert part.references == reason.references
        assert reason.references <= expression.references


@given(expressions, answers, values, st.data())
@examples(150)
def test_an_answer_that_no_reason_names_does_not_matter(
    source: str, given: dict[str, Value | None], current: Value | None, data: st.DataObject
) -> None:
    expression = Expression.parse(source)
    named = frozenset().union(*(reason.references for reason in expression.explain(given.get, current)))
    other = {name: value if name in named else data.draw(values) for name, value in given.items()}
    assert expression.holds(other.get, current) is expression.holds(given.get, current)


@given(expressions)
@examples(150)
def test_an_expression_reads_the_same_again(source: str) -> None:
    expression = Expression.parse(source)
    assert Expression.parse(str(expression)) == expression
    assert pickle.loads(pickle.dumps(expression)).references == expression.references  # noqa: S301
    assert Expression.parse(f" ( {source} )").references == expression.references


@given(expressions)
@examples(150)
def test_checking_never_raises_and_points_into_the_source(source: str) -> None:
    for current in (None, TYPES["many"]):
        for error in Expression.parse(source).check(TYPES, current):
            assert 0 <= error.offset < len(source)
            assert error.message
            assert error.remedy.endswith((".", "?"))


scraps = st.sampled_from(
    [
        *"()+-*=<>.,'\"$ ",
        "${a}",
        "and",
        "or ",
        "not(",
        "selected(",
        "if(",
        "regex(",
        "div",
        "1.5",
        "'x'",
        "!=",
        "{",
        "Ā",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(scraps, max_size=30).map("".join)))
@examples(500)
@example("regex('', '\ud800')")
@example("${a}\n")
@example("1" * 10_001)
def test_any_text_is_read_or_refused_at_a_place_inside_it(source: str) -> None:
    try:
        read = Expression.parse(source)
    except ExpressionError as refusal:
        error = refusal
    else:
        read.evaluate({}.get)
        return
    assert 0 <= error.offset <= len(source)
    assert error.message
    assert error.remedy


@pytest.mark.parametrize("operator", ["and", "or"])
@pytest.mark.parametrize("operands", [*itertools.product([True, False], repeat=3)])
def test_logic_equals_its_truth_table_and_asks_no_more_than_it_must(
    operator: str, operands: tuple[bool, bool, bool]
) -> None:
    asked: list[str] = []
    given = dict(zip("pqr", operands, strict=True))

    def values_of(name: str) -> Value | None:
        asked.append(name)
        return given[name]

    result = Expression.parse(f" {operator} ".join(f"${{{name}}}" for name in given)).holds(values_of)
    assert result is (all(operands) if operator == "and" else any(operands))
    deciding = operator == "or"
    needed = operands.index(deciding) + 1 if deciding in operands else 3
    assert asked == list("pqr"[:needed])


# Python gives arithmetic, `and`, `or` and `not` the same binding, so it can judge them.
arithmetic = st.recursive(
    st.integers(0, 99).map(str),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*"]), parts).map(" ".join),
        parts.map("({})".format),
        parts.map("-{}".format),
    ),
    max_leaves=10,
)
logic = st.recursive(
    st.tuples(arithmetic, st.sampled_from(["<", "<=", ">", ">=", "!="]), arithmetic).map(" ".join),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(" ".join),
        parts.map("not({})".format),
        parts.map("({})".format),
    ),
    max_leaves=5,
)


@given(st.one_of(arithmetic, logic))
@examples(300)
def test_python_agrees_on_arithmetic_and_logic(source: str) -> None:
    expected = float(eval(source))  # noqa: S307 (made above of digits and operators)
    result = Expression.parse(f"number({source})").evaluate({}.get)
    assert result == pytest.approx(expected, rel=1e-12)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
@examples(100)
def test_division_and_remainder_are_those_of_ieee_754(dividend: float, divisor: float) -> None:
    given = {"a": dividend, "b": divisor}
    quotient = Expression.parse("${a} div ${b}").evaluate(given.get)
    remainder = Expression.parse("${a} mod ${b}").evaluate(given.get)
    if divisor != 0:
        assert quotient == dividend / divisor or (quotient is None and math.isnan(dividend / divisor))
    else:
        assert quotient is None if dividend == 0 else math.isinf(float(quotient or 0))
    if divisor == 0 or math.isinf(dividend):
        assert remainder is None
    else:
        assert remainder == math.fmod(dividend, divisor)


@given(st.dates(), st.dates())
@examples(100)
def test_dates_are_ordered_as_days(one: object, other: object) -> None:
    given = {"a": str(one), "b": str(other)}
    assert Expression.parse("${a} < ${b}").holds(given.get) is (str(one) < str(other))
    assert Expression.parse("${a} = ${b}").holds(given.get) is (one == other)


@given(st.one_of(st.floats(), st.integers()))
@examples(100)
def test_a_number_written_as_text_is_that_number(number: float) -> None:
    text = Expression.parse("string(${n})").evaluate({"n": number}.get)
    assert isinstance(text, str)
    assert "e" not in text.lower()
    if math.isfinite(float(number)):
        assert float(text) == pytest.approx(float(number), rel=1e-12, abs=1e-12)
