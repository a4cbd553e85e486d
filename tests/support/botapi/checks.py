"""The platform's rules about what a bot may send, each with the platform's words for breaking it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.botapi.errors import ApiError, bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTONS = 100
BUTTONS_A_ROW = 8
DATA_BYTES = 64
COMMANDS = 100
UPLOAD_LIMIT = 50 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_TAG = re.compile(r"<(/?)([^\s>]*)[^>]*>")
_TAGS = frozenset({
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre",
    "blockquote", "tg-emoji",
})  # fmt: skip
_RESERVED = re.compile(r"\\[\x01-\x7e]|([>#+\-={}.!])")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    media_type: str
    content: bytes


class Parameters(dict[str, "str | Upload"]):
    """What a call says: names and texts, as HTTP carries them."""

    def text(self, name: str) -> str:
        """A text, empty when it is not there."""
        value = self.get(name, "")
        return value if isinstance(value, str) else ""

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number; the platform reads anything else as not given."""
        value = self.text(name)
        return int(value) if re.fullmatch(r"-?\d{1,18}", value, re.ASCII) else default

    def flag(self, name: str) -> bool:
        """A yes or no."""
        return self.text(name).lower() in ("true", "yes", "1")

    def document(self, name: str, what: str) -> Any:
        """A value in JSON, `None` when it is not there."""
        value = self.text(name)
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None


def utf16_units(text: str) -> int:
    """Length as the platform counts it."""
    return len(text.encode("utf-16-le")) // 2


def message_text(parameters: Parameters) -> str:
    """The text of a message, as it will be shown."""
    text = formatted(parameters.text("text"), parameters.text("parse_mode"))
    if not text:
        raise bad_request("message text is empty")
    if utf16_units(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text


def caption(parameters: Parameters) -> str:
    """The words beside a file, as they will be shown."""
    text = formatted(parameters.text("caption"), parameters.text("parse_mode"))
    if utf16_units(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return text


def formatted(text: str, mode: str) -> str:
    """`text` without its mark-up, trimmed as the platform trims."""
    match mode.lower():
        case "":
            plain = text
        case "html":
            plain = _without_tags(text)
        case "markdownv2":
            plain = _without_marks(text)
        case _:
            raise bad_request("unsupported parse_mode")
    return plain.strip()


def _without_tags(text: str) -> str:
    open_tags: list[str] = []
    for tag in _TAG.finditer(text):
        closing, name = tag.group(1), tag.group(2).lower()
        offset = len(text[: tag.start()].encode())
        if closing:
            if not open_tags or open_tags.pop() != name:
                raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        elif name in _TAGS:
            open_tags.append(name)
        else:
            raise bad_request(
                f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}'
            )
    if open_tags:
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\""
        )
    return html.unescape(_TAG.sub("", text))


def _without_marks(text: str) -> str:
    for mark in _RESERVED.finditer(text):
        if mark.group(1):
            raise bad_request(
                f"can't parse entities: Character '{mark.group(1)}' is reserved "
                "and must be escaped with the preceding '\\'"
            )
    return re.sub(r"\\(.)|[*_~`|]", r"\1", text)


def keyboard(parameters: Parameters) -> dict[str, Any] | None:
    """The inline keyboard of a message; other kinds of keyboard are none of this server's."""
    markup = parameters.document("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or set(markup) != {"inline_keyboard"}:
        raise bad_request("this server knows inline keyboards only")
    kept = [[_button(button) for button in _row(row)] for row in rows]
    if sum(map(len, kept)) > BUTTONS or any(len(row) > BUTTONS_A_ROW for row in kept):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    kept = [row for row in kept if row]
    return {"inline_keyboard": kept} if kept else None


def _row(row: Any) -> list[Any]:
    if not isinstance(row, list):
        raise bad_request("can't parse inline keyboard button row: expected an Array")
    return row


def _button(button: Any) -> dict[str, str]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    label, data = button.get("text"), button.get("callback_data")
    if not isinstance(label, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not label.strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if not isinstance(data, str):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if not 1 <= len(data.encode()) <= DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return {"text": label, "callback_data": data}


def upload(parameters: Parameters, name: str) -> Upload:
    """The file that a call carries, by itself or as `attach://part`."""
    value = parameters.get(name)
    if isinstance(value, str) and value.startswith("attach://"):
        value = parameters.get(value.removeprefix("attach://"))
    if not isinstance(value, Upload):
        raise bad_request(f"there is no {name} in the request")
    if not value.content:
        raise bad_request("file must be non-empty")
    if len(value.content) > UPLOAD_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    return value


def webhook_url(parameters: Parameters) -> str:
    """Where updates go; only a server beside the bot goes without encryption, and only on loopback."""
    url = parameters.text("url")
    parts = urlsplit(url)
    if not url or (parts.scheme == "https" and parts.hostname):
        return url
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return url
    raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


def secret_token(parameters: Parameters) -> str:
    """What the webhook knows the platform by."""
    token = parameters.text("secret_token")
    if len(token) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", token):
        raise bad_request("secret token contains unallowed characters")
    return token


def language_code(parameters: Parameters) -> str:
    """Two letters, or empty for every language without its own."""
    code = parameters.text("language_code")
    if code and not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def scope(parameters: Parameters) -> str:
    """Whose menu it is; only everybody's and that of private chats are known here."""
    value = parameters.document("scope", "BotCommandScope")
    kind = "default" if value is None else value.get("type") if isinstance(value, dict) else None
    if kind not in ("default", "all_private_chats"):
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    return str(kind)


def commands(parameters: Parameters) -> list[dict[str, str]]:
    """The commands of a menu."""
    listed = parameters.document("commands", "commands")
    if not isinstance(listed, list):
        raise bad_request("can't parse commands JSON object")
    if len(listed) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = []
    for item in listed:
        name, description = str(item.get("command", "")).removeprefix("/"), str(item.get("description", ""))
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description.strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": name, "description": description.strip()})
    return kept
