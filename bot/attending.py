"""One person's messages of a batch: repeats recognised, the others answered in order, with one reply for all."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import i18n
from bot.errors import place
from bot.flows.conversation import arrival, respond
from bot.flows.conversation.talk import Join, Request, Scene, Turn, Wish
from bot.flows.questionnaire import LocalizedText, Question
from bot.flows.received import Blocked, Chosen, Unblocked
from bot.flows.rounds import Round
from bot.flows.session import Answer, Person, Session
from bot.flows.speech import N_, Notice, Offer, Prompt, Review, Saying
from bot.messages import Capabilities, Document, Inbound, Part, Reply
from bot.render import render, render_document
from bot.shelf import Shelf
from bot.wording import Wording, filled
from storage import contacts, conversations, erasure, rounds
from storage.errors import is_passing
from storage.keys import Keys
from storage.turns import NOBODY, Owed, Standing, Written

QUIET = Reply(())
"""Nothing to hand over: a later message's reply speaks for this one too."""
_APOLOGY = N_("Sorry, something went wrong here. Your message was kept; please try again a little later.")
_MY_DATA = Part("", document=Document("my-data.json", "application/json", ""))
"""Stands for the file in a reply on record: the file itself would be a second copy of what it shows."""

LARGEST_ID = 2**31 - 1
"""Of a round; a button that somebody made up may name another."""

_log = logging.getLogger(__name__)


class Attended(Struct, frozen=True, gc=False):
    """What to write, and the answers to a person's first messages; those beyond come again in the next batch."""

    written: Written | None
    answers: tuple[Reply | None, ...]


class _Visit(Struct):
    """One person within one batch, as far as their messages have been heard."""

    standing: Standing
    capabilities: Capabilities
    person: Person
    blocked: bool
    round: Round | None
    session: Session | None
    turn_before: int | None
    changed: dict[str, Answer] = field(default_factory=dict)
    deliveries: list[str] = field(default_factory=list)
    answers: list[Reply | None] = field(default_factory=list)
    say: list[Saying] = field(default_factory=list)
    file: tuple[Part, ...] = ()
    """Everything held about the person, where they asked for it."""
    reply: Reply = QUIET
    """One reply to everything heard so far."""
    over: bool = False
    """Whether the rest has to come again, since what is stored has to be read anew first."""

    def copy(self) -> _Visit:
        """The visit to go on with, while this one is left as it is."""
        return replace(
            self, changed=dict(self.changed), deliveries=list(self.deliveries), answers=list(self.answers)
        )

    @property
    def language(self) -> str:
        """The language to speak: the session's, the person's, or the best guess."""
        if self.session is not None:
            return self.session.language
        return self.person.language or i18n.best_language(self.person.language_hint, i18n.languages())


