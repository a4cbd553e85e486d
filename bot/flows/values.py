"""Plain values that answers hold and expressions compute with."""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | tuple[str, ...]
"""`select_one`, `text`: str; `select_multiple`: tuple of codes; `integer`: int; `decimal`: float; `range`: int or
float; `date`: ISO 8601 str; `acknowledge`: the str `OK`. bool is for expressions only."""
