"""Indicators as text for a terminal: scores from 0 to 100, rounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from io import StringIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot import i18n
from bot.results.indicators.numbers import ColumnNumbers, Number, Status, points
from bot.results.indicators.report import Comparison, Gaps, Report, widest
from bot.results.indicators.words import BETWEEN, Words
from bot.results.suppression import effective_minimum

NOTHING = "–"
_STATUS = {Status.INSUFFICIENT: "insufficient", Status.NOT_ASKED: "not asked"}
_ABOUT = (
    "Scores are from 0 to 100. Base: the fewest and the most who gave an answer with a score to one of the "
    "number's questions. Coverage: the share of its questions that have a base; below 50% the number is "
    "insufficient."
)


def indicators_table(
    report: Report,
    language: str,
    names: Mapping[str, str],
    comparison: Comparison | None = None,
    *,
    width: int = 100,
) -> str:
    """A round's indicators, column after column, as plain text that is at most `width` columns wide."""
    output = StringIO()
    console = Console(
        file=output, width=width, color_system=None, force_terminal=False, legacy_windows=False, emoji=False
    )
    words = Words(report.round.questionnaire, report.indicators, language, names)
    for block in _blocks(report, words, language, comparison):
        console.print(block)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def _blocks(
    report: Report, words: Words, language: str, comparison: Comparison | None
) -> Iterator[RenderableType]:
    asking = report.round
    questionnaire = asking.questionnaire
    yield Text(asking.title.in_language(language))
    yield Text(f"{asking.code} · {asking.state} · {questionnaire.key} version {questionnaire.version}")
    if not report.columns:
        yield Text("\nNobody has answered yet what the indicators are computed from, or too few people have.")
    for column in report.columns:
        yield from _column(column, report, words, language)
    for gaps in report.differences:
        heads = (words.name(gaps.column), words.name(gaps.minus))
        yield from _gaps(gaps, words.name(gaps.name), heads, report, words)
    if comparison is not None:
        codes = (asking.code, comparison.followed.round.code)
        for gaps in comparison.gaps:
            heads = codes[::-1] if comparison.minus_this else codes
            title = f"{words.name(gaps.name)} · {words.name(gaps.column)}"
            yield from _gaps(gaps, title, heads, report, words)
    yield Text(f"\n{_ABOUT}")
    if minimum := effective_minimum(asking.minimum_cell):
        yield Text(
            f"A question that fewer than {minimum} people of a column answered counts as if nobody had; "
            f"{NOTHING} stands for what would tell such a number. Two scores with – between them are the bounds of "
            "one, where its people cannot be told from a few others."
        )


def _column(column: ColumnNumbers, report: Report, words: Words, language: str) -> Iterator[RenderableType]:
    yield _title(words.name(column.column.name), words.value(column))
    numbers = column.numbers.values()
    if all(number.status is Status.NOT_ASKED for number in numbers):
        yield Text(f"  {_STATUS[Status.NOT_ASKED]}")
        return
    if all(number.coverage is None for number in numbers):
        yield Text(f"  {_STATUS[Status.INSUFFICIENT]}: nobody here was asked any of its questions")
        return
    for pattern, names in report.by_pattern(column):
        grid = _grid(words.kind(pattern), "Score", "Base", "Coverage", "Don't know")
        for name, label in _labels(names, words, grid):
            number = column.numbers[name]
            shares = (_percent(share, language) for share in (number.coverage, number.dont_know))
            grid.add_row(label, _score(number), _base(number), *shares)
        yield Padding(grid, (0, 0, 1, 2))


def _labels(names: Iterable[str], words: Words, grid: Table) -> Iterator[tuple[str, Text]]:
    """Each number's last value, below a row with those that it shares with the numbers before it."""
    shared = ""
    for name in names:
        *others, last = words.values(name)
        heading = BETWEEN.join(others)
        if heading != shared:
            grid.add_row(Text(heading))
            shared = heading
        yield name, Text(f"  {last}" if heading else last)


def _gaps(
    gaps: Gaps, title: str, heads: tuple[str, str], report: Report, words: Words
) -> Iterator[RenderableType]:
    yield _title(title, _value(gaps, report.columns, words))
    known = {gap.number.name: gap for gap in gaps.gaps if gap.bounds is not None}
    if not known:
        yield Text(f"  {_STATUS[Status.INSUFFICIENT]}: nowhere are both sides printed")
        return
    grid = _grid("", *heads, "Difference")
    for name, label in _labels(known, words, grid):
        gap = known[name]
        if gap.minus.name != name:
            label.append(f" − {words.number(gap.minus.name)}")
        grid.add_row(label, _score(gap.number), _score(gap.minus), _signed(gap.bounds))
    yield Padding(grid, (0, 0, 0, 2))
    if short := widest(gaps):
        listed = "; ".join(f"{words.number(g.number.name)} ({_signed(g.bounds)})" for g in short)
        yield Padding(Text(f"The widest gaps: {listed}."), (0, 0, 0, 2))


def _value(gaps: Gaps, columns: Iterable[ColumnNumbers], words: Words) -> str | None:
    same = (one for one in columns if (one.column.name, one.value) == (gaps.column, gaps.value))
    return next(map(words.value, same), None)


def _title(title: str, value: str | None) -> Text:
    whole = f"{title} · {value}" if value else title
    return Text(f"\n{whole}\n{'─' * min(Text(whole).cell_len, 40)}")


def _grid(*heads: str) -> Table:
    first, *others = heads
    grid = Table(
        box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True, header_style=""
    )
    grid.add_column(Text(first), ratio=1, overflow="fold")
    for head in others:
        grid.add_column(Text(head), justify="right", min_width=12, max_width=18)
    return grid


def _score(number: Number) -> str:
    if number.bounds is None:
        return _STATUS[number.status]
    return "–".join(dict.fromkeys(str(points(end)) for end in number.bounds))


def _base(number: Number) -> str:
    if number.smallest is None or number.largest is None:
        return NOTHING
    if number.smallest == number.largest:
        return f"{number.smallest:,}"
    return f"{number.smallest:,}–{number.largest:,}"


def _percent(share: Fraction | None, language: str) -> str:
    return NOTHING if share is None else i18n.format_percent(language, points(share))


def _signed(bounds: tuple[Fraction, Fraction] | None) -> str:
    if bounds is None:
        return NOTHING
    signed = (f"{end:+d}".replace("-", "−") if end else "0" for end in map(points, bounds))
    return " to ".join(dict.fromkeys(signed))
