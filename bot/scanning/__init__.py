"""Looking through what people send: for viruses, and for what can run whatever it is called."""

from __future__ import annotations

from bot.scanning.clamd import ScanFailed, Scanner
from bot.scanning.content import can_run

__all__ = ["ScanFailed", "Scanner", "can_run"]
