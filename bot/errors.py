"""What can go wrong, as a person reads it: what, where, and what to do next.

TalanoaError                exit status 1
├── NotFound                the round, instrument or file asked for is not there
├── NotPossible             it is there, but its state does not allow what was asked
├── QuestionnaireError      a questionnaire that cannot be used, with every problem of it (bot.authoring)
├── StorageError            the store did not do what it was asked (storage.errors)
│   ├── StaleTurn           somebody else wrote about the same person: read and decide again
│   ├── StructureChanged    a published version is asked to become another questionnaire
│   ├── CodeTaken           a round with this code exists
│   ├── WrongState          a round is not in the state that it was to leave
│   ├── UnreadableError     sealed with another key, or damaged
│   └── UnsupportedStore    a database URL or version that this program cannot use
└── ConfigurationError      wrong settings or usage; exit status 2

What a channel cannot do is told by `messages.SendFailure`, what cannot be taken now by `messages.NotTaken`.
"""

from __future__ import annotations

import traceback
from pathlib import Path

_PROGRAM = Path(__file__).resolve().parent.parent
_PACKAGES = frozenset({"bot", "storage"})


class TalanoaError(Exception):
    """Something that a person can mend; `remedy` says how."""

    status = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.args[0]}\n{self.remedy}" if self.remedy else str(self.args[0])


class NotFound(TalanoaError):
    """The round, instrument or file asked for is not there."""


class NotPossible(TalanoaError):
    """It is there, but its state does not allow what was asked."""


class ConfigurationError(TalanoaError):
    """A setting is missing or wrong."""

    status = 2


def place(error: BaseException) -> str:
    """An error's type and where in this program it came up; never its text, which may hold what a person wrote."""
    kind = type(error).__name__
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state is not None:
        kind = f"{kind} {state}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(_PROGRAM) and file.relative_to(_PROGRAM).parts[0] in _PACKAGES:
            return f"{kind} at {file.relative_to(_PROGRAM).as_posix()}:{frame.lineno}"
    return kind
