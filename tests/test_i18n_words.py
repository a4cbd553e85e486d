"""What a language's speakers type: numbers, months, answers and commands, in every language."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from bot import i18n
from bot.flows.lexicon import Command, Lexicon
from bot.flows.understanding.matching import fold
from bot.i18n import lexicons
from bot.i18n.words import COMMAND_DESCRIPTIONS, COMMAND_WORDS, RELATIVE_DAYS
from tests.support.locales import add_catalogue

WITHOUT_CATALOGUE = ("ar", "zh", "ru", "pt-BR", "hi", "fa", "ht", "fj", "sm", "x-none")
LANGUAGES = (*i18n.languages(), *WITHOUT_CATALOGUE)
ANSWERS = (
    "yes",
    "no",
    "dont_know",
    "agree",
    "decline",
    "more",
    "done",
    "submit",
    "change",
    "none",
    "joiners",
)
APART = (
    ("yes", "no"),
    ("yes", "decline"),
    ("yes", "dont_know"),
    ("no", "agree"),
    ("no", "dont_know"),
    ("agree", "decline"),
    ("more", "done"),
    ("done", "change"),
    ("submit", "change"),
)
"""Sets between which a word would be ambiguous."""


@pytest.mark.parametrize("language", LANGUAGES)
class TestLexicons:
    def test_every_command_is_heard_in_english_and_in_the_language(self, language: str) -> None:
        commands = i18n.lexicon(language).commands
        for command in Command:
            assert commands[command.value] is command
            assert commands[fold(i18n.command_name(command, language))] is command
            assert commands[fold(i18n.command_name(command, "en"))] is command
            assert commands[fold(i18n.command_name(command, language)).replace(" ", "")] is command

    def test_words_are_folded(self, language: str) -> None:
        lexicon = i18n.lexicon(language)
        for name in (
            *ANSWERS,
            "commands",
            "stop_words",
            "numerals",
            "months",
            "relative_days",
            "language_names",
        ):
            words = getattr(lexicon, name)
            assert words, name
            assert all(word == fold(word) for word in words), name

    def test_no_word_means_two_things(self, language: str) -> None:
        lexicon = i18n.lexicon(language)
        for first, second in APART:
            assert not getattr(lexicon, first) & getattr(lexicon, second), (first, second)
        for name in (*ANSWERS, "numerals", "relative_days", "months"):
            assert not set(getattr(lexicon, name)) & set(lexicon.commands), name

    def test_stop_words_are_the_words_of_stop(self, language: str) -> None:
        lexicon = i18n.lexicon(language)
        assert {
            word for word, command in lexicon.commands.items() if command is Command.STOP
        } <= lexicon.stop_words
        assert not {lexicon.commands.get(word, Command.STOP) for word in lexicon.stop_words} - {Command.STOP}

    def test_opt_1_stop_words_of_every_language_stop(self, language: str) -> None:
        for spoken in i18n.languages():
            main = fold(i18n.command_name(Command.STOP, spoken))
            # *Accha* is a Hindi speaker's yes, and Swahili's word for stopping.
            assert main in i18n.lexicon(language).stop_words or (language, main) == ("hi", "acha"), main

    def test_no_stop_word_of_another_language_is_an_answer(self, language: str) -> None:
        lexicon = i18n.lexicon(language)
        for name in (*ANSWERS, "numerals", "relative_days", "months", "language_names"):
            assert not lexicon.stop_words & set(getattr(lexicon, name)), name
        assert not lexicon.stop_words & set(map(fold, lexicon.countries.values()))

    def test_reserved_words_hold_commands_of_both_languages_and_all_stop_words(self, language: str) -> None:
        reserved = i18n.reserved_words(language)
        assert reserved >= set(i18n.lexicon(language).stop_words)
        assert reserved >= {fold(i18n.command_name(command, language)) for command in Command}
        assert "yes" not in reserved

    def test_numbers_months_and_days_are_complete(self, language: str) -> None:
        lexicon = i18n.lexicon(language)
        assert set(lexicon.numerals.values()) == set(range(21))
        assert set(lexicon.months.values()) == set(range(1, 13))
        assert set(lexicon.relative_days.values()) == set(RELATIVE_DAYS)
        assert sorted(lexicon.date_order) == ["d", "m", "y"]
        assert lexicon.decimal_mark not in lexicon.group_marks
        assert not any(mark.isspace() for mark in lexicon.group_marks)

    def test_countries_are_those_of_iso_3166(self, language: str) -> None:
        countries = i18n.lexicon(language).countries
        assert len(countries) == 249
        assert {"FJ", "FR", "TV", "PS", "TW"} <= set(countries)
        assert not {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "XK", "IC"} & set(countries)
        assert all(countries.values())
        assert [fold(name) for name in countries.values()] == sorted(
            fold(name) for name in countries.values()
        )

    def test_commands_are_described_in_a_sentence(self, language: str) -> None:
        assert set(COMMAND_DESCRIPTIONS) == set(COMMAND_WORDS) == set(Command)
        for command in Command:
            assert 3 <= len(i18n.command_description(command, language)) <= 256

    def test_every_language_is_known_by_name(self, language: str) -> None:
        names = i18n.lexicon(language).language_names
        assert set(names.values()) == set(i18n.languages())
        assert names["francais"] == names["french"] == "fr"

    def test_it_is_built_once(self, language: str) -> None:
        assert i18n.lexicon(language) is i18n.lexicon(language)


class TestWords:
    @pytest.mark.parametrize(
        ("language", "typed", "command"),
        [
            ("fr", "ARRÊT", Command.STOP),
            ("fr", "stop", Command.STOP),
            ("fr", "Précédent", Command.BACK),
            ("fr", "mes données", Command.MYDATA),
            ("es", "Alto", Command.STOP),
            ("es", "parar", Command.STOP),
            ("es", "atras", Command.BACK),
            ("es", "unsubscribe", Command.STOP),
            ("en", "StopAll", Command.STOP),
        ],
    )
    def test_commands(self, language: str, typed: str, command: Command) -> None:
        assert i18n.lexicon(language).commands[fold(typed)] is command

    def test_answers(self) -> None:
        french, spanish = i18n.lexicon("fr"), i18n.lexicon("es")
        assert {"oui", "yes", "d'accord"} <= french.yes
        assert "non, merci" in french.decline
        assert fold("Sí") in spanish.yes
        assert "ninguna" in spanish.none
        assert {"et", "and", "&"} <= french.joiners
        assert french.numerals["une"] == french.numerals["one"] == 1
        assert french.months["fevrier"] == french.months["feb"] == 2
        assert spanish.relative_days["anteayer"] == -2
        assert spanish.language_names["frances"] == "fr"

    @pytest.mark.parametrize("language", i18n.languages())
    def test_what_buttons_say_can_be_typed(self, language: str) -> None:
        lexicon = i18n.lexicon(language)
        labels = {
            "I agree": lexicon.agree,
            "No, thank you": lexicon.decline,
            "Read more": lexicon.more,
            "More": lexicon.more,
            "Done": lexicon.done,
            "Submit": lexicon.submit,
            "Yes": lexicon.yes,
            "No": lexicon.no,
            "Show my answers": lexicon.commands,
            "Back": lexicon.commands,
            "Skip": lexicon.commands,
        }
        for label, words in labels.items():
            assert fold(i18n.gettext(language, label)) in words, label

    def test_the_languages_own_word_wins_over_english(self, locales: Path) -> None:
        yes, no = lexicons._ANSWER_WORDS["yes"], lexicons._ANSWER_WORDS["no"]
        back, skip = COMMAND_WORDS[Command.BACK], COMMAND_WORDS[Command.SKIP]
        add_catalogue(
            locales,
            "pl",
            "".join(
                f'msgctxt "words"\nmsgid "{english}"\nmsgstr "{polish}"\n\n'
                for english, polish in (
                    (yes, "tak, no"),
                    (no, "nie"),
                    (skip, "pomiń، previous"),
                    (back, "wstecz"),
                )
            ),
        )
        polish = i18n.lexicon("pl")
        assert "no" in polish.yes
        assert "no" not in polish.no
        assert "nope" in polish.no
        assert polish.commands["previous"] is Command.SKIP
        assert polish.commands["back"] is Command.BACK

    def test_english_is_that_of_the_world(self) -> None:
        assert i18n.lexicon("en").date_order == "dmy"
        assert i18n.lexicon("en-US").date_order == "mdy"
        assert i18n.lexicon("zh").date_order == "ymd"

    def test_main_words_are_shown(self) -> None:
        assert i18n.main_word("more", "fr") == "suite"
        assert i18n.main_word("done", "en") == "done"
        assert set(lexicons._ANSWER_WORDS) == set(ANSWERS) < {field.name for field in fields(Lexicon)}
