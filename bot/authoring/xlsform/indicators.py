"""The sheet `_indicators`, which other programs leave alone: what the answers come to, as JSON in its rows."""

from __future__ import annotations

from bot.authoring.draft import Draft, Languages
from bot.authoring.indicators.reader import read_indicators
from bot.authoring.problems import Problems
from bot.authoring.xlsform.workbook import INDICATORS, Workbook
from bot.authoring.yaml_source import Mapping, parse_documents
from bot.authoring.yaml_translation import Translations


def add_indicators(draft: Draft, workbook: Workbook, problems: Problems) -> None:
    """Read them into the draft, where the workbook has some."""
    lines = [text for row in workbook[INDICATORS].rows for text in row.values()]
    if not lines:
        return
    file = f"{workbook.file}:{INDICATORS}"
    documents = parse_documents("\n".join(lines), file, problems)
    if not documents:
        return
    draft.indicators = read_indicators(documents[0], draft.default_language, problems)
    languages = Languages(file, draft.default_language)
    translations = Translations(draft.indicators.labels.values(), {}, languages, problems)
    for document in documents[1:]:
        if isinstance(document, Mapping):
            translations.read(document, file, None)
