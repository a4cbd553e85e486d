from __future__ import annotations

import string
from functools import cache
from gettext import c2py
from io import BytesIO

import pytest
import regex
from babel import Locale, localedata
from babel.messages.catalog import Catalog, Message

from bot.i18n.catalogues import catalogue_path, languages
from bot.i18n.lexicons import _words
from bot.i18n.tags import cldr
from bot.i18n.words import NUMERALS, WORDS_CONTEXT
from tests.support import catalogues
from tests.support.catalogues import CATEGORIES, derived_plural_forms, extract_python, plural_forms

TRANSLATED = languages()[1:]
TWELVE_AND_TWO = ("en", "fr", "es", "ar", "zh", "ru", "pt", "nl", "ht", "id", "hi", "sw", "he", "fa")
SCRIPTS = {"ar": "Arabic", "hi": "Devanagari", "ru": "Cyrillic", "zh": "Han"}
"""Of those whose script is not Latin."""
WHOLE_NUMBERS = (*range(201), 1_000_000, 1_000_001, 2_000_000)


@cache
def template() -> Catalog:
    return catalogues.template()


def messages(language: str) -> list[Message]:
    return [message for message in catalogues.read(language) if message.id]


def translated(language: str) -> list[Message]:
    return [message for message in messages(language) if not catalogues.is_unfinished(message)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def forms_of(message: Message) -> tuple[str, ...]:
    return tuple(message.string or ()) if message.pluralizable else (str(message.string),)


def numbers_of_form(header: str, form: int) -> list[int]:
    choose = c2py(header.partition("plural=")[2].rstrip(";"))
    return [n for n in WHOLE_NUMBERS if choose(n) == form]


def has_other_braces(message: Message, language: str) -> bool:
    """Whether a form of the translation is to be filled with other things than the English."""
    expected = fields(str(message.id[-1] if message.pluralizable else message.id))
    for form, text in enumerate(forms_of(message)):
        # A form for a single number may spell it out: "one question".
        alone = message.pluralizable and len(numbers_of_form(plural_forms(language), form)) == 1
        if fields(text) not in ([expected, expected - {"count"}] if alone else [expected]):
            return True
    return False


def has_other_forms(message: Message, language: str) -> bool:
    """Whether the translation of a plural has more or fewer forms than the language."""
    count = int(plural_forms(language).partition("nplurals=")[2].partition(";")[0])
    return message.pluralizable and len(forms_of(message)) != count


def with_form(message: Message, form: int, text: str) -> Message:
    """The message with another text for one of its forms."""
    forms = tuple(text if place == form else other for place, other in enumerate(forms_of(message)))
    return Message(message.id, forms if message.pluralizable else forms[0])


@pytest.mark.parametrize("language", TRANSLATED)
class TestEveryCatalogue:
    def test_is_what_the_code_says(self, language: str) -> None:
        kept = catalogue_path(language).read_text("utf-8")
        assert kept == catalogues.updated(language, template()), f"{language} is stale: run `make messages`"

    def test_is_complete(self, language: str) -> None:
        unfinished = [message.id for message in messages(language) if catalogues.is_unfinished(message)]
        assert not unfinished
        assert not catalogues.read(language).obsolete

    def test_has_the_same_braces_in_every_form(self, language: str) -> None:
        assert not [message.id for message in translated(language) if has_other_braces(message, language)]

    def test_has_as_many_forms_as_the_language(self, language: str) -> None:
        assert not [message.id for message in messages(language) if has_other_forms(message, language)]

    def test_a_lost_brace_and_a_lost_form_are_found(self, language: str) -> None:
        for message in translated(language):
            for form, text in enumerate(forms_of(message)):
                for name in fields(text) - {"count"}:
                    without = text.replace(f"{{{name}}}", name)
                    assert has_other_braces(with_form(message, form, without), language), message.id
            if message.pluralizable:
                forms = forms_of(message)
                for others in (forms[:-1], (*forms, forms[-1])):
                    assert has_other_forms(Message(message.id, others), language), message.id

    def test_is_written_in_its_own_script(self, language: str) -> None:
        own = SCRIPTS.get(language, "Latin")
        for message in translated(language):
            for text in forms_of(message):
                letters = regex.sub(r"\{[^}]*\}|[^\p{L}]", "", text)
                foreign = regex.sub(
                    rf"[\p{{Script={own}}}\p{{Script=Common}}\p{{Script=Inherited}}]", "", letters
                )
                # Names such as METEP stay as they are, and Latin words may be typed anywhere.
                allowed = len(letters) if message.context == WORDS_CONTEXT else len(letters) / 2
                assert regex.fullmatch(r"\p{Script=Latin}*", foreign), (message.id, text)
                assert len(foreign) <= allowed, (message.id, text)

    def test_has_words_in_every_list(self, language: str) -> None:
        for message in messages(language):
            if message.context == WORDS_CONTEXT:
                words = _words(language, str(message.id))
                assert words, message.id
                assert len(set(words)) == len(words), message.id
        assert len(_words(language, NUMERALS)) == 21


def test_no_language_has_the_words_of_another() -> None:
    said: dict[tuple[str, str], str] = {}
    for language in TRANSLATED:
        for message in translated(language):
            for text in forms_of(message):
                if len(text) > 30 and message.context is None:
                    assert said.setdefault((str(message.id), text), language) == language, text


class TestOriginals:
    def test_braces_are_well_formed_and_agree_between_singular_and_plural(self) -> None:
        for message in template():
            if message.pluralizable:
                assert fields(message.id[1]) - fields(message.id[0]) <= {"count"}, message.id
                assert "count" in fields(message.id[1]), message.id
            elif message.id:
                assert all(fields(message.id)) or not fields(message.id), message.id

    def test_lists_of_words_hold_no_blank(self) -> None:
        lists = [str(message.id) for message in template() if message.context == WORDS_CONTEXT]
        assert len(lists) > 30
        for listed in lists:
            assert all(word.strip() for word in listed.split(";" if ";" in listed else ",")), listed


class TestPluralForms:
    @pytest.mark.parametrize("language", TWELVE_AND_TWO)
    def test_table_is_cldrs(self, language: str) -> None:
        self.check(plural_forms(language), language)

    @pytest.mark.parametrize("language", TWELVE_AND_TWO)
    def test_derived_is_cldrs(self, language: str) -> None:
        self.check(derived_plural_forms(cldr(language).plural_form), language)

    def test_any_rule_of_cldr_gets_a_header(self) -> None:
        languages_by_rule = {
            str(Locale.parse(name).plural_form.abstract): name
            for name in localedata.locale_identifiers()
            if "_" not in name and name != "root"
        }
        assert len(languages_by_rule) > 30
        for name in languages_by_rule.values():
            self.check(plural_forms(name), name)

    def test_a_language_that_cldr_does_not_know_counts_as_english_does(self) -> None:
        self.check(plural_forms("fj"), "en")

    @staticmethod
    def check(header: str, language: str) -> None:
        rule = cldr(language).plural_form
        used = {rule(n) for n in (*range(1001), *WHOLE_NUMBERS)}
        named = [category for category in CATEGORIES if category in used]
        count, _, expression = header.removeprefix("nplurals=").partition("; plural=")
        choose = c2py(expression.rstrip(";"))
        assert int(count) == len(named)
        assert [named[choose(n)] for n in WHOLE_NUMBERS] == [rule(n) for n in WHOLE_NUMBERS]


class TestExtraction:
    @staticmethod
    def extract(source: str) -> list[tuple[str, tuple[str, ...], list[str]]]:
        file = BytesIO(source.encode())
        file.name = "talk.py"
        return [(kind, parts, comments) for _, kind, parts, comments in extract_python(file, (), (), {})]

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ('tell(N_("Hello"))', [("gettext", ("Hello",))]),
            ('tell(N_("Hel" "lo"), name=x)', [("gettext", ("Hello",))]),
            ('NP_("words", "yes, y")', [("pgettext", ("words", "yes, y"))]),
            ('Notice(N_("Hello"), {"a": 1})', [("gettext", ("Hello",))]),
            (
                'Notice(N_("{count} day"), plural=N_("{count} days"))',
                [("ngettext", ("{count} day", "{count} days"))],
            ),
            ('speech.Notice(N_("a"), {}, N_("b"), 2, "c")', [("npgettext", ("c", "a", "b"))]),
            ('Notice(N_("May"), context="permission")', [("pgettext", ("permission", "May"))]),
            ('i18n.gettext(language, N_("Done"))', [("gettext", ("Done",))]),
            ('i18n.gettext(language, "Done", context="c")', [("pgettext", ("c", "Done"))]),
            ('i18n.ngettext(language, "a", "b", n)', [("ngettext", ("a", "b"))]),
            ('Notice(message, {"x": Notice(N_("inner"))})', [("gettext", ("inner",))]),
            ("Notice(label)\ngettext(language, message)", []),
            ('print("not marked")', []),
        ],
    )
    def test_what_is_marked_is_found(self, source: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
        assert [(kind, parts) for kind, parts, _ in self.extract(source)] == found

    def test_comments_for_translators_go_along(self) -> None:
        source = (
            '# why\n# TRANSLATORS: a verb,\n# as in music\nx = N_("play")\n\n# not for them\ny = N_("stop")\n'
        )
        assert [comments for _, _, comments in self.extract(source)] == [["a verb, as in music"], []]

    @pytest.mark.parametrize(
        "source", ['N_(f"{x}")', "N_(text)", 'N_("a" + b)', 'Notice(m, plural=N_("b"))', 'NP_("c", x)']
    )
    def test_what_cannot_be_extracted_is_an_error_with_its_place(self, source: str) -> None:
        with pytest.raises(SyntaxError, match=r"talk\.py:1: .*plain string"):
            self.extract(source)


class TestUpdating:
    def test_translations_are_kept_order_is_fixed_and_what_is_gone_goes(
        self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path_factory.mktemp("locales")
        monkeypatch.setattr("bot.i18n.catalogues.LOCALES", folder)
        path = catalogue_path("nl")
        path.parent.mkdir(parents=True)
        path.write_text('msgid "Back"\nmsgstr "Terug"\n\nmsgid "Gone"\nmsgstr "Weg"\n', "utf-8")
        found = Catalog(charset="utf-8")
        found.add("Done", locations=[("bot/b.py", 3), ("bot/b.py", 9)])
        found.add("Back", locations=[("bot/a.py", 1)])
        found.add(("{count} day", "{count} days"), context="c")

        first = catalogues.updated("nl", found)
        path.write_text(first, "utf-8")

        assert catalogues.updated("nl", found) == first
        assert 'msgid "Back"\nmsgstr "Terug"' in first
        assert "Gone" not in first
        assert first.index('"Back"') < first.index('"Done"')
        assert "#: bot/b.py\n" in first
        assert (
            'msgctxt "c"\nmsgid "{count} day"\nmsgid_plural "{count} days"\nmsgstr[0] ""\nmsgstr[1] ""\n'
            in first
        )
        assert '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"' in first

    @pytest.mark.parametrize("written", ["--halp", "portuguese", "pt_BR", "../pt", "PT"])
    def test_what_is_no_language_tag_is_refused_before_anything_is_written(
        self, written: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(catalogues, "template", lambda: pytest.fail("it began to write"))
        with pytest.raises(SystemExit) as ended:
            catalogues.main([written])
        assert ended.value.code == 2
        assert written in capsys.readouterr().err
