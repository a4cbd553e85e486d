"""What the core wants said → messages in a language, within what a channel can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from bot import i18n
from bot.flows.lexicon import Command, Lexicon
from bot.flows.question_types import QUESTION_TYPES, Ear
from bot.flows.questionnaire import REFERENCE, LocalizedText, Question
from bot.flows.sharing import Upload
from bot.flows.speech import (
    N_,
    PAGE_SIZE,
    CommandList,
    CommandWord,
    DoneWord,
    Fill,
    LanguageName,
    Local,
    Note,
    Notice,
    Offer,
    Percent,
    Prompt,
    Review,
    Said,
    Saying,
    Worded,
)
from bot.flows.taps import Tap, TapKind
from bot.flows.understanding.folding import fold
from bot.flows.understanding.vocabulary import vocabulary
from bot.flows.values import Value
from bot.messages import Button, Capabilities, Document, Part, Reply
from bot.splitting import split

Keyboard = tuple[tuple[Button, ...], ...]

MOST_WORDED_BUTTONS = 8
"""Beyond as many options, or with labels that a button cuts, the text lists them and buttons carry numbers only."""
NUMBERS_A_ROW = 5
RIGHT_TO_LEFT_MARK = "\u200f"
COMMANDS = tuple(Command)


class _Block(Struct, frozen=True):
    """A piece of a message; one with buttons ends its message."""

    text: str
    keyboard: Keyboard = ()
    replaces: bool = False
    question: str | None = None


def render(say: Iterable[Saying], language: str, capabilities: Capabilities) -> Reply:
    """The messages for `say`, in order: as few as the channel's limits allow, no word lost."""
    voice = _Voice(language, capabilities)
    parts: list[Part] = []
    waiting: list[str] = []
    for saying in say:
        block = voice.block(saying)
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


def wording(text: LocalizedText, language: str, fills: dict[str, str]) -> str:
    """A questionnaire's text with the answers it names put in; `…` stands for one that was not given."""
    words = text.in_language(language)
    return REFERENCE.sub(lambda found: fills.get(found.group(1), "…"), words) if "${" in words else words


