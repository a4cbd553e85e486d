"""A file's bytes and text, or a problem that says why they cannot be had."""

from __future__ import annotations

from pathlib import Path

from bot.authoring.problems import Place, Problems


def bytes_of(path: Path, most: int, problems: Problems, remedy: str) -> bytes | None:
    """All bytes of a file; `None`, and a problem, if it cannot be read or has more than `most`.

    `remedy` says what to do about a file that is too large.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except (OSError, ValueError) as error:
        message = f"The file cannot be read: {getattr(error, 'strerror', None) or error}."
        problems.error(Place(str(path)), "", message, "Check its name and that you may read it.")
        return None
    if len(data) > most:
        problems.error(Place(str(path)), "", f"The file is larger than {most:,} bytes.", remedy)
        return None
    return data


def text_of(data: bytes, file: str, problems: Problems) -> str | None:
    """The text that a file's bytes are in UTF-8; `None`, and a problem where they stop being it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        problems.error(Place(file, line, column), "", "This is not UTF-8 text.", "Save the file as UTF-8.")
        return None
