"""Several of several choices, as people list them in their languages, and what stands alone."""

from __future__ import annotations

import pytest

from bot.flows.question_types import QUESTION_TYPES, Misheard, Understood, Unsure
from bot.flows.values import Value
from tests.support.question_types import MEDIA, SEVERAL, ear_of, hear, hear_exactly, option, question_of


@pytest.mark.parametrize(
    ("language", "typed", "codes"),
    [
        ("en", "1", ["radio"]),
        ("en", "1, 3 and 4", ["radio", "press", "net"]),
        ("en", "4 1", ["radio", "net"]),
        ("en", "1,2,1", ["radio", "tv"]),
        ("en", "1) 2)", ["radio", "tv"]),
        ("en", "①②", ["radio", "tv"]),
        ("en", "one and two", ["radio", "tv"]),
        ("en", "radio", ["radio"]),
        ("en", "radio and tv", ["radio", "tv"]),
        ("en", "tv\nradio", ["radio", "tv"]),
        ("en", "radio tv", ["radio", "tv"]),
        ("en", "Press and books", ["press"]),
        ("en", "press and books, radio", ["radio", "press"]),
        ("en", "Internet, phone and press and books and radio", ["radio", "press", "net"]),
        ("en", "1, telly", ["radio", "tv"]),
        ("en", "none", ["none"]),
        ("en", "6", ["none"]),
        ("fr", "radio et télé­vision", ["radio", "tv"]),
        ("fr", "un, trois et 4", ["radio", "press", "net"]),
        ("es", "radio, televisión y prensa y libros", ["radio", "tv", "press"]),
        ("es", "nada", ["none"]),
        ("ar", "١ و ٣", ["radio", "press"]),
        ("ar", "١ و٣", ["radio", "press"]),
        ("ar", "راديو، تلفزيون", ["radio", "tv"]),
        ("ar", "راديو وتلفزيون", ["radio", "tv"]),
        ("ar", "راديو وصحف وكتب", ["radio", "press"]),
        ("hi", "१, २ और ४", ["radio", "tv", "net"]),
        ("hi", "रेडियो और टेलीविज़न", ["radio", "tv"]),
        ("hi", "अख़बार और किताबें", ["press"]),
    ],
)
def test_several_options_are_heard_exactly(language: str, typed: str, codes: list[str]) -> None:
    assert hear(SEVERAL, typed, language) == Understood(tuple(codes))
    assert hear_exactly(SEVERAL, typed, language) == tuple(codes)


@pytest.mark.parametrize(
    ("language", "typed", "codes"),
    [
        ("fr", "radio et télé", ["radio", "tv"]),
        ("en", "rad, televison", ["radio", "tv"]),
        ("en", "press and boks", ["press"]),
        ("en", "2-3", ["tv", "press"]),
        ("es", "radio y tele", ["radio", "tv"]),
    ],
)
def test_several_options_with_first_letters_and_typos(language: str, typed: str, codes: list[str]) -> None:
    assert hear(SEVERAL, typed, language) == Understood(tuple(codes), exact=False)
    assert hear_exactly(SEVERAL, typed, language) is None


def test_several_options_that_are_unclear() -> None:
    assert hear(SEVERAL, "1-3") == Unsure((("radio", "tv", "press"), ("radio", "press")))
    both = question_of("select_multiple", *MEDIA[:2], option("a", en="National"), option("b", en="Night"))
    assert hear(both, "radio, n") == Unsure((("radio", "a"), ("radio", "b")))


@pytest.mark.parametrize(
    "typed", ["1, 9", "7", "radio and xyz", "1 but not 2", "1-9", ", ,", "", "1 2 3 4 5 6 7 " * 99]
)
def test_several_options_of_which_one_is_not_understood(typed: str) -> None:
    heard = hear(SEVERAL, typed)
    assert isinstance(heard, Misheard)
    assert heard.notice.values["last"] == 6
    assert hear_exactly(SEVERAL, typed) is None


def test_exclusive_options_stand_alone() -> None:
    for typed in ("1 and 6", "radio, none", "radio, non"):
        heard = hear(SEVERAL, typed)
        assert isinstance(heard, Misheard)
        assert "stands alone" in heard.notice.message
        assert heard.notice.values == {"option": MEDIA[-1].label}
        assert hear_exactly(SEVERAL, typed) is None


def test_what_is_typed_adds_to_what_was_ticked() -> None:
    kind = QUESTION_TYPES["select_multiple"]
    assert kind.hear("1", ear_of(SEVERAL, ticked=("net", "tv"))) == Understood(("radio", "tv", "net"))
    assert kind.hear("none", ear_of(SEVERAL, ticked=("net", "tv"))) == Understood(("none",))
    assert kind.hear("tv", ear_of(SEVERAL, ticked=("none",))) == Understood(("tv",))


@pytest.mark.parametrize(
    "value", [(), "radio", ("tv", "radio"), ("radio", "radio"), ("xyz",), ("radio", "none"), 1]
)
def test_several_options_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["select_multiple"].check(value, ear_of(SEVERAL)) is not None
