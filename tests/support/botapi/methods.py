"""The methods that the server knows, each with the parameters it looks at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.botapi import checks
from tests.support.botapi.errors import ApiError, bad_request
from tests.support.botapi.platform import TAP_SECONDS, Person, Platform

if TYPE_CHECKING:
    from tests.support.botapi.checks import Parameters


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it does, and which parameters it may be given."""

    run: Callable[[Platform, Parameters], Awaitable[Any]]
    parameters: frozenset[str]


METHODS: dict[str, Method] = {}
"""By name, lower-cased: the platform does not mind case."""

_DELIVERY = ("disable_notification", "protect_content", "allow_paid_broadcast")


def _method(
    name: str, *parameters: str
) -> Callable[[Callable[[Platform, Parameters], Awaitable[Any]]], None]:
    def register(run: Callable[[Platform, Parameters], Awaitable[Any]]) -> None:
        METHODS[name.lower()] = Method(run, frozenset(parameters))

    return register


async def call(platform: Platform, name: str, parameters: Parameters) -> Any:
    """The result of a call, or the refusal."""
    method = METHODS.get(name.lower())
    if method is None:
        raise ApiError(404, "Not Found")
    unknown = sorted(
        key
        for key in parameters.keys() - method.parameters
        if not any(value == f"attach://{key}" for value in parameters.values())
    )
    if unknown:
        raise bad_request(f"this server does not know the parameter {unknown[0]} of {name}")
    return await method.run(platform, parameters)


@_method("getMe")
async def _get_me(platform: Platform, parameters: Parameters) -> Any:
    return platform.bot | {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@_method("getUpdates", "offset", "limit", "timeout", "allowed_updates")
async def _get_updates(platform: Platform, parameters: Parameters) -> Any:
    _allow(platform, parameters)
    limit = parameters.integer("limit", 100)
    updates = await platform.fetch(
        parameters.integer("offset"),
        limit if 1 <= limit <= 100 else 100,
        min(max(parameters.integer("timeout"), 0), 50),
    )
    return [update.body() for update in updates]


@_method("sendMessage", "chat_id", "text", "parse_mode", "reply_markup", "link_preview_options", *_DELIVERY)
async def _send_message(platform: Platform, parameters: Parameters) -> Any:
    text = checks.message_text(parameters)
    keyboard = checks.keyboard(parameters)
    person = platform.recipient(parameters.text("chat_id"))
    return _said(platform, person, {"text": text} | _markup(keyboard))


@_method("sendDocument", "chat_id", "document", "caption", "parse_mode", "reply_markup", *_DELIVERY)
async def _send_document(platform: Platform, parameters: Parameters) -> Any:
    words = checks.caption(parameters)
    keyboard = checks.keyboard(parameters)
    upload = checks.upload(parameters, "document")
    person = platform.recipient(parameters.text("chat_id"))
    file_id = f"BQ{len(platform.files):022}"
    platform.files[file_id] = (upload.name, upload.content)
    document = {
        "file_id": file_id,
        "file_unique_id": f"AQ{len(platform.files):06}",
        "file_name": upload.name,
        "mime_type": upload.media_type,
        "file_size": len(upload.content),
    }
    content = {"document": document} | ({"caption": words} if words else {})
    return _said(platform, person, content | _markup(keyboard))


@_method(
    "editMessageText", "chat_id", "message_id", "text", "parse_mode", "reply_markup", "link_preview_options"
)
async def _edit_message_text(platform: Platform, parameters: Parameters) -> Any:
    text = checks.message_text(parameters)
    keyboard = checks.keyboard(parameters)
    person, message = _to_edit(platform, parameters)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edited(platform, person, message, {"text": text}, keyboard)


@_method("editMessageReplyMarkup", "chat_id", "message_id", "reply_markup")
async def _edit_message_reply_markup(platform: Platform, parameters: Parameters) -> Any:
    keyboard = checks.keyboard(parameters)
    person, message = _to_edit(platform, parameters)
    return _edited(platform, person, message, {}, keyboard)


@_method("answerCallbackQuery", "callback_query_id", "text", "show_alert", "url", "cache_time")
async def _answer_callback_query(platform: Platform, parameters: Parameters) -> Any:
    notice = parameters.text("text")
    if checks.utf16_units(notice) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    tap = platform.taps.get(parameters.text("callback_query_id"))
    if tap is None or tap.answered or platform.now() - tap.at > TAP_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    tap.answered, tap.notice = True, notice
    tap.person.changed.notify()
    return True


@_method("setMyCommands", "commands", "scope", "language_code")
async def _set_my_commands(platform: Platform, parameters: Parameters) -> Any:
    place = checks.scope(parameters), checks.language_code(parameters)
    platform.commands[place] = checks.commands(parameters)
    return True


@_method("getMyCommands", "scope", "language_code")
async def _get_my_commands(platform: Platform, parameters: Parameters) -> Any:
    return platform.commands.get((checks.scope(parameters), checks.language_code(parameters)), [])


@_method("deleteMyCommands", "scope", "language_code")
async def _delete_my_commands(platform: Platform, parameters: Parameters) -> Any:
    platform.commands.pop((checks.scope(parameters), checks.language_code(parameters)), None)
    return True


def _profile(setter: str, getter: str, name: str, limit: int) -> None:
    @_method(setter, name, "language_code")
    async def _set(platform: Platform, parameters: Parameters) -> Any:
        text, language = parameters.text(name).strip(), checks.language_code(parameters)
        if checks.utf16_units(text) > limit:
            raise bad_request(f"BOT_{name.removeprefix('short_').upper()}_INVALID")
        platform.profile[name, language] = text
        return True

    @_method(getter, "language_code")
    async def _get(platform: Platform, parameters: Parameters) -> Any:
        language = checks.language_code(parameters)
        fallback = platform.profile.get((name, ""), "")
        return {name: platform.profile.get((name, language)) or fallback}


_profile("setMyName", "getMyName", "name", 64)
_profile("setMyDescription", "getMyDescription", "description", 512)
_profile("setMyShortDescription", "getMyShortDescription", "short_description", 120)


@_method(
    "setWebhook", "url", "secret_token", "max_connections", "allowed_updates", "drop_pending_updates",
    "ip_address",
)  # fmt: skip
async def _set_webhook(platform: Platform, parameters: Parameters) -> Any:
    webhook = {
        "url": checks.webhook_url(parameters),
        "secret_token": checks.secret_token(parameters),
        "max_connections": min(max(parameters.integer("max_connections") or 40, 1), 100),
    }
    _allow(platform, parameters)
    platform.webhook = webhook if webhook["url"] else {}
    if parameters.flag("drop_pending_updates"):
        platform.pending = []
    platform.poller = None
    platform.changed.notify()
    return True


@_method("deleteWebhook", "drop_pending_updates")
async def _delete_webhook(platform: Platform, parameters: Parameters) -> Any:
    platform.webhook = {}
    if parameters.flag("drop_pending_updates"):
        platform.pending = []
    platform.changed.notify()
    return True


@_method("getWebhookInfo")
async def _get_webhook_info(platform: Platform, parameters: Parameters) -> Any:
    platform.expire()
    webhook = platform.webhook
    info: dict[str, Any] = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(platform.pending),
    }
    if webhook:
        info["max_connections"] = webhook["max_connections"]
    if "last_error" in webhook:
        info["last_error_date"], info["last_error_message"] = webhook["last_error"]
    if platform.allowed:
        info["allowed_updates"] = sorted(platform.allowed)
    return info


