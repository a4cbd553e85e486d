"""Documents of Office and OpenDocument, which are ZIP archives: their parts, and parts within parts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any
from xml.parsers import expat

import re2

from bot.scanning.beginnings import LONGEST, is_packed, is_program

MOST_PARTS = 10_000
MOST_UNPACKED = 256 * 2**20
"""Bytes of all parts together."""
LARGEST_WITHIN = 32 * 2**20
"""Bytes of a document within a document."""
LONGEST_LIST = 2**20
"""Bytes of a list of relations."""
DEEPEST = 1
"""A table may stand in a text, but nothing in that table."""

ACTIVE = re2.compile(
    rb"(?i)<(?:[^\s<>/:]+:)?"
    rb"(?:module|source-code|byte-code|event-listener|object-ole|applet|plugin|ddelink|dde-[a-z-]+)[\s/>]"
    rb"|vnd\.sun\.star\.script|<!entity"
)
"""Elements and addresses by which a document runs something: macros, events, objects, links that fetch."""
_LOCKED = re2.compile(rb"(?i)encryption-data|<!entity")
_BASIC = re2.compile(rb"(?i)vbaproject")
_NAME_ENDS = re.compile(rb"[\s>]")
_LONGEST_MARK = 64
_BEGINS, _ENDS, _LISTED = b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02"
_END_BYTES = 65_557
"""Within how many of an archive's last bytes its end begins."""
_NOT_UTF_8 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_CHUNK = 256 * 1024
_PACKED_BY = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""As documents are packed; of other ways, `zipfile` unpacks a piece whole, which may be gigabytes."""
_OFFICE = "[content_types].xml"
_OPEN = "mimetype"
_OPEN_TYPES = b"application/vnd.oasis.opendocument."
_MACROS = ("basic/", "scripts/", "xl/macrosheets/", "encrypted-package")
"""Where OpenDocument keeps what can run, Excel its old macros, and OpenDocument what nobody can look into."""
_MACROS_WITHIN = ("/basic/script-lc.xml", "vbaproject", "/activex/")
_MACRO_TYPES = re.compile("vbaproject|macroenabled|macrosheet|activex")
_FETCHED = re.compile("/(?:attachedtemplate|oleobject|subdocument|frame|control)$")
_FAR = re.compile(r"\s*(?!file:///[a-z]:)(?:[a-z][\w+.-]+:|\\\\|//)")
"""An address that is neither in the document nor on a disk of its author's."""


class _Found(Exception):
    """Something that can run, or that cannot be looked into."""


@dataclass
class _Allowance:
    """Bytes that may still be unpacked."""

    left: int = MOST_UNPACKED


def is_package(content: bytes) -> bool:
    """Whether a file is a ZIP archive, also behind something else: an archive is read from its end."""
    if content.startswith(_BEGINS) or content.find(_ENDS, -_END_BYTES) < 0:
        return content.startswith(_BEGINS)
    if content.count(_LISTED) > MOST_PARTS:
        return True
    try:
        zipfile.ZipFile(io.BytesIO(content)).close()
    except Exception:
        return False
    return True


def brings_something(content: bytes) -> bool:
    """Whether an archive is no document, or one with something that can run."""
    try:
        _look_through(content, _Allowance(), 0)
    except Exception:
        # What no reader opens, another one may.
        return True
    return False


def _look_through(content: bytes, allowance: _Allowance, depth: int) -> None:
    if depth > DEEPEST or content.count(_LISTED) > MOST_PARTS:
        raise _Found
    if _BASIC.search(content):
        # Also where only another reader would look.
        raise _Found
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = [part.filename.lower().replace("\\", "/") for part in parts]
        if any(part.compress_type not in _PACKED_BY for part in parts):
            raise _Found
        if len(set(names)) < len(names) or not _is_document(archive, names):
            raise _Found
        for part, name in zip(parts, names, strict=True):
            if name.startswith(_MACROS) or any(mark in name for mark in _MACROS_WITHIN):
                raise _Found
            _look_into(name, _pieces(archive, part, allowance), allowance, depth)


def _is_document(archive: zipfile.ZipFile, names: list[str]) -> bool:
    if _OFFICE in names:
        return True
    if _OPEN not in names:
        return False
    with archive.open(archive.infolist()[names.index(_OPEN)]) as stream:
        return stream.read(len(_OPEN_TYPES)) == _OPEN_TYPES


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo, allowance: _Allowance) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while piece := stream.read(_CHUNK):
            allowance.left -= len(piece)
            if allowance.left < 0:
                raise _Found
            yield piece


def _look_into(name: str, pieces: Iterator[bytes], allowance: _Allowance, depth: int) -> None:
    """Look into one part."""
    first = next(pieces, b"")
    head = first[:LONGEST]
    if is_program(head) or is_packed(head) or head.startswith(_NOT_UTF_8):
        raise _Found
    if head.startswith(_BEGINS):
        _look_through(_joined(first, pieces, LARGEST_WITHIN), allowance, depth + 1)
    elif name.endswith(".rels") or name == _OFFICE:
        _look_through_list(first, pieces)
    elif name == "meta-inf/manifest.xml":
        _search(_LOCKED, first, pieces)
    elif name.endswith(".xml") or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        _search(ACTIVE, first, pieces)
    else:
        for _ in pieces:
            pass


def _joined(first: bytes, pieces: Iterator[bytes], most: int) -> bytes:
    whole = bytearray(first)
    for piece in pieces:
        whole += piece
        if len(whole) > most:
            raise _Found
    return bytes(whole)


def _look_through_list(first: bytes, pieces: Iterator[bytes]) -> None:
    """Look through the types of a document's parts, or what a part refers to."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = _look_at
    parser.EntityDeclHandler = _refuse
    parser.Parse(_joined(first, pieces, LONGEST_LIST), True)  # noqa: FBT003


def _look_at(_: str, attributes: dict[str, str]) -> None:
    """Look at one part's type, or at one thing that a part refers to."""
    said = {name.lower(): value.lower().strip() for name, value in attributes.items()}
    if any(map(_MACRO_TYPES.search, said.values())):
        raise _Found
    if _FETCHED.search(said.get("type", "")) and _FAR.match(said.get("target", "")):
        raise _Found


def _refuse(*_: object) -> None:
    raise _Found


def _search(mark: Any, first: bytes, pieces: Iterator[bytes]) -> None:
    """Raise `_Found` where the mark is in the text, also across its pieces."""
    before = b""
    for piece in chain((first,), pieces):
        text = before + piece
        if mark.search(text):
            raise _Found
        # A name may be cut in two, however long its prefix is.
        last = text.rfind(b"<")
        before = text[-_LONGEST_MARK:] if last < 0 or _NAME_ENDS.search(text, last) else text[last:]
        if len(before) > _CHUNK:
            raise _Found
