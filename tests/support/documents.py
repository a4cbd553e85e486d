"""Writes the generated parts of the documentation: `make docs`.

Such a part stands between `<!-- generated: NAME -->` and `<!-- end -->`, where NAME is a key of `PARTS`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import cache, partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bot import cli, i18n
from bot.flows.expressions.types import Kind
from bot.flows.lexicon import Command
from bot.flows.lifecycle import CONVERSATION, ROUND, Move, S, diagram
from bot.flows.question_types import QUESTION_TYPES, QuestionType, TabulatedAs
from bot.flows.rounds import RoundState
from bot.flows.session import State
from bot.flows.sharing import Upload
from bot.i18n.lexicons import _ANSWER_WORDS, _words
from bot.i18n.words import COMMAND_WORDS
from bot.settings import SETTINGS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "water"
VISIT = ROOT / "docs" / "examples" / "household"
"""With the types of questions that are less common."""
MARKED = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
SHOWN_LANGUAGES = ("en", "fr", "es")

STORED: Mapping[Kind, str] = {
    Kind.TEXT: "the text",
    Kind.CODE: "the code of the choice",
    Kind.CODES: "a list of codes, in the order of the choices",
    Kind.NUMBER: "a number",
    Kind.DATE: "`YYYY-MM-DD`",
    Kind.TIME: "`HH:MM`",
    Kind.COMPUTED: "a number or a text",
}
TABULATED: Mapping[TabulatedAs, str] = {
    TabulatedAs.CHOICES: "count and share of each choice",
    TabulatedAs.STATISTICS: "median, minimum, maximum",
    TabulatedAs.TEXTS: "how many answered; the texts are in the CSV",
}


def documents() -> list[Path]:
    """Every page of the documentation, the README first."""
    return [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.glob("docs/**/*.md")),
    ]


def refreshed(text: str) -> str:
    """A page with its generated parts made anew."""
    return MARKED.sub(lambda found: f"{found[1]}\n{made(found[2]).strip()}\n\n{found[3]}", text)


@cache
def made(name: str) -> str:
    """One generated part."""
    return PARTS[name]()


def main() -> None:
    for page in documents():
        text = page.read_text(encoding="utf-8")
        new = refreshed(text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"{page.relative_to(ROOT)} rewritten")


# Tables


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.strip(chr(10))}\n```"


def settings() -> str:
    rows = ((f"`{s.name}`", f"`{s.default}`" if s.default else "–", s.means) for s in SETTINGS)
    return table(("Setting", "Default", "Means"), rows)


def lifecycle(moves: Sequence[Move[S]], start: S) -> str:
    rows = (
        (
            f"`{move.trigger}`",
            "any state" if set(move.sources) == set(type(start)) else ", ".join(map(str, move.sources)),
            str(move.target or "*(stays)*"),
            f"`{move.guard}`" if move.guard else "",
        )
        for move in moves
    )
    return f"{fenced('mermaid', diagram(moves, start))}\n\n{table(('Trigger', 'From', 'To', 'If'), rows)}"


def first_line(documented: object) -> str:
    return (documented.__doc__ or "").partition("\n")[0]


def question_types() -> str:
    def row(name: str, kind: QuestionType) -> tuple[str, ...]:
        heard = first_line(type(kind).hear) if kind.asks else "–"
        return (
            f"`{name}`",
            first_line(type(kind)),
            heard,
            stored(kind),
            tabulated(kind),
        )

    headings = ("Type", "What it is", "What a person can type", "What is stored", "What results show")
    return table(headings, (row(name, kind) for name, kind in QUESTION_TYPES.items()))


def stored(kind: QuestionType) -> str:
    if isinstance(kind, Upload):
        return "what it is, how large, and where it is, sealed"
    if not kind.asks and not kind.is_filled:
        return "–"
    if kind.name == "rank":
        return "a list of codes, in the person's order"
    with_time = kind.kind is Kind.DATE and kind.name not in {"date", "today"}
    return "`YYYY-MM-DDTHH:MM`" if with_time else STORED[kind.kind]


def tabulated(kind: QuestionType) -> str:
    if kind.tabulated_as is None:
        return "–"
    if isinstance(kind, Upload):
        return "how many answered; the files go [with the CSV](files.md#get-them)"
    shown = TABULATED[kind.tabulated_as]
    if kind.kind is Kind.NUMBER:
        shown = f"mean, standard deviation, {shown}"
    if kind.has_options and kind.tabulated_as is TabulatedAs.STATISTICS:
        shown = f"{shown}; {TABULATED[TabulatedAs.CHOICES]}"
    return shown


def commands() -> str:
    rows = (
        (f"`/{command}`", *(in_languages(COMMAND_WORDS[command])), i18n.command_description(command, "en"))
        for command in Command
    )
    return table(("Slash", *map(i18n.own_name, SHOWN_LANGUAGES), "What it does"), rows)


def answer_words() -> str:
    rows = ((name.replace("_", " "), *in_languages(listed)) for name, listed in _ANSWER_WORDS.items())
    return table(("Meaning", *map(i18n.own_name, SHOWN_LANGUAGES)), rows)


def in_languages(listed: str) -> Iterator[str]:
    return (" · ".join(_words(language, listed)) for language in SHOWN_LANGUAGES)


# The command line


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser of each command that does something, as they are listed by `--help`."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield parser
    for group in groups:
        for under in group.choices.values():
            yield from leaves(under)


def command_line() -> str:
    top = cli.parser()
    general = table(("Option of every command", "Means"), option_rows(top))
    return "\n\n".join([general, *map(command, leaves(top))])


def command(parser: argparse.ArgumentParser) -> str:
    usage = fenced("text", " ".join([parser.prog, *map(usage_of, shown(parser))]))
    rows = [*option_rows(parser)]
    parts = [f"## `{parser.prog}`", parser.description or "", usage]
    return "\n\n".join([*parts, table(("Argument", "Means"), rows)] if rows else parts)


def shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments and options that are a command's own."""
    hidden = (argparse._HelpAction, argparse._SubParsersAction)
    return [a for a in parser._actions if a.help != argparse.SUPPRESS and not isinstance(a, hidden)]


