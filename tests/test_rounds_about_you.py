"""What a round asks of everybody about themselves, last: beside any questionnaire, and as part of the round."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from sqlalchemy import Connection, select

from bot import rounds as use
from bot.authoring.expansion import expanded
from bot.authoring.library import instrument
from bot.errors import NotPossible
from bot.flows.lifecycle import RoundTrigger
from bot.flows.questionnaire import LocalizedText, Question, Questionnaire, Repeat, Section
from bot.flows.received import Start, Text
from bot.flows.rounds import Round
from bot.intake import Intake
from bot.messages import Inbound
from bot.results.csv_writer import write_csv
from bot.results.microdata import read_microdata
from bot.results.source import read_round
from bot.results.tabulate import tabulate
from bot.shelf import assemble
from bot.simulation import CAPABILITIES, CHANNEL, simulate
from storage import questionnaires, schema
from storage.store import Store
from storage.sweep import inconsistencies
from tests.support.program import KEYS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OWN = ("age_band", "gender", "residence", "disability", "stakeholder_groups", "first_time")


def _section(name: str, *questions: str) -> Section:
    asked = tuple(Question(one, "integer", LocalizedText.of(f"{one}?")) for one in questions)
    return Section(name, LocalizedText.of(name), asked)


def _form(key: str, *sections: Section, version: int = 1) -> Questionnaire:
    return Questionnaire(key, version, LocalizedText.of(key), "en", ("en",), sections)


HARBOUR = _form("harbour", _section("harbour", "trips"))
YOU = _form("you", _section("you", "age"))


def _open(
    connection: Connection, questionnaire: Questionnaire, about_you: Questionnaire, code: str = "harbour"
) -> Round:
    draft = use.RoundDraft(code=code, minimum_cell=0, about_you=about_you)
    use.draft_round(connection, questionnaire, draft, NOW)
    return assemble(connection, use.move(connection, code, RoundTrigger.OPEN))


def _intake(store: Store) -> Intake:
    return Intake(store, KEYS, {CHANNEL: CAPABILITIES}, lambda: NOW)


async def _say(intake: Intake, *words: str) -> None:
    for one in words:
        received = Start("harbour") if one == "/start" else Text(one)
        await intake.take(
            Inbound(
                channel=CHANNEL,
                bot="bot",
                address="somebody",
                external_id=one,
                at=NOW,
                received=received,
                language_hint="en",
            )
        )


@pytest.mark.parametrize("key", ["metep", "cesaq", "engagement_assess", "engagement_plan"])
async def test_every_instrument_can_ask_about_you_last_in_each_language(store: Store, key: str) -> None:
    form, about_you = instrument(key), instrument("about_you")
    asked = (await store.run(_open, form, about_you)).questionnaire
    names = list(asked.questions)
    added = names[len(form.questions) :]
    assert names[: len(form.questions)] == list(form.questions), "its own keep their places, so buttons hold"
    assert added == ["about_you_note", *(name for name in OWN if name not in form.questions)]
    assert asked.languages == form.languages
    for name in added:
        question = asked.questions[name]
        assert not question.required
        assert set(form.languages) <= set(question.label.texts), name


async def test_a_round_without_it_asks_its_questionnaire_alone(store: Store) -> None:
    def work(connection: Connection) -> Questionnaire:
        stored = use.draft_round(connection, HARBOUR, use.RoundDraft(code="harbour"), NOW)
        return assemble(connection, stored).questionnaire

    assert list((await store.run(work)).questions) == ["trips"]


async def test_parts_that_are_left_out_leave_it(store: Store) -> None:
    form = instrument("metep")
    draft = use.RoundDraft(code="metep", parts=("C",), about_you=instrument("about_you"))

    def work(connection: Connection) -> Questionnaire:
        return assemble(connection, use.draft_round(connection, form, draft, NOW)).questionnaire

    asked = await store.run(work)
    assert [section.name for section in asked.sections if section.part is None][-1] == "about_you"
    assert {section.part for section in asked.sections} == {"U", "C", None}


def test_notes_alone_are_not_asked() -> None:
    note = Question("hello", "note", LocalizedText.of("Hello"))
    asked = HARBOUR.followed_by(_form("you", Section("you", LocalizedText.of("You"), (note,))))
    assert asked.sections == HARBOUR.sections


async def test_what_asks_nothing_more_is_refused(store: Store) -> None:
    with pytest.raises(NotPossible, match="harbour asks everything that you asks"):
        await store.run(_open, HARBOUR, _form("you", _section("you", "trips")))


async def test_answers_are_of_the_round_and_know_which_words_they_answer(store: Store) -> None:
    """Each answer records the revision of its own questionnaire's texts, and a correction reaches open rounds."""

    def correct(connection: Connection) -> None:
        words = replace(YOU.sections[0].questions[0], label=LocalizedText.of("How old are you?"))
        use.publish(connection, _form("you", replace(YOU.sections[0], questions=(words,))), NOW)

    def read(connection: Connection) -> dict[str, tuple[int, int]]:
        assert inconsistencies(connection) == []
        found = connection.execute(select(schema.answers))
        return {row.question: (row.value, row.text_revision) for row in found}

    before = await store.run(_open, HARBOUR, YOU)
    intake = _intake(store)
    await _say(intake, "/start", "1", "7")
    await store.run(correct)
    after = await store.read(lambda c: assemble(c, use.find(c, "harbour")))
    assert after.questionnaire.questions["age"].label.in_language("en") == "How old are you?"
    assert after.revision > before.revision
    await _say(intake, "34")
    await intake.stop()
    assert await store.read(read) == {"trips": (7, 1), "age": (34, 2)}


