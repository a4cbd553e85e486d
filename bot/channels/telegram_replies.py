"""Replies as JSON that the platform executes when it is the body of our answer to an update.

A refusal of such a body is never seen, so only what is within the platform's limits is made into one.
"""

from __future__ import annotations

import msgspec

from bot.channels.telegram import TelegramChannel
from bot.messages import Button, Part

BUTTONS_A_ROW = 8
DATA_BYTES = 64

_LIMITS = TelegramChannel.capabilities


class _Button(msgspec.Struct, gc=False):
    text: str
    callback_data: str


class _Keyboard(msgspec.Struct):
    inline_keyboard: list[list[_Button]]


class _Preview(msgspec.Struct, gc=False):
    is_disabled: bool


class _SendMessage(msgspec.Struct, tag_field="method", tag="sendMessage", omit_defaults=True):
    chat_id: str
    text: str
    link_preview_options: _Preview
    reply_markup: _Keyboard | None = None


class _AnswerCallbackQuery(msgspec.Struct, tag_field="method", tag="answerCallbackQuery", gc=False):
    callback_query_id: str


_NO_PREVIEW = _Preview(is_disabled=True)
_encode = msgspec.json.Encoder().encode


def send_message(address: str, part: Part) -> bytes | None:
    """The body that sends a part without a file; `None` where it has to be a call, whose refusal is seen."""
    if part.document is not None or not _fits(part):
        return None
    keyboard = None
    if part.keyboard:
        keyboard = _Keyboard(
            [[_Button(button.label, button.data) for button in row] for row in part.keyboard]
        )
    try:
        return _encode(_SendMessage(address, part.text, _NO_PREVIEW, keyboard))
    except UnicodeEncodeError:
        # Half a surrogate pair, which a call replaces.
        return None


def answer_callback_query(query_id: str) -> bytes:
    """The body that ends the waiting sign on a button."""
    return _encode(_AnswerCallbackQuery(query_id))


def _fits(part: Part) -> bool:
    """Whether the platform accepts the text and every button."""
    text = part.text
    if not text or text.isspace():
        return False
    # A character is two of the platform's units at most, and four bytes: measuring is for what comes near the limit.
    if len(text) * 2 > _LIMITS.text_limit and _LIMITS.measure(text) > _LIMITS.text_limit:
        return False
    if sum(map(len, part.keyboard)) > _LIMITS.buttons:
        return False
    return all(0 < len(row) <= BUTTONS_A_ROW and all(map(_accepted, row)) for row in part.keyboard)


def _accepted(button: Button) -> bool:
    label, data = button.label, button.data
    if not label or label.isspace() or not data:
        return False
    return len(data) * 4 <= DATA_BYTES or len(data.encode(errors="replace")) <= DATA_BYTES
