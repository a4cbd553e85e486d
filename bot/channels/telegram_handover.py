"""Handing things over: what arrived to the intake, and its reply to Telegram; what cannot be sent now is owed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.channels.telegram import TelegramChannel
from bot.errors import place
from bot.messages import Inbound, Part, Rejected, Reply, RetryLater, Stopped

TRIES = 3
"""Of one update that fails for no known reason; then it is set aside."""
OWED_SECONDS = 60.0

_log = logging.getLogger(__name__)


class Intake(Protocol):
    """Where what arrives goes; each method may raise `NotTaken`."""

    async def take(self, inbound: Inbound) -> Reply | None:
        """Decide and commit; returns what to say, once that is on disk."""

    async def owe(self, inbound: Inbound, parts: Sequence[Part], seconds: float) -> None:
        """Keep what could not be sent now, to be sent after `seconds`."""

    async def unreachable(self, inbound: Inbound) -> None:
        """Note that nothing can be sent to this person."""


@dataclass(frozen=True, slots=True)
class Held:
    """Something could not be sent, so nothing may be sent after it."""

    seconds: float | None
    """In how many it is owed, and with it what follows; `None` where the person cannot be reached at all."""


SetAside = Callable[[bytes, str], Awaitable[None]]
"""Keeps an update that could not be read or handled, with the reason."""


async def hand_over(
    channel: TelegramChannel,
    intake: Intake,
    inbound: Inbound,
    parts: Sequence[Part],
    count: int | None = None,
    held: Held | None = None,
) -> Held | None:
    """Send the first `count` parts of a reply, or all; `None` where more may follow.

    When one cannot be sent now, it is owed, and with it everything after it; so is all of it where something before
    it was `held`. Raises `NotTaken` when it cannot be owed either.
    """
    if held is not None:
        if held.seconds is not None:
            await intake.owe(inbound, parts, held.seconds)
        return held
    for index, part in enumerate(parts[:count]):
        try:
            await channel.send(inbound.address, part, inbound.origin)
        except RetryLater as failure:
            await intake.owe(inbound, parts[index:], failure.seconds)
            return Held(failure.seconds)
        except Stopped:
            await intake.unreachable(inbound)
            return Held(None)
        except Rejected as failure:
            _log.error("the platform refuses a message for good: %s", failure)
        except Exception as error:
            _log.error("a message could not be sent: %s", place(error))
            await intake.owe(inbound, parts[index:], OWED_SECONDS)
            return Held(OWED_SECONDS)
    return None
