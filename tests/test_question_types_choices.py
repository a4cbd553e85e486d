"""One of several choices, and countries: heard exactly, said back, asked back, or told how to answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.flows.expressions.types import Kind, ValueKind
from bot.flows.question_types import QUESTION_TYPES, Ear, Heard, Misheard, Understood, Unsure
from tests.support.lexicons import ENGLISH, LEXICONS
from tests.support.question_types import (
    COUNTRY,
    ONE,
    TODAY,
    YES_NO,
    ear_of,
    hear,
    hear_exactly,
    option,
    question_of,
)


@pytest.mark.parametrize(
    ("language", "typed", "code"),
    [
        # the number, in any digits, with the marks that people put after it
        *((language, typed, "tv") for language in LEXICONS for typed in ("2", "2.", "2)", "(2)", "②", "02")),
        *((language, typed, "tv") for language in LEXICONS for typed in ("٢", "२", "２", "2️⃣", "٢.")),
        # number words
        ("en", "two", "tv"), ("fr", "deux", "tv"), ("es", "dos", "tv"), ("ar", "اثنان", "tv"),
        ("hi", "दो", "tv"),
        # the label, without case or accents
        ("en", "TELEVISION", "tv"), ("fr", "television", "tv"), ("fr", "Télévision !", "tv"),
        ("es", "¡Televisión!", "tv"), ("ar", "تِلِفِزيون", "tv"), ("ar", "انترنت", "net"),
        ("hi", "टेलीविजन", "tv"),
        # the code, a synonym, the label in the questionnaire's own language, the label without its parentheses
        ("fr", "net", "net"), ("en", "telly", "tv"), ("ar", "television", "tv"),
        ("en", "village meeting", "village"),
        # the language's usual words
        ("en", "nothing", "none"), ("fr", "aucun", "none"), ("es", "ninguna", "none"),
        ("hi", "कुछ नहीं", "none"),
    ],
)  # fmt: skip
def test_len_5_an_option_is_heard_exactly(language: str, typed: str, code: str) -> None:
    assert hear(ONE, typed, language) == Understood(code)
    assert hear_exactly(ONE, typed, language) == code


@pytest.mark.parametrize(
    ("language", "typed", "code"),
    [
        ("en", "tel", "tv"), ("en", "pres", "press"), ("fr", "réu", "village"), ("ar", "تلف", "tv"),
        ("hi", "टेली", "tv"),
        ("en", "televison", "tv"), ("fr", "télévisoin", "tv"), ("es", "televicion", "tv"),
        ("ar", "تلفزين", "tv"),
    ],
)  # fmt: skip
def test_len_5_first_letters_and_typos_are_said_back(language: str, typed: str, code: str) -> None:
    assert hear(ONE, typed, language) == Understood(code, exact=False)
    assert hear_exactly(ONE, typed, language) is None


@pytest.mark.parametrize(
    ("language", "typed", "codes"),
    [
        ("en", "yes", ["yes"]), ("en", "Yeah!", ["yes"]), ("en", "y", ["yes"]), ("en", "NO", ["no"]),
        ("en", "n", ["no"]), ("en", "dunno", ["dont_know"]), ("en", "?", ["dont_know"]),
        ("fr", "oui", ["yes"]), ("fr", "o", ["yes"]), ("fr", "nan", ["no"]),
        ("fr", "sais pas", ["dont_know"]),
        ("es", "si", ["yes"]), ("es", "no", ["no"]), ("es", "ni idea", ["dont_know"]),
        ("ar", "أجل", ["yes"]), ("ar", "كلا", ["no"]), ("ar", "لا أدري", ["dont_know"]),
        ("hi", "जी हां", ["yes"]), ("hi", "जी नहीं", ["no"]), ("hi", "मुझे नहीं पता", ["dont_know"]),
    ],
)  # fmt: skip
def test_the_usual_words_for_yes_and_no(language: str, typed: str, codes: list[str]) -> None:
    assert hear(YES_NO, typed, language) == Understood(codes[0])


def test_ambiguous_words_are_asked_back_never_guessed() -> None:
    levels = question_of(
        "select_one", option("a", en="North"), option("b", en="National"), option("c", en="Noon")
    )
    assert hear(levels, "n") == Unsure(("a", "b", "c"))
    assert hear(levels, "no") == Unsure(("a", "c"))
    assert hear(
        question_of("select_one", option("a", fr="Site", en="x"), option("b", fr="b", en="y")), "si", "fr"
    ) == (Understood("a", exact=False))
    assert hear(
        question_of("select_one", option("a", es="Sitio", en="x"), option("b", es="b", en="y")), "si", "es"
    ) == (Unsure(("a",)))


def test_numbers_as_labels_are_not_taken_for_places() -> None:
    children = question_of(
        "select_one",
        option("c0", en="0"),
        option("c1", en="1"),
        option("c2", en="2"),
        option("c3", en="3 or more"),
    )
    assert hear(children, "0") == Understood("c0")
    assert hear(children, "2") == Unsure(("c2", "c1"))
    assert hear(children, "3") == Unsure(("c2", "c3"))
    assert hear(children, "4") == Understood("c3")
    assert hear(children, "3 or") == Understood("c3", exact=False)


def test_codes_that_are_numbers_give_way_to_the_numbers_shown() -> None:
    scale = question_of("select_one", option("0", en="Never"), option("1", en="Often"))
    assert hear(scale, "1") == Understood("0")
    assert hear(scale, "0") == Understood("0")
    assert hear(scale, "2") == Understood("1")


def test_one_letter_words_give_way_to_labels() -> None:
    question = question_of("select_one", option("no", en="No"), option("na", en="Not yet"))
    assert hear(question, "n") == Unsure(("no", "na"))
    assert hear(question, "no") == Understood("no")


@pytest.mark.parametrize(
    "typed", ["", "  ", "7", "0", "-1", "xyz", "what?", "\x00", "I do not listen to radio"]
)
def test_what_fits_no_option_is_told_with_the_numbers(typed: str) -> None:
    heard = hear(ONE, typed)
    assert isinstance(heard, Misheard)
    assert heard.notice.message == "Please answer with a number from 1 to {last}, or the words of an option."
    assert heard.notice.values == {"last": 6}


# Countries


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("France", Understood("FR")),
        ("cote d'ivoire", Understood("CI")),
        ("Burma", Understood("MM")),
        ("myanmar", Understood("MM")),
        ("Trinidad and Tobago", Understood("TT")),
        ("Saint Lucia", Understood("LC")),
        ("Ivory Coast", Understood("CI")),
        ("no", Unsure(("NO",))),  # hardly Norway's code
        ("FJ", Understood("FJ")),
        ("fj", Understood("FJ")),
        ("USA", Understood("US")),
        ("Niger", Understood("NE")),
        ("fij", Understood("FJ", exact=False)),
        ("germny", Understood("DE", exact=False)),
        ("DE", Unsure(("DE", "DK"))),  # a code, and the beginning of a name
        ("in", Unsure(("IN", "ID"))),
        ("united", Unsure(("GB", "US"))),
        ("nigera", Unsure(("NE", "NG"))),
    ],
)
def test_countries(typed: str, heard: Heard) -> None:
    assert hear(COUNTRY, typed) == heard


def test_countries_are_typed_not_shown() -> None:
    kind, ear = QUESTION_TYPES["select_one"], ear_of(COUNTRY, "fr")
    assert kind.options(ear) == ()
    assert kind.option_value(0, ear) is None
    assert kind.instruction(ear) is not None
    assert kind.check("FJ", ear) is None
    assert kind.check("XX", ear) is not None
    assert kind.hear("Fidji", ear) == Understood("FJ")
    assert kind.value_kind(COUNTRY) == ValueKind(Kind.CODE)


def test_a_country_that_is_not_found_or_not_clear() -> None:
    unknown = hear(COUNTRY, "Atlantis")
    assert isinstance(unknown, Misheard)
    assert unknown.notice.values == {"example": "Fiji"}
    islands = {f"X{place}": f"Isle of {name}" for place, name in enumerate("ABCDEFGHI")}
    many = QUESTION_TYPES["select_one"].hear(
        "isle", Ear(COUNTRY, "en", replace(ENGLISH, countries=islands), TODAY)
    )
    assert isinstance(many, Misheard)
    assert many.notice.message.startswith("Several countries begin like that.")
