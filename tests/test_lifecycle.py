"""How far a conversation and a round can be, and what moves them: every row of the tables, and nothing besides."""

from __future__ import annotations

from itertools import product

import pytest

from bot.flows.lifecycle import CONVERSATION, ROUND, Move, RoundTrigger, Trigger, diagram, move, move_round
from bot.flows.rounds import RoundState
from bot.flows.session import State

EXPECTED = """
choose_language | choosing_language                     | consenting        |
choose_language | consenting answering reviewing paused | =                 |
agree           | consenting                            | reviewing         | finished
agree           | consenting                            | answering         | open
decline         | choosing_language consenting          | declined          |
answer          | answering                             | reviewing         | finished
answer          | answering                             | =                 | open
skip            | answering                             | reviewing         | finished
skip            | answering                             | =                 | open
back            | answering                             | =                 |
back            | reviewing                             | answering         |
change          | answering                             | =                 |
change          | reviewing                             | answering         |
submit          | reviewing                             | completed         |
pause           | answering reviewing                   | paused            |
resume          | paused                                | reviewing         | finished
resume          | paused                                | answering         | open
withdraw        | *                                     | withdrawn         |
revise          | completed                             | reviewing         | revisable
restart         | declined withdrawn                    | choosing_language |
"""
"""Trigger, states, the state after it (`=`: the same) and what must hold; `open` is a route not finished."""

SITUATIONS = list(product((False, True), repeat=2))
"""Whether the route is finished, and whether submitted answers may be changed."""


def expected(state: State, trigger: Trigger, *, finished: bool, revisable: bool) -> State | None:
    holds = {"": True, "finished": finished, "open": not finished, "revisable": revisable}
    for line in EXPECTED.strip().splitlines():
        name, sources, target, guard = map(str.strip, line.split("|"))
        if name == trigger and (sources == "*" or state in sources.split()) and holds[guard]:
            return state if target == "=" else State(target)
    return None


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize("state", State)
def test_a_conversation_moves_by_the_table_and_by_nothing_else(state: State, trigger: Trigger) -> None:
    for finished, revisable in SITUATIONS:
        moved = move(state, trigger, finished=finished, revisable=revisable)
        assert moved == expected(state, trigger, finished=finished, revisable=revisable)


def test_completed_declined_and_withdrawn_move_only_by_withdraw_revise_and_restart() -> None:
    ended = {State.COMPLETED, State.DECLINED, State.WITHDRAWN}
    movers = {
        trigger
        for state, trigger, (finished, revisable) in product(ended, Trigger, SITUATIONS)
        if move(state, trigger, finished=finished, revisable=revisable) not in {None, state}
    }
    assert movers == {Trigger.WITHDRAW, Trigger.REVISE, Trigger.RESTART}


def test_every_state_can_be_reached_and_left() -> None:
    assert {row.target for row in CONVERSATION} - {None} == set(State)
    assert {source for row in CONVERSATION for source in row.sources} == set(State)


@pytest.mark.parametrize(
    ("state", "trigger", "after"),
    [
        (RoundState.DRAFT, RoundTrigger.OPEN, RoundState.OPEN),
        (RoundState.OPEN, RoundTrigger.CLOSE, RoundState.CLOSED),
        (RoundState.CLOSED, RoundTrigger.REOPEN, RoundState.OPEN),
        (RoundState.PUBLISHED, RoundTrigger.REOPEN, RoundState.OPEN),
        (RoundState.CLOSED, RoundTrigger.PUBLISH, RoundState.PUBLISHED),
    ],
)
def test_a_round_moves(state: RoundState, trigger: RoundTrigger, after: RoundState) -> None:
    assert move_round(state, trigger) is after


def test_a_round_moves_by_nothing_else() -> None:
    moves = [pair for pair in product(RoundState, RoundTrigger) if move_round(*pair) is not None]
    assert len(moves) == 5


def test_a_move_leaves_no_trace_for_the_next_person() -> None:
    assert move(State.CONSENTING, Trigger.AGREE, finished=True) is State.REVIEWING
    assert move(State.CONSENTING, Trigger.AGREE) is State.ANSWERING
    assert move(State.COMPLETED, Trigger.REVISE, revisable=True) is State.REVIEWING
    assert move(State.COMPLETED, Trigger.REVISE) is None


@pytest.mark.parametrize("moves", [CONVERSATION, ROUND])
def test_the_diagram_shows_every_row(moves: tuple[Move[State], ...]) -> None:
    drawn = diagram(moves, moves[0].sources[0])
    assert drawn.startswith(f"stateDiagram-v2\n    [*] --> {moves[0].sources[0]}\n")
    arrows = drawn.splitlines()[2:]
    assert len(arrows) == sum(len(row.sources) for row in moves)
    for row in moves:
        guard = f" [{row.guard}]" if row.guard else ""
        for source in row.sources:
            assert f"    {source} --> {row.target or source}: {row.trigger}{guard}" in arrows