class _Voice:
    """One language on one channel."""

    def __init__(self, language: str, capabilities: Capabilities) -> None:
        self.language = language
        self.capabilities = capabilities

    @property
    def lexicon(self) -> Lexicon:
        return i18n.lexicon(self.language)

    def block(self, saying: Saying) -> _Block:
        match saying:
            case Notice():
                return _Block(self.notice(saying))
            case Note(text, fills, section):
                words = wording(text, self.language, self._fills(fills))
                return _Block(f"{section.title.in_language(self.language)}\n\n{words}" if section else words)
            case Offer():
                return self._offer(saying)
            case Prompt():
                return self._prompt(saying)
            case Review():
                return _Block(self._review(saying))
            case CommandList(commands):
                return _Block("\n".join(map(self._command_line, commands)))

    # Words

    def notice(self, notice: Notice) -> str:
        if notice.plural is None:
            text = i18n.gettext(self.language, notice.message, notice.context)
        else:
            text = i18n.ngettext(self.language, notice.message, notice.plural, notice.count, notice.context)
        if not notice.values and notice.plural is None:
            return text
        values = {name: self.fill(value) for name, value in notice.values.items()}
        if notice.plural is not None:
            values.setdefault("count", i18n.format_number(self.language, notice.count))
        if text.startswith("{") and text.endswith("}") and text[1:-1] in values:
            return self.words(notice.values[text[1:-1]])
        return text.format_map(values)

    def words(self, fill: Fill) -> str:
        """An inserted value in words."""
        match fill:
            case str():
                return fill
            case bool() | int() | float() | Percent() | date() | Local():
                return self._figures(fill)
            case LocalizedText():
                return fill.in_language(self.language)
            case Worded(text, fills):
                return wording(text, self.language, self._fills(fills))
            case Notice():
                return self.notice(fill)
            case CommandWord(command):
                return i18n.command_name(command, self.language).upper()
            case DoneWord():
                return i18n.main_word("done", self.language).upper()
            case LanguageName(language):
                return i18n.own_name(language)
            case Said(question, value):
                return self.said(question, value)

    def _figures(self, fill: float | Percent | date | Local) -> str:
        match fill:
            case Local(at, time_zone):
                return i18n.format_datetime(self.language, at, time_zone)
            case date():
                return i18n.format_date(self.language, fill)
            case Percent(value):
                return i18n.format_percent(self.language, value)
        return i18n.format_number(self.language, fill)

    def fill(self, fill: Fill) -> str:
        """An inserted value, kept from disturbing the direction of the sentence around it."""
        return i18n.isolate(self.words(fill), self.language)

    def said(self, question: Question, value: Value) -> str:
        """An answer in words."""
        if isinstance(value, tuple):
            return self._listed(question, [self._choice(question, code) for code in value])
        if isinstance(value, bool | int | float):
            return i18n.format_number(self.language, value)
        if question.type in {"date", "dateTime", "today"}:
            day, _, at = value.partition("T")
            written = i18n.format_date(self.language, date.fromisoformat(day))
            return f"{written}, {at}" if at else written
        if isinstance(QUESTION_TYPES[question.type], Upload):
            return i18n.gettext(self.language, N_("(sent)"))
        return self._choice(question, value)

    def _listed(self, question: Question, labels: list[str]) -> str:
        """Several answers in a phrase; with dots between where a label holds a comma or an *and* itself."""
        separators = vocabulary(question, self.language, self.lexicon).separators
        if any(separators.search(fold(label)) for label in labels):
            return " · ".join(labels)
        return i18n.join_list(self.language, labels)

    def _choice(self, question: Question, code: str) -> str:
        choice = question.choice_by_name.get(code)
        if choice is not None:
            return choice.label.in_language(self.language)
        if question.choice_list == "country":
            return self.lexicon.countries.get(code, code)
        return code

    def _fills(self, fills: Mapping[str, Said]) -> dict[str, str]:
        return {name: self.fill(said) for name, said in fills.items()}

    def _command_line(self, command: Command) -> str:
        word = i18n.command_name(command, self.language).upper()
        return f"{word} – {i18n.command_description(command, self.language)}"

    # Offers

    def _offer(self, offer: Offer) -> _Block:
        text = self.notice(offer.text)
        if offer.greeting is not None:
            text = f"{self.notice(offer.greeting)}\n\n{text}"
        labels = [self.words(option.label) for option in offer.options]
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

    def _number_keys(self, taps: Sequence[Tap], labels: Sequence[str] | None = None) -> Keyboard:
        if not self.capabilities.buttons:
            return ()
        named = labels or [str(index) for index in range(1, len(taps) + 1)]
        keys = [Button(label, tap.encode()) for label, tap in zip(named, taps, strict=True)]
        return tuple(
            tuple(keys[start : start + NUMBERS_A_ROW]) for start in range(0, len(keys), NUMBERS_A_ROW)
        )

    # Questions

    def _prompt(self, prompt: Prompt) -> _Block:
        question, language = prompt.question, self.language
        fills = self._fills(prompt.fills)
        lines = [] if prompt.section is None else [prompt.section.title.in_language(language)]
        lines.append(
            i18n.gettext(language, N_("Question {number} of {total} · {percent}")).format(
                number=i18n.format_number(language, prompt.number),
                total=i18n.format_number(language, prompt.total),
                percent=self.fill(Percent(prompt.percent)),
            )
        )
        label = wording(question.label, language, fills)
        paragraphs = ["\n".join(lines), f"{self._number(question)}{label}"]
        if question.hint is not None:
            paragraphs.append(wording(question.hint, language, fills))
        listed, keyboard = self._answers(prompt)
        paragraphs += listed
        return _Block(
            "\n\n".join(paragraphs), keyboard + self._controls(prompt), prompt.replaces, question.name
        )

    def _number(self, question: Question) -> str:
        """The number before a label; a letter in it must not set the direction of the line."""
        number = question.number
        if not number:
            return ""
        turned = i18n.direction(self.language) == "rtl" and not number.isdecimal()
        return f"{RIGHT_TO_LEFT_MARK if turned else ''}{number}. "

    def _answers(self, prompt: Prompt) -> tuple[list[str], Keyboard]:
        """The options, as buttons or as a numbered list, and how to answer where that is not plain."""
        question, kind = prompt.question, QUESTION_TYPES[prompt.question.type]
        ear = Ear(question, self.language, self.lexicon, date.min)
        options = kind.options(ear)
        start = prompt.page * PAGE_SIZE
        page = list(enumerate(options))[start : start + PAGE_SIZE]
        texts = [
            label if isinstance(label, str) else label.in_language(self.language) for _, (_, label) in page
        ]
        taps = [
            Tap(TapKind.ANSWER, prompt.tap.round, prompt.tap.turn, prompt.tap.item, index)
            for index, _ in page
        ]
        several = question.type == "select_multiple"
        if several and self.capabilities.buttons:
            texts = [
                f"{'☑' if v in prompt.ticked else '☐'} {t}"
                for (_, (v, _)), t in zip(page, texts, strict=True)
            ]
        instruction = kind.instruction(ear)
        told = [] if instruction is None else [self.notice(instruction)]
        if not options:
            return told, ()
        if question.scale is not None:
            steps = [] if self.capabilities.buttons else [" · ".join(texts)]
            return [*self._scale_ends(question), *steps, *told], self._number_keys(taps, texts)
        numbered = [f"{index + 1}. {text}" for (index, _), text in zip(page, texts, strict=True)]
        pages = [self._pages(prompt, len(options))] if len(options) > PAGE_SIZE else []
        if self._fit(numbered):
            return [*pages, *told], _column(numbered, taps)
        keys = self._number_keys(taps, [str(index + 1) for index, _ in page])
        return ["\n".join(numbered), *pages, *told], keys

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

    def _pages(self, prompt: Prompt, options: int) -> str:
        page, pages = prompt.page + 1, -(-options // PAGE_SIZE)
        text = (
            N_("Page {page} of {pages}; “{more}” shows the next. You can also write what you mean.")
            if page < pages
            else N_(
                "Page {page} of {pages}; “{more}” shows the first again. You can also write what you mean."
            )
        )
        more = i18n.main_word("more", self.language)
        return self.notice(Notice(text, {"page": page, "pages": pages, "more": more}))

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
                label = wording(line.question.label, self.language, self._fills(line.fills))
                answer = (
                    i18n.gettext(self.language, N_("(skipped)"))
                    if line.value is None
                    else self.said(line.question, line.value)
                )
                block.append(f"{line.number}. {label}\n    {arrow} {answer}")
            blocks.append("\n".join(block))
        return "\n\n".join(blocks)


def _command(tap: Tap, command: Command) -> Tap:
    return Tap(TapKind.COMMAND, tap.round, tap.turn, COMMANDS.index(command), tap.item)


def _column(labels: Sequence[str], taps: Sequence[Tap]) -> Keyboard:
    return tuple((Button(label, tap.encode()),) for label, tap in zip(labels, taps, strict=True))
