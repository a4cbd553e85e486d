"""Processes that do the same work: started, started again when they end, and stopped together.

They are forked from a process that runs nothing else, so that a start takes hundredths of a second and what was
imported is in memory once. Each holds one end of a pipe, its lifeline: when the other end closes, because it was asked
to or because the parent is gone, the worker finishes what it has taken and ends.
"""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

STOP_SECONDS = 90.0
"""For all to finish what they have taken."""
COLLECT_AT = 100_000
"""Objects that may be in circles before they are looked through. What handles messages makes none, so each look in the
middle of a batch would be in vain."""
QUICK_SECONDS = 5.0
"""Who lives no longer has failed; the first failure in a row is not waited for, later ones are, ever longer."""
LONGEST_WAIT = 30.0
DONE, FAILED, HOPELESS = 0, 1, 2
"""Exit statuses; after the last one a worker is not started again, and the others stop."""

Work: TypeAlias = Callable[[int, int], int]
"""What the worker of this number does until the file descriptor, its lifeline, ends; returns its exit status."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Worker:
    number: int
    pid: int | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


def run_workers(count: int, work: Work, stop: Callable[[], None] = lambda: None) -> int:
    """Keep `count` processes at `work` until SIGINT or SIGTERM, or until it is hopeless; the exit status.

    `stop` is called before they are asked to stop.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AT)
    with _Signals.caught() as signals:
        return _Workers(count, work, stop, signals).run()


class _Signals:
    """Signals as something to wait for."""

    def __init__(self) -> None:
        self.stopping = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    @classmethod
    @contextmanager
    def caught(cls) -> Iterator[_Signals]:
        """Catch those that ask to stop, and those that tell of a worker's end."""
        signals = cls()
        handlers = {
            signal.SIGINT: signals._stop,
            signal.SIGTERM: signals._stop,
            signal.SIGCHLD: lambda *_: None,
        }
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        wakeup = signal.set_wakeup_fd(signals._writer, warn_on_full_buffer=False)
        try:
            yield signals
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            signals.close()

    def wait(self, seconds: float | None) -> None:
        """Return at the next signal, or when so long has passed."""
        select.select([self._reader], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._reader, 4096)

    def close(self) -> None:
        """Forget the pipe."""
        os.close(self._reader)
        os.close(self._writer)

    def _stop(self, *_: object) -> None:
        self.stopping = True


class _Workers:
    def __init__(self, count: int, work: Work, stop: Callable[[], None], signals: _Signals) -> None:
        self._workers = [_Worker(number) for number in range(count)]
        self._work = work
        self._stop = stop
        self._signals = signals
        self._lifeline, self._held = os.pipe()
        self._hopeless = False

    def run(self) -> int:
        try:
            while not self._signals.stopping and not self._hopeless:
                now = time.monotonic()
                due = [worker for worker in self._workers if worker.pid is None]
                for worker in due:
                    if worker.due <= now:
                        self._start(worker)
                waiting = [worker.due - now for worker in due if worker.pid is None]
                self._signals.wait(min(waiting, default=None))
                self._reap()
        finally:
            self._stop()
            os.close(self._held)
            os.close(self._lifeline)
            killed = self._finish()
        if self._hopeless:
            return HOPELESS
        return FAILED if killed else DONE

    def _start(self, worker: _Worker) -> None:
        worker.started = time.monotonic()
        worker.pid = os.fork()
        if worker.pid == 0:
            self._be(worker)
        _log.info("worker %d is process %d", worker.number + 1, worker.pid)

    def _be(self, worker: _Worker) -> NoReturn:
        """Be the worker, in its own process, which ends here."""
        status = FAILED
        try:
            signal.set_wakeup_fd(-1)
            # Ctrl-C reaches every process of a terminal; the parent decides.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._signals.close()
            os.close(self._held)
            status = self._work(worker.number, self._lifeline)
        except BaseException:  # nothing may run on in two processes
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        """Note who has ended, and when each is to be started again."""
        for worker in self._workers:
            if worker.pid is None or (status := _ended(worker.pid)) is None:
                continue
            worker.pid = None
            if status == HOPELESS:
                self._hopeless = True
                return
            now = time.monotonic()
            worker.failures = worker.failures + 1 if now - worker.started < QUICK_SECONDS else 0
            wait = min(2.0 ** (worker.failures - 2), LONGEST_WAIT) if worker.failures > 1 else 0.0
            worker.due = now + wait
            if not self._signals.stopping:
                _log.warning("worker %d ended (%s) and is started again", worker.number + 1, _told(status))

    def _finish(self) -> bool:
        """Wait for all to end; whether some had to be killed."""
        end = time.monotonic() + STOP_SECONDS
        while alive := [worker for worker in self._workers if worker.pid is not None]:
            if time.monotonic() > end:
                for worker in alive:
                    if worker.pid is not None:
                        os.kill(worker.pid, signal.SIGKILL)
                        os.waitpid(worker.pid, 0)
                _log.error("%d workers did not stop within %.0f s and were killed", len(alive), STOP_SECONDS)
                return True
            self._signals.wait(max(0.0, end - time.monotonic()))
            for worker in alive:
                if worker.pid is not None and _ended(worker.pid) is not None:
                    worker.pid = None
        return False


def _ended(pid: int) -> int | None:
    """The exit status, negative for a signal; `None` while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _told(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
