"""`results`: what a round's respondents said, in numbers."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from sqlalchemy import Connection

from bot import clock, i18n
from bot.bootstrap import Program, program
from bot.errors import ConfigurationError, NotFound, NotPossible
from bot.flows.questionnaire import Questionnaire
from bot.flows.rounds import Round
from bot.operations.languages import chosen
from bot.results.csv_writer import write_csv
from bot.results.ddi_writer import write_ddi
from bot.results.indicators.csv_writer import write_indicators_csv
from bot.results.indicators.json_writer import indicators_json
from bot.results.indicators.report import Report, compare, report
from bot.results.indicators.tables import indicators_table
from bot.results.json_writer import as_json
from bot.results.microdata import Microdata, read_microdata
from bot.results.sent_files import NamedFile
from bot.results.source import read_followed, read_round
from bot.results.tables import as_table
from bot.results.tabulate import tabulate
from bot.results.tabulation import Tabulation
from bot.settings import SECRET_KEY
from storage.errors import UnreadableError
from storage.objects import ObjectMissing

_ROWS = frozenset({"csv", "xlsx", "sav", "parquet", "ddi"})
"""Formats with a row a person, or about it."""
_TEXTS = frozenset({"csv", "ddi"})


def results(options: Namespace) -> None:
    """Print or write a round's results."""
    folder = None if options.files is None else _new_folder(options)

    async def read() -> None:
        async with program(options.db) as running:
            named = await running.store.read(_write, options)
            if folder is not None:
                await _write_files(running, named, folder)

    asyncio.run(read())


def _new_folder(options: Namespace) -> Path:
    """Where files go; there are none from another time, when the rows had other numbers."""
    if options.format not in _ROWS - {"ddi"} or options.indicators or options.follows:
        raise ConfigurationError(
            "--files goes with a row a person.", "Add --format csv, and leave out --indicators."
        )
    folder = Path(options.files)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if any(folder.iterdir()):
            raise NotPossible(
                f"{folder} is not empty.", "Give another --files: people have other numbers each time."
            )
    except OSError as error:
        raise NotFound(f"{folder} cannot be written: {error.strerror}.", "Give another --files.") from error
    return folder


async def _write_files(running: Program, named: Sequence[NamedFile], folder: Path) -> None:
    """Open what was sealed, each file under the name that its row has."""
    objects, lost, closed = running.objects(), 0, 0
    for file in named:
        try:
            with running.reaching_files():
                content = running.keys.open_file(await objects.get(file.key), file.key)
        except ObjectMissing:
            # Erased since the rows were read, or lost: `db check` tells.
            lost += 1
            continue
        except UnreadableError:
            closed += 1
            continue
        try:
            (folder / file.name).write_bytes(content)
        except OSError as error:
            raise NotPossible(
                f"{folder / file.name} cannot be written: {error.strerror}.", "Give another --files."
            ) from error
    print(f"{len(named) - lost - closed} files written to {folder}", file=sys.stderr)
    if lost:
        print(f"{lost} files are not there any more; see talanoa db check", file=sys.stderr)
    if closed:
        raise NotPossible(
            f"{closed} files do not open: they are damaged, or were sealed with another key.",
            f"Set {SECRET_KEY.name} to the one that was used then, or restore them from a backup.",
        )


def _write(connection: Connection, options: Namespace) -> Sequence[NamedFile]:
    """Write what was asked for; the files that its rows name."""
    asking = _round(connection, options.code)
    if options.indicators or options.follows:
        _write_indicators(connection, asking, options)
        return ()
    if options.format in _ROWS:
        return _write_rows(connection, asking, options)
    language, names = _language(asking.questionnaire, options)
    counted = _tabulated(connection, asking, options)
    if options.format == "html":
        from bot.results.html_writer import write_html  # noqa: PLC0415 (no other format needs templates)

        indicators = report(connection, asking, complete_only=options.complete_only)
        with _file(options.output) as path:
            write_html(counted, indicators, asking, language, names, clock.now(), path)
        return ()
    with _output(options.output) as stream:
        if options.format == "json":
            json.dump(as_json(counted, asking, language, names), stream, ensure_ascii=False, indent=2)
            stream.write("\n")
        else:
            stream.write(as_table(counted, asking, language, names))
    return ()


def _write_rows(connection: Connection, asking: Round, options: Namespace) -> Sequence[NamedFile]:
    """Write a file with a row a person, or one about such a file."""
    if options.output is None and options.format not in _TEXTS and sys.stdout.isatty():
        raise ConfigurationError(f"--format {options.format} is no text.", "Give a file with --output.")
    answers = read_microdata(
        connection, asking, complete_only=options.complete_only, with_status=options.with_status
    )
    if options.format == "csv":
        with _output(options.output, newline="") as stream:
            write_csv(answers, stream)
        return answers.named
    language, countries = _language(asking.questionnaire, options)
    with _file(options.output) as path:
        match options.format:
            case "xlsx":
                from bot.results.xlsx_writer import write_xlsx  # noqa: PLC0415 (a quarter of a second to import)

                counted = _tabulated(connection, asking, options)
                write_xlsx(answers, counted, asking, language, countries, path)
            case "ddi":
                counted = _tabulated(connection, asking, options)
                known = {tag: i18n.lexicon(tag).countries for tag in asking.languages}
                write_ddi(answers, counted, asking, known, path)
            case _:
                _statistical(options.format)(answers, asking, language, countries, path)
    return answers.named


def _statistical(format_: str) -> Callable[[Microdata, Round, str, Mapping[str, str], Path], None]:
    try:
        if format_ == "sav":
            from bot.results.sav_writer import write_sav  # noqa: PLC0415 (only who wants it has the libraries)

            return write_sav
        from bot.results.parquet_writer import write_parquet  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError(
            f"--format {format_} needs libraries more.",
            "Install them with: pip install 'talanoa[statistics]'",
        ) from None
    return write_parquet


def _tabulated(connection: Connection, asking: Round, options: Namespace) -> Tabulation:
    return tabulate(connection, asking.id, asking.questionnaire, complete_only=options.complete_only)


def _write_indicators(connection: Connection, asking: Round, options: Namespace) -> None:
    if options.format not in {"table", "json", "csv"}:
        raise ConfigurationError(
            f"Indicators are no rows of respondents, so there is no --format {options.format} of them.",
            "Take --format table, json or csv.",
        )
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
    with _whole(Path(path)) as part, part.open("w", encoding="utf-8", newline=newline) as stream:
        yield stream


@contextmanager
def _file(path: str | None) -> Iterator[Path]:
    """Where a file may be written that goes to `path` whole or not at all, or to standard output."""
    if path is not None:
        with _whole(Path(path)) as part:
            yield part
        return
    with TemporaryDirectory() as folder:
        part = Path(folder) / "results"
        yield part
        sys.stdout.flush()
        with part.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)
        sys.stdout.buffer.flush()


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    part = target.parent / f"{target.name}.part"
    try:
        part.touch()  # so that what is wrong with the place is found by the system, not by some library
        yield part
        part.replace(target)
    except OSError as error:
        raise NotFound(f"{target} cannot be written: {error.strerror}.", "Give another --output.") from error
    finally:
        part.unlink(missing_ok=True)
