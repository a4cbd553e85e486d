"""Reading Telegram's updates: as the library reads them, and nothing stops the stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Chat, Message, MessageEntity, Update
from telegram.constants import MessageType, UpdateType

from bot.channels.telegram_updates import (
    WANTED,
    Delivery,
    Ignored,
    Unreadable,
    read_update,
    sender_address,
    split_batch,
    update_id,
)
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

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOT = "7000000001"
FOLDER = Path(__file__).parent / "data" / "updates"
FIXTURES = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}

KINDS = {
    MessageType.PHOTO: AttachmentKind.PHOTO,
    MessageType.LIVE_PHOTO: AttachmentKind.PHOTO,
    MessageType.VOICE: AttachmentKind.VOICE,
    MessageType.AUDIO: AttachmentKind.AUDIO,
    MessageType.VIDEO: AttachmentKind.VIDEO,
    MessageType.VIDEO_NOTE: AttachmentKind.VIDEO,
    MessageType.ANIMATION: AttachmentKind.VIDEO,
    MessageType.DOCUMENT: AttachmentKind.FILE,
    MessageType.STICKER: AttachmentKind.STICKER,
}
MADE_BY_THE_PLATFORM = {
    MessageType.PHOTO: "image/jpeg",
    MessageType.VOICE: "audio/ogg",
    MessageType.AUDIO: "audio/mpeg",
    MessageType.VIDEO: "video/mp4",
    MessageType.VIDEO_NOTE: "video/mp4",
    MessageType.ANIMATION: "video/mp4",
}
UNUSABLE = (
    MessageType.POLL, MessageType.GAME, MessageType.DICE, MessageType.STORY, MessageType.CHECKLIST,
    MessageType.INVOICE, MessageType.GIVEAWAY, MessageType.PAID_MEDIA,
)  # fmt: skip


def read(raw: bytes) -> Delivery:
    return read_update(raw, BOT, NOW)


def through_the_library(raw: bytes) -> Inbound | None:
    """What an update says according to python-telegram-bot; `None` when it is to be ignored."""
    update = Update.de_json(json.loads(raw))
    user, chat = update.effective_user, update.effective_chat
    if user is None or user.is_bot or chat is None or chat.type != Chat.PRIVATE:
        return None
    origin, at = None, NOW
    received: Received | None = None
    if update.message:
        received, at = content(update.message), update.message.date
    elif (query := update.callback_query) and query.message and query.data is not None:
        received, origin = Chosen(query.data), str(query.message.message_id)
    elif changed := update.edited_message:
        words = changed.text or changed.caption
        is_sent = any(getattr(changed, name) for name in KINDS)
        received = Edited(words or "") if words or is_sent else None
        at = changed.edit_date or changed.date
    elif change := update.my_chat_member:
        states: dict[str, Received] = {"kicked": Blocked(), "member": Unblocked()}
        received, at = states.get(change.new_chat_member.status), change.date
    if received is None:
        return None
    return Inbound(
        "telegram", BOT, str(chat.id), str(update.update_id), at, received, user.language_code, origin
    )


def content(message: Message) -> Received | None:
    if message.text is not None:
        return words(message)
    for name, kind in KINDS.items():
        if sent := getattr(message, name):
            return attached(name, kind, sent, message)
    if message.contact:
        return Contact()
    if message.location:
        return Location(message.location.latitude, message.location.longitude)
    for name in UNUSABLE:
        if getattr(message, name):
            return Unsupported(name)
    known = any(getattr(message, name, None) for name in MessageType)
    return None if known else Unsupported("unknown")


def attached(name: str, kind: AttachmentKind, sent: Any, message: Message) -> Attachment:
    """What was sent, of a picture the largest size."""
    file = sent[-1] if isinstance(sent, tuple) else sent
    media_type = getattr(file, "mime_type", None) or MADE_BY_THE_PLATFORM.get(name, "")
    group = message.media_group_id or ""
    return Attachment(kind, message.caption or "", file.file_id, file.file_size, media_type, group=group)


def words(message: Message) -> Received:
    text = message.text or ""
    first = message.entities[0] if message.entities else None
    if first is None or first.type != MessageEntity.BOT_COMMAND:
        return Text(text)
    command, rest = text[: first.length].partition("@")[0], text[first.length :]
    return Start(rest.strip()) if command == "/start" else Text(command + rest)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("name", FIXTURES)
def test_fixtures_read_as_the_library_reads_them(name: str) -> None:
    delivery = read(FIXTURES[name])
    expected = through_the_library(FIXTURES[name])
    if expected is None:
        assert isinstance(delivery.outcome, Ignored)
    else:
        assert delivery.outcome == expected
    update = Update.de_json(json.loads(FIXTURES[name]))
    assert delivery.update_id == update.update_id == update_id(FIXTURES[name])
    assert delivery.query_id == (update.callback_query.id if update.callback_query else None)
    assert read_update(json.loads(FIXTURES[name]), BOT, NOW) == delivery


@pytest.mark.parametrize(
    ("name", "told", "media_type"),
    [
        ("plan.docx.pdf", None, "application/pdf"),
        ("plan.pdf", "application/octet-stream", "application/pdf"),
        ("plan.pdf", "image/png", "image/png"),
        ("plan", "application/octet-stream", "application/octet-stream"),
        ("plan", None, ""),
        (None, None, ""),
    ],
)
def test_what_a_file_is_says_its_name_where_nothing_else_does(
    name: str | None, told: str | None, media_type: str
) -> None:
    document = {"file_id": "BQAC1", "file_unique_id": "u1", "file_name": name, "mime_type": told}
    kept = {key: value for key, value in document.items() if value is not None}
    update = json.loads(FIXTURES["message_document"])
    update["message"]["document"] = kept
    outcome = read_update(update, BOT, NOW).outcome
    assert isinstance(outcome, Inbound)
    assert outcome.received == Attachment(AttachmentKind.FILE, "the plan", "BQAC1", None, media_type)


def test_of_a_picture_the_largest_size_is_taken() -> None:
    update = json.loads(FIXTURES["message_photo"])
    update["message"]["photo"] = [
        {
            "file_id": f"AgAC{width}",
            "file_unique_id": "u",
            "file_size": width * 9,
            "width": width,
            "height": 3,
        }
        for width in (90, 1280, 320)
    ]
    outcome = read_update(update, BOT, NOW).outcome
    assert isinstance(outcome, Inbound)
    assert outcome.received == Attachment(AttachmentKind.PHOTO, "", "AgAC1280", 11520, "image/jpeg")


def test_there_is_a_fixture_of_every_kind() -> None:
    kinds = {kind for raw in FIXTURES.values() for kind in json.loads(raw) if kind != "update_id"}
    assert kinds >= {str(kind) for kind in UpdateType}
    assert set(WANTED) <= {str(kind) for kind in UpdateType}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Start("")),
        ("/START CODE", Start("CODE")),
        ("/start   CODE-radio \n", Start("CODE-radio")),
        ("/start@talanoa_bot", Start("")),
        ("/started", Text("/started")),
        ("/startCODE", Text("/startCODE")),
        ("start CODE", Text("start CODE")),
        ("please /start", Text("please /start")),
        ("/help@talanoa_bot me@home", Text("/help me@home")),
        ("/skip\nall", Text("/skip\nall")),
        ("/ayuda", Text("/ayuda")),
        ("/", Text("/")),
        ("", Text("")),
        ("3", Text("3")),
        ("a@b.org", Text("a@b.org")),
    ],
)
def test_commands_and_links(text: str, expected: Received) -> None:
    assert received(FIXTURES["message_text"], text=text) == expected


@pytest.mark.parametrize("kind", sorted(set(MessageType)))
def test_every_kind_of_message_is_decided(kind: str) -> None:
    """Each kind that the library knows is answered or ignored on purpose, but for what only accompanies."""
    accompanying = {
        "business_connection_id", "effect_id", "reply_to_story", "sender_boost_count", "sender_business_bot",
        "suggested_post_info",
    }  # fmt: skip
    body = {"latitude": 1.0, "longitude": 2.0}
    update = json.loads(FIXTURES["message_text"])
    del update["message"]["text"]
    update["message"][kind] = "x" if kind == "text" else body
    outcome = read_update(update, BOT, NOW).outcome
    expected = Unsupported("unknown") if kind in accompanying | {"venue"} else None
    got = outcome.received if isinstance(outcome, Inbound) else None
    assert (got == Unsupported("unknown")) == (expected is not None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"update_id": "7"}',
        b'{"update_id": 7, "message": {}}',
        b'{"update_id": 7, "message": {"message_id": 1, "date": "soon", "chat": {"id": 1, "type": "private"}}}',
        b'{"update_id": 7, "callback_query": {"id": "9"}}',
        b'{"update_id": 7, "my_chat_member": {"chat": 5}}',
        b'{"update_id": 7, "edited_message": []}',
        b'{"update_id": 7, "message": {"text": "\xff"}}',
        b'{"update_id": 7, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_not_an_update_is_unreadable(raw: bytes) -> None:
    delivery = read(raw)
    assert isinstance(delivery.outcome, Unreadable)
    assert delivery.update_id in (7, None)


@pytest.mark.parametrize(("written", "heard"), [(b"caf\xe9", "caf\ufffd"), (rb"caf\udfff", "caf?")])
def test_half_a_character_spoils_no_message(written: bytes, heard: str) -> None:
    outcome = read(
        FIXTURES["message_photo_caption"].replace(b'"caption": "', b'"caption": "' + written)
    ).outcome
    assert isinstance(outcome, Inbound)
    assert isinstance(outcome.received, Attachment)
    assert outcome.received.caption.startswith(heard)


def test_an_unreadable_tap_can_still_be_answered() -> None:
    delivery = read(b'{"update_id": 7, "callback_query": {"id": "9"}}')
    assert (delivery.update_id, delivery.query_id) == (7, "9")


@pytest.mark.parametrize("name", FIXTURES)
def test_whom_an_update_is_from_is_found_in_any_state(name: str) -> None:
    outcome = read(FIXTURES[name]).outcome
    if isinstance(outcome, Inbound):
        spoilt = FIXTURES[name].replace(b'"date": ', b'"date": "soon", "was": ')
        assert sender_address(spoilt) == sender_address(FIXTURES[name]) == outcome.address


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (b'{"update_id": 7, "message": {"chat": 5, "from": {"id": 6}, "text": "\xff"}}', "6"),
        (b'{"update_id": 7, "callback_query": {"message": [], "from": {"id": 6}}}', "6"),
        (b'{"update_id": 7, "message": {"from": {"id": "six"}}}', None),
        (b'{"update_id": 7, "poll": {}}', None),
        (b"[1]", None),
        (b"{", None),
        (b"[" * 100_000, None),
    ],
)
def test_whom_a_broken_update_is_from(raw: bytes, address: str | None) -> None:
    assert sender_address(raw) == address


def test_reasons_quote_nobody() -> None:
    update = json.loads(FIXTURES["edited_message"])
    update["edited_message"]["text"] = {"secret": "my name is Ana"}
    update["edited_message"]["date"] = "my name is Ana"
    outcome = read_update(update, BOT, NOW).outcome
    assert isinstance(outcome, Unreadable)
    assert "Ana" not in outcome.reason
    update = json.loads(FIXTURES["message_text"])
    update["message"]["date"] = "my name is Ana"
    outcome = read_update(update, BOT, NOW).outcome
    assert outcome == Unreadable("ValidationError: Expected `int`, got `str` - at `$.message.date`")


@pytest.mark.parametrize("poison", [rb'"\ud83d"', b'"\xff"', b"1e999", b"[" * 500 + b"]" * 500])
def test_a_batch_is_taken_apart_whatever_one_update_holds(poison: bytes) -> None:
    good = FIXTURES["message_text"]
    bad = b'{"update_id":8,"message":{"text":' + poison + b"}}"
    first, second, third = split_batch(b'{"ok":true,"result":[' + good + b"," + bad + b"," + good + b"]}")
    assert update_id(second) == 8
    assert isinstance(read(second).outcome, Unreadable)
    assert read(first) == read(third) == read(good)


def test_other_answers_are_no_batches() -> None:
    for body in (b"", b"[]", b"{}", b'{"result": 5}', b"<html>", b"[" * 100_000):
        with pytest.raises(ValueError, match=r"not an answer|Expecting value"):
            split_batch(body)


def received(raw: bytes, **changes: Any) -> Received:
    update = json.loads(raw)
    update["message"] |= changes
    outcome = read_update(update, BOT, NOW).outcome
    assert isinstance(outcome, Inbound)
    return outcome.received


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
PATHS = [
    (name, path)
    for name, raw in FIXTURES.items()
    for path in (
        (kind, field) for kind, body in json.loads(raw).items() if isinstance(body, dict) for field in body
    )
]


@given(body=st.dictionaries(st.sampled_from([*UpdateType, "update_id", "x"]), ANYTHING))
@settings(max_examples=100)
def test_random_documents_never_raise(body: dict[str, Any]) -> None:
    assert isinstance(read_update(body, BOT, NOW), Delivery)


@given(place=st.sampled_from(PATHS), value=ANYTHING)
@settings(max_examples=80)
def test_fixtures_with_a_field_spoilt_never_raise(place: tuple[str, tuple[str, str]], value: Any) -> None:
    name, (kind, field) = place
    update = json.loads(FIXTURES[name])
    update[kind][field] = value
    delivery = read_update(update, BOT, NOW)
    assert delivery.update_id == update["update_id"]


@given(raw=st.binary(max_size=200))
@settings(max_examples=100)
def test_random_bytes_never_raise(raw: bytes) -> None:
    assert isinstance(read(raw).outcome, Unreadable | Ignored)


def test_in_9_another_picture_in_the_place_of_one_is_a_change() -> None:
    """People may exchange what they sent; a live location changes by itself, again and again."""
    update = json.loads(FIXTURES["edited_message"])
    message = update["edited_message"]
    del message["text"]
    message["photo"] = [{"file_id": "AgAC1", "file_unique_id": "A1", "width": 90, "height": 90}]
    delivery = read(json.dumps(update).encode())
    assert isinstance(delivery.outcome, Inbound)
    assert delivery.outcome.received == Edited("")
    message["location"] = {"latitude": -18.1, "longitude": 178.4, "live_period": 900}
    del message["photo"]
    assert isinstance(read(json.dumps(update).encode()).outcome, Ignored)