class Attending:
    """Answers people; holds nothing of them between batches."""

    def __init__(self, keys: Keys, capabilities: Mapping[str, Capabilities]) -> None:
        self._keys = keys
        self._capabilities = capabilities
        self._shelf = Shelf()

    def attend(
        self,
        connection: Connection,
        standing: Standing,
        inbounds: Sequence[Inbound],
        now: datetime,
    ) -> Attended:
        """Hear one person's messages in order; `standing` was read, and is locked, in this transaction.

        Where something waits to be sent to the person again, this reply is owed too, so that it follows; what is
        scheduled for later, or was not tried yet, does not hold it back.
        """
        visit = self._visit(connection, standing, inbounds[0])
        for inbound in inbounds:
            if visit.over:
                break
            visit = self._hear(connection, visit, inbound, now)
        if not visit.deliveries:
            return Attended(None, tuple(visit.answers))
        kept = (_MY_DATA, *visit.reply.parts) if visit.file else visit.reply.parts
        parts = list(kept)
        written = self._written(visit, inbounds[0].bot)
        if standing.behind is not None and not visit.file:
            owed = tuple(Owed(part, standing.behind) for part in parts)
            return Attended(replace(written, owed=owed), tuple(visit.answers))
        last = max(i for i, answer in enumerate(visit.answers) if answer is QUIET)
        visit.answers[last] = Reply((*visit.file, *visit.reply.parts))
        *earlier, external_id = visit.deliveries
        on_record = (*((one, None) for one in earlier), (external_id, parts))
        return Attended(replace(written, deliveries=on_record), tuple(visit.answers))

    def apology(self, inbound: Inbound) -> Reply:
        """What to say when a message could not be handled."""
        language = i18n.best_language(inbound.language_hint, i18n.languages())
        return render([Notice(_APOLOGY)], language, self._capabilities[inbound.channel])

    def _visit(self, connection: Connection, standing: Standing, inbound: Inbound) -> _Visit:
        asking = None
        if standing.round_id is not None and standing.round_revision is not None:
            asking = self._shelf.round(
                connection, standing.round_id, standing.round_revision, standing.questionnaire_id
            )
        return _Visit(
            standing=standing,
            capabilities=self._capabilities[inbound.channel],
            person=standing.person,
            blocked=standing.blocked,
            round=asking,
            session=standing.session,
            turn_before=None if standing.session is None else standing.session.turn,
        )

    def _hear(self, connection: Connection, visit: _Visit, inbound: Inbound, now: datetime) -> _Visit:
        """The visit after one message more."""
        standing, external_id = visit.standing, inbound.external_id
        if external_id in standing.replies or external_id in visit.deliveries:
            visit.answers.append(self._again(connection, visit, standing.replies.get(external_id)))
            return visit
        if standing.erased_after is not None and conversations.precedes_erasure(
            external_id, standing.erased_after
        ):
            again = external_id == standing.erased_after
            visit.answers.append(self._say(visit, arrival.erased_before()) if again else None)
            return visit
        if standing.respondent == NOBODY:
            return replace(visit, over=True)
        heard = visit.copy()
        back = standing.newcomer and standing.erased_after is not None and not visit.deliveries
        if back and isinstance(inbound.received, Chosen):
            # Tapped twice, or on a button from before: that brings nobody back.
            self._erase(connection, heard, inbound, now)
            heard.answers[-1] = self._say(visit, arrival.erased_before())
            return heard
        try:
            if not self._turn(connection, heard, inbound, now):
                return heard
        except _ReadAnew:
            return replace(visit, over=True)
        except Exception as error:
            # What the store refuses has spoilt the transaction, with everybody's turns in it.
            if isinstance(error, DBAPIError) or is_passing(error):
                raise
            _log.error("a message could not be handled and is set aside: %s", place(error))
            sealed = self._keys.encrypt(repr(inbound.received))
            contacts.set_aside(connection, standing.hash, sealed, place(error), now)
            heard = visit.copy()
            heard.say = [*visit.say, Notice(_APOLOGY)]
            heard.reply = self._say(heard, heard.say)
        heard.deliveries.append(external_id)
        heard.answers.append(QUIET)
        return heard

    def _turn(self, connection: Connection, visit: _Visit, inbound: Inbound, now: datetime) -> bool:
        """Answer one message; whether something of the person is left to answer for later."""
        lexicon = i18n.lexicon(visit.language)
        turn = respond(Scene(visit.person, visit.round, visit.session), inbound.received, now, lexicon)
        if turn.wish is Request.ERASE:
            self._erase(connection, visit, inbound, now)
            return False
        if isinstance(turn.wish, Join):
            said = self._join(connection, visit, turn, turn.wish, now)
        else:
            self._adopt(visit, turn)
            said = (*turn.say, *self._grant(connection, visit, turn.wish, now))
        visit.blocked = isinstance(inbound.received, Blocked) or (
            visit.blocked and not isinstance(inbound.received, Unblocked) and not said
        )
        visit.say = [*(one for one in _kept(visit.say) if one not in said), *said] if said else visit.say
        # Now, so that what cannot be said parks this message alone.
        visit.reply = self._say(visit, visit.say)
        return True

    def _adopt(self, visit: _Visit, turn: Turn) -> None:
        visit.person = turn.person
        if turn.session is not None:
            visit.session = turn.session
        if turn.cleared:
            visit.changed.clear()
            visit.over = True
        visit.changed.update(turn.changes)

    def _grant(
        self, connection: Connection, visit: _Visit, wish: Wish | None, now: datetime
    ) -> tuple[Saying, ...]:
        if wish is Request.LIST_ROUNDS:
            return self._others(connection, visit, now)
        if wish is Request.EXPORT:
            if visit.deliveries:
                raise _ReadAnew
            visit.file = self._export(connection, visit)
        return ()

    def _others(self, connection: Connection, visit: _Visit, now: datetime) -> tuple[Saying, ...]:
        others = self._elsewhere(connection, visit, now)
        if visit.session is not None and not others:
            return ()
        return arrival.list_rounds(others)

    def _elsewhere(self, connection: Connection, visit: _Visit, now: datetime) -> list[Round]:
        """The open rounds but the one that the person talks in, in the order in which they are numbered."""
        return [
            self._shelf.of(connection, one)
            for one in rounds.list_open(connection, now)
            if visit.round is None or one.id != visit.round.id
        ]

    # Rounds

    def _join(
        self, connection: Connection, visit: _Visit, turn: Turn, join: Join, now: datetime
    ) -> tuple[Saying, ...]:
        if visit.changed or (visit.deliveries and visit.session is not None):
            raise _ReadAnew
        stored, source = self._find(connection, visit, join, now)
        asking = None if stored is None else self._shelf.of(connection, stored)
        if stored is None or asking is None or not asking.is_open(now):
            self._adopt(visit, turn)
            return arrival.refuse(asking, now, join.payload, self._elsewhere(connection, visit, now))
        found = conversations.read_session(connection, visit.standing.respondent, stored.id)
        session, pinned = found if found is not None else (None, stored.questionnaire_id)
        asking = self._shelf.round(connection, stored.id, stored.revision, pinned)
        language = session.language if session else i18n.best_language(self._hint(visit), asking.languages)
        entered = arrival.enter(asking, session, turn.person, source, language, now, i18n.lexicon(language))
        visit.round, visit.turn_before = asking, None if session is None else session.turn
        self._adopt(visit, entered)
        return entered.say

    def _hint(self, visit: _Visit) -> str | None:
        return visit.person.language or visit.person.language_hint

    def _find(
        self, connection: Connection, visit: _Visit, join: Join, now: datetime
    ) -> tuple[rounds.StoredRound | None, str | None]:
        """The round that a code, a tap or a number in the list of open rounds means, and the source named with it."""
        if join.round_id is not None:
            known = join.round_id <= LARGEST_ID
            return rounds.by_id(connection, join.round_id) if known else None, None
        # No code holds what cannot be shown, nor can every store look for it.
        code = "".join(filter(str.isprintable, join.payload))
        if code:
            found = rounds.resolve(connection, code)
            if found is not None:
                return found
        listed = self._elsewhere(connection, visit, now)
        if join.payload.isdecimal() and 1 <= int(join.payload[:6]) <= len(listed):
            return rounds.by_id(connection, listed[int(join.payload[:6]) - 1].id), None
        everywhere = rounds.list_open(connection, now)
        if not join.payload and len(everywhere) == 1:
            return everywhere[0], None
        return None, None

    # Erasure and export

    def _erase(self, connection: Connection, visit: _Visit, inbound: Inbound, now: datetime) -> None:
        # All of it, or none where it cannot be told.
        with connection.begin_nested():
            counts = erasure.erase(
                connection, visit.standing.hash, visit.standing.respondent, inbound.external_id, now
            )
            told = self._say(visit, arrival.erased(counts.answers, counts.sessions))
        visit.answers = [*(QUIET for _ in visit.answers), told]
        visit.deliveries.clear()
        visit.over = True

    def _export(self, connection: Connection, visit: _Visit) -> tuple[Part, ...]:
        respondent = visit.standing.respondent
        held = erasure.export_person(connection, respondent, visit.standing.hash)
        held["contact"]["address"] = self._keys.decrypt(held["contact"].pop("address_encrypted"))
        for talk in held["rounds"]:
            stored = rounds.by_code(connection, talk["round"])
            asked = {} if stored is None else self._shelf.as_answered(connection, respondent, stored)
            talk["answers"] = [_in_words(answer, asked, talk["answers"]) for answer in talk["answers"]]
        content = msgspec.json.format(msgspec.json.encode(held, enc_hook=str), indent=2).decode()
        document = Document("my-data.json", "application/json", content)
        told = N_("This is everything we hold about you.")
        return render_document(told, document, visit.language, visit.capabilities).parts

    # Replies

    def _say(self, visit: _Visit, say: Sequence[Saying]) -> Reply:
        return render(say, visit.language, visit.capabilities)

    def _again(self, connection: Connection, visit: _Visit, stored: list[Any] | None) -> Reply | None:
        """The reply on record, its file made anew; `None` where it was not the last."""
        if stored is None:
            return None
        parts = msgspec.convert(stored, tuple[Part, ...])
        if _MY_DATA not in parts:
            return Reply(parts)
        return Reply((*self._export(connection, visit), *(part for part in parts if part != _MY_DATA)))

    def _written(self, visit: _Visit, bot: str) -> Written:
        return Written(
            hash=visit.standing.hash,
            respondent=visit.standing.respondent,
            person=visit.person,
            bot=bot,
            blocked=visit.blocked,
            round_id=None if visit.round is None else visit.round.id,
            session=visit.session,
            questionnaire_id=None if visit.round is None else visit.round.questionnaire_id,
            turn_before=visit.turn_before,
            changed=visit.changed,
            text_revisions={} if visit.round is None else visit.round.text_revisions,
            deliveries=tuple((one, None) for one in visit.deliveries),
        )


