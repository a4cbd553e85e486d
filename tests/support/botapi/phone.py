"""A person with a phone: what they do, and what they see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.botapi.platform import TAP_SECONDS, Person, Tap

if TYPE_CHECKING:
    from tests.support.botapi.server import BotApi


PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
"""What a telephone sends as a picture, as far as anybody looks at it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A button under a message."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot, as it stands on the screen now."""

    id: int
    text: str
    """The message's words, or those beside its file."""
    rows: tuple[tuple[Key, ...], ...] = ()
    file: str | None = None
    content: bytes | None = None
    edited: bool = False

    @property
    def keys(self) -> tuple[Key, ...]:
        """Its buttons, row after row."""
        return tuple(key for row in self.rows for key in row)

    @property
    def labels(self) -> tuple[str, ...]:
        """What its buttons say."""
        return tuple(key.label for key in self.keys)


class Phone:
    """One person in a private chat with the bot."""

    def __init__(self, api: BotApi, person: Person) -> None:
        self._api = api
        self._person = person
        self._mark = 0
        self.taps: list[Tap] = []

    @property
    def id(self) -> int:
        """The person's, and the chat's, number."""
        return self._person.id

    @property
    def language_code(self) -> str | None:
        """What the app tells the bot about its language."""
        return self._person.language_code

    @language_code.setter
    def language_code(self, code: str | None) -> None:
        self._person.language_code = code

    def say(self, text: str) -> int:
        """Type `text` and send it; returns the message's id."""
        entities = []
        if text.startswith("/") and len(text) > 1:
            length = len(text.split(maxsplit=1)[0])
            entities = [{"type": "bot_command", "offset": 0, "length": length}]
        return self.send(text=text, **({"entities": entities} if entities else {}))

    def open_link(self, payload: str = "") -> int:
        """Open `t.me/<bot>?start=<payload>` and press *Start*."""
        return self.say(f"/start {payload}".rstrip())

    def send_photo(self, caption: str = "", content: bytes = PICTURE, **more: Any) -> int:
        """Send a picture; the platform makes a small one of it too."""
        sizes = [
            self._upload("AgAC", f"photos/{side}.jpg", content[: side * side])
            | {"width": side, "height": side}
            for side in (9, 800)
        ]
        return self.send(photo=sizes, **_caption(caption), **more)

    def send_album(self, *captions: str) -> list[int]:
        """Send as many pictures at once as there are captions, which may be empty."""
        group = f"{self.id}{len(self._person.messages)}"
        return [self.send_photo(caption, media_group_id=group) for caption in captions]

    def send_voice(self, caption: str = "", content: bytes = b"OggS...") -> int:
        """Record a voice message."""
        voice = self._upload("AwAC", "voice/file.oga", content)
        return self.send(voice=voice | {"duration": 4, "mime_type": "audio/ogg"}, **_caption(caption))

    def send_document(
        self,
        name: str = "notes.pdf",
        caption: str = "",
        content: bytes = b"%PDF-1.7",
        media_type: str = "application/pdf",
        size: int | None = None,
    ) -> int:
        """Send a file; `size` is what the message says of it, if not what it has."""
        file = self._upload("BQAC", f"documents/{name}", content)
        told = {} if size is None else {"file_size": size}
        sent = file | {"file_name": name, "mime_type": media_type} | told
        return self.send(document=sent, **_caption(caption))

    def send_sticker(self, emoji: str = "👍") -> int:
        """Send a sticker."""
        sticker = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.send(
            sticker=self._upload("CAAC", "stickers/s.webp", b"RIFF") | sticker | {"emoji": emoji}
        )

    def send_location(self, latitude: float = -18.1416, longitude: float = 178.4419) -> int:
        """Share a place."""
        return self.send(location={"latitude": latitude, "longitude": longitude})

    def send_contact(self, number: str = "+6790000000") -> int:
        """Share one's own card."""
        card = {"phone_number": number, "first_name": self._person.first_name, "user_id": self.id}
        return self.send(contact=card)

    def send_poll(self, question: str = "Which day?", options: tuple[str, ...] = ("Mon", "Tue")) -> int:
        """Send a poll."""
        answers = [
            {"text": option, "voter_count": 0, "persistent_id": str(index)}
            for index, option in enumerate(options)
        ]
        poll = {
            "id": f"poll{self.id}",
            "question": question,
            "options": answers,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return self.send(poll=poll)

    def send(self, **content: Any) -> int:
        """Send a message with any content."""

        def act() -> int:
            self._reach()
            message = self._platform.message(self._person, self._person.user(), content)
            self._platform.publish("message", message, f"chat {self.id}")
            return int(message["message_id"])

        return self._api.do(act)

    def edit(self, message: int, text: str) -> None:
        """Change a message sent earlier."""

        def act() -> None:
            self._reach()
            sent = self._person.messages[message]
            words = "text" if "text" in sent else "caption"
            changed = sent | {words: text, "edit_date": self._platform.now()}
            self._person.messages[message] = changed
            self._platform.publish("edited_message", changed, f"chat {self.id}")

        self._api.do(act)

    def tap(self, button: str, on: Shown | None = None) -> None:
        """Tap the button with this label or data: on the latest message that has it, or on `on`."""
        places = [on] if on else reversed(self.screen)
        for shown in places:
            for key in shown.keys:
                if button in (key.label, key.data):
                    self.forge(key.data, shown.id)
                    return
        labels = [shown.labels for shown in self.screen if shown.labels]
        raise AssertionError(f"no button {button!r} on the screen; the last ones are {labels[-1:]}")

    def forge(self, data: str, message: int) -> None:
        """Send a tap with any data, as a changed client can."""

        def act() -> None:
            self._reach()
            payload = self._platform.query(self._person, data, message)
            self.taps.append(self._platform.taps[payload["id"]])
            self._platform.publish("callback_query", payload, f"user {self.id}", TAP_SECONDS)

        self._api.do(act)

    def block(self) -> None:
        """Stop the bot."""
        self._member(blocked=True)

    def unblock(self) -> None:
        """Restart the bot."""
        self._member(blocked=False)

    def deactivate(self) -> None:
        """Delete the account."""
        self._person.deactivated = True

    @property
    def screen(self) -> tuple[Shown, ...]:
        """The bot's messages, oldest first, as they stand now."""
        return self._api.do(
            lambda: tuple(
                self._shown(message)
                for message in self._person.messages.values()
                if message["from"]["is_bot"]
            )
        )

    @property
    def last(self) -> Shown:
        """The bot's latest message."""
        return self.screen[-1]

    @property
    def replies(self) -> tuple[Shown, ...]:
        """What the bot has sent or changed since the person last did something."""
        return self._api.do(self._replies)

    @property
    def waiting(self) -> int:
        """How many of the person's taps still show as under way."""
        return sum(not tap.answered for tap in self.taps)

    def menu(self) -> tuple[tuple[str, str], ...]:
        """The bot's commands, as the app shows them in its language."""
        language = (self.language_code or "")[:2]
        known = self._api.do(lambda: dict(self._platform.commands))
        for scope in ("all_private_chats", "default"):
            for code in (language, ""):
                if listed := known.get((scope, code)):
                    return tuple((item["command"], item["description"]) for item in listed)
        return ()

    async def await_reply(self, timeout: float = 5.0, *, count: int = 1) -> Shown:  # noqa: ASYNC109
        """Wait for `count` messages or changes after the person's last doing; returns the newest."""
        await self._until(lambda: len(self._replies()) >= count, timeout, f"{count} replies")
        return self.replies[-1]

    async def await_text(self, text: str, timeout: float = 5.0) -> Shown:  # noqa: ASYNC109
        """Wait for a reply that holds `text`."""
        await self._until(lambda: self._find(text) is not None, timeout, f"a reply with {text!r}")
        found = self._api.do(lambda: self._find(text))
        assert found is not None
        return found

    async def await_answered(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until no tap shows as under way."""
        await self._until(lambda: not self.waiting, timeout, "an answer to every tap")

    async def await_settled(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until everything that the person did is confirmed, and something was said since."""
        api = self._api

        def settled() -> bool:
            return (
                bool(self._replies())
                and not api.courier.executes(self.id)
                and not self._platform.waits(self.id)
            )

        await self._until(settled, timeout, "end of what is under way")

    async def _until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        if not await self._api.wait_async(self._person.changed.until(holds, seconds)):
            seen = [shown.text for shown in self.replies]
            raise AssertionError(f"no {what} within {seconds} s; since the last doing came {seen}")

    def _find(self, text: str) -> Shown | None:
        return next((shown for shown in self._replies() if text in shown.text), None)

    def _replies(self) -> tuple[Shown, ...]:
        return tuple(
            self._shown(self._person.messages[number]) for number in self._person.heard[self._mark :]
        )

    def _member(self, *, blocked: bool) -> None:
        def act() -> None:
            person, platform = self._person, self._platform
            person.blocked, person.started = blocked, True
            states = ["kicked", "member"] if blocked else ["member", "kicked"]
            new, old = ({"user": platform.bot, "status": state} for state in states)
            for member in (new, old):
                if member["status"] == "kicked":
                    member["until_date"] = 0
            payload = {
                "chat": person.chat(),
                "from": person.user(),
                "date": platform.now(),
                "old_chat_member": old,
                "new_chat_member": new,
            }
            platform.publish("my_chat_member", payload, f"member {self.id}")

        self._api.do(act)

    def _reach(self) -> None:
        assert not self._person.blocked, "who has blocked the bot cannot write to it"
        assert not self._person.deactivated, "a deleted account does nothing"
        self._person.started = True
        self._mark = len(self._person.heard)

    def _shown(self, message: dict[str, Any]) -> Shown:
        rows = message.get("reply_markup", {}).get("inline_keyboard", ())
        name, content = None, None
        if file := message.get("document"):
            name, content = self._platform.files[file["file_id"]]
        return Shown(
            id=message["message_id"],
            text=message.get("text", message.get("caption", "")),
            rows=tuple(tuple(Key(key["text"], key["callback_data"]) for key in row) for row in rows),
            file=name,
            content=content,
            edited="edit_date" in message,
        )

    def _upload(self, prefix: str, path: str, content: bytes) -> dict[str, Any]:
        """Give a file to the platform; what it says of it."""
        return self._api.do(lambda: self._platform.keep(prefix, path, content))

    @property
    def _platform(self) -> Any:
        return self._api.platform


def _caption(words: str) -> dict[str, str]:
    return {"caption": words} if words else {}
