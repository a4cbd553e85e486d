"""PDF documents: scripts, programs that they start, and files that they bring along."""

from __future__ import annotations

import re
import zlib

import re2

MOST_UNPACKED = 64 * 2**20
"""Bytes of all packed objects together."""
MOST_LOOKED_AT = 2**30
"""Bytes before streams, again for each word that may be the beginning of one."""
_BEGINS, _WITHIN = b"%PDF-", 1024
"""Readers look for the first within so many bytes."""
_SPACE = rb"(?:\s|%[^\r\n]*[\r\n])*"


def _name(*words: str) -> bytes:
    """A pattern of any of these names, of which each letter may be written as its number."""
    spelt = ("".join(f"(?:{letter}|(?i:#{ord(letter):02x}))" for letter in word) for word in words)
    return f"/(?:{'|'.join(spelt)})".encode()


_ACTIVE = re2.compile(
    _name("JavaScript")
    + rb"\b|(?:[\s\])>]|(?:obj|"
    + _name("S", "Subtype")
    + rb")"
    + _SPACE
    + rb")"
    + _name("Launch", "Rendition", "ImportData", "GoToE", "RichMedia")
    + rb"\b|"
    + _name("EF", "EmbeddedFiles", "Encrypt", "XFA")
    + _SPACE
    + rb"(?:<<|\[|\d+"
    + _SPACE
    + rb"\d+"
    + _SPACE
    + rb"R\b)"
)
"""Actions, files in the document, a lock, and forms of another kind: names as an address would not have them."""
_STREAM, _STREAM_ENDS = re.compile(rb"stream[ \t]*[\r\n]*"), b"endstream"
_AFTER_STREAM = 1024
"""The most bytes that may follow what was packed: a reader might find more among them."""
_OBJECTS = re2.compile(_name("ObjStm") + b"|" + _name("First") + rb"\s+\d+\s*[/>%]")
"""What is said of a stream in which objects are packed."""
_FILTERED = re2.compile(_name("Filter") + b"|" + _name("F") + rb"\b")


def is_pdf(content: bytes) -> bool:
    """Whether a reader takes a file for a PDF document."""
    return _BEGINS in content[:_WITHIN]


def brings_something(content: bytes) -> bool:
    """Whether a PDF document has something that can run or other files in it, or is locked."""
    return _ACTIVE.search(content) is not None or _packs_something(content)


def _packs_something(content: bytes) -> bool:
    """Whether one of the names is in packed objects, or these cannot be unpacked."""
    left, looked_at, before = MOST_UNPACKED, 0, 0
    for found in _STREAM.finditer(content):
        if content.endswith(b"end", 0, found.start()):
            before = found.end()
            continue
        said = content[before : found.start()]
        looked_at += len(said)
        if looked_at > MOST_LOOKED_AT:
            return True
        if not _OBJECTS.search(said) or not _FILTERED.search(said):
            continue
        end, unpacking = content.find(_STREAM_ENDS, found.end()), zlib.decompressobj()
        try:
            objects = unpacking.decompress(content[found.end() : end], left + 1)
        except zlib.error:
            return True
        left -= len(objects)
        if left < 0 or not unpacking.eof or len(unpacking.unused_data) > _AFTER_STREAM:
            return True
        # They begin with their numbers: else something else is packed in what was packed.
        if not objects.lstrip()[:1].isdigit() or _ACTIVE.search(objects):
            return True
    return False
