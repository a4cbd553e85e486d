"""Reading what Telegram delivers: each update alone, and nothing in it can raise.

Messages and taps make the traffic: they are read by structs, in a fraction of the library's time. Every other
wanted kind is read by the library, and what is not wanted is not looked into.
"""

from __future__ import annotations

import json
import mimetypes
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
from telegram import Chat, ChatMember, Update, User

from bot.errors import place
from bot.flows.received import (
    Attachment,
    AttachmentKind,
    Blocked,
    Chosen,
    Contact,
    Edited,
    Location,
    Received,
    Start,
    Text,
    Unblocked,
    Unsupported,
)
from bot.messages import Inbound

CHANNEL = "telegram"
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update to ask for; any other is ignored when it comes."""


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """An update that is none of ours: acknowledged, nothing else."""

    reason: str


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """An update that does not have the form it should have: set aside, then acknowledged."""

    reason: str
    """The kind of error and its place, never what was written."""


Outcome: TypeAlias = Inbound | Ignored | Unreadable


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One update, read."""

    update_id: int | None
    """`None` when even that could not be read."""
    outcome: Outcome
    query_id: str | None = None
    """The tap that waits for `answerCallbackQuery`."""


# What Telegram adds to a message without the person having written anything.
_SERVICE = frozenset({
    "boost_added", "channel_chat_created", "chat_background_set", "chat_owner_changed",
    "chat_owner_left", "chat_shared", "checklist_tasks_added", "checklist_tasks_done",
    "connected_website", "delete_chat_photo", "direct_message_price_changed", "forum_topic_closed",
    "forum_topic_created", "forum_topic_edited", "forum_topic_reopened", "general_forum_topic_hidden",
    "general_forum_topic_unhidden", "gift", "gift_upgrade_sent", "giveaway_completed",
    "giveaway_created", "group_chat_created", "left_chat_member", "managed_bot_created",
    "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
    "new_chat_members", "new_chat_photo", "new_chat_title", "paid_message_price_changed",
    "passport_data", "pinned_message", "poll_option_added", "poll_option_deleted",
    "proximity_alert_triggered", "refunded_payment", "successful_payment",
    "suggested_post_approval_failed", "suggested_post_approved", "suggested_post_declined",
    "suggested_post_paid", "suggested_post_refunded", "supergroup_chat_created", "unique_gift",
    "users_shared", "video_chat_ended", "video_chat_participants_invited", "video_chat_scheduled",
    "video_chat_started", "web_app_data", "write_access_allowed",
})  # fmt: skip

# A message's content that a conversation has no use for; the person still hears that it was not understood.
_UNSUPPORTED = (
    "poll", "game", "dice", "story", "checklist", "invoice", "giveaway", "giveaway_winners", "paid_media",
)  # fmt: skip

# In this order: an animation comes with a `document` as well.
_ATTACHMENTS = {
    "photo": AttachmentKind.PHOTO,
    "live_photo": AttachmentKind.PHOTO,
    "voice": AttachmentKind.VOICE,
    "audio": AttachmentKind.AUDIO,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "animation": AttachmentKind.VIDEO,
    "document": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
}
# What the platform makes of each where it does not say.
_MEDIA_TYPES = {
    "photo": "image/jpeg",
    "live_photo": "image/jpeg",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
}

_ANY_BYTES = "application/octet-stream"
_COMMAND = re.compile(r"/(\w+)(?:@\w+)?(?:\s+(.*))?", re.ASCII | re.DOTALL)
_MENTION = re.compile(r"(/\w+)@\w+", re.ASCII)


class _User(msgspec.Struct):
    id: int
    is_bot: bool = False
    language_code: str | None = None


class _Chat(msgspec.Struct):
    id: int
    type: str


class _Place(msgspec.Struct):
    latitude: float
    longitude: float


class _Message(msgspec.Struct):
    message_id: int
    date: int
    chat: _Chat
    sender: _User | None = msgspec.field(name="from", default=None)
    text: str | None = None
    caption: str | None = None
    location: _Place | None = None
    media_group_id: str | None = None


class _File(msgspec.Struct):
    file_id: str
    file_size: int | None = None
    mime_type: str | None = None
    file_name: str | None = None
    width: int = 0


