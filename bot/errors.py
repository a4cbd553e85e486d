"""What can go wrong, as a person reads it: what, where, and what to do next.

TalanoaError                exit status 1
├── NotFound                the round, instrument or file asked for is not there
├── NotPossible             it is there, but its state does not allow what was asked
└── ConfigurationError      wrong settings or usage; exit status 2
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
