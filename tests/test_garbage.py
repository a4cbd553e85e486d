"""What handles a message leaves nothing for the garbage collector: workers run it seldom."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from bot.flows.received import Start, Text
from bot.intake import Intake
from bot.messages import Inbound
from storage.store import Store
from tests.support.conversations import TELEGRAM
from tests.support.program import KEYS, open_round

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SAID = ("1", "often", "3", "back", "I do not know", "help", "review", "skip", "2", "sections")


async def test_messages_leave_no_circles(store: Store) -> None:
    await store.run(open_round, NOW)
    intake = Intake(store, KEYS, {"telegram": TELEGRAM}, lambda: NOW)

    async def say(number: int, *words: str) -> None:
        for index, text in enumerate(("ferry", "1", *words)):
            received = Text(text) if index else Start(text)
            await intake.take(Inbound("telegram", "1", f"person {number}", str(index), NOW, received))

    await say(0, *SAID)
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        await say(1, *SAID)
        gc.collect()
        left = [one for one in gc.garbage if type(one).__module__.startswith(("bot.", "storage."))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert left == []
    await intake.stop()
