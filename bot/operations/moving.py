"""`round move`: a round and those who answer it go on with a newer version, or come back."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from bot import moving
from bot.bootstrap import program
from bot.flows.conversation.moving import Lost
from bot.moving import MoveReport

_WHY = {
    Lost.QUESTION_REMOVED: "the question is removed",
    Lost.CHOICE_REMOVED: "the choice is removed",
    Lost.NOT_ASKED: "not asked in their case any more",
}


def move(options: Namespace) -> None:
    """Move a round to a newer version, take that back, or only say what that would do."""
    report = asyncio.run(_move(options))
    if options.json:
        print(json.dumps(_document(report, dry_run=options.dry_run), ensure_ascii=False, indent=2))
        return
    for line in _lines(report, options):
        print(line)


async def _move(options: Namespace) -> MoveReport:
    async with program(options.db) as running:
        store, clock = running.store, running.clock
        match options.undo, options.dry_run:
            case True, True:
                return await store.read(moving.preview_undoing, options.code, clock())
            case True, False:
                return await moving.undo(store, options.code, clock)
            case False, True:
                return await store.read(
                    moving.preview, options.code, options.to, clock(), newcomers_only=options.newcomers_only
                )
            case _:
                return await moving.move(
                    store, options.code, options.to, clock, newcomers_only=options.newcomers_only
                )


def _document(report: MoveReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "code": report.code,
        "from": f"{report.key}@{report.from_version}",
        "to": f"{report.key}@{report.to_version}",
        "dry_run": dry_run,
        "people": report.people,
        "staying": report.staying,
        "asked_again": report.people_asked_again,
        "reopened": report.reopened,
        "answers": [
            {
                "question": question,
                "why": why.value,
                "count": count,
                "asked_again": report.asked_again[question] if why is Lost.CHOICE_REMOVED else 0,
            }
            for (question, why), count in sorted(report.lost.items())
        ],
    }


def _lines(report: MoveReport, options: Namespace) -> Iterator[str]:
    to = f"{report.key}@{report.to_version}"
    verb = "would go" if options.dry_run else "goes"
    yield f"Round {report.code} {verb} from {report.key}@{report.from_version} to {to}."
    yield f"People who go along: {report.people}. Who stay with the version that they answered: {report.staying}."
    if report.lost:
        yield "Answers that do not count there; they are kept:"
    for (question, why), count in sorted(report.lost.items()):
        yield f"  {question}: {count} ({_WHY[why]})"
    yield f"People who are asked again what they answered: {report.people_asked_again}."
    yield f"People who had answered everything, and have more to answer: {report.reopened}."
    if options.dry_run:
        yield "Nothing is changed. To do it, leave out --dry-run."
    elif not options.undo:
        yield f"Until somebody answers, it can be taken back: talanoa round move {report.code} --undo"
