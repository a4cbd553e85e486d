"""The languages of a form: `Français (fr)`, `fr`, `fra` or `French` → the tag `fr`."""

from __future__ import annotations

import re
from functools import cache

from bot.authoring.yaml_draft import LANGUAGE_TAG
from bot.flows.understanding.folding import fold
from bot.i18n.tags import Tag, cldr, language_name

_IN_BRACKETS = re.compile(r"\(\s*([A-Za-z0-9_-]+)\s*\)\s*$")
_THREE_LETTERS = {"fre": "fr", "ger": "de", "chi": "zh", "dut": "nl", "per": "fa", "bur": "my", "cze": "cs"}
"""Codes of ISO 639-2/B, which CLDR does not replace."""


def tag_of(name: str) -> str | None:
    """The tag of a language as a form names it; `None` for a name that is no language's."""
    code = _IN_BRACKETS.search(name)
    written = (code[1] if code else name).strip().lower().replace("_", "-")
    named = _tags_by_name().get(fold(_IN_BRACKETS.sub("", name)))
    if not LANGUAGE_TAG.fullmatch(written):
        return named
    tag = Tag.read(written)
    if tag is None or (named and not code):
        return named
    if named and code and code[1].isupper() and len(code[1]) == 2 and tag.language != named:
        return f"{named}-{written}"  # a country, as in `Português (BR)`
    first, _, rest = written.partition("-")
    language = _THREE_LETTERS.get(first, tag.language)
    return f"{language}-{rest}" if rest else language


@cache
def _tags_by_name() -> dict[str, str]:
    """Every language of CLDR by what it is called in English and in itself."""
    english = {str(tag): str(name) for tag, name in cldr("en").languages.items()}
    tags = [tag for tag in english if LANGUAGE_TAG.fullmatch(tag)]
    names = {fold(english[tag]): tag for tag in reversed(tags)}
    common = (tag for tag in tags if len(tag) == 2)
    return {fold(language_name(tag, tag)): tag for tag in common} | names
