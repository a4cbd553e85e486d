"""Which answers may enter an indicator, so that the numbers and the tables together tell nothing of a few people.

Against a reader who takes numbers from one another and from the tables of the same round, each question is
looked at by itself, as if its mean and base in every column were known:

* A column in which fewer people than the minimum answered it does not count it.
* Nobody else's few answers may be left over: those outside the columns less the table of everybody, those in
  one column and not in another, one agency among others. The smallest column that gives them away does not count
  the question either; but where the few are so few among its people that the mean with them says nearly what it
  is without, that mean stays known, and bounds for the column follow from it: the few are fewer than the
  minimum, and each has a score from 0 to 1.
* The same where the columns together would tell a count that the table of the question hides.
* How many said *don't know* is such a count too, but is shown only as a share over all the questions of a number:
  small ones may be in it while the shares that are shown tell none of them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from bot.flows.expressions.types import Kind
from bot.flows.indicators import Item
from bot.flows.question_types import QUESTION_TYPES
from bot.results.equations import Equations, Unknown
from bot.results.indicators.scoring import Judged, Scored, Scorer, Unscored
from bot.results.indicators.tally import Alike, Slice, Tally
from bot.results.tabulation import QuestionTable, Tabulation

_SKIPPED, _ANSWERED, _ELSEWHERE = "skipped", "answered", "elsewhere"
"""What may be hidden beside the counts of choices; `elsewhere` is who counts by the answer to another question."""


LEAST_PRECISE = Fraction(1, 20)
"""How far apart the bounds of a score may be."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an item comes to in a column, from the mean with a few others; the ends may be what it is."""

    fewest: int
    most: int
    """How many people have a score."""
    lowest: tuple[Fraction, ...]
    highest: tuple[Fraction, ...]
    """By place: of each choice that is scored by itself."""

    @classmethod
    def of(cls, people: int, totals: Iterable[Fraction], few: int) -> Bounds:
        """Of so many people with these totals, leaving out up to so many of whom nothing is known."""
        fewest = people - few
        sums = tuple(totals)
        return cls(
            fewest,
            people,
            tuple(max(Fraction(0), (total - few) / fewest) for total in sums),
            tuple(min(Fraction(1), total / fewest) for total in sums),
        )


class Permission:
    """What may be shown of each item, by name."""

    def __init__(self, answers: Mapping[str, _Answers], minimum: int) -> None:
        self.minimum = minimum
        self._answers = answers
        self._known: dict[Slice, Equations] = {}
        """What the shares of *don't know* that are shown tell, by column."""
        self._mixed: dict[str, Slice] = {}
        """The items of which a small number of *don't know* is in such a share, each with the only column."""

    def counts(self, item: str, place: Slice) -> bool:
        """Whether answers enter the numbers of a column."""
        return place in self._answers[item].counted

    def bounds(self, item: str, place: Slice) -> Bounds | None:
        """What answers come to in a column that counts them, where that is not told exactly."""
        answers = self._answers[item]
        return answers.bounds(place) if place in answers.wider else None

    def shows_doubt(self, place: Slice, items: Iterable[str]) -> bool:
        """Whether the share of *don't know* over these items may be shown of a column, which it is then."""
        few = self.few_doubts(place)
        mixed = {item: 1 for item in items if item in few}
        # What is known of everybody would tie one column to another.
        if any(self._mixed.get(item, place) != place for item in mixed):
            return False
        wider = self._known.get(place, Equations(few, self.minimum)).also(mixed, *mixed)
        if wider.telling():
            return False
        self._known[place] = wider
        self._mixed |= dict.fromkeys(mixed, place)
        return True

    def few_doubts(self, place: Slice) -> dict[str, int]:
        """The items whose number of *don't know* in a column must not be told, each with how many people it tells."""
        return {
            item: one.unknown[place] if one.unknown[place] < self.minimum else 1
            for item, one in self._answers.items()
            if one.unknown[place] and place not in one.doubted
        }


def permit(scorer: Scorer, tally: Tally, counted: Tabulation, shown: Tabulation, minimum: int) -> Permission:
    """Look at every item; `counted` are the tables of everybody, `shown` what may be shown of them."""
    tables = {table.question.name: table for table in counted.tables}
    seen = {table.question.name: table for table in shown.tables}
    answers = {item.name: _Answers(item, scorer, tally, minimum) for item in scorer.items}
    for item in scorer.items:
        answers[item.name].settle(_link(item, scorer, answers[item.name], tables, seen))
    return Permission(answers, minimum)


