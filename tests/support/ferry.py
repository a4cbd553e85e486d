"""People who take the ferry, at the first question."""

from __future__ import annotations

import pytest

from tests.support.botapi import Phone

embedded = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what has nothing to do with the kind of store."""


async def begin(phone: Phone) -> None:
    """Into the round, in English, with consent: up to the first question."""
    phone.open_link("ferry")
    await phone.await_text("Which language", 30.0)
    phone.tap("1. English")
    await phone.await_text("Do you want to take part?", 30.0)
    phone.tap("1. I agree")
    await phone.await_text("How often do you take the ferry?", 30.0)
