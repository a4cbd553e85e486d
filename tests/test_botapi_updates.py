"""How the loopback Bot API server gives out updates: as the platform does, each until it is confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram import Update
from telegram.error import BadRequest, Conflict
from telegram.ext import ExtBot

from tests.support.botapi import BotApi
from tests.support.botapi.library import BOTH, client, texts


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[ExtBot[None]]:
    async with client(api, api.token) as ready:
        yield ready


async def test_updates_stay_until_they_are_confirmed(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone()
    for text in "abc":
        phone.say(text)
    first = await bot.get_updates(limit=2)
    assert texts(first) == ["a", "b"]
    assert texts(await bot.get_updates()) == ["a", "b", "c"]
    assert texts(await bot.get_updates(offset=first[-1].update_id + 1)) == ["c"]
    assert api.pending == 1
    api.forget_confirmation()
    assert texts(await bot.get_updates()) == ["a", "b", "c"]
    assert texts(await bot.get_updates(offset=-1)) == ["c"]
    assert api.pending == 1
    api.renumber()
    phone.say("d")
    assert texts(await bot.get_updates(offset=first[-1].update_id + 1000)) == ["c", "d"]


async def test_a_long_poll_waits_and_a_newer_one_ends_it(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone()
    older = asyncio.create_task(bot.get_updates(timeout=20))
    while not api.calls_of("getUpdates"):  # noqa: ASYNC110 (the calls are another thread's)
        await asyncio.sleep(0.01)
    newer = asyncio.create_task(bot.get_updates(timeout=20))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await older
    assert not newer.done()
    phone.say("at last")
    assert texts(await newer) == ["at last"]


async def test_a_webhook_and_polling_exclude_each_other(api: BotApi, bot: ExtBot[None]) -> None:
    await bot.set_webhook("https://example.org/hook", secret_token="s" * 20, max_connections=3)
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections) == ("https://example.org/hook", 3)
    api.phone().say("hello")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    assert await bot.delete_webhook()
    assert texts(await bot.get_updates()) == ["hello"]


async def test_updates_grow_old(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone(started=True)
    await bot.send_message(phone.id, "Well?", reply_markup=BOTH)
    phone.say("words")
    phone.tap("Yes")
    api.advance(151)
    (words,) = await bot.get_updates()
    assert words.message is not None
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(next(iter(api.platform.taps)))
    api.advance(24 * 3600)
    assert await bot.get_updates() == ()
    api.advance(24 * 3600)
    phone.tap("No")
    (tap,) = await bot.get_updates()
    assert tap.callback_query is not None
    assert tap.callback_query.message is not None
    assert not tap.callback_query.message.is_accessible
    await bot.answer_callback_query(tap.callback_query.id)
    with pytest.raises(BadRequest, match="query id is invalid"):
        await bot.answer_callback_query(tap.callback_query.id)


async def test_words_and_taps_come_through_queues_of_their_own(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone(started=True)
    await bot.send_message(phone.id, "Well?", reply_markup=BOTH)
    with api.held(reverse=True):
        phone.say("1")
        phone.tap("Yes")
        phone.say("2")
        phone.tap("No")
        assert api.pending == 0
    updates = await bot.get_updates()
    assert [update.callback_query.data if update.callback_query else "words" for update in updates] == [
        "Yes",
        "No",
        "words",
        "words",
    ]
    assert texts(updates) == ["1", "2"]
    with api.held():
        phone.say("3")
        phone.tap("Yes")
    assert [bool(update.message) for update in (await bot.get_updates())[-2:]] == [True, False]


async def test_only_wanted_kinds_are_delivered(api: BotApi, bot: ExtBot[None]) -> None:
    phone = api.phone()
    await bot.get_updates(allowed_updates=[Update.EDITED_MESSAGE])
    message = phone.say("a")
    phone.edit(message, "b")
    assert [update.edited_message is not None for update in await bot.get_updates()] == [True]
    await bot.get_updates(allowed_updates=[])
    api.inject("message_reaction", {"unasked": True})
    assert api.pending == 1
