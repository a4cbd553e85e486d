"""Measure Talanoa on this machine: `make bench`, or `python benchmarks --short` to see that it works."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bench import page
from bench.driving import driving
from bench.machine import describe
from bench.measure import Bench
from bench.postgresql import postgresql
from bench.programs import has_peers
from bench.sizes import FULL, SHORT
from bench.summary import document, errors

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    progress = Console(stderr=True)
    peers = options.peers.absolute() if has_peers(options.peers) else None
    left_out = (
        [] if peers else [f"the bots to compare with: {options.peers} is not there or lacks their packages"]
    )
    sizes, failed = SHORT if options.short else FULL, False
    began = time.monotonic()
    # Open to the account that the database runs under where this runs as root.
    folder = Path(tempfile.mkdtemp(prefix="talanoa-bench-", dir=options.folder))
    folder.chmod(0o755)
    try:
        with driving() as driver, postgresql(folder / "postgresql") as server:
            bench = Bench(
                sizes=replace(sizes, rounds=options.rounds or sizes.rounds),
                folder=folder,
                server=server,
                driver=driver,
                peers=peers,
                say=lambda what: progress.print(
                    f"{time.monotonic() - began:6.0f} s  {what}", highlight=False
                ),
            )
            machine = describe(server, folder, peers)
            try:
                bench.measure()
            except Exception as error:
                # What was measured before it is worth having.
                traceback.print_exc()
                left_out.append(f"everything after: {bench.about} ({error})")
                failed = True
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    found = document(bench.runs, machine, seconds=seconds, short=options.short, left_out=left_out)
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        page.show(found, Console(width=page.WIDTH))
    return 1 if failed or errors(found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument(
        "--short", action="store_true", help="only see that everything works; the figures mean nothing"
    )
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="times that everything is measured (default: 3)"
    )
    parser.add_argument(
        "--peers",
        type=Path,
        default=ROOT / ".venv-bench" / "bin" / "python",
        metavar="PYTHON",
        help="the interpreter that has the packages of the bots to compare with",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="FOLDER",
        help="where databases are made (default: the system's for temporary files)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
