"""A round that goes on with a newer version, and who is answering it, there and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot import moving
from bot import rounds as use
from bot.errors import NotFound, NotPossible
from bot.flows.conversation.moving import Lost
from bot.flows.expressions import Expression
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import Choice, LocalizedText, Question, Questionnaire, Section
from bot.flows.received import Chosen, Received, Start, Text
from bot.intake import Intake
from bot.messages import Capabilities, Inbound, Reply
from bot.shelf import Shelf
from storage import rounds, schema
from storage.keys import Keys
from storage.store import Store
from storage.sweep import inconsistencies

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = Keys(b"a secret that is for tests only")
NUMBERS = count(1)


def question(name: str, kind: str, *choices: str, relevant: str | None = None, label: str = "") -> Question:
    return Question(
        name,
        kind,
        LocalizedText.of(label or f"About {name}?"),
        choices=tuple(Choice(one.lower(), LocalizedText.of(one)) for one in choices),
        relevant=Expression.parse(relevant) if relevant else None,
    )


def version(number: int, *questions: Question) -> Questionnaire:
    section = Section("all", LocalizedText.of("All"), questions)
    return Questionnaire("harbour", number, LocalizedText.of("The harbour"), "en", ("en",), (section,))


USED = question("used", "select_one", "Yes", "No")
BOATS = question("boats", "select_one", "Ferry", "Canoe", "Trawler")
TRIPS, WHY = question("trips", "integer"), question("why", "text")
FIRST = version(1, USED, BOATS, TRIPS)
# Without the choice in the middle, without `trips`, with `why`.
SECOND = version(2, USED, question("boats", "select_one", "Ferry", "Trawler"), WHY)


@dataclass
class Harbour:
    """A round on the first version, and people who answer it minute by minute."""

    store: Store
    intake: Intake
    minutes: Any = field(default_factory=count)

    def clock(self) -> datetime:
        return NOW + timedelta(minutes=next(self.minutes))

    async def say(self, who: str, *said: str | Received) -> Reply:
        reply: Reply | None = None
        for one in said:
            received = Text(one) if isinstance(one, str) else one
            reply = await self.intake.take(Inbound("sms", "", who, str(next(NUMBERS)), NOW, received))
        assert reply is not None
        return reply

    async def move(self, **options: Any) -> moving.MoveReport:
        return await moving.move(self.store, "harbour", "harbour@2", self.clock, **options)

    async def undo(self) -> moving.MoveReport:
        return await moving.undo(self.store, "harbour", self.clock)

    async def sessions(self) -> dict[tuple[int, str], int]:
        """How many sessions are pinned to each version, by state."""
        rows = await self.store.read(lambda c: c.execute(select(schema.sessions)).all())
        found: dict[tuple[int, str], int] = {}
        for row in rows:
            key = (row.questionnaire_id, row.state)
            found[key] = found.get(key, 0) + 1
        return found

    async def counted(self) -> list[tuple[str, Any, str]]:
        """All answers, with their status."""
        columns = schema.answers.c
        statement = select(columns.question, columns.value, columns.status)
        rows = await self.store.read(lambda c: c.execute(statement).all())
        assert await self.store.read(inconsistencies) == []
        return sorted((row.question, row.value, row.status) for row in rows)

    async def begin(self, who: str, *said: str) -> Reply:
        return await self.say(who, Start("harbour"), "1", *said)


@pytest.fixture
async def harbour(store: Store) -> Harbour:
    def work(connection: Connection) -> None:
        use.draft_round(connection, FIRST, use.RoundDraft(code="harbour", minimum_cell=0), NOW)
        use.move(connection, "harbour", RoundTrigger.OPEN)
        use.publish(connection, SECOND, NOW)

    await store.run(work)
    made = Harbour(store, Intake(store, KEYS, {"sms": Capabilities(4096)}, lambda: NOW))
    made.intake = Intake(store, KEYS, {"sms": Capabilities(4096, buttons=20, button_limit=20)}, made.clock)
    return made


def asked(reply: Reply) -> str | None:
    return next((part.question for part in reversed(reply.parts) if part.question), None)


def words(reply: Reply) -> str:
    return "\n".join(
        text
        for part in reply.parts
        for text in (part.text, *(button.label for row in part.keyboard for button in row))
    )


async def test_ver_2_a_dry_run_says_what_a_move_would_do_and_changes_nothing(harbour: Harbour) -> None:
    await harbour.begin("canoe", "1", "2")
    await harbour.begin("ferry", "1", "1", "12")
    await harbour.begin("done", "1", "2", "3", "submit")
    await harbour.begin("new")
    before = await harbour.counted(), await harbour.sessions()

    report = await harbour.store.read(moving.preview, "harbour", "harbour@2", NOW)
    assert (report.people, report.staying) == (3, 1)
    assert dict(report.lost) == {("boats", Lost.CHOICE_REMOVED): 1, ("trips", Lost.QUESTION_REMOVED): 1}
    assert dict(report.asked_again) == {"boats": 1}
    assert (report.people_asked_again, report.reopened) == (1, 1)
    assert (await harbour.counted(), await harbour.sessions()) == before
    assert await harbour.move() == report, "the move does what the dry run said"


async def test_ver_2_who_is_moved_is_asked_again_only_what_does_not_fit(harbour: Harbour) -> None:
    await harbour.begin("canoe", "1", "2")
    await harbour.begin("done", "1", "2", "3", "submit")
    await harbour.move()
    assert await harbour.counted() == [
        ("boats", "canoe", "answered"),
        ("boats", "canoe", "off_route"),
        ("trips", 3, "answered"),
        ("used", "yes", "answered"),
        ("used", "yes", "answered"),
    ]
    resumed = await harbour.say("canoe", "2")
    assert asked(resumed) == "boats", "words that were meant for the version before only resume"
    assert "Canoe" not in words(resumed)
    assert asked(await harbour.say("canoe", "2")) == "why"
    await harbour.say("canoe", "For fish", "submit")
    assert ("boats", "trawler", "answered") in await harbour.counted()
    assert await harbour.sessions() == {(1, "completed"): 1, (2, "completed"): 1}


async def test_ver_2_a_button_from_before_the_move_does_nothing(harbour: Harbour) -> None:
    """The second button of the first version has the number of another choice of the second version."""
    shown = await harbour.begin("tapper", "1")
    [canoe] = [
        button for part in shown.parts for row in part.keyboard for button in row if "Canoe" in button.label
    ]
    await harbour.move()
    reply = await harbour.say("tapper", Chosen(canoe.data))
    assert "no longer works" in words(reply)
    assert await harbour.counted() == [("used", "yes", "answered")]


async def test_ver_2_a_move_can_be_undone_until_the_first_new_answer(harbour: Harbour) -> None:
    await harbour.begin("quiet", "1", "2")
    await harbour.begin("curious", "1", "2", "5")
    await harbour.begin("eager", "1", "1")
    await harbour.begin("early")
    before = await harbour.counted()
    await harbour.move()
    await harbour.begin("newcomer")
    assert asked(await harbour.say("curious", "what?")) == "boats"
    await harbour.say("eager", "hello", "Because")

    report = await harbour.store.read(moving.preview_undoing, "harbour", NOW)
    assert (report.people, report.staying) == (3, 1)
    assert dict(report.lost) == {}
    assert await harbour.undo() == report
    assert await harbour.counted() == sorted([*before, ("why", "Because", "answered")])
    assert await harbour.sessions() == {
        (1, "paused"): 3, (2, "reviewing"): 1, (2, "answering"): 1,
    }  # fmt: skip
    assert asked(await harbour.say("quiet", "hello")) == "trips", "as if nothing had been"
    assert asked(await harbour.begin("late")) == "used"
    assert "Canoe" in words(await harbour.say("late", "1"))
    with pytest.raises(NotPossible, match="was not moved"):
        await harbour.undo()


async def test_ver_2_a_move_that_was_cut_short_is_finished_by_the_same_again(harbour: Harbour) -> None:
    await harbour.begin("one", "1", "2")
    await harbour.begin("two", "1", "1")
    first = await harbour.move(newcomers_only=True)
    assert (first.people, first.staying) == (0, 2)
    assert {pinned for pinned, _ in await harbour.sessions()} == {1}
    await harbour.begin("three")
    second = await harbour.move()
    assert (second.people, second.staying) == (2, 0)
    assert {pinned for pinned, _ in await harbour.sessions()} == {2}
    assert (await harbour.undo()).people == 2


async def test_ver_2_answers_that_other_logic_leaves_out_come_back_with_it(store: Store) -> None:
    conditional = version(2, USED, replace(BOATS, relevant=Expression.parse("${used} = 'no'")), TRIPS)

    def work(connection: Connection) -> None:
        use.draft_round(connection, FIRST, use.RoundDraft(code="harbour", minimum_cell=0), NOW)
        use.move(connection, "harbour", RoundTrigger.OPEN)
        use.publish(connection, conditional, NOW)

    await store.run(work)
    harbour = Harbour(store, Intake(store, KEYS, {"sms": Capabilities(4096)}, lambda: NOW))
    await harbour.begin("one", "1", "2")
    assert dict((await harbour.move()).lost) == {("boats", Lost.NOT_ASKED): 1}
    assert ("boats", "canoe", "off_route") in await harbour.counted()
    assert asked(await harbour.say("one", "hello")) == "trips"
    assert asked(await harbour.say("one", "/back", "/back")) == "used"
    assert asked(await harbour.say("one", "2")) == "trips"
    assert ("boats", "canoe", "answered") in await harbour.counted()


@pytest.mark.parametrize(
    ("to", "error", "words"),
    [
        ("harbour@1", NotPossible, "asks harbour@1 already"),
        ("harbour@7", NotFound, "no published version harbour@7"),
        ("harbour", NotFound, "Write it as harbour@N"),
        ("market@1", NotPossible, "asks harbour, not market"),
        ("harbour@3", NotPossible, "has no translation into en"),
    ],
)
async def test_ver_2_a_move_that_cannot_be_says_why(
    harbour: Harbour, to: str, error: type[Exception], words: str
) -> None:
    def more(connection: Connection) -> None:
        use.publish(connection, replace(version(1, USED), key="market"), NOW)
        french = replace(
            version(3, WHY), title=LocalizedText.of("Le port", "fr"), default_language="fr", languages=("fr",)
        )
        use.publish(connection, french, NOW)

    await harbour.store.run(more)
    with pytest.raises(error) as refused:
        await moving.move(harbour.store, "harbour", to, harbour.clock)
    assert words in str(refused.value)


async def test_ver_2_going_back_is_by_undoing_only(harbour: Harbour) -> None:
    await harbour.move()
    with pytest.raises(NotPossible, match="--undo"):
        await moving.move(harbour.store, "harbour", "harbour@1", harbour.clock)


async def test_ver_2_many_are_moved_page_by_page(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.moves.PAGE", 2)
    for number in range(5):
        await harbour.begin(f"person {number}", "1", "2")
    assert (await harbour.move()).people == 5
    assert await harbour.sessions() == {(2, "paused"): 5}
    assert (await harbour.undo()).people == 5
    assert await harbour.sessions() == {(1, "paused"): 5}


async def test_ver_6_the_words_of_each_answer_are_found_also_after_a_move(harbour: Harbour) -> None:
    """Each version has revisions of its own, so an answer's revision is one of the version it was given to."""
    await harbour.begin("one", "1")
    reworded = version(1, USED, replace(BOATS, label=LocalizedText.of("Which boat?")), TRIPS)
    await harbour.store.run(use.publish, reworded, NOW)
    await harbour.say("one", "3")
    await harbour.move()
    await harbour.say("one", "hello", "For fish")
    [respondent] = await harbour.store.read(lambda c: c.scalars(select(schema.respondents.c.id)).all())

    def shown(connection: Connection) -> dict[str, str]:
        stored = rounds.by_id(connection, 1)
        assert stored is not None
        found = Shelf().as_answered(connection, respondent, stored)
        return {name: question.label.in_language("en") for name, question in found.items()}

    assert await harbour.store.read(shown) == {
        "used": "About used?", "boats": "Which boat?", "why": "About why?",
    }  # fmt: skip
    harbour.intake = Intake(harbour.store, KEYS, {"sms": Capabilities(4096, documents=True)}, harbour.clock)
    [content] = [p.document.content for p in (await harbour.say("one", "/mydata")).parts if p.document]
    [talk] = json.loads(content)["rounds"]
    assert [(answer["label"], answer["words"]) for answer in talk["answers"]] == [
        ("Which boat?", "Trawler"), ("About used?", "Yes"), ("About why?", "For fish"),
    ]  # fmt: skip


async def test_ver_6_a_revision_reaches_those_who_stayed_with_an_older_version(harbour: Harbour) -> None:
    await harbour.begin("one", "1")
    await harbour.move(newcomers_only=True)
    assert "About boats?" in words(await harbour.say("one", "what?"))
    reworded = version(1, USED, replace(BOATS, label=LocalizedText.of("Which boat?")), TRIPS)
    await harbour.store.run(use.publish, reworded, NOW)
    assert "Which boat?" in words(await harbour.say("one", "what?"))
