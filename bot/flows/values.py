"""Plain values that answers hold and expressions compute with."""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | tuple[str, ...]
"""`select_one`, `text`: str; `select_multiple`, `rank`: tuple of codes; `integer`: int; `decimal`: float; `range`: int
or float; `date`, `time`, `dateTime`: ISO 8601 str; `geopoint`: str of numbers; `image` and the like: str that says how
to find it; `acknowledge`: the str `OK`; `calculate`, `hidden`: whatever they come to. bool is for expressions only."""