@dataclass(frozen=True, slots=True)
class _Link:
    """What the table of everybody says of an item: sums that are known when what is hidden is added to them."""

    hidden: Mapping[Unknown, int] = field(default_factory=dict)
    """How many people each hidden count is of."""
    among: Mapping[Unknown, int] = field(default_factory=dict)
    """The hidden counts that add up to something known."""
    base: Mapping[Unknown, int] = field(default_factory=dict)
    scores: tuple[Mapping[Unknown, Fraction], ...] = ()
    """By place: of each choice that is scored by itself."""
    unknown: Mapping[Unknown, int] = field(default_factory=dict)


class _Answers:
    """What was given for one item, by who is counted alike where it counts."""

    def __init__(self, item: Item, scorer: Scorer, tally: Tally, minimum: int) -> None:
        columns = {c.name: c for c in scorer.indicators.columns if item.counts_in(c)}
        self.within = {name for name, column in columns.items() if column.within is not None}
        self.minimum = minimum
        self.given: list[tuple[Alike, Counter[Judged]]] = [
            (tuple(one for one in alike if one[0].column in columns), tally.given[alike][item.name])
            for alike in tally.people
            if item.name in tally.given[alike]
        ]
        self.scored: Counter[tuple[Slice, str | None]] = Counter()
        self.unknown: Counter[Slice] = Counter()
        self.base: Counter[Slice] = Counter()
        for alike, given in self.given:
            for place, group in alike:
                self.scored[place, group] += _scored(given)
                self.base[place] += _scored(given)
                self.unknown[place] += given[Unscored.DONT_KNOW]
        self.counted = {place for place, base in self.base.items() if base >= minimum}
        self.wider: dict[Slice, frozenset[Alike]] = {}
        """The few others together with whom a slice is counted."""
        self.doubted = {place for place in self.base if not 0 < self.unknown[place] < minimum}

    def settle(self, link: _Link | None) -> None:
        """Widen or else leave out the smallest slice that gives something away, until none does."""
        while telling := self.scores(link).telling():
            place = _smallest(telling, self.base)
            if not self.widen(place):
                self.counted.remove(place)
                self.wider.pop(place, None)
        while telling := self.doubts(link).telling():
            self.doubted.remove(_smallest(telling, self.unknown))

    def widen(self, place: Slice) -> bool:
        """Count a slice together with the few of other slices or none, if they are few among its people."""
        if place in self.wider or place.column in self.within:
            return False
        atoms: Counter[tuple[tuple[Slice, Fraction], ...]] = Counter()
        for alike, given in self.given:
            atoms[self.weights(alike)] += _scored(given)
        self.wider[place] = frozenset(
            alike
            for alike, given in self.given
            if _scored(given)
            and atoms[weights := self.weights(alike)] < self.minimum
            and place not in dict(weights)
        )
        bounds = self.bounds(place)
        few = bounds.most - self.base[place]
        if 0 < few < self.minimum and self.minimum - 1 <= LEAST_PRECISE * bounds.fewest:
            return True
        del self.wider[place]
        return False

    def bounds(self, place: Slice) -> Bounds:
        """What a slice that is counted together with others comes to."""
        people, totals = 0, [Fraction(0)]
        for alike, given in self.given:
            if place in dict(alike) or alike in self.wider[place]:
                scored = [(judged.scores, n) for judged, n in given.items() if isinstance(judged, Scored)]
                people += sum(n for _, n in scored)
                for scores, n in scored:
                    totals += [Fraction(0)] * (len(scores) - len(totals))
                    totals = [total + score * n for total, score in zip(totals, scores, strict=True)]
        return Bounds.of(people, totals, self.minimum - 1)

    def scores(self, link: _Link | None) -> Equations:
        """What is known of how many have a score, and of these scores, if every slice that counts is."""
        atoms: Counter[tuple[tuple[Slice, Fraction], ...]] = Counter()
        for alike, given in self.given:
            if people := _scored(given):
                atoms[self.weights(alike)] += people
        few = {atom for atom, people in atoms.items() if people < self.minimum}
        places = range(len(link.scores)) if link else range(0)
        secret: dict[Unknown, int] = {(what, a): atoms[a] for a in few for what in ("base", *places)}
        found = Equations(secret | dict(link.hidden if link else {}), self.minimum)
        for place in sorted(self.counted):
            found.add({("base", a): 1 for a in atoms if place in dict(a)}, place)
            for score in places:
                found.add({(score, a): dict(a)[place] for a in atoms if place in dict(a)}, place)
        if link is not None:
            found.add(link.among)
            found.add({**{("base", atom): 1 for atom in atoms}, **link.base})
            for score in places:
                found.add({**{(score, atom): 1 for atom in atoms}, **link.scores[score]})
        return found

    def doubts(self, link: _Link | None) -> Equations:
        """What is known of how many said *don't know*, if it is in every slice where it may be."""
        atoms: Counter[tuple[Slice, ...]] = Counter()
        for alike, given in self.given:
            if people := given[Unscored.DONT_KNOW]:
                atoms[tuple(place for place, _ in alike if place in self.doubted)] += people
        few = {atom: people for atom, people in atoms.items() if people < self.minimum}
        found = Equations(few | dict(link.hidden if link else {}), self.minimum)
        for place in sorted(self.doubted):
            found.add({atom: 1 for atom in atoms if place in atom}, place)
        if link is not None:
            found.add(link.among)
            found.add({**dict.fromkeys(atoms, 1), **link.unknown})
            if all(self.weights(alike) for alike, given in self.given if _scored(given)):
                found.add(link.base)  # where everybody is in a slice, the bases tell how many have no score
        return found

    def weights(self, alike: Alike) -> tuple[tuple[Slice, Fraction], ...]:
        """The slices that count some people, each with what a score of theirs adds to the mean there."""
        wider = [(place, None) for place, others in self.wider.items() if alike in others]
        return tuple(
            (place, Fraction(1, self.scored[place, group]) if place.column in self.within else Fraction(1))
            for place, group in (*alike, *wider)
            if place in self.counted
        )


