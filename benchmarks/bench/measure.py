"""Everything measured, in rounds: each round measures each thing once, so that a busy minute hits them all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import ceilings, filling, losing
from bench.driving import Driver
from bench.filling import Documents
from bench.postgresql import Server
from bench.programs import Target, baseline_seconds, help_seconds, lengths, peer, steps, talanoa
from bench.sizes import Sizes
from bench.summary import Runs

PEERS = (("ptb", "pickle"), ("aiogram", "postgresql"))
LIVE_SECONDS = 90.0
"""The longest that everybody may take to answer once."""
_chats: Iterator[int] = itertools.count(10_000_000, 10_000_000)
"""Where each group of people begins to be numbered."""


@dataclass
class Bench:
    """One run of all benchmarks."""

    sizes: Sizes
    folder: Path
    server: Server
    driver: Driver
    peers: Path | None
    say: Callable[[str], None]
    runs: Runs = field(default_factory=Runs)

    documents: Documents = field(init=False)
    about: str = "preparing"
    """What is being measured."""
    _round: str = ""
    _populations: Iterator[int] = field(default_factory=itertools.count)

    def measure(self) -> None:
        """Prepare the databases, then measure round after round."""
        self.say("preparing databases")
        self._prepare()
        for number in range(1, self.sizes.rounds + 1):
            self._round = f"round {number} of {self.sizes.rounds}"
            self._ceilings()
            self._conversations()
            self._peers()
            self._growth()
            self._steps()
            self._lengths()
            self._help()
        self._round = "once"
        self._live_sessions()
        self._losses()

    # Databases

    def _prepare(self) -> None:
        sizes, server = self.sizes, self.server
        ceilings.prepare_minimal(server, "minimal", sizes.many)
        server.run("CREATE DATABASE consultation; CREATE DATABASE peers")
        self.documents = filling.prepare(server.url("consultation"))
        filling.prepare(self._url("sqlite"))
        for name in ("same", *map(_database, sizes.stored)):
            server.run(f"CREATE DATABASE {name} TEMPLATE consultation")
        filling.strangers(server, "same", 1, sizes.many, f"n % {filling.COMPLETE}")
        filling.settle(server, "same")
        for stored in sizes.stored:
            self.say(f"storing {stored:,} answers")
            filling.fill(server, _database(stored), stored)

    def _url(self, store: str) -> str:
        """Of SQLite's file, or of a database on the server."""
        if store == "sqlite":
            return f"sqlite+aiosqlite:///{self.folder / 'consultation.db'}"
        return self.server.url("consultation" if store == "postgresql" else store)

    def _enrol(self, store: str, name: str, people: int) -> None:
        """Add people, each at another question, to the store and to the driver."""
        first = next(_chats)
        filling.enrol(self._url(store), first, people)
        if store != "sqlite":
            filling.settle(self.server, "consultation" if store == "postgresql" else store)
        self.driver.tell("enrol", name=name, walk="talanoa", first=first, count=people)

    # (a) What the database can do

    def _ceilings(self) -> None:
        sizes = self.sizes
        works = {
            "minimal": ("minimal", ceilings.minimal(sizes.many)),
            "same": ("same", ceilings.same_work(sizes.many, self.documents)),
        }
        for clients in sizes.clients:
            for work, (database, script) in works.items():
                self._say(f"pgbench, {work}, {clients} clients")
                seconds = max(1, round(sizes.seconds))
                per_second, latency = self.server.pgbench(script, database, clients=clients, seconds=seconds)
                self.runs.add(
                    "ceilings",
                    {"work": work, "clients": clients},
                    {"answers_per_second": per_second, "mean_ms": latency},
                )

    # (b) Talanoa

    def _conversations(self) -> None:
        for store, workers, reply in self.sizes.ways:
            what = {"program": "talanoa", "store": store, "workers": workers, "reply": reply}
            with talanoa(self._url(store), workers, reply, self.driver.api_url, self.folder) as target:
                self.runs.add(
                    "starts",
                    {"store": store, "workers": workers},
                    {"seconds": target.start_seconds, "memory_mb": target.memory_mb},
                )
                self._play_few("talanoa", target, what)
                self._play_many(store, target, "conversations", {**what, "people": self.sizes.many})

    # (c) As it is commonly written

    def _peers(self) -> None:
        if self.peers is None:
            return
        for name, store in PEERS:
            what = {"program": name, "store": store, "workers": 1, "reply": "call"}
            dsn = self.server.dsn("peers")
            with peer(name, self.peers, dsn, self.driver.api_url, self.folder) as target:
                self._play_few("peer", target, what)

    # Talanoa alone

    def _growth(self) -> None:
        for stored in self.sizes.stored:
            store = _database(stored)
            with talanoa(self._url(store), 1, "body", self.driver.api_url, self.folder) as target:
                self._play_many(store, target, "growth", {"stored": stored})

    def _steps(self) -> None:
        first, count = next(_chats), self.sizes.watched
        self._say("steps of an answer")
        filling.enrol(self._url("postgresql"), first, count)
        filling.settle(self.server, "consultation")
        for row in steps(self._url("postgresql"), first, count):
            self.runs.add("steps", {"step": row.pop("step")}, row)

    def _lengths(self) -> None:
        self._say("forms of different lengths")
        for row in lengths(self.folder):
            what = {name: row.pop(name) for name in ("questions", "conditions")}
            self.runs.add("lengths", what, row)

    def _help(self) -> None:
        for _ in range(self.sizes.helps):
            self.runs.add("help", {}, {"seconds": help_seconds(), "baseline_seconds": baseline_seconds()})

    def _live_sessions(self) -> None:
        """Everybody answers at least once, so that whatever is kept of a person is kept."""
        live = self.sizes.live
        self._say(f"{live:,} live sessions")
        self._enrol("postgresql", "live", live)
        with talanoa(self._url("postgresql"), 1, "body", self.driver.api_url, self.folder) as target:
            result = self._play(target, "live", {"once": True, "seconds": LIVE_SECONDS})
            self.runs.add(
                "live_sessions",
                {"sessions": live},
                {
                    "memory_before_mb": target.memory_mb,
                    "memory_after_mb": result["memory_mb"],
                    "answers": result["answers"],
                    "errors": _errors(result),
                },
            )

    def _losses(self) -> None:
        people = self.sizes.few
        for program in ("talanoa", *(name for name, _ in PEERS if self.peers)):
            self._say(f"{program} is killed")
            killed = losing.subject(program, self._url("postgresql"), self.server, self.folder, self.peers)
            self.runs.add(
                "losses", {**killed.what, "people": people}, losing.lost(killed, next(_chats), people)
            )

    # Plays

    def _play_few(self, walk: str, target: Target, what: dict[str, Any]) -> None:
        """A few people answer all questions from the first to the last."""
        people = self.sizes.few
        what = {**what, "people": people}
        self._say(_named(what))
        crowd, calm = self._joined(walk, target), self._joined(walk, target)
        self._play_twice(target, (crowd, calm), "conversations", what)

    def _joined(self, walk: str, target: Target) -> str:
        """A population at the first question, which it has reached by itself."""
        name = f"few {next(self._populations)}"
        self.driver.tell("enrol", name=name, walk=walk, first=next(_chats), count=self.sizes.few, at=0)
        joined = self.driver.tell("join", name=name, **target.address)
        if errors := _errors(joined):
            raise RuntimeError(f"{errors} of {self.sizes.few} people did not get to the first question.")
        return name

    def _play_many(self, store: str, target: Target, section: str, what: dict[str, Any]) -> None:
        """Many people, each at another question, answer in turn."""
        self._say(_named(what))
        self._enrol(store, "many", self.sizes.many)
        self._play_twice(target, ("many", "many"), section, what)

    def _play_twice(
        self, target: Target, populations: tuple[str, str], section: str, what: dict[str, Any]
    ) -> None:
        """As fast as they can; then half as fast, to see how long a person waits who is not in a crowd."""
        crowd, calm = populations
        result = self._play(target, crowd, {})
        figures = _per_answer(result)
        half = self._play(target, calm, {"rate": max(figures["answers_per_second"] / 2, 1.0)})
        figures |= {
            "half_load_p50_ms": half["p50_ms"],
            "half_load_p99_ms": half["p99_ms"],
            "memory_mb": result["memory_mb"],
            "errors": _errors(result) + _errors(half),
        }
        self.runs.add(section, what, figures)
        for name in {crowd, calm}:
            self.driver.tell("forget", name=name)

    def _play(self, target: Target, name: str, how: dict[str, Any]) -> dict[str, Any]:
        order = {"seconds": self.sizes.seconds, "warm": self.sizes.warm, "database": self.server.process_id}
        return self.driver.tell("play", name=name, **{**order, **target.address, **how})

    def _say(self, what: str) -> None:
        self.about = f"{self._round}: {what}"
        self.say(self.about)


def _per_answer(result: dict[str, Any]) -> dict[str, float]:
    answers = max(result["answers"], 1)
    used = result["cpu_seconds"]
    return {
        "answers_per_second": result["answers"] / result["seconds"],
        "worker_cpu_us": used["workers"] / answers * 1e6,
        "database_cpu_us": used["database"] / answers * 1e6,
        "driver_cpu_us": used["driver"] / answers * 1e6,
        "calls_per_answer": result["calls"] / answers,
    }


def _errors(result: dict[str, Any]) -> int:
    return int(result["wrong"] + result["failed"])


def _named(what: dict[str, Any]) -> str:
    return ", ".join(
        f"{value} {name}" if isinstance(value, int) else str(value) for name, value in what.items()
    )


def _database(stored: int) -> str:
    return f"stored_{stored}"
