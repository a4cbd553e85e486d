"""`questionnaire translate`: the texts of a questionnaire to a translator, and back."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from bot.authoring.library import instrument_keys
from bot.authoring.problems import Place, Problems, QuestionnaireError
from bot.authoring.translating import Source, has_errors, read_texts, rows_for, take_back
from bot.authoring.translation_files import from_po, from_workbook, to_po, to_workbook
from bot.authoring.yaml_draft import INSTRUMENTS, LANGUAGE_TAG, LISTS, QUESTIONNAIRE
from bot.errors import ConfigurationError, NotFound, NotPossible
from bot.operations.languages import command_words


def translate(options: Namespace) -> int:
    """Write the texts to a file, or take a file back; status 1 when there is an error in what came back."""
    folder, language = _folder(options.questionnaire), options.language
    file = options.input or options.output or ""
    form = options.form or ("xlsx" if file.lower().endswith(".xlsx") else "po")
    problems = Problems()
    source = read_texts(folder, problems)
    if source is None or problems.fatal:
        raise QuestionnaireError(problems.in_order())
    _check_language(source, language)
    if options.input:
        return _take(source, language, Path(options.input), form)
    rows = rows_for(source, language)
    if form == "xlsx" and not options.output:
        raise ConfigurationError(
            "A workbook cannot be printed.", "Say where to write it: --output FILE, such as pt.xlsx."
        )
    data = to_workbook(rows) if form == "xlsx" else to_po(rows, folder.name, language)
    if options.output:
        _replace(Path(options.output), data, "Give another --output.")
    else:
        sys.stdout.write(data.decode())
    return 0


def _folder(name: str) -> Path:
    path = Path(name)
    if path.name in {QUESTIONNAIRE, LISTS} and path.is_file():
        path = path.parent
    if not path.exists() and name in instrument_keys():
        path = INSTRUMENTS / name
    if (path / QUESTIONNAIRE).is_file() or (path / LISTS).is_file():
        return path
    if path.is_file():
        raise NotPossible(
            f"{name} has all languages in one file.",
            "Translate it there, or keep it in a folder as questionnaire.yaml with a file for each language: "
            f"talanoa questionnaire show {name} --as yaml",
        )
    raise NotFound(
        f"There is no questionnaire {name} to translate.",
        f"Give a folder with {QUESTIONNAIRE} or {LISTS}, or one of {', '.join(instrument_keys())}.",
    )


def _check_language(source: Source, language: str) -> None:
    if not LANGUAGE_TAG.fullmatch(language):
        raise ConfigurationError(
            f"{language!r} is not a language tag.", "Write it in lower case, such as fr or pt-br."
        )
    if language == source.languages.default:
        raise NotPossible(
            f"{language} is the language that everything is written in.", "Name the one to translate to."
        )
    place = source.languages.places.get(language, {}).get("")
    if place and place.file != str(source.file_of(language)):
        raise NotPossible(
            f"The texts in {language} are in {place}.", f"Move that document to {source.file_of(language)}."
        )


def _take(source: Source, language: str, file: Path, form: str) -> int:
    problems = Problems()
    returned = from_workbook(file, problems) if form == "xlsx" else from_po(file, language, problems)
    found = problems.in_order()
    if not has_errors(found):
        text, more = take_back(source, language, returned, Place(str(file)), command_words())
        found += more
    for problem in found:
        print(problem)
    if has_errors(found):
        print("Nothing was written.")
        return 1
    target = source.file_of(language)
    _replace(target, text.encode(), "Copy the questionnaire to a folder of your own.")
    print(f"{source.progress(language)}\nWritten to {target}.")
    return 0


def _replace(path: Path, data: bytes, remedy: str) -> None:
    """Write a file as a whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise NotFound(f"{path} cannot be written: {error.strerror}.", remedy) from error
