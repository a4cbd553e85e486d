"""The bot as several processes behind one port: whichever is killed, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import socket
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from bot.clock import now
from bot.errors import ConfigurationError
from bot.operations.serving import menus
from bot.operations.webhook_serving import serve_webhook, webhook_address
from bot.operations.workers import run_workers
from bot.settings import Settings
from storage.store import Store
from tests.support.botapi import BotApi, Phone
from tests.support.program import answered, open_round, processes, write_to
from tests.support.workers import WEBHOOK_SECRET, Workers, alive

PEOPLE = 50


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi.start() as running:
        running.courier.scale = 0.02
        yield running


@pytest.fixture
async def workers(store: Store, database_url: str, api: BotApi, tmp_path: Path) -> AsyncIterator[Workers]:
    """Two workers, running, with an open round on the ferry; in the end nothing may have gone wrong unseen."""
    await store.run(open_round, now())
    running = Workers(database_url, api, tmp_path)
    running.start()
    try:
        await running.ready()
        yield running
        assert "Traceback" not in running.log, running.log
    finally:
        running.close()


async def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (other processes and threads change it)
            await asyncio.sleep(0.01)


async def answer(phone: Phone, random: Random) -> dict[str, object]:
    """Answer the ferry's questions in words and by taps; what should be stored."""
    trips = random.randrange(100)
    wish = f"Ferry number {phone.id}"
    phone.open_link("ferry")
    await phone.await_text("Which language", 20)
    await rest(random)
    phone.tap("1. English")
    await phone.await_text("Do you want to take part?", 20)
    phone.say("1")
    await phone.await_text("How often do you take the ferry?", 20)
    await rest(random)
    phone.tap("2. Every month")
    await phone.await_text("What do you take it for?", 20)
    phone.tap("1. ☐ Work")
    await phone.await_reply(20)
    await rest(random)
    phone.tap("3. ☐ The market")
    await phone.await_reply(20)
    phone.tap("Done")
    await phone.await_text("How many trips", 20)
    phone.say(str(trips))
    await phone.await_text("What do you think of the fare?", 20)
    await rest(random)
    phone.tap("2. It is too dear")
    await phone.await_text("What should change on the ferry?", 20)
    phone.say(wish)
    await phone.await_text("Submit your answers?", 20)
    phone.tap("Submit")
    await phone.await_text("Your receipt: ferry-", 20)
    return {"often": "monthly", "reasons": ["work", "market"], "trips": trips, "fare": "dear", "wish": wish}


async def stored(store: Store) -> list[dict[str, object]]:
    return by_wish((await answered(store)).values())


