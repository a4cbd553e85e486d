"""The command line: what can be typed, and which function does it.

What a command does is imported when it runs, so that `talanoa --help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TypeAlias

from bot import __version__
from bot.errors import TalanoaError

Parser: TypeAlias = argparse.ArgumentParser
DONE, PROBLEMS, WRONG_USAGE = 0, 1, 2
RESULT_FORMATS = ("table", "json", "csv", "xlsx", "sav", "parquet", "ddi", "html")
EPILOG = "Exit status: 0 done, 1 the thing asked about has problems (they are printed), 2 wrong usage or configuration."


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments ask; the exit status."""
    options = parser().parse_args(arguments)
    module, _, function = options.does.partition(":")
    try:
        return int(getattr(import_module(module), function)(options) or DONE)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except TalanoaError as error:
        print(f"talanoa: {error}", file=sys.stderr)
        return error.status


def parser() -> Parser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="talanoa", description="A consultation agent for phones.", epilog=EPILOG, allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"talanoa {__version__}")
    top.add_argument("--db", metavar="URL", help="the database, instead of TALANOA_DATABASE_URL")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_talk, _authoring, _rounds, _results, _operation):
        add(lambda name, does, summary, under=commands: _command(under, name, does, summary))
    return top


Adder: TypeAlias = Callable[..., Parser]


def _command(under: argparse._SubParsersAction[Parser], name: str, does: str, summary: str) -> Parser:
    made = under.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
    )
    made.set_defaults(does=f"bot.operations.{does}" if does else "")
    # Also after the command, where many will write it; the default must not undo one given before.
    made.add_argument("--db", metavar="URL", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return made


def _group(add: Adder, name: str, summary: str) -> Adder:
    group = add(name, "", summary)
    under = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    return lambda name, does, summary: _command(under, name, does, summary)


def _talk(add: Adder) -> None:
    demo = add(
        "demo",
        "talking:demo",
        "start a conversation with METEP in this terminal, with a sample round to look at",
    )
    demo.add_argument("--language", metavar="TAG", help="the language to begin in, such as fr")
    serve = add("serve", "serving:serve", "run the bot")
    serve.add_argument(
        "--mode",
        choices=["polling", "webhook"],
        default="polling",
        help="how updates come in: fetched, or delivered to TALANOA_PUBLIC_URL/telegram (default: polling)",
    )
    serve.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="webhook: processes on one port (default 1)"
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="webhook: the address to listen on (default 127.0.0.1)"
    )
    serve.add_argument(
        "--port", type=int, default=8080, metavar="N", help="webhook: the port to listen on (default 8080)"
    )
    chat = add("chat", "talking:chat", "talk in this terminal: to a round, or to try an instrument")
    chat.add_argument(
        "round", nargs="?", metavar="CODE|INSTRUMENT", help="a round's code, or an instrument such as metep"
    )
    chat.add_argument("--language", metavar="TAG", help="the language to begin in, such as fr")
    chat.add_argument(
        "--input",
        metavar="FILE",
        help="read one message a line and print the transcript; - is standard input",
    )


def _authoring(add: Adder) -> None:
    check = add(
        "check", "authoring:check", "check questionnaires and print every problem with its place and remedy"
    )
    check.add_argument(
        "files", nargs="+", metavar="FILE", help="a folder with questionnaire.yaml, the file, or an XLSForm"
    )
    check.add_argument("--verbose", action="store_true", help="also name each draft of a translation")
    _json(check)
    add = _group(add, "questionnaire", "versions of questionnaires")
    _json(add("list", "authoring:list_versions", "list instruments and published versions"))
    publish = add("publish", "authoring:publish", "freeze a version")
    publish.add_argument(
        "file", metavar="FILE", help="a folder with questionnaire.yaml, an XLSForm, or an instrument's key"
    )
    publish.add_argument("--by", metavar="NAME", help="who publishes it, for the record")
    show = add("show", "authoring:show", "print a questionnaire")
    show.add_argument("questionnaire", metavar="KEY[@VERSION]")
    show.add_argument("--as", dest="form", choices=["text", "yaml", "json", "xlsform"], default="text")
    show.add_argument("--output", metavar="FILE", help="write to a file (default: standard output)")
    show.add_argument("--language", metavar="TAG", help="of the text (default: the questionnaire's)")
    show.add_argument(
        "--revision", type=_count, metavar="N", help="in the words of this revision of its texts"
    )
    revisions = add("revisions", "authoring:revisions", "list when, and by whom, texts were changed")
    revisions.add_argument("questionnaire", metavar="KEY[@VERSION]")
    _json(revisions)
    diff = add("diff", "authoring:diff", "compare two versions")
    diff.add_argument("old", metavar="A", help="KEY[@VERSION], or a file")
    diff.add_argument("new", metavar="B", help="KEY[@VERSION], or a file")
    _json(diff)
    translate = add("translate", "translating:translate", "give a translator the texts, or take them back")
    translate.add_argument(
        "questionnaire",
        metavar="KEY|FOLDER",
        help="an instrument's key, or a folder with questionnaire.yaml or lists.yaml",
    )
    translate.add_argument(
        "--language", metavar="TAG", required=True, help="the language to translate to, such as pt"
    )
    translate.add_argument(
        "--as",
        dest="form",
        choices=["po", "xlsx"],
        help="the format (default: what the file's name says, or po)",
    )
    files = translate.add_mutually_exclusive_group()
    files.add_argument(
        "--output", metavar="FILE", help="write the texts to a file (default: PO on standard output)"
    )
    files.add_argument("--input", metavar="FILE", help="take a translated file back; writes TAG.yaml")


