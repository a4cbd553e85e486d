"""Catalogues of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.i18n import catalogues, lexicons


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of catalogues of its own."""
    caches = (
        catalogues.languages,
        catalogues._catalogue,
        catalogues.translations,
        catalogues.own_name,
        lexicons.lexicon,
        lexicons.reserved_words,
    )
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path
    for cached in caches:
        cached.cache_clear()


def add_catalogue(
    folder: Path, name: str, messages: str, plural_forms: str = "nplurals=2; plural=(n != 1);"
) -> None:
    path = folder / name / "LC_MESSAGES" / "bot.po"
    path.parent.mkdir(parents=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {name}\\n"\n"Plural-Forms: {plural_forms}\\n"\n'
    path.write_text(header + '"Content-Type: text/plain; charset=utf-8\\n"\n\n' + messages, "utf-8")
