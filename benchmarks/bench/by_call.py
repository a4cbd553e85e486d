"""`talanoa …`, with every reply of a webhook handed over by a call: nothing passes as fit for a response's body."""

from __future__ import annotations

import sys

from bot.cli import run
from bot.messages import Part
from bot.web import deliveries


def _no_body(address: str, part: Part) -> None:
    return None


# Above the guard below: workers that are spawned import this module too.
deliveries.send_message = _no_body  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
