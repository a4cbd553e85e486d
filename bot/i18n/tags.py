"""Language tags as clients send them: read, matched to what is offered, and led to their CLDR data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from babel import Locale, localedata
from babel.core import get_global

_SUBTAGS = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?![A-Za-z0-9])")

_RIGHT_TO_LEFT = frozenset(
    {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
)

_MEMBER_OF: Mapping[str, str] = {"nb": "no", "nn": "no"}
"""Languages that stand for one another when a match is sought (ISO 639 macrolanguages)."""

_READ_INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(("br", "co", "crs", "ht", "kg", "ln", "lua", "mg", "oc", "rw", "wo"), "fr"),
    **dict.fromkeys(("ast", "ay", "ca", "eu", "gl", "gn", "qu"), "es"),
    **dict.fromkeys(("af", "fy"), "nl"),
    **dict.fromkeys(("jv", "ms", "su"), "id"),
}
"""The language that readers of another most likely read too (CLDR's languageMatching, without English)."""

_DATA_OF: Mapping[str, str] = {"ht": "fr_HT"}
"""Languages that CLDR has next to nothing for, and whose data they take: newer versions of it lend them none."""

_ISO_639_1: Mapping[str, str] = {"fil": "tl"}
"""Two-letter codes that CLDR replaced by codes of three letters."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A language with, where they are said or known, its script and region."""

    language: str
    script: str | None = None
    region: str | None = None

    @classmethod
    def read(cls, text: str) -> Tag | None:
        """Read the tag that `text` begins with (`pt-br`, `zh_Hans`, `fr_CA.UTF-8`), replacing old codes."""
        found = _SUBTAGS.match(text.strip())
        if found is None:
            return None
        language, script, region = found.groups()
        replaced = get_global("language_aliases").get(language.lower(), language.lower())
        language, _, implied = str(replaced).partition("_")
        return cls(language, (script or implied).title() or None, region.upper() if region else None)

    def names(self) -> tuple[str, ...]:
        """List its CLDR identifiers, the most exact one first."""
        parts = ((self.script, self.region), (self.script, None), (None, self.region), (None, None))
        return tuple(dict.fromkeys("_".join(filter(None, (self.language, *part))) for part in parts))

    def likely(self) -> Tag:
        """Add the script and region that it most likely means."""
        known = get_global("likely_subtags")
        for name in self.names():
            if name in known:
                language, script, region = known[name].split("_")
                return Tag(language, self.script or script, self.region or region)
        return self


@lru_cache(maxsize=256)
def cldr(language: str) -> Locale:
    """Give the CLDR data for a language, English where CLDR has none.

    English without a region is the English of the world (day before month), not that of the United States.
    """
    tag = Tag.read(language)
    if tag and tag.language in _DATA_OF:
        return Locale.parse(_DATA_OF[tag.language])
    for name in tag.names() if tag else ():
        if localedata.exists(name):
            return Locale.parse("en_001" if name == "en" else name)
    return Locale.parse("en_001")


def language_name(language: str, reader: str) -> str:
    """Name a language to readers of `reader`, as inside a sentence: `português (Brasil)`."""
    tag = Tag.read(language)
    locale = cldr(reader)
    if tag is None or tag.language not in locale.languages:
        return language
    if (whole := tag.names()[0]) in locale.languages:
        return str(locale.languages[whole])
    script, region = locale.scripts.get(tag.script or ""), locale.territories.get(tag.region or "")
    details = ", ".join(str(detail) for detail in (script, region) if detail)
    return f"{locale.languages[tag.language]} ({details})" if details else str(locale.languages[tag.language])


@lru_cache(maxsize=256)
def direction(language: str) -> Literal["ltr", "rtl"]:
    """Say which way the language is written, by its script."""
    tag = Tag.read(language)
    return "rtl" if tag and tag.likely().script in _RIGHT_TO_LEFT else "ltr"


def two_letter(language: str) -> str | None:
    """Give the ISO 639-1 code, `None` where the language has none; some platforms know no others."""
    tag = Tag.read(language)
    if tag is None:
        return None
    return tag.language if len(tag.language) == 2 else _ISO_639_1.get(tag.language)


def match(language: str, offered: Sequence[str]) -> str | None:
    """Find the one offered that is the same language, nearest in script, then region."""
    wanted = Tag.read(language)
    if wanted is None:
        return None
    full = wanted.likely()
    same = _MEMBER_OF.get(full.language, full.language)
    best: tuple[tuple[bool, ...], str] | None = None
    for candidate in offered:
        tag = Tag.read(candidate)
        if tag is None:
            continue
        likely = tag.likely()
        if _MEMBER_OF.get(likely.language, likely.language) != same:
            continue
        nearness = (
            tag == wanted,
            likely.language == full.language,
            likely.script == full.script,
            likely.region == full.region,
            tag.region is None,
        )
        if best is None or nearness > best[0]:
            best = nearness, candidate
    return best[1] if best else None


def best_language(hint: str | None, offered: Sequence[str]) -> str:
    """Choose the offered language to begin with for a client that says `hint`; the first by default."""
    if hint:
        found = match(hint, offered)
        if found is None and (tag := Tag.read(hint)) and tag.language in _READ_INSTEAD:
            found = match(_READ_INSTEAD[tag.language], offered)
        if found is not None:
            return found
    return offered[0]
