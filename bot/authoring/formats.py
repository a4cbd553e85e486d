"""The formats in which published structures were stored, and how each becomes the next.

A step that has been used is never changed: what it made is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.errors import TalanoaError

NEWEST = 3
_SINCE_2 = frozenset(
    {
        *("filters", "repeat", "required_when", "calculation", "default", "choice_filter"),
        *("or_other", "randomize", "read_only", "appearance"),
    }
)
"""What format 1 did not know."""


def format_of(document: Mapping[str, Any]) -> int:
    """The lowest format that says all of a structure, so that what was published before keeps its hash."""
    sections = document["sections"]
    members = [
        *sections,
        *(question for section in sections for question in section.get("questions", ())),
        *(choice for choices in document["lists"].values() for choice in choices),
    ]
    if any("within" in section.get("repeat", ()) for section in sections):
        return 3
    return 1 if all(_SINCE_2.isdisjoint(member) for member in members) else 2


def newest(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stored structure in the newest format; raises where a later version of the program wrote it."""
    number = document["format"]
    if number > NEWEST:
        raise TalanoaError(
            f"`{document['key']}@{document['version']}` is stored in format {number}; "
            f"this version of the program reads up to {NEWEST}.",
            "Update the program.",
        )
    for step in range(number, NEWEST):
        document = STEPS[step](document)
    return document


def _to_2(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Format 2 only adds to what may be said."""
    return {**document, "format": 2}


def _to_3(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Format 3 adds repeats within repeats."""
    return {**document, "format": 3}


STEPS: Mapping[int, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {1: _to_2, 2: _to_3}
"""By the format that each begins with."""
