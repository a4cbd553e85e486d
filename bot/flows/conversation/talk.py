"""One turn in the making: what is known of the person, what changes, what to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from bot.flows.filling import as_answer
from bot.flows.lexicon import Lexicon
from bot.flows.lifecycle import Trigger, move
from bot.flows.offering import offered
from bot.flows.question_types import QUESTION_TYPES, Ear
from bot.flows.questionnaire import LocalizedText, Question, Section
from bot.flows.rounds import Round
from bot.flows.route import Circumstances, Route, find_route
from bot.flows.session import Answer, AnswerStatus, Outcome, Person, Session, State, Ticks
from bot.flows.settling import fill_in, settle
from bot.flows.speech import N_, DoneWord, Fill, Note, Notice, Prompt, Said, Saying
from bot.flows.taps import Tap, TapKind
from bot.flows.values import Value


class Join(Struct, frozen=True, gc=False):
    """The person wants into a round: by its code with perhaps a source, by its id, or by seeing what is open."""

    payload: str = ""
    round_id: int | None = None


class Request(StrEnum):
    """What a turn asks of the program around it, since it reaches beyond one session."""

    ERASE = "erase"
    """Erase everything held about the person, and say what was erased."""
    EXPORT = "export"
    """Hand over everything held about the person, as a file."""
    LIST_ROUNDS = "list_rounds"
    """Tell which other rounds are open."""


Wish: TypeAlias = Join | Request


class Scene(Struct, frozen=True, gc=False):
    """Who is talking, and the round they talk in, if any."""

    person: Person
    round: Round | None = None
    session: Session | None = None


class Turn(Struct, frozen=True, gc=False):
    """What one message produced."""

    person: Person
    session: Session | None
    changes: dict[str, Answer]
    say: tuple[Saying, ...]
    wish: Wish | None = None
    cleared: bool = False
    """Whether every answer given before this turn is to be deleted."""


@dataclass
class Talk:
    """A turn being made; every change goes through its methods, and `turn()` freezes it."""

    person: Person
    round: Round
    session: Session
    now: datetime
    lexicon: Lexicon
    changes: dict[str, Answer] = field(default_factory=dict)
    say: list[Saying] = field(default_factory=list)
    wish: Wish | None = None
    cleared: bool = False
    _route: Route | None = None

    @property
    def route(self) -> Route:
        """The route as the answers now open it."""
        if self._route is None:
            self._route = find_route(self.round.questionnaire, self.session.answers, self.around)
        return self._route

    @property
    def around(self) -> Circumstances:
        """What expressions can look at besides answers."""
        consent = self.session.consent
        began = consent.at.isoformat() if consent else ""
        return Circumstances(
            self.now, self.session.language, f"{self.round.code}/{began}", self.round.presets
        )

    @property
    def current(self) -> Question | None:
        """The question that waits for an answer; `None` when the route is finished."""
        focus = self.session.focus
        if focus is not None and focus in self.route.place:
            question: Question | None = self.round.questionnaire.questions[focus]
        else:
            question = self.route.first_open
        return None if question is None else self.offered(question)

    def offered(self, question: Question) -> Question:
        """The question as this person gets it: with the choices that are left, in their order."""
        return offered(question, self.route)

    def ear(self, question: Question) -> Ear:
        """What is needed to understand an answer to an offered question."""
        draft = self.session.draft
        ticked = draft.choices if isinstance(draft, Ticks) else ()
        return Ear(question, self.session.language, self.lexicon, self.now.date(), ticked)

    # What changes

    def move(self, trigger: Trigger) -> bool:
        """Follow the life cycle's table; `False` where it has no such move."""
        state = move(
            self.session.state,
            trigger,
            finished=trigger in {Trigger.AGREE, Trigger.ANSWER, Trigger.SKIP, Trigger.RESUME}
            and self.route.finished,
            revisable=self.round.allows_revision and self.round.is_open(self.now),
        )
        if state is None:
            return False
        session = self.session
        if state is not session.state or session.draft is not None or session.misses:
            self.session = replace(session, state=state, draft=None, misses=0)
        return True

    def record(self, question: Question, value: Value | None) -> None:
        """Write an answer (`None`: skipped), and what it puts on or off the route."""
        old = self.session.answers.get(question.name)
        answer = Answer(
            value=value,
            status=AnswerStatus.SKIPPED if value is None else AnswerStatus.ANSWERED,
            at=self.now,
            language=self.session.language,
            revision=0 if old is None else old.revision + (old.value != value),
        )
        before = self.route
        self._write({question.name: answer})
        self.fill_in(before)

    def begin_filling(self) -> None:
        """Fill in what is not asked, once the person has agreed."""
        self._route = None
        if any(question.is_silent for question in self.round.questionnaire):
            self.fill_in()

    def fill_in(self, before: Route | None = None) -> None:
        """Write what follows from the answers: which count, and what is not asked."""
        follows = settle(self.route, before) | fill_in(self.route, self.now, self.session.language)
        if follows:
            self._write(follows)

    def _write(self, answers: Mapping[str, Answer]) -> None:
        self.changes.update(answers)
        self._route = self.route.after(answers)
        self.session = replace(self.session, answers=self._route.answers)

    def reopen(self, question: Question, trigger: Trigger, *, after: Question | None = None) -> None:
        """Put an earlier question again, for a change; after submission, where the round still allows it."""
        if self.session.state is State.COMPLETED and not self.move(Trigger.REVISE):
            self.tell(N_("Your answers were submitted and cannot be changed any more."))
            return
        self.move(trigger)
        self.session = replace(self.session, focus=question.name, draft=None, misses=0)
        self.ask(after=after, notes=False)

    def erase_answers(self) -> None:
        """Take every answer out of the session, for one who withdrew or begins anew."""
        self.session = replace(
            self.session, answers={}, focus=None, draft=None, misses=0, consent=None, completed_at=None
        )
        self.changes.clear()
        self.cleared = True
        self._route = None

    # What is said

    def tell(self, message: str, **values: Fill) -> None:
        """Say a sentence of the bot's own."""
        self.say.append(Notice(message, values))

    def tap(self, kind: TapKind, item: int = 0, option: int = 0) -> Tap:
        """A button of this round and turn."""
        return Tap(kind, self.round.id, self.session.turn, item, option)

    def ask(
        self,
        *,
        after: Question | None = None,
        notes: bool = True,
        again: bool = False,
        replaces: bool = False,
        page: int = 0,
    ) -> None:
        """Put the current question, with the notes on the way to it and the section's title when it changes.

        `again`: it was put just now, so only the question itself is repeated.
        """
        question = self.current
        if question is None:
            return
        again = again or replaces
        before = self.route.notes_before(question, after) if notes and not again else ()
        titled = self.tell_notes(before, after)
        section = self.round.questionnaire.section_of[question.name]
        answer = self.route.answer(question.name)
        suggestion = self.suggestion(question)
        if not again:
            self._remind(question, answer, suggestion)
        self.say.append(
            Prompt(
                question=question,
                tap=self.tap(TapKind.ANSWER, self.round.questionnaire.position[question.name]),
                number=self.route.place[question.name],
                total=len(self.route.asked),
                percent=self.route.percent,
                section=None if again or section is titled else section,
                fills=self.fills(question.label, question.hint),
                ticked=self.ticked(question),
                answered=answer is not None or suggestion is not None,
                page=page,
                replaces=replaces,
            )
        )

    def ticked(self, question: Question) -> tuple[str, ...]:
        """The choices that are ticked: now, or else in the answer it has, or in the one that is suggested."""
        if isinstance(self.session.draft, Ticks):
            return self.session.draft.choices
        saved = self.route.answer(question.name)
        value = saved.value if saved is not None else self.suggestion(question)
        return value if isinstance(value, tuple) else ()

    def suggestion(self, question: Question) -> Value | None:
        """The answer that the default of an open question comes to, if it is allowed."""
        if question.default is None or not self.route.is_open(question):
            return None
        value = self.route.suggestion(question)
        kind = QUESTION_TYPES[question.type]
        return value if value is not None and kind.check(value, self.ear(question)) is None else None

    def tell_notes(self, notes: Iterable[Question], after: Question | None) -> Section | None:
        """Show notes of the questionnaire, with the title of each section they open; the section come to."""
        section_of = self.round.questionnaire.section_of
        titled = section_of[after.name] if after else None
        for note in notes:
            section = section_of[note.name]
            self.say.append(Note(note.label, self.fills(note.label), None if section is titled else section))
            titled = section
        return titled

    def fills(self, *texts: LocalizedText | None) -> dict[str, Said]:
        """The answers that these texts name as `${name}`; one that was not given is left out."""
        found: dict[str, Said] = {}
        for name in {n for text in texts if text is not None for n in text.references}:
            value, question = as_answer(self.route.value(name)), self.round.questionnaire.questions.get(name)
            if value is not None and question is not None:
                found[name] = Said(self.offered(question), value)
        return found

    def _remind(self, question: Question, answer: Answer | None, suggestion: Value | None) -> None:
        if answer is None and suggestion is None:
            return
        if suggestion is not None:
            self.tell(N_("Suggested answer: {answer}"), answer=Said(question, suggestion))
            self.tell(N_("To take it, send {done}."), done=DoneWord())
            return
        if answer is None or answer.value is None:
            self.tell(N_("You skipped this question before."))
        else:
            self.tell(N_("Your answer so far: {answer}"), answer=Said(question, answer.value))
        self.tell(N_("To leave it so, send {done}."), done=DoneWord())

    def turn(self) -> Turn:
        """The finished turn."""
        return Turn(
            person=self.person,
            session=self._with_outcome(),
            changes=self.changes,
            say=tuple(self.say),
            wish=self.wish,
            cleared=self.cleared,
        )

    def _with_outcome(self) -> Session:
        outcome = self._outcome()
        return self.session if outcome is self.session.outcome else replace(self.session, outcome=outcome)

    def _outcome(self) -> Outcome:
        session = self.session
        if session.state is State.DECLINED:
            return Outcome.DECLINED
        if session.state is State.WITHDRAWN:
            return Outcome.WITHDRAWN
        if session.completed_at is not None:
            return Outcome.COMPLETE if self.route.eligible else Outcome.NOT_ELIGIBLE
        if session.consent is None:
            return Outcome.STARTED
        return Outcome.PARTIAL if self.route.answered else Outcome.NO_ANSWER
