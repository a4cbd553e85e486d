from __future__ import annotations

import unicodedata

import pytest

from bot.flows.understanding.matching import Candidate, Match, MatchKind, fold, match


def _candidates(*labels: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(label, (fold(label),)) for label in labels)


LEVELS = _candidates("National government", "Local government", "Regional authority", "I don't know", "None")
REGIONS = _candidates("North", "South", "East", "West")
COUNTRIES = _candidates("Iran", "Iraq", "Mali", "Malta", "Niger", "Nigeria")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  National   GOVERNMENT. ", "national government"),
        ("À propos de l’État !", "a propos de l'etat"),
        ("don´t know", "don't know"),
        ("“Yes”", "yes"),
        ("1.", "1"),
        ("1)", "1"),
        ("(1)", "1"),
        ("①", "1"),
        ("1️⃣", "1"),
        ("３", "3"),
        ("٣", "3"),
        ("३।", "3"),
        ("-1", "-1"),
        ("A-", "a-"),
        ("A+", "a+"),
        ("- yes", "yes"),
        ("<5", "<5"),
        ("?", "?"),
        (" ?! ", "?!"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Việt Nam", "viet nam"),
        ("İstanbul", "istanbul"),
        ("ʻIo", "io"),
        ("йёж", "иеж"),
        ("Ἀθῆναι", "αθηναι"),
        ("أُحِبُّ", "احب"),
        ("مـــدرســـة", "مدرسه"),
        ("على", "علي"),
        ("हाँ", "हां"),
        ("फ़िजी", "फिजी"),
        ("\u202bنعم\u202c", "نعم"),
        ("می‌دانم", "ميدانم"),
        ("がんばれ", "がんばれ"),
        ("한국어", "한국어"),
        ("a\x00b\ud800c", "abc"),
        ("\u200b\u200d", ""),
        ("", ""),
    ],
)
def test_fold(typed: str, expected: str) -> None:
    assert fold(typed) == expected


def test_fold_keeps_vowel_signs_that_tell_words_apart() -> None:
    assert fold("की") != fold("का")
    assert fold("か") != fold("が")


def test_fold_changes_no_character_twice() -> None:
    for code in range(0x3000):
        for text in (chr(code), f"a{chr(code)}b"):
            assert fold(fold(text)) == fold(text), f"U+{code:04X} {unicodedata.name(chr(code), '')}"


@pytest.mark.parametrize(
    ("typed", "candidates", "kind", "keys"),
    [
        ("local government", LEVELS, MatchKind.EXACT, ["Local government"]),
        ("Niger", COUNTRIES, MatchKind.EXACT, ["Niger"]),
        ("iraq!", COUNTRIES, MatchKind.EXACT, ["Iraq"]),
        ("l", LEVELS, MatchKind.PREFIX, ["Local government"]),
        ("nat", LEVELS, MatchKind.PREFIX, ["National government"]),
        ("n", REGIONS, MatchKind.PREFIX, ["North"]),
        ("natonal goverment", LEVELS, MatchKind.TYPO, ["National government"]),
        ("i dont know", LEVELS, MatchKind.TYPO, ["I don't know"]),
        ("nrth", REGIONS, MatchKind.TYPO, ["North"]),
        ("eats", REGIONS, MatchKind.TYPO, ["East"]),
    ],
)
def test_sure(typed: str, candidates: tuple[Candidate, ...], kind: MatchKind, keys: list[str]) -> None:
    assert match(typed, candidates) == Match(kind, tuple(keys))


@pytest.mark.parametrize(
    ("typed", "candidates", "keys"),
    [
        ("n", LEVELS, ["National government", "None"]),
        ("government", LEVELS, ["National government", "Local government"]),
        ("nige", COUNTRIES, ["Niger", "Nigeria"]),
        ("nigera", COUNTRIES, ["Niger", "Nigeria"]),
        ("irak", COUNTRIES, ["Iran", "Iraq"]),
        ("mala", COUNTRIES, ["Mali", "Malta"]),
        ("est", REGIONS, ["East", "West"]),
        ("regionel", LEVELS, ["Regional authority"]),
        ("no", REGIONS, ["North"]),  # a negation is not the beginning of another word
        ("unlikely", _candidates("Likely", "Certain"), ["Likely"]),  # a slip in the first letter is no slip
    ],
)
def test_asked_back(typed: str, candidates: tuple[Candidate, ...], keys: list[str]) -> None:
    assert match(typed, candidates) == Match(MatchKind.UNSURE, tuple(keys))


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("", ["Yes", "No"]),
        ("xyz", ["Yes", "No"]),
        ("24-34", ["18-24", "25-34"]),
        ("2", ["25-34"]),
        ("option 3", ["option 1", "option 2"]),
        ("i know it", ["I don't know it"]),
        ("relevant to me", ["not relevant to me"]),
        ("is relevant to our village", ["is not relevant to our village"]),
        ("yes", ["no"]),
        ("no", ["yes"]),
        ("n", ["north", "none", "new", "next", "neither", "nobody"]),
    ],
)
def test_never_alike(typed: str, labels: list[str]) -> None:
    assert match(typed, _candidates(*labels)).kind is MatchKind.NONE


def test_an_exact_no_beats_a_beginning() -> None:
    assert match("no", _candidates("North", "No")) == Match(MatchKind.EXACT, ("No",))


def test_only_exact_when_asked_for() -> None:
    assert match("nort", REGIONS, exact_only=True).kind is MatchKind.NONE
    assert match("NORTH", REGIONS, exact_only=True) == Match(MatchKind.EXACT, ("North",))


def test_a_word_of_two_candidates_is_asked_back() -> None:
    same = (Candidate("a", ("other", "else")), Candidate("b", ("other",)))
    assert match("Other", same) == Match(MatchKind.UNSURE, ("a", "b"))
    assert match("else", same) == Match(MatchKind.EXACT, ("a",))


def test_asks_back_no_more_than_the_limit() -> None:
    many = _candidates(*(f"district of {name}" for name in "abcdefgh"))
    assert match("district", many).kind is MatchKind.NONE
    assert len(match("district", many, limit=8).keys) == 8
    assert len(match("distrikt of x", many, limit=3).keys) == 3
