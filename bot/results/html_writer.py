"""A round's results as one page for readers, in one of its languages: nothing to fetch, no script, fit to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot import i18n
from bot.flows.questionnaire import REFERENCE
from bot.flows.rounds import Round, RoundState
from bot.flows.speech import N_
from bot.results.indicators.numbers import Number, Status, points
from bot.results.indicators.report import Report
from bot.results.indicators.words import Words
from bot.results.json_writer import as_json
from bot.results.suppression import effective_minimum
from bot.results.tabulation import Amount, Tabulation

DASH = "–"
"""Stands for what is not shown."""
_STATES = {
    RoundState.DRAFT: N_("Not open yet"),
    RoundState.OPEN: N_("Open"),
    RoundState.CLOSED: N_("Closed"),
    RoundState.PUBLISHED: N_("Results published"),
}
_OUTCOMES = {
    "started": N_("Started"),
    "complete": N_("Submitted"),
    "partial": N_("Answered in part"),
    "no_answer": N_("Agreed, gave no answer"),
    "declined": N_("Declined"),
    "withdrawn": N_("Took their answers back"),
    "not_eligible": N_("Had no question to answer"),
}
_FIGURES = {
    "mean": N_("Mean"),
    "median": N_("Median"),
    "minimum": N_("Lowest"),
    "maximum": N_("Highest"),
    "standard_deviation": N_("Standard deviation"),
}
_WITHOUT_NUMBER = {Status.INSUFFICIENT: N_("insufficient"), Status.NOT_ASKED: N_("not asked")}


def write_html(
    tabulation: Tabulation,
    report: Report | None,
    round_: Round,
    language: str,
    countries: Mapping[str, str],
    now: datetime,
    path: Path,
) -> None:
    """Write what may be shown of a tabulation and, where there are any, of the indicators.

    Words are in `language`, moments in the round's time zone.
    """
    shown = as_json(tabulation, round_, language, countries)
    page = _environment(language).get_template("report.html.jinja")
    started = shown["respondents"]["started"]
    text = page.render(
        language=language,
        direction=i18n.direction(language),
        round=shown["round"],
        agency=round_.agency.in_language(language),
        purpose=round_.purpose.in_language(language),
        contact=round_.contact,
        state=i18n.gettext(language, _STATES[round_.state]),
        moment=i18n.format_datetime(language, now, round_.time_zone),
        opens=round_.opens and i18n.format_datetime(language, round_.opens, round_.time_zone),
        closes=round_.closes and i18n.format_datetime(language, round_.closes, round_.time_zone),
        people=[
            {
                "label": i18n.gettext(language, _OUTCOMES[outcome]),
                "count": count,
                "share": count / started if started else None,
            }
            for outcome, count in shown["respondents"].items()
            if count or outcome in {"started", "complete"}
        ],
        sections=list(_sections(shown["questions"], round_, language)),
        figures=[(name, i18n.gettext(language, label)) for name, label in _FIGURES.items()],
        several=any(question["type"] == "select_multiple" for question in shown["questions"]),
        indicators=_indicators(report, language, countries),
        complete_only=shown["complete_only"],
        minimum=effective_minimum(round_.minimum_cell),
    )
    path.write_text(text, encoding="utf-8")


def _sections(questions: list[dict[str, Any]], round_: Round, language: str) -> Iterator[dict[str, Any]]:
    """The questions under the titles of their sections."""
    section_of = round_.questionnaire.section_of
    for _, group in groupby(questions, key=lambda question: question["section"]):
        listed = list(group)
        title = section_of[listed[0]["name"]].title.in_language(language)
        yield {"title": title, "questions": listed}


def _indicators(report: Report | None, language: str, countries: Mapping[str, str]) -> dict[str, Any] | None:
    if report is None:
        return None
    words = Words(report.round.questionnaire, report.indicators, language, countries)
    numbers = (number for column in report.columns for number in column.numbers.values())
    return {
        "columns": list(_columns(report, words)),
        "differences": list(_differences(report, words)),
        "are_bounded": any(number.status is Status.BOUNDED for number in numbers),
    }


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.results", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = _Words(language)
    environment.globals |= {"_": words.say, "bar": _bar, "middle": _middle}
    environment.filters |= {
        "number": words.number,
        "percent": words.percent,
        "amount": words.amount,
        "points": words.points,
        "difference": words.difference,
        "share": words.share,
        "score": words.score,
        "bases": words.bases,
        "spoken": _spoken,
    }
    return environment


class _Words:
    """How one language says what is in the page."""

    def __init__(self, language: str) -> None:
        self._language = language

    def say(self, message: str, **values: object) -> str:
        """The message with its values, which keep their own direction."""
        said = i18n.gettext(self._language, message)
        return said.format(
            **{name: i18n.isolate(str(value), self._language) for name, value in values.items()}
        )

    def number(self, value: float | None) -> str:
        return DASH if value is None else i18n.format_number(self._language, value)

    def percent(self, share: float | None) -> str:
        return DASH if share is None else i18n.format_percent(self._language, round(share * 100, 1))

    def amount(self, value: Amount) -> str:
        if not isinstance(value, str):
            return self.number(round(value, 2))
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        day = i18n.format_date(self._language, moment.date())
        return day if "T" not in value else f"{day}, {value.partition('T')[2]}"

    def points(self, bounds: tuple[Fraction, Fraction] | None) -> str:
        """A score, from 0 to 100, or between what it is."""
        if bounds is None:
            return DASH
        return "–".join(dict.fromkeys(self.number(points(end)) for end in bounds))

    def difference(self, bounds: tuple[Fraction, Fraction] | None) -> str:
        """Points more or fewer, or between how many they are."""
        if bounds is None:
            return DASH
        signed = (f"{'+' if points(end) > 0 else ''}{self.number(points(end))}" for end in bounds)
        return " … ".join(dict.fromkeys(signed))

    def share(self, share: Fraction | None) -> str:
        """A share in whole hundredths."""
        return DASH if share is None else i18n.format_percent(self._language, points(share))

    def score(self, number: Number) -> str:
        if number.bounds is not None:
            return self.points(number.bounds)
        return i18n.gettext(self._language, _WITHOUT_NUMBER[number.status])

    def bases(self, number: Number) -> str:
        least, most = number.smallest, number.largest
        if least is None or most is None:
            return DASH
        return self.number(least) if least == most else f"{self.number(least)}–{self.number(most)}"


def _spoken(text: str) -> str:
    """A text without the names of the answers that each person reads in it."""
    return REFERENCE.sub("…", text)


def _bar(share: float | None) -> Markup | str:
    if share is None:
        return ""
    return Markup('<i style="inline-size:{:.1f}%"></i>').format(min(share, 1) * 100)


def _middle(bounds: tuple[Fraction, Fraction] | None) -> float | None:
    return None if bounds is None else float(sum(bounds) / 2)


def _columns(report: Report, words: Words) -> Iterator[dict[str, Any]]:
    for column in report.columns:
        tables = [
            (words.kind(pattern), [(words.number(name), column.numbers[name]) for name in names])
            for pattern, names in report.by_pattern(column)
        ]
        yield {"title": _titled(words.name(column.column.name), words.value(column)), "tables": tables}


def _differences(report: Report, words: Words) -> Iterator[dict[str, Any]]:
    values = {(one.column.name, one.value): words.value(one) for one in report.columns}
    for gaps in report.differences:
        known = [gap for gap in gaps.gaps if gap.bounds is not None]
        if known:
            yield {
                "title": _titled(words.name(gaps.name), values.get((gaps.column, gaps.value))),
                "heads": (words.name(gaps.column), words.name(gaps.minus)),
                "rows": [(words.number(gap.number.name), gap) for gap in known],
            }


def _titled(title: str, value: str | None) -> str:
    return f"{title} · {value}" if value else title
