"""Rounds that follow others: what they take over when they open, and what their results are compared with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot import rounds as use
from bot.authoring.library import instrument
from bot.cli import run
from bot.errors import NotPossible
from bot.flows.lifecycle import RoundTrigger
from bot.results.indicators.ranks import ranks
from bot.shelf import assemble
from storage.rounds import StoredRound
from storage.store import Store
from tests.support.results import Person, make_round

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEFAULT = dict(zip((f"order_i1_{n}" for n in range(1, 7)), "123456", strict=True))


def _rated(role: str | None, *ratings: int | None) -> Person:
    """Somebody who rates the first indicators of the first dimension so."""
    rated = {f"i1_{n}": None if one is None else str(one) for n, one in enumerate(ratings, start=1)}
    return Person(answers={"role": role, **rated})


def _plan(
    connection: Connection, *people: Person, minimum_cell: int = 0, presets: Mapping[str, str] | None = None
) -> StoredRound:
    """A plan that follows an assessment of these people, opened."""
    make_round(connection, instrument("engagement_assess"), people, code="assess", minimum_cell=minimum_cell)
    draft = use.RoundDraft(code="plan", follows="ASSESS", presets=presets or {})
    use.draft_round(connection, instrument("engagement_plan"), draft, NOW)
    return use.move(connection, "plan", RoundTrigger.OPEN, ranks(connection, "plan"))


def _first(stored: StoredRound) -> dict[str, str]:
    """The places in the first dimension, which alone was rated."""
    return {name: stored.presets[name] for name in DEFAULT}


async def test_the_lowest_result_of_the_followed_round_comes_first(store: Store) -> None:
    """Equal ones keep the order of the instrument, and those without a result come after all others."""
    stored = await store.run(
        _plan, _rated("organisation", 5, 2, None, 4, 2, 1), _rated("organisation", 5, 4, None, 4, 4, 1)
    )
    places = {"order_i1_6": "1", "order_i1_2": "2", "order_i1_5": "3", "order_i1_4": "4", "order_i1_1": "5"}
    assert _first(stored) == {**places, "order_i1_3": "6"}
    assert len(stored.presets) == 24
    asking = await store.read(assemble, stored)
    assert asking.presets == stored.presets


async def test_roles_are_not_mixed(store: Store) -> None:
    """The organisation's own view counts, and the stakeholders' only where that shows no result."""
    stakeholder = _rated("stakeholder", 5, 4, 3, 2, 1, 1)
    stored = await store.run(_plan, _rated("organisation", 1, 2, 3, 4, 5, 5), stakeholder, stakeholder)
    assert _first(stored) == DEFAULT


async def test_what_too_few_people_said_is_not_told_by_an_order(store: Store) -> None:
    hidden = [_rated("organisation", 5, 4, 3, 2, 1, 1)] * 4
    shown = [_rated("stakeholder", 2, 3, 4, 5, 5, 1)] * 5
    unnamed = [_rated(None, 2, 3, 4, 5, 5, 1)] * 5
    stored = await store.run(_plan, *hidden, *shown, *unnamed, minimum_cell=5)
    assert _first(stored) == dict(zip(DEFAULT, "234561", strict=True))


async def test_an_order_does_not_tell_what_is_everybody_s_less_a_few(store: Store) -> None:
    hidden = [_rated("organisation", 5, 4, 3, 2, 1, 1)] * 4
    almost_all = [_rated("stakeholder", 2, 3, 4, 5, 5, 1)] * 5
    assert _first(await store.run(_plan, *hidden, *almost_all, minimum_cell=5)) == DEFAULT


async def test_an_assessment_of_nobody_leaves_the_order_as_it_is(store: Store) -> None:
    assert _first(await store.run(_plan)) == DEFAULT


async def test_what_the_agency_presets_wins(store: Store) -> None:
    stored = await store.run(_plan, presets={"order_i1_1": "9"})
    assert _first(stored) == {**DEFAULT, "order_i1_1": "9"}


async def test_the_order_is_made_once(store: Store) -> None:
    def reopened(connection: Connection) -> StoredRound:
        use.move(connection, "plan", RoundTrigger.CLOSE)
        return use.move(connection, "plan", RoundTrigger.REOPEN)

    opened = await store.run(_plan, _rated("organisation", 6, 5, 4, 3, 2, 1))
    assert (await store.run(reopened)).presets == opened.presets


async def test_a_round_that_follows_none_takes_nothing_over(store: Store) -> None:
    def drafted(connection: Connection) -> dict[str, str]:
        use.draft_round(connection, instrument("engagement_plan"), use.RoundDraft(code="plan"), NOW)
        return ranks(connection, "plan")

    assert await store.run(drafted) == {}


async def test_only_what_can_be_compared_is_followed(store: Store) -> None:
    def drafted(connection: Connection) -> None:
        make_round(connection, instrument("engagement_plan"), [], code="first")
        draft = use.RoundDraft(code="second", follows="first")
        use.draft_round(connection, instrument("engagement_plan"), draft, NOW)

    with pytest.raises(
        NotPossible, match="engagement_plan does not say how it compares with engagement_plan"
    ):
        await store.run(drafted)


@pytest.fixture
def talanoa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """The program on a database of its own: what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALANOA_DATABASE_URL", raising=False)

    def call(*arguments: str) -> str:
        assert run(arguments) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return call


def test_results_are_compared_with_the_followed_round_unasked(talanoa: Callable[..., str]) -> None:
    talanoa("round", "create", "engagement_assess", "--code", "before", "--minimum-cell", "0", "--open")
    talanoa("simulate", "before", "--respondents", "12")
    talanoa(
        "round", "create", "engagement_plan", "--code", "plan", "--minimum-cell", "0", "--follows", "BEFORE"
    )
    assert json.loads(talanoa("round", "show", "plan", "--json"))["presets"] == {}
    talanoa("round", "open", "plan")
    shown = json.loads(talanoa("round", "show", "plan", "--json"))
    assert shown["follows"] == "before"
    orders = [[shown["presets"][f"order_i{d}_{n}"] for n in range(1, 7)] for d in range(1, 5)]
    assert all(sorted(order) == list("123456") for order in orders)
    assert any(order != list("123456") for order in orders)
    talanoa("simulate", "plan", "--respondents", "12")
    unasked = json.loads(talanoa("results", "plan", "--indicators", "--format", "json"))
    asked = json.loads(talanoa("results", "plan", "--follows", "before", "--format", "json"))
    assert unasked == asked
    assert unasked["follows"]["round"]["code"] == "before"
    assert unasked["follows"]["changes"]
