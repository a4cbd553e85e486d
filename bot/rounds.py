"""What an agency does with a round: draft it, open it, close it, open it again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from bot import i18n
from bot.authoring.compatibility import compatibility
from bot.authoring.documents import (
    questionnaire_from_documents,
    structure_document,
    structure_hash,
    text_documents,
)
from bot.authoring.library import instrument
from bot.authoring.problems import Severity
from bot.errors import NotFound, NotPossible
from bot.flows.lifecycle import ROUND, RoundTrigger, move_round
from bot.flows.questionnaire import LocalizedText, Questionnaire
from bot.flows.rounds import RoundState
from bot.flows.speech import N_
from storage import questionnaires, rounds
from storage.errors import CodeTaken, StructureChanged, WrongState
from storage.questionnaires import Published
from storage.rounds import NewRound, StoredRound
from storage.store import Store

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,31}", re.ASCII)
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for one another when read aloud or from a poster."""
_PURPOSE = N_("To learn how people take part in public decisions, and how that can be improved.")
_AGENCY = N_("The organisers of this consultation")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDraft:
    """What an agency says of a new round; what is left out has a sensible default."""

    code: str | None = None
    parts: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    minimum_cell: int = 5
    title: LocalizedText | None = None
    purpose: LocalizedText | None = None
    agency: LocalizedText | None = None
    contact: str = ""
    opens: datetime | None = None
    closes: datetime | None = None
    time_zone: str = "UTC"
    allows_revision: bool = True
    about_you: Questionnaire | None = None
    """What is asked of everybody last, those questions apart that the questionnaire has itself."""
    follows: str | None = None
    """The code of the round that this one follows."""
    presets: Mapping[str, str] = field(default_factory=dict)
    """What hidden questions begin with, by name."""


def publish(
    connection: Connection, questionnaire: Questionnaire, now: datetime, by: str | None = None
) -> Published:
    """Freeze a version, or revise the texts of one; `by` is who says so, for the record.

    `NotPossible` where it is published already with another structure, or does not go with the other versions:
    names and codes keep their meaning for ever, since answers are kept by them.
    """
    structure = structure_document(questionnaire)
    _check_succession(connection, questionnaire, structure_hash(structure))
    try:
        return questionnaires.publish(
            connection,
            questionnaire.key,
            questionnaire.version,
            structure_hash(structure),
            structure,
            text_documents(questionnaire),
            now,
            by,
        )
    except StructureChanged as error:
        raise NotPossible(str(error)) from error


def _check_succession(connection: Connection, questionnaire: Questionnaire, hash_: str) -> None:
    others = [
        questionnaire_from_documents(one.structure, one.texts)
        for one in questionnaires.list_all(connection)
        if one.key == questionnaire.key and (one.version != questionnaire.version or one.hash == hash_)
    ]
    for other in others:
        later = other.version > questionnaire.version
        old, new = (questionnaire, other) if later else (other, questionnaire)
        broken = [p for p in compatibility(old, new) if p.severity is Severity.ERROR]
        if broken:
            raise NotPossible(
                f"{new.key}@{new.version} cannot follow {old.key}@{old.version}:\n"
                + "\n".join(map(str, broken)),
                "Give what has changed its meaning a new name, or publish it under another key.",
            )


def draft_round(
    connection: Connection, questionnaire: Questionnaire, draft: RoundDraft, now: datetime
) -> StoredRound:
    """Publish the versions that it asks if they are not, and draft a round on them.

    Raises `NotPossible` for a code that is taken or cannot be one, for parts and languages that the questionnaire
    does not have, for times that make no round, and for additions that do not go with the questionnaire.
    """
    languages = draft.languages or questionnaire.languages
    _check(questionnaire, draft, languages)
    _check_additions(questionnaire, draft)
    followed = _followed(connection, questionnaire, draft.follows) if draft.follows else None
    version = publish(connection, questionnaire, now)
    new = NewRound(
        code=draft.code or f"{questionnaire.key}-{''.join(secrets.choice(_CODE_LETTERS) for _ in range(5))}",
        title=draft.title or questionnaire.title,
        purpose=draft.purpose or _in(languages, _PURPOSE),
        agency=draft.agency or _in(languages, _AGENCY),
        contact=draft.contact,
        questionnaire_id=version.id,
        languages=languages,
        parts=None if draft.parts is None else frozenset(draft.parts),
        about_you_id=publish(connection, draft.about_you, now).id if draft.about_you else None,
        follows_id=followed.id if followed else None,
        presets=draft.presets,
        opens_at=draft.opens,
        closes_at=draft.closes,
        time_zone=draft.time_zone,
        minimum_cell=draft.minimum_cell,
        allows_revision=draft.allows_revision,
    )
    try:
        return rounds.create(connection, new, now)
    except CodeTaken as error:
        raise NotPossible(str(error)) from error


