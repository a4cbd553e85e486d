"""What a round takes from the one that it follows: its hidden questions that hold places begin with them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import Connection

from bot.flows.indicators import Ranking
from bot.results.indicators.report import Report, report
from bot.results.source import read_followed, read_round


def ranks(connection: Connection, code: str) -> dict[str, str]:
    """The presets that the followed round gives to the round with this code; none where it follows none."""
    asking, followed = read_round(connection, code), read_followed(connection, code)
    indicators = asking.questionnaire.indicators if asking else None
    found = report(connection, followed) if followed and indicators and indicators.rankings else None
    if found is None or indicators is None:
        return {}
    places: dict[str, str] = {}
    for ranking in indicators.rankings:
        places |= _places(ranking, _scores(ranking, found))
    return places


def _scores(ranking: Ranking, followed: Report) -> Mapping[str, Fraction]:
    """What the numbers came to in the first column that has one of them; the middle of their bounds."""
    for name in ranking.columns:
        numbers = next((one.numbers for one in followed.columns if one.column.name == name), {})
        wanted = ((number, numbers.get(number)) for _, number in ranking.places)
        found = {
            name: sum(number.bounds, Fraction(0)) / 2 for name, number in wanted if number and number.bounds
        }
        if found:
            return found
    return {}


def _places(ranking: Ranking, scores: Mapping[str, Fraction]) -> dict[str, str]:
    """Each question's place, from 1: those with a score first, the lowest first of all."""

    def rank(place: tuple[str, str]) -> tuple[bool, Fraction]:
        score = scores.get(place[1])
        return score is None, score or Fraction(0)

    return {name: str(place) for place, (name, _) in enumerate(sorted(ranking.places, key=rank), start=1)}
