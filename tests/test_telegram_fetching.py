"""What goes wrong with fetching passes; it stops in order, and acknowledges only what is done."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_window import Window
from bot.messages import Misconfigured, NotTaken
from tests.support.botapi import BotApi
from tests.support.intakes import FakeIntake, Polling, until


async def test_redelivery_is_known_and_after_a_restart_taken_again(
    api: BotApi, polling: Polling, intake: FakeIntake
) -> None:
    phone = api.phone()
    async with polling():
        phone.say("hello")
        await phone.await_reply()
        assert await api.settled()
        api.forget_confirmation()
        assert await api.settled()
    assert len(intake.attempts) == 1
    api.forget_confirmation()
    async with polling():
        assert await api.settled()
    assert len(intake.attempts) == 2
    assert len({inbound.external_id for inbound in intake.attempts}) == 1


async def test_numbers_may_begin_anew(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    phone = api.phone()
    async with polling():
        phone.say("before")
        await phone.await_reply()
        assert await api.settled()
        api.renumber()
        phone.say("after a quiet week")
        await phone.await_reply()
        assert await api.settled()
    numbers = [int(number) for number in intake.committed]
    assert numbers[1] < numbers[0]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 502, "body": "<html>Bad Gateway</html>"},
        {"retry_after": 1},
        {"drop": "before"},
        {"drop": "after"},
        {"body": "{}"},
        {"body": '{"ok": true, "result": [{"message": {}}]}'},
        {"status": 400, "description": "Bad Request: strange"},
    ],
)
@pytest.mark.parametrize("method", ["getUpdates", "getWebhookInfo"])
async def test_trouble_with_fetching_passes(
    api: BotApi, polling: Polling, method: str, fault: dict[str, object]
) -> None:
    phone = api.phone()
    api.fault(method=method, times=1 if "retry_after" in fault else 4, **fault)
    async with polling():
        phone.say("hello")
        assert (await phone.await_reply()).text == "you said hello"
        assert await api.settled()


async def test_another_poller_is_waited_out(
    api: BotApi, polling: Polling, caplog: pytest.LogCaptureFixture
) -> None:
    phone = api.phone()
    async with polling():
        await until(lambda: api.calls_of("getUpdates"))
        api.fault(method="getUpdates", status=409, description="Conflict: terminated by other", times=3)
        phone.say("1")
        await phone.await_reply()
        phone.say("2")
        await phone.await_reply()
    assert "somebody else receives them; stop that program" in caplog.text


@pytest.mark.parametrize(("status", "method"), [(401, "getUpdates"), (404, "getUpdates"), (401, None)])
async def test_a_wrong_token_ends_it_with_a_clear_error(
    api: BotApi, polling: Polling, status: int, method: str | None
) -> None:
    api.fault(method=method, status=status, description="Unauthorized", times=None)
    with pytest.raises(Misconfigured, match="TALANOA_TELEGRAM_TOKEN") as failure:
        async with polling() as task:
            await asyncio.wait([task], timeout=5)
    assert api.token not in str(failure.value)


async def test_a_server_without_webhooks_will_do(api: BotApi, polling: Polling) -> None:
    phone = api.phone()
    api.fault(method="getWebhookInfo", status=404, description="Not Found", times=None)
    async with polling():
        phone.say("hello")
        assert (await phone.await_reply()).text == "you said hello"


async def test_stopping_finishes_what_was_taken(api: BotApi, polling: Polling, intake: FakeIntake) -> None:
    phone = api.phone()
    gate = intake.gates["hello"] = asyncio.Event()
    async with polling():
        phone.say("hello")
        await until(lambda: intake.attempts)
        asyncio.get_running_loop().call_later(0.1, gate.set)
    assert [shown.text for shown in phone.screen] == ["you said hello"]
    assert api.pending == 0


async def test_stopping_interrupts_a_long_wait(api: BotApi, polling: Polling) -> None:
    started = asyncio.get_running_loop().time()
    async with polling():
        await until(lambda: api.calls_of("getUpdates"))
    assert asyncio.get_running_loop().time() - started < 5
    unreachable = api.fault(retry_after=3600, times=None)
    async with polling():
        await asyncio.sleep(0.05)
    api.lift(unreachable)
    assert asyncio.get_running_loop().time() - started < 5


async def test_an_idle_bot_asks_seldom(api: BotApi, polling: Polling) -> None:
    async with polling():
        await asyncio.sleep(0.3)
        assert len(api.calls_of("getUpdates")) == 1


async def test_logs_hold_no_words_of_people(
    api: BotApi, polling: Polling, intake: FakeIntake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = api.phone()
    api.fault(method="getUpdates", drop="after")
    api.fault(method="sendMessage", drop="before")
    intake.failures["private words"] = [RuntimeError("private words"), NotTaken("no", 0.01)]
    async with polling():
        phone.say("private words")
        await until(lambda: intake.owed)
        assert await api.settled()
    assert "private words" not in caplog.text
    assert api.token.partition(":")[2] not in caplog.text
    assert str(phone.id) not in caplog.text


@given(data=st.data())
@settings(max_examples=100)
def test_the_window_never_acknowledges_what_is_not_done(data: st.DataObject) -> None:
    """Whatever finishes when, everything is handled, and handled again only after it was released."""
    waiting, window = list(range(1, 20)), Window()
    open_: set[int] = set()
    done: set[int] = set()
    while waiting or not window.idle:
        if window.offset is not None:
            acknowledged = [number for number in waiting if number < window.offset]
            assert done.issuperset(acknowledged)
            waiting = [number for number in waiting if number >= window.offset]
        new = window.admit(waiting[:5])
        assert new.isdisjoint(open_ | done)
        open_ |= new
        assert len(open_) <= 5
        finishing = data.draw(st.integers(1, 2 ** len(open_) - 1)) if open_ else 0
        releasing = data.draw(st.integers(0, finishing)) & data.draw(st.integers(0, finishing))
        for place, number in enumerate(sorted(open_)):
            if not finishing >> place & 1:
                continue
            open_.remove(number)
            if releasing >> place & 1:
                window.release(number)
            else:
                window.finish(number)
                done.add(number)
    assert done == set(range(1, 20))
    assert window.idle
