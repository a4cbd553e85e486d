"""Which counts of one question are not shown, so that no small one can be worked out from the others.

The threshold rule for frequency tables with complementary suppression (*Handbook on Statistical
Disclosure Control*, chapter 5, https://sdctools.github.io/HandbookSDC/05-frequency-tables.html),
against a reader who knows these rules too:

* A count from 1 to the minimum less 1 is suppressed. A zero is shown, for a choice that nobody made is
  nobody's answer, and so is a full cell: who took part in a round is not known.
* The number of people asked counts as known, because the live funnel and the route give it away. So the
  skipped and the answers add up to a known total, and what is suppressed among them is two cells at least,
  not all of one size, and together a group of the minimum at least. Cells of one size are suppressed
  together: which of them was taken would tell.
* Below the minimum asked or answering, the whole question is suppressed, zeros too: "all the others are
  zero" would say what everybody in a small group answered. The same where nothing less protects it.
* The counts of a `select_multiple` have no total but bounds: those who answered are as many as chose
  something exclusive, and at least the most frequent of the other choices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SKIPPED = 0
"""The place of the skipped among a question's cells; the answers follow."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The counts of one question: who skipped it, then who gave each answer, or any answer."""

    counts: tuple[int, ...]
    base: int
    multiple: bool = False
    """Whether one person may be in several of the answers."""
    exclusive: frozenset[int] = frozenset()
    """The answers of a `select_multiple` that are chosen alone, by place."""

    @property
    def asked(self) -> int:
        """Who skipped it or answered it."""
        return self.counts[SKIPPED] + self.base

    @property
    def shared(self) -> frozenset[int]:
        """The answers that one person may give together, by place."""
        if not self.multiple:
            return frozenset()
        return frozenset(range(1, len(self.counts))) - self.exclusive

    def smallest_shown(self, among: frozenset[int], hidden: frozenset[int]) -> frozenset[int]:
        """The places of the smallest count among these that is not zero and not hidden."""
        return self._shown_as(min, among - hidden)

    def largest_shown(self, among: frozenset[int], hidden: frozenset[int]) -> frozenset[int]:
        """The places of the largest count among these that is not zero and not hidden."""
        return self._shown_as(max, among - hidden)

    def _shown_as(self, choose: Callable[[list[int]], int], among: frozenset[int]) -> frozenset[int]:
        counts = [self.counts[place] for place in among if self.counts[place]]
        if not counts:
            return frozenset()
        chosen = choose(counts)
        return frozenset(place for place in among if self.counts[place] == chosen)


def effective_minimum(minimum_cell: int) -> int:
    """The smallest count that is shown; 0 where none is suppressed.

    With 2, every suppressed count would be known to be 1, so 3 is the least that protects.
    """
    return max(minimum_cell, 3) if minimum_cell > 1 else 0


def hidden_cells(
    cells: Cells, minimum: int, groups: Sequence[frozenset[int]] = (), *, asked_is_known: bool = True
) -> frozenset[int] | None:
    """The places of the cells that are not shown; `None` when that must be all of them, zeros too.

    `groups` are sets of cells whose sum is known from elsewhere, each place in one of them; none means that
    only the whole sum is known, and not even that unless `asked_is_known`.
    """
    if not minimum or not cells.asked:
        return frozenset()
    if cells.asked < minimum or 0 < cells.base < minimum:
        return None
    every = frozenset(range(len(cells.counts)))
    hidden = frozenset(place for place in every if 0 < cells.counts[place] < minimum)
    if not asked_is_known and not hidden and cells.counts[SKIPPED]:
        # Enough to hide the number asked, and the base with every share can stay.
        return frozenset({SKIPPED})
    while True:
        faulty = next(
            (g for g in groups or (every,) if not _is_safe(cells, minimum, hidden & g, asked_is_known)), None
        )
        if faulty is not None:
            more = cells.smallest_shown(faulty, hidden)
        elif _is_bounded_tightly(cells, minimum, hidden, asked_is_known):
            more = cells.largest_shown(cells.shared, hidden)
        elif asked_is_known and _leaves_little_room(cells, minimum, hidden):
            more = cells.smallest_shown(every - cells.shared, hidden)
        else:
            break
        if not more:
            return None
        hidden |= more
    return hidden


def _is_safe(cells: Cells, minimum: int, hidden: frozenset[int], total_is_known: bool) -> bool:
    """Whether the sum of these hidden cells, known or not, leaves each of them two values or more."""
    if not hidden:
        return total_is_known
    counts = [cells.counts[place] for place in hidden]
    return sum(counts) >= minimum and (len(set(counts)) > 1 or not total_is_known)


def _is_bounded_tightly(cells: Cells, minimum: int, hidden: frozenset[int], total_is_known: bool) -> bool:
    """Whether the most frequent shared answer leaves too little room for what is hidden beside them."""
    shared = cells.shared
    apart = frozenset(range(len(cells.counts))) - shared
    inside = hidden & apart
    if not shared or (total_is_known and not inside):
        return False
    most = max((cells.counts[place] for place in shared - hidden), default=0) or int(bool(hidden & shared))
    room = cells.asked - sum(cells.counts[place] for place in apart - hidden) - most
    return room < max(len(inside) + 1, minimum)


def _leaves_little_room(cells: Cells, minimum: int, hidden: frozenset[int]) -> bool:
    """Whether those outside the cells that are shown and add up are too few to hide how many skipped.

    A reader knows that the minimum answered or more, or all would be suppressed; and of shared answers, that
    each is at most all of those people. Twice the minimum leaves room for both.
    """
    if not hidden or (SKIPPED not in hidden and not cells.multiple):
        return False
    apart = frozenset(range(len(cells.counts))) - cells.shared - hidden
    return cells.asked - sum(cells.counts[place] for place in apart) <= 2 * minimum
