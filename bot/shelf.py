"""Rounds with their questionnaires, read from storage once and kept while they stay as they are."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from sqlalchemy import Connection, select

from bot.authoring.documents import questionnaire_from_documents
from bot.flows.questionnaire import Question, Questionnaire
from bot.flows.rounds import Round
from storage import questionnaires, rounds
from storage.questionnaires import Published
from storage.rounds import StoredRound
from storage.schema import answers

KEPT = 256
"""Rounds kept in memory, the least recently used going first; each is a few hundred kilobytes."""


class Shelf:
    """A cache that cannot be stale: a round's revision goes up with every change of it or of its texts."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int, int], Round] = OrderedDict()

    def round(
        self, connection: Connection, round_id: int, revision: int, questionnaire_id: int | None = None
    ) -> Round:
        """The round at `revision`; with the version that a session is pinned to, or else its own."""
        key = (round_id, revision, questionnaire_id or 0)
        found = self._kept.get(key)
        if found is None:
            stored = rounds.by_id(connection, round_id)
            if stored is None:
                raise LookupError(f"no round has the id {round_id}")
            found = assemble(connection, stored, questionnaire_id)
            self._kept[key] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def of(self, connection: Connection, stored: StoredRound) -> Round:
        """The round of a row that was just read."""
        return self.round(connection, stored.id, stored.revision)


def assemble(connection: Connection, stored: StoredRound, questionnaire_id: int | None = None) -> Round:
    """A round with its questionnaire, or with the version that a session is pinned to, and what it asks last."""
    version = questionnaires.by_id(connection, questionnaire_id or stored.questionnaire_id)
    questionnaire = _read(version).limited_to(stored.parts)
    text_revisions = dict.fromkeys(questionnaire.questions, version.text_revision)
    if stored.about_you_id is not None:
        last = questionnaires.by_id(connection, stored.about_you_id)
        questionnaire = questionnaire.followed_by(_read(last))
        text_revisions = dict.fromkeys(questionnaire.questions, last.text_revision) | text_revisions
    return replace(
        stored.with_questionnaire(questionnaire),
        questionnaire_id=version.id,
        text_revisions=text_revisions,
        revision=stored.revision,
    )


def as_answered(
    connection: Connection, respondent: int, round_id: int, name: str
) -> tuple[Question, str] | None:
    """A question in the words in which a person answered it, and the language; `None` if they did not."""
    answer = connection.execute(
        select(answers.c.at, answers.c.language, answers.c.text_revision).where(
            answers.c.respondent_id == respondent,
            answers.c.round_id == round_id,
            answers.c.question == name,
        )
    ).one_or_none()
    stored = rounds.by_id(connection, round_id)
    if answer is None or stored is None:
        return None
    for version_id in (
        rounds.version_answered(connection, respondent, round_id, answer.at),
        stored.about_you_id,
    ):
        if version_id is not None:
            version = questionnaires.by_id(connection, version_id)
            texts = questionnaires.texts_at(connection, version_id, answer.text_revision)
            found = texts and _read(replace(version, texts=texts)).questions.get(name)
            if found:
                return found, answer.language
    return None


def _read(version: Published) -> Questionnaire:
    return questionnaire_from_documents(version.structure, version.texts)
