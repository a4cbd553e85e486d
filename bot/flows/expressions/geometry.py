"""Functions of angles and of places on the earth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.flows.expressions.conversions import to_number
from bot.flows.expressions.functions import Takes, function
from bot.flows.expressions.types import Kind

_RADIUS = 6_378_100.0
"""Metres from the middle of the earth to the equator, as JavaRosa takes it."""


@function("sin", Takes.NUMBER, gives=Kind.NUMBER)
def _sin(angle: float) -> float:
    return math.sin(angle) if math.isfinite(angle) else math.nan


@function("cos", Takes.NUMBER, gives=Kind.NUMBER)
def _cos(angle: float) -> float:
    return math.cos(angle) if math.isfinite(angle) else math.nan


@function("tan", Takes.NUMBER, gives=Kind.NUMBER)
def _tan(angle: float) -> float:
    return math.tan(angle) if math.isfinite(angle) else math.nan


@function("asin", Takes.NUMBER, gives=Kind.NUMBER)
def _asin(number: float) -> float:
    return math.asin(number) if -1 <= number <= 1 else math.nan


@function("acos", Takes.NUMBER, gives=Kind.NUMBER)
def _acos(number: float) -> float:
    return math.acos(number) if -1 <= number <= 1 else math.nan


@function("atan", Takes.NUMBER, gives=Kind.NUMBER)
def _atan(number: float) -> float:
    return math.atan(number)


@function("atan2", Takes.NUMBER, Takes.NUMBER, gives=Kind.NUMBER)
def _atan2(y: float, x: float) -> float:
    return math.atan2(y, x)


@function("distance", Takes.TEXT, gives=Kind.NUMBER, repeats=True)
def _distance(*places: str) -> float:
    points = list(_points(places))
    if len(points) < 2:
        return math.nan
    return sum(_between(one, other) for one, other in pairwise(points))


@function("area", Takes.TEXT, gives=Kind.NUMBER, repeats=True)
def _area(*places: str) -> float:
    points = list(_points(places))
    if len(points) < 3:
        return math.nan
    (latitude, longitude), *others = points
    round_earth = 2 * math.pi * _RADIUS / 360
    flat = [
        ((x - longitude) * round_earth * math.cos(math.radians(y)), (y - latitude) * round_earth)
        for y, x in others
    ]
    return abs(sum((y1 * x2 - x1 * y2) / 2 for (x1, y1), (x2, y2) in pairwise(flat)))


def _points(places: Sequence[str]) -> Iterator[tuple[float, float]]:
    """Latitudes and longitudes of places, of which a line has several with `;` between."""
    for place in (part for line in places for part in line.split(";")):
        numbers = [to_number(number) for number in place.split()[:2]]
        if len(numbers) == 2 and all(map(math.isfinite, numbers)):
            yield numbers[0], numbers[1]


def _between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres along the surface of a sphere."""
    (first, east), (second, west) = (tuple(map(math.radians, point)) for point in (one, other))
    cosine = math.sin(first) * math.sin(second) + math.cos(first) * math.cos(second) * math.cos(west - east)
    return math.acos(min(max(cosine, -1.0), 1.0)) * _RADIUS