def option_rows(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """The name and the meaning of each argument, where the usage does not say it all."""
    for action in shown(parser):
        if action.help:
            yield f"`{', '.join(action.option_strings) or value_of(action)}`", action.help.replace("%%", "%")


def usage_of(action: argparse.Action) -> str:
    value = value_of(action)
    named = f"{action.option_strings[0]} {value}".strip() if action.option_strings else value
    if action.nargs == "+":
        return f"{named} …"
    if isinstance(action, argparse._AppendAction):
        return f"[{named}] …"
    return named if action.required else f"[{named}]"


def value_of(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    return "|".join(action.choices) if action.choices else str(action.metavar or action.dest.upper())


# What the program prints


@contextmanager
def desk() -> Iterator[Path]:
    """A folder of its own to run the program in, with no settings but the defaults."""
    with TemporaryDirectory() as folder, chdir(folder), patch.dict("os.environ") as environment:
        for name in [name for name in environment if name.startswith("TALANOA_")]:
            del environment[name]
        yield Path(folder)


def printed(*arguments: str, typed: Iterable[str] = ()) -> str:
    """What a command prints, its problems included."""
    output = StringIO()
    lines = StringIO("".join(f"{line}\n" for line in typed))
    with redirect_stdout(output), redirect_stderr(StringIO()), patch("sys.stdin", lines):
        cli.run(arguments)
    return output.getvalue()


def demonstration(instrument: str, language: str, typed: Sequence[str]) -> str:
    with desk():
        return fenced(
            "text", printed("chat", instrument, "--language", language, "--input", "-", typed=typed)
        )


@cache
def surveyed() -> Mapping[str, str]:
    """What `results` prints, by format, of a round of the example that simulated people have answered."""
    with desk():
        printed("questionnaire", "publish", str(EXAMPLE))
        printed("round", "create", "water", "--code", "water", "--languages", "en", "--open")
        printed("simulate", "water", "--respondents", "80", "--seed", "4")
        return {name: printed("results", "water", "--format", name) for name in ("table", "json", "csv")}


def results_table() -> str:
    """The results up to the second section."""
    return fenced("text", surveyed()["table"].partition("\nFetching water")[0])


def results_json() -> str:
    """The document, with two of its questions."""
    document = json.loads(surveyed()["json"])
    document["questions"] = [q for q in document["questions"] if q["name"] in {"main_source", "committee"}]
    return fenced("json", json.dumps(document, ensure_ascii=False, indent=2))


def results_csv() -> str:
    """The first row: the others come in another order each time."""
    return fenced("text", surveyed()["csv"].splitlines()[0])


MISTAKES = (
    ("type: select_one source", "type: select_one sources"),
    ("Count children too.\n", "Count children too.\n        hnt: Not guests.\n"),
    ("${main_source} != 'tap'", "${main_source} != 'pipe'"),
    ("{name: dirty, label: It is dirty", "{name: dirty, label: Skip"),
    ("${quality} <= 2", "${qualty} <= 2"),
    ("name: far, label", "name: no, label"),
)


def mistakes() -> str:
    """What the check says of the example once its author was careless."""
    with desk() as folder:
        shutil.copytree(EXAMPLE, folder / "water")
        written = folder / "water" / "questionnaire.yaml"
        text = written.read_text(encoding="utf-8")
        for right, wrong in MISTAKES:
            text = text.replace(right, wrong)
        written.write_text(text, encoding="utf-8")
        return fenced("text", printed("check", "water"))


def example(file: str) -> str:
    return fenced("yaml", (EXAMPLE / file).read_text(encoding="utf-8"))


PARTS: Mapping[str, Callable[[], str]] = {
    "settings": settings,
    "conversation": partial(lifecycle, CONVERSATION, State.CHOOSING_LANGUAGE),
    "round": partial(lifecycle, ROUND, RoundState.DRAFT),
    "question-types": question_types,
    "commands": commands,
    "answer-words": answer_words,
    "command-line": command_line,
    "english": partial(demonstration, "metep", "en", ("agree", "fiji", "indivdual", "yes", "pause")),
    "french": partial(
        demonstration,
        "metep",
        "fr",
        ("1", "fidji", "titre indivduel", "oui", "oui", "retour", "non", "pause"),
    ),
    "results-table": results_table,
    "results-json": results_json,
    "results-csv": results_csv,
    "mistakes": mistakes,
    "example-en": partial(example, "questionnaire.yaml"),
    "example-fr": partial(example, "fr.yaml"),
    "example-household": lambda: fenced("yaml", (VISIT / "questionnaire.yaml").read_text(encoding="utf-8")),
}


if __name__ == "__main__":
    main()
