"""`results`: what a round's respondents said, in numbers."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection

from bot import i18n
from bot.bootstrap import program
from bot.errors import NotFound
from bot.operations.languages import chosen
from bot.results.csv_writer import write_csv
from bot.results.json_writer import as_json
from bot.results.source import read_round
from bot.results.tables import as_table
from bot.results.tabulate import tabulate


def results(options: Namespace) -> None:
    """Print or write a round's results."""

    async def read() -> None:
        async with program(options.db) as running:
            await running.store.read(_write, options)

    asyncio.run(read())


def _write(connection: Connection, options: Namespace) -> None:
    asking = read_round(connection, options.code)
    if asking is None:
        raise NotFound(
            f"There is no round with the code {options.code}.", "talanoa round list shows those that are."
        )
    questionnaire = asking.questionnaire
    if options.format == "csv":
        with _output(options.output, newline="") as stream:
            write_csv(
                connection,
                asking,
                questionnaire,
                stream,
                complete_only=options.complete_only,
                with_status=options.with_status,
            )
        return
    what = f"{questionnaire.key}@{questionnaire.version}"
    language = chosen(options.language, questionnaire.languages, what) or questionnaire.default_language
    names = i18n.lexicon(language).countries
    counted = tabulate(connection, asking.id, questionnaire, complete_only=options.complete_only)
    with _output(options.output) as stream:
        if options.format == "json":
            json.dump(as_json(counted, asking, language, names), stream, ensure_ascii=False, indent=2)
            stream.write("\n")
        else:
            stream.write(as_table(counted, asking, language, names))


@contextmanager
def _output(path: str | None, newline: str | None = None) -> Iterator[TextIO]:
    """Standard output, or a file that is there whole or not at all."""
    if path is None:
        yield sys.stdout
        return
    target = Path(path)
    part = target.parent / f"{target.name}.part"
    try:
        with part.open("w", encoding="utf-8", newline=newline) as stream:
            yield stream
        part.replace(target)
    except OSError as error:
        raise NotFound(f"{path} cannot be written: {error.strerror}.", "Give another --output.") from error
    finally:
        part.unlink(missing_ok=True)
