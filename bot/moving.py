"""Moving a round, and those who are answering it, to a newer version of its questionnaire, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot import i18n
from bot.authoring.compatibility import compatibility
from bot.authoring.problems import Severity
from bot.clock import Clock
from bot.errors import NotFound, NotPossible
from bot.flows.conversation.moving import UNDER_WAY, Lost, fingerprint, moved
from bot.flows.rounds import Round, RoundState
from bot.rounds import find
from bot.shelf import assemble
from storage import moves, questionnaires
from storage.moves import Move, Pinned, Repinned
from storage.questionnaires import Published
from storage.rounds import StoredRound
from storage.store import Store

_STATES = sorted(UNDER_WAY)


@dataclass(slots=True)
class MoveReport:
    """What a move does, or would do."""

    code: str
    key: str
    from_version: int
    to_version: int
    people: int = 0
    """Who go along."""
    staying: int = 0
    """Who stay: what they submitted stays as it is, and who has answered since does not go back."""
    lost: Counter[tuple[str, Lost]] = field(default_factory=Counter)
    """Answers that do not count any more, by question and reason."""
    asked_again: Counter[str] = field(default_factory=Counter)
    """People by question that they answered before and are asked again."""
    people_asked_again: int = 0
    reopened: int = 0
    """People who had answered everything, and have something to answer now."""


def preview(
    connection: Connection, code: str, to: str, now: datetime, *, newcomers_only: bool = False
) -> MoveReport:
    """What a move would do; nothing is written."""
    stored, asked, target = _find(connection, code, to)
    mover = _Mover(stored, _report(stored, asked, target))
    last: int | None = None if newcomers_only else -1
    while last is not None:
        page, last = moves.to_move(connection, stored.id, target.id, _STATES, last, lock=False)
        mover.repin(connection, page, now, lambda _: target.id)
    states = () if newcomers_only else _STATES
    mover.report.staying = moves.count_staying(connection, stored.id, target.id, states)
    return mover.report


async def move(store: Store, code: str, to: str, clock: Clock, *, newcomers_only: bool = False) -> MoveReport:
    """Let a round ask a newer version, and move who is under way; a move that was cut short is finished."""

    def start(connection: Connection) -> tuple[Move, _Mover]:
        stored, asked, target = _find(connection, code, to)
        mover = _Mover(stored, _report(stored, asked, target))
        cut_short = moves.last_move(connection, stored.id) if asked.id == target.id else None
        return cut_short or moves.begin(connection, stored.id, asked.id, target.id, clock()), mover

    def page(connection: Connection, after: int) -> int | None:
        if find(connection, code).questionnaire_id != begun.to_id:
            raise NotPossible(f"Round {code} was moved back meanwhile.", f"See: talanoa round show {code}")
        found, last = moves.to_move(connection, begun.round_id, begun.to_id, _STATES, after, lock=True)
        now = clock()
        going = mover.repin(connection, found, now, lambda _: begun.to_id)
        moves.move_sessions(connection, begun, going, now)
        return last

    begun, mover = await store.run(start)
    last: int | None = None if newcomers_only else -1
    while last is not None:
        last = await store.run(page, last)
    states = () if newcomers_only else _STATES
    mover.report.staying = await store.read(moves.count_staying, begun.round_id, begun.to_id, states)
    return mover.report


def preview_undoing(connection: Connection, code: str, now: datetime) -> MoveReport:
    """What taking the last move back would do; nothing is written."""
    mover, last_move = _undoing(connection, code)
    last: int | None = -1
    while last is not None:
        page, last = moves.moved_along(connection, last_move, last, lock=False)
        mover.go_back(connection, page, now, last_move)
    return mover.report


async def undo(store: Store, code: str, clock: Clock) -> MoveReport:
    """Take the last move back, of all who have not answered since."""

    def start(connection: Connection) -> tuple[_Mover, Move]:
        found = _undoing(connection, code)
        moves.take_back(connection, found[1])
        return found

    def page(connection: Connection, after: int) -> int | None:
        found, last = moves.moved_along(connection, begun, after, lock=True)
        now = clock()
        moves.return_sessions(connection, begun, mover.go_back(connection, found, now, begun), now)
        return last

    mover, begun = await store.run(start)
    last: int | None = -1
    while last is not None:
        last = await store.run(page, last)
    await store.run(moves.finish_undoing, begun, clock())
    return mover.report


class _Mover:
    """Works out page by page how sessions go on, and counts."""

    def __init__(self, stored: StoredRound, report: MoveReport) -> None:
        self.stored = stored
        self.report = report
        self.asked: dict[int, Round] = {}

    def version(self, connection: Connection, questionnaire_id: int) -> Round:
        """The round as it asks a version."""
        if questionnaire_id not in self.asked:
            self.asked[questionnaire_id] = assemble(connection, self.stored, questionnaire_id)
        return self.asked[questionnaire_id]

    def repin(
        self, connection: Connection, page: list[Pinned], now: datetime, to: Callable[[Pinned], int]
    ) -> list[Repinned]:
        """The sessions as they go on in the version that is meant for each."""
        return [self._repinned(connection, one, to(one), now) for one in page]

    def go_back(
        self, connection: Connection, page: list[Pinned], now: datetime, last_move: Move
    ) -> list[Repinned]:
        """Those who have not answered since they were moved, back in the version that they came from."""
        there = self.version(connection, last_move.to_id).questionnaire
        back = [
            one
            for one in page
            if one.session.state in UNDER_WAY and fingerprint(one.session, there) == one.fingerprint
        ]
        self.report.staying += len(page) - len(back)
        return self.repin(connection, back, now, lambda one: one.from_id or last_move.from_id)

    def _repinned(self, connection: Connection, pinned: Pinned, to_id: int, now: datetime) -> Repinned:
        before = self.version(connection, pinned.questionnaire_id)
        after = self.version(connection, to_id)
        gone = moved(before, after, pinned.session, now, i18n.lexicon(pinned.session.language))
        report = self.report
        report.people += 1
        report.lost.update(gone.lost.items())
        report.asked_again.update(gone.asked_again)
        report.people_asked_again += bool(gone.asked_again)
        report.reopened += gone.reopened
        return Repinned(
            before=pinned,
            questionnaire_id=to_id,
            session=gone.session,
            changed=gone.changed,
            text_revisions=after.text_revisions,
            fingerprint=fingerprint(gone.session, after.questionnaire),
        )


def _undoing(connection: Connection, code: str) -> tuple[_Mover, Move]:
    stored = find(connection, code)
    last_move = moves.last_move(connection, stored.id)
    if last_move is None:
        raise NotPossible(
            f"Round {stored.code} was not moved to another version.", "There is nothing to undo."
        )
    there = questionnaires.by_id(connection, last_move.to_id)
    back = questionnaires.by_id(connection, last_move.from_id)
    return _Mover(stored, _report(stored, there, back)), last_move


def _find(connection: Connection, code: str, to: str) -> tuple[StoredRound, Published, Published]:
    """The round, the version that it asks, and the one that it may go on with."""
    stored = find(connection, code)
    asked = questionnaires.by_id(connection, stored.questionnaire_id)
    key, _, number = to.partition("@")
    target = questionnaires.find(connection, key, int(number)) if number.isdecimal() else None
    if target is None:
        raise NotFound(
            f"There is no published version {to}.",
            f"Write it as {asked.key}@N; talanoa questionnaire list shows which are published.",
        )
    if stored.state is RoundState.PUBLISHED:
        raise NotPossible(f"Round {stored.code} is published: its results stand.", "Draft another round.")
    if target.key != asked.key:
        raise NotPossible(
            f"Round {stored.code} asks {asked.key}, not {target.key}.", "Draft another round for that."
        )
    if target.version < asked.version:
        raise NotPossible(
            f"Round {stored.code} asks {asked.key}@{asked.version}, which is newer than {to}.",
            f"talanoa round move {stored.code} --undo takes the last move back.",
        )
    last = moves.last_move(connection, stored.id)
    if target.id == asked.id and (last is None or last.to_id != target.id):
        raise NotPossible(f"Round {stored.code} asks {to} already.", "There is nothing to move.")
    _check(connection, stored, asked, target)
    return stored, asked, target


def _check(connection: Connection, stored: StoredRound, asked: Published, target: Published) -> None:
    old, new = (assemble(connection, stored, one.id).questionnaire for one in (asked, target))
    name = f"{target.key}@{target.version}"
    parts = sorted((stored.parts or frozenset()) - {part.name for part in new.parts})
    missing = [language for language in stored.languages if language not in new.languages]
    if parts or missing:
        what = f"part {', '.join(parts)}" if parts else f"translation into {', '.join(missing)}"
        raise NotPossible(
            f"{name} has no {what}, which round {stored.code} has.", "Publish a version that has it."
        )
    broken = [p for p in compatibility(old, new) if p.severity is Severity.ERROR] if asked != target else []
    if broken:
        raise NotPossible(
            f"{name} cannot follow {asked.key}@{asked.version}:\n" + "\n".join(map(str, broken)),
            "Draft another round for it.",
        )


def _report(stored: StoredRound, asked: Published, target: Published) -> MoveReport:
    return MoveReport(stored.code, asked.key, asked.version, target.version)
