from __future__ import annotations

from datetime import date

import pytest

from bot import i18n
from bot.flows.lexicon import Command
from bot.flows.understanding.dates import read_date
from bot.flows.understanding.folding import fold

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize("language", ["ru", "pt", "nl"])
@pytest.mark.parametrize("day", [date(2025, month, 28) for month in range(1, 13)])
def test_a_date_is_read_as_it_is_written(language: str, day: date) -> None:
    assert read_date(i18n.format_date(language, day), i18n.lexicon(language), TODAY) == day


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("ru", "30 июня 2025 года"),
        ("ru", "30 июня 2025г."),
        ("ru", "30-го июня 2025"),
        ("ru", "30.06.2025 г."),
        ("pt", "30 junho 2025"),
        ("pt", "30/6/2025"),
        ("nl", "30 juni 2025"),
        ("nl", "30-06-2025"),
    ],
)
def test_dates_as_people_write_them(language: str, typed: str) -> None:
    assert read_date(typed, i18n.lexicon(language), TODAY) == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("language", "typed", "command"),
    [
        ("ru", "Назад", Command.BACK),
        ("ru", "nazad", Command.BACK),
        ("ru", "СТОП", Command.STOP),
        ("pt", "secoes", Command.SECTIONS),
        ("pt", "saltar", Command.SKIP),
        ("pt", "Sair", Command.STOP),
        ("nl", "terug", Command.BACK),
        ("nl", "wis alles", Command.FORGET),
    ],
)
def test_commands_as_people_type_them(language: str, typed: str, command: Command) -> None:
    assert i18n.lexicon(language).commands[fold(typed)] is command


@pytest.mark.parametrize(
    ("language", "yes", "no", "unknown"),
    [
        ("ru", "Ага", "неа", "незнаю"),
        ("pt", "claro", "nao", "nao sei"),
        ("nl", "oke", "neen", "weet ik niet"),
    ],
)
def test_yes_and_no_as_people_type_them(language: str, yes: str, no: str, unknown: str) -> None:
    lexicon = i18n.lexicon(language)
    assert fold(yes) in lexicon.yes
    assert fold(no) in lexicon.no
    assert fold(unknown) in lexicon.dont_know


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", {"одна": 1, "две": 2, "восемнадцать": 18}),
        ("pt", {"duas": 2, "tres": 3, "quatorze": 14, "dezasseis": 16}),
        ("nl", {"één": 1, "acht": 8, "twintig": 20}),
    ],
)
def test_number_words(language: str, words: dict[str, int]) -> None:
    numerals = i18n.lexicon(language).numerals
    assert {word: numerals[fold(word)] for word in words} == words


def test_russian_counts_in_three_forms() -> None:
    one, other = "Your answer opens {count} more question.", "Your answer opens {count} more questions."
    said = [i18n.ngettext("ru", one, other, n).split()[-1] for n in (1, 2, 5, 11, 21, 22)]
    assert said == ["вопрос.", "вопроса.", "вопросов.", "вопросов.", "вопрос.", "вопроса."]
