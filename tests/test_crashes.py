"""Killing the program, or cutting it off from its database, at any moment: no answer is lost, and none counts twice."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text

from bot.clock import now
from storage import contacts
from storage.store import Store
from tests.support.botapi import BotApi, Phone
from tests.support.program import Program, answered, open_round, serving

LONG = bool(os.environ.get("TALANOA_LONG_TESTS"))
"""More people and more crashes, over minutes."""
PEOPLE, CRASHES = (60, 200) if LONG else (6, 20)

pytestmark = pytest.mark.timeout(1800 if LONG else 120)


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi.start() as running:
        yield running


@pytest.fixture
async def program(store: Store, database_url: str, api: BotApi, tmp_path: Path) -> AsyncIterator[Program]:
    """The program, running, with an open round on the ferry."""
    await store.run(open_round, now())
    with serving(database_url, api, tmp_path) as running:
        yield running


OFTEN = ("weekly", "Every week"), ("monthly", "Every month"), ("never", "Never")
REASONS = ("work", "Work"), ("school", "School"), ("market", "The market")
FARES = ("fair", "It is fair"), ("dear", "It is too dear"), ("dont_know", "I don't know")


class Person:
    """Somebody who answers when asked, and waits however long it takes."""

    def __init__(self, phone: Phone, number: int) -> None:
        dice = random.Random(number)
        self._phone = phone
        self._number = number
        self._often, self._fare = dice.randrange(3), dice.randrange(3)
        self._reasons = sorted(dice.sample(range(3), dice.randint(1, 3)))
        self.meant: dict[str, object] = {
            "often": OFTEN[self._often][0],
            "fare": FARES[self._fare][0],
            "wish": f"wish {number}",
        }
        if self._often < 2:
            self.meant |= {"reasons": [REASONS[index][0] for index in self._reasons], "trips": number}

    async def take_part(self) -> None:
        """Answer everything, by tap and by word, each thing once."""
        phone = self._phone
        phone.open_link(f"ferry-{self._number}")
        await self._tap("1. English")
        await self._sees("Do you want to take part?")
        phone.say("1")
        await self._tap(f"{self._often + 1}. {OFTEN[self._often][1]}")
        if self._often < 2:
            for index in self._reasons:
                await self._tap(f"{index + 1}. ☐ {REASONS[index][1]}")
                await self._shows(f"{index + 1}. ☑ {REASONS[index][1]}")
            await self._tap("Done")
            await self._sees("How many trips")
            phone.say(str(self._number))
        await self._tap(f"{self._fare + 1}. {FARES[self._fare][1]}")
        await self._sees("What should change")
        phone.say(f"wish {self._number}")
        await self._tap("Submit")
        await self._sees("Your receipt")

    async def arrived(self) -> None:
        """Wait until the first reply has come."""
        await self._sees("Which language")

    async def _sees(self, words: str) -> None:
        await self._until(lambda: any(words in shown.text for shown in self._phone.screen), words)

    async def _shows(self, label: str) -> None:
        await self._until(lambda: any(label in shown.labels for shown in self._phone.screen), label)

    async def _tap(self, label: str) -> None:
        await self._shows(label)
        self._phone.tap(label)

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        for _ in range(6_000):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what!r} never came; the last were {self._phone.screen[-2:]}")


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
async def test_twenty_kills_lose_nothing_and_double_nothing(
    program: Program, api: BotApi, store: Store
) -> None:
    dice = random.Random(20)
    people = [Person(api.phone(), number) for number in range(PEOPLE)]
    taking_part = [asyncio.create_task(person.take_part()) for person in people]

    for _ in range(CRASHES):
        # After so many calls more, and a moment: amid fetching, deciding, committing, answering, acknowledging.
        calls = len(api.calls) + dice.randint(1, 40)
        while len(api.calls) < calls and not all(task.done() for task in taking_part):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await asyncio.sleep(dice.uniform(0.0, 0.03))
        program.kill()
        if dice.random() < 0.3:
            # The platform has lost the last confirmation: what was acknowledged comes again.
            api.forget_confirmation()
        program.start()
    await asyncio.gather(*taking_part)
    await check(api, store, people)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_breaks_off_again_and_again_loses_nothing(
    program: Program, api: BotApi, store: Store
) -> None:
    def cut(connection: Connection) -> None:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    dice = random.Random(21)
    people = [Person(api.phone(), number) for number in range(PEOPLE)]
    taking_part = [asyncio.create_task(person.take_part()) for person in people]
    # Without a database it would not start at all.
    await people[0].arrived()
    for _ in range(CRASHES):
        await asyncio.sleep(dice.uniform(0.0, 0.3))
        await store.run(cut)
    await asyncio.gather(*taking_part)
    await check(api, store, people)


async def check(api: BotApi, store: Store, people: list[Person]) -> None:
    """Everybody has reached the end; what is stored is what was meant; nobody is there twice; nothing was parked."""
    assert await api.settled(10.0)
    found = await answered(store)
    assert {str(answers["wish"]): answers for answers in found.values()} == {
        str(person.meant["wish"]): person.meant for person in people
    }
    assert len(found) == len(people)

    def parked(connection: Connection) -> int:
        return connection.scalar(select(func.count()).select_from(contacts.set_asides)) or 0

    assert await store.read(parked) == 0
