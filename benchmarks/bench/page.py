"""The document as a page to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

PROGRAMS = {"talanoa": "Talanoa", "ptb": "PTB", "aiogram": "aiogram"}
STORES = {"postgresql": "PostgreSQL", "sqlite": "SQLite", "pickle": "pickle"}
WORKS = {
    "minimal": "the least: lock a session, insert an answer, update the session",
    "same": "all that Talanoa reads and writes at an answer",
}
STEPS = {
    "parse": "the update read",
    "look_up": "people, repeats and sessions read and locked",
    "core": "the conversation",
    "render": "words and buttons",
    "write": "everything written",
    "commit": "transaction begun and committed",
    "reply": "the reply as JSON",
    "between": "queue, batch and what is around the steps",
}
WIDTH = 116
LEGEND = """\
PTB: python-telegram-bot's ConversationHandler with PicklePersistence, which writes once a minute.
aiogram: its FSM in memory, each answer inserted in PostgreSQL. Both acknowledge a message before it is handled.
Reply: in the body of the webhook's response, or by a call to the Bot API server. ÷: by the highest "least" above.
Procs: workers. CPU, DB: µs of CPU that the workers and the database spend on one answer.
p50, p99: ms until the reply is read, at half of these answers/s.
Few people answer all questions from the first; of many, each is at another question."""


def show(found: dict[str, Any], console: Console) -> None:
    """Print everything, section by section."""
    machine = found["machine"]
    console.print(
        f"[bold]Talanoa {machine['talanoa']}[/] on {machine['processor']}, {machine['cpus']} CPUs, "
        f"{machine['memory_mb'] / 1024:.0f} GB, {machine['system']}\n"
        f"Python {machine['python']}, PostgreSQL {machine['postgresql']}, SQLite {machine['sqlite']}, "
        f"fsync {machine['fsync_us']:,.0f} µs, load before {machine['load_before']}\n"
        "The driver, the database and the program share these CPUs: trust the ratios. "
        f"Rounds: {found['ceilings'][0]['rounds']}, medians shown.",
        highlight=False,
    )
    for left_out in found["left_out"]:
        console.print(f"[yellow]Left out: {left_out}[/]")
    _ceilings(found, console)
    _conversations(found, console)
    _growth(found, console)
    _steps(found, console)
    _lengths(found, console)
    _start(found, console)
    _losses(found, console)


def _ceilings(found: dict[str, Any], console: Console) -> None:
    rows = (
        (WORKS[row["work"]], row["clients"], _whole(row["answers_per_second"]), row["mean_ms"])
        for row in found["ceilings"]
    )
    _table(
        console,
        "What the database alone does (pgbench, fsync on)",
        ("Transaction", "Clients", "a second", "Mean ms"),
        rows,
    )


def _conversations(found: dict[str, Any], console: Console) -> None:
    rows = (
        (
            PROGRAMS[row["program"]],
            STORES[row["store"]],
            row["workers"],
            row["reply"],
            _whole(row["people"]),
            _whole(row["answers_per_second"]),
            f"{row['of_ceiling']:.2f}",
            _whole(row["worker_cpu_us"]),
            _whole(row["database_cpu_us"]),
            row["half_load_p50_ms"],
            row["half_load_p99_ms"],
            _whole(row["memory_mb"]),
            row["errors"],
        )
        for row in found["conversations"]
    )
    headings = (
        "Program", "Store", "Procs", "Reply", "People", "Answers/s", "÷", "CPU µs", "DB µs", "p50", "p99", "MB",
        "Errors",
    )  # fmt: skip
    _table(console, "Twenty questions through a webhook", headings, rows, texts=2)
    console.print(LEGEND, highlight=False)


def _growth(found: dict[str, Any], console: Console) -> None:
    rows = (
        (
            _whole(row["stored"]),
            _whole(row["answers_per_second"]),
            _whole(row["worker_cpu_us"]),
            _whole(row["database_cpu_us"]),
            row["half_load_p50_ms"],
            row["half_load_p99_ms"],
        )
        for row in found["growth"]
    )
    _table(
        console,
        "One more answer, with many stored (Talanoa, PostgreSQL, 1 worker)",
        ("Stored", "Answers/s", "CPU µs", "DB µs", "p50", "p99"),
        rows,
        texts=0,
    )


def _steps(found: dict[str, Any], console: Console) -> None:
    rows = [(STEPS[row["step"]], _whole(row["cpu_us"]), _whole(row["wait_us"])) for row in found["steps"]]
    total = [sum(row[name] for row in found["steps"]) for name in ("cpu_us", "wait_us")]
    _table(
        console,
        "Where the time of an answer goes (batches of 32, PostgreSQL, without HTTP)",
        ("Step", "CPU µs", "Waiting µs"),
        [*rows, ("together", *map(_whole, total))],
    )


def _lengths(found: dict[str, Any], console: Console) -> None:
    rows = (
        (
            row["questions"],
            row["conditions"],
            _whole(row["answer_us"]),
            f"{row['check_seconds']:.2f}",
            f"{row['pyxform_seconds']:.2f}",
        )
        for row in found["lengths"]
    )
    headings = ("Questions", "Conditions", "Answer, CPU µs", "Check, s", "pyxform's conversion, s")
    _table(console, "Short and long forms (answer: conversation and words)", headings, rows, texts=0)


def _start(found: dict[str, Any], console: Console) -> None:
    rows = [
        (
            f"until ready: {STORES[row['store']]}, workers: {row['workers']}",
            f"{row['seconds']:.2f} s",
            f"{_whole(row['memory_mb'])} MB",
        )
        for row in found["starts"]
    ]
    rows += [
        (
            f"{row['sessions']:,} live sessions, each answering",
            "",
            f"{_whole(row['memory_before_mb'])} → {_whole(row['memory_after_mb'])} MB",
        )
        for row in found["live_sessions"]
    ]
    for row in found["help"]:
        rows.append(("talanoa --help", f"{row['seconds'] * 1000:.0f} ms", ""))
        rows.append(("Python with argparse, asyncio, json", f"{row['baseline_seconds'] * 1000:.0f} ms", ""))
    _table(console, "Time and memory", ("", "Takes", "Memory"), rows)


def _losses(found: dict[str, Any], console: Console) -> None:
    rows = (
        (
            PROGRAMS[row["program"]],
            STORES[row["store"]],
            _whole(row["people"]),
            _whole(row["acknowledged"]),
            _whole(row["lost"]),
        )
        for row in found["losses"]
    )
    headings = ("Program", "Store", "People", "Acknowledged", "Lost")
    _table(console, "Answers lost that were acknowledged, after kill -9 amid them", headings, rows, texts=2)


def _table(
    console: Console, title: str, headings: Sequence[str], rows: Iterable[tuple[Any, ...]], texts: int = 1
) -> None:
    console.print(f"\n[bold]{title}[/]")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index < texts else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table)


def _whole(value: float) -> str:
    return f"{value:,.0f}"
