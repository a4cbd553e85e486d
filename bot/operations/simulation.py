"""`simulate`: people who are not there answer a round, for trying it and for load."""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import Namespace

from rich.console import Console
from rich.progress import Progress

from bot import rounds as use
from bot.bootstrap import program
from bot.errors import NotPossible
from bot.flows.rounds import RoundState
from bot.operations.languages import chosen
from bot.shelf import assemble
from bot.simulation import CAPABILITIES, CHANNEL
from bot.simulation import simulate as simulate_people
from storage.files import give_up_channel


def simulate(options: Namespace) -> None:
    """Let simulated people answer, through the same intake as everybody."""
    asyncio.run(_simulate(options))


async def _simulate(options: Namespace) -> None:
    if options.respondents < 1:
        raise NotPossible("There is nobody to simulate.", "Give --respondents 1 or more.")
    async with program(options.db) as running:
        stored = await running.store.read(use.find, options.code)
        if stored.state is not RoundState.OPEN:
            raise NotPossible(
                f"Round {stored.code} is {stored.state.value}.", f"talanoa round open {stored.code}"
            )
        language = chosen(options.language, stored.languages, f"Round {stored.code}")
        asking = await running.store.read(assemble, stored)
        intake = running.intake({CHANNEL: CAPABILITIES})
        began = time.perf_counter()
        with Progress(console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task("answering", total=options.respondents)
            tally = await simulate_people(
                asking,
                intake.take,
                respondents=options.respondents,
                seed=options.seed,
                now=running.clock,
                language=language,
                progress=lambda done: bar.update(task, completed=done),
            )
        await intake.stop()
        await running.store.run(give_up_channel, CHANNEL)
    seconds = time.perf_counter() - began
    print(f"{tally.people} people, {tally.messages} messages, {tally.messages / seconds:.0f} a second.")
