"""Disclosure control: the tabulation as it may be shown, with `None` for what could tell about a few people.

What is hidden in one question is decided in `suppression`; what one question gives away about another, in
`routing`. Beyond counts:

* A base is hidden with the skipped: together they are the asked, who are known.
* A share goes with its base. Statistics go with the base, and with any count of the distribution: a mean
  would be one more equation for what is hidden in it.
  What they tell by themselves is in `magnitudes`.
* The funnel is shown live and whole.
"""

from __future__ import annotations

from dataclasses import replace

from bot.flows.expressions.types import Kind
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.values import Value
from bot.results.magnitudes import protected
from bot.results.routing import UNKNOWN, Condition, conditions_of, leading_on, routed_by, sides
from bot.results.suppression import SKIPPED, Cells, effective_minimum, hidden_cells
from bot.results.tabulation import Cell, QuestionTable, Statistics, Tabulation
from bot.results.versions import versions_of


def protect(tabulation: Tabulation, minimum_cell: int) -> Tabulation:
    """The tabulation with every small count suppressed, and those from which one could be worked out."""
    minimum = effective_minimum(minimum_cell)
    return _Protection(tabulation, minimum).tabulation() if minimum else tabulation


class _Protection:
    def __init__(self, tabulation: Tabulation, minimum: int) -> None:
        self.original = tabulation
        self.minimum = minimum
        self.tables = {table.question.name: table for table in tabulation.tables}
        self.order = tuple(conditions_of(tabulation.questionnaire))
        # What one version routes tells about its people's answers, whatever another version does.
        self.routes = [
            (conditions, routed_by(conditions))
            for conditions in map(conditions_of, versions_of(tabulation.questionnaire))
        ]
        indicators = tabulation.questionnaire.indicators
        # So many people are in a column of the indicators as a question shows that all of them answered.
        self.columns = [
            (Condition.of(column.of, tabulation.questionnaire),)
            for column in (indicators.columns if indicators else ())
            if column.of is not None
        ]
        self.secret: set[str] = set()
        """Questions of which even the number asked is hidden."""
        self.dark: set[str] = set()
        """Those after a question of which nothing is shown: that nobody was asked is not shown either."""

    def tabulation(self) -> Tabulation:
        """Protect each question after those that route to it; again where versions route both ways."""
        known = -1
        while known != len(self.secret) + len(self.dark):
            known = len(self.secret) + len(self.dark)
            protected = {n: self.protect(self.tables[n]) for n in self.order if n in self.tables}
            if len(self.routes) == 1:
                break
        tables = tuple(protected[table.question.name] for table in self.original.tables)
        return replace(self.original, tables=tables)

    def protect(self, table: QuestionTable) -> QuestionTable:
        name, cells = table.question.name, _cells(table)
        is_known = name not in self.secret
        groups = self.groups(table) if is_known else ()
        hidden = hidden_cells(cells, self.minimum, groups, asked_is_known=is_known)
        tells = hidden is None or not is_known
        if hidden is None and groups:
            hidden = hidden_cells(cells, self.minimum, asked_is_known=is_known)
        if cells.asked:
            shows_asked = is_known and cells.asked >= self.minimum
        else:
            shows_asked = name not in self.dark
            hidden = hidden if shows_asked else None
        if tells:
            self.keep_secret(table, hidden)
        return _hide(table, hidden, self.minimum, asked=shows_asked)

    def groups(self, table: QuestionTable) -> tuple[frozenset[int], ...]:
        """The cells whose sums the numbers asked elsewhere show; none where they show none."""
        watching = [
            conditions[other]
            for conditions, routed in self.routes
            for other in sorted(routed.get(table.question.name, ()))
            if other in self.tables and (self.tables[other].asked or 0) >= self.minimum
        ]
        watching += [column for column in self.columns if table.question.name in column[0].references]
        if not watching:
            return ()
        return sides(self.original.questionnaire, table.question.name, _values(table), watching)

    def keep_secret(self, table: QuestionTable, hidden: frozenset[int] | None) -> None:
        """Hide how many were asked what follows, except where cells that are shown say it anyhow."""
        for conditions, routed in self.routes:
            for other in routed.get(table.question.name, ()):
                places = leading_on(table.question.name, _values(table), conditions[other])
                if hidden is None or places is None or places & hidden or len(self.routes) > 1:
                    self.secret.add(other)
                if hidden is None:
                    self.dark.add(other)


def _cells(table: QuestionTable) -> Cells:
    if table.cells is None:
        return Cells((table.skipped or 0, table.base or 0), table.base or 0)
    return Cells(
        (table.skipped or 0, *(cell.count or 0 for cell in table.cells)),
        table.base or 0,
        multiple=QUESTION_TYPES[table.question.type].kind is Kind.CODES,
        exclusive=frozenset(place for place, cell in enumerate(table.cells, start=1) if cell.exclusive),
    )


def _values(table: QuestionTable) -> list[Value | None]:
    """What the question is worth in a condition in each of its cells."""
    if table.cells is None:
        return [None, UNKNOWN]
    match QUESTION_TYPES[table.question.type].kind:
        case Kind.CODES:
            return [None, *((cell.name,) for cell in table.cells)]
        case Kind.NUMBER:
            return [None, *(float(cell.name) for cell in table.cells)]
        case _:
            return [None, *(cell.name for cell in table.cells)]


def _hide(table: QuestionTable, hidden: frozenset[int] | None, minimum: int, *, asked: bool) -> QuestionTable:
    if hidden is None:
        return replace(
            table,
            asked=table.asked if asked else None,
            base=None,
            skipped=None,
            cells=_dark(table.cells),
            statistics=Statistics() if table.statistics else None,
            suppressed=True,
        )
    answers = hidden - {SKIPPED}
    # Where the number asked is hidden, the base and the skipped must not both be shown, nor the base and an answer.
    shows_base = SKIPPED not in hidden if asked else hidden == {SKIPPED}
    base = table.base if shows_base else None
    statistics = table.statistics
    if statistics is not None and (base is None or answers):
        statistics = Statistics(count=base)
    elif statistics is not None and table.cells is None:
        # Beside a distribution that is shown whole, they tell nothing new.
        statistics = protected(statistics, minimum)
    return replace(
        table,
        asked=table.asked if asked else None,
        base=base,
        skipped=None if SKIPPED in hidden else table.skipped,
        cells=None
        if table.cells is None
        else tuple(
            replace(cell, count=None) if place in hidden else cell
            for place, cell in enumerate(table.cells, start=1)
        ),
        statistics=statistics,
        suppressed=bool(hidden) or not asked or statistics != table.statistics,
    )


def _dark(cells: tuple[Cell, ...] | None) -> tuple[Cell, ...] | None:
    """No counts at all; and no codes that are there only because somebody chose them."""
    if cells is None:
        return None
    return tuple(replace(cell, count=None) for cell in cells if cell.listed)
