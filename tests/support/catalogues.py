"""Brings the message catalogues up to date with the code: `make messages`.

A language to be added is named: `python -m tests.support.catalogues pt` begins a catalogue for Portuguese.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from babel.plural import PluralRule, to_gettext

from bot.i18n.catalogues import SOURCE_LANGUAGE, catalogue_path, languages
from bot.i18n.tags import Tag, cldr, language_name

ROOT = Path(__file__).parents[2]
COMMENT_TAG = "TRANSLATORS:"
SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "N_": ("message",),
    "NP_": ("context", "message"),
    "Notice": ("message", "values", "plural", "count", "context"),
    "gettext": ("language", "message", "context"),
    "ngettext": ("language", "message", "plural", "n", "context"),
}
"""The calls that hold messages, with what each of their arguments is."""

HEADER = """\
# Talanoa in {name}.
#
# Words in {{braces}} are filled in later: keep them. Plural forms are, in this order: {categories}.
# In context "words" stand lists of what people may type, the main word first: give as many as your people
# use, however many there are in English (but the numbers from zero to twenty in order). Put commas between
# them, or semicolons where a word holds a comma.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

CATEGORIES = ("zero", "one", "two", "few", "many", "other")
PLURAL_FORMS: Mapping[str, str] = {
    **dict.fromkeys(("zh", "id"), "nplurals=1; plural=0;"),
    **dict.fromkeys(("en", "nl", "sw"), "nplurals=2; plural=(n != 1);"),
    **dict.fromkeys(("hi", "fa"), "nplurals=2; plural=(n > 1);"),
    **dict.fromkeys(("fr", "ht", "pt"), "nplurals=3; plural=(n < 2 ? 0 : n % 1000000 == 0 ? 1 : 2);"),
    "es": "nplurals=3; plural=(n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2);",
    "he": "nplurals=3; plural=(n == 1 ? 0 : n == 2 ? 1 : 2);",
    "ru": "nplurals=3; plural=(n % 10 == 1 && n % 100 != 11 ? 0 : "
    "n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? 1 : 2);",
    "ar": "nplurals=6; plural=(n == 0 ? 0 : n == 1 ? 1 : n == 2 ? 2 : "
    "n % 100 >= 3 && n % 100 <= 10 ? 3 : n % 100 >= 11 ? 4 : 5);",
}
"""CLDR's rules as gettext writes them, forms in the order of `CATEGORIES`; half of Babel's own differ."""

Extracted: TypeAlias = tuple[int, str, tuple[str, ...], list[str]]
"""Line, gettext's name for the kind of message, its parts, comments for translators."""


def plural_forms(language: str) -> str:
    """The `Plural-Forms` header of a language; English's where CLDR does not know the language."""
    return PLURAL_FORMS.get(language) or derived_plural_forms(cldr(language).plural_form)


def whole_number_categories(rule: PluralRule) -> tuple[str, ...]:
    """The categories of a plural rule that whole numbers take; some are for fractions only."""
    taken = {rule(n) for n in (*range(1001), 1_000_000, 2_000_000)}
    return tuple(category for category in CATEGORIES if category in taken)


def derived_plural_forms(rule: PluralRule) -> str:
    """The header that a CLDR rule comes to for whole numbers."""
    # The last category is what remains, whatever CLDR calls it: in Russian "other" is for fractions.
    kept = {category: rule.rules[category] for category in whole_number_categories(rule)[:-1]}
    # Whole numbers have no exponent, the operand `e` that Babel leaves in its expression.
    return re.sub(r"\be\b", "0", to_gettext(kept))


