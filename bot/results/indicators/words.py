"""What columns, numbers and differences are called, in one language."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flows.indicators import ANY, NONE, Axis, Indicators
from bot.flows.questionnaire import Questionnaire
from bot.results.indicators.numbers import ColumnNumbers

BETWEEN = " × "


class Words:
    """The instrument's own words; where it has none for a value, its section's, choice's or question's."""

    def __init__(
        self, questionnaire: Questionnaire, indicators: Indicators, language: str, names: Mapping[str, str]
    ) -> None:
        self._questionnaire = questionnaire
        self._indicators = indicators
        self._language = language
        self._names = names
        """Words for codes that the questionnaire has none for, such as countries."""

    def name(self, name: str) -> str:
        """A column, a difference or an axis."""
        label = self._indicators.labels.get(name)
        return label.in_language(self._language) if label else name

    def axis_value(self, axis: Axis, value: str) -> str:
        """One value of an axis."""
        if value in self._indicators.labels:
            return self.name(value)
        questionnaire = self._questionnaire
        listed = (q.choice_by_name for q in questionnaire if axis.choices and q.choice_list == axis.choices)
        named = self._indicators.words_of.get(value, value)
        sections = (section.title for section in questionnaire.sections if section.name == named)
        choices = (choices[value].label for choices in listed if value in choices)
        questions = (question.label for question in questionnaire if question.name == named)
        label = next((text for texts in (sections, choices, questions) for text in texts), None)
        return label.in_language(self._language) if label else value

    def number(self, name: str) -> str:
        """The values that a number stands for, as one text."""
        return BETWEEN.join(self.values(name))

    def values(self, name: str) -> list[str]:
        """The values that a number stands for."""
        parts = zip(self._indicators.axes, name.split("/"), strict=True)
        return [self.axis_value(axis, part) for axis, part in parts if part != NONE]

    def kind(self, pattern: str) -> str:
        """The axes that the numbers of a pattern differ by."""
        parts = zip(self._indicators.axes, pattern.split("/"), strict=True)
        return BETWEEN.join(self.name(axis.name) for axis, part in parts if part == ANY)

    def value(self, column: ColumnNumbers) -> str | None:
        """The answer by which a column is computed."""
        if column.value is None or column.column.per is None:
            return None
        question = self._questionnaire.questions.get(column.column.per)
        choice = question.choice_by_name.get(column.value) if question else None
        if choice is not None:
            return choice.label.in_language(self._language)
        return self._names.get(column.value, column.value)
