"""Transcripts: scripts of what people say, replayed through the real intake, and what they are told.

A file begins with a comment: what it shows, then the setting as `# Key: value` (see `SETTINGS`). A line `> words` is
what the person writes (lines below one another are one message), `> [Label]` a tap on the button of that label, which
is typed where there are no buttons. A line `@ …` is anything else that happens (see `_happenings`). All the rest is
what the bot says, and `pytest --accept` writes it anew.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import rounds
from bot.authoring.library import instrument, instrument_keys
from bot.authoring.yaml_reader import read_questionnaire
from bot.channels.telegram import TelegramChannel
from bot.channels.terminal import TerminalChannel
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import LocalizedText, Questionnaire
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
from bot.flows.taps import Tap, TapKind
from bot.intake import Intake
from bot.messages import Capabilities, Inbound, Part, Reply
from bot.rounds import RoundDraft
from storage.keys import Keys
from storage.store import Store

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
QUESTIONNAIRES = Path(__file__).parents[1] / "data" / "questionnaires"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
CAPABILITIES: Mapping[str, Capabilities] = {
    channel.name: channel.capabilities for channel in (TerminalChannel, TelegramChannel)
}
SETTINGS = (
    "Questionnaire",
    "Languages",
    "Phone",
    "Parts",
    "Opens",
    "Closes",
    "Changes",
    "Also open",
    "Shown",
)
"""Which questionnaire, in which of its languages; the language of the phone; the parts of the round; when it opens and
closes; `Changes: no` where what was submitted stays; other open rounds; `Shown: telegram` for that channel alone."""
BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = "anna"

_NUMBERING = re.compile(r"(?:\d+\. )?(?:[☐☑] )?")
_SECRETS = re.compile(r'(?<="respondent": ")\d+')


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept`."""
    parser.addoption("--accept", action="store_true", help="write the transcripts anew, as things are now")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether transcripts are to be written rather than compared."""
    return bool(request.config.getoption("--accept"))


@dataclass(frozen=True)
class Script:
    """The part of a transcript that a person wrote: the setting, and what happens."""

    name: str
    heading: tuple[str, ...]
    settings: Mapping[str, str]
    steps: tuple[str, ...]
    """Each begins with `>` or `@`."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it is replayed on."""
        shown = self.settings.get("Shown")
        return (shown,) if shown else tuple(CAPABILITIES)

    def path(self, channel: str) -> Path:
        """The file that holds what is said on a channel."""
        return TRANSCRIPTS / (
            f"{self.name}.txt" if channel == TerminalChannel.name else f"{self.name}.{channel}.txt"
        )

    @classmethod
    def read(cls, path: Path) -> Script:
        """Take the script out of a transcript."""
        lines = path.read_text(encoding="utf-8").splitlines()
        heading = tuple(line for line in lines if line.startswith("#"))
        pairs = (line.removeprefix("# ").partition(": ") for line in heading)
        settings = {key: value for key, _, value in pairs if key in SETTINGS}
        steps: list[str] = []
        for before, line in zip(["", *lines], lines, strict=False):
            if line.startswith("> ") and before.startswith("> "):
                steps[-1] += f"\n{line}"
            elif line.startswith(("> ", "@ ")):
                steps.append(line)
        return cls(path.name.partition(".")[0], heading, settings, tuple(steps))


def scripts() -> list[Script]:
    """Every script, by name; that of both channels is read from the terminal's transcript."""
    names = sorted({path.name.partition(".")[0] for path in TRANSCRIPTS.glob("*.txt")})
    found = []
    for name in names:
        plain = TRANSCRIPTS / f"{name}.txt"
        found.append(
            Script.read(plain if plain.exists() else TRANSCRIPTS / f"{name}.{TelegramChannel.name}.txt")
        )
    return found


@dataclass
class Seen:
    """What occurred in a replay, for the test that everything occurs in one."""

    states: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    questions: set[str] = field(default_factory=set)
    """The types of the questions that were put, or filled in."""
    typed: list[str] = field(default_factory=list)


def read_any(key: str) -> Questionnaire:
    """An instrument, a questionnaire of the tests, or an example of the documentation."""
    if key in instrument_keys():
        return instrument(key)
    return read_questionnaire(
        next(folder / key for folder in (QUESTIONNAIRES, EXAMPLES) if (folder / key).is_dir())
    )


async def replay(script: Script, channel: str, database: Path) -> tuple[str, Seen]:
    """The whole transcript of a script on a channel, and what occurred in it; `database` is an empty SQLite file."""
    async with _staged(script, channel, database) as stage:
        lines = list(script.heading)
        for step in script.steps:
            said = await stage.play(step)
            lines += ["", *step.splitlines(), *(("", said) if said else ())]
        return "\n".join(lines) + "\n", stage.seen


