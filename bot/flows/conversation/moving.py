"""A session on its way to another version of its questionnaire: what goes along, and what is asked again.

Answers stay under their names, so that the way back restores them. What was on the screen was of the version
before: its buttons are stale from now on, and the next words that somebody types only make them resume.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from bot.flows.conversation.talk import Talk
from bot.flows.lexicon import Lexicon
from bot.flows.questionnaire import Questionnaire
from bot.flows.rounds import Round
from bot.flows.route import lacks_choice
from bot.flows.session import TURNS_OF_A_VERSION, Answer, AnswerStatus, Person, Session, State

UNDER_WAY = frozenset(
    {State.CHOOSING_LANGUAGE, State.CONSENTING, State.ANSWERING, State.REVIEWING, State.PAUSED}
)
"""Who can be moved: what was submitted, declined or withdrawn stays with its version."""


class Lost(StrEnum):
    """Why an answer does not count in the other version."""

    QUESTION_REMOVED = "question_removed"
    CHOICE_REMOVED = "choice_removed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Moved:
    """A session as it goes on in the other version."""

    session: Session
    changed: Mapping[str, Answer]
    lost: Mapping[str, Lost]
    """Answers that counted and do not any more, by question."""
    asked_again: frozenset[str]
    """Questions that had an answer and are open now."""
    reopened: bool
    """Whether everything was answered, and now something is not."""


def moved(before: Round, after: Round, session: Session, now: datetime, lexicon: Lexicon) -> Moved:
    """Move a session between two versions of what its round asks."""
    if session.consent is None:
        return Moved(replace(session, turn=session.turn + 1), {}, {}, frozenset(), reopened=False)
    finished = Talk(Person(), before, session, now, lexicon).route.finished
    gone = {
        name: replace(answer, status=AnswerStatus.OFF_ROUTE)
        for name, answer in session.answers.items()
        if lacks_choice(after.questionnaire.questions.get(name), answer.value)
    }
    going = replace(
        session,
        state=State.PAUSED,
        answers={**session.answers, **gone},
        focus=session.focus if session.focus in after.questionnaire.questions else None,
        draft=None,
        misses=0,
        turn=(session.turn // TURNS_OF_A_VERSION + 1) * TURNS_OF_A_VERSION,
    )
    talk = Talk(Person(), after, going, now, lexicon)
    talk.fill_in()
    there, route = talk.turn().session or going, talk.route
    answers = there.answers
    changed = {name: answer for name, answer in answers.items() if answer != session.answers.get(name)}
    lost = {
        name: _why(name, after.questionnaire, is_gone=name in gone)
        for name, answer in session.answers.items()
        if answer.status is not AnswerStatus.OFF_ROUTE and answers[name].status is AnswerStatus.OFF_ROUTE
    }
    again = frozenset(question.name for question in route.asked if question.name in lost)
    return Moved(there, changed, lost, again, reopened=finished and not route.finished)


def fingerprint(session: Session, questionnaire: Questionnaire) -> str:
    """A hash of what the person answered, and when, which every further answer changes; SHA-256 in hexadecimal."""
    silent = {question.name for question in questionnaire if question.is_silent}
    given = [
        f"{name} {answer.revision} {answer.at.isoformat()}"
        for name, answer in sorted(session.answers.items())
        if name not in silent
    ]
    return hashlib.sha256("\n".join(given).encode()).hexdigest()


def _why(name: str, questionnaire: Questionnaire, *, is_gone: bool) -> Lost:
    if name not in questionnaire.questions:
        return Lost.QUESTION_REMOVED
    return Lost.CHOICE_REMOVED if is_gone else Lost.NOT_ASKED