class _CallbackQuery(msgspec.Struct):
    id: str
    sender: _User = msgspec.field(name="from")
    message: _Message | None = None
    data: str | None = None


class _Update(msgspec.Struct):
    update_id: int
    message: _Message | None = None
    callback_query: _CallbackQuery | None = None


class _Identified(msgspec.Struct):
    update_id: int


class _Tapped(msgspec.Struct):
    id: str


class _WithTap(msgspec.Struct):
    callback_query: _Tapped


class _Accepted(msgspec.Struct):
    ok: bool


class _Batch(msgspec.Struct):
    result: list[msgspec.Raw]


_update = msgspec.json.Decoder(_Update)
_identified = msgspec.json.Decoder(_Identified)
_with_tap = msgspec.json.Decoder(_WithTap)
_batch = msgspec.json.Decoder(_Batch)
_accepted = msgspec.json.Decoder(_Accepted)
_anything = msgspec.json.Decoder()


def was_accepted(answer: bytes) -> bool:
    """Whether an answer of the platform says that it did what it was asked."""
    try:
        return _accepted.decode(answer).ok
    except ValueError:
        return False


def split_batch(body: bytes) -> list[bytes]:
    """Take an answer to `getUpdates` apart, updates still unread; raises `ValueError` for another body."""
    try:
        return [bytes(raw) for raw in _batch.decode(body).result]
    except (ValueError, RecursionError):
        # One malformed string spoils the whole body for a strict reader; the others need not suffer for it.
        try:
            return [_encoded(update) for update in json.loads(body.decode("utf-8", "replace"))["result"]]
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("not an answer to getUpdates") from error


def _encoded(update: Any) -> bytes:
    return json.dumps(update, ensure_ascii=False).encode("utf-8", "replace")


def update_id(raw: bytes) -> int | None:
    """Find an update's number, if it has one."""
    try:
        return _identified.decode(raw).update_id
    except (ValueError, RecursionError):
        return None


def sender_address(raw: bytes) -> str | None:
    """Find whom an update is from, however little else of it can be read; `None` when it does not say."""
    try:
        bodies = json.loads(raw.decode("utf-8", "replace")).values()
    except (ValueError, AttributeError, RecursionError):
        return None
    for body in bodies:
        message = body.get("message", body) if isinstance(body, dict) else None
        for holder, name in ((message, "chat"), (body, "from")):
            found = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(found, dict) and isinstance(found.get("id"), int):
                return str(found["id"])
    return None


def read_update(raw: bytes | dict[str, Any], bot: str, now: datetime) -> Delivery:
    """Read one update that came to the account `bot`; a tap has no time of its own and gets `now`."""
    if isinstance(raw, dict):
        raw = _encoded(raw)
    delivery = _read(raw, bot, now)
    if isinstance(delivery.outcome, Unreadable):
        # Half a character in somebody's words spoils the rest for a strict reader only.
        with suppress(ValueError, RecursionError):
            delivery = _read(_encoded(json.loads(raw.decode("utf-8", "replace"))), bot, now)
    return delivery


def _read(raw: bytes, bot: str, now: datetime) -> Delivery:
    try:  # whatever an update holds, the stream goes on
        update = _update.decode(raw)
        if update.message is not None:
            return Delivery(update.update_id, _message(update.update_id, update.message, bot, raw))
        if update.callback_query is not None:
            query = update.callback_query
            return Delivery(update.update_id, _tap(update.update_id, query, bot, now), query.id)
        return Delivery(update.update_id, _other(update.update_id, raw, bot))
    except Exception as error:
        return Delivery(update_id(raw), Unreadable(_wrong(error)), _query_id(raw))


def _message(number: int, message: _Message, bot: str, raw: bytes) -> Outcome:
    sender = message.sender
    if message.chat.type != "private":
        return Ignored(f"a message in a {message.chat.type}")
    if sender is None or sender.is_bot:
        return Ignored("a message that no person sent")
    received = _written(message.text) if message.text is not None else _content(message, raw)
    if isinstance(received, Ignored):
        return received
    at = datetime.fromtimestamp(message.date, UTC)
    return Inbound(CHANNEL, bot, str(message.chat.id), str(number), at, received, sender.language_code)


