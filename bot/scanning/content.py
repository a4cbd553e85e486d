"""What is in a file, whatever its media type says: a program, or a document that brings along what can run.

Nothing is executed, rendered or expanded beyond a bound, and whatever cannot be looked into counts as found. Large
texts are searched by RE2: in linear time whatever they hold, and while other threads go on.
"""

from __future__ import annotations

import re

import re2

from bot.scanning import packages, pdf
from bot.scanning.beginnings import LONGEST, is_archive, is_program

_RTF = re.compile(rb"\s*\{\\rt", re.IGNORECASE)
"""Word asks for no more."""
_RTF_BRINGS = re2.compile(
    rb"(?i)\\(?:obj(?:data|emb|ocx|html|update|link|autlink)|object)(?:[^a-z]|$)"
    rb"|\\fldinst[^\\]*\bdde(?:auto)?\b"
    rb"|\\template[\s{}]+(?:[a-z][\w+.-]+:|\\\\\\\\|//|\\['u])"
)
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_MARK = b"\xef\xbb\xbf"
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]*)", re.IGNORECASE)
_ENCODINGS = re.compile(rb"utf-?8|utf-?16(?:le|be)?|us-ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)
_NAME = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_SPACE = re.compile(rb"\s*")
_SKIPPED = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!", b">"))
"""What may stand before the first element."""
_MAPS = frozenset({b"gpx", b"kml"})
_PAGES = frozenset(
    {
        b"html",
        b"head",
        b"body",
        b"script",
        b"svg",
        b"scriptlet",
        b"component",
        b"package",
        b"job",
        b"document",
    }
)
"""Elements with which something begins that a browser or a desktop takes for more than text."""
_PAGE_SCRIPT, _ENTITY = re2.compile(rb"(?i)<script"), re2.compile(rb"(?i)<!entity")
_FLAT = b"urn:oasis:names:tc:opendocument"
_OBJECT = re2.compile(rb"0\s*M\s*8\s*R\s*4\s*K\s*G\s*x")
"""The first bytes of an embedded object in base64."""


def can_run(content: bytes) -> bool:
    """Whether a file is a program or an archive, brings along what can run, or cannot be looked into."""
    if is_program(content[:LONGEST]) or is_archive(content):
        return True
    if packages.is_package(content):
        return packages.brings_something(content)
    if pdf.is_pdf(content) and pdf.brings_something(content):
        return True
    text = _as_utf_8(content)
    if _RTF.match(text):
        return _RTF_BRINGS.search(text) is not None
    return _PAGE_SCRIPT.search(text) is not None or (text.startswith(b"<") and _is_active_markup(text))


def _as_utf_8(content: bytes) -> bytes:
    """A text from its first character on, made UTF-8 where it is UTF-16."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content = content.decode(encoding, "replace").encode("utf-8", "replace")
            break
    return content.removeprefix(_MARK).lstrip()


def _is_active_markup(text: bytes) -> bool:
    """Whether XML or HTML is more than a map or a flat document without macros."""
    declared = _ENCODING.match(text)
    if _ENTITY.search(text) or (declared and not _ENCODINGS.fullmatch(declared[1])):
        return True
    root = _root(text)
    if root in _MAPS:
        return False
    if root == b"document" and _FLAT in text:
        return packages.ACTIVE.search(text) is not None or _OBJECT.search(text) is not None
    return text[:9].lower().startswith((b"<?xml", b"<!doctype")) or root in _PAGES


def _root(text: bytes) -> bytes:
    """The name of the first element in small letters, without its prefix; empty where there is none."""
    at = 0
    while True:
        if space := _SPACE.match(text, at):
            at = space.end()
        for opening, closing in _SKIPPED:
            if text.startswith(opening, at):
                end = text.find(closing, at)
                if end < 0:
                    return b""
                at = end + len(closing)
                break
        else:
            found = _NAME.match(text, at)
            return found[1].lower() if found else b""
