"""Texts for XML, which has no way to write some characters."""

from __future__ import annotations

import re

_NO_CHARACTERS = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """A text without what XML cannot carry: control characters, halves of surrogate pairs, U+FFFE and U+FFFF."""
    return _NO_CHARACTERS.sub("", text)
