"""Texts as they are kept, and what is only read: acknowledgements and notes."""

from __future__ import annotations

import pytest

from bot.flows.question_types import QUESTION_TYPES, Misheard, Understood
from tests.support.question_types import FREE, READ, ear_of, hear, hear_exactly, question_of


def test_texts_are_kept_as_written_without_control_characters() -> None:
    assert hear(FREE, "  More buses!\r\nAnd\ttrains\x00\x1b\ud800 👍🏽  ") == Understood(
        "More buses!\nAnd trains 👍🏽"
    )
    assert hear(FREE, "stop") == Understood("stop")
    assert hear_exactly(FREE, "anything") is None


@pytest.mark.parametrize("typed", ["", "  \n ", "\x00", "\u200b\u200e"])
def test_texts_hold_something(typed: str) -> None:
    assert isinstance(hear(FREE, typed), Misheard)


def test_texts_have_a_limit_and_the_notice_says_how_much_is_too_much() -> None:
    assert hear(FREE, "x" * 2000) == Understood("x" * 2000)
    heard = hear(FREE, "x" * 2013)
    assert isinstance(heard, Misheard)
    assert heard.notice.values == {"limit": 2000, "excess": 13}


# Something to read


@pytest.mark.parametrize(
    ("language", "typed"), [("en", "OK"), ("en", "okay."), ("en", "1"), ("en", "I agree"), ("fr", "oui")]
)
def test_acknowledged(language: str, typed: str) -> None:
    assert hear(READ, typed, language) == Understood("OK")
    assert hear_exactly(READ, typed, language) == "OK"


@pytest.mark.parametrize("typed", ["no", "2", "", "what is this"])
def test_not_acknowledged(typed: str) -> None:
    assert isinstance(hear(READ, typed), Misheard)


def test_a_note_wants_no_answer() -> None:
    note = QUESTION_TYPES["note"]
    ear = ear_of(question_of("note"))
    assert not note.asks
    assert isinstance(note.hear("yes", ear), Misheard)
    assert note.hears_exactly("yes", ear) is None
    assert note.check("yes", ear) is not None
    assert note.tabulated_as is None
