"""Words for days that mean two of them."""

from __future__ import annotations

from datetime import date

import pytest

from bot import i18n
from bot.flows.understanding.dates import Ambiguity, read_date

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "days"),
    [("कल", (1, 3)), ("kal", (1, 3)), ("परसों", (28, 4)), ("आने वाला कल", 3), ("बीता कल", 1), ("आज", 2)],
)
def test_hindi_has_one_word_for_yesterday_and_tomorrow_which_is_asked_back(
    typed: str, days: tuple[int, int] | int
) -> None:
    found = read_date(typed, i18n.lexicon("hi"), TODAY)
    if isinstance(days, int):
        assert found == date(2026, 3, days)
    else:
        assert isinstance(found, Ambiguity)
        assert tuple(day.day for day in found.dates) == days
