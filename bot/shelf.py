"""Rounds with their questionnaires, read from storage once and kept while they stay as they are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

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

K = TypeVar("K")
V = TypeVar("V")


class Shelf:
    """A cache that cannot be stale: a round's revision goes up with every change of it or of its texts."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int, int], Round] = OrderedDict()
        self._worded: OrderedDict[tuple[int, int], Mapping[str, Question]] = OrderedDict()

    def round(
        self, connection: Connection, round_id: int, revision: int, questionnaire_id: int | None = None
    ) -> Round:
        """The round at `revision`; with the version that a session is pinned to, or else its own."""
        key = (round_id, revision, questionnaire_id or 0)

        def make() -> Round:
            stored = rounds.by_id(connection, round_id)
            if stored is None:
                raise LookupError(f"no round has the id {round_id}")
            return assemble(connection, stored, questionnaire_id)

        return _remembered(self._kept, key, make)

    def of(self, connection: Connection, stored: StoredRound) -> Round:
        """The round of a row that was just read."""
        return self.round(connection, stored.id, stored.revision)

    def as_answered(
        self, connection: Connection, respondent: int, stored: StoredRound
    ) -> dict[str, Question]:
        """The questions that a person answered in a round, by name, in the words in which they were asked."""
        pinned = rounds.versions_answered(connection, respondent, stored.id)
        given = select(answers.c.question, answers.c.at, answers.c.text_revision).where(
            answers.c.respondent_id == respondent, answers.c.round_id == stored.id
        )
        found: dict[str, Question] = {}
        for name, at, revision in connection.execute(given).all():
            version = next((version for until, version in pinned if until is None or at < until), None)
            for one in (version, stored.about_you_id):
                question = None if one is None else self._worded_as(connection, one, revision).get(name)
                if question is not None:
                    found[name] = question
                    break
        return found

    def _worded_as(self, connection: Connection, version: int, revision: int) -> Mapping[str, Question]:
        """The questions of a version as its texts were at a revision, by name."""

        def make() -> Mapping[str, Question]:
            texts = questionnaires.texts_at(connection, version, revision)
            published = questionnaires.by_id(connection, version)
            return _read(replace(published, texts=texts)).questions if texts else {}

        return _remembered(self._worded, (version, revision), make)


def _remembered(kept: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    """What is kept under a key, or is made now; of what is kept the least recently used goes."""
    if key not in kept:
        kept[key] = make()
        if len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


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


def _read(version: Published) -> Questionnaire:
    return questionnaire_from_documents(version.structure, version.texts)
