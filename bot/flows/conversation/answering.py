"""Answers to questions: heard, checked, recorded; and the ways round them: back, skip, sections."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from bot.flows.conversation.review import show_review, tell_changed
from bot.flows.conversation.talk import Talk
from bot.flows.lexicon import Command
from bot.flows.lifecycle import Trigger
from bot.flows.question_types import QUESTION_TYPES, Misheard, Understood, Unsure
from bot.flows.questionnaire import Question, Section
from bot.flows.received import Attachment, Location
from bot.flows.route import Route
from bot.flows.session import Album, AnswerStatus, Guess, Menu, Page, State, Ticks
from bot.flows.sharing import Upload
from bot.flows.speech import N_, PAGE_SIZE, CommandWord, Notice, Offer, Option, Said
from bot.flows.taps import MenuKind, TapKind
from bot.flows.understanding.matching import Candidate, fold, match
from bot.flows.understanding.numbers import read_integer
from bot.flows.values import Value

PATIENCE = 3
"""Answers in a row that were not understood before other ways are offered."""
BREAK = timedelta(hours=1)
"""After so long without an answer, words that fit no option are a greeting rather than a mistake."""


# Hearing


def hear_exactly(talk: Talk, typed: str) -> bool:
    """Take an answer that can mean nothing else: a number, code, label or synonym of the current question."""
    question = talk.current
    if question is None:
        return False
    if isinstance(talk.session.draft, Guess) and _hear_guess(talk, question, typed):
        return True
    value = QUESTION_TYPES[question.type].hears_exactly(typed, talk.ear(question))
    if value is not None:
        take(talk, question, value)
        return True
    begun = isinstance(talk.session.draft, Ticks) or talk.route.answer(question.name) is not None
    if (begun or talk.suggestion(question) is not None) and fold(typed) in talk.lexicon.done:
        finish(talk, question)
        return True
    return fold(typed) in talk.lexicon.more and turn_page(talk, question)


def wants_something_sent(talk: Talk) -> bool:
    """Whether a file is what the current question asks for."""
    question = _asked_now(talk)
    return question is not None and isinstance(QUESTION_TYPES[question.type], Upload)


def receive(talk: Talk, received: Attachment | Location) -> bool:
    """Take something sent that is no words; `False` where the current question has no use for it."""
    question = _asked_now(talk)
    if question is None:
        return False
    kind = QUESTION_TYPES[question.type]
    value = kind.take(received, talk.ear(question))
    if value is not None:
        take(talk, question, value)
    elif isinstance(kind, Upload):
        _misheard(talk, question, kind.wanted)
    if isinstance(received, Attachment) and question.name in talk.changes:
        _settle_around(talk, received)
    return value is not None or isinstance(kind, Upload)


def _asked_now(talk: Talk) -> Question | None:
    return talk.current if talk.session.state is State.ANSWERING and talk.round.is_open(talk.now) else None


def _settle_around(talk: Talk, taken: Attachment) -> None:
    """A file was taken: say that the words with it were not, and know the rest of its album when it comes."""
    if taken.caption.strip():
        talk.say.insert(0, Notice(N_("What you sent was kept, but not the words that came with it.")))
    if taken.group:
        talk.session = replace(talk.session, draft=Album(taken.group, told=False))


def hear(talk: Talk, typed: str) -> None:
    """Take whatever was typed as an answer, or say what is wrong with it."""
    question = talk.current
    if question is None:
        show_review(talk)
        return
    match QUESTION_TYPES[question.type].hear(typed, talk.ear(question)):
        case Understood(value, exact):
            take(talk, question, value, echo=not exact)
        case Unsure(values):
            _ask_back(talk, question, values)
        case Misheard(notice):
            _misheard(talk, question, notice)


def _hear_guess(talk: Talk, question: Question, typed: str) -> bool:
    draft = talk.session.draft
    values = draft.values if isinstance(draft, Guess) else ()
    if len(values) == 1:
        folded = fold(typed)
        if folded in talk.lexicon.yes or folded in talk.lexicon.no:
            resolve_guess(talk, 0 if folded in talk.lexicon.yes else 1)
            return True
        return False
    number = read_integer(typed, talk.lexicon)
    if number is None or not 1 <= number <= len(values):
        return False
    resolve_guess(talk, number - 1)
    return True


def resolve_guess(talk: Talk, index: int) -> None:
    """Settle what was asked back: of a single guess 0 is yes and 1 no, of several it is the one meant."""
    question, draft = talk.current, talk.session.draft
    if question is None or not isinstance(draft, Guess) or index > max(1, len(draft.values) - 1):
        talk.ask()
        return
    if len(draft.values) == 1 and index == 1:
        talk.session = replace(talk.session, draft=None)
        talk.tell(N_("All right, please answer again."))
        talk.ask(again=True)
        return
    take(talk, question, draft.values[index])


def _ask_back(talk: Talk, question: Question, values: tuple[Value, ...]) -> None:
    talk.session = replace(talk.session, draft=Guess(values))
    if len(values) == 1:
        talk.say.append(
            Offer(
                Notice(N_("Did you mean “{answer}”?"), {"answer": Said(question, values[0])}),
                tuple(
                    Option(Notice(label), talk.tap(TapKind.MENU, index, MenuKind.GUESS))
                    for index, label in enumerate((N_("Yes"), N_("No")))
                ),
                numbered=False,
            )
        )
        return
    talk.say.append(
        Offer(
            Notice(N_("Which one do you mean?")),
            tuple(
                Option(Said(question, value), talk.tap(TapKind.MENU, index, MenuKind.GUESS))
                for index, value in enumerate(values)
            ),
        )
    )


def _misheard(talk: Talk, question: Question, notice: Notice) -> None:
    last = max((answer.at for answer in talk.session.answers.values()), default=None)
    if talk.session.misses == 0 and last is not None and talk.now - last > BREAK:
        talk.tell(N_("Welcome back! Here is where you were:"))
        talk.ask(notes=False)
        return
    talk.session = replace(talk.session, misses=talk.session.misses + 1, draft=None)
    talk.say.append(notice)
    if talk.session.misses >= PATIENCE:
        _offer_ways_out(talk, question)
    talk.ask(again=True)


def _offer_ways_out(talk: Talk, question: Question) -> None:
    if not question.required:
        talk.tell(N_("To leave this question out, send {skip}."), skip=CommandWord(Command.SKIP))
    talk.tell(N_("To go on another time, send {pause}."), pause=CommandWord(Command.PAUSE))
    if talk.round.contact:
        talk.tell(N_("For help from a person: {contact}"), contact=talk.round.contact)


def turn_page(talk: Talk, question: Question, page: int | None = None) -> bool:
    """Show another page of a long list of options, the next one unless told; `False` where there are no pages."""
    pages = -(-len(QUESTION_TYPES[question.type].options(talk.ear(question))) // PAGE_SIZE)
    if pages < 2:
        return False
    draft = talk.session.draft
    following = (draft.page if isinstance(draft, Page) else 0) + 1 if page is None else page
    shown = following % pages
    if not isinstance(draft, Ticks):
        talk.session = replace(talk.session, draft=Page(shown))
    talk.ask(again=True, page=shown, replaces=page is not None)
    return True


# Recording


def take(talk: Talk, question: Question, value: Value, *, echo: bool = False) -> None:
    """Record an answer that was understood, if it is allowed, and go on."""
    kind = QUESTION_TYPES[question.type]
    wrong = kind.check(value, talk.ear(question))
    if wrong is None and question.constraint and not question.constraint.holds(talk.route.value, value):
        message = question.constraint_message
        wrong = (
            Notice(N_("{message}"), {"message": message})
            if message
            else Notice(N_("This answer is not possible here. Please check it."))
        )
    if wrong is not None:
        _misheard(talk, question, wrong)
        return
    if echo:
        talk.tell(N_("I understood: {answer}"), answer=Said(question, value))
    _go_on(talk, question, value, Trigger.ANSWER)


def _go_on(talk: Talk, question: Question, value: Value | None, trigger: Trigger) -> None:
    before = talk.route
    changing = before.finished
    talk.record(question, value)
    talk.session = replace(talk.session, focus=None, draft=None, misses=0)
    if talk.route.relevant != before.relevant:
        _tell_route_changes(talk, before, asked_before=not before.is_open(question))
    following = talk.route.open_after(question)
    if following is not None and following is not talk.route.first_open:
        talk.session = replace(talk.session, focus=following.name)
    talk.move(trigger)
    if talk.session.state is not State.REVIEWING:
        talk.ask(after=question)
    elif changing:
        tell_changed(talk, question)
    else:
        show_review(talk, after=question)


def _tell_route_changes(talk: Talk, before: Route, *, asked_before: bool) -> None:
    now = talk.route
    left = sum(
        a.status is AnswerStatus.OFF_ROUTE for name, a in talk.changes.items() if name not in now.relevant
    )
    opened = sum(q.name not in before.place and now.is_open(q) for q in now.asked)
    if left:
        talk.say.append(
            Notice(
                N_("{count} answer no longer counts, since its question does not apply any more."),
                plural=N_("{count} answers no longer count, since their questions do not apply any more."),
                count=left,
            )
        )
    if opened and (asked_before or opened > 1):
        talk.say.append(
            Notice(
                N_("Your answer opens {count} more question."),
                plural=N_("Your answer opens {count} more questions."),
                count=opened,
            )
        )


# Choosing several


def toggle(talk: Talk, question: Question, choice: Value) -> None:
    """Tick or untick one choice of a `select_multiple`; an exclusive one stands alone."""
    ticked, code = set(talk.ticked(question)), str(choice)
    if code in ticked:
        ticked.discard(code)
    elif question.choice_by_name[code].exclusive:
        ticked = {code}
    else:
        ticked = {name for name in ticked if not question.choice_by_name[name].exclusive} | {code}
    ordered = tuple(c.name for c in question.choices if c.name in ticked)
    talk.session = replace(talk.session, draft=Ticks(ordered), misses=0)
    names = [c.name for c in question.choices]
    talk.ask(replaces=True, page=names.index(code) // PAGE_SIZE)


def place(talk: Talk, question: Question, choice: Value) -> None:
    """Put one choice of a `rank` after those placed so far; the last one goes by itself."""
    draft = talk.session.draft
    before = draft.choices if isinstance(draft, Ticks) else ()
    placed = (*(code for code in before if code != choice), str(choice))
    left = [code for code in question.choice_by_name if code not in placed]
    if len(left) <= 1:
        take(talk, question, (*placed, *left))
        return
    talk.session = replace(talk.session, draft=Ticks(placed), misses=0)
    talk.tell(N_("So far: {answer}"), answer=Said(question, placed))
    talk.ask(again=True)


def finish(talk: Talk, question: Question) -> None:
    """Record what was ticked, or leave the answer to a question that has one as it is."""
    ticked, answer = talk.ticked(question), talk.route.answer(question.name)
    value = ticked or talk.suggestion(question)
    if value is not None and value != ():
        take(talk, question, value)
        return
    if answer is not None and not isinstance(talk.session.draft, Ticks):
        _go_on(talk, question, answer.value, Trigger.ANSWER)
        return
    _misheard(talk, question, Notice(N_("Nothing is chosen yet. Choose at least one.")))


# Ways round a question


def skip(talk: Talk) -> None:
    """Leave the current question out: recorded as *prefer not to say*."""
    question = talk.current
    if talk.session.state is not State.ANSWERING or question is None:
        show_review(talk)
        return
    if question.required:
        if question.required_message:
            talk.say.append(Notice(N_("{message}"), {"message": question.required_message}))
        else:
            talk.tell(N_("This question is needed to go on, so it cannot be skipped."))
        talk.ask(again=True)
        return
    talk.tell(N_("Skipped."))
    _go_on(talk, question, None, Trigger.SKIP)


def back(talk: Talk) -> None:
    """Go to the question before."""
    current = talk.current if talk.session.state is State.ANSWERING else None
    last = talk.route.asked[-1] if talk.route.asked else None
    previous = last if current is None else talk.route.before(current)
    if previous is None:
        talk.tell(N_("This is the first question."))
        talk.ask(again=True)
    else:
        talk.reopen(previous, Trigger.BACK, after=current)


def offer_sections(talk: Talk) -> None:
    """List the sections with what is done in each."""
    lines = []
    for index, section in enumerate(sections(talk)):
        asked = [q for q in section.questions if q.name in talk.route.place]
        done = sum(not talk.route.is_open(q) for q in asked)
        label = Notice(
            N_("{title}: {done} of {total}"), {"title": section.title, "done": done, "total": len(asked)}
        )
        lines.append(Option(label, talk.tap(TapKind.MENU, index, MenuKind.SECTIONS)))
    talk.session = replace(talk.session, draft=Menu(Command.SECTIONS))
    talk.say.append(Offer(Notice(N_("Which section do you want to go to?")), tuple(lines)))


def sections(talk: Talk) -> tuple[Section, ...]:
    """The sections with a question on the route."""
    place = talk.route.place
    return tuple(s for s in talk.round.questionnaire.sections if any(q.name in place for q in s.questions))


def open_section_named(talk: Talk, typed: str) -> bool:
    """Jump to the section whose number in the list, or title, was typed; `False` where none was."""
    listed = sections(talk)
    number = read_integer(typed, talk.lexicon)
    if number is None:
        titles = [
            Candidate(str(place), (fold(section.title.in_language(talk.session.language)),))
            for place, section in enumerate(listed, start=1)
        ]
        found = match(typed, titles)
        number = int(found.keys[0]) if len(found.keys) == 1 else 0
    if not 1 <= number <= len(listed):
        return False
    open_section(talk, number - 1)
    return True


def open_section(talk: Talk, index: int) -> None:
    """Jump to a section: to its first open question, or its first."""
    listed = sections(talk)
    if not 0 <= index < len(listed):
        talk.ask()
        return
    asked = [q for q in listed[index].questions if q.name in talk.route.place]
    goal = next((q for q in asked if talk.route.is_open(q)), asked[0])
    talk.move(Trigger.CHANGE)
    focus = None if goal is talk.route.first_open else goal.name
    talk.session = replace(talk.session, focus=focus, draft=None, misses=0)
    talk.ask()
