"""Sentences, answers and a questionnaire's texts → words in a language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot import i18n
from bot.flows.lexicon import Lexicon
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import REFERENCE, LocalizedText, Question
from bot.flows.sharing import Upload
from bot.flows.speech import (
    N_,
    CommandWord,
    DoneWord,
    Fill,
    LanguageName,
    Local,
    Notice,
    Percent,
    Said,
    Worded,
)
from bot.flows.understanding.folding import fold
from bot.flows.understanding.vocabulary import vocabulary
from bot.flows.values import Value


def filled(text: LocalizedText, language: str, fills: dict[str, str]) -> str:
    """A questionnaire's text with the answers it names put in; `…` stands for one that was not given."""
    words = text.in_language(language)
    return REFERENCE.sub(lambda found: fills.get(found.group(1), "…"), words) if "${" in words else words


class Wording:
    """One language, to say everything in."""

    def __init__(self, language: str) -> None:
        self.language = language

    @property
    def lexicon(self) -> Lexicon:
        """The language's words."""
        return i18n.lexicon(self.language)

    def notice(self, notice: Notice) -> str:
        """A sentence of the bot's own."""
        if notice.plural is None:
            text = i18n.gettext(self.language, notice.message, notice.context)
        else:
            text = i18n.ngettext(self.language, notice.message, notice.plural, notice.count, notice.context)
        if not notice.values and notice.plural is None:
            return text
        values = {name: self.fill(value) for name, value in notice.values.items()}
        if notice.plural is not None:
            values.setdefault("count", i18n.format_number(self.language, notice.count))
        if text.startswith("{") and text.endswith("}") and text[1:-1] in values:
            return self.words(notice.values[text[1:-1]])
        return text.format_map(values)

    def words(self, fill: Fill) -> str:
        """An inserted value in words."""
        match fill:
            case str():
                return fill
            case bool() | int() | float() | Percent() | date() | Local():
                return self._figures(fill)
            case LocalizedText():
                return fill.in_language(self.language)
            case Worded(text, fills):
                return filled(text, self.language, self.fills(fills))
            case Notice():
                return self.notice(fill)
            case CommandWord(command):
                return i18n.command_name(command, self.language).upper()
            case DoneWord():
                return i18n.main_word("done", self.language).upper()
            case LanguageName(language):
                return i18n.own_name(language)
            case Said(question, value):
                return self.said(question, value)

    def _figures(self, fill: float | Percent | date | Local) -> str:
        match fill:
            case Local(at, time_zone):
                return i18n.format_datetime(self.language, at, time_zone)
            case date():
                return i18n.format_date(self.language, fill)
            case Percent(value):
                return i18n.format_percent(self.language, value)
        return i18n.format_number(self.language, fill)

    def fill(self, fill: Fill) -> str:
        """An inserted value, kept from disturbing the direction of the sentence around it."""
        return i18n.isolate(self.words(fill), self.language)

    def said(self, question: Question, value: Value) -> str:
        """An answer in words."""
        if isinstance(value, tuple):
            return self._listed(question, [self._choice(question, code) for code in value])
        if isinstance(value, bool | int | float):
            return i18n.format_number(self.language, value)
        if question.type in {"date", "dateTime", "today"}:
            day, _, at = value.partition("T")
            written = i18n.format_date(self.language, date.fromisoformat(day))
            return f"{written}, {at}" if at else written
        if isinstance(QUESTION_TYPES[question.type], Upload):
            return i18n.gettext(self.language, N_("(sent)"))
        return self._choice(question, value)

    def _listed(self, question: Question, labels: list[str]) -> str:
        """Several answers in a phrase; with dots between where a label holds a comma or an *and* itself."""
        separators = vocabulary(question, self.language, self.lexicon).separators
        if any(separators.search(fold(label)) for label in labels):
            return " · ".join(labels)
        return i18n.join_list(self.language, labels)

    def _choice(self, question: Question, code: str) -> str:
        choice = question.choice_by_name.get(code)
        if choice is not None:
            return choice.label.in_language(self.language)
        if question.choice_list == "country":
            return self.lexicon.countries.get(code, code)
        return code

    def fills(self, fills: Mapping[str, Said]) -> dict[str, str]:
        """The answers that a text names, in words, by the names of their questions."""
        return {name: self.fill(said) for name, said in fills.items()}