def _written(text: str) -> Received:
    command = _COMMAND.fullmatch(text)
    if command is None:
        return Text(text)
    name, payload = command.groups()
    if name.lower() == "start":
        return Start((payload or "").strip())
    return Text(_MENTION.sub(r"\1", text, count=1))


def _content(message: _Message, raw: bytes) -> Received | Ignored:
    body = _anything.decode(raw)["message"]
    present = body.keys()
    for name, kind in _ATTACHMENTS.items():
        if name in present:
            return _attachment(name, kind, body[name], message)
    if "contact" in present:
        return Contact()
    if message.location is not None:
        return Location(message.location.latitude, message.location.longitude)
    for name in _UNSUPPORTED:
        if name in present:
            return Unsupported(name)
    if service := sorted(_SERVICE & present):
        return Ignored(f"a service message: {service[0]}")
    return Unsupported("unknown")


def _attachment(name: str, kind: AttachmentKind, sent: Any, message: _Message) -> Attachment:
    if name == "live_photo":
        sent = sent.get("photo", sent)
    # A picture comes in several sizes.
    sizes = msgspec.convert(sent if isinstance(sent, list) else [sent], list[_File])
    file = max(sizes, key=lambda size: size.width)
    media_type = file.mime_type or _MEDIA_TYPES.get(name)
    if media_type is None or media_type == _ANY_BYTES:
        # The name itself is not kept: it may say who somebody is.
        media_type = mimetypes.guess_type(file.file_name or "")[0] or media_type
    return Attachment(
        kind,
        message.caption or "",
        file.file_id,
        file.file_size,
        media_type or "",
        group=message.media_group_id or "",
    )


def _tap(number: int, query: _CallbackQuery, bot: str, now: datetime) -> Outcome:
    message = query.message
    if message is None:
        return Ignored("a tap outside any chat")
    if message.chat.type != "private":
        return Ignored(f"a tap in a {message.chat.type}")
    if query.data is None:
        return Ignored("a tap without data")
    if query.sender.is_bot:
        return Ignored("a tap that no person made")
    address, origin = str(message.chat.id), str(message.message_id)
    hint = query.sender.language_code
    return Inbound(CHANNEL, bot, address, str(number), now, Chosen(query.data), hint, origin)


def _other(number: int, raw: bytes, bot: str) -> Outcome:
    body = _anything.decode(raw)
    kinds = body.keys() - {"update_id"}
    if kinds.isdisjoint(WANTED):
        named = kinds.intersection(Update.ALL_TYPES) or {"unknown"}
        return Ignored(f"an update of kind {', '.join(sorted(named))}")
    update = Update.de_json(body)
    received: Received
    if message := update.edited_message:
        chat, sender, at = message.chat, message.from_user, message.edit_date or message.date
        words = message.text if message.text is not None else message.caption
        if words is None and body["edited_message"].keys().isdisjoint(_ATTACHMENTS):
            # Such as a live location, which changes by itself.
            return Ignored("a changed message without words")
        received = Edited(words or "")
    elif member := update.my_chat_member:
        chat, sender, at = member.chat, member.from_user, member.date
        match member.new_chat_member.status:
            case ChatMember.BANNED:
                received = Blocked()
            case ChatMember.MEMBER:
                received = Unblocked()
            case _:
                return Ignored("another change of membership")
    else:
        return Ignored("an empty update")
    return _from_person(number, bot, chat, sender, at, received)


def _from_person(
    number: int, bot: str, chat: Chat, sender: User | None, at: datetime, received: Received
) -> Outcome:
    if chat.type != Chat.PRIVATE or sender is None or sender.is_bot:
        return Ignored("not a private chat with a person")
    return Inbound(CHANNEL, bot, str(chat.id), str(number), at, received, sender.language_code)


def _query_id(raw: bytes) -> str | None:
    try:
        return _with_tap.decode(raw).callback_query.id
    except (ValueError, RecursionError):
        return None


def _wrong(error: Exception) -> str:
    # A reader's own words name a field and a type, never a value.
    return f"ValidationError: {error}" if isinstance(error, msgspec.ValidationError) else place(error)
