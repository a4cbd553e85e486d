from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.flows.expressions.types import Kind, ValueKind
from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES, Ear, Heard, Misheard, Understood, Unsure
from bot.flows.questionnaire import Choice, LocalizedText, Question, Scale
from bot.flows.understanding.dates import Ambiguity, read_date
from bot.flows.understanding.numbers import read_decimal, read_integer, read_ordinals
from bot.flows.values import Value
from tests.support.lexicons import ENGLISH, LEXICONS

TODAY = date(2026, 3, 10)


def _choice(name: str, *, exclusive: bool = False, synonyms: str = "", **labels: str) -> Choice:
    other = {"en": tuple(synonyms.split(","))} if synonyms else {}
    return Choice(name, LocalizedText(labels, "en"), other, exclusive)


def _question(
    kind: str, *choices: Choice, scale: Scale | None = None, choice_list: str | None = None
) -> Question:
    return Question("q", kind, LocalizedText.of("?"), choices=choices, scale=scale, choice_list=choice_list)


MEDIA = (
    _choice("radio", en="Radio", fr="Radio", es="Radio", ar="راديو", hi="रेडियो"),
    _choice(
        "tv", en="Television", fr="Télévision", es="Televisión", ar="تلفزيون", hi="टेलीविज़न", synonyms="tv,telly"
    ),
    _choice(
        "press", en="Press and books", fr="Presse et livres", es="Prensa y libros", ar="صحف وكتب", hi="अख़बार और किताबें"
    ),
    _choice("net", en="Internet, phone", fr="Internet, téléphone", es="Internet, teléfono", ar="إنترنت", hi="इंटरनेट"),
    _choice("village", en="Village meeting (fono)", fr="Réunion du village", es="Reunión", ar="اجتماع", hi="बैठक"),
    _choice(
        "none", exclusive=True, en="None of these", fr="Aucun d’eux", es="Ninguno de estos", ar="لا شيء", hi="कोई नहीं"
    ),
)  # fmt: skip
YND = (
    _choice("yes", en="Yes", fr="Oui", es="Sí", ar="نعم", hi="हाँ"),
    _choice("no", en="No", fr="Non", es="No", ar="لا", hi="नहीं"),
    _choice(
        "dont_know", exclusive=True, en="I don't know", fr="Je ne sais pas", es="No sé", ar="لا أعرف", hi="पता नहीं"
    ),
)  # fmt: skip

ONE = _question("select_one", *MEDIA)
SEVERAL = _question("select_multiple", *MEDIA)
YES_NO = _question("select_one", *YND)
COUNTRY = _question("select_one", choice_list="country")
NUMBER = _question("integer")
AMOUNT = _question("decimal")
STARS = _question("range", scale=Scale(0, 10, 1, LocalizedText.of("Very bad"), LocalizedText.of("Excellent")))
HALVES = _question("range", scale=Scale(-1, 1, 0.5))
FREE = _question("text")
DAY = _question("date")
READ = _question("acknowledge")


def _ear(question: Question, language: str = "en", ticked: tuple[str, ...] = ()) -> Ear:
    return Ear(question, language, LEXICONS[language], TODAY, ticked)


def _hear(question: Question, typed: str, language: str = "en") -> Heard:
    return QUESTION_TYPES[question.type].hear(typed, _ear(question, language))


def _hear_exactly(question: Question, typed: str, language: str = "en") -> Value | None:
    return QUESTION_TYPES[question.type].hears_exactly(typed, _ear(question, language))


# One of several


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
    assert _hear(ONE, typed, language) == Understood(code)
    assert _hear_exactly(ONE, typed, language) == code


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
    assert _hear(ONE, typed, language) == Understood(code, exact=False)
    assert _hear_exactly(ONE, typed, language) is None


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
    assert _hear(YES_NO, typed, language) == Understood(codes[0])


def test_ambiguous_words_are_asked_back_never_guessed() -> None:
    levels = _question(
        "select_one", _choice("a", en="North"), _choice("b", en="National"), _choice("c", en="Noon")
    )
    assert _hear(levels, "n") == Unsure(("a", "b", "c"))
    assert _hear(levels, "no") == Unsure(("a", "c"))
    assert _hear(
        _question("select_one", _choice("a", fr="Site", en="x"), _choice("b", fr="b", en="y")), "si", "fr"
    ) == (Understood("a", exact=False))
    assert _hear(
        _question("select_one", _choice("a", es="Sitio", en="x"), _choice("b", es="b", en="y")), "si", "es"
    ) == (Unsure(("a",)))


