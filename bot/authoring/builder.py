"""A `Draft` without errors → the `Questionnaire` it describes."""

from __future__ import annotations

from bot.authoring.draft import Draft, DraftChoice, DraftQuestion, DraftText
from bot.authoring.written import Written
from bot.flows.expressions import Expression
from bot.flows.questionnaire import (
    Choice,
    LocalizedText,
    Part,
    Provenance,
    Question,
    Questionnaire,
    Scale,
    Section,
)


def build(draft: Draft) -> Questionnaire:
    """Put a checked draft together."""
    return _Builder(draft).questionnaire()


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
            sections=tuple(
                Section(
                    name=section.name.text,
                    title=self.text(section.title),
                    questions=tuple(map(self.question, section.questions)),
                    part=_text(section.part),
                    relevant=_expression(section.relevant),
                )
                for section in draft.sections
            ),
            texts={"source": dict(self.text(draft.source).texts)} if draft.source else {},
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
        )

    def choice(self, draft: DraftChoice) -> Choice:
        synonyms = {
            language: tuple(written.text for written in draft.synonyms[language])
            for language in self.languages
            if language in draft.synonyms
        }
        return Choice(draft.name.text, self.text(draft.label), synonyms, draft.exclusive)

    def text(self, draft: DraftText) -> LocalizedText:
        texts = {
            language: draft.by_language[language].text
            for language in self.languages
            if language in draft.by_language
        }
        return LocalizedText(texts, self.draft.default_language)


def _text(written: Written | None) -> str | None:
    return written.text if written else None


def _expression(written: Written | None) -> Expression | None:
    return Expression.parse(written.text) if written else None
