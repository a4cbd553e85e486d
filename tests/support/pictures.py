"""A transcript as a page with the bubbles and buttons of a phone, to see how a conversation reads.

`python -m tests.support.pictures tests/transcripts/arabic.telegram.txt > arabic.html`, with `--from 3 --steps 4` for a
part of it; a browser makes the picture:
`chromium --headless --screenshot=arabic.png --window-size=390,1200 arabic.html`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from pathlib import Path

_PAGE = """\
<!doctype html>
<meta charset="utf-8">
<title>{title}</title>
<style>
  body {{ margin: 0; padding: 10px; background: #dfe7ec; font: 15px/1.35 "Noto Sans", "Noto Sans Arabic",
         "Noto Sans Devanagari", "Noto Sans CJK SC", sans-serif; }}
  div {{ max-width: 85%; width: fit-content; margin: 0 0 8px; }}
  p {{ margin: 0; padding: 7px 10px; border-radius: 10px; background: #fff; white-space: pre-wrap;
      unicode-bidi: plaintext; overflow-wrap: anywhere; }}
  .said {{ margin-left: auto; }}
  .said p {{ background: #d9f3c4; }}
  nav {{ display: flex; gap: 4px; margin-top: 4px; }}
  button {{ flex: 1; padding: 6px; border: 0; border-radius: 8px; background: #b9c8d2; font: inherit; }}
</style>
{bubbles}
"""
_BUTTONS = re.compile(r"\[([^\]]+)\]")


def bubbles(transcript: str, first: int = 1, steps: int | None = None) -> Iterator[str]:
    """The messages from one of the person's steps on, each as HTML; what happens without words is left out."""
    parts = re.split(r"^(?=[>@] )", transcript, flags=re.MULTILINE)[1:]
    for part in islice(parts, first - 1, None if steps is None else first - 1 + steps):
        lines = part.splitlines()
        said = [line.removeprefix("> ").strip("[]") for line in lines if line.startswith("> ")]
        if said:
            yield _bubble("said", "\n".join(said), ())
        told = "\n".join(line for line in lines if not line.startswith(("> ", "@ ", "(in place of")))
        for message in told.split("\n---\n"):
            rows = [line for line in message.splitlines() if line.startswith("[")]
            words = "\n".join(line for line in message.splitlines() if not line.startswith("["))
            if words.strip():
                yield _bubble("told", words.strip("\n"), rows)


def _bubble(who: str, words: str, rows: list[str] | tuple[()]) -> str:
    keys = "".join(
        f"<nav>{''.join(f'<button dir=auto>{escape(key)}</button>' for key in _BUTTONS.findall(row))}</nav>"
        for row in rows
    )
    return f'<div class="{who}"><p dir="auto">{escape(words)}</p>{keys}</div>'


def main() -> None:
    """Write the page of a transcript."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("transcript", type=Path)
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first step shown, from 1")
    parser.add_argument("--steps", type=int, help="how many steps; all the rest unless told")
    options = parser.parse_args()
    shown = "\n".join(bubbles(options.transcript.read_text(encoding="utf-8"), options.first, options.steps))
    print(_PAGE.format(title=escape(options.transcript.stem), bubbles=shown), end="")


if __name__ == "__main__":
    main()
