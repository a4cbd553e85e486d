"""Rounds of the instruments with people in them, and the numbers that they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from bot.authoring.library import instrument
from bot.flows.questionnaire import Questionnaire
from bot.flows.values import Value
from bot.results.indicators.numbers import Number
from bot.results.indicators.report import Gap, Report, report
from storage.store import Store
from tests.support.results import Person, make_round

COUNTRY = {"metep": "u1_country", "cesaq": "p_country"}
CAPACITY = {"metep": "u1_capacity", "cesaq": "p_capacity"}
Values = Mapping[str, Value | None]


@dataclass(frozen=True)
class Numbers:
    """What a round came to, by column and number; of people in Fiji where there are countries."""

    report: Report

    def __getitem__(self, wanted: tuple[str, str]) -> Number:
        return self.of(*wanted)

    def of(self, column: str, number: str, value: str | None = "FJ") -> Number:
        """One number; the answer by which its column is computed counts only where there is one."""
        return next(
            one.numbers[number]
            for one in self.report.columns
            if one.column.name == column and one.value in {None, value}
        )

    def score(self, column: str, number: str) -> Fraction | str:
        """A number, or why there is none."""
        found = self.of(column, number)
        return found.status.value if found.score is None else found.score

    def gap(self, number: str, name: str = "gap") -> Gap:
        """One difference."""
        gaps = (
            one
            for difference in self.report.differences
            if difference.name == name
            for one in difference.gaps
        )
        return next(gap for gap in gaps if gap.number.name == number)


async def numbers_of(
    store: Store, form: Questionnaire | str, people: Sequence[Values | Person], **more: Any
) -> Numbers:
    """Let these people answer an instrument, or a form of their own, in a round where nothing is hidden."""
    complete_only = more.pop("complete_only", False)
    asked = instrument(form) if isinstance(form, str) else form

    def work(connection: Connection) -> Report:
        stored = make_round(connection, asked, [person(asked.key, one) for one in people], **more)
        found = report(connection, stored, complete_only=complete_only)
        assert found is not None
        return found

    return Numbers(await store.run(work))


def person(key: str, one: Values | Person) -> Person:
    """Somebody with these answers, who is in Fiji and a citizen unless they say otherwise."""
    if isinstance(one, Person):
        return one
    about = {COUNTRY[key]: "FJ", CAPACITY[key]: "individual"} if key in COUNTRY else {}
    return Person(answers={**about, **one})


def official(agency: str | None = None, country: str = "FJ", **answers: Value | None) -> Values:
    """An official's answers to METEP: for the country, or for the agency that is named."""
    about = {"u1_country": country, "u1_capacity": "national_government"}
    answers_for = (
        {"u1_answers_for": "agency", "u1_agency": agency} if agency else {"u1_answers_for": "country"}
    )
    return {**about, **answers_for, **answers}


def only(form: Questionnaire, *names: str) -> Questionnaire:
    """The form with these questions alone, asked of everybody."""
    sections = tuple(
        replace(
            section,
            part=None,
            relevant=None,
            questions=tuple(replace(q, relevant=None) for q in section.questions if q.name in names),
        )
        for section in form.sections
    )
    return replace(form, parts=(), sections=tuple(section for section in sections if section.questions))
