"""Published versions of questionnaires, and their texts, which may be corrected while a version is in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from storage.errors import StructureChanged
from storage.schema import questionnaire_texts, questionnaires, round_moves, rounds


@dataclass(frozen=True, slots=True)
class Published:
    """One version: its structure, and each language's newest texts."""

    id: int
    key: str
    version: int
    hash: str
    """Of the structure: names, codes, types and logic, not of texts."""
    structure: Any
    published_at: datetime
    texts: Mapping[str, Any]
    """Language → its texts."""
    text_revision: int
    """Goes up with each correction of a text, whatever its language; answers record it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of the texts of a version."""

    number: int
    at: datetime
    by: str | None
    """Who made it, as far as they said."""
    languages: tuple[str, ...]
    """Those whose texts changed."""


def publish(
    connection: Connection,
    key: str,
    version: int,
    structure_hash: str,
    structure: Any,
    texts: Mapping[str, Any],
    now: datetime,
    by: str | None = None,
) -> Published:
    """Publish a version; once more with other texts is a revision, with another structure is refused."""
    _lock(connection)
    there = find(connection, key, version)
    if there is None:
        questionnaire_id = connection.execute(
            insert(questionnaires)
            .values(key=key, version=version, hash=structure_hash, structure=structure, published_at=now)
            .returning(questionnaires.c.id)
        ).scalar_one()
    elif there.hash != structure_hash:
        raise StructureChanged(
            f"Version {version} of {key!r} is published with another structure: "
            f"give the new one version {version + 1} or higher."
        )
    else:
        questionnaire_id = there.id
    return revise_texts(connection, questionnaire_id, texts, now, by)


def revise_texts(
    connection: Connection,
    questionnaire_id: int,
    texts: Mapping[str, Any],
    now: datetime,
    by: str | None = None,
) -> Published:
    """Put corrected or further languages under a version; what is the same already makes no revision."""
    before = by_id(connection, questionnaire_id)
    changed = {language: text for language, text in texts.items() if before.texts.get(language) != text}
    if not changed:
        return before
    connection.execute(
        insert(questionnaire_texts),
        [
            {
                "questionnaire_id": questionnaire_id,
                "language": language,
                "revision": before.text_revision + 1,
                "texts": text,
                "at": now,
                "by": by,
            }
            for language, text in changed.items()
        ],
    )
    # Whoever remembers a round by its revision reads its questionnaire anew.
    connection.execute(
        update(rounds)
        .where(
            or_(
                rounds.c.questionnaire_id == questionnaire_id,
                rounds.c.about_you_id == questionnaire_id,
                # Who began before a move may still answer the version moved from.
                rounds.c.id.in_(
                    select(round_moves.c.round_id).where(
                        or_(
                            round_moves.c.from_id == questionnaire_id, round_moves.c.to_id == questionnaire_id
                        )
                    )
                ),
            )
        )
        .values(revision=rounds.c.revision + 1)
    )
    return by_id(connection, questionnaire_id)


def find(connection: Connection, key: str, version: int | None = None) -> Published | None:
    """A version by its key and number, the newest without one."""
    of_key = select(questionnaires.c.id).where(questionnaires.c.key == key)
    if version is not None:
        of_key = of_key.where(questionnaires.c.version == version)
    found = connection.scalar(of_key.order_by(questionnaires.c.version.desc()).limit(1))
    return None if found is None else by_id(connection, found)


def by_id(connection: Connection, questionnaire_id: int) -> Published:
    """A version by the id that rounds and sessions hold."""
    return _read(connection, [questionnaire_id])[0]


def list_all(connection: Connection) -> list[Published]:
    """Every version of every questionnaire, by key and number."""
    ids = connection.scalars(
        select(questionnaires.c.id).order_by(questionnaires.c.key, questionnaires.c.version)
    ).all()
    return _read(connection, ids)


def revisions(connection: Connection, questionnaire_id: int) -> list[Revision]:
    """The log of a version's texts, the first publication first."""
    log: dict[int, Revision] = {}
    columns = questionnaire_texts.c
    for revision, at, by, language in connection.execute(
        select(columns.revision, columns.at, columns.by, columns.language)
        .where(columns.questionnaire_id == questionnaire_id)
        .order_by(columns.revision, columns.language)
    ):
        earlier = log[revision].languages if revision in log else ()
        log[revision] = Revision(revision, at, by, (*earlier, language))
    return list(log.values())


def texts_at(connection: Connection, questionnaire_id: int, text_revision: int) -> dict[str, Any]:
    """The texts by language as they were shown at a revision."""
    newest = (
        select(
            questionnaire_texts.c.language,
            questionnaire_texts.c.texts,
            func.row_number()
            .over(partition_by=questionnaire_texts.c.language, order_by=questionnaire_texts.c.revision.desc())
            .label("age"),
        )
        .where(
            questionnaire_texts.c.questionnaire_id == questionnaire_id,
            questionnaire_texts.c.revision <= text_revision,
        )
        .subquery()
    )
    statement = select(newest.c.language, newest.c.texts).where(newest.c.age == 1).order_by(newest.c.language)
    return {language: texts for language, texts in connection.execute(statement)}  # noqa: C416 (a row is no pair)


def _lock(connection: Connection) -> None:
    """One transaction publishes at a time; SQLite's are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE questionnaires IN SHARE ROW EXCLUSIVE MODE")


def _read(connection: Connection, ids: Sequence[int]) -> list[Published]:
    revisions = (
        select(func.coalesce(func.max(questionnaire_texts.c.revision), 0))
        .where(questionnaire_texts.c.questionnaire_id == questionnaires.c.id)
        .scalar_subquery()
    )
    rows = connection.execute(select(questionnaires, revisions).where(questionnaires.c.id.in_(ids))).all()
    found = {
        row.id: Published(
            id=row.id,
            key=row.key,
            version=row.version,
            hash=row.hash,
            structure=row.structure,
            published_at=row.published_at,
            texts=texts_at(connection, row.id, row[-1]),
            text_revision=row[-1],
        )
        for row in rows
    }
    return [found[one] for one in ids]