def test_numbers_as_labels_are_not_taken_for_places() -> None:
    children = _question(
        "select_one",
        _choice("c0", en="0"),
        _choice("c1", en="1"),
        _choice("c2", en="2"),
        _choice("c3", en="3 or more"),
    )
    assert _hear(children, "0") == Understood("c0")
    assert _hear(children, "2") == Unsure(("c2", "c1"))
    assert _hear(children, "3") == Unsure(("c2", "c3"))
    assert _hear(children, "4") == Understood("c3")
    assert _hear(children, "3 or") == Understood("c3", exact=False)


def test_codes_that_are_numbers_give_way_to_the_numbers_shown() -> None:
    scale = _question("select_one", _choice("0", en="Never"), _choice("1", en="Often"))
    assert _hear(scale, "1") == Understood("0")
    assert _hear(scale, "0") == Understood("0")
    assert _hear(scale, "2") == Understood("1")


def test_one_letter_words_give_way_to_labels() -> None:
    question = _question("select_one", _choice("no", en="No"), _choice("na", en="Not yet"))
    assert _hear(question, "n") == Unsure(("no", "na"))
    assert _hear(question, "no") == Understood("no")


@pytest.mark.parametrize(
    "typed", ["", "  ", "7", "0", "-1", "xyz", "what?", "\x00", "I do not listen to radio"]
)
def test_what_fits_no_option_is_told_with_the_numbers(typed: str) -> None:
    heard = _hear(ONE, typed)
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
    assert _hear(COUNTRY, typed) == heard


def test_countries_are_typed_not_shown() -> None:
    kind, ear = QUESTION_TYPES["select_one"], _ear(COUNTRY, "fr")
    assert kind.options(ear) == ()
    assert kind.option_value(0, ear) is None
    assert kind.instruction(ear) is not None
    assert kind.check("FJ", ear) is None
    assert kind.check("XX", ear) is not None
    assert kind.hear("Fidji", ear) == Understood("FJ")
    assert kind.value_kind(COUNTRY) == ValueKind(Kind.CODE)


def test_a_country_that_is_not_found_or_not_clear() -> None:
    unknown = _hear(COUNTRY, "Atlantis")
    assert isinstance(unknown, Misheard)
    assert unknown.notice.values == {"example": "Fiji"}
    islands = {f"X{place}": f"Isle of {name}" for place, name in enumerate("ABCDEFGHI")}
    many = QUESTION_TYPES["select_one"].hear(
        "isle", Ear(COUNTRY, "en", replace(ENGLISH, countries=islands), TODAY)
    )
    assert isinstance(many, Misheard)
    assert many.notice.message.startswith("Several countries begin like that.")


# Several of several


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
    assert _hear(SEVERAL, typed, language) == Understood(tuple(codes))
    assert _hear_exactly(SEVERAL, typed, language) == tuple(codes)


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
    assert _hear(SEVERAL, typed, language) == Understood(tuple(codes), exact=False)
    assert _hear_exactly(SEVERAL, typed, language) is None


def test_several_options_that_are_unclear() -> None:
    assert _hear(SEVERAL, "1-3") == Unsure((("radio", "tv", "press"), ("radio", "press")))
    both = _question("select_multiple", *MEDIA[:2], _choice("a", en="National"), _choice("b", en="Night"))
    assert _hear(both, "radio, n") == Unsure((("radio", "a"), ("radio", "b")))


@pytest.mark.parametrize(
    "typed", ["1, 9", "7", "radio and xyz", "1 but not 2", "1-9", ", ,", "", "1 2 3 4 5 6 7 " * 99]
)
def test_several_options_of_which_one_is_not_understood(typed: str) -> None:
    heard = _hear(SEVERAL, typed)
    assert isinstance(heard, Misheard)
    assert heard.notice.values["last"] == 6
    assert _hear_exactly(SEVERAL, typed) is None


def test_exclusive_options_stand_alone() -> None:
    for typed in ("1 and 6", "radio, none", "radio, non"):
        heard = _hear(SEVERAL, typed)
        assert isinstance(heard, Misheard)
        assert "stands alone" in heard.notice.message
        assert heard.notice.values == {"option": MEDIA[-1].label}
        assert _hear_exactly(SEVERAL, typed) is None


