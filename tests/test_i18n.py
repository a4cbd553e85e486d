from __future__ import annotations

import itertools
import re
import subprocess
import sys
import timeit
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel import Locale, localedata
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import i18n
from bot.flows.lexicon import Command, Lexicon
from bot.flows.understanding.matching import fold
from bot.i18n import catalogues, lexicons, tags
from bot.i18n.words import COMMAND_DESCRIPTIONS, COMMAND_WORDS, RELATIVE_DAYS

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


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of catalogues of its own."""
    caches = (
        catalogues.languages,
        catalogues._catalogue,
        catalogues.translations,
        catalogues.own_name,
        lexicons.lexicon,
        lexicons.reserved_words,
    )
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path
    for cached in caches:
        cached.cache_clear()


def add_catalogue(
    folder: Path, name: str, messages: str, plural_forms: str = "nplurals=2; plural=(n != 1);"
) -> None:
    path = folder / name / "LC_MESSAGES" / "bot.po"
    path.parent.mkdir(parents=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {name}\\n"\n"Plural-Forms: {plural_forms}\\n"\n'
    path.write_text(header + '"Content-Type: text/plain; charset=utf-8\\n"\n\n' + messages, "utf-8")


class TestCatalogues:
    def test_languages_are_english_and_the_folders_found(self, locales: Path) -> None:
        for name in ("fr", "pt_BR", "zh_Hans"):
            add_catalogue(locales, name, "")
        assert i18n.languages() == ("en", "fr", "pt-BR", "zh-Hans")

    def test_a_language_that_cldr_does_not_know_is_a_file_away(self, locales: Path) -> None:
        add_catalogue(
            locales,
            "fj",
            'msgid "Skip"\nmsgstr "Liaca"\n\n'
            'msgctxt "own name"\nmsgid "English"\nmsgstr "vosa vakaviti"\n\n'
            'msgid "{count} day"\nmsgid_plural "{count} days"\nmsgstr[0] "dua"\nmsgstr[1] "{count} na siga"\n\n'
            f'msgctxt "words"\nmsgid "{COMMAND_WORDS[Command.BACK]}"\nmsgstr "lesu tale, lesu"\n',
        )
        assert not localedata.exists("fj")
        assert i18n.languages() == ("en", "fj")
        assert i18n.gettext("fj", "Skip") == "Liaca"
        assert i18n.ngettext("fj", "{count} day", "{count} days", 1) == "dua"
        assert i18n.own_name("fj") == "Vosa vakaviti"
        assert i18n.command_name(Command.BACK, "fj") == "lesu tale"
        assert i18n.lexicon("fj").commands["lesu"] is Command.BACK
        assert i18n.lexicon("fj").commands["back"] is Command.BACK
        assert i18n.lexicon("en").language_names["vosa vakaviti"] == "fj"
        assert i18n.format_date("fj", date(2025, 6, 30)) == "30 June 2025"
        assert i18n.direction("fj") == "ltr"

    def test_contexts_keep_meanings_apart(self, locales: Path) -> None:
        add_catalogue(
            locales, "fr", 'msgid "May"\nmsgstr "mai"\n\nmsgctxt "permission"\nmsgid "May"\nmsgstr "peut"\n'
        )
        assert i18n.gettext("fr", "May") == "mai"
        assert i18n.gettext("fr", "May", "permission") == "peut"
        assert i18n.gettext("fr", "May", "surname") == "May"

    def test_plural_forms_are_chosen_by_the_rule_of_the_file(self, locales: Path) -> None:
        forms = "".join(f'msgstr[{index}] "form {index}"\n' for index in range(3))
        message = f'msgid "one"\nmsgid_plural "many"\n{forms}\n'
        add_catalogue(
            locales,
            "fr",
            message + 'msgctxt "c"\n' + message,
            "nplurals=3; plural=(n < 2 ? 0 : n % 1000000 == 0 ? 1 : 2);",
        )
        assert [i18n.ngettext("fr", "one", "many", n) for n in (0, 1, 2, 1_000_000)] == [
            "form 0",
            "form 0",
            "form 2",
            "form 1",
        ]
        assert i18n.ngettext("fr", "one", "many", 5, "c") == "form 2"

    def test_what_is_not_translated_or_fuzzy_is_english(self, locales: Path) -> None:
        add_catalogue(locales, "fr", '#, fuzzy\nmsgid "Done"\nmsgstr "Fait"\n\nmsgid "Back"\nmsgstr ""\n')
        assert i18n.gettext("fr", "Done") == "Done"
        assert i18n.gettext("fr", "Back") == "Back"
        assert [i18n.ngettext("fr", "a", "b", n) for n in (1, 2)] == ["a", "b"]

    def test_a_region_reads_its_languages_catalogue(self, locales: Path) -> None:
        add_catalogue(locales, "pt", 'msgid "Done"\nmsgstr "Feito"\n')
        assert i18n.gettext("pt-BR", "Done") == "Feito"
        assert i18n.gettext("en-GB", "Done") == "Done"
        assert i18n.gettext("de", "Done") == "Done"

    def test_looking_up_takes_about_a_microsecond(self) -> None:
        best = min(timeit.repeat(lambda: i18n.gettext("fr", "Done"), number=2000, repeat=20)) / 2000
        assert best < 10e-6  # ten times what it takes, for the sake of busy machines

    def test_importing_reads_no_locale(self) -> None:
        check = (
            "import bot.i18n, babel.localedata as data; from bot.i18n import catalogues;"
            "assert not data._cache, list(data._cache);"
            "assert not catalogues.translations.cache_info().currsize"
        )
        subprocess.run([sys.executable, "-c", check], check=True)


class TestTags:
    @pytest.mark.parametrize(
        ("hint", "offered", "chosen"),
        [
            (None, ["en", "fr"], "en"),
            ("", ["fr", "en"], "fr"),
            ("fr", ["en", "fr"], "fr"),
            ("fr_CA", ["en", "fr"], "fr"),
            ("fr_CA.UTF-8", ["en", "fr"], "fr"),
            ("FR-ca", ["en", "fr"], "fr"),
            ("pt-br", ["en", "pt"], "pt"),
            ("pt-br", ["en", "pt-PT", "pt-BR"], "pt-BR"),
            ("pt", ["en", "pt-PT", "pt-BR"], "pt-BR"),
            ("pt", ["pt-BR", "pt"], "pt"),
            ("en", ["fr", "en-GB", "en-US"], "en-US"),
            ("zh-hans", ["en", "zh"], "zh"),
            ("zh-hant", ["zh-Hans", "zh-Hant"], "zh-Hant"),
            ("zh-TW", ["zh-Hans", "zh-Hant"], "zh-Hant"),
            ("zh_HK", ["zh-Hans", "zh-Hant"], "zh-Hant"),
            ("zh", ["zh-Hant", "zh-Hans"], "zh-Hans"),
            ("zh-hant", ["en", "zh-Hans"], "zh-Hans"),
            ("iw", ["en", "he"], "he"),
            ("he", ["en", "iw"], "iw"),
            ("in", ["en", "id"], "id"),
            ("nb", ["en", "no"], "no"),
            ("no", ["en", "nn", "nb"], "nn"),
            ("nn", ["en", "nb", "nn"], "nn"),
            ("tl", ["en", "fil"], "fil"),
            ("sr-Latn", ["sr-Cyrl", "sr-Latn"], "sr-Latn"),
            ("mg", ["en", "fr"], "fr"),
            ("ca-ES", ["en", "es"], "es"),
            ("mg", ["en", "es"], "en"),
            ("de", ["en", "fr"], "en"),
            ("klingon!", ["en", "fr"], "en"),
            ("🇫🇷", ["en", "fr"], "en"),
        ],
    )
    def test_best_language(self, hint: str | None, offered: list[str], chosen: str) -> None:
        assert i18n.best_language(hint, offered) == chosen

    @settings(max_examples=80)
    @given(st.text(max_size=40))
    def test_any_hint_leads_to_an_offered_language_and_to_data(self, hint: str) -> None:
        assert i18n.best_language(hint, ["en", "ar"]) in {"en", "ar"}
        assert i18n.direction(hint) in {"ltr", "rtl"}
        assert i18n.format_number(hint, 7) == "7"
        assert i18n.gettext(hint, "no such message") == "no such message"

    @pytest.mark.parametrize(
        ("language", "code"),
        [
            ("fr", "fr"),
            ("pt-BR", "pt"),
            ("zh-Hans", "zh"),
            ("iw", "he"),
            ("fil", "tl"),
            ("tpi", None),
            ("x-none", None),
        ],
    )
    def test_two_letter(self, language: str, code: str | None) -> None:
        assert i18n.two_letter(language) == code

    def test_direction_is_cldrs_in_every_language_and_script(self) -> None:
        names = [
            name for name in localedata.locale_identifiers() if not re.search("_([A-Z]{2}|[0-9]{3})", name)
        ]
        assert len(names) > 200
        for name in names:
            vertical = name == "mn_Mong"  # Mongolian script runs from top to bottom on paper, not in a chat
            assert vertical or i18n.direction(name) == Locale.parse(name).text_direction, name

    def test_direction_of_languages_without_cldr_follows_their_usual_script(self) -> None:
        assert not any(map(localedata.exists, ("arz", "sm", "fj")))
        assert i18n.direction("arz") == "rtl"
        assert i18n.direction("az-Arab") == "rtl"
        assert i18n.direction("sm") == "ltr"

    @pytest.mark.parametrize(
        ("language", "name"),
        [
            ("en", "English"),
            ("fr", "Français"),
            ("es", "Español"),
            ("ar", "العربية"),
            ("ka", "ქართული"),
            ("ru", "Русский"),
            ("nb", "Norsk bokmål"),
            ("pt-BR", "Português (Brasil)"),
            ("zh-Hans", "简体中文"),
            ("sr-Latn", "Srpski (latinica)"),
            ("fj", "Fijian"),
            ("xx", "Xx"),
        ],
    )
    def test_own_name(self, language: str, name: str) -> None:
        assert i18n.own_name(language) == name

    def test_names_for_others(self) -> None:
        assert tags.language_name("fr", "es") == "francés"
        assert tags.language_name("fr-ZZ", "en") == "French (Unknown Region)"
        assert tags.language_name("nobody knows", "en") == "nobody knows"


class TestFormats:
    @pytest.mark.parametrize(
        ("language", "written"),
        [
            ("en", "30 June 2025"),
            ("en-US", "June 30, 2025"),
            ("fr", "30 juin 2025"),
            ("es", "30 de junio de 2025"),
        ],
    )
    def test_dates(self, language: str, written: str) -> None:
        assert i18n.format_date(language, date(2025, 6, 30)) == written

    @pytest.mark.parametrize(
        ("language", "zone", "written"),
        [
            ("en", "Pacific/Fiji", "30 June 2025, 5:00\u202fpm (Fiji Time)"),
            ("fr", "Pacific/Fiji", "30 juin 2025, 17:00 (heure : Fidji)"),
            ("es", "America/Lima", "30 de junio de 2025, 0:00 (hora de Perú)"),
            ("zh", "UTC", "2025年6月30日 05:00 (UTC)"),
            ("fr", "UTC", "30 juin 2025, 05:00 (UTC)"),
            ("fr", "Mars/Olympus_Mons", "30 juin 2025, 05:00 (UTC)"),
        ],
    )
    def test_moments_say_whose_clocks_show_them(self, language: str, zone: str, written: str) -> None:
        moment = datetime(2025, 6, 30, 5, 0, tzinfo=UTC)
        spaces = str.maketrans("\u202f\u00a0", "  ")
        assert i18n.format_datetime(language, moment, zone).translate(spaces) == written.translate(spaces)

    @pytest.mark.parametrize(
        ("language", "number", "written"),
        [
            ("en", 1234.5, "1,234.5"),
            ("fr", 1234.5, "1\u202f234,5"),
            ("es", 12345.678, "12.345,678"),
            ("hi", 1234567, "12,34,567"),
            ("en", 0.1234567, "0.1234567"),
            ("fr", -3, "-3"),
            ("en", 2.0, "2"),
        ],
    )
    def test_numbers_keep_every_digit(self, language: str, number: float, written: str) -> None:
        assert i18n.format_number(language, number) == written

    @pytest.mark.parametrize(
        ("language", "percent", "written"),
        [
            ("en", 25, "25%"),
            ("fr", 25, "25\u00a0%"),
            ("es", 100, "100\u00a0%"),
            ("en", 29, "29%"),
            ("en", 12.5, "12.5%"),
        ],
    )
    def test_percentages(self, language: str, percent: float, written: str) -> None:
        assert i18n.format_percent(language, percent) == written

    def test_lists(self) -> None:
        assert i18n.join_list("en", ["radio", "post", "web"]) == "radio, post and web"
        assert i18n.join_list("fr", ["radio", "poste"], "or") == "radio ou poste"
        assert i18n.join_list("es", ["radio"]) == "radio"
        assert i18n.join_list("ar", []) == ""


class TestIsolation:
    @pytest.mark.parametrize("value", ["", "Suva", "1,234.5", "Côte d’Ivoire", "北京", "a\nb", "“quoted”"])
    def test_left_to_right_in_left_to_right_stays_clean(self, value: str) -> None:
        assert i18n.isolate(value, "fr") == value

    @pytest.mark.parametrize(
        ("value", "language", "isolated"),
        [
            ("العربية", "en", "\u2068العربية\u2069"),
            ("Suva", "ar", "\u2068Suva\u2069"),
            ("12", "he", "\u206812\u2069"),
            ("سوفا", "ar", "\u2068سوفا\u2069"),
            ("one\nשתיים", "en", "\u2068one\u2069\n\u2068שתיים\u2069"),
            ("", "ar", ""),
        ],
    )
    def test_what_could_move_is_isolated(self, value: str, language: str, isolated: str) -> None:
        assert i18n.isolate(value, language) == isolated

    def test_controls_cannot_reach_out_of_their_value(self) -> None:
        assert i18n.isolate("evil\u202egnp.exe", "en") == "\u2068evilgnp.exe\u2069"
        assert i18n.isolate("out\u2069side", "en") == "\u2068outside\u2069"
        assert i18n.isolate("\u2067open", "en") == "\u2068open\u2069"

    @given(
        st.text(alphabet="ab \nא\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e"),
        st.sampled_from(["en", "ar"]),
    )
    def test_isolates_are_balanced_on_every_line_and_words_are_kept(self, value: str, language: str) -> None:
        isolated = i18n.isolate(value, language)
        for line in isolated.split("\n"):
            depths = list(
                itertools.accumulate({"\u2069": -1}.get(c, c in "\u2066\u2067\u2068") for c in line)
            )
            assert not depths or (min(depths) >= 0 and depths[-1] == 0)
        assert not set(isolated) & set("\u202a\u202b\u202c\u202d\u202e")
        assert [c for c in isolated if c in "ab \nא"] == [c for c in value if c in "ab \nא"]


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
