"""Updates of every kind that the platform has, and of kinds that it may have one day."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.support.botapi import BotApi

UPDATES = Path(__file__).parents[1] / "data" / "updates"


KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "poll", "of_the_future")


def feed_everything(api: BotApi) -> None:
    """Deliver one update of every kind that there is, and much that is none."""
    dice = random.Random(10)
    for file in sorted(UPDATES.glob("*.json")):
        update = json.loads(file.read_text(encoding="utf-8"))
        del update["update_id"]
        for kind, payload in update.items():
            _feed(api, kind, payload)
    for kind in KINDS * 20:
        _feed(api, kind, _junk(dice, 3))


def _feed(api: BotApi, kind: str, payload: Any) -> None:
    """Deliver an update of any kind, asked for or not."""

    def act() -> None:
        platform = api.platform
        asked, platform.allowed = platform.allowed, frozenset({kind})
        platform.publish(kind, payload, kind)
        platform.allowed = asked

    api.do(act)


def _junk(dice: random.Random, depth: int) -> Any:
    """Some JSON, with names that mean something now and then."""
    names = ("id", "chat", "from", "text", "date", "message", "message_id", "type", "data", "is_bot", "x")
    match dice.randrange(7 if depth else 5):
        case 0:
            return None
        case 1:
            return dice.choice((True, 0, -1, 2**70, 1.5))
        case 2:
            return dice.choice(("", "private", "/start", "\x00", "😀", "7" * 30))
        case 3 | 4 if not depth:
            return "end"
        case 3:
            return [_junk(dice, depth - 1) for _ in range(dice.randrange(3))]
        case _:
            return {dice.choice(names): _junk(dice, max(0, depth - 1)) for _ in range(dice.randrange(6))}
