"""Catalogues, tags, formats and isolation, as the terminal and a chat have to show them."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import timeit
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel import Locale, localedata
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import i18n
from bot.flows.lexicon import Command
from bot.i18n import tags
from bot.i18n.words import COMMAND_WORDS
from tests.support.locales import add_catalogue


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
