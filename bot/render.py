"""What the core wants said → messages in a language, within what a channel can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from bot import i18n
from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES, Ear
from bot.flows.questionnaire import Question
from bot.flows.remembering import remember
from bot.flows.speech import (
    N_,
    PAGE_SIZE,
    CommandList,
    Note,
    Notice,
    Offer,
    Prompt,
    Review,
    Saying,
)
from bot.flows.taps import Tap, TapKind
from bot.messages import Button, Capabilities, Document, Part, Reply
from bot.splitting import split
from bot.wording import Wording, filled

Keyboard = tuple[tuple[Button, ...], ...]

MOST_WORDED_BUTTONS = 8
"""Beyond as many options, or with labels that a button cuts, the text lists them and buttons carry numbers only."""
NUMBERS_A_ROW = 5
RIGHT_TO_LEFT_MARK = "\u200f"
COMMANDS = tuple(Command)


class _Sheet(Struct, frozen=True, gc=False):
    """What can be answered to a question, in words and as keys: rows of labels with the places of the options."""

    question: Question
    paragraphs: tuple[str, ...]
    keys: tuple[tuple[tuple[str, int], ...], ...] = ()


_known: dict[tuple[int, int, str, Capabilities], _Sheet] = {}
_REMEMBERED = 4096


class _Block(Struct, frozen=True, gc=False):
    """A piece of a message; one with buttons ends its message."""

    text: str
    keyboard: Keyboard = ()
    replaces: bool = False
    question: str | None = None


def render(say: Iterable[Saying], language: str, capabilities: Capabilities) -> Reply:
    """The messages for `say`, in order: as few as the channel's limits allow, no word lost."""
    page = _Page(language, capabilities)
    parts: list[Part] = []
    waiting: list[str] = []
    for saying in say:
        block = page.block(saying)
        waiting.append(block.text)
        if block.keyboard or block.question:
            parts += _parts("\n\n".join(waiting), block, capabilities)
            waiting = []
    if waiting:
        parts += _parts("\n\n".join(waiting), _Block(""), capabilities)
    return Reply(tuple(parts))


def render_document(text: str, document: Document, language: str, capabilities: Capabilities) -> Reply:
    """A file with a line of explanation; its content in words where the channel takes no files."""
    told = i18n.gettext(language, text)
    if capabilities.documents:
        return Reply((Part(told, document=document),))
    return Reply(tuple(_parts(f"{told}\n\n{document.content}", _Block(""), capabilities)))


def _parts(text: str, block: _Block, capabilities: Capabilities) -> list[Part]:
    pieces = split(text, capabilities.text_limit, capabilities.measure)
    *before, last = pieces
    replaces = block.replaces and not before and capabilities.replaces
    return [Part(piece) for piece in before] + [
        Part(last, block.keyboard, replaces=replaces, question=block.question)
    ]


@lru_cache(maxsize=4096)
def _progress(language: str, number: int, total: int, percent: int) -> str:
    """How far somebody is."""
    return i18n.gettext(language, N_("Question {number} of {total} · {percent}")).format(
        number=i18n.format_number(language, number),
        total=i18n.format_number(language, total),
        percent=i18n.isolate(i18n.format_percent(language, percent), language),
    )


