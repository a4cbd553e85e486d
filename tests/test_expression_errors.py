"""What cannot be read as an expression is named, with its place and a remedy; length and depth are bounded."""

from __future__ import annotations

import pickle

import pytest

from bot.flows.expressions.syntax import MAX_DEPTH, MAX_LENGTH
from tests.support.expressions import evaluate, holds, refused


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