async def test_a_round_keeps_the_version_that_it_was_drafted_with(store: Store) -> None:
    await store.run(_open, HARBOUR, YOU)
    newer = _form("you", _section("you", "age", "height"), version=2)
    await store.run(use.publish, newer, NOW)
    kept, drafted = (
        (await store.read(lambda c: assemble(c, use.find(c, "harbour")))).questionnaire,
        (await store.run(_open, HARBOUR, newer, "second")).questionnaire,
    )
    assert (list(kept.questions), list(drafted.questions)) == (["trips", "age"], ["trips", "age", "height"])
    assert (kept.key, kept.version) == ("harbour", 1)
    assert [one.version for one in await store.read(questionnaires.list_all)] == [1, 1, 2]


async def test_results_count_it_like_the_questionnaires_own(store: Store) -> None:
    asking = await store.run(_open, HARBOUR, YOU)
    intake = _intake(store)
    await simulate(asking, intake.take, respondents=20, seed=5, now=lambda: NOW)
    await intake.stop()

    def read(connection: Connection) -> tuple[list[str], str]:
        found = read_round(connection, "harbour")
        assert found is not None
        stream = StringIO()
        write_csv(read_microdata(connection, found), stream)
        return [
            t.question.name for t in tabulate(connection, found.id, found.questionnaire).tables
        ], stream.getvalue()

    tables, written = await store.read(read)
    rows = list(csv.DictReader(StringIO(written)))
    assert tables == ["trips", "age"]
    assert list(rows[0])[-2:] == ["trips", "age"]
    assert sum(row["age"] != "" for row in rows) > 10


def test_a_form_with_repeats_can_be_followed_too() -> None:
    boats = replace(_section("boats", "length"), repeat=Repeat("boats", most=2))
    form, about_you = expanded(_form("fleet", boats)), instrument("about_you")
    asked = form.followed_by(about_you)
    assert list(form.questions) == ["length[1]", "boats_more[1]", "length[2]"]
    assert asked.sections == (*form.sections, *about_you.sections)
    assert asked.as_written == (boats, *about_you.sections)
