"""Keeping an inserted value from disturbing the direction of the words around it."""

from __future__ import annotations

import re

from bot.i18n.tags import direction

FIRST_STRONG_ISOLATE = "\u2068"
POP_DIRECTIONAL_ISOLATE = "\u2069"

# Blocks of the right-to-left scripts, and the controls that start or end a direction.
_TURNS = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_EMBEDDINGS = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")


def isolate(text: str, language: str) -> str:
    """Wrap a value that goes into a sentence of `language` in U+2068 and U+2069, where it needs to be.

    Into a right-to-left sentence every value goes isolated, since even digits and marks move there; into a
    left-to-right one only what holds right-to-left letters or controls. Controls that the value leaves open
    would reach beyond it, so they are dropped. An isolate ends with its line: each line gets its own.
    """
    turns = _TURNS.search(text) is not None
    if not text or not (turns or direction(language) == "rtl"):
        return text
    if turns:
        text = _EMBEDDINGS.sub("", text)
    return "\n".join(_isolated(line) if line.strip() else line for line in text.split("\n"))


def _isolated(line: str) -> str:
    depth = 0
    for control in _ISOLATES.findall(line):
        depth += -1 if control == POP_DIRECTIONAL_ISOLATE else 1
        if depth < 0:
            break
    if depth != 0:
        line = _ISOLATES.sub("", line)
    return f"{FIRST_STRONG_ISOLATE}{line}{POP_DIRECTIONAL_ISOLATE}"