@asynccontextmanager
async def _staged(script: Script, channel: str, database: Path) -> AsyncIterator[_Stage]:
    store = Store.open(f"sqlite+aiosqlite:///{database}")
    stage = _Stage(script, channel, store, database)
    try:
        await store.run(_draft, script)
        yield stage
        await stage.intake.stop()
    finally:
        await store.close()


def _draft(connection: rounds.Connection, script: Script) -> None:
    settings = script.settings
    languages = tuple(settings["Languages"].split(", "))
    draft = RoundDraft(
        code=settings["Questionnaire"],
        parts=tuple(settings["Parts"].split(", ")) if "Parts" in settings else None,
        languages=languages,
        agency=LocalizedText.of("Pacific Statistics Office", languages[0]),
        contact="talk@statistics.example, 555 0100",
        opens=_moment(settings.get("Opens")),
        closes=_moment(settings.get("Closes")),
        time_zone="Pacific/Fiji",
        allows_revision=settings.get("Changes") != "no",
    )
    rounds.draft_round(connection, read_any(settings["Questionnaire"]), draft, BEGINNING)
    rounds.move(connection, settings["Questionnaire"], RoundTrigger.OPEN)
    for key in settings["Also open"].split(", ") if "Also open" in settings else ():
        rounds.draft_round(connection, read_any(key), RoundDraft(code=key), BEGINNING)
        rounds.move(connection, key, RoundTrigger.OPEN)


def _moment(day: str | None) -> datetime | None:
    return None if day is None else datetime.fromisoformat(day).replace(hour=5, tzinfo=UTC)


class _PlainReferences(Keys):
    """Keys by which the same file has the same reference each time, and its answer the same receipt."""

    def seal_reference(self, reference: str) -> str:
        return f"sealed-{reference}"


_KEYS = _PlainReferences(bytes(range(32)))


