"""The files that a questionnaire can come in: YAML of our own, or an XLSForm."""

from __future__ import annotations

from pathlib import Path

from bot.authoring.draft import Draft
from bot.authoring.problems import Problems
from bot.authoring.yaml_draft import read_draft

FORMS = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".md"})
"""What an XLSForm's name can end with; what it is, its content says."""


def read_source(path: Path, problems: Problems) -> Draft | None:
    """The questionnaire in a folder or a file, whatever its format; `None` if there is none to read."""
    if path.is_file() and path.suffix.lower() in FORMS:
        from bot.authoring.xlsform.form import read_form  # noqa: PLC0415 (half a second to import)

        return read_form(path, problems)
    return read_draft(path, problems)
