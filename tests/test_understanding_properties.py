from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.flows.question_types import QUESTION_TYPES, Ear, Heard, Misheard, Understood, Unsure
from bot.flows.questionnaire import Choice, LocalizedText, Question, Scale
from bot.flows.understanding.dates import Ambiguity, read_date
from bot.flows.understanding.matching import Candidate, MatchKind, fold, match
from bot.flows.understanding.numbers import read_decimal, read_integer, read_ordinals
from bot.flows.values import Value
from tests.support.lexicons import ENGLISH, LEXICONS

TODAY = date(2026, 3, 10)
LANGUAGES = st.sampled_from(sorted(LEXICONS))
ALPHABETS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "fr": "abcdéèêëàâçîïôùûüœæ",
    "es": "abcdefgáéíóúüñ",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهيءأإآةى",
    "hi": "कखगघचछजझटठडढतथदधनपफबभमयरलवशषसहािीुूेैोौंँ्",
}
WORDS = [
    *(
        "yes",
        "no",
        "radio",
        "tv",
        "press and books",
        "1",
        "2",
        "9",
        ",",
        "and",
        "و",
        "et",
        "none",
        "mars",
        "2024",
        "3rd",
    ),
    *("tomorrow", "very bad", "\u202e", "\ud83d"),
]
ANYTHING = st.one_of(
    st.text(st.characters(), max_size=60),  # lone surrogates and control characters among them
    st.text("0123456789٠١٢٣४५６.,-/٫٬' +and", max_size=30),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
)


def _labels(texts: dict[str, str]) -> LocalizedText:
    return LocalizedText(texts, "en")


CHOICES = (
    Choice("radio", _labels({"en": "Radio", "ar": "راديو"})),
    Choice("tv", _labels({"en": "Television", "fr": "Télévision"}), {"en": ("tv",)}),
    Choice("press", _labels({"en": "Press and books", "fr": "Presse et livres"})),
    Choice("yes", _labels({"en": "Yes, all of it"})),
    Choice("none", _labels({"en": "None of these"}), exclusive=True),
)
ENDS = (_labels({"en": "Very bad"}), _labels({"en": "Excellent"}))
QUESTIONS = [
    Question("one", "select_one", _labels({"en": "?"}), choices=CHOICES),
    Question("country", "select_one", _labels({"en": "?"}), choice_list="country"),
    Question("several", "select_multiple", _labels({"en": "?"}), choices=CHOICES),
    Question("integer", "integer", _labels({"en": "?"})),
    Question("decimal", "decimal", _labels({"en": "?"})),
    Question("range", "range", _labels({"en": "?"}), scale=Scale(0, 10, 0.5, *ENDS)),
    Question("text", "text", _labels({"en": "?"})),
    Question("date", "date", _labels({"en": "?"})),
    Question("note", "note", _labels({"en": "?"})),
    Question("acknowledge", "acknowledge", _labels({"en": "?"})),
]


def _values(heard: Heard) -> tuple[Value, ...]:
    match heard:
        case Understood(value):
            return (value,)
        case Unsure(values):
            return values
        case Misheard():
            return ()


@given(st.sampled_from(QUESTIONS), LANGUAGES, ANYTHING)
@settings(max_examples=60)
def test_whatever_is_typed_is_heard_and_what_is_understood_is_valid(
    question: Question, language: str, typed: str
) -> None:
    kind, ear = QUESTION_TYPES[question.type], Ear(question, language, LEXICONS[language], TODAY)
    heard = kind.hear(typed, ear)
    for value in _values(heard):
        assert kind.check(value, ear) is None
        document = json.dumps(kind.to_json(value))
        assert kind.from_json(json.loads(document)) == value
        assert document.encode() is not None
    if isinstance(heard, Unsure):
        assert 1 <= len(heard.values) <= 8
        assert len(set(heard.values)) == len(heard.values)
    if isinstance(heard, Misheard):
        heard.notice.message.format(**heard.notice.values)
    exact = kind.hears_exactly(typed, ear)
    if exact is not None:
        assert heard == Understood(exact)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
@pytest.mark.parametrize(
    "typed",
    ["a" * 10_000, "1 " * 5000, "1," * 5000, "and " * 2500, "- " * 5000, "é" * 10_000, "radio, " * 1400,
     "\ud800" * 10_000, "(" * 10_000, "9" * 10_000, "1." * 5000, "'" * 10_000, "\x00\n" * 5000,
     "و" * 10_000, "ﷺ" * 10_000],
    ids=range(15),
)  # fmt: skip
def test_ten_thousand_characters_take_no_time(question: Question, typed: str) -> None:
    kind = QUESTION_TYPES[question.type]
    for language in ("en", "ar"):
        ear = Ear(question, language, LEXICONS[language], TODAY)
        kind.hear("x", ear)
        before = time.process_time()
        kind.hear(typed, ear)
        kind.hears_exactly(typed, ear)
        assert time.process_time() - before < 0.5


