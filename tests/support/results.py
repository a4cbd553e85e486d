"""A round with people in it, written straight into the tables, and a questionnaire with every type of question."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from bot.authoring.documents import structure_document, structure_hash, text_documents
from bot.flows.expressions import Expression
from bot.flows.questionnaire import Choice, LocalizedText, Part, Question, Questionnaire, Scale, Section
from bot.flows.rounds import Round
from bot.flows.session import AnswerStatus, Outcome
from bot.flows.values import Value
from bot.results.source import read_round
from storage import questionnaires, rounds
from storage.schema import answers, respondents, sessions

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
TOPICS = ("health", "roads", "schools", "none")


def text(english: str, french: str | None = None) -> LocalizedText:
    return LocalizedText({"en": english} | ({"fr": french} if french else {}), "en")


def choices(*names: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(name, text(name.replace("_", " ").capitalize()), exclusive=name == "none") for name in names
    )


def ask(
    name: str, kind: str, label: str | None = None, relevant: str | None = None, **more: object
) -> Question:
    condition = Expression.parse(relevant) if relevant else None
    return Question(name, kind, text(label or name), relevant=condition, **more)  # type: ignore[arg-type]


def questionnaire(*questions: Question, version: int = 1) -> Questionnaire:
    return Questionnaire(
        "water", version, text("Water", "Eau"), "en", ("en",), (Section("s", text("Section"), questions),)
    )


def every_type(version: int = 1, topics: Sequence[str] = TOPICS) -> Questionnaire:
    """One question of each type, in two sections of which the second is a part that a round can leave out."""
    first = (
        ask("welcome", "note"),
        ask("agree", "acknowledge"),
        ask("happy", "select_one", "Are you happy?", choices=choices("yes", "no", "dont_know"), number="1"),
        ask("topics", "select_multiple", relevant="${happy} = 'no'", choices=choices(*topics)),
        ask("home", "select_one", choice_list="country"),
    )
    second = (
        ask("age", "integer"),
        ask("litres", "decimal"),
        ask("rating", "range", scale=Scale(1, 5, 1, text("Bad", "Mauvais"), text("Good", "Bon"))),
        ask("since", "date"),
        ask("why", "text"),
    )
    return Questionnaire(
        "water",
        version,
        text("Water", "Eau"),
        "en",
        ("en", "fr"),
        (Section("a", text("First"), first), Section("b", text("Second"), second, part="B")),
        (Part("B", text("Second part")),),
    )


@dataclass
class Person:
    """One respondent: the answers by question, `None` for one that was skipped."""

    outcome: Outcome = Outcome.COMPLETE
    answers: Mapping[str, Value | None] = field(default_factory=dict)
    off_route: frozenset[str] = frozenset()
    language: str = "en"
    channel: str = "telegram"
    source: str | None = None
    version: int | None = None
    """The questionnaire's version when it is not the round's."""

    def status(self, question: str) -> AnswerStatus:
        if question in self.off_route:
            return AnswerStatus.OFF_ROUTE
        return AnswerStatus.SKIPPED if self.answers[question] is None else AnswerStatus.ANSWERED


def publish(connection: Connection, questionnaire: Questionnaire) -> int:
    structure = structure_document(questionnaire)
    published = questionnaires.publish(
        connection,
        questionnaire.key,
        questionnaire.version,
        structure_hash(structure),
        structure,
        text_documents(questionnaire),
        NOW,
    )
    return published.id


def make_round(
    connection: Connection,
    questionnaire: Questionnaire,
    people: Sequence[Person],
    *,
    code: str = "WATER",
    minimum_cell: int = 0,
    parts: frozenset[str] | None = None,
) -> Round:
    """A round and everybody's rows, as the store would have written them."""
    questionnaire_id = publish(connection, questionnaire)
    stored = rounds.create(
        connection,
        rounds.NewRound(
            code=code,
            title=text("Safe water", "Eau potable"),
            purpose=text("To plan"),
            agency=text("Ministry"),
            contact="office@example.org",
            questionnaire_id=questionnaire_id,
            languages=("en", "fr"),
            minimum_cell=minimum_cell,
            parts=parts,
        ),
        NOW,
    )
    versions = {
        published.version: published.id
        for published in (
            questionnaires.find(connection, questionnaire.key, version)
            for version in range(1, questionnaire.version + 1)
        )
        if published is not None
    }
    ids = random.Random(code).sample(range(1, 2**62), len(people))
    add = connection.execute
    if people:
        add(insert(respondents), [{"id": pseudonym, "created_at": NOW} for pseudonym in ids])
        add(
            insert(sessions),
            [
                {
                    "respondent_id": pseudonym,
                    "round_id": stored.id,
                    "questionnaire_id": versions.get(person.version or 0, questionnaire_id),
                    "state": "completed",
                    "outcome": person.outcome,
                    "language": person.language,
                    "channel": person.channel,
                    "source": person.source,
                    "misses": 0,
                    "turn": 1,
                    "answers": {},
                    "started_at": NOW,
                    "updated_at": NOW,
                }
                for pseudonym, person in zip(ids, people, strict=True)
            ],
        )
    rows = [
        {
            "respondent_id": pseudonym,
            "round_id": stored.id,
            "question": question,
            "value": list(value) if isinstance(value, tuple) else value,
            "status": person.status(question),
            "at": NOW,
            "language": person.language,
            "text_revision": 1,
            "revision": 0,
        }
        for pseudonym, person in zip(ids, people, strict=True)
        for question, value in person.answers.items()
    ]
    if rows:
        add(insert(answers), rows)
    found = read_round(connection, code)
    assert found is not None
    return found


def random_people(rng: random.Random, count: int) -> list[Person]:
    """People who answer, skip or never reach each question of `every_type`, and some who do not count."""
    drawn = {
        "agree": lambda: "OK",
        "happy": lambda: rng.choice(("yes", "no", "dont_know")),
        "topics": lambda: (
            ("none",)
            if rng.random() < 0.2
            else tuple(t for t in TOPICS[:3] if rng.random() < 0.6) or ("roads",)
        ),
        "home": lambda: rng.choice(("FJ", "TO", "WS", "NZ")),
        "age": lambda: rng.randint(-3, 99),
        "litres": lambda: rng.choice((0.5, 1.25, 3.0, 1e6, round(rng.random(), 6))),
        "rating": lambda: rng.randint(1, 5),
        "since": lambda: f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        "why": lambda: rng.choice(("because", "=1+1", 'Je ne sais pas, "non"', "two\nlines", "ጤና")),
    }
    people = []
    for _ in range(count):
        reached = [name for name in drawn if rng.random() < 0.9]
        people.append(
            Person(
                outcome=rng.choice(tuple(Outcome)),
                answers={name: None if rng.random() < 0.15 else drawn[name]() for name in reached},
                off_route=frozenset(name for name in reached if rng.random() < 0.1),
                language=rng.choice(("en", "fr")),
                source=rng.choice((None, "radio", "@poster")),
            )
        )
    return people