@_method("getFile", "file_id")
async def _get_file(platform: Platform, parameters: Parameters) -> Any:
    file_id = parameters.text("file_id")
    if file_id not in platform.files:
        raise bad_request("invalid file_id")
    name, content = platform.files[file_id]
    if len(content) > checks.DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": file_id[-8:],
        "file_size": len(content),
        "file_path": name if "/" in name else f"documents/{name}",
    }


def _allow(platform: Platform, parameters: Parameters) -> None:
    """Deliver these kinds of update from now on, where any are named."""
    kinds = parameters.document("allowed_updates", "allowed_updates")
    if kinds is not None:
        if not isinstance(kinds, list):
            raise bad_request("can't parse allowed updates list")
        platform.allowed = frozenset(kinds)


def _markup(keyboard: dict[str, Any] | None) -> dict[str, Any]:
    return {"reply_markup": keyboard} if keyboard else {}


def _said(platform: Platform, person: Person, content: dict[str, Any]) -> dict[str, Any]:
    message = platform.message(person, platform.bot, content)
    platform.show(person, message)
    return message


def _to_edit(platform: Platform, parameters: Parameters) -> tuple[Person, dict[str, Any]]:
    person = platform.recipient(parameters.text("chat_id"))
    if not parameters.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = person.messages.get(parameters.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"] != platform.bot:
        raise bad_request("message can't be edited")
    return person, message


def _edited(
    platform: Platform,
    person: Person,
    message: dict[str, Any],
    content: dict[str, Any],
    keyboard: dict[str, Any] | None,
) -> dict[str, Any]:
    same = all(message.get(key) == value for key, value in content.items())
    if same and message.get("reply_markup") == keyboard:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    kept = {key: value for key, value in message.items() if key != "reply_markup"}
    changed = kept | content | _markup(keyboard) | {"edit_date": platform.now()}
    person.messages[message["message_id"]] = changed
    platform.show(person, changed)
    return changed
