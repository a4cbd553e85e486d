"""The question types with options to choose from: one of them, several, or just *OK*."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.flows.expressions.types import Kind, ValueKind
from bot.flows.hearing import Ear, Heard, Misheard, QuestionType, TabulatedAs, Understood, Unsure
from bot.flows.questionnaire import LocalizedText, Question
from bot.flows.speech import N_, Fill, Notice
from bot.flows.understanding.folding import fold
from bot.flows.understanding.matching import MatchKind
from bot.flows.understanding.numbers import read_integer
from bot.flows.understanding.selections import Selections, find_exactly, find_loosely, find_span
from bot.flows.understanding.vocabulary import COUNTRY
from bot.flows.values import Value

ACKNOWLEDGED = "OK"
_EXAMPLE_COUNTRY = "FJ"
_EXAMPLES: Mapping[str, Fill] = MappingProxyType({"example": "1, 2"})
_NOT_ACKNOWLEDGED = Notice(N_("Please answer {example} when you have read this."), {"example": ACKNOWLEDGED})


class SelectOne(QuestionType):
    """One of the choices, or one of the world's countries."""

    name = "select_one"
    kind = Kind.CODE
    has_options = True
    tabulated_as = TabulatedAs.CHOICES

    def hear(self, typed: str, ear: Ear) -> Heard:
        """A number, a label or a part of it, a code, a synonym, a usual word."""
        exact = self.hears_exactly(typed, ear)
        if exact is not None:
            return Understood(exact)
        folded = fold(typed)
        found = ear.vocabulary.find(folded)
        match found.kind:
            case MatchKind.NONE:
                return Misheard(_no_option(folded, ear, several=False))
            case MatchKind.UNSURE:
                return Unsure(found.keys)
        return Understood(found.keys[0], exact=found.kind is MatchKind.EXACT)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """A number, label, code, synonym or usual word that no other option has."""
        exact = ear.vocabulary.exact
        code = exact.get(fold(typed))
        if code is None:
            number = read_integer(typed, ear.lexicon)
            code = None if number is None else exact.get(str(number))
        return code

    def instruction(self, ear: Ear) -> Notice | None:
        """Only the list of countries is not shown."""
        if is_country(ear.question):
            return Notice(N_("Type the name of the country, or its first letters."))
        return None

    def options(self, ear: Ear) -> tuple[tuple[Value, LocalizedText | str], ...]:
        """The choices; nothing for countries."""
        return tuple((choice.name, choice.label) for choice in ear.question.choices)

    def option_value(self, index: int, ear: Ear) -> Value | None:
        """The code of the choice at `index`."""
        choices = ear.question.choices
        return choices[index].name if 0 <= index < len(choices) else None

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """A code of the list."""
        codes = ear.lexicon.countries if is_country(ear.question) else ear.question.choice_by_name
        known = isinstance(value, str) and value in codes
        return None if known else _no_option("", ear, several=False)

    def read(self, written: str, question: Question) -> Value | None:
        """A code of the list."""
        known = is_country(question) or written in question.choice_by_name
        return written if known else None


class SelectMultiple(SelectOne):
    """Some of the choices; exclusive ones alone."""

    name = "select_multiple"
    kind = Kind.CODES

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Numbers or words with commas, spaces or *and* between; a label that holds such goes first."""
        words = ear.vocabulary
        exact = find_exactly(typed, words, ear.lexicon)
        if exact is not None:
            return self._judged(Selections((exact,), sure=True), ear, exact=True)
        folded = fold(typed)
        whole = words.find(folded)
        if whole.kind in {MatchKind.EXACT, MatchKind.PREFIX, MatchKind.TYPO}:
            return self._judged(
                Selections((whole.keys,), sure=True), ear, exact=whole.kind is MatchKind.EXACT
            )
        likely = find_span(typed, words)
        if not likely.codes:
            likely = find_loosely(typed, words)
        if likely.codes:
            return self._judged(likely, ear, exact=False)
        return Misheard(_no_option(folded, ear, several=True))

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Numbers and words of which each means one option."""
        codes = find_exactly(typed, ear.vocabulary, ear.lexicon)
        if codes is None:
            return None
        value = self._value(codes, ear)
        return value if self._clash(value, ear) is None else None

    def instruction(self, ear: Ear) -> Notice | None:
        """That there can be more than one."""
        if len(ear.question.choices) < 2:
            return None
        return Notice(
            N_("You can choose several. To type them, send their numbers, such as {example}."), _EXAMPLES
        )

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """Codes of the list, at least one, each once and in its order, exclusive ones alone."""
        if not isinstance(value, tuple) or not value or value != self._ordered(value, ear):
            return _no_option("", ear, several=True)
        return self._clash(value, ear)

    def read(self, written: str, question: Question) -> Value | None:
        """Codes of the list with spaces between."""
        codes = tuple(code for code in question.choice_by_name if code in written.split())
        return codes if codes and len(codes) == len(written.split()) else None

    def _judged(self, selections: Selections, ear: Ear, *, exact: bool) -> Heard:
        values = tuple(dict.fromkeys(self._value(codes, ear) for codes in selections.codes))
        clashes = [self._clash(value, ear) for value in values]
        allowed = tuple(value for value, clash in zip(values, clashes, strict=True) if clash is None)
        if not allowed:
            return Misheard(clashes[0] or _no_option("", ear, several=True))
        return Understood(allowed[0], exact) if selections.sure else Unsure(allowed)

    def _value(self, codes: tuple[str, ...], ear: Ear) -> tuple[str, ...]:
        """The codes with those ticked before, in order; exclusive ones are not mixed in."""
        exclusive = self._exclusive(ear.question)
        if not exclusive.intersection(codes):
            codes += tuple(code for code in ear.ticked if code not in exclusive)
        return self._ordered(codes, ear)

    def _ordered(self, codes: tuple[str, ...], ear: Ear) -> tuple[str, ...]:
        return tuple(code for code in ear.vocabulary.codes if code in codes)

    def _exclusive(self, question: Question) -> set[str]:
        return {choice.name for choice in question.choices if choice.exclusive}

    def _clash(self, codes: tuple[str, ...], ear: Ear) -> Notice | None:
        if len(codes) < 2:
            return None
        for choice in ear.question.choices:
            if choice.exclusive and choice.name in codes:
                return Notice(
                    N_("“{option}” stands alone: choose it by itself, or choose others without it."),
                    {"option": choice.label},
                )
        return None


