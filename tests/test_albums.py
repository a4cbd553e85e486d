"""Several pictures sent at once, and words under pictures: one answers, and nothing is lost unsaid."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from bot import i18n
from bot.attending import QUIET
from bot.flows.conversation import arrival
from bot.flows.conversation.talk import Join, Request
from bot.flows.received import Attachment, AttachmentKind, Start
from bot.flows.session import Album, Person, State
from storage import contacts, schema
from storage.documents import draft_document, json_text, read_draft
from storage.store import Store
from tests.support.callers import NOW, Caller, asked, new_intake, number_of, only, rows, words
from tests.support.conversations import Chat, ask
from tests.support.conversations import asked as begun
from tests.support.program import FERRY, open_round

HOUSE = FERRY.parent / "house"
FIRST_KEPT = "of those that you sent together, the first that fits was kept"
UNHEARD = "not the words that came with it"
ONLY_WORDS = "Only your words are read here"
NO_FILES = "I can read only words and numbers here"
_numbers = count()


def photo(
    group: str = "", caption: str = "", kind: AttachmentKind = AttachmentKind.PHOTO, size: int = 9
) -> Attachment:
    media_type = {AttachmentKind.PHOTO: "image/jpeg", AttachmentKind.VIDEO: "video/mp4"}.get(kind, "")
    return Attachment(kind, caption, f"id{next(_numbers)}", size, media_type, 1000, group)


def album(size: int = 3, caption: str = "") -> list[Attachment]:
    """Pictures sent at once; the words stand under the first, as telephones have it."""
    group = f"group {next(_numbers)}"
    return [photo(group, caption if place == 0 else "") for place in range(size)]


def houses() -> Chat:
    return begun(ask("house", "image"), ask("garden", "image"), ask("notes", "text"))


def test_one_album_answers_one_question_and_says_so_once() -> None:
    chat = houses()
    first, second, third = album()
    chat.hear(first)
    assert "About garden?" in chat.said
    assert FIRST_KEPT not in chat.said
    answers = chat.answers
    chat.hear(second)
    assert FIRST_KEPT in chat.said
    assert "About garden?" in chat.said
    chat.hear(third)
    assert FIRST_KEPT not in chat.said
    assert "About garden?" in chat.said, "should the reply before be lost"
    assert chat.answers == answers
    assert list(answers) == ["house"]


def test_the_next_album_and_the_next_picture_are_answers_again() -> None:
    chat = houses()
    for sent in album():
        chat.hear(sent)
    for sent in album():
        chat.hear(sent)
    assert list(chat.answers) == ["house", "garden"]
    assert "About notes?" in chat.said
    chat.say("back")
    chat.hear(photo())
    assert str(chat.answers["garden"]).startswith("photo ")


def test_the_first_that_fits_answers() -> None:
    chat = houses()
    group = "one"
    chat.hear(photo(group, kind=AttachmentKind.VIDEO))
    chat.hear(photo(group, size=5000))
    assert "too large" in chat.said
    chat.hear(photo(group))
    assert list(chat.answers) == ["house"]
    chat.hear(photo(group))
    assert FIRST_KEPT in chat.said
    assert list(chat.answers) == ["house"]


def test_the_last_question_is_answered_by_one_too() -> None:
    chat = begun(ask("house", "image"))
    first, second, _ = album()
    chat.hear(first)
    assert chat.at.state is State.REVIEWING
    chat.hear(second)
    assert FIRST_KEPT in chat.said
    assert "Submit your answers?" in chat.said
    chat.say("submit")
    assert chat.at.state is State.COMPLETED


def test_a_change_takes_one_of_an_album() -> None:
    chat = begun(ask("house", "image"))
    chat.hear(photo())
    before = chat.answers
    chat.say("1")
    first, second, _ = album()
    chat.hear(first)
    changed = chat.answers
    assert changed != before
    chat.hear(second)
    assert chat.answers == changed


def test_what_was_heard_last_is_forgotten_with_the_next_answer() -> None:
    chat = houses()
    for sent in album():
        chat.hear(sent)
    assert isinstance(chat.at.draft, Album)
    chat.hear(photo())
    assert chat.at.draft is None
    for sent in album():
        chat.hear(sent)
    assert isinstance(chat.at.draft, Album), "no answer to the words"
    chat.say("a fence")
    assert chat.at.draft is None


def test_an_album_where_nothing_of_it_is_wanted_is_told_so_once() -> None:
    chat = begun(ask("notes", "text"), ask("more", "text"))
    first, *rest = album()
    chat.hear(first)
    assert NO_FILES in chat.said
    for sent in rest:
        chat.hear(sent)
        assert NO_FILES not in chat.said
        assert "About notes?" in chat.said
    assert chat.answers == {}


def test_an_album_takes_nothing_away_from_what_was_begun() -> None:
    chat = begun(ask("which", "select_multiple"), ask("more", "text"))
    chat.tap("Yes")
    draft = chat.at.draft
    for sent in album():
        chat.hear(sent)
    assert chat.at.draft == draft


# Words under a picture


def test_words_under_a_picture_that_is_kept_are_said_not_to_be() -> None:
    chat = houses()
    chat.hear(photo(caption="our house"))
    assert UNHEARD in chat.said
    assert chat.said.index(UNHEARD) < chat.said.index("About garden?")
    assert "our house" not in str(chat.answers)
    chat.hear(photo(caption=" \n"))
    assert UNHEARD not in chat.said


def test_words_under_a_picture_that_is_refused_are_not_said_to_be_kept_or_not() -> None:
    chat = houses()
    chat.hear(photo(caption="our house", size=5000))
    assert "too large" in chat.said
    assert UNHEARD not in chat.said


@pytest.mark.parametrize(("kind", "value"), [("text", "yes"), ("select_one", "yes")])
def test_words_under_a_picture_that_nothing_asks_for_are_an_answer(kind: str, value: str) -> None:
    chat = begun(ask("notes", kind), ask("more", "text"))
    chat.hear(photo(caption="Yes" if kind == "select_one" else "yes"))
    assert ONLY_WORDS in chat.said
    assert "About more?" in chat.said
    assert chat.answers == {"notes": value}


def test_the_words_of_an_album_are_one_answer() -> None:
    chat = begun(ask("notes", "text"), ask("more", "text"), ask("last", "text"))
    first, second, third = (photo("one", words) for words in ("the gate", "the roof", ""))
    chat.hear(first)
    chat.hear(second)
    assert NO_FILES in chat.said, "it is not passed over in silence"
    chat.hear(third)
    assert "About more?" in chat.said
    assert chat.answers == {"notes": "the gate"}


def test_words_under_the_rest_of_an_album_answer_no_other_question() -> None:
    chat = begun(ask("house", "image"), ask("notes", "text"))
    chat.hear(photo("one", "the front"))
    chat.hear(photo("one", "the back"))
    assert FIRST_KEPT in chat.said
    assert list(chat.answers) == ["house"]
    chat.hear(photo("one", "stop"))
    assert chat.person.stopped


def test_yes_under_a_picture_means_what_was_asked_last() -> None:
    chat = begun(ask("sure"), ask("more"))
    chat.say("/forget")
    chat.hear(photo(caption="no"))
    assert "Nothing was erased." in chat.said
    assert chat.answers == {}
    chat.say("/forget")
    chat.hear(photo(caption="yes"))
    assert chat.wish is Request.ERASE


def test_words_under_a_picture_are_heard_by_who_is_nowhere() -> None:
    lexicon = i18n.lexicon("en")
    assert arrival.attend(Person(), photo(caption="stop"), lexicon).person.stopped
    assert arrival.attend(Person(), photo(caption="ferry"), lexicon).wish == Join("ferry")
    assert arrival.attend(Person(), photo(caption=" "), lexicon).wish is Request.LIST_ROUNDS


# In the store


@pytest.mark.parametrize("told", [False, True])
def test_what_is_remembered_of_an_album_is_stored(told: bool) -> None:
    draft = Album("1337", told)
    assert read_draft(json_text(draft_document(draft))) == draft


@pytest.fixture
async def caller(store: Store) -> Caller:
    """Somebody at the first of the questions about their house."""
    await store.run(open_round, NOW, "house", HOUSE)
    caller = Caller(new_intake(store))
    await caller.say(Start("house"), "1")
    return caller


async def test_an_album_in_one_batch_gets_one_reply(caller: Caller, store: Store) -> None:
    replies = await caller.say(*album(10))
    assert [reply is QUIET for reply in replies] == [True] * 9 + [False]
    assert words(replies[-1]).count(FIRST_KEPT) == 1
    assert asked(replies[-1]) == "voice"
    assert list(await only(store)) == ["house"]
    assert await number_of(store, schema.files) == 1


async def test_an_album_that_no_question_asks_for_gets_one_reply(caller: Caller, store: Store) -> None:
    await caller.say("skip", "skip", "skip")
    replies = await caller.say(*(photo() for _ in range(10)))
    assert words(replies[-1]).count(NO_FILES) == 1
    assert asked(replies[-1]) == "words"


@pytest.mark.parametrize("split", [(1, 1, 1, 1), (1, 3), (2, 2), (3, 1), (4,)])
async def test_how_batches_split_an_album_does_not_matter(
    caller: Caller, store: Store, split: tuple[int, ...]
) -> None:
    sent, told = album(4), []
    for size in split:
        some, sent = sent[:size], sent[size:]
        replies = await caller.say(*some)
        assert asked(replies[-1]) == "voice"
        told.append(words(replies[-1]).count(FIRST_KEPT))
    assert sum(told) == 1
    assert list(await only(store)) == ["house"]


async def test_an_album_that_two_programs_hear_twice_is_one_answer(
    caller: Caller, store: Store, database_url: str
) -> None:
    other = Store.open(database_url)
    try:
        second = new_intake(other)
        inbounds = [caller.message(one) for one in album(6)]
        for inbound in inbounds:
            await asyncio.gather(caller.taking.take(inbound), second.take(inbound))
        again = await asyncio.gather(*(second.take(inbound) for inbound in inbounds))
        assert again[:-1] == [None] * 5
        assert asked(again[-1]) == "voice"
    finally:
        await other.close()
    assert list(await only(store)) == ["house"]
    assert await number_of(store, schema.files) == 1
    [session] = await rows(store, schema.sessions)
    assert session.turn == 2 + len(inbounds)


async def test_forgetting_in_the_middle_of_an_album_erases_all_of_it(caller: Caller, store: Store) -> None:
    first, second, third = album()
    await caller.say(first, "/forget", "yes", second, third)
    assert await number_of(store, schema.answers) == 0
    assert await number_of(store, schema.files) == 0
    assert await number_of(store, contacts.set_asides) == 0
