"""`serve`: the bot on Telegram, and the dispatcher of what is owed."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from bot import i18n
from bot.bootstrap import Program, program
from bot.channels.telegram import API_URL, TelegramChannel
from bot.channels.telegram_polling import poll
from bot.delivery import Dispatcher
from bot.errors import ConfigurationError, place
from bot.flows.lexicon import Command
from bot.flows.speech import N_
from bot.messages import Misconfigured
from bot.settings import TELEGRAM_API_URL, TELEGRAM_TOKEN, Settings
from storage import contacts, files

PRUNE_SECONDS = 3600
INTRODUCE_SECONDS = 30
_DESCRIPTION = N_(
    "Here you can answer consultations: in your language, at your pace, without giving your name. Open the link you "
    "were given, or press Start."
)
_ABOUT = N_("Answers consultations in your language, without your name.")

_log = logging.getLogger(__name__)


def serve(options: Namespace) -> int:
    """Run until a signal asks to stop; what was taken is finished first. Returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("bot").setLevel(logging.INFO)
    # It warns of every word that the state at hand has no move for, which is nothing unusual.
    logging.getLogger("transitions").setLevel(logging.ERROR)
    if options.mode == "webhook":
        # The server is not wanted by those who poll.
        from bot.operations.webhook_serving import serve_webhook  # noqa: PLC0415

        return serve_webhook(options)
    asyncio.run(_serve(options))
    return 0


async def _serve(options: Namespace) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with program(options.db) as running, telegram(running.settings) as channel:
        intake = running.intake({channel.name: channel.capabilities})
        dispatcher = Dispatcher(running.store, running.keys, {channel.name: channel}, running.clock)
        fetcher = running.fetcher([channel])

        async def converse() -> None:
            try:
                await poll(channel, intake, intake.set_aside, stopping, now=running.clock)
            finally:
                stopping.set()
                introducing.cancel()
                await intake.stop()

        failures: list[Misconfigured] = []
        try:
            async with asyncio.TaskGroup() as tasks:
                introducing = tasks.create_task(introduce(channel))
                tasks.create_task(converse())
                tasks.create_task(dispatcher.run(stopping))
                tasks.create_task(fetcher.run(stopping))
                tasks.create_task(prune(running, stopping))
        except* Misconfigured as group:
            failures += [one for one in group.exceptions if isinstance(one, Misconfigured)]
        if failures:
            raise failures[0]


async def prune(running: Program, stopping: asyncio.Event) -> None:
    """Delete what has been kept long enough, now and then; an outage of the store ends nothing."""
    while not stopping.is_set():
        try:
            await running.store.run(contacts.prune, running.clock())
            await running.store.run(files.give_up, running.clock())
            await running.store.fold()
        except Exception as error:
            _log.warning("what has been kept long enough cannot be deleted now: %s", place(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PRUNE_SECONDS)


@asynccontextmanager
async def telegram(settings: Settings) -> AsyncIterator[TelegramChannel]:
    """The Telegram channel of these settings, open."""
    if not settings[TELEGRAM_TOKEN]:
        raise ConfigurationError(
            f"{TELEGRAM_TOKEN.name} is not set.",
            "Get a token from @BotFather on Telegram and put it into .env.",
        )
    try:
        async with TelegramChannel.open(
            settings[TELEGRAM_TOKEN], settings[TELEGRAM_API_URL] or API_URL
        ) as channel:
            yield channel
    except Misconfigured as failure:
        raise ConfigurationError(str(failure), "Check the token and the API's address.") from failure


async def introduce(channel: TelegramChannel) -> None:
    """Set the bot's menu and descriptions in every language, however long the platform is out of reach."""
    while True:
        try:
            name = await channel.connect()
            await channel.prepare(menus(), _in_each_language(_DESCRIPTION), _in_each_language(_ABOUT))
        except Misconfigured:
            raise
        except Exception as error:
            _log.warning("the bot could not be introduced: %s", place(error))
            await asyncio.sleep(INTRODUCE_SECONDS)
        else:
            _log.info("@%s answers", name)
            return


def menus() -> Mapping[str | None, Sequence[tuple[str, str]]]:
    """The commands with their descriptions, by two-letter language; `None` is for every other language."""
    return {
        code: [
            (command.value, i18n.command_description(command, language))
            for command in Command
            if command is not Command.RESULTS
        ]
        for code, language in _menu_languages()
    }


def _in_each_language(message: str) -> dict[str | None, str]:
    return {code: i18n.gettext(language, message) for code, language in _menu_languages()}


def _menu_languages() -> list[tuple[str | None, str]]:
    two_letter = [(code, language) for language in i18n.languages() if (code := i18n.two_letter(language))]
    return [(None, "en"), *two_letter]
