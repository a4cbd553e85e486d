"""`check` and `questionnaire …`: reading, checking, publishing and showing questionnaires."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection

from bot import i18n
from bot.authoring.check import problems_of
from bot.authoring.compatibility import compatibility
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.library import instrument, instrument_keys
from bot.authoring.outline import outline
from bot.authoring.problems import Severity
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.bootstrap import program
from bot.errors import NotFound
from bot.flows.questionnaire import Questionnaire
from bot.operations.languages import chosen
from bot.rounds import publish as publish_version
from storage import questionnaires


def check(options: Namespace) -> int:
    """Print every problem; status 1 when there is an error among them."""
    reserved = {language: i18n.reserved_words(language) for language in i18n.languages()}
    problems = []
    for file in options.files:
        problems += problems_of(_existing(file), reserved=reserved)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if options.json:
        print(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            print(problem)
        warnings = len(problems) - errors
        total = _count(len(options.files), "questionnaire")
        print(f"{_count(errors, 'error')}, {_count(warnings, 'warning')} in {total}.")
    return 1 if errors else 0


def list_versions(options: Namespace) -> None:
    """List the instruments that come with the program, and the versions published here."""

    async def read() -> list[dict[str, object]]:
        async with program(options.db) as running:
            published = await running.store.read(questionnaires.list_all)
        return [
            {
                "key": one.key,
                "version": one.version,
                "published": one.published_at.isoformat(),
                "languages": sorted(one.texts),
            }
            for one in published
        ]

    published = asyncio.run(read())
    if options.json:
        print(json.dumps({"instruments": list(instrument_keys()), "published": published}, indent=2))
        return
    for key in instrument_keys():
        built_in = instrument(key)
        print(
            f"{key}@{built_in.version}  {built_in.title.in_language('en')}  [{' '.join(built_in.languages)}]"
        )
    for one in published:
        print(f"{one['key']}@{one['version']}  published {one['published']}")


def publish(options: Namespace) -> None:
    """Freeze a version, so that rounds can ask it."""
    questionnaire = _from_anywhere(options.file)

    async def write() -> None:
        async with program(options.db) as running:
            await running.store.run(publish_version, questionnaire, running.clock())

    asyncio.run(write())
    print(
        f"Published {questionnaire.key}@{questionnaire.version}: {len(questionnaire.questions)} questions, "
        f"languages {', '.join(questionnaire.languages)}."
    )


def show(options: Namespace) -> None:
    """Print a questionnaire: for reading, or as the YAML or JSON that makes it."""
    questionnaire = asyncio.run(_version(options.db, options.questionnaire))
    if options.form == "yaml":
        print(to_yaml(questionnaire), end="")
    elif options.form == "json":
        document = {"structure": structure_document(questionnaire), "texts": text_documents(questionnaire)}
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        what = f"{questionnaire.key}@{questionnaire.version}"
        language = chosen(options.language, questionnaire.languages, what)
        print(outline(questionnaire, language or questionnaire.default_language), end="")


def diff(options: Namespace) -> int:
    """Say what keeps one version from following another; status 1 when something does."""
    problems = compatibility(
        asyncio.run(_version(options.db, options.old)), asyncio.run(_version(options.db, options.new))
    )
    for problem in problems:
        print(problem)
    if any(problem.severity is Severity.ERROR for problem in problems):
        print("Not compatible: answers to the two cannot be put together.")
        return 1
    print("Compatible: answers to both can be put together.")
    return 0


async def _version(database_url: str | None, name: str) -> Questionnaire:
    if _looks_like_file(name):
        return _from_anywhere(name)
    async with program(database_url) as running:
        return await running.store.read(find_questionnaire, name)


def find_questionnaire(connection: Connection, name: str) -> Questionnaire:
    """The questionnaire `KEY` or `KEY@VERSION`: the newest published version, or the instrument of that key."""
    key, _, number = name.partition("@")
    if number and not number.isdecimal():
        raise NotFound(f"{number!r} is no version.", "Write it as KEY@VERSION, such as metep@1.")
    version = int(number) if number else None
    built_in = instrument(key) if key in instrument_keys() else None
    published = questionnaires.find(connection, key, version)
    newest = built_in is not None and (published is None or built_in.version >= published.version)
    if built_in is not None and newest and version in {None, built_in.version}:
        return built_in
    if published is None:
        raise NotFound(
            f"There is no questionnaire {name}.",
            f"Instruments: {', '.join(instrument_keys())}. To publish your own: talanoa questionnaire publish FILE",
        )
    return questionnaire_from_documents(published.structure, published.texts)


def _from_anywhere(name: str) -> Questionnaire:
    if not Path(name).exists() and name in instrument_keys():
        return instrument(name)
    reserved = {language: i18n.reserved_words(language) for language in i18n.languages()}
    return read_questionnaire(_existing(name), reserved=reserved)


def _looks_like_file(name: str) -> bool:
    return "/" in name or name.endswith((".yaml", ".yml")) or Path(name).is_dir()


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.exists():
        raise NotFound(f"{name} is not there.", "Give a folder with questionnaire.yaml, or the file itself.")
    return path


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
