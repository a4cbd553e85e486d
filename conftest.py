"""What belongs to the whole test run: the option `--accept`, which rewrites the transcripts."""

from __future__ import annotations

pytest_plugins = ["tests.support.transcripts"]
