"""What goes wrong on purpose: for one method or chat, so many times or until it is lifted."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.botapi.errors import ApiError

WEBHOOK = "webhook"
DOWNLOAD = "download"


@dataclass(slots=True, eq=False)
class Fault:
    """One thing that goes wrong; every field left out matches or does nothing."""

    method: str | None = None
    """`WEBHOOK` is the delivery of an update to the webhook, which knows `delay` and `drop` only.

    `DOWNLOAD` is that of a file: `delay`, `status`, `retry_after`, and `drop` after half of it.
    """
    chat: int | None = None
    times: int | None = 1
    """How often it strikes; `None` until it is lifted."""
    skip: int = 0
    """How many matching calls pass unharmed first."""
    delay: float = 0.0
    """Seconds before the call is looked at."""
    status: int | None = None
    """The HTTP status answered instead of executing the call."""
    description: str = ""
    retry_after: int | None = None
    """With it the status is 429."""
    body: str | None = None
    """Answered as it is with `status` (200 when there is none), as a proxy's page would be."""
    drop: str | None = None
    """`before` or `after` executing the call, the connection breaks without an answer."""
    struck: int = 0

    def matches(self, method: str, chat: int | None) -> bool:
        """Whether it strikes this call; each strike counts."""
        if any((method == apart) != (self.method == apart) for apart in (WEBHOOK, DOWNLOAD)):
            return False
        if self.method not in (None, method) or self.chat not in (None, chat):
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.struck += 1
        return True

    def error(self) -> ApiError | None:
        """The refusal it makes, if it makes one."""
        if self.retry_after is not None:
            words = f"Too Many Requests: retry after {self.retry_after}"
            return ApiError(429, words, self.retry_after)
        if self.status is not None and self.body is None:
            return ApiError(self.status, self.description or "Internal Server Error")
        return None
