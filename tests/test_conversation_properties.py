"""Whatever people send: nothing raises, everything is answered, and nothing is kept that was not said."""

from __future__ import annotations

import random
from functools import cache
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.lexicon import Command
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
from bot.flows.rounds import Round
from bot.flows.session import State
from bot.flows.taps import MenuKind, Tap, TapKind
from tests.support.conversations import TELEGRAM, TERMINAL, round_of
from tests.support.transcripts import read_any
from tests.support.walks import anything, closed, walk_of

KEYS = ("village", "metep")
LANGUAGES = ("en", "fr", "es")
CHANNELS = {"telegram": TELEGRAM, "terminal": TERMINAL}


@cache
def asking(key: str) -> Round:
    return round_of(read_any(key), languages=LANGUAGES, code=key)


_SMALL = st.sampled_from((0, 1, 2, 3, 4, 5, 9, 13, 35, 10**9))
_TAPS = st.builds(
    lambda kind, number, turn, item, option: Chosen(Tap(kind, number, turn, item, option).encode()),
    st.sampled_from(TapKind),
    st.sampled_from((1, 1, 1, 2)),
    _SMALL,
    _SMALL,
    _SMALL | st.sampled_from(MenuKind).map(int),
)
_WORDS = st.sampled_from(
    [
        *(
            "yes",
            "no",
            "1",
            "2",
            "3",
            "1 2",
            "I agree",
            "english",
            "español",
            "Suva",
            "34",
            "7.5",
            "3 May 2025",
        ),
        *("submit", "done", "more", "change 2", "OK", "/language fr", "join village", "stop"),
        *(command.value for command in Command),
        *(f"/{command}" for command in Command),
    ]
)
_ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40) | st.text(
    st.characters(categories=("Cs", "Cc", "Cf", "Mn", "Nd", "Lo")), max_size=40
)
_LONG = st.builds(
    lambda piece, times: (piece * times)[:10_000], st.text(min_size=1, max_size=9), st.integers(1, 5000)
)
_TEXTS = _WORDS | _ANY_TEXT | _LONG
RECEIVED: st.SearchStrategy[Received] = st.one_of(
    st.builds(Text, _WORDS),
    st.builds(Text, _TEXTS),
    _TAPS,
    st.builds(Chosen, _ANY_TEXT),
    st.builds(Start, _TEXTS.map(lambda payload: payload[:64])),
    st.builds(Edited, _TEXTS),
    st.builds(
        Attachment,
        st.sampled_from(AttachmentKind),
        _TEXTS,
        st.just("id"),
        group=st.sampled_from(("", "one", "two")),
    ),
    st.builds(Contact),
    st.builds(Location, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Unsupported, _ANY_TEXT),
    st.builds(Blocked),
    st.builds(Unblocked),
)


@given(st.sampled_from(KEYS), st.sampled_from(LANGUAGES), st.booleans(), st.lists(RECEIVED, max_size=12))
@settings(max_examples=80)
def test_opt_3_any_script_is_answered_and_asks_nothing_before_consent(
    key: str, language: str, agreed: bool, script: list[Received]
) -> None:
    walk = walk_of(asking(key), CHANNELS, language)
    if agreed:
        walk.hear(Text(language))
        walk.hear(Text("I agree"))
    for received in script:
        walk.hear(received)


@given(st.lists(RECEIVED, max_size=12))
@settings(max_examples=40)
def test_a_closed_round_changes_no_answer_whatever_is_sent(script: list[Received]) -> None:
    walk = walk_of(asking("village"), CHANNELS, "en")
    for words in ("en", "I agree", "Suva", "34", "yes"):
        walk.hear(Text(words))
    closed(walk, is_closed=True)
    for received in script:
        before = walk.session
        walk.hear(received)
        if before is not None and walk.session is not None and walk.session.answers != before.answers:
            assert walk.session.state is State.WITHDRAWN
            assert walk.session.answers == {}


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 10))])
def test_ten_thousand_random_messages_are_answered(seed: int) -> None:
    dice = random.Random(seed)
    reached: set[State] = set()
    ways = cycle([(key, language) for key in KEYS for language in LANGUAGES])
    sent = 0
    while sent < 10_000:
        key, language = next(ways)
        walk = walk_of(asking(key), CHANNELS, language)
        for step in range(dice.choice((40, 120, 400))):
            if step % 97 == 96:
                closed(walk, is_closed=dice.random() < 0.2)
            walk.hear(anything(dice, walk))
            if walk.session is not None:
                reached.add(walk.session.state)
        sent += walk.turns
    assert reached == set(State)
