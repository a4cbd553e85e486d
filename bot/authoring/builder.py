"""A `Draft` without errors → the `Questionnaire` it describes, with everything that is asked."""

from __future__ import annotations

from collections.abc import Iterator

from bot.authoring.draft import Draft, DraftChoice, DraftQuestion, DraftRepeat, DraftSection, DraftText
from bot.authoring.expansion import expanded
from bot.authoring.indicators.build import build_indicators
from bot.authoring.states import DRAFT
from bot.authoring.written import Written
from bot.flows.expressions import Expression
from bot.flows.questionnaire import (
    DEFAULT_MOST,
    Choice,
    LocalizedText,
    Part,
    Provenance,
    Question,
    Questionnaire,
    Repeat,
    Scale,
    Section,
)


def build(draft: Draft) -> Questionnaire:
    """Put a checked draft together."""
    return expanded(_Builder(draft).questionnaire())


class _Builder:
    def __init__(self, draft: Draft) -> None:
        if draft.key is None or draft.version is None:
            raise ValueError("a draft without key or version has errors")
        self.draft = draft
        self.key = draft.key.text
        self.version = draft.version
        self.languages = draft.languages
        # Choices are built once a list, and shared by every question that uses it.
        self.choices = {
            choices.name.text: tuple(self.choice(choice) for choice in choices.choices)
            for choices in draft.used_lists
        }

    def questionnaire(self) -> Questionnaire:
        draft = self.draft
        return Questionnaire(
            key=self.key,
            version=self.version,
            title=self.text(draft.title),
            default_language=draft.default_language,
            languages=self.languages,
            parts=tuple(
                Part(part.name.text, self.text(part.title), _expression(part.relevant), part.always)
                for part in draft.parts
            ),
            sections=tuple(map(self.section, draft.sections)),
            texts={"source": dict(self.text(draft.source).texts)} if draft.source else {},
            indicators=build_indicators(draft),
            states=dict(self.states()),
        )

    def states(self) -> Iterator[tuple[str, dict[str, str]]]:
        """How far the translations are, by language, as far as they are more than drafts of unknown words."""
        texts = list(self.draft.seen_texts)
        for language in self.languages[1:]:
            marks = {
                text.path: languages.mark_of(language, text.path)
                for text, languages in texts
                if language in text.by_language and language != languages.default
            }
            if said := {path: str(mark) for path, mark in marks.items() if mark != DRAFT}:
                yield language, said

    def section(self, draft: DraftSection) -> Section:
        conditions = [written.text for written in draft.conditions]
        both = " and ".join(f"({text})" for text in conditions) if len(conditions) > 1 else None
        return Section(
            name=draft.name.text,
            title=self.text(draft.title),
            questions=tuple(map(self.question, draft.questions)),
            part=_text(draft.part),
            relevant=Expression.written(both) if both else _expression(next(iter(draft.conditions), None)),
            repeat=_repeat(draft.repeat),
        )

    def question(self, draft: DraftQuestion) -> Question:
        texts = {key: self.text(text) for key, text in draft.texts.items()}
        scale = draft.scale
        return Question(
            name=draft.name.text,
            type=draft.type.text,
            label=texts["label"],
            number=_text(draft.number),
            hint=texts.get("hint"),
            choices=self.choices.get(draft.list_name.text, ()) if draft.list_name else (),
            choice_list=_text(draft.list_name),
            scale=Scale(
                scale.start or 0,
                scale.end or 0,
                scale.step or 1,
                texts.get("start_label"),
                texts.get("end_label"),
            )
            if scale
            else None,
            required=draft.required is not None,
            relevant=_expression(draft.relevant),
            constraint=_expression(draft.constraint),
            constraint_message=texts.get("constraint_message"),
            cells=tuple(cell.text for cell in draft.cells),
            provenance=Provenance(draft.provenance.text) if draft.provenance else None,
            required_when=_expression(draft.required_when),
            required_message=texts.get("required_message"),
            guidance_hint=texts.get("guidance_hint"),
            calculation=_expression(draft.calculation),
            default=_text(draft.default),
            choice_filter=_expression(draft.choice_filter, is_filter=True),
            or_other=draft.or_other is not None,
            randomize=draft.randomize is not None,
            read_only=draft.read_only is not None,
            appearance=_text(draft.appearance),
        )

    def choice(self, draft: DraftChoice) -> Choice:
        synonyms = {
            language: tuple(written.text for written in draft.synonyms[language])
            for language in self.languages
            if language in draft.synonyms
        }
        filters = {column: written.text for column, written in draft.filters.items()}
        return Choice(draft.name.text, self.text(draft.label), synonyms, draft.exclusive, filters)

    def text(self, draft: DraftText) -> LocalizedText:
        texts = {
            language: draft.by_language[language].text
            for language in self.languages
            if language in draft.by_language
        }
        return LocalizedText(texts, self.draft.default_language)


def _text(written: Written | None) -> str | None:
    return written.text if written else None


def _expression(written: Written | None, *, is_filter: bool = False) -> Expression | None:
    return Expression.parse(written.text, is_filter=is_filter) if written else None


def _repeat(draft: DraftRepeat | None) -> Repeat | None:
    if draft is None:
        return None
    return Repeat(
        draft.name.text, _expression(draft.count), draft.most or DEFAULT_MOST, _repeat(draft.within)
    )