def _link(
    item: Item,
    scorer: Scorer,
    answers: _Answers,
    tables: Mapping[str, QuestionTable],
    seen: Mapping[str, QuestionTable],
) -> _Link | None:
    """What the tables say of an item; `None` where it is in none.

    Where several questions count as one, how many answered any of them, and how, counts as known.
    """
    found = [(tables[name], seen[name]) for name in item.questions if name in tables]
    if not found:
        return None
    scores = max(1, len(scorer.indicators.facets(item)))
    if len(item.questions) > 1:
        return _Link(scores=({},) * scores)
    ((table, shown),) = found
    listed = {cell.name: cell.count for cell in shown.cells or ()}
    cells = {cell.name: cell.count or 0 for cell in table.cells or ()}
    worth = {code: scorer.worth(table.question, code) for code in cells if listed.get(code) is None}
    hidden: dict[Unknown, int] = {("choice", code): cells[code] for code in worth}
    outside: dict[Unknown, int] = {}
    if shown.base is None:
        margin, count, sign = (
            (_ANSWERED, table.base, -1) if shown.asked is None else (_SKIPPED, table.skipped, 1)
        )
        hidden[margin], outside[margin] = count or 0, sign
    conditions = [condition for condition in (item.zero, item.unknown) if condition is not None]
    elsewhere: dict[Unknown, int] = {}
    if any(seen[name].suppressed for one in conditions for name in one.references if name in seen):
        hidden[_ELSEWHERE] = sum(given.total() for _, given in answers.given) - (table.base or 0)
        elsewhere[_ELSEWHERE] = -1
    unscored = {("choice", code): 1 for code, judged in worth.items() if not isinstance(judged, Scored)}
    unknown = {("choice", code): -1 for code, judged in worth.items() if judged is Unscored.DONT_KNOW}
    several = QUESTION_TYPES[table.question.type].kind is Kind.CODES
    return _Link(
        hidden,
        {} if several else {("choice", code): 1 for code in worth} | outside,
        unscored | outside | (elsewhere if item.zero else {}),
        tuple(
            {("choice", c): -judged.scores[n] for c, judged in worth.items() if isinstance(judged, Scored)}
            for n in range(scores)
        ),
        unknown | (elsewhere if item.unknown else {}),
    )


def _scored(given: Counter[Judged]) -> int:
    return sum(count for judged, count in given.items() if isinstance(judged, Scored))


def _smallest(among: Iterable[Hashable], people: Mapping[Slice, int]) -> Slice:
    return min((place for place in among if isinstance(place, Slice)), key=lambda p: (people[p], p))