class _Page:
    """One language on one channel."""

    def __init__(self, language: str, capabilities: Capabilities) -> None:
        self.wording = Wording(language)
        self.language = language
        self.capabilities = capabilities

    def block(self, saying: Saying) -> _Block:
        match saying:
            case Notice():
                return _Block(self.wording.notice(saying))
            case Note(text, fills, section):
                words = filled(text, self.language, self.wording.fills(fills))
                return _Block(f"{section.title.in_language(self.language)}\n\n{words}" if section else words)
            case Offer():
                return self._offer(saying)
            case Prompt():
                return self._prompt(saying)
            case Review():
                return _Block(self._review(saying))
            case CommandList(commands):
                return _Block("\n".join(map(self._command_line, commands)))

    def _command_line(self, command: Command) -> str:
        word = i18n.command_name(command, self.language).upper()
        return f"{word} – {i18n.command_description(command, self.language)}"

    # Offers

    def _offer(self, offer: Offer) -> _Block:
        text = self.wording.notice(offer.text)
        if offer.greeting is not None:
            text = f"{self.wording.notice(offer.greeting)}\n\n{text}"
        labels = [self.wording.words(option.label) for option in offer.options]
        if offer.numbered or not self.capabilities.buttons:
            labels = (
                [f"{index}. {label}" for index, label in enumerate(labels, start=1)]
                if offer.numbered
                else labels
            )
        if self._fit(labels):
            return _Block(text, _column(labels, [option.tap for option in offer.options]))
        listed = "\n".join(labels) if offer.numbered else self._either(labels)
        return _Block(f"{text}\n{listed}", self._number_keys([option.tap for option in offer.options]))

    def _either(self, labels: Sequence[str]) -> str:
        return f"({' / '.join(labels)})"

    def _fit(self, labels: Sequence[str]) -> bool:
        """Whether every label is shown whole on a button of its own."""
        able = self.capabilities
        return len(labels) <= min(able.buttons, MOST_WORDED_BUTTONS) and all(
            len(label) <= able.button_limit for label in labels
        )

    def _number_keys(self, taps: Sequence[Tap]) -> Keyboard:
        rows = self._in_rows([str(index) for index in range(1, len(taps) + 1)], range(len(taps)))
        return tuple(tuple(Button(label, taps[place].encode()) for label, place in row) for row in rows)

    # Questions

    def _prompt(self, prompt: Prompt) -> _Block:
        question, language = prompt.question, self.language
        fills = self.wording.fills(prompt.fills)
        lines = [] if prompt.section is None else [prompt.section.title.in_language(language)]
        lines.append(_progress(language, prompt.number, prompt.total, prompt.percent))
        label = filled(question.label, language, fills)
        paragraphs = ["\n".join(lines), f"{self._number(question)}{label}"]
        if question.hint is not None:
            paragraphs.append(filled(question.hint, language, fills))
        sheet = self._sheet(question, prompt.page, prompt.ticked)
        paragraphs += sheet.paragraphs
        keys = tuple(
            tuple(Button(label, replace(prompt.tap, option=index).encode()) for label, index in row)
            for row in sheet.keys
        )
        return _Block("\n\n".join(paragraphs), keys + self._controls(prompt), prompt.replaces, question.name)

    def _number(self, question: Question) -> str:
        """The number before a label; a letter in it must not set the direction of the line."""
        number = question.number
        if not number:
            return ""
        turned = i18n.direction(self.language) == "rtl" and not number.isdecimal()
        return f"{RIGHT_TO_LEFT_MARK if turned else ''}{number}. "

    def _sheet(self, question: Question, page: int, ticked: tuple[str, ...]) -> _Sheet:
        """The options of a question, remembered as they are when nothing is ticked."""
        # By identity: neither can be hashed, and what is remembered keeps both alive.
        key = (id(question), page, self.language, self.capabilities)
        known = None if ticked else _known.get(key)
        if known is None:
            known = self._made(question, page, ticked)
            if not ticked:
                remember(_known, key, known, _REMEMBERED)
        return known

    def _made(self, question: Question, page: int, ticked: tuple[str, ...]) -> _Sheet:
        kind = QUESTION_TYPES[question.type]
        ear = Ear(question, self.language, self.wording.lexicon, date.min)
        options = kind.options(ear)
        shown = list(enumerate(options))[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
        texts = [
            label if isinstance(label, str) else label.in_language(self.language) for _, (_, label) in shown
        ]
        if question.type == "select_multiple" and self.capabilities.buttons:
            texts = [
                f"{'☑' if v in ticked else '☐'} {t}" for (_, (v, _)), t in zip(shown, texts, strict=True)
            ]
        instruction = kind.instruction(ear)
        told = () if instruction is None else (self.wording.notice(instruction),)
        if not options:
            return _Sheet(question, told)
        places = [index for index, _ in shown]
        if question.scale is not None:
            steps = () if self.capabilities.buttons else (" · ".join(texts),)
            return _Sheet(
                question, (*self._scale_ends(question), *steps, *told), self._in_rows(texts, places)
            )
        numbered = [f"{index + 1}. {text}" for index, text in zip(places, texts, strict=True)]
        pages = (self._pages(page, len(options)),) if len(options) > PAGE_SIZE else ()
        if self._fit(numbered):
            rows = tuple((key,) for key in zip(numbered, places, strict=True))
            return _Sheet(question, (*pages, *told), rows)
        keys = self._in_rows([str(index + 1) for index in places], places)
        return _Sheet(question, ("\n".join(numbered), *pages, *told), keys)

    def _in_rows(
        self, labels: Sequence[str], places: Sequence[int]
    ) -> tuple[tuple[tuple[str, int], ...], ...]:
        """Short keys beside each other, where there are buttons."""
        if not self.capabilities.buttons:
            return ()
        keys = list(zip(labels, places, strict=True))
        return tuple(
            tuple(keys[start : start + NUMBERS_A_ROW]) for start in range(0, len(keys), NUMBERS_A_ROW)
        )

    def _scale_ends(self, question: Question) -> list[str]:
        scale = question.scale
        if scale is None:
            return []
        ends = ((scale.start, scale.start_label), (scale.end, scale.end_label))
        return [
            "\n".join(
                f"{i18n.format_number(self.language, value)} = {label.in_language(self.language)}"
                for value, label in ends
                if label is not None
            )
            or f"{i18n.format_number(self.language, scale.start)} – {i18n.format_number(self.language, scale.end)}"
        ]

    def _pages(self, page: int, options: int) -> str:
        number, pages = page + 1, -(-options // PAGE_SIZE)
        text = (
            N_("Page {page} of {pages}; “{more}” shows the next. You can also write what you mean.")
            if number < pages
            else N_(
                "Page {page} of {pages}; “{more}” shows the first again. You can also write what you mean."
            )
        )
        more = i18n.main_word("more", self.language)
        return self.wording.notice(Notice(text, {"page": number, "pages": pages, "more": more}))

    def _controls(self, prompt: Prompt) -> Keyboard:
        """The row below the options: done, more, back, skip."""
        if not self.capabilities.buttons:
            return ()
        tap = prompt.tap
        rows: list[tuple[Button, ...]] = []
        done = Tap(TapKind.DONE, tap.round, tap.turn, tap.item)
        several = prompt.question.type == "select_multiple"
        if several and prompt.ticked:
            rows.append((Button(i18n.gettext(self.language, N_("Done")), done.encode()),))
        elif prompt.answered:
            rows.append((Button(i18n.gettext(self.language, N_("Leave it so")), done.encode()),))
        controls: list[tuple[str, Tap]] = []
        if len(prompt.question.choices) > PAGE_SIZE:
            following = Tap(TapKind.PAGE, tap.round, tap.turn, tap.item, prompt.page + 1)
            controls.append((N_("More"), following))
        if prompt.number > 1:
            controls.append((N_("Back"), _command(tap, Command.BACK)))
        if not prompt.question.required:
            controls.append((N_("Skip"), _command(tap, Command.SKIP)))
        if controls:
            rows.append(tuple(Button(i18n.gettext(self.language, name), t.encode()) for name, t in controls))
        return tuple(rows)

    # Review

    def _review(self, review: Review) -> str:
        blocks = []
        arrow = "←" if i18n.direction(self.language) == "rtl" else "→"
        for section, lines in review.sections:
            block = [section.title.in_language(self.language)]
            for line in lines:
                label = filled(line.question.label, self.language, self.wording.fills(line.fills))
                answer = (
                    i18n.gettext(self.language, N_("(skipped)"))
                    if line.value is None
                    else self.wording.said(line.question, line.value)
                )
                block.append(f"{line.number}. {label}\n    {arrow} {answer}")
            blocks.append("\n".join(block))
        return "\n\n".join(blocks)


def _command(tap: Tap, command: Command) -> Tap:
    return Tap(TapKind.COMMAND, tap.round, tap.turn, COMMANDS.index(command), tap.item)


def _column(labels: Sequence[str], taps: Sequence[Tap]) -> Keyboard:
    return tuple((Button(label, tap.encode()),) for label, tap in zip(labels, taps, strict=True))
