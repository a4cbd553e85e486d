"""Long messages and long lists in a conversation: bounded work, and numbers that stay the same."""

from __future__ import annotations

import pytest

from bot.flows.questionnaire import Choice
from tests.support.conversations import TERMINAL, ask, asked, choices, text
from tests.support.work import calls_of


@pytest.mark.parametrize(
    "kind", ["select_one", "select_multiple", "integer", "decimal", "date", "text", "range"]
)
@pytest.mark.parametrize("typed", ["x", "1,", "a b ", "\u0301", "0"])
def test_lim_1_a_long_message_takes_bounded_work(kind: str, typed: str) -> None:
    options = tuple(Choice(f"c{n}", text(f"A rather long label, number {n}")) for n in range(100))
    chat = asked(ask("q", kind, options=options), ask("a"))
    long = typed * 100_000
    # The characters of a text are looked at once; of anything else only as many as an answer can have.
    characters = len(long) if kind == "text" else 0
    assert calls_of(lambda: chat.say(long)) < 20_000 + 2 * characters
    assert chat.said
    assert "q" not in chat.answers


def test_lim_1_an_answer_in_words_has_a_limit_and_says_by_how_much_to_shorten() -> None:
    chat = asked(ask("words", "text"), ask("a"))
    assert "up to 2,000 characters. Please shorten yours by 1." in chat.say("x" * 2001)
    chat.say("x" * 2000)
    assert chat.answers == {"words": "x" * 2000}


def test_len_4_numbers_stay_the_same_on_every_page_and_every_time() -> None:
    options = choices(*(f"Village {n}" for n in range(1, 71)))
    for capabilities in (TERMINAL, None):
        chat = asked(ask("where", options=options), ask("a"))
        if capabilities:
            chat.capabilities = capabilities
        assert "3. Village 3\n" in chat.say("help")
        said = chat.say("more")
        assert "31. Village 31\n" in said
        assert "Page 2 of 3" in said
        assert "70. Village 70" in chat.say("more") + "".join(button.label for button in chat.buttons)
        assert "Page 1 of 3" in chat.say("more")
        chat.say("64")
        assert chat.answers == {"where": "village_64"}, "a number of another page counts as well"