def by_wish(all_answers: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(all_answers, key=lambda answers: str(answers["wish"]))


async def rest(random: Random) -> None:
    await asyncio.sleep(random.random() * 0.2)


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_one_worker_dies_and_another_is_replaced_while_fifty_people_answer(
    workers: Workers, api: BotApi, store: Store
) -> None:
    random = Random(7)
    phones = [api.phone() for _ in range(PEOPLE)]
    answering = [asyncio.create_task(answer(phone, random)) for phone in phones]
    first, second = await workers.both()
    await until(lambda: len(api.courier.attempts) > PEOPLE * 2)
    # It stands still until it has been given something, so that it dies with something in its hands.
    os.kill(first, signal.SIGSTOP)
    given = len(api.courier.attempts)
    await until(lambda: len(api.courier.attempts) > given + PEOPLE // 2)
    os.kill(first, signal.SIGKILL)
    await until(lambda: len(api.courier.attempts) > PEOPLE * 5)
    os.kill(second, signal.SIGTERM)
    expected = await asyncio.gather(*answering)
    assert await api.settled()
    assert await stored(store) == by_wish(expected)
    assert len(api.courier.attempts) > len(set(api.courier.attempts)), "nothing came again: nothing was tried"
    assert "worker 1 ended (SIGKILL) and is started again" in workers.log
    assert "worker 2 ended (status 0) and is started again" in workers.log
    assert len({first, second, *workers.pids}) == 4
    assert await workers.stop() == 0
    assert not any(map(alive, workers.pids))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_two_workers_share_the_embedded_store(workers: Workers, api: BotApi, store: Store) -> None:
    random = Random(7)
    expected = await asyncio.gather(*(answer(api.phone(), random) for _ in range(10)))
    assert await stored(store) == by_wish(expected)
    assert api.phone(language="fr").menu() == tuple(menus()["fr"])
    assert len(api.calls_of("setWebhook")) == 1
    os.kill(workers.parent, signal.SIGKILL)
    await until(lambda: not any(map(alive, workers.pids)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_wrong_token_ends_it_all(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    running = Workers(database_url, api, tmp_path)
    api.fault(method="setWebhook", status=401, description="Unauthorized", times=None)
    running.start()
    try:
        assert await running.ended() == 2
    finally:
        running.close()
    assert "check TALANOA_TELEGRAM_TOKEN" in running.log
    assert not any(map(alive, running.pids))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_webhook_that_cannot_be_set_is_tried_again(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    running = Workers(database_url, api, tmp_path)
    api.fault(method="setWebhook", status=400, description="Bad Request: bad webhook: Failed to resolve host")
    running.start()
    try:
        await until(lambda: api.platform.webhook)
        assert await running.stop() == 0
    finally:
        running.close()
    assert "the webhook is not set: Bad webhook: failed to resolve host; again in 1 s" in running.log


def _fail(log: str) -> None:
    write_to(log)
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    sys.exit(run_workers(1, lambda number, lifeline: 1))


async def test_who_fails_again_and_again_is_not_started_all_the_time(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.Process(target=_fail, args=(str(log),), daemon=True)
    process.start()
    await until(lambda: log.exists() and log.read_text().count("started again") == 2)
    await asyncio.sleep(0.3)
    assert log.read_text().count("is process") == 2
    process.terminate()
    await asyncio.to_thread(process.join, 5)
    assert process.exitcode == 0


GOOD = {
    "TALANOA_PUBLIC_URL": "https://talanoa.example.org/",
    "TALANOA_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "TALANOA_TELEGRAM_API_URL": "",
}


def test_the_webhook_has_an_address_below_the_public_one() -> None:
    settings = Settings(GOOD, {})
    assert webhook_address(settings) == ("https://talanoa.example.org/telegram", WEBHOOK_SECRET)
    beside = Settings(
        GOOD | {"TALANOA_TELEGRAM_API_URL": "http://localhost:1", "TALANOA_PUBLIC_URL": "http://x"}, {}
    )
    assert webhook_address(beside)[0] == "http://x/telegram"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PUBLIC_URL", "", "TALANOA_PUBLIC_URL is not set"),
        ("PUBLIC_URL", "talanoa.example.org", "it has to begin with https://"),
        ("PUBLIC_URL", "http://talanoa.example.org", "it has to begin with https://"),
        ("PUBLIC_URL", "https://", "it has to begin with https://"),
        ("WEBHOOK_SECRET", "", "TALANOA_WEBHOOK_SECRET is not set"),
        ("WEBHOOK_SECRET", "short", "TALANOA_WEBHOOK_SECRET is not usable"),
        ("WEBHOOK_SECRET", "sixteen characters", "TALANOA_WEBHOOK_SECRET is not usable"),
        ("WEBHOOK_SECRET", "x" * 257, "TALANOA_WEBHOOK_SECRET is not usable"),
    ],
)
def test_settings_that_are_missing_or_wrong(name: str, value: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(told)) as refusal:
        webhook_address(Settings(GOOD | {f"TALANOA_{name}": value}, {}))
    assert refusal.value.remedy
    assert name != "WEBHOOK_SECRET" or not value or value not in str(refusal.value)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", None), ("192.0.2.1", 0), ("127.0.0.1", 70000)])
def test_a_port_that_is_taken_or_not_there(
    host: str, port: int | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for setting, value in GOOD.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setenv("TALANOA_TELEGRAM_TOKEN", "1:a")
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigurationError, match="cannot be listened on"),
    ):
        serve_webhook(
            Namespace(db=None, host=host, port=taken.getsockname()[1] if port is None else port, workers=1)
        )