def _rounds(add: Adder) -> None:
    add = _group(add, "round", "consultation rounds")
    create = add("create", "rounds:create", "draft a round")
    create.add_argument(
        "instrument", metavar="INSTRUMENT", help="an instrument's key, such as metep, or KEY@VERSION"
    )
    create.add_argument(
        "--code", metavar="C", help="what people type or follow to come in (default: made up)"
    )
    create.add_argument("--parts", metavar="A,B", help="the instrument's parts to ask (default: all)")
    create.add_argument("--languages", metavar="en,fr", help="the languages offered (default: all there are)")
    create.add_argument(
        "--minimum-cell", type=int, default=5, metavar="N", help="hide counts below (default 5; 0: none)"
    )
    for name, means in (
        ("--title", "the round's title (default: the instrument's)"),
        ("--purpose", "why it asks, as the consent says it"),
        ("--agency", "who asks"),
    ):
        each = f"{means}; once more for each further language"
        create.add_argument(name, action="append", default=[], metavar="[TAG=]TEXT", help=each)
    create.add_argument("--contact", metavar="TEXT", default="", help="whom to ask about it")
    create.add_argument("--opens", metavar="TIME", help="when it opens, such as 2026-03-01T08:00")
    create.add_argument("--closes", metavar="TIME", help="when it closes")
    create.add_argument(
        "--time-zone", metavar="ZONE", default="UTC", help="of these times, such as Pacific/Fiji"
    )
    create.add_argument(
        "--about-you", action="store_true", help="ask everybody about themselves, last (about_you)"
    )
    create.add_argument(
        "--follows", metavar="CODE", help="the round that this one follows, and is compared with"
    )
    create.add_argument(
        "--preset",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what a hidden question begins with",
    )
    create.add_argument("--no-revision", action="store_true", help="submitted answers cannot be changed")
    create.add_argument("--open", action="store_true", help="open it at once")
    _json(create)
    for name, summary in (
        ("open", "take answers from now on"),
        ("close", "take no more answers"),
        ("reopen", "take answers again"),
        ("publish", "say of a closed round that its results are out"),
    ):
        made = add(name, f"rounds:{name}_round", summary)
        made.add_argument("code", metavar="CODE")
        _json(made)
    move = add("move", "moving:move", "go on with a newer version of the questionnaire, or come back")
    move.add_argument("code", metavar="CODE")
    where = move.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="KEY@N", help="the published version to go on with")
    where.add_argument(
        "--undo", action="store_true", help="take the last move back, of all who have not answered since"
    )
    move.add_argument(
        "--newcomers-only", action="store_true", help="who has begun stays with the version that they answer"
    )
    move.add_argument("--dry-run", action="store_true", help="say what it would do, and change nothing")
    _json(move)
    _json(add("list", "rounds:list_rounds", "list all rounds"))
    show = add("show", "rounds:show", "show a round and how far it is")
    show.add_argument("code", metavar="CODE")
    _json(show)
    links = add("links", "rounds:links", "print the links that lead into a round")
    links.add_argument("code", metavar="CODE")
    links.add_argument("--qr", metavar="FOLDER", help="write each link as a QR code too, as SVG and PNG")
    links.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME",
        help="one more link that records where people came from",
    )


def _results(add: Adder) -> None:
    results = add("results", "results:results", "print what a round's respondents said, in numbers")
    results.add_argument("code", metavar="CODE")
    results.add_argument(
        "--indicators", action="store_true", help="the scores that the instrument's answers come to"
    )
    results.add_argument(
        "--follows",
        metavar="CODE",
        help="indicators: compare with this round (default: the one that it follows)",
    )
    results.add_argument("--format", choices=RESULT_FORMATS, default="table")
    results.add_argument("--output", metavar="FILE", help="write to a file (default: standard output)")
    results.add_argument("--language", metavar="TAG", help="of the labels (default: the questionnaire's)")
    results.add_argument("--complete-only", action="store_true", help="count only those who submitted")
    results.add_argument(
        "--with-status", action="store_true", help="a row a person: a column name/status for each question"
    )
    results.add_argument(
        "--files",
        metavar="FOLDER",
        help="a row a person: write the files that people sent to a new folder as well",
    )
    simulate = add(
        "simulate",
        "simulation:simulate",
        "let simulated people answer a round, through everything a real one passes",
    )
    simulate.add_argument("code", metavar="CODE")
    simulate.add_argument("--respondents", type=int, required=True, metavar="N")
    simulate.add_argument("--seed", type=int, default=1, metavar="S")
    simulate.add_argument("--language", metavar="TAG", help="of all of them (default: any of the round's)")


def _operation(add: Adder) -> None:
    database = _group(add, "db", "the database")
    database("upgrade", "operating:upgrade", "bring the schema up to date")
    database("check", "operating:check", "check the schema, and that answers and sessions agree")
    forget = add("forget", "operating:forget", "erase everything about one person")
    forget.add_argument("address", metavar="ADDRESS")
    forget.add_argument("--channel", required=True, metavar="C")
    forget.add_argument(
        "--bot", default="", metavar="NAME", help="which of the channel's bots (default: any)"
    )
    retention = _group(add, "retention", "what is kept for a time only")
    run = retention("run", "operating:retain", "delete what has been kept long enough")
    run.add_argument(
        "--unknown-files",
        action="store_true",
        help="also files older than a day that belong to no answer; only where no other database keeps files",
    )
    add("doctor", "operating:doctor", "check settings, database, files, token, clock, disk and languages")


def _count(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"{given!r} is not a number from 1 on")
    return int(given)


def _json(made: Parser) -> None:
    made.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
