"""`check` and `questionnaire …`: reading, checking, publishing and showing questionnaires."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.authoring.check import checked
from bot.authoring.compatibility import compatibility
from bot.authoring.differences import differences
from bot.authoring.documents import questionnaire_from_documents, structure_document, text_documents
from bot.authoring.library import instrument, instrument_keys
from bot.authoring.outline import outline
from bot.authoring.problems import Severity
from bot.authoring.sources import FORMS
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_writer import to_yaml
from bot.bootstrap import program
from bot.errors import ConfigurationError, NotFound
from bot.flows.questionnaire import Questionnaire
from bot.operations.languages import chosen, command_words
from bot.rounds import publish as publish_version
from storage import questionnaires
from storage.questionnaires import Published, Revision


def check(options: Namespace) -> int:
    """Print every problem and how far translations are; status 1 when there is an error among the problems."""
    found = [checked(_existing(file), reserved=command_words()) for file in options.files]
    problems = [problem for one in found for problem in one.problems]
    progress = [line for one in found for line in one.progress]
    notes = list(dict.fromkeys(note for line in progress for note in line.notes))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if options.json:
        print(json.dumps([asdict(one) for one in (*problems, *notes)], ensure_ascii=False, indent=2))
    else:
        for line in (*problems, *(notes if options.verbose else ()), *progress):
            print(line)
        warnings = len(problems) - errors
        total = _count(sum(one.questionnaires for one in found), "questionnaire")
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

    def work(connection: Connection, now: datetime) -> tuple[Published | None, Published]:
        before = questionnaires.find(connection, questionnaire.key, questionnaire.version)
        return before, publish_version(connection, questionnaire, now, options.by)

    async def write() -> tuple[Published | None, Published]:
        async with program(options.db) as running:
            return await running.store.run(work, running.clock())

    before, after = asyncio.run(write())
    name = f"{after.key}@{after.version}"
    if before is None:
        print(
            f"Published {name}: {len(questionnaire.questions)} questions, "
            f"languages {', '.join(questionnaire.languages)}."
        )
    elif before.text_revision == after.text_revision:
        print(f"{name} is published so already; nothing changes.")
    else:
        changed = sorted(n for n, texts in after.texts.items() if before.texts.get(n) != texts)
        print(f"Revised the texts of {name}: revision {after.text_revision}, {', '.join(changed)}.")


def show(options: Namespace) -> None:
    """Print a questionnaire, or write it to a file: for reading, or in a format that makes it."""
    path = Path(options.output) if options.output else None
    if options.form == "xlsform" and path is None:
        raise ConfigurationError(
            "A workbook cannot be printed.", "Say where to write it: --output FILE, such as form.xlsx."
        )
    questionnaire = asyncio.run(_version(options.db, options.questionnaire, options.revision))
    if path is None:
        print(_as_text(questionnaire, options), end="")
    else:
        _save(
            path,
            _as_workbook(questionnaire)
            if options.form == "xlsform"
            else _as_text(questionnaire, options).encode(),
        )


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise NotFound(f"{path} cannot be written: {error.strerror}.", "Give another --output.") from error


def _as_workbook(questionnaire: Questionnaire) -> bytes:
    from bot.authoring.xlsform.writer import form_of  # noqa: PLC0415 (half a second to import)

    return form_of(questionnaire)


def _as_text(questionnaire: Questionnaire, options: Namespace) -> str:
    if options.form == "yaml":
        return to_yaml(questionnaire, reserved=command_words())
    if options.form == "json":
        document = {"structure": structure_document(questionnaire), "texts": text_documents(questionnaire)}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    what = f"{questionnaire.key}@{questionnaire.version}"
    language = chosen(options.language, questionnaire.languages, what)
    return outline(questionnaire, language or questionnaire.default_language)


def diff(options: Namespace) -> int:
    """Say in what two versions differ, and what keeps one from following the other; status 1 when something does."""
    old, new = (asyncio.run(_version(options.db, name)) for name in (options.old, options.new))
    problems, found = compatibility(old, new), differences(old, new)
    compatible = all(problem.severity is not Severity.ERROR for problem in problems)
    if options.json:
        print(
            json.dumps(
                {
                    "old": f"{old.key}@{old.version}",
                    "new": f"{new.key}@{new.version}",
                    "compatible": compatible,
                    "differences": [asdict(one) for one in found],
                    "problems": [asdict(problem) for problem in problems],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0 if compatible else 1
    for one in (*found, *problems):
        print(one)
    if not found:
        print("No difference.")
    print(
        "Compatible: answers to both can be put together."
        if compatible
        else "Not compatible: answers to the two cannot be put together."
    )
    return 0 if compatible else 1


def revisions(options: Namespace) -> None:
    """List when, and by whom, the texts of a version were changed."""
    versions = asyncio.run(_published(options.db, options.questionnaire))
    if options.json:
        print(json.dumps([asdict(one) for one in versions[1]], default=str, indent=2))
        return
    name, log = versions
    for one in log:
        by = f" by {one.by}" if one.by else ""
        print(f"{name} revision {one.number}  {one.at.isoformat()}{by}  [{' '.join(one.languages)}]")


async def _published(database_url: str | None, name: str) -> tuple[str, list[Revision]]:
    def read(connection: Connection) -> tuple[str, list[Revision]]:
        one = _find_published(connection, name)
        return f"{one.key}@{one.version}", questionnaires.revisions(connection, one.id)

    async with program(database_url) as running:
        return await running.store.read(read)


def _at_revision(connection: Connection, name: str, revision: int) -> Questionnaire:
    """A published version in the words that people were shown at a revision of its texts."""
    one = _find_published(connection, name)
    if not 1 <= revision <= one.text_revision:
        raise NotFound(
            f"{one.key}@{one.version} has no revision {revision}.",
            f"It has 1 to {one.text_revision}; talanoa questionnaire revisions lists them.",
        )
    return questionnaire_from_documents(one.structure, questionnaires.texts_at(connection, one.id, revision))


def _find_published(connection: Connection, name: str) -> Published:
    key, version = _named(name)
    found = questionnaires.find(connection, key, version)
    if found is None:
        raise NotFound(
            f"{name} is not published here.", "talanoa questionnaire list shows what is; publish it first."
        )
    return found


async def _version(database_url: str | None, name: str, revision: int | None = None) -> Questionnaire:
    if revision is None and _looks_like_file(name):
        return _from_anywhere(name)
    async with program(database_url) as running:
        if revision is not None:
            return await running.store.read(_at_revision, name, revision)
        return await running.store.read(find_questionnaire, name)


def find_questionnaire(connection: Connection, name: str) -> Questionnaire:
    """The questionnaire `KEY` or `KEY@VERSION`: the newest published version, or the instrument of that key."""
    key, version = _named(name)
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


def _named(name: str) -> tuple[str, int | None]:
    key, _, number = name.partition("@")
    if number and not number.isdecimal():
        raise NotFound(f"{number!r} is no version.", "Write it as KEY@VERSION, such as metep@1.")
    return key, int(number) if number else None


def _from_anywhere(name: str) -> Questionnaire:
    if not Path(name).exists() and name in instrument_keys():
        return instrument(name)
    return read_questionnaire(_existing(name), reserved=command_words())


def _looks_like_file(name: str) -> bool:
    return "/" in name or name.lower().endswith((".yaml", ".yml", *FORMS)) or Path(name).is_dir()


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.exists():
        raise NotFound(
            f"{name} is not there.", "Give a folder with questionnaire.yaml, the file itself, or an XLSForm."
        )
    return path


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
