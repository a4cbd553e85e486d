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