def extract_python(
    file: BinaryIO, keywords: Collection[str], tags: Collection[str], options: Mapping[str, object]
) -> Iterator[Extracted]:
    """Babel's extraction method for this program: what is marked, a `Notice` with its plural and context."""
    del keywords, tags, options
    source = file.read().decode()
    lines = source.splitlines()
    seen: set[ast.expr] = set()
    for node in ast.walk(ast.parse(source)):  # outer calls before inner ones
        if not isinstance(node, ast.Call) or node in seen or _called(node) not in SIGNATURES:
            continue
        given = dict(zip(SIGNATURES[_called(node)], node.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        texts = {name: _literal(argument) for name, argument in given.items()}
        message, plural, context = (texts.get(name) for name in ("message", "plural", "context"))
        if message is None and (plural is not None or _called(node) in {"N_", "NP_"}):
            raise SyntaxError(
                f"{file.name}:{node.lineno}: {_called(node)}() needs a plain string for its message"
            )
        if message is not None:
            seen.update(given.values())
            keyword = f"{'n' if plural is not None else ''}{'p' if context is not None else ''}gettext"
            arguments = tuple(text for text in (context, message, plural) if text is not None)
            yield node.lineno, keyword, arguments, _comment_above(lines, node.lineno)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call) and _called(node) == "N_" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _comment_above(lines: list[str], line_number: int) -> list[str]:
    """The comment lines right above a line that are meant for translators."""
    comment: list[str] = []
    for line in reversed(lines[: line_number - 1]):
        if not line.lstrip().startswith("#"):
            break
        comment.insert(0, line.strip().lstrip("# "))
    first = next((index for index, line in enumerate(comment) if line.startswith(COMMENT_TAG)), None)
    return [] if first is None else [" ".join(comment[first:]).removeprefix(COMMENT_TAG).strip()]


def template() -> Catalog:
    """Every message of the program, untranslated."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    catalog = Catalog(charset="utf-8")
    for file_name, line, message, comments, context in extract_from_dir(ROOT, methods):
        added = catalog.add(message, None, [(file_name, line)], auto_comments=comments, context=context)
        # Nothing here is filled in by %: a per cent sign is one.
        added.flags.discard("python-format")
    return catalog


def read(language: str) -> Catalog:
    """The catalogue of a language as it is kept, empty for a new one."""
    path = catalogue_path(language)
    return read_po(BytesIO(path.read_bytes() if path.exists() else b""))


def updated(language: str, messages: Catalog) -> str:
    """What the catalogue of a language has to be: every message of the program, with what is translated."""
    catalog = read(language)
    forms = plural_forms(language)
    catalog.mime_headers = [("Plural-Forms", forms)]
    catalog.update(messages, no_fuzzy_matching=True)
    body = BytesIO()
    write_po(
        body,
        catalog,
        width=110,
        omit_header=True,
        ignore_obsolete=True,
        include_lineno=False,
        sort_output=True,
    )
    header = HEADER.format(
        name=language_name(language, SOURCE_LANGUAGE),
        language=language.replace("-", "_"),
        categories=", ".join(whole_number_categories(cldr(language).plural_form)),
        plural_forms=forms,
    )
    return header + body.getvalue().decode()


def is_unfinished(message: Message) -> bool:
    """Whether a message has a form without translation, or one that nobody has confirmed."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(message.id) and (message.fuzzy or not all(forms))


def _tag(written: str) -> str:
    tag = Tag.read(written)
    if tag is None or tag.names()[0].replace("_", "-") != written:
        raise argparse.ArgumentTypeError(f"{written!r} is no language tag such as pt or zh-Hant")
    return written


def main(arguments: list[str]) -> None:
    """Write every catalogue anew, and begin those of the languages that are named."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.catalogues", description="Bring the message catalogues up to date."
    )
    parser.add_argument(
        "added", nargs="*", metavar="LANGUAGE", type=_tag, help="a language to begin: pt, zh-Hant"
    )
    added = parser.parse_args(arguments).added
    messages = template()
    for language in dict.fromkeys((*languages()[1:], *added)):
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(updated(language, messages), "utf-8", newline="\n")
        catalog = read(language)
        left = sum(map(is_unfinished, catalog))
        print(f"{path.relative_to(ROOT)}: {len(catalog)} messages, {left} to translate")


if __name__ == "__main__":
    main(sys.argv[1:])
