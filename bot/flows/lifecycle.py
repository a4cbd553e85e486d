"""The two finite-state machines, as tables: a conversation's and a round's.

To change what can happen, change a row here: the code asks these tables and nothing else, and the diagrams in
`docs/lifecycle.md` are generated from them. Guards only, no callbacks: a callback that raises would leave the new
state in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Generic, TypeVar

from transitions import Machine

from bot.flows.rounds import RoundState
from bot.flows.session import State


class Trigger(StrEnum):
    """What can move a conversation."""

    CHOOSE_LANGUAGE = "choose_language"
    AGREE = "agree"
    DECLINE = "decline"
    ANSWER = "answer"
    SKIP = "skip"
    BACK = "back"
    CHANGE = "change"
    SUBMIT = "submit"
    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    REVISE = "revise"
    RESTART = "restart"


class RoundTrigger(StrEnum):
    """What can move a round."""

    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"
    PUBLISH = "publish"


S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One row: `trigger` takes any of `sources` to `target` (`None`: stays) where `guard` holds."""

    trigger: StrEnum
    sources: tuple[S, ...]
    target: S | None
    guard: str | None = None


FINISHED = "route_finished"
"""No question on the route is open."""
REVISABLE = "revision_allowed"
"""The round is open and lets a submitted answer be changed."""

_C, _S, _A = Trigger, State, (State.ANSWERING, State.REVIEWING)

CONVERSATION: tuple[Move[State], ...] = (
    Move(_C.CHOOSE_LANGUAGE, (_S.CHOOSING_LANGUAGE,), _S.CONSENTING),
    Move(_C.CHOOSE_LANGUAGE, (_S.CONSENTING, _S.ANSWERING, _S.REVIEWING, _S.PAUSED), None),
    Move(_C.AGREE, (_S.CONSENTING,), _S.REVIEWING, FINISHED),
    Move(_C.AGREE, (_S.CONSENTING,), _S.ANSWERING),
    Move(_C.DECLINE, (_S.CHOOSING_LANGUAGE, _S.CONSENTING), _S.DECLINED),
    Move(_C.ANSWER, (_S.ANSWERING,), _S.REVIEWING, FINISHED),
    Move(_C.ANSWER, (_S.ANSWERING,), None),
    Move(_C.SKIP, (_S.ANSWERING,), _S.REVIEWING, FINISHED),
    Move(_C.SKIP, (_S.ANSWERING,), None),
    Move(_C.BACK, (_S.ANSWERING,), None),
    Move(_C.BACK, (_S.REVIEWING,), _S.ANSWERING),
    Move(_C.CHANGE, (_S.ANSWERING,), None),
    Move(_C.CHANGE, (_S.REVIEWING,), _S.ANSWERING),
    Move(_C.SUBMIT, (_S.REVIEWING,), _S.COMPLETED),
    Move(_C.PAUSE, _A, _S.PAUSED),
    Move(_C.RESUME, (_S.PAUSED,), _S.REVIEWING, FINISHED),
    Move(_C.RESUME, (_S.PAUSED,), _S.ANSWERING),
    Move(_C.WITHDRAW, tuple(State), _S.WITHDRAWN),
    Move(_C.REVISE, (_S.COMPLETED,), _S.REVIEWING, REVISABLE),
    Move(_C.RESTART, (_S.DECLINED, _S.WITHDRAWN), _S.CHOOSING_LANGUAGE),
)

ROUND: tuple[Move[RoundState], ...] = (
    Move(RoundTrigger.OPEN, (RoundState.DRAFT,), RoundState.OPEN),
    Move(RoundTrigger.CLOSE, (RoundState.OPEN,), RoundState.CLOSED),
    Move(RoundTrigger.REOPEN, (RoundState.CLOSED, RoundState.PUBLISHED), RoundState.OPEN),
    Move(RoundTrigger.PUBLISH, (RoundState.CLOSED,), RoundState.PUBLISHED),
)


class _Subject:
    """What a machine is triggered on: thrown away after one move."""

    __slots__ = ("revision_allowed", "route_finished", "state")

    def __init__(self, state: StrEnum, *, finished: bool, revisable: bool) -> None:
        self.state = state.value
        self.route_finished = finished
        self.revision_allowed = revisable


def _machine(moves: Iterable[Move[S]], states: type[S]) -> Machine:
    """One machine for everybody: it holds the table, never a conversation."""
    machine = Machine(
        model=None,
        states=[state.value for state in states],
        initial=next(iter(states)).value,
        auto_transitions=False,
        ignore_invalid_triggers=True,
    )
    for move in moves:
        machine.add_transition(
            move.trigger.value,
            [source.value for source in move.sources],
            None if move.target is None else move.target.value,
            conditions=move.guard,
        )
    return machine


_CONVERSATION = _machine(CONVERSATION, State)
_ROUND = _machine(ROUND, RoundState)


@cache
def move(state: State, trigger: Trigger, *, finished: bool = False, revisable: bool = False) -> State | None:
    """The state after `trigger`, or `None` where the table has no such move.

    The table has some four hundred answers, and each is asked for with every message: they are remembered.
    """
    subject = _Subject(state, finished=finished, revisable=revisable)
    return State(subject.state) if _trigger(_CONVERSATION, trigger, subject) else None


def move_round(state: RoundState, trigger: RoundTrigger) -> RoundState | None:
    """The round's state after `trigger`, or `None` where the table has no such move."""
    subject = _Subject(state, finished=False, revisable=False)
    return RoundState(subject.state) if _trigger(_ROUND, trigger, subject) else None


def _trigger(machine: Machine, trigger: StrEnum, subject: _Subject) -> bool:
    """Whether the subject moved; a state without that row is asked about first, since the machine would log it."""
    event = machine.events[trigger.value]
    return subject.state in event.transitions and bool(event.trigger(subject))


def diagram(moves: Iterable[Move[S]], start: S) -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {start.value}"]
    for row in moves:
        label = row.trigger.value + (f" [{row.guard}]" if row.guard else "")
        lines += [f"    {source.value} --> {(row.target or source).value}: {label}" for source in row.sources]
    return "\n".join(lines)
