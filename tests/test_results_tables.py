"""The text table for a terminal."""

from __future__ import annotations

from rich.cells import cell_len

from bot.flows.questionnaire import LocalizedText, Scale
from bot.flows.rounds import Round, RoundState
from bot.flows.session import AnswerStatus, Outcome
from bot.results.source import ValueCount
from bot.results.tables import as_table
from bot.results.tabulate import assemble
from tests.support.results import ask, choices, questionnaire, text

ANSWERED, SKIPPED = AnswerStatus.ANSWERED, AnswerStatus.SKIPPED
SURVEY = questionnaire(
    ask("pleased", "select_one", "Is the water clean [by your own eyes]?", choices=choices("yes", "no")),
    ask("litres", "decimal", "How many litres a day?"),
    ask("rating", "range", "How good is it?", scale=Scale(1, 3, 1, text("Bad"), text("Good"))),
    ask("why", "text", "Why?"),
)
COUNTS = [
    ValueCount("pleased", ANSWERED, "yes", 1234),
    ValueCount("pleased", ANSWERED, "no", 617),
    ValueCount("pleased", SKIPPED, None, 149),
    ValueCount("litres", ANSWERED, 2.5, 10),
    ValueCount("litres", ANSWERED, 4, 10),
    ValueCount("rating", ANSWERED, 1, 4),
    ValueCount("rating", ANSWERED, 3, 12),
    ValueCount("why", ANSWERED, None, 30),
]
OUTCOMES = {Outcome.COMPLETE: 1900, Outcome.PARTIAL: 100, Outcome.NO_ANSWER: 7, Outcome.STARTED: 3}


def table(minimum_cell: int, survey: object = SURVEY, width: int = 80) -> str:
    title = LocalizedText.of("Safe water")
    round_ = Round(
        1,
        "WATER",
        title,
        title,
        title,
        "office",
        RoundState.OPEN,
        survey,  # type: ignore[arg-type]
        ("en",),
        minimum_cell=minimum_cell,
    )
    return as_table(assemble(round_.questionnaire, OUTCOMES, COUNTS), round_, "en", width=width)


def test_a_table_reads_so() -> None:
    assert (
        table(0)
        == """\
Safe water
WATER · open · water version 1

Started       2,010
Complete      1,900
Partial         100
No answer         7
Declined          0
Withdrawn         0
Not eligible      0

Section
───────

Is the water clean [by your own eyes]?
  pleased · asked 2,000 · answered 1,851 · skipped 149 (7.4%)
  Yes                                            1,234   66.7%  ██████████▋
  No                                               617   33.3%  █████▍

How many litres a day?
  litres · asked 20 · answered 20 · skipped 0 (0%)
  mean 3.25 · median 3.25 · minimum 2.5 · maximum 4 · standard deviation 0.77

How good is it?
  rating · asked 16 · answered 16 · skipped 0 (0%)
  mean 2.5 · median 3 · minimum 1 · maximum 3 · standard deviation 0.89
  1 Bad                                              4     25%  ████
  2                                                  0      0%
  3 Good                                            12     75%  ████████████

Why?
  why · asked 30 · answered 30 · skipped 0 (0%)

Bases are those who submitted and those who answered in part.
"""
    )


def test_what_is_suppressed_is_a_dash_with_a_note() -> None:
    shown = table(5)

    assert "  1 Bad                                              –       –\n" in shown
    assert "  2                                                  0      0%\n" in shown
    assert "  rating · asked 16 · answered 16 · skipped 0 (0%)\n  mean –\n" in shown
    assert "– Suppressed: it stands for fewer than 5 people, or would tell such a number.\n" in shown
    assert "Suppressed" not in table(0)


def test_long_labels_wrap_within_the_width_and_lose_no_word() -> None:
    label = " ".join(f"word{number}" for number in range(60))
    survey = questionnaire(
        ask("pleased", "select_one", label, choices=choices("yes", "no") + choices("水" * 90, "a" * 100))
    )

    for width in (40, 80, 120):
        shown = table(0, survey, width)
        assert max(cell_len(line) for line in shown.splitlines()) <= width
        assert all(f"word{number}" in shown for number in range(60))
        assert shown.count("水") == 90