def _check(questionnaire: Questionnaire, draft: RoundDraft, languages: tuple[str, ...]) -> None:
    if draft.code is not None and not _CODE.fullmatch(draft.code):
        raise NotPossible(
            f"{draft.code!r} cannot be a code.",
            "Use 2 to 32 letters, digits, - and _, beginning with a letter or digit.",
        )
    optional = {part.name for part in questionnaire.parts if not part.always}
    unknown = sorted(set(draft.parts or ()) - {part.name for part in questionnaire.parts})
    if unknown:
        there = ", ".join(sorted(optional)) or "none"
        raise NotPossible(f"{questionnaire.key} has no part {', '.join(unknown)}.", f"Its parts: {there}.")
    missing = [language for language in languages if language not in questionnaire.languages]
    if missing:
        raise NotPossible(
            f"{questionnaire.key} is not translated into {', '.join(missing)}.",
            f"Its languages: {', '.join(questionnaire.languages)}.",
        )
    if draft.minimum_cell < 0:
        raise NotPossible(
            "The minimum cell cannot be below 0.", "Give 0 to turn suppression off, or 5 as usual."
        )
    if draft.opens is not None and draft.closes is not None and draft.closes <= draft.opens:
        raise NotPossible("The round would close before it opens.", "Give a later --closes.")
    try:
        ZoneInfo(draft.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NotPossible(
            f"{draft.time_zone!r} is no time zone.", "Use a name of the tz database, such as Pacific/Fiji."
        ) from error


def _check_additions(questionnaire: Questionnaire, draft: RoundDraft) -> None:
    asked = questionnaire.limited_to(None if draft.parts is None else frozenset(draft.parts))
    if draft.about_you is not None:
        own, asked = asked, asked.followed_by(draft.about_you)
        if len(asked.sections) == len(own.sections):
            raise NotPossible(
                f"{questionnaire.key} asks everything that {draft.about_you.key} asks.",
                "Leave out --about-you.",
            )
    hidden = sorted(question.name for question in asked if question.type == "hidden")
    unknown = sorted(set(draft.presets) - set(hidden))
    if unknown:
        raise NotPossible(
            f"{questionnaire.key} has no hidden question {', '.join(unknown)}.",
            f"A round can preset: {', '.join(hidden) or 'none'}.",
        )


def _followed(connection: Connection, questionnaire: Questionnaire, code: str) -> StoredRound:
    followed = find(connection, code)
    key = questionnaires.by_id(connection, followed.questionnaire_id).key
    changes = questionnaire.indicators.changes if questionnaire.indicators else ()
    if key not in {change.questionnaire for change in changes}:
        raise NotPossible(
            f"{questionnaire.key} does not say how it compares with {key}, which {followed.code} asks.",
            "Follow a round whose questionnaire stands under `follows:` of its indicators.",
        )
    return followed


def _in(languages: tuple[str, ...], message: str) -> LocalizedText:
    return LocalizedText({language: i18n.gettext(language, message) for language in languages}, languages[0])


def move(
    connection: Connection, code: str, trigger: RoundTrigger, presets: Mapping[str, str] | None = None
) -> StoredRound:
    """Open, close, reopen or publish a round; `NotFound`, or `NotPossible` where its state has no such move.

    `presets` are what hidden questions begin with from now on, where the agency has not said it.
    """
    stored = find(connection, code)
    target = move_round(stored.state, trigger)
    if target is None:
        sources = [source.value for row in ROUND if row.trigger is trigger for source in row.sources]
        raise NotPossible(
            f"Round {stored.code} is {stored.state.value}: it cannot {trigger.value}.",
            f"Only a round that is {' or '.join(sources)} can.",
        )
    try:
        return rounds.set_state(
            connection, stored.code, stored.state, target, {**(presets or {}), **stored.presets}
        )
    except WrongState as error:
        raise NotPossible(str(error)) from error


def find(connection: Connection, code: str) -> StoredRound:
    """The round with this code; `NotFound` without one."""
    stored = rounds.by_code(connection, code)
    if stored is None:
        raise NotFound(f"There is no round with the code {code}.", "talanoa round list shows those that are.")
    return stored


async def ensure_try_round(store: Store, key: str, now: datetime) -> str:
    """The code of the open round in which anybody at the terminal tries an instrument; made on first use."""
    code = f"try-{key}"
    questionnaire = instrument(key)

    def ensure(connection: Connection) -> None:
        stored = rounds.by_code(connection, code)
        if stored is None:
            stored = draft_round(connection, questionnaire, RoundDraft(code=code, minimum_cell=0), now)
        else:
            publish(connection, questionnaire, now)
        trigger = {RoundState.DRAFT: RoundTrigger.OPEN}.get(stored.state, RoundTrigger.REOPEN)
        if stored.state is not RoundState.OPEN:
            move(connection, code, trigger)

    await store.run(ensure)
    return code