def test_what_is_typed_adds_to_what_was_ticked() -> None:
    kind = QUESTION_TYPES["select_multiple"]
    assert kind.hear("1", _ear(SEVERAL, ticked=("net", "tv"))) == Understood(("radio", "tv", "net"))
    assert kind.hear("none", _ear(SEVERAL, ticked=("net", "tv"))) == Understood(("none",))
    assert kind.hear("tv", _ear(SEVERAL, ticked=("none",))) == Understood(("tv",))


@pytest.mark.parametrize(
    "value", [(), "radio", ("tv", "radio"), ("radio", "radio"), ("xyz",), ("radio", "none"), 1]
)
def test_several_options_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["select_multiple"].check(value, _ear(SEVERAL)) is not None


# Numbers


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "12", 12), ("en", " 12. ", 12), ("en", "12)", 12), ("en", "+12", 12), ("en", "-12", -12),
        ("en", "−12", -12),
        ("en", "1,234", 1234), ("en", "1,234,567", 1234567), ("en", "1 234", 1234), ("en", "12.0", 12),
        ("en", "-0", 0),
        ("en", "seven", 7), ("en", "007", 7), ("en", "⑫", 12), ("en", "１２", 12),
        ("en", "12,34,567", 1234567),
        ("fr", "1 234", 1234), ("fr", "1\u202f234", 1234), ("fr", "sept", 7),
        ("fr", "1.234.567", 1234567), ("fr", "zéro", 0),
        ("es", "1.234", 1234), ("es", "siete", 7), ("es", "1234,0", 1234),
        ("ar", "١٢٣", 123), ("ar", "١٬٢٣٤", 1234), ("ar", "۱۲", 12), ("ar", "سبعة", 7),
        ("ar", "\u200f١٢", 12),
        ("hi", "१२", 12), ("hi", "१२,३४,५६७", 1234567), ("hi", "सात", 7),
        ("en", "999999999999999", 999999999999999),
    ],
)  # fmt: skip
def test_whole_numbers(language: str, typed: str, number: int) -> None:
    assert read_integer(typed, LEXICONS[language]) == number
    assert _hear(NUMBER, typed, language) == Understood(number)
    assert _hear_exactly(NUMBER, typed, language) == number


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "12.5", 12.5), ("en", ".5", 0.5), ("en", "1,234.5", 1234.5), ("en", "1.234,5", 1234.5),
        ("en", "½", 0.5),
        ("en", "12,5", 12.5), ("en", "0.125", 0.125), ("en", "-0.0", 0.0), ("en", "3", 3.0),
        ("fr", "12,5", 12.5), ("fr", "1 234,5", 1234.5), ("fr", "1,234", 1.234), ("fr", "12.5", 12.5),
        ("fr", "0.125", 0.125),
        ("es", "1.234,5", 1234.5), ("es", "12.5", 12.5), ("es", "3,1416", 3.1416),
        ("ar", "١٬٢٣٤٫٥", 1234.5), ("ar", "١٢٫٥", 12.5), ("ar", "12.5", 12.5), ("hi", "१२.५", 12.5),
    ],
)  # fmt: skip
def test_decimal_numbers(language: str, typed: str, number: float) -> None:
    assert read_decimal(typed, LEXICONS[language]) == number
    assert _hear(AMOUNT, typed, language) == Understood(number)


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", ""), ("en", "."), ("en", "-"), ("en", "about 40"), ("en", "40k"), ("en", "1 2"),
        ("en", "1,2,3"), ("en", "5²"),
        ("en", "1.2.3"), ("en", "--5"), ("en", "5-"), ("en", "1e5"), ("en", "0x10"), ("en", "inf"),
        ("en", "nan"),
        ("en", "1_000"), ("en", "1234567890123456"), ("en", "1" * 5000), ("en", "0.1234567890123456"),
        ("fr", "1.234"),  # a thousand or one and a bit: not for the program to say
        ("en", "12,34.567,8"), ("en", "京"),
    ],
)  # fmt: skip
def test_what_is_no_number(language: str, typed: str) -> None:
    assert read_decimal(typed, LEXICONS[language]) is None
    assert read_integer(typed, LEXICONS[language]) is None
    assert isinstance(_hear(NUMBER, typed, language), Misheard)