@st.composite
def _choice_lists(draw: st.DrawFn) -> tuple[str, tuple[Choice, ...]]:
    """Choices with labels that differ when folded, in one of the languages; codes that are no one's label."""
    language = draw(LANGUAGES)
    word = st.text(ALPHABETS[language], min_size=2, max_size=12)
    labels = draw(
        st.lists(
            st.lists(word, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=12, unique_by=fold
        )
    )
    assume(all(fold(label) for label in labels))
    return language, tuple(
        Choice(f"code_{place}", LocalizedText({language: label}, language))
        for place, label in enumerate(labels)
    )


@given(
    _choice_lists(), st.sampled_from([str, str.upper, lambda text: f"  {text}. ", lambda text: f"«{text}»"])
)
@settings(max_examples=60)
def test_every_option_is_heard_by_its_label_code_and_number(
    drawn: tuple[str, tuple[Choice, ...]], written: Callable[[str], str]
) -> None:
    language, choices = drawn
    one = Ear(Question("q", "select_one", _labels({}), choices=choices), language, LEXICONS[language], TODAY)
    several = Ear(
        Question("q", "select_multiple", _labels({}), choices=choices), language, LEXICONS[language], TODAY
    )
    for place, choice in enumerate(choices, start=1):
        for typed in (choice.label.in_language(language), choice.name, str(place), f"{place})"):
            assert QUESTION_TYPES["select_one"].hear(written(typed), one) == Understood(choice.name)
            assert QUESTION_TYPES["select_multiple"].hear(written(typed), several) == Understood(
                (choice.name,)
            )


@given(_choice_lists(), st.data())
@settings(max_examples=100)
def test_any_selection_is_heard_by_its_numbers_in_any_order(
    drawn: tuple[str, tuple[Choice, ...]], data: st.DataObject
) -> None:
    language, choices = drawn
    ear = Ear(
        Question("q", "select_multiple", _labels({}), choices=choices), language, LEXICONS[language], TODAY
    )
    chosen = data.draw(st.lists(st.sampled_from(range(len(choices))), min_size=1, max_size=8))
    between = data.draw(
        st.sampled_from([", ", " ", ",", "; ", *(f" {j} " for j in LEXICONS[language].joiners)])
    )
    typed = between.join(str(place + 1) for place in chosen)
    expected = tuple(choices[place].name for place in sorted(set(chosen)))
    assert QUESTION_TYPES["select_multiple"].hear(typed, ear) == Understood(expected)


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=150)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == folded.strip()
    folded.encode()


@given(
    st.lists(st.text("abcdefgh ", min_size=1, max_size=20).map(fold).filter(bool), min_size=1, max_size=12),
    ANYTHING,
)
@settings(max_examples=60)
def test_a_match_is_one_or_asks_back(labels: list[str], typed: str) -> None:
    candidates = [Candidate(str(place), (label,)) for place, label in enumerate(labels)]
    for said in (typed, labels[0][:3], labels[0][1:], labels[0][::-1]):
        found = match(said, candidates)
        sizes = {MatchKind.NONE: {0}, MatchKind.UNSURE: set(range(1, 6))}
        assert len(found.keys) in sizes.get(found.kind, {1})
        assert len(set(found.keys)) == len(found.keys)
        if found.kind is MatchKind.PREFIX:
            assert [str(i) for i, label in enumerate(labels) if label.startswith(fold(said))] == list(
                found.keys
            )


@given(
    st.integers(-(10**15) + 1, 10**15 - 1), LANGUAGES, st.sampled_from([0x30, 0x660, 0x6F0, 0x966, 0xFF10])
)
@settings(max_examples=80)
def test_whole_numbers_are_read_as_each_language_writes_them(number: int, language: str, zero: int) -> None:
    lexicon = LEXICONS[language]
    digits = {0x30 + place: zero + place for place in range(10)}
    assert read_integer(str(number).translate(digits), lexicon) == number
    for mark in lexicon.group_marks:
        assert read_integer(f"{number:,}".replace(",", mark).translate(digits), lexicon) == number


@given(st.integers(-(10**9), 10**9), st.integers(0, 99), LANGUAGES)
@settings(max_examples=80)
def test_decimals_are_read_as_each_language_writes_them(whole: int, cents: int, language: str) -> None:
    lexicon = LEXICONS[language]
    mark = next(iter(lexicon.group_marks))
    typed = f"{whole:,}".replace(",", mark) + f"{lexicon.decimal_mark}{cents:02}"
    assert read_decimal(typed, lexicon) == float(f"{whole}.{cents:02}")


@given(ANYTHING, LANGUAGES)
@settings(max_examples=100)
def test_numbers_are_read_or_not(typed: str, language: str) -> None:
    lexicon = LEXICONS[language]
    whole, number = read_integer(typed, lexicon), read_decimal(typed, lexicon)
    assert whole is None or whole == number
    assert number is None or abs(number) < 10**15
    assert read_ordinals(typed, lexicon) != ()


@given(
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["dmy", "mdy", "ymd"]),
    st.sampled_from("-./ "),
)
@settings(max_examples=80)
def test_dates_in_digits_are_read_in_the_languages_order(day: date, order: str, between: str) -> None:
    parts = {"d": f"{day.day:02}", "m": f"{day.month:02}", "y": f"{day.year}"}
    typed = between.join(parts[letter] for letter in order)
    assert read_date(typed, replace(ENGLISH, date_order=order), TODAY) == day
    assert read_date(day.isoformat(), replace(ENGLISH, date_order=order), TODAY) == day


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), LANGUAGES, st.data())
@settings(max_examples=80)
def test_dates_with_a_months_name_are_read(day: date, language: str, data: st.DataObject) -> None:
    lexicon = LEXICONS[language]
    names = sorted(name for name, month in lexicon.months.items() if month == day.month)
    name = data.draw(st.sampled_from(names))
    assert read_date(f"{day.day} {name} {day.year}", lexicon, TODAY) == day
    assert read_date(f"{name} {day.day}, {day.year}", lexicon, TODAY) == day
    near = read_date(f"{day.day} {name}", lexicon, TODAY)
    assert isinstance(near, Ambiguity)
    assert all((found.month, found.day) == (day.month, day.day) for found in near.dates)
