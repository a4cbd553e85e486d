"""What *my data* says of answers: each question and answer in the words that the person read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from bot import rounds as use
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import Choice, LocalizedText, Question, Questionnaire, Section
from bot.flows.received import Start, Text
from bot.intake import Intake
from bot.messages import Capabilities, Inbound
from storage.store import Store
from tests.support.program import KEYS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def both(english: str, french: str) -> LocalizedText:
    return LocalizedText({"en": english, "fr": french}, "en")


def form(key: str, *questions: Question) -> Questionnaire:
    section = Section(key, both("All", "Tout"), questions)
    return Questionnaire(key, 1, both(key, key), "en", ("en", "fr"), (section,))


FERRY, CANOE = Choice("a", both("Ferry", "Bac")), Choice("b", both("Canoe", "Pirogue"))
HARBOUR = form(
    "harbour",
    Question("boat", "select_one", both("Which boat?", "Quel bateau ?"), choices=(FERRY, CANOE)),
    Question("since", "date", both("Since when?", "Depuis quand ?")),
    Question(
        "best", "select_multiple", both("What of the ${boat} is good?", "Quoi de bon : ${boat} ?"),
        choices=(Choice("x", both("The ${boat} itself", "${boat} même")), Choice("y", both("Its men", "Ses gens"))),
    ),
    Question("why", "text", both("Why?", "Pourquoi ?")),
    Question("more", "text", both("What else?", "Quoi encore ?")),
)  # fmt: skip
YOU = form("you", Question("age", "integer", both("Your age?", "Votre âge ?")))


async def told(store: Store, *said: str) -> Any:
    """The only round of *my data*, after these messages."""

    def work(connection: Connection) -> None:
        use.draft_round(connection, HARBOUR, use.RoundDraft(code="harbour", about_you=YOU), NOW)
        use.move(connection, "harbour", RoundTrigger.OPEN)

    await store.run(work)
    intake = Intake(store, KEYS, {"sms": Capabilities(4096, documents=True)}, lambda: NOW)
    for number, received in enumerate((Start("harbour"), *map(Text, said), Text("/mydata"))):
        reply = await intake.take(Inbound("sms", "", "one", str(number), NOW, received, language_hint="en"))
    assert reply is not None
    [content] = [part.document.content for part in reply.parts if part.document is not None]
    [talk] = json.loads(content)["rounds"]
    return talk


async def test_questions_and_answers_are_in_the_words_of_their_language(store: Store) -> None:
    talk = await told(
        store, "1", "1", "2", "/language fr", "2026-03-01", "1, 2", "Pour ${boat}", "passer", "44"
    )
    assert {one["question"]: (one["label"], one["value"], one["words"]) for one in talk["answers"]} == {
        "boat": ("Which boat?", "b", "Canoe"),
        "since": ("Depuis quand ?", "2026-03-01", "1 mars 2026"),
        "best": ("Quoi de bon : Pirogue ?", ["x", "y"], "Pirogue même et Ses gens"),
        "why": ("Pourquoi ?", "Pour ${boat}", "Pour ${boat}"),
        "more": ("Quoi encore ?", None, None),
        "age": ("Votre âge ?", 44, "44"),
    }
    assert (talk["questionnaire"], talk["version"], talk["about_you_version"]) == ("harbour", 1, 1)