def test_a_number_with_words_is_asked_back() -> None:
    assert _hear(NUMBER, "40 people") == Unsure((40,))
    assert _hear(AMOUNT, "2.5 litres") == Unsure((2.5,))
    assert isinstance(_hear(NUMBER, "40 or 50 people"), Misheard)
    assert isinstance(_hear(NUMBER, "forty people"), Misheard)


def test_a_fraction_where_a_whole_number_is_wanted() -> None:
    heard = _hear(NUMBER, "12.5")
    assert isinstance(heard, Misheard)
    assert heard.notice.message == "Only a whole number is possible here, such as {example}."
    assert read_integer("12.5", ENGLISH) is None


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("1, 3 and 4", (1, 3, 4)), ("1 3 4", (1, 3, 4)), ("1,3", (1, 3)), ("4;1", (4, 1)),
        ("1/2", (1, 2)), ("#1 #2", (1, 2)),
        ("1. 2. 3.", (1, 2, 3)), ("one, 2 & three", (1, 2, 3)), ("٣", (3,)), ("➀ ❷", (1, 2)), ("7", (7,)),
        ("1-3", None), ("1 but 2", None), ("", None), ("and", None), ("12345", None), ("1 " * 500, None),
    ],
)  # fmt: skip
def test_ordinals(typed: str, numbers: tuple[int, ...] | None) -> None:
    assert read_ordinals(typed, ENGLISH) == numbers


@pytest.mark.parametrize("value", ["12", 12.5, True, 10**15, ("1",)])
def test_whole_numbers_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["integer"].check(value, _ear(NUMBER)) is not None


@pytest.mark.parametrize("value", ["12", float("nan"), float("inf"), False])
def test_decimal_numbers_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["decimal"].check(value, _ear(AMOUNT)) is not None


# Scales


@pytest.mark.parametrize(
    ("question", "typed", "heard"),
    [
        (STARS, "0", Understood(0)),
        (STARS, "10", Understood(10)),
        (STARS, "seven", Understood(7)),
        (STARS, "7.0", Understood(7)),
        (STARS, "very bad", Understood(0)),
        (STARS, "exc", Understood(10, exact=False)),
        (STARS, "excelent", Understood(10, exact=False)),
        (HALVES, "-0.5", Understood(-0.5)),
        (HALVES, "1", Understood(1)),
    ],
)
def test_scales(question: Question, typed: str, heard: Heard) -> None:
    assert _hear(question, typed) == heard


@pytest.mark.parametrize(
    ("question", "typed"), [(STARS, "11"), (STARS, "2.5"), (STARS, "-1"), (STARS, "good"), (HALVES, "0.3")]
)
def test_off_the_scale(question: Question, typed: str) -> None:
    heard = _hear(question, typed)
    assert isinstance(heard, Misheard)
    assert question.scale is not None
    assert (heard.notice.values["low"], heard.notice.values["high"]) == (
        question.scale.start,
        question.scale.end,
    )
    assert ("{step}" in heard.notice.message) == (question is HALVES)


def test_a_short_scale_is_offered_a_long_one_is_not() -> None:
    kind = QUESTION_TYPES["range"]
    assert [value for value, _ in kind.options(_ear(STARS))] == list(range(11))
    assert kind.options(_ear(HALVES)) == ((-1, "-1"), (-0.5, "-0.5"), (0, "0"), (0.5, "0.5"), (1, "1"))
    assert kind.option_value(3, _ear(HALVES)) == 0.5
    assert kind.option_value(5, _ear(HALVES)) is None
    assert kind.option_value(-1, _ear(HALVES)) is None
    percent = _question("range", scale=Scale(0, 100))
    assert kind.options(_ear(percent)) == ()
    assert kind.instruction(_ear(percent)) is not None
    assert kind.instruction(_ear(STARS)) is None
    assert _hear(percent, "55") == Understood(55)


# Texts


def test_texts_are_kept_as_written_without_control_characters() -> None:
    assert _hear(FREE, "  More buses!\r\nAnd\ttrains\x00\x1b\ud800 👍🏽  ") == Understood(
        "More buses!\nAnd trains 👍🏽"
    )
    assert _hear(FREE, "stop") == Understood("stop")
    assert _hear_exactly(FREE, "anything") is None


@pytest.mark.parametrize("typed", ["", "  \n ", "\x00", "\u200b\u200e"])
def test_texts_hold_something(typed: str) -> None:
    assert isinstance(_hear(FREE, typed), Misheard)