class _Stage:
    """Where a script is played: a store, an intake, a clock, one person, and the buttons on their screen."""

    def __init__(self, script: Script, channel: str, store: Store, file: Path) -> None:
        self.seen = Seen()
        self._script = script
        self._channel = channel
        self._store = store
        self._file = file
        self._now = BEGINNING
        self._deliveries = 0
        self._on_screen: list[Part] = []
        self._questionnaire = read_any(script.settings["Questionnaire"])
        self._types = {question.name: question.type for question in self._questionnaire}
        self.intake = self._new_intake()

    def _new_intake(self) -> Intake:
        return Intake(self._store, _KEYS, CAPABILITIES, lambda: self._now)

    async def play(self, step: str) -> str:
        """Let one thing happen; what the bot says to it, as the channel shows it."""
        self._now += timedelta(seconds=20)
        if step.startswith("@ "):
            return await self._happen(step.removeprefix("@ "))
        words = "\n".join(line.removeprefix("> ") for line in step.splitlines())
        tapped = re.fullmatch(r"\[(.+)\]", words)
        if tapped is None or not CAPABILITIES[self._channel].buttons:
            typed = tapped[1] if tapped else words
            self.seen.typed.append(typed)
            return await self._say(Text(typed))
        return await self._say(self._tap(tapped[1], self._on_screen[-1:]))

    async def _happen(self, what: str) -> str:
        for pattern, act in _HAPPENINGS.items():
            if found := re.fullmatch(pattern, what):
                return await act(self, *found.groups())
        raise ValueError(f"{self._script.name}: nothing is known that happens as “@ {what}”")

    def _tap(self, label: str, messages: list[Part]) -> Chosen:
        for part in reversed(messages):
            number = re.search(rf"^(\d+)\. {re.escape(label)}$", part.text, re.MULTILINE)
            for button in (button for row in part.keyboard for button in row):
                shown = button.label[_NUMBERING.match(button.label).end() :]  # type: ignore[union-attr]
                if shown == label or (number and button.label == number[1]):
                    return Chosen(button.data)
        raise ValueError(f"{self._script.name}: there is no button [{label}]")

    async def _say(self, received: Received, *, again: bool = False) -> str:
        reply = await self._take(received, again=again)
        self._look()
        return self._shown(reply)

    async def _take(self, received: Received, *, again: bool = False) -> Reply | None:
        self._deliveries += not again
        return await self.intake.take(
            Inbound(
                channel=self._channel,
                bot="",
                address=ANNA,
                external_id=str(self._deliveries),
                at=self._now,
                received=received,
                language_hint=self._script.settings.get("Phone"),
            )
        )

    def _look(self) -> None:
        with sqlite3.connect(self._file) as connection:
            for state, language in connection.execute("SELECT state, language FROM sessions"):
                self.seen.states.add(state)
                self.seen.languages.add(language)
            for (name,) in connection.execute("SELECT question FROM answers WHERE status = 'answered'"):
                self.seen.questions.add(self._types.get(name, ""))
        connection.close()

    def _shown(self, reply: Reply | None) -> str:
        parts = () if reply is None else reply.parts
        able = CAPABILITIES[self._channel]
        for part in parts:
            assert 0 < able.measure(part.text) <= able.text_limit
            if part.question is not None and part.question in self._questionnaire.questions:
                self.seen.questions.add(self._questionnaire.questions[part.question].type)
            for note in (q for q in self._questionnaire if q.type == "note"):
                if any(text in part.text for text in note.label.texts.values()):
                    self.seen.questions.add(note.type)
        self._on_screen += parts
        between = "\n\n---\n\n" if able.buttons else "\n\n"
        return between.join(map(_message, parts)) if parts else "(says nothing)"

    async def _wait(self, number: str, unit: str) -> str:
        self._now += timedelta(**{unit.removesuffix("s") + "s": int(number)})
        return ""

    async def _open_link(self, payload: str | None) -> str:
        return await self._say(Start(payload or ""))

    async def _send(self, kind: str, caption: str | None) -> str:
        match kind:
            case "a location":
                return await self._say(Location(-18.1, 178.4))
            case "a contact":
                return await self._say(Contact())
            case "a poll":
                return await self._say(Unsupported("poll"))
        sent = AttachmentKind(kind.split()[1])
        media_type = "application/pdf" if sent is AttachmentKind.FILE else ""
        return await self._say(Attachment(sent, caption or "", "AgAD", 48_213, media_type))

    async def _send_album(self, number: str, caption: str | None) -> str:
        sent = [
            Attachment(
                AttachmentKind.PHOTO,
                (caption or "") if place == 0 else "",
                "AgAD",
                48_213,
                group=f"of {number}",
            )
            for place in range(int(number))
        ]
        *_, last = await asyncio.gather(*map(self._take, sent))
        self._look()
        return self._shown(last)

    async def _edit(self, text: str) -> str:
        return await self._say(Edited(text))

    async def _tap_again(self, label: str) -> str:
        return await self._say(self._tap(label, self._on_screen))

    async def _tap_under(self, label: str, words: str) -> str:
        return await self._say(self._tap(label, [part for part in self._on_screen if words in part.text]))

    async def _tap_foreign(self) -> str:
        return await self._say(Chosen(Tap(TapKind.ANSWER, 999, 1).encode()))

    async def _block(self) -> str:
        return await self._say(Blocked())

    async def _unblock(self) -> str:
        return await self._say(Unblocked())

    async def _repeat(self) -> str:
        return await self._say(Text(self.seen.typed[-1]), again=True)

    async def _move_round(self, how: str) -> str:
        trigger = RoundTrigger.CLOSE if how == "is closed" else RoundTrigger.REOPEN
        await self._store.run(rounds.move, self._script.settings["Questionnaire"], trigger)
        return ""

    async def _restart(self) -> str:
        await self.intake.stop()
        self.intake = self._new_intake()
        return ""


_HAPPENINGS: Mapping[str, Callable[..., Awaitable[str]]] = {
    r"\+(\d+) (minutes?|hours?|days?)": _Stage._wait,
    r"opens the link(?: (\S+))?": _Stage._open_link,
    r"sends (a (?:photo|voice|video|sticker|file|location|contact|poll))(?:: (.+))?": _Stage._send,
    r"sends an album of (\d+) photos(?:: (.+))?": _Stage._send_album,
    r"changes an earlier message to: (.+)": _Stage._edit,
    r"taps \[(.+?)\] once more": _Stage._tap_again,
    r"taps \[(.+?)\] under: (.+)": _Stage._tap_under,
    r"taps a button of another round": _Stage._tap_foreign,
    r"blocks the bot": _Stage._block,
    r"unblocks the bot": _Stage._unblock,
    r"the last message is delivered again": _Stage._repeat,
    r"the round (is closed|is opened again)": _Stage._move_round,
    r"the program is restarted": _Stage._restart,
}
"""What can happen besides words and taps, as a script says it."""


def _message(part: Part) -> str:
    """A message as a transcript shows it: its text, its rows of buttons, the name of its file."""
    lines = ["(in place of the message that was tapped)"] if part.replaces else []
    lines.append(_SECRETS.sub("…", part.text))
    lines += [" ".join(f"[{button.label}]" for button in row) for row in part.keyboard]
    if part.document is not None:
        lines.append(f"(the file {part.document.name})")
    return "\n".join(lines)
