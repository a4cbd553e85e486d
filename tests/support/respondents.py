"""People who answer the questions about the jetty as people do: what they read last decides what they do next."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select

from storage import contacts, schema
from storage.store import Store
from tests.support.botapi import BotApi, Phone, Shown
from tests.support.program import answered

JETTY = Path(__file__).parents[1] / "data" / "jetty"
OFTEN = ("weekly", "monthly", "never")
REASONS = {"work": "Work", "school": "School", "market": "The market"}
FARE = ("fair", "dear", "cheap")
SHELTER = ("yes", "no")
SIDE = ("north", "south", "east")
CONSENT, REVIEW, END = "consent", "review", "end"
READ = {
    CONSENT: "Do you want to take part?",
    "often": "How often do you sail?",
    "trips": "How many trips were that",
    "reasons": "What do you sail for?",
    "fare": "What do you think of the fare?",
    "coins": "How many coins would be right?",
    "shelter": "Should there be a roof?",
    "minutes": "How many minutes may you wait?",
    "clean": "How clean is the old jetty?",
    "side": "On which side should it be?",
    "wish": "What else should we know?",
    REVIEW: "Submit your answers?",
    END: "Your receipt",
}
"""What is asked, by the words that ask it."""
NEXT_NUMBER = {"often": "trips", "fare": "coins", "shelter": "minutes"}
"""Choices that are followed by a number, which those who know the questions type at once."""


class Respondent:
    """Somebody who answers what is asked, again where that did not count, until the receipt is there."""

    def __init__(self, api: BotApi, number: int, *, rest: float = 0.0) -> None:
        self.phone: Phone = api.phone()
        self.asked = ""
        """What they read last."""
        self._api = api
        self._dice = Random(number)
        self._rest = rest
        """The longest that they think about a question."""
        dice = self._dice
        self.meant: dict[str, Any] = {
            "often": dice.choice(OFTEN),
            "trips": dice.randint(20, 99),
            "reasons": sorted(dice.sample(list(REASONS), dice.randint(1, 3)), key=list(REASONS).index),
            "fare": dice.choice(FARE),
            "coins": dice.randint(20, 99),
            "shelter": dice.choice(SHELTER),
            "minutes": dice.randint(20, 99),
            "clean": dice.randint(1, 5),
            "side": dice.choice(SIDE),
            "wish": f"wish {number}",
        }
        if self.meant["often"] == "never":
            del self.meant["trips"]

    async def take_part(self, code: str, patience: float) -> None:
        """Answer everything; whoever hears nothing for so long gives up, which fails."""
        self.phone.open_link(code)
        while True:
            await self.phone.await_settled(patience)
            shown = self._read()
            if self.asked == END:
                return
            await asyncio.sleep(self._dice.random() * self._rest)
            self._answer(shown)

    def _read(self) -> Shown:
        """The latest message that asks something; what it asks last is what counts."""
        for shown in reversed(self.phone.screen):
            places = {shown.text.rfind(words): asked for asked, words in READ.items()}
            if max(places) >= 0:
                self.asked = places[max(places)]
                return shown
        raise AssertionError(f"nothing that can be answered: {self.phone.screen[-2:]}")

    def _answer(self, shown: Shown) -> None:
        asked, meant = self.asked, self.meant
        match asked:
            case "consent":
                self.phone.say("1")
            case "often":
                self._choose(shown, OFTEN.index(meant[asked]))
            case "fare":
                self._choose(shown, FARE.index(meant[asked]))
            case "shelter":
                self._choose(shown, SHELTER.index(meant[asked]))
            case "side":
                self._choose(shown, SIDE.index(meant[asked]))
            case "reasons":
                self._tick(shown)
            case "review":
                self._tap(shown, "Submit")
            case _:
                self.phone.say(str(meant[asked]))

    def _choose(self, shown: Shown, index: int) -> None:
        """Tap a choice, or type its number; now and then type the answer to the next question at once as well."""
        label = shown.labels[index]
        following = NEXT_NUMBER.get(self.asked)
        if following in self.meant and self._dice.random() < 0.4:
            with self._api.held(reverse=self._dice.random() < 0.5):
                self.phone.tap(label, on=shown)
                self.phone.say(str(self.meant[following]))
        elif self._dice.random() < 0.2:
            self.phone.say(str(index + 1))
        else:
            self._tap(shown, label)

    def _tick(self, shown: Shown) -> None:
        """One tap nearer to the reasons that are meant."""
        for key in shown.keys:
            for name, label in REASONS.items():
                if key.label.endswith(label) and ("☑" in key.label) != (name in self.meant["reasons"]):
                    self._tap(shown, key.label)
                    return
        self._tap(shown, "Done")

    def _tap(self, shown: Shown, label: str) -> None:
        """Tap; now and then twice, as those do who see nothing happen."""
        self.phone.tap(label, on=shown)
        if self._dice.random() < 0.15:
            self.phone.tap(label, on=shown)


async def check(store: Store, people: Sequence[Respondent], updates: range) -> None:
    """Everybody is at the end with what they meant; each of their updates counted, and counted once."""
    meant = {person.meant["wish"]: person.meant for person in people}
    found = {key: answers for key, answers in (await answered(store)).items() if answers.get("wish") in meant}
    assert {answers["wish"]: answers for answers in found.values()} == meant
    assert len(found) == len(people)
    await store.read(_check_rows, {respondent for respondent, _ in found}, updates)


def _check_rows(connection: Connection, respondents: Collection[int], updates: range) -> None:
    heard, sessions, rows = contacts.inbound.c, schema.sessions.c, schema.answers.c
    points = contacts.contact_points.c
    numbers = connection.scalars(select(heard.external_id).where(heard.respondent_id.in_(respondents)))
    assert sorted(map(int, numbers)) == list(updates), "each update is there, and none twice"
    turns = select(sessions.respondent_id, sessions.turn).where(sessions.respondent_id.in_(respondents))
    counts = (
        select(heard.respondent_id, func.count())
        .where(heard.respondent_id.in_(respondents))
        .group_by(heard.respondent_id)
    )
    assert {tuple(row) for row in connection.execute(turns)} == {
        tuple(row) for row in connection.execute(counts)
    }
    states = select(sessions.state).where(sessions.respondent_id.in_(respondents))
    assert set(connection.scalars(states)) == {"completed"}
    revisions = select(rows.revision).where(rows.respondent_id.in_(respondents))
    assert set(connection.scalars(revisions)) == {0}
    hashes = select(points.hash).where(points.respondent_id.in_(respondents))
    for left in (contacts.set_asides, contacts.outbox):
        assert connection.execute(select(left).where(left.c.contact_hash.in_(hashes))).all() == []
