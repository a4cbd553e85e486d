"""Whatever a session holds comes back from its row's columns."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.lexicon import Command
from bot.flows.session import Answer, AnswerStatus, Consent, Guess, Menu, Outcome, Page, Session, State, Ticks
from storage.documents import (
    draft_document,
    json_text,
    read_answers,
    read_draft,
    read_session_row,
    read_value,
)

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
CODES = st.lists(TEXTS, max_size=4).map(tuple)
VALUES = (
    TEXTS
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.booleans()
    | CODES
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ANSWERS = st.builds(
    Answer,
    value=st.none() | VALUES,
    status=st.sampled_from(AnswerStatus),
    at=MOMENTS,
    language=TEXTS,
    revision=st.integers(0, 1000),
)
DRAFTS = (
    st.none()
    | st.builds(Ticks, CODES)
    | st.builds(Guess, st.lists(VALUES, max_size=4).map(tuple))
    | st.builds(Menu, st.sampled_from(Command))
    | st.builds(Page, st.integers(0, 50))
)
SESSIONS = st.builds(
    Session,
    state=st.sampled_from(State),
    language=TEXTS,
    source=st.none() | TEXTS,
    answers=st.dictionaries(TEXTS, ANSWERS, max_size=5),
    focus=st.none() | TEXTS,
    draft=DRAFTS,
    misses=st.integers(0, 9),
    turn=st.integers(0, 10**6),
    consent=st.none() | st.builds(Consent, MOMENTS, TEXTS, TEXTS),
    outcome=st.sampled_from(Outcome),
    completed_at=st.none() | MOMENTS,
)


@given(SESSIONS)
@settings(max_examples=60)
def test_a_session_comes_back(session: Session) -> None:
    draft, consent = draft_document(session.draft), session.consent
    row = (
        session.state.value,
        session.outcome.value,
        session.language,
        session.source,
        session.focus,
        None if draft is None else json_text(draft),
        session.misses,
        session.turn,
        json_text(session.answers),
        None if consent is None else json_text(consent),
        session.completed_at,
    )
    assert read_session_row(row) == session
    as_sqlite_has_it = (*row[:-1], session.completed_at and f"{session.completed_at:%Y-%m-%d %H:%M:%S.%f}")
    assert read_session_row(as_sqlite_has_it) == session


@given(VALUES)
@settings(max_examples=100)
def test_a_value_keeps_its_type(value: object) -> None:
    back = read_value(json_text(value))
    assert back == value
    assert type(back) is type(value)


@given(DRAFTS)
def test_a_draft_comes_back(draft: Ticks | Guess | Menu | Page | None) -> None:
    document = draft_document(draft)
    assert read_draft(None if document is None else json_text(document)) == draft


@given(st.text(st.sampled_from("\x00\\u0a\n"), max_size=12))
def test_a_nul_is_left_out_and_nothing_else(text: str) -> None:
    document = json_text({"q": Answer(text, AnswerStatus.ANSWERED, datetime(2026, 1, 1, tzinfo=UTC), "en")})
    assert read_answers(document)["q"].value == text.replace("\x00", "")