def test_texts_have_a_limit_and_the_notice_says_how_much_is_too_much() -> None:
    assert _hear(FREE, "x" * 2000) == Understood("x" * 2000)
    heard = _hear(FREE, "x" * 2013)
    assert isinstance(heard, Misheard)
    assert heard.notice.values == {"limit": 2000, "excess": 13}


# Dates


@pytest.mark.parametrize(
    ("language", "typed", "day"),
    [
        ("en", "2024-03-05", "2024-03-05"), ("en", "20240305", "2024-03-05"),
        ("en", "2024/3/5", "2024-03-05"),
        ("en", "5 March 2024", "2024-03-05"), ("en", "March 5th, 2024", "2024-03-05"),
        ("en", "3rd of Mar 2024", "2024-03-03"),
        ("en", "5-mar-2024", "2024-03-05"), ("en", "MARCH 5 2024", "2024-03-05"),
        ("en", "2024 march 5", "2024-03-05"),
        ("en", "Sept. 1, 1999", "1999-09-01"),
        ("fr", "5 mars 2024", "2024-03-05"), ("fr", "1er août 2024", "2024-08-01"),
        ("fr", "le 3 janv. 2024", "2024-01-03"),
        ("fr", "3 fevrier 2024", "2024-02-03"),
        ("es", "5 de marzo de 2024", "2024-03-05"), ("es", "1º de mayo del 2024", "2024-05-01"),
        ("ar", "٥ مارس ٢٠٢٤", "2024-03-05"), ("ar", "٢٠٢٤-٠٣-٠٥", "2024-03-05"),
        ("ar", "5 ابريل 2024", "2024-04-05"),
        ("hi", "५ मार्च २०२४", "2024-03-05"), ("hi", "5 जुलाई 2024", "2024-07-05"),
        ("hi", "5 फरवरी 2024", "2024-02-05"),
        ("en", "2024年3月5日", "2024-03-05"),
    ],
)  # fmt: skip
def test_dates_that_can_be_no_other_day(language: str, typed: str, day: str) -> None:
    assert _hear(DAY, typed, language) == Understood(day)
    assert _hear_exactly(DAY, typed, language) == day


@pytest.mark.parametrize(
    ("language", "typed", "day"),
    [
        ("en", "05/03/2024", "2024-03-05"), ("en", "5.3.2024", "2024-03-05"),
        ("en", "5 3 2024", "2024-03-05"),
        ("en", "03/25/2024", "2024-03-25"),  # month first, since there is no month 25
        ("en", "5.3.24", "2024-03-05"), ("en", "5 March 45", "1945-03-05"), ("en", "5/3/36", "2036-03-05"),
        ("en", "today", "2026-03-10"), ("en", "Yesterday", "2026-03-09"),
        ("fr", "aujourd’hui", "2026-03-10"),
        ("es", "mañana", "2026-03-11"), ("ar", "أمس", "2026-03-09"),
        ("ar", "\u200f٥/\u200f٣/\u200f٢٠٢٤", "2024-03-05"),
    ],
)  # fmt: skip
def test_dates_that_are_said_back(language: str, typed: str, day: str) -> None:
    assert _hear(DAY, typed, language) == Understood(day, exact=False)
    assert _hear_exactly(DAY, typed, language) is None


@pytest.mark.parametrize(("order", "day"), [("dmy", "2024-03-04"), ("mdy", "2024-04-03"), ("ymd", None)])
def test_the_language_says_which_number_is_the_month(order: str, day: str | None) -> None:
    found = read_date("4/3/2024", replace(ENGLISH, date_order=order), TODAY)
    either = Ambiguity((date(2024, 3, 4), date(2024, 4, 3)))
    assert found == (date.fromisoformat(day) if day else either)


def test_a_date_without_a_year_is_asked_back() -> None:
    assert _hear(DAY, "1 March") == Unsure(("2026-03-01", "2027-03-01"))
    assert _hear(DAY, "25 December") == Unsure(("2025-12-25", "2026-12-25"))
    assert _hear(DAY, "29 February") == Unsure(("2028-02-29", "2024-02-29"))
    assert isinstance(_hear(DAY, "30 February"), Misheard)