def _in_words(
    answer: Mapping[str, Any], asked: Mapping[str, Question], answers: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """An answer with the words of its question and its own, in the language in which it was given."""
    question, value = asked.get(answer["question"]), answer["value"]
    if question is None:
        return dict(answer)
    wording = Wording(answer["language"])
    named = question.label.references.union(*(choice.label.references for choice in question.choices))
    fills = {
        name: _said(wording, asked[name], one["value"])
        for one in answers
        if (name := one["question"]) in named and name in asked and one["value"] is not None
    }
    words = None if value is None else _said(wording, question, value)
    if words is not None and any(choice.label.references for choice in question.choices):
        words = filled(LocalizedText.of(words), "en", fills)
    label = filled(question.label, wording.language, fills)
    return {"question": question.name, "label": label, "value": value, "words": words, **answer}


def _said(wording: Wording, question: Question, value: Any) -> str:
    return wording.said(question, tuple(value) if isinstance(value, list) else value)


class _ReadAnew(Exception):
    """The message is about what is stored, and what was said before it in this batch is not stored yet."""


def _kept(say: Sequence[Saying]) -> list[Saying]:
    """What an earlier message's reply still tells, once a later one has been answered too: no question, no list."""
    return [one for one in say if not isinstance(one, Prompt | Offer | Review)]
