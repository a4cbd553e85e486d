"""A questionnaire's files → `Questionnaire`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.authoring.builder import build
from bot.authoring.check import check_draft, uncollected
from bot.authoring.problems import Problems, QuestionnaireError
from bot.authoring.sources import read_source
from bot.authoring.texts import ENGLISH_COMMANDS
from bot.flows.questionnaire import Questionnaire


@uncollected()
def read_questionnaire(
    folder_or_file: Path, *, reserved: Mapping[str, frozenset[str]] = ENGLISH_COMMANDS
) -> Questionnaire:
    """Read and check a questionnaire; raises `QuestionnaireError` with all problems if any is an error."""
    problems = Problems()
    draft = read_source(folder_or_file, problems)
    if draft:
        check_draft(draft, problems, reserved=reserved)
    if draft is None or problems.fatal:
        raise QuestionnaireError(problems.in_order())
    return build(draft)
