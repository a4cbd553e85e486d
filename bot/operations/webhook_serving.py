"""`serve --mode webhook`: the bot on Telegram behind a public address, in as many processes as wanted."""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import signal
import socket
import sys
from argparse import Namespace
from collections.abc import Iterable
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import Connection, text

from bot import i18n
from bot.bootstrap import program, read_settings
from bot.channels.telegram import TelegramChannel
from bot.delivery import A_SECOND, Dispatcher
from bot.errors import ConfigurationError, TalanoaError
from bot.messages import Misconfigured, SendFailure
from bot.operations.serving import introduce, menus, prune, telegram
from bot.operations.workers import DONE, FAILED, HOPELESS, run_workers
from bot.settings import PUBLIC_URL, SHORTEST_SECRET, TELEGRAM_API_URL, WEBHOOK_SECRET, Settings
from bot.web.server import BACKLOG, loop_factory, run_webhook
from bot.web.webhook import PATH, Webhook
from storage.store import Store

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Between tries to set the webhook."""
PROBE_SECONDS = 2.0
LARGEST_PORT = 65535
_SECRET = re.compile(rf"[A-Za-z0-9_-]{{{SHORTEST_SECRET},256}}")

_log = logging.getLogger(__name__)


def serve_webhook(options: Namespace) -> int:
    """Run `options.workers` processes on one port until a signal asks to stop; the exit status."""
    settings = read_settings(options.db)
    url, secret = webhook_address(settings)
    asyncio.run(_check(options))
    _warm(i18n.languages())
    listeners = _listen(options.host, options.port, options.workers)
    _log.info("listening on %s, workers: %d", _shown(listeners[0]), options.workers)

    def work(number: int, lifeline: int) -> int:
        for other in set(listeners) - {listeners[number]}:
            other.close()
        return _work(options, listeners[number], secret, url if number == 0 else None, lifeline)

    def refuse() -> None:
        for listener in listeners:
            listener.close()

    return run_workers(options.workers, work, refuse)


def webhook_address(settings: Settings) -> tuple[str, str]:
    """The address that the platform is to call, and the secret that it calls with."""
    public, secret = settings[PUBLIC_URL], settings[WEBHOOK_SECRET]
    if not public:
        raise ConfigurationError(
            f"{PUBLIC_URL.name} is not set: Telegram has to be told where it reaches the webhook.",
            f"Put it into .env, such as {PUBLIC_URL.name}=https://talanoa.example.org, "
            "or run: talanoa serve --mode polling",
        )
    parts = urlsplit(public)
    # A Bot API server of one's own may call without encryption.
    schemes = ("https", "http") if settings[TELEGRAM_API_URL] else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise ConfigurationError(
            f"{PUBLIC_URL.name} is not an address that Telegram calls: it has to begin with https://.",
            "Give the address under which a proxy with a certificate passes requests on to this program.",
        )
    if not _SECRET.fullmatch(secret):
        raise ConfigurationError(
            f"{WEBHOOK_SECRET.name} is {'not usable' if secret else 'not set'}: it has {SHORTEST_SECRET} to 256 of the "
            "characters A-Z, a-z, 0-9, _ and -.",
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return public.rstrip("/") + PATH, secret


async def _check(options: Namespace) -> None:
    """See that the database and the settings can be used, before there are several processes to say that they can't."""
    async with program(options.db) as running, telegram(running.settings) as channel:
        running.fetcher([channel])


def _listen(host: str, port: int, count: int) -> list[socket.socket]:
    """A listening socket for each worker.

    On Linux each has its own on the one port, so that connections are spread evenly. This process keeps them all: what
    waits for a worker that dies is answered by the next one.
    """
    try:
        if not 0 <= port <= LARGEST_PORT:
            raise OSError(errno.EINVAL, f"a port is at most {LARGEST_PORT}")
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Alone at first: a second program on the same port would share its connections unseen.
        first = socket.create_server((host, port), family=family, backlog=BACKLOG)
        if count == 1 or sys.platform != "linux":
            return [first] * count
        address = first.getsockname()
        first.close()
        return [
            socket.create_server(address[:2], family=family, backlog=BACKLOG, reuse_port=True)
            for _ in range(count)
        ]
    except OSError as error:
        raise ConfigurationError(
            f"{host}:{port} cannot be listened on: {error.strerror}.", "Choose another --host or --port."
        ) from error


def _shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _warm(languages: Iterable[str]) -> None:
    """Read every language once, for all processes."""
    menus()
    for language in languages:
        i18n.lexicon(language)


def _work(options: Namespace, listener: socket.socket, secret: str, url: str | None, lifeline: int) -> int:
    """One process; the one with a `url` also introduces the bot, fetches files and deletes what is old."""
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_serve(options, listener, secret, url, lifeline))
    except TalanoaError as error:
        # The settings were good enough a moment ago, so it is the database that is away.
        _log.error("a worker could not start: %s", error)
        return FAILED


async def _serve(
    options: Namespace, listener: socket.socket, secret: str, url: str | None, lifeline: int
) -> int:
    """Serve until the lifeline ends or SIGTERM; the exit status."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)

    def let_go() -> None:
        loop.remove_reader(lifeline)
        stopping.set()

    loop.add_reader(lifeline, let_go)
    async with program(options.db) as running, telegram(running.settings) as channel:
        intake = running.intake({channel.name: channel.capabilities})
        dispatcher = Dispatcher(
            running.store, running.keys, {channel.name: channel}, running.clock, A_SECOND / options.workers
        )
        fetcher = running.fetcher([channel])
        answers = partial(_answers, running.store)
        webhook = Webhook(channel, intake, intake.set_aside, secret, answers, now=running.clock)
        hopeless: list[Misconfigured] = []

        async def converse() -> None:
            try:
                await run_webhook(webhook, listener, stopping)
            finally:
                stopping.set()
                announcing.cancel()
                await intake.stop()

        async def announce() -> None:
            try:
                if url is not None:
                    await _announce(channel, url, secret)
                    await introduce(channel)
            except Misconfigured as failure:
                _log.error("%s", failure)
                hopeless.append(failure)
                stopping.set()

        async with asyncio.TaskGroup() as tasks:
            announcing = tasks.create_task(announce())
            tasks.create_task(converse())
            tasks.create_task(dispatcher.run(stopping))
            if url is not None:
                tasks.create_task(fetcher.run(stopping))
                tasks.create_task(prune(running, stopping))
    return HOPELESS if hopeless else DONE


async def _announce(channel: TelegramChannel, url: str, secret: str) -> None:
    """Have the platform call the webhook, however long that takes."""
    wait = FIRST_WAIT
    while True:
        try:
            await channel.set_webhook(url, secret)
        except Misconfigured:
            raise
        except SendFailure as failure:
            _log.warning("the webhook is not set: %s; again in %.0f s", failure, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            _log.info("updates are delivered to %s", urlsplit(url).netloc)
            return


async def _answers(store: Store) -> bool:
    """Whether the store answers, and soon."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await store.read(_probe)
    except Exception:
        return False
    return True


def _probe(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
