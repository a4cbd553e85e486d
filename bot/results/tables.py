"""Results as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot import i18n
from bot.flows.rounds import Round
from bot.results.disclosure import protect
from bot.results.json_writer import cell_label
from bot.results.suppression import effective_minimum
from bot.results.tabulation import Amount, QuestionTable, Statistics, Tabulation

HIDDEN = "–"
"""Stands for a suppressed count."""
BAR_WIDTH = 16
_EIGHTHS = " ▏▎▍▌▋▊▉"


def as_table(
    tabulation: Tabulation,
    round_: Round,
    language: str,
    names: Mapping[str, str] | None = None,
    *,
    width: int = 80,
) -> str:
    """What may be shown of a tabulation, as plain text that is at most `width` columns wide.

    `names` are words for codes that the questionnaire has none for, such as countries.
    """
    shown = protect(tabulation, round_.minimum_cell)
    output = StringIO()
    console = Console(
        file=output, width=width, color_system=None, force_terminal=False, legacy_windows=False, emoji=False
    )
    for block in _blocks(shown, round_, language, names or {}):
        console.print(block)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def _blocks(
    shown: Tabulation, round_: Round, language: str, names: Mapping[str, str]
) -> Iterable[RenderableType]:
    questionnaire = round_.questionnaire
    yield Text(round_.title.in_language(language))
    yield Text(f"{round_.code} · {round_.state} · {questionnaire.key} version {questionnaire.version}")
    yield Text()
    yield _funnel(shown.respondents)
    section = None
    for table in shown.tables:
        if table.section != section:
            section = table.section
            title = questionnaire.section_of[table.question.name].title.in_language(language)
            yield Text(f"\n{title}\n{'─' * min(Text(title).cell_len, 40)}")
        yield Text()
        yield from _question(table, language, names)
    yield Text()
    yield Text(
        "Bases are those who submitted."
        if shown.complete_only
        else "Bases are those who submitted and those who answered in part."
    )
    if any(table.suppressed for table in shown.tables):
        yield Text(
            f"{HIDDEN} Suppressed: it stands for fewer than {effective_minimum(round_.minimum_cell)} people, "
            "or would tell such a number."
        )


def _funnel(respondents: Mapping[str, int]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(justify="right")
    for outcome, count in respondents.items():
        grid.add_row(outcome.replace("_", " ").capitalize(), f"{count:,}")
    return grid


def _question(table: QuestionTable, language: str, names: Mapping[str, str]) -> Iterable[RenderableType]:
    question = table.question
    number = f"{question.number}. " if question.number else ""
    yield Text(f"{number}{question.label.in_language(language)}")
    nonresponse = "" if table.item_nonresponse is None else f" ({_percent(table.item_nonresponse, language)})"
    yield Text(
        f"  {question.name} · asked {_count(table.asked)} · answered {_count(table.base)}"
        f" · skipped {_count(table.skipped)}{nonresponse}"
    )
    if table.statistics is not None:
        yield Text(f"  {_statistics(table.statistics)}")
    if table.cells:
        yield Padding(_distribution(table, language, names), (0, 0, 0, 2))


def _distribution(table: QuestionTable, language: str, names: Mapping[str, str]) -> Table:
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(justify="right", min_width=5)
    grid.add_column(justify="right", min_width=6)
    grid.add_column(min_width=BAR_WIDTH, max_width=BAR_WIDTH, no_wrap=True)
    for cell in table.cells or ():
        share = table.share(cell)
        grid.add_row(
            Text(cell_label(cell, language, names)),
            _count(cell.count),
            HIDDEN if share is None else _percent(share, language),
            "" if share is None else _bar(share),
        )
    return grid


def _statistics(statistics: Statistics) -> str:
    stated = {
        "mean": statistics.mean,
        "median": statistics.median,
        "minimum": statistics.minimum,
        "maximum": statistics.maximum,
        "standard deviation": statistics.standard_deviation,
    }
    return " · ".join(f"{name} {_amount(value)}" for name, value in stated.items() if value is not None) or (
        "no values" if statistics.count == 0 else f"mean {HIDDEN}"
    )


def _amount(value: Amount) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else f"{value:,}"


def _count(count: int | None) -> str:
    return HIDDEN if count is None else f"{count:,}"


def _percent(share: float, language: str) -> str:
    return i18n.format_percent(language, round(share * 100, 1))


def _bar(share: float) -> str:
    eighths = round(min(share, 1) * BAR_WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
