"""Rounds with their questionnaires, read from storage once and kept while they stay as they are."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from sqlalchemy import Connection

from bot.authoring.documents import questionnaire_from_documents
from bot.flows.rounds import Round
from storage import questionnaires, rounds
from storage.rounds import StoredRound

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
    """A round with its questionnaire, or with the version that a session is pinned to."""
    version = questionnaires.by_id(connection, questionnaire_id or stored.questionnaire_id)
    questionnaire = questionnaire_from_documents(version.structure, version.texts)
    return replace(
        stored.with_questionnaire(questionnaire),
        questionnaire_id=version.id,
        text_revision=version.text_revision,
        revision=stored.revision,
    )