class Rank(SelectOne):
    """All of the choices, put in the person's order."""

    name = "rank"
    kind = Kind.CODES
    has_options = False
    tabulated_as = TabulatedAs.TEXTS

    def hear(self, typed: str, ear: Ear) -> Heard:
        """Numbers or words in order, with commas, spaces or *and* between; the last one may be left out."""
        exact = self.hears_exactly(typed, ear)
        if exact is not None:
            return Understood(exact)
        likely = find_loosely(typed, ear.vocabulary)
        values = [value for codes in likely.codes if (value := self._whole(codes, ear))]
        if not values:
            return Misheard(self._wrong(ear))
        return Understood(values[0], exact=False) if likely.sure else Unsure(tuple(values))

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """Numbers and words of which each means one option."""
        return self._whole(find_exactly(typed, ear.vocabulary, ear.lexicon) or (), ear)

    def instruction(self, ear: Ear) -> Notice | None:
        """That all are wanted, in order."""
        return Notice(
            N_("Put them in your order: send all the numbers, the first one first, such as {example}."),
            {"example": self._example(ear)},
        )

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """Every code of the list, once."""
        known = isinstance(value, tuple) and sorted(value) == sorted(ear.question.choice_by_name)
        return None if known else self._wrong(ear)

    def read(self, written: str, question: Question) -> Value | None:
        """Every code of the list, in order, with spaces between."""
        codes = tuple(written.split())
        return codes if sorted(codes) == sorted(question.choice_by_name) else None

    def _whole(self, codes: tuple[str, ...], ear: Ear) -> tuple[str, ...] | None:
        """The codes in order, with the last one added where it alone is left."""
        codes = (*ear.ticked, *(code for code in codes if code not in ear.ticked)) if codes else ()
        left = [code for code in ear.question.choice_by_name if code not in codes]
        whole = (*codes, *left) if len(left) == 1 and codes else codes
        return whole if self.check(whole, ear) is None else None

    def _wrong(self, ear: Ear) -> Notice:
        last: dict[str, Fill] = {"last": len(ear.question.choices), "example": self._example(ear)}
        return Notice(
            N_("Please send each number from 1 to {last} once, in your order, such as {example}."), last
        )

    def _example(self, ear: Ear) -> str:
        count = len(ear.question.choices)
        return ", ".join(str(number) for number in (*range(2, min(count, 4) + 1), 1, *range(5, count + 1)))


class Acknowledge(QuestionType):
    """Something to be read and answered with *OK*."""

    name = "acknowledge"
    kind = Kind.CODE
    has_options = True
    tabulated_as = TabulatedAs.CHOICES

    def hear(self, typed: str, ear: Ear) -> Heard:
        """*OK*, or a word for yes or for agreeing."""
        value = self.hears_exactly(typed, ear)
        return Understood(value) if value is not None else Misheard(_NOT_ACKNOWLEDGED)

    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """The same."""
        folded = fold(typed)
        known = folded in {"ok", "okay", "1"} or folded in ear.lexicon.yes or folded in ear.lexicon.agree
        return ACKNOWLEDGED if known else None

    def options(self, ear: Ear) -> tuple[tuple[Value, LocalizedText | str], ...]:
        """The one thing to say."""
        return ((ACKNOWLEDGED, ACKNOWLEDGED),)

    def check(self, value: Value, ear: Ear) -> Notice | None:
        """The one value there is."""
        return None if value == ACKNOWLEDGED else _NOT_ACKNOWLEDGED

    def read(self, written: str, question: Question) -> Value | None:
        """The same."""
        return ACKNOWLEDGED if written == ACKNOWLEDGED else None

    def value_kind(self, question: Question) -> ValueKind:
        """One code."""
        return ValueKind(self.kind, frozenset({ACKNOWLEDGED}))


def is_country(question: Question) -> bool:
    """Whether its choices are the countries, which the lexicon names."""
    return question.choice_list == COUNTRY and not question.choices


def _no_option(folded: str, ear: Ear, *, several: bool) -> Notice:
    if is_country(ear.question):
        return _no_country(folded, ear)
    last: dict[str, Fill] = {"last": len(ear.question.choices)}
    if several and len(ear.question.choices) > 1:
        return Notice(
            N_(
                "Please answer with numbers from 1 to {last}, such as {example}, or the words of the options."
            ),
            {**last, **_EXAMPLES},
        )
    return Notice(N_("Please answer with a number from 1 to {last}, or the words of an option."), last)


def _no_country(folded: str, ear: Ear) -> Notice:
    names = ear.lexicon.countries
    example: dict[str, Fill] = {"example": names.get(_EXAMPLE_COUNTRY) or next(iter(names.values()), "")}
    if folded and any(word.startswith(folded) for c in ear.vocabulary.candidates for word in c.words):
        return Notice(
            N_("Several countries begin like that. Please type more of the name, such as {example}."), example
        )
    return Notice(N_("I know no country of that name. Please type its name, such as {example}."), example)
