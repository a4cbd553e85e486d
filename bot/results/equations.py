"""What follows from sums that a reader knows, by elimination.

Coefficients are counted modulo a large prime, which is as good as exact and much quicker than fractions.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

Unknown: TypeAlias = Hashable
Terms: TypeAlias = Mapping[Any, int | Fraction]
"""A sum: each unknown with the factor that it has in it."""
_PRIME = 2**61 - 1


class Equations:
    """Sums of unknowns, and what they tell of those that are to stay unknown."""

    def __init__(self, secret: Mapping[Any, int], minimum: int) -> None:
        """`secret` says of how many people each unknown is that must not be told."""
        self.secret = secret
        self.minimum = minimum
        self._place: dict[Unknown, tuple[bool, int]] = {}
        self._rows: dict[Unknown, tuple[dict[Unknown, int], frozenset[Hashable]]] = {}
        """What is known of sums, each by the first of its unknowns, which is in no later sum."""

    def add(self, terms: Terms, *sources: Hashable) -> None:
        """The sum of unknowns, each times something, is known; `sources` are what makes it so."""
        row = {unknown: _modular(factor) for unknown, factor in terms.items() if factor}
        for unknown in row:
            self._place.setdefault(unknown, (unknown in self.secret, len(self._place)))
        origins = frozenset(sources)
        while row:
            first = min(row, key=self._place.__getitem__)
            if first not in self._rows:
                inverse = pow(row[first], -1, _PRIME)
                self._rows[first] = ({u: c * inverse % _PRIME for u, c in row.items()}, origins)
                return
            other, more = self._rows[first]
            row, origins = _less(row, other, row[first]), origins | more

    def also(self, terms: Terms, *sources: Hashable) -> Equations:
        """These and one more."""
        more = Equations(self.secret, self.minimum)
        more._place, more._rows = dict(self._place), dict(self._rows)
        more.add(terms, *sources)
        return more

    def telling(self) -> frozenset[Hashable]:
        """The sources of a sum that tells one secret, or one of fewer people than the minimum; none if none does."""
        reduced: dict[Unknown, tuple[dict[Unknown, int], frozenset[Hashable]]] = {}
        # Secrets come last, so what is known of them alone stands in the sums that begin with one.
        for first in sorted(
            self._rows.keys() & self.secret.keys(), key=self._place.__getitem__, reverse=True
        ):
            row, origins = self._rows[first]
            for unknown in [u for u in row if u in reduced]:
                other, more = reduced[unknown]
                row, origins = _less(row, other, row[unknown]), origins | more
            reduced[first] = row, origins
            if origins and (len(row) == 1 or sum(self.secret[u] for u in row) < self.minimum):
                return origins
        return frozenset()


def _less(row: Mapping[Unknown, int], other: Mapping[Unknown, int], times: int) -> dict[Unknown, int]:
    found = dict(row)
    for unknown, factor in other.items():
        rest = (found.get(unknown, 0) - times * factor) % _PRIME
        if rest:
            found[unknown] = rest
        else:
            found.pop(unknown, None)
    return found


def _modular(factor: int | Fraction) -> int:
    return factor.numerator * pow(factor.denominator, -1, _PRIME) % _PRIME
