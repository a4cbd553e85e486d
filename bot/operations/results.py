"""`results`: what a round's respondents said, in numbers."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection

from bot import i18n
from bot.bootstrap import program
from bot.errors import NotFound, NotPossible
from bot.flows.questionnaire import Questionnaire
from bot.flows.rounds import Round
from bot.operations.languages import chosen
from bot.results.csv_writer import write_csv
from bot.results.indicators.csv_writer import write_indicators_csv
from bot.results.indicators.json_writer import indicators_json
from bot.results.indicators.report import Report, compare, report
from bot.results.indicators.tables import indicators_table
from bot.results.json_writer import as_json
from bot.results.source import read_followed, read_round
from bot.results.tables import as_table
from bot.results.tabulate import tabulate


def results(options: Namespace) -> None:
    """Print or write a round's results."""

    async def read() -> None:
        async with program(options.db) as running:
            await running.store.read(_write, options)

    asyncio.run(read())


def _write(connection: Connection, options: Namespace) -> None:
    asking = _round(connection, options.code)
    questionnaire = asking.questionnaire
    if options.indicators or options.follows:
        _write_indicators(connection, asking, options)
        return
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
    language, names = _language(questionnaire, options)
    counted = tabulate(connection, asking.id, questionnaire, complete_only=options.complete_only)
    with _output(options.output) as stream:
        if options.format == "json":
            json.dump(as_json(counted, asking, language, names), stream, ensure_ascii=False, indent=2)
            stream.write("\n")
        else:
            stream.write(as_table(counted, asking, language, names))


def _write_indicators(connection: Connection, asking: Round, options: Namespace) -> None:
    this = _report(connection, asking, options)
    comparison = None
    other = _round(connection, options.follows) if options.follows else read_followed(connection, asking.code)
    if other is not None:
        followed = _report(connection, other, options)
        comparison = compare(this, followed)
        if comparison is None:
            raise NotPossible(
                f"The indicators of {asking.questionnaire.key} do not say how to compare with "
                f"{other.questionnaire.key}.",
                "Name a round whose questionnaire stands under `follows:` in indicators.yaml.",
            )
    language, names = _language(asking.questionnaire, options)
    if options.format == "table":
        with _output(options.output) as stream:
            stream.write(indicators_table(this, language, names, comparison))
        return
    document = indicators_json(this, language, names, comparison)
    with _output(options.output, newline="" if options.format == "csv" else None) as stream:
        if options.format == "csv":
            write_indicators_csv(document, stream)
        else:
            json.dump(document, stream, ensure_ascii=False, indent=2)
            stream.write("\n")


def _report(connection: Connection, asking: Round, options: Namespace) -> Report:
    found = report(connection, asking, complete_only=options.complete_only)
    if found is None:
        questionnaire = asking.questionnaire
        raise NotPossible(
            f"{questionnaire.key}@{questionnaire.version}, which {asking.code} asks, has no indicators.",
            "Write indicators.yaml beside questionnaire.yaml, and publish it as the next version.",
        )
    return found


def _round(connection: Connection, code: str) -> Round:
    found = read_round(connection, code)
    if found is None:
        raise NotFound(f"There is no round with the code {code}.", "talanoa round list shows those that are.")
    return found


def _language(questionnaire: Questionnaire, options: Namespace) -> tuple[str, Mapping[str, str]]:
    """The language of the labels, and what it calls countries."""
    what = f"{questionnaire.key}@{questionnaire.version}"
    language = chosen(options.language, questionnaire.languages, what) or questionnaire.default_language
    return language, i18n.lexicon(language).countries


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
