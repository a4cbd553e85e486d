"""What a question type is: what it listens with, what it can have heard, what it says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias

from msgspec import Struct

from bot.flows.expressions.types import Kind, ValueKind
from bot.flows.lexicon import Lexicon
from bot.flows.questionnaire import LocalizedText, Question
from bot.flows.received import Attachment, Location
from bot.flows.speech import Notice
from bot.flows.understanding.vocabulary import Vocabulary, vocabulary
from bot.flows.values import Value


class Understood(Struct, frozen=True, gc=False):
    """A value that was meant."""

    value: Value
    exact: bool = True
    """Whether it could mean nothing else; if not, the bot says what it understood."""


class Unsure(Struct, frozen=True, gc=False):
    """Values that may have been meant, the likeliest first; the bot asks which."""

    values: tuple[Value, ...]


class Misheard(Struct, frozen=True, gc=False):
    """Nothing that fits: what is wrong, with an example."""

    notice: Notice


Heard: TypeAlias = Understood | Unsure | Misheard


class Ear(Struct, frozen=True, gc=False):
    """A question, and the language, words and day in which its answer is heard."""

    question: Question
    language: str
    lexicon: Lexicon
    today: date
    ticked: tuple[str, ...] = ()
    """Choices of a `select_multiple` ticked before; what is typed adds to them."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words for the question's options."""
        return vocabulary(self.question, self.language, self.lexicon)


class TabulatedAs(StrEnum):
    """What results show of a question."""

    CHOICES = "choices"
    STATISTICS = "statistics"
    TEXTS = "texts"


class QuestionType(ABC):
    """How one of XLSForm's types behaves in a conversation; without state, one instance for all."""

    name: ClassVar[str]
    kind: ClassVar[Kind]
    """What expressions take an answer for."""
    asks: ClassVar[bool] = True
    is_filled: ClassVar[bool] = False
    """Whether its value is filled in without asking."""
    is_exported: ClassVar[bool] = True
    """Whether a file of all answers has a column for it."""
    has_options: ClassVar[bool] = False
    tabulated_as: ClassVar[TabulatedAs | None]

    @abstractmethod
    def hear(self, typed: str, ear: Ear) -> Heard:
        """What was meant, with first letters, typos and the language's usual words."""

    @abstractmethod
    def hears_exactly(self, typed: str, ear: Ear) -> Value | None:
        """The value that was named so that it can mean nothing else: this goes before command words."""

    def instruction(self, ear: Ear) -> Notice | None:
        """How to answer, where the options do not show it."""
        return None

    def options(self, ear: Ear) -> tuple[tuple[Value, LocalizedText | str], ...]:
        """What is offered, in order; nothing where the answer is free, or too long a list."""
        return ()

    def option_value(self, index: int, ear: Ear) -> Value | None:
        """The value of the option at `index`, `None` when there is none."""
        options = self.options(ear)
        return options[index][0] if 0 <= index < len(options) else None

    @abstractmethod
    def check(self, value: Value, ear: Ear) -> Notice | None:
        """What is wrong with a value by the type's own limits; `None` when it is one of its values."""

    def take(self, received: Attachment | Location, ear: Ear) -> Value | None:
        """The value of something sent that is no words; `None` where the type has no use for it."""
        return None

    def read(self, written: str, question: Question) -> Value | None:
        """The value that XForms writes so, as in a `default`; `None` where it is none of the type's."""
        return written.strip() or None

    def value_kind(self, question: Question) -> ValueKind:
        """What expressions take this question's answer for, with its codes."""
        return ValueKind(self.kind, frozenset(question.choice_by_name) or None)

    def to_json(self, value: Value) -> str | float | list[str]:
        """The value as JSON holds it."""
        return list(value) if isinstance(value, tuple) else value

    def from_json(self, document: str | float | list[str]) -> Value:
        """The value that `to_json` made."""
        return tuple(document) if isinstance(document, list) else document
