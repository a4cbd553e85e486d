"""Transcripts are the specification: what people say, and what they are told, on every channel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.session import State
from bot.flows.understanding.matching import fold
from bot.i18n import languages, lexicon
from tests.support.transcripts import Script, Seen, replay, scripts

REPLAYS = [pytest.param(s, c, id=f"{s.name}-{c}") for s in scripts() for c in s.channels]
SEEN: dict[str, Seen] = {}
"""What occurred in the scripts that this process has replayed, so that none is replayed for that alone."""


@pytest.mark.parametrize(("script", "channel"), REPLAYS)
async def test_transcript(
    script: Script, channel: str, sqlite_file: Path, tmp_path: Path, accept: bool
) -> None:
    database = Path(shutil.copy(sqlite_file, tmp_path))
    said, SEEN[script.name] = await replay(script, channel, database)
    path = script.path(channel)
    if accept:
        path.write_text(said, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing; `pytest --accept` writes it"
    assert said == path.read_text(encoding="utf-8")


async def test_everything_occurs_in_a_transcript(sqlite_file: Path, tmp_path: Path) -> None:
    states, spoken, types, typed = set(), set(), set(), set()
    for script in scripts():
        if script.name not in SEEN:
            database = Path(shutil.copy(sqlite_file, tmp_path / f"{script.name}.db"))
            _, SEEN[script.name] = await replay(script, script.channels[0], database)
        seen = SEEN[script.name]
        states |= seen.states
        spoken |= seen.languages
        types |= seen.questions
        typed |= {fold(words) for words in seen.typed}
        typed |= {fold(words.removeprefix("/").partition(" ")[0]) for words in seen.typed}
    sent = {
        command for tag in languages() for word, command in lexicon(tag).commands.items() if word in typed
    }
    assert set(Command) - sent == set()
    assert set(map(str, State)) - states == set()
    assert set(QUESTION_TYPES) - types == set()
    assert set(languages()) - spoken == set()


def test_a_transcript_of_one_channel_says_so() -> None:
    plain = {script.name: script for script in scripts() if len(script.channels) > 1}
    for script in plain.values():
        assert script.path("terminal").exists(), f"{script.name}.txt is missing, or lacks a line `# Shown: …`"
