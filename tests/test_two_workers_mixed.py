"""Everything at once, with two workers on PostgreSQL: everybody is answered, and in their language."""

from __future__ import annotations

import asyncio
import random
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import and_, func, select

from bot import rounds
from bot.authoring.library import instrument
from bot.clock import now
from bot.flows.lifecycle import RoundTrigger
from storage import contacts, schema
from storage.store import Store
from storage.sweep import inconsistencies
from tests.support.botapi import BotApi, Phone
from tests.support.callers import number_of
from tests.support.pair import CHANNEL, PATIENCE
from tests.support.program import FERRY, KEYS, open_round
from tests.support.workers import Workers

pytestmark = pytest.mark.long
LETTERS = {"ar": "ARABIC", "zh": "CJK", "ru": "CYRILLIC", "hi": "DEVANAGARI", "en": "LATIN", "fr": "LATIN"}
CODES = ("metep", "ferry", "house")
ODD_TEXTS = (
    " ", "\u200b", "a" + "\u0301" * 4000, "\u202e\u2066\u2067 abc \u202e", "\x00", "a\x00b", "\ud800", "x\udfff y",
    "👨‍👩‍👧‍👦" * 300, "🏳️‍🌈",
    "١٢", "१२", "一二三", "Ⅻ", "٣٤٥٦٧٨٩" * 50, "9" * 4096, "x" * 4096, "字" * 4096, "1 " * 2048,
    "-1", "1e999", "½", "NaN", "/", " /start", "/x@y z", "/language xx", "\n\n", "%s%n{0}{message}", "<b>hi</b>",
    "'; DROP TABLE answers; --", "\ufeff1", "1\ufe0f\u20e3", "𝟏", "１", "(1)", "stop it!", "ก\u0e33" * 2000,
)  # fmt: skip
USUAL_TEXTS = (
    *map(str, range(1, 6)), "1", "2", "yes", "no", "да", "نعم", "हाँ", "是", "/help", "/review", "/back", "/skip",
    "/sections", "/progress", "/mydata", "/pause", "/about", "/stop", "/start", "/join", "/join ferry", "/forget",
)  # fmt: skip
ODD_TAPS = (
    "x" * 64,
    "a9.9.9.9",
    "j99999999999.0.0.0",
    "m1.1.1.1.1.1",
    "\x00",
    "\ud800",
    "a1.1.1." + "9" * 40,
)
A_DAY_IN_2026 = 1_767_225_600


@dataclass
class Restless:
    """Somebody who does one thing after another; the same ones each time."""

    api: BotApi
    phone: Phone
    dice: random.Random
    blocked: bool = False
    done: list[str] = field(default_factory=list)

    def act(self) -> bool:
        """Do something; whether there has to be a reply."""
        if self.blocked:
            self.phone.unblock()
            self.blocked = False
        doing = self.dice.choice(
            (
                *(self.odd, self.usual, self.usual, self.usual, self.tap, self.tap, self.forge, self.send),
                *(self.edit, self.forward, self.unwanted, self.elsewhere, self.block, self.language),
                *(self.forget, self.wander),
            )
        )
        self.done.append(doing.__name__)
        return doing() is None

    def odd(self) -> None:
        self.phone.say(self.dice.choice(ODD_TEXTS))

    def usual(self) -> None:
        self.phone.say(self.dice.choice(USUAL_TEXTS))

    def tap(self) -> bool | None:
        """Tap on whatever was ever shown, perhaps often."""
        keys = [(key.data, shown.id) for shown in self.phone.screen for key in shown.keys]
        for data, message in self.dice.choices(keys, k=self.dice.choice((1, 1, 3))) if keys else ():
            self.phone.forge(data, message)
        return None if keys else False

    def forge(self) -> None:
        self.phone.forge(self.dice.choice(ODD_TAPS), self.phone.last.id)

    def send(self) -> None:
        phone = self.phone
        sending = self.dice.choice(
            (
                *(phone.send_photo, phone.send_voice, phone.send_document, phone.send_sticker),
                *(phone.send_location, phone.send_contact, phone.send_poll),
                lambda: phone.send_photo("2"),
                lambda: phone.send_album("", "stop it", ""),
            )
        )
        sending()

    def edit(self) -> None:
        self.phone.edit(self.phone.say("5"), self.dice.choice(ODD_TEXTS))

    def forward(self) -> None:
        hidden = {"type": "hidden_user", "sender_user_name": "x", "date": A_DAY_IN_2026}
        self.phone.send(text="2", forward_origin=hidden)
        self.phone.send(text="2", via_bot={"id": 1, "is_bot": True, "first_name": "v", "username": "v_bot"})

    def unwanted(self) -> None:
        for content in (
            {"dice": {"emoji": "🎲", "value": 3}},
            {"story": {"id": 1}},
            {"of_the_future": {"a": 1}},
        ):
            self.phone.send(**content)

    def elsewhere(self) -> bool:
        """In a group, in a channel, on a message: none of it is said to the bot."""
        user, group = self._person.user(), {"id": -100123, "type": "supergroup", "title": "g"}
        said = {"message_id": 5, "date": A_DAY_IN_2026, "chat": group, "from": user, "text": "1"}
        liked = {"chat": self._person.chat(), "message_id": 3, "date": A_DAY_IN_2026, "user": user}
        for kind, payload in (
            ("message", said),
            ("edited_message", said | {"edit_date": A_DAY_IN_2026}),
            ("channel_post", said | {"chat": group | {"type": "channel"}}),
            ("message_reaction", liked | {"old_reaction": [], "new_reaction": []}),
        ):
            self._publish(kind, payload)
        return False

    def block(self) -> bool:
        self.phone.block()
        self.blocked = True
        return False

    def language(self) -> None:
        self.phone.language_code = self.dice.choice((*LETTERS, None, "pt-br", "zh-hans", "xx"))
        self.phone.say(f"/language {self.dice.choice(tuple(LETTERS))}")

    def forget(self) -> None:
        for said in ("/forget", "yes", "1", "/start metep"):
            self.phone.say(said)

    def wander(self) -> None:
        for code in CODES:
            self.phone.open_link(code)

    @property
    def _person(self) -> Any:
        return self.api.platform.people[self.phone.id]

    def _publish(self, kind: str, payload: dict[str, Any]) -> None:
        def act() -> None:
            platform = self.api.platform
            asked, platform.allowed = platform.allowed, frozenset({kind})
            platform.publish(kind, payload, f"chat {payload['chat']['id']}")
            platform.allowed = asked

        self.api.do(act)


