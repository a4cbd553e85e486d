"""The bot as a process of its own, talking to phones through the Bot API."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot import i18n
from bot.cli import run
from bot.clock import now
from storage import schema
from storage.store import Store
from tests.support.botapi import BotApi, Phone
from tests.support.ferry import begin, embedded
from tests.support.intakes import until
from tests.support.program import SECRET, Program, answered, open_round, serving


@pytest.fixture
async def program(store: Store, database_url: str, api: BotApi, tmp_path: Path) -> AsyncIterator[Program]:
    """The program, running, with an open round on the ferry."""
    await store.run(open_round, now())
    with serving(database_url, api, tmp_path) as running:
        yield running


async def tables(store: Store) -> str:
    """Everything that is stored, as text."""

    def read(connection: Connection) -> str:
        return "\n".join(
            f"{table.name}: {row}"
            for table in schema.metadata.sorted_tables
            if table.name not in {"questionnaires", "questionnaire_texts", "rounds"}
            for row in connection.execute(select(table))
        )

    return await store.read(read)


async def test_a_conversation_from_the_link_to_the_receipt(
    program: Program, api: BotApi, store: Store
) -> None:
    phone = api.phone(language="fr")
    phone.open_link("ferry-radio")
    offer = await phone.await_text("Quelle langue", 30.0)
    assert offer.labels == ("1. English", "2. Français")
    phone.tap("2. Français")
    await phone.await_text("Voulez-vous participer")
    phone.tap("1. J’accepte")
    await phone.await_text("Question 1 sur 5")
    phone.tap("1. Chaque semaine")
    await phone.await_text("Pourquoi le prenez-vous")

    phone.tap("1. ☐ Le travail")
    assert (await phone.await_reply()).edited, "ticks change the message in place"
    phone.tap("3. ☐ Le marché")
    await phone.await_reply()
    phone.tap("Terminé")
    await phone.await_text("Combien de trajets")
    phone.say("douze")
    await phone.await_text("Que pensez-vous du prix")
    phone.say("retour")
    await phone.await_text("Votre réponse jusqu’ici")
    phone.say("13")
    await phone.await_text("Que pensez-vous du prix")

    phone.say("/language en")
    await phone.await_text("What do you think of the fare?")
    phone.tap("Skip")
    await phone.await_text("What should change on the ferry?")
    phone.say("/pause")
    await phone.await_text("Paused")
    phone.say("I am back")
    await phone.await_text("Welcome back!")
    phone.say("More boats, and a café in them")
    review = await phone.await_text("Submit your answers?")
    assert "→ Work and The market" in review.text
    assert "→ (skipped)" in review.text
    phone.say("3")
    await phone.await_text("Your answer so far: 13")
    phone.say("14")
    await phone.await_text("Your answer is now: 14")
    phone.tap("Submit")
    await phone.await_text("Your receipt: ferry-")
    await phone.await_answered()

    assert list((await answered(store)).values()) == [
        {
            "often": "weekly",
            "reasons": ["work", "market"],
            "trips": 14,
            "fare": None,
            "wish": "More boats, and a café in them",
        }
    ]
    [session] = await store.read(lambda connection: list(connection.execute(select(schema.sessions))))
    assert (session.source, session.language, session.outcome) == ("radio", "en", "complete")
    assert "Traceback" not in program.log


async def test_what_is_held_of_a_person_is_theirs_to_see_and_to_erase(
    program: Program, api: BotApi, store: Store, tmp_path: Path
) -> None:
    phone, other = api.phone(), api.phone()
    await asyncio.gather(begin(phone), begin(other))
    phone.say("3")
    await phone.await_text("the fare?")
    phone.tap("Skip")
    await phone.await_text("What should change")
    phone.say("A café on board")
    await phone.await_text("Submit your answers?")
    assert str(phone.id) not in await tables(store), "addresses are sealed"

    phone.say("/mydata")
    held = await phone.await_text("everything we hold about you")
    assert held.file == "my-data.json"
    mine = json.loads(held.content or b"")
    assert mine["contact"]["address"] == str(phone.id)
    assert "A café on board" in json.dumps(mine, ensure_ascii=False)
    assert str(other.id) not in json.dumps(mine)

    phone.say("/forget")
    await phone.await_text("Erase everything we hold about you")
    phone.tap("Yes")
    await phone.await_text("Erased: your address, and 3 answers.")
    phone.tap("Yes")
    await phone.await_text("Everything about you was erased.")
    assert await program.stop() == 0
    assert api.pending == 0
    left = await tables(store)
    assert left.count("contact_points: ") == left.count("respondents: ") == left.count("erased: ") == 1
    assert "café" not in left + program.log
    assert str(phone.id) not in left + program.log
    for content in await asyncio.to_thread(files, tmp_path):
        assert "café".encode() not in content, "what is deleted is overwritten"
        assert str(phone.id).encode() not in content


def files(folder: Path) -> list[bytes]:
    """What is on disk of an embedded database, its log folded in."""
    for database in folder.glob("*.db"):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return [file.read_bytes() for file in folder.glob("*.db*")]


@embedded
async def test_the_bot_introduces_itself_in_every_language(program: Program, api: BotApi) -> None:
    phone = api.phone()
    await begin(phone)
    others = [language for language in i18n.languages() if language != "en"]
    await until(lambda: all(("short_description", one) in api.platform.profile for one in others))
    menus = {}
    for language in ("en", "fr", "es", "sm"):
        phone.language_code = language
        menus[language] = dict(phone.menu())
    assert menus["en"]["forget"] != menus["fr"]["forget"] != menus["es"]["forget"]
    assert menus["sm"] == menus["en"], "others get English"
    assert all(menu.keys() == menus["en"].keys() for menu in menus.values())
    profile = api.do(lambda: dict(api.platform.profile))
    assert profile["description", "fr"] != profile["description", ""]
    assert profile["short_description", "es"] != profile["short_description", ""]
    calls = len(api.calls)
    assert await program.stop() == 0
    program.start()
    await begin(api.phone())
    assert {call.method for call in api.calls[calls:] if call.method.startswith("setMy")} == set()


@embedded
async def test_what_is_not_an_answer_gets_a_reply_too(program: Program, api: BotApi, store: Store) -> None:
    phone = api.phone()
    await begin(phone)
    strange: list[tuple[Callable[[], object], str]] = [
        (phone.send_photo, "only words and numbers"),
        (phone.send_voice, "only words and numbers"),
        (phone.send_sticker, "only words and numbers"),
        (phone.send_poll, "only words and numbers"),
        (phone.send_location, "was not kept"),
        (phone.send_contact, "was not kept"),
        (lambda: phone.say("/nonsense"), "don't know the word /nonsense"),
        (lambda: phone.say("no such thing at all"), "Please answer with a number"),
    ]
    for send, reply in strange:
        send()
        assert "How often do you take the ferry?" in (await phone.await_text(reply)).text
    sent = phone.say("1")
    await phone.await_text("What do you take it for?")
    phone.edit(sent, "2")
    await phone.await_text("does not change your answer")
    first = next(shown for shown in phone.screen if "How often" in shown.text)
    phone.forge("a1.0.0.2", first.id)
    assert (await phone.await_text("you answered: Every week")).labels == ("Change this answer",)
    phone.forge("what is this?", first.id)
    await phone.await_text("no longer works")
    await phone.await_answered()
    assert list((await answered(store)).values()) == [{"often": "weekly"}]


async def test_a_round_is_closed_and_reopened_while_people_answer(
    program: Program, api: BotApi, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALANOA_SECRET_KEY", SECRET)
    phone = api.phone()
    await begin(phone)
    assert await asyncio.to_thread(run, ["--db", database_url, "round", "close", "ferry"]) == 0
    phone.tap("1. Every week")
    await phone.await_text("is closed and takes no more answers")
    late = api.phone()
    late.open_link("ferry")
    await late.await_text("is closed and takes no more answers")
    assert await asyncio.to_thread(run, ["--db", database_url, "round", "reopen", "ferry"]) == 0
    phone.tap("1. Every week")
    await phone.await_text("What do you take it for?")


@pytest.mark.parametrize(
    "database_url", ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True
)
async def test_in_1_two_hundred_people_at_once_get_each_their_own_conversation(
    program: Program, api: BotApi, store: Store
) -> None:
    dice = random.Random(200)
    people = 200 if store.dialect == "sqlite" else 60
    phones = {number: api.phone(language=None) for number in range(people)}
    options = ("weekly", "monthly", "never"), ("fair", "dear", "dont_know")

    async def wave(act: Any, reply: str, some: Any = phones) -> None:
        """Everybody does something, in an order of its own, taps before words; then everybody gets their reply."""
        shuffled = list(some)
        dice.shuffle(shuffled)
        with api.held(reverse=True):
            for number in shuffled:
                act(phones[number], number)
        await asyncio.gather(*(phones[number].await_text(reply, 30.0) for number in some))

    def tap_and_type(phone: Phone, option: int) -> None:
        phone.say("/progress")
        phone.tap(phone.last.labels[option])

    def type_two(phone: Phone, number: int) -> None:
        phone.say("2, 3")
        phone.say(str(number % 100))

    await wave(lambda phone, number: phone.open_link(f"ferry-place{number}"), "Which language")
    await wave(lambda phone, _: tap_and_type(phone, 0), "Do you want to take part?")
    await wave(lambda phone, _: phone.tap("1. I agree"), "How often")
    on_board = [number for number in phones if number % 3 != 2]
    ashore = [number for number in phones if number % 3 == 2]
    await wave(lambda phone, number: tap_and_type(phone, number % 3), "What do you take it for?", on_board)
    await wave(lambda phone, number: tap_and_type(phone, number % 3), "the fare?", ashore)
    await wave(type_two, "the fare?", on_board)
    await wave(lambda phone, number: tap_and_type(phone, number % 2), "What should change")
    await wave(lambda phone, number: phone.say(f"wish <{number}>"), "Submit your answers?")
    await wave(lambda phone, _: phone.tap("Submit"), "Your receipt")

    expected = {}
    for number in phones:
        expected[f"wish <{number}>"] = {
            "often": options[0][number % 3],
            **({"reasons": ["school", "market"], "trips": number % 100} if number in on_board else {}),
            "fare": options[1][number % 2],
            "wish": f"wish <{number}>",
        }
    found = await answered(store)
    assert {answers["wish"]: answers for answers in found.values()} == expected
    assert len(found) == people
    for number, phone in phones.items():
        seen = "\n".join(shown.text for shown in phone.screen)
        assert set(re.findall(r"wish <(\d+)>", seen)) == {str(number)}, "nobody sees what another wrote"
        await phone.await_answered()


@embedded
async def test_a_wrong_token_ends_the_program_with_words(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    for token, words in (
        ("", "TALANOA_TELEGRAM_TOKEN is not set"),
        ("nonsense", "is not a token"),
        ("7000000001:AAHunknownunknownunknownunknownunknown", "does not know this bot"),
    ):
        program = Program(database_url, api, tmp_path)
        program.start(TALANOA_TELEGRAM_TOKEN=token)
        assert await program.ended() == 2
        assert words in program.log
        assert "Traceback" not in program.log
        assert "unknownunknown" not in program.log


@embedded
async def test_it_runs_as_a_user_starts_it(
    store: Store, database_url: str, api: BotApi, tmp_path: Path
) -> None:
    await store.run(open_round, now())
    settings = f"TALANOA_TELEGRAM_TOKEN={api.token}\nTALANOA_TELEGRAM_API_URL={api.url}\n"
    (tmp_path / ".env").write_text(settings)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--db", database_url, "serve", "--mode", "polling"),
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        phone = api.phone()
        phone.open_link("ferry")
        await phone.await_text("Which language", 30.0)
        assert process.stderr is not None
        async with asyncio.timeout(30):
            said = await process.stderr.readuntil(b"@talanoa_bot answers")
    finally:
        process.terminate()
        _, log = await process.communicate()
    assert process.returncode == 0, log
    assert api.token.encode() not in said + log
