"""Haitian Creole, for which CLDR has French names of months and French words in lists."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot import i18n
from bot.flows.understanding.dates import read_date


def test_dates_are_written_and_read_in_it() -> None:
    assert i18n.format_date("ht", date(2025, 6, 30)) == "30 jen 2025"
    known = i18n.lexicon("ht")
    for typed in ("30 jen 2025", "30 juin 2025", "30 June 2025"):
        assert read_date(typed, known, date(2026, 1, 1)) == date(2025, 6, 30)
    for month in range(1, 13):
        day = date(2025, month, 2)
        assert read_date(i18n.format_date("ht", day), known, date(2026, 1, 1)) == day


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("America/Port-au-Prince", "30 jen 2025, 01:00 (lè Port-au-Prince)"),
        ("UTC", "30 jen 2025, 05:00 (UTC)"),
    ],
)
def test_moments_name_the_place_in_it(zone: str, written: str) -> None:
    assert i18n.format_datetime("ht", datetime(2025, 6, 30, 5, 0, tzinfo=UTC), zone) == written


def test_lists_are_joined_in_it() -> None:
    assert i18n.join_list("ht", ["radyo", "televizyon", "afich"]) == "radyo, televizyon ak afich"
    assert i18n.join_list("ht", ["radyo", "afich"], "or") == "radyo oswa afich"
    assert i18n.join_list("ht", ["radyo"]) == "radyo"
    assert i18n.join_list("ht", []) == ""