def open_rounds(connection: rounds.Connection) -> None:
    open_round(connection, now(), "ferry", FERRY)
    open_round(connection, now(), "house", FERRY.parent / "house")
    rounds.draft_round(connection, instrument("metep"), rounds.RoundDraft(code="metep"), now())
    rounds.move(connection, "metep", RoundTrigger.OPEN)


async def spoken_to(store: Store, api: BotApi, phone: Phone) -> str | None:
    """The language in which somebody is spoken to; `None` where that is not known of them any more."""
    point, session = contacts.contact_points.c, schema.sessions.c
    both = and_(session.respondent_id == point.respondent_id, session.round_id == point.round_id)
    query = (
        select(func.coalesce(session.language, point.language))
        .select_from(contacts.contact_points.outerjoin(schema.sessions, both))
        .where(point.hash == KEYS.contact_hash(CHANNEL, api.token.partition(":")[0], str(phone.id)))
    )
    return await store.read(lambda connection: connection.scalar(query))


def is_in(language: str, texts: list[str]) -> bool:
    letters = {unicodedata.name(char, "") for text in texts for char in text if char.isalpha()}
    return any(name.startswith(LETTERS.get(language, "")) for name in letters)


async def go_through(store: Store, api: BotApi, seed: int, steps: int, bursts: tuple[int, ...]) -> None:
    dice = random.Random(seed)
    phone = api.phone(language=dice.choice(tuple(LETTERS)))
    somebody = Restless(api, phone, dice)
    phone.open_link(dice.choice((*CODES, "")))
    await phone.await_reply(PATIENCE)
    for _ in range(steps):
        answered = [somebody.act() for _ in range(dice.choice(bursts))]
        if somebody.blocked or not answered[-1]:
            continue
        try:
            await phone.await_settled(PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"after {somebody.done[-9:]} of {seed}: {error}") from error
        language = await spoken_to(store, api, phone)
        replies = [shown.text for shown in phone.replies]
        assert language is None or is_in(language, replies), (seed, somebody.done[-9:], language, replies)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("steps", "bursts"), [(30, (1, 1, 2)), (8, (1, 30))], ids=["one by one", "in floods"]
)
async def test_whatever_anybody_does_everybody_is_answered_in_their_language(
    store: Store, database_url: str, api: BotApi, tmp_path: Path, steps: int, bursts: tuple[int, ...]
) -> None:
    api.courier.scale = 0.02
    await store.run(open_rounds)
    workers = Workers(database_url, api, tmp_path)
    try:
        workers.start()
        await workers.ready()
        await asyncio.gather(*(go_through(store, api, seed, steps, bursts) for seed in range(8)))
        assert await api.settled(PATIENCE)
        assert await number_of(store, contacts.set_asides) == 0
        assert await number_of(store, contacts.outbox) == 0
        assert await store.read(inconsistencies) == []
        assert await workers.stop() == 0
        assert [line for line in workers.log.splitlines() if "Traceback" in line or "ERROR" in line] == []
    finally:
        workers.close()
