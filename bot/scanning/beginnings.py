"""What programs, archives and images of disks begin with."""

from __future__ import annotations

import re

_PROGRAMS = (
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java's classes, and Apple's programs for several processors
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"dex\n0",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",  # a Windows shortcut
    b"ITSF",  # Windows help, with scripts
    b"FasdUAS",
    b"%!",  # PostScript
    b"\xc5\xd0\xd3\xc6",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # Office until 2003, embedded objects, Windows installers
    b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d",  # OneNote, with files in it
    b"\0\x01\0\0Standard ",  # Access
)
_ARCHIVES = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"\x1f\x9d",
    b"LZIP",
    b"MSCF",
    b"xar!",
    b"!<arch>\n",
    b"\xed\xab\xee\xdb",
    b"MSWIM\0",
    b"vhdxfile",
    b"conectix",
)
_GZIP = b"\x1f\x8b"
_FURTHER_IN = (
    (7, b"**ACE**"),
    (257, b"ustar"),
    (0x8001, b"CD001"),  # this and the next two: images of disks
    (0x8001, b"BEA01"),
    (0x8001, b"NSR0"),
)
_AT_THE_END = ((512, b"koly"), (512, b"conectix"))
_FLASH = re.compile(rb"[CFZ]WS.{4}\0", re.DOTALL)
"""The last byte of the length is 0, as in no text."""
_LHA = re.compile(rb"..-lh[0-9ds]-", re.DOTALL)
_SCRIPT = re.compile(rb"(\xef\xbb\xbf)?#![ \t]*/")
_WINDOWS = b"MZ"
"""Windows' programs begin with this and zeros among the rest: a text may begin so too."""
_TEXTS = (
    b"[internetshortcut]",
    b"[desktop entry]",
    b"[autorun]",
    b"windows registry editor",
    b"mime-version:",
)
"""Texts that a desktop, or a word processor whatever their name, takes for more than that."""
_SPREADSHEET = re.compile(rb"ID;P[^\r\n]*[\r\n]+(?:[BCFOP]|NN);")
"""A text that Excel takes for a workbook with formulas that run, even where its name ends in `.csv`."""
LONGEST = 512
"""Bytes that `is_program` and `is_packed` look at."""


def is_program(head: bytes) -> bool:
    """Whether what begins so is a program, or a container in which Windows or Office keeps some."""
    return bool(
        head.startswith(_PROGRAMS)
        or _SCRIPT.match(head)
        or _FLASH.match(head)
        or (head.startswith(_WINDOWS) and b"\0" in head[:64])
        or _SPREADSHEET.match(head)
        or head.removeprefix(b"\xef\xbb\xbf").lstrip()[:32].lower().startswith(_TEXTS)
    )


def is_packed(head: bytes) -> bool:
    """Whether what begins so is an archive, but no ZIP; within a document, a metafile may be packed by gzip."""
    return head.startswith(_ARCHIVES)


def is_archive(content: bytes) -> bool:
    """Whether a file is an archive, but no ZIP, or the image of a disk."""
    return bool(
        content.startswith((*_ARCHIVES, _GZIP))
        or _LHA.match(content)
        or any(content.startswith(mark, at) for at, mark in _FURTHER_IN)
        or any(content[-before:].startswith(mark) for before, mark in _AT_THE_END)
    )
