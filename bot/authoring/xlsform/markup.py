"""Texts with XLSForm's styling (Markdown and some HTML) → the same in plain words, which every channel can show."""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(r"[*_#<\[&\\]")
_ESCAPED = re.compile(r"\\([*_#])")
_TAG = re.compile(
    r"</?(?:span|font|b|i|u|s|em|strong|small|big|sub|sup|center|div|p|h[1-6]|ul|ol|li|a|hr|mark)\b[^<>]*>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6])>(?!\s*$)", re.IGNORECASE)
_HEADING = re.compile(r"^[ \t]{0,3}(?:#{2,6}|#(?=[<*_]))[ \t]*", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]]+)\]\(\s*(https?://[^\s()]+)\s*\)")
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|#\d{1,6});")
_EMPHASIS = (
    re.compile(r"(?<![\w*\\])\*\*(?=\S)(.+?)(?<=[^\s\\])\*\*(?![\w*])", re.DOTALL),
    re.compile(r"(?<![\w_])__(?=\S)(.+?)(?<=\S)__(?![\w_])", re.DOTALL),
    re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*\\])\*(?![\w*])"),
    re.compile(r"(?<![\w_{\\])_(?=[^\s_])([^_\n{}]+?)(?<=[^\s_\\])_(?![\w_}])"),
)


def plain(text: str) -> str:
    """The text without tags, headings and emphasis; a link shows where it leads to."""
    if not _MARKUP.search(text):
        return text
    words = _HEADING.sub("", _TAG.sub("", _BREAK.sub("\n", _HEADING.sub("", text))))
    words = _LINK.sub(r"\1 (\2)", words)
    for emphasis in _EMPHASIS:
        words = emphasis.sub(r"\1", words)
    words = _ESCAPED.sub(r"\1", words)
    words = _ENTITY.sub(lambda found: html.unescape(found[0]), words)
    return words.strip() or text
