"""What belongs to the whole test run: `--accept`, which rewrites the transcripts, and repeatable properties."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = [
    "tests.support.commands",
    "tests.support.locales",
    "tests.support.transcripts",
    "tests.support.webhook",
]

# The same examples each time, and no verdict about speed: a test that fails fails again.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
