"""What a long form costs beside a short one: to check, beside pyxform's conversion, and to answer one question of.

`python -m bench.lengths FOLDER` writes the forms there and prints a row for each.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from pyxform.xls2xform import convert

from bot import i18n
from bot.authoring.check import problems_of
from bot.authoring.yaml_reader import read_questionnaire
from bot.channels.telegram import TelegramChannel
from bot.flows.conversation import respond
from bot.flows.conversation.talk import Scene
from bot.flows.questionnaire import LocalizedText
from bot.flows.received import Text
from bot.flows.rounds import Round, RoundState
from bot.flows.session import Consent, Person, Session, State
from bot.render import render

FORMS = ((20, 5), (600, 100))
"""Numbers of questions, and of those that are asked only after an answer to another."""
TIMES = 3
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SURVEY = ("type", "name", "label::English (en)", "label::Français (fr)", "relevant")
CHOICES = ("list_name", "name", "label::English (en)", "label::Français (fr)")


def write_form(path: Path, questions: int, conditions: int) -> None:
    """A workbook of yes/no questions in two languages, with its conditions evenly spread."""
    book = Workbook()
    survey, choices, settings = book.active, book.create_sheet("choices"), book.create_sheet("settings")
    assert survey is not None  # noqa: S101
    survey.title = "survey"
    survey.append(SURVEY)
    every = questions // conditions
    for number in range(1, questions + 1):
        asked_after = (
            f"${{q{number - 1}}} != 'no' and ${{q1}} = 'yes'" if number > 1 and number % every == 0 else ""
        )
        labels = (f"Is statement {number} true?", f"L’affirmation {number} est-elle vraie ?")
        survey.append(("select_one answer", f"q{number}", *labels, asked_after))
    choices.append(CHOICES)
    choices.append(("answer", "yes", "Yes", "Oui"))
    choices.append(("answer", "no", "No", "Non"))
    settings.append(("form_title", "form_id", "version", "default_language"))
    settings.append(("A form", f"form_{questions}", "1", "English (en)"))
    book.save(path)


def measure(path: Path, questions: int, conditions: int) -> dict[str, Any]:
    """Seconds to check and for pyxform to convert, in turn; µs of CPU for one answer, understood and replied to."""
    checking = converting = float("inf")
    for _ in range(TIMES):
        converting = min(converting, _seconds(lambda: convert(path, validate=False)))
        checking = min(checking, _seconds(lambda: problems_of(path)))
    return {
        "questions": questions,
        "conditions": conditions,
        "answer_us": min(_answer(path) for _ in range(TIMES)) * 1e6,
        "check_seconds": checking,
        "pyxform_seconds": converting,
    }


def _answer(path: Path) -> float:
    """Seconds of CPU an answer, over a walk from the first question to the last."""
    text = LocalizedText.of("A form")
    questionnaire = read_questionnaire(path)
    asking = Round(1, "form", text, text, text, "", RoundState.OPEN, questionnaire, ("en",))
    session = Session(State.ANSWERING, "en", consent=Consent(BEGAN, "en", ""))
    person, lexicon, now, answers = Person("en"), i18n.lexicon("en"), BEGAN, 0
    began = time.process_time()
    while session.state is State.ANSWERING:
        now += timedelta(seconds=10)
        turn = respond(Scene(person, asking, session), Text("1"), now, lexicon)
        assert turn.session is not None  # noqa: S101
        render(turn.say, "en", TelegramChannel.capabilities)
        session, answers = turn.session, answers + 1
    return (time.process_time() - began) / answers


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for questions, conditions in FORMS:
        path = folder / f"form-{questions}.xlsx"
        write_form(path, questions, conditions)
        rows.append(measure(path, questions, conditions))
    return rows


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