@pytest.mark.parametrize(
    "typed",
    ["", "31.02.2024", "2024-13-01", "31 February 2024", "1/2", "March", "March 2024", "12", "soon", "5 marching 2024",
     "1/1/0001", "0024-01-01", "9999999999", "1-2-3-4", "5 March 20244", "١" * 3000, "1 2 3 4 March 2024"],
)  # fmt: skip
def test_what_is_no_date(typed: str) -> None:
    heard = _hear(DAY, typed)
    assert isinstance(heard, Misheard)
    assert heard.notice.values == {"example": date(2024, 12, 31)}


@pytest.mark.parametrize("value", ["2024-02-31", "20240305", "5 March", 20240305, ""])
def test_dates_are_checked(value: Value) -> None:
    assert QUESTION_TYPES["date"].check(value, _ear(DAY)) is not None


def test_the_last_day_has_no_tomorrow() -> None:
    assert read_date("tomorrow", ENGLISH, date.max) is None


# Something to read


@pytest.mark.parametrize(
    ("language", "typed"), [("en", "OK"), ("en", "okay."), ("en", "1"), ("en", "I agree"), ("fr", "oui")]
)
def test_acknowledged(language: str, typed: str) -> None:
    assert _hear(READ, typed, language) == Understood("OK")
    assert _hear_exactly(READ, typed, language) == "OK"


@pytest.mark.parametrize("typed", ["no", "2", "", "what is this"])
def test_not_acknowledged(typed: str) -> None:
    assert isinstance(_hear(READ, typed), Misheard)


def test_a_note_wants_no_answer() -> None:
    note = QUESTION_TYPES["note"]
    ear = _ear(_question("note"))
    assert not note.asks
    assert isinstance(note.hear("yes", ear), Misheard)
    assert note.hears_exactly("yes", ear) is None
    assert note.check("yes", ear) is not None
    assert note.tabulated_as is None


# All types


def test_the_words_of_a_question_are_made_once_a_language() -> None:
    assert _ear(ONE).vocabulary is _ear(ONE).vocabulary
    assert _ear(ONE).vocabulary is not _ear(ONE, "fr").vocabulary
    assert _ear(ONE).vocabulary is not _ear(SEVERAL).vocabulary


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (ONE, ValueKind(Kind.CODE, frozenset({"radio", "tv", "press", "net", "village", "none"}))),
        (SEVERAL, ValueKind(Kind.CODES, frozenset({"radio", "tv", "press", "net", "village", "none"}))),
        (NUMBER, ValueKind(Kind.NUMBER)),
        (AMOUNT, ValueKind(Kind.NUMBER)),
        (STARS, ValueKind(Kind.NUMBER)),
        (FREE, ValueKind(Kind.TEXT)),
        (DAY, ValueKind(Kind.DATE)),
        (READ, ValueKind(Kind.CODE, frozenset({"OK"}))),
    ],
)
def test_what_expressions_take_answers_for(question: Question, kind: ValueKind) -> None:
    assert QUESTION_TYPES[question.type].value_kind(question) == kind


def test_the_registry_knows_each_type_by_its_name() -> None:
    assert set(QUESTION_TYPES) == {
        "select_one", "select_multiple", "rank", "integer", "decimal", "range", "text", "date", "time", "dateTime",
        "geopoint", "image", "audio", "video", "file", "note", "acknowledge",
        "calculate", "hidden", "start", "end", "today",
    }  # fmt: skip
    for name, kind in QUESTION_TYPES.items():
        assert kind.name == name
        assert kind.tabulated_as in {"choices", "statistics", "texts", None}


def test_options_are_what_a_tap_chooses() -> None:
    for question in (ONE, SEVERAL, YES_NO, STARS, READ):
        kind, ear = QUESTION_TYPES[question.type], _ear(question)
        options = kind.options(ear)
        assert kind.has_options
        assert [kind.option_value(index, ear) for index in range(len(options))] == [
            value for value, _ in options
        ]
        assert kind.option_value(len(options), ear) is None
        assert kind.option_value(-1, ear) is None


def test_a_code_that_is_a_command_word_stays_a_command() -> None:
    choices = (
        Choice("language", LocalizedText.of("The language spoken")),
        Choice("cost", LocalizedText.of("The cost")),
    )
    question = Question("barriers", "select_one", LocalizedText.of("What holds you back?"), choices=choices)
    ear = Ear(question, "en", replace(ENGLISH, commands={"language": Command.LANGUAGE}), date(2026, 1, 1))
    assert QUESTION_TYPES["select_one"].hears_exactly("language", ear) is None
    assert QUESTION_TYPES["select_one"].hears_exactly("cost", ear) == "cost"
