"""Questionnaires made by hand, and one person who talks: the core and the wording without a store or a channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot import i18n
from bot.channels.telegram import TelegramChannel
from bot.channels.terminal import TerminalChannel
from bot.flows.conversation import arrival, respond
from bot.flows.conversation.talk import Join, Request, Scene, Turn
from bot.flows.expressions import Expression
from bot.flows.questionnaire import Choice, LocalizedText, Part, Question, Questionnaire, Scale, Section
from bot.flows.received import Chosen, Received, Text
from bot.flows.rounds import Round, RoundState
from bot.flows.session import Person, Session, State
from bot.flows.speech import Saying
from bot.messages import Button, Capabilities, Reply
from bot.render import render

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TELEGRAM, TERMINAL = TelegramChannel.capabilities, TerminalChannel.capabilities


def text(words: str) -> LocalizedText:
    return LocalizedText.of(words)


def choices(*labels: str, exclusive: Iterable[str] = ()) -> tuple[Choice, ...]:
    """Choices whose codes are their labels in small letters."""
    return tuple(
        Choice(label.lower().replace(" ", "_"), text(label), exclusive=label in exclusive) for label in labels
    )


YES_NO = choices("Yes", "No")


def ask(
    name: str,
    kind: str = "select_one",
    label: str | None = None,
    *,
    options: tuple[Choice, ...] = YES_NO,
    relevant: str | None = None,
    constraint: str | None = None,
    message: str | None = None,
    required: bool = False,
    scale: Scale | None = None,
) -> Question:
    """One question; *yes* and *no* are its choices unless told."""
    return Question(
        name,
        kind,
        text(label or f"About {name}?"),
        choices=options if kind.startswith("select") else (),
        relevant=Expression.parse(relevant) if relevant else None,
        constraint=Expression.parse(constraint) if constraint else None,
        constraint_message=text(message) if message else None,
        required=required,
        scale=scale,
    )


def section(name: str, *questions: Question, relevant: str | None = None, part: str | None = None) -> Section:
    condition = Expression.parse(relevant) if relevant else None
    return Section(name, text(f"Section {name}"), questions, part=part, relevant=condition)


def questionnaire(*parts_of_it: Section | Question, parts: tuple[Part, ...] = ()) -> Questionnaire:
    """A questionnaire of these sections, or of one section with these questions."""
    sections = tuple(one for one in parts_of_it if isinstance(one, Section))
    questions = tuple(one for one in parts_of_it if isinstance(one, Question))
    if questions:
        sections = (*sections, section("only", *questions))
    return Questionnaire("made", 1, text("Made by hand"), "en", ("en",), sections, parts)


def round_of(asked: Questionnaire, *, number: int = 1, **changes: object) -> Round:
    """An open round."""
    asking = Round(
        id=number,
        code=asked.key,
        title=asked.title,
        purpose=text("To try things."),
        agency=text("The testers"),
        contact="testers@example.org",
        state=RoundState.OPEN,
        questionnaire=asked,
        languages=asked.languages,
    )
    return replace(asking, **changes)  # type: ignore[arg-type]


class Chat:
    """One person in one round; what they hear is in `reply`, and every message that was shown stays in `shown`."""

    def __init__(
        self,
        asking: Round,
        *,
        capabilities: Capabilities = TELEGRAM,
        language: str = "en",
        now: datetime = NOW,
    ) -> None:
        self.round = asking
        self.capabilities = capabilities
        self.person = Person()
        self.session: Session | None = None
        self.language = language
        self.now = now
        self.wish: Join | Request | None = None
        self.shown: list[Reply] = []
        self._take(
            arrival.enter(asking, None, self.person, None, language, now, i18n.lexicon(language)),
        )

    @property
    def at(self) -> Session:
        """Where the person is."""
        assert self.session is not None
        return self.session

    @property
    def reply(self) -> Reply:
        return self.shown[-1]

    @property
    def said(self) -> str:
        """The words of the last reply."""
        return "\n\n".join(part.text for part in self.reply.parts)

    @property
    def buttons(self) -> list[Button]:
        """The buttons of the last reply."""
        return [button for part in self.reply.parts for row in part.keyboard for button in row]

    @property
    def answers(self) -> dict[str, object]:
        """The answers by question."""
        return {name: answer.value for name, answer in self.at.answers.items()}

    def hear(self, received: Received) -> Turn:
        """Let the person do something."""
        self.now += timedelta(seconds=10)
        language = self.at.language
        turn = respond(
            Scene(self.person, self.round, self.session), received, self.now, i18n.lexicon(language)
        )
        self._take(turn)
        return turn

    def _take(self, turn: Turn) -> None:
        self.person, self.wish = turn.person, turn.wish
        self.session = turn.session
        self.shown.append(self.render(turn.say))

    def render(self, say: Iterable[Saying]) -> Reply:
        return render(say, self.at.language if self.session else self.language, self.capabilities)

    def say(self, *messages: str) -> str:
        """Let the person write one message after another; the words of the last reply."""
        for message in messages:
            self.hear(Text(message))
        return self.said

    def tap(self, label: str) -> str:
        """Let the person tap a button of the last reply."""
        found = next(button for button in self.buttons if button.label.endswith(label))
        self.hear(Chosen(found.data))
        return self.said


def asked(*parts_of_it: Section | Question, **changes: object) -> Chat:
    """Somebody who has agreed and is at the first question of a questionnaire with these parts."""
    chat = Chat(round_of(questionnaire(*parts_of_it), **changes))
    chat.say("I agree")
    return chat


ANSWERING_AT = {
    State.CHOOSING_LANGUAGE: (),
    State.CONSENTING: ("english",),
    State.ANSWERING: ("english", "agree"),
    State.REVIEWING: ("english", "agree", "a", "yes"),
    State.PAUSED: ("english", "agree", "pause"),
    State.COMPLETED: ("english", "agree", "a", "yes", "submit"),
    State.DECLINED: ("english", "no"),
    State.WITHDRAWN: ("english", "agree", "withdraw", "yes"),
}
"""What a person says to come to each state."""


def at_state(state: State) -> Chat:
    """Somebody in this state, whose questionnaire asks for words and for a choice."""
    made = questionnaire(ask("words", "text"), ask("choice"))
    chat = Chat(round_of(made, languages=("en", "fr")))
    chat.say(*ANSWERING_AT[state])
    assert chat.at.state is state
    return chat
