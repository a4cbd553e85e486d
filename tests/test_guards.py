"""What keeps the design as it is drawn, besides the import contracts."""

from __future__ import annotations

import ast
from pathlib import Path

from bot.channels.telegram_transport import ANSWER_SECONDS, CONNECT_SECONDS
from storage.contacts import CLAIM_LASTS

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("storage/**/*.py")])
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
MAY_ASK_FOR_THE_TIME = {"bot/clock.py", "bot/operations/operating.py"}
"""The clock itself, and the doctor, who looks whether the machine's clock is right."""


def test_ops_3_only_the_clock_asks_for_the_time() -> None:
    """Everything else takes the time as a parameter, so that days pass in a test at once."""
    asking = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and (node.value.id, node.attr) in CLOCKS
            ):
                asking.add(path.relative_to(ROOT).as_posix())
    assert asking <= MAY_ASK_FOR_THE_TIME
    assert "bot/clock.py" in asking


def test_tx_3_a_claim_outlasts_the_call_that_it_protects() -> None:
    """Rows are locked by the transaction itself; a claim on the outbox is the only lock that ends by time."""
    assert CLAIM_LASTS.total_seconds() > CONNECT_SECONDS + ANSWER_SECONDS


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
