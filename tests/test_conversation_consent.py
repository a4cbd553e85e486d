"""Consent: nothing is asked before it, it is told in the language chosen, and what was agreed to is on record."""

from __future__ import annotations

from datetime import timedelta

from bot.flows.received import Chosen, Edited, Start, Text
from bot.flows.session import State
from bot.flows.speech import Prompt
from bot.flows.taps import MenuKind, Tap, TapKind
from tests.support.conversations import NOW, Chat, ask, at_state, questionnaire, round_of, text


def test_opt_3_nothing_is_asked_before_consent() -> None:
    chat = Chat(round_of(questionnaire(ask("a"), ask("b")), languages=("en", "fr")))
    attempts = [
        *map(
            Text,
            ("yes", "1", "skip", "back", "review", "sections", "progress", "/skip", "submit", "done", "more"),
        ),
        *(Chosen(Tap(kind, 1, 1).encode()) for kind in TapKind),
        *(
            Chosen(Tap(TapKind.MENU, 1, 1, 0, menu).encode())
            for menu in MenuKind
            if menu is not MenuKind.CONSENT
        ),
        Start(),
        Edited("yes"),
    ]
    for language in (None, "english"):
        if language:
            chat = Chat(round_of(questionnaire(ask("a"), ask("b")), languages=("en", "fr")))
            chat.say(language)
        for received in attempts:
            if chat.at.state is State.CONSENTING and received in (Text("yes"), Text("1")):
                continue
            turn = chat.hear(received)
            assert not [said for said in turn.say if isinstance(said, Prompt)]
            assert chat.at.consent is None
            assert chat.answers == {}
            assert chat.at.state in {State.CHOOSING_LANGUAGE, State.CONSENTING}
    chat.say("agree")
    assert chat.at.consent is not None
    assert chat.at.consent.language == "en"
    assert chat.at.consent.at == chat.now
    assert "About a?" in chat.said


def test_consent_is_told_anew_in_another_language() -> None:
    chat = at_state(State.CONSENTING)
    for change in (Text("/language fr"), Chosen(Tap(TapKind.MENU, 1, 1, 1, MenuKind.LANGUAGES).encode())):
        chat.hear(change)
        assert "Qui consulte" in chat.said
        assert "1. J’accepte" in [button.label for button in chat.buttons]


def test_what_was_agreed_to_is_on_record() -> None:
    made = questionnaire(ask("a"), ask("b"))
    hashes = set()
    for asking in (
        round_of(made),
        round_of(made, contact="another office"),
        round_of(made, purpose=text("Another purpose.")),
        round_of(made, closes=NOW + timedelta(days=9)),
    ):
        chat = Chat(asking)
        chat.say("agree")
        assert chat.at.consent is not None
        hashes.add(chat.at.consent.text_hash)
    assert len(hashes) == 4
