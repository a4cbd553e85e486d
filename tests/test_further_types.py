"""Times, moments, places, orders, and what is sent rather than written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import i18n
from bot.flows.question_types import QUESTION_TYPES, Ear, Misheard, Understood, Unsure
from bot.flows.questionnaire import Question
from bot.flows.received import Attachment, AttachmentKind, Location
from bot.flows.sharing import Sent, read_sent
from bot.flows.values import Value
from tests.support.conversations import NOW, ask, asked, choices

PETS = replace(ask("pets", "rank"), choices=choices("Cat", "Dog", "Fish"))


def ear(question: Question, language: str = "en") -> Ear:
    return Ear(question, language, i18n.lexicon(language), NOW.date())


def heard(question: Question, typed: str) -> Value | None:
    found = QUESTION_TYPES[question.type].hear(typed, ear(question))
    return found.value if isinstance(found, Understood) else None


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("14:30", "14:30"), ("7.05", "07:05"), ("7:05:09", "07:05:09"), ("14h30", "14:30"), ("8h", "08:00"),
        ("2:30 pm", "14:30"), ("2 p.m.", "14:00"), ("12am", "00:00"), ("12 PM", "12:00"), ("١٤:٣٠", "14:30"),
        ("25:00", None), ("14:60", None), ("13pm", None), ("0am", None), ("7", None), ("soon", None), ("", None),
    ],
)  # fmt: skip
def test_times_of_day(typed: str, value: str | None) -> None:
    assert heard(ask("t", "time"), typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2030-01-05 15:00", "2030-01-05T15:00"),
        ("2030-01-05T15:00", "2030-01-05T15:00"),
        ("5 January 2030, 3pm", "2030-01-05T15:00"),
        ("5 January 2030 at 3:15 pm", "2030-01-05T15:15"),
        ("yesterday 8:30", "2026-03-01T08:30"),
        ("2030-01-05", None),
        ("15:00", None),
        ("31 February 2030 15:00", None),
    ],
)
def test_moments(typed: str, value: str | None) -> None:
    assert heard(ask("m", "dateTime"), typed) == value


def test_a_moment_without_a_year_is_asked_back() -> None:
    found = QUESTION_TYPES["dateTime"].hear("5 January 15:00", ear(ask("m", "dateTime")))
    assert isinstance(found, Unsure)
    assert found.values[0] == "2026-01-05T15:00"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("-18.14, 178.44", "-18.14 178.44 0 0"), ("−18,14; 178,44", "-18.14 178.44 0 0"),
        ("12 13", "12 13 0 0"), ("-0.0 0", "0 0 0 0"), ("91, 0", None), ("0, 181", None), ("1", None), ("here", None),
    ],
)  # fmt: skip
def test_places(typed: str, value: str | None) -> None:
    assert heard(ask("p", "geopoint"), typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2, 3, 1", ("dog", "fish", "cat")), ("2 3 1", ("dog", "fish", "cat")), ("2, 3", ("dog", "fish", "cat")),
        ("fish, cat, dog", ("fish", "cat", "dog")), ("fishs, cat, dog", ("fish", "cat", "dog")),
        ("2", None), ("1, 1, 2", None), ("1, 2, 4", None), ("all", None),
    ],
)  # fmt: skip
def test_orders(typed: str, value: tuple[str, ...] | None) -> None:
    assert heard(PETS, typed) == value


def test_an_order_is_tapped_one_by_one() -> None:
    chat = asked(PETS, ask("last"))
    chat.tap("Dog")
    assert "So far: Dog" in chat.said
    chat.tap("Dog")
    assert "pets" not in chat.answers, "the same button again changes nothing"
    chat.tap("Cat")
    assert chat.answers["pets"] == ("dog", "cat", "fish")


def sent(kind: AttachmentKind, media: str = "", reference: str = "id7") -> Attachment:
    return Attachment(kind, "", reference, 1200, media)


@pytest.mark.parametrize(
    ("kind", "received", "value"),
    [
        ("image", sent(AttachmentKind.PHOTO), "photo sealed:id7 1200 ?"),
        ("image", sent(AttachmentKind.FILE, "image/png"), "file sealed:id7 1200 image/png"),
        ("image", sent(AttachmentKind.FILE, "text/plain"), None),
        ("image", sent(AttachmentKind.VOICE), None),
        ("audio", sent(AttachmentKind.VOICE), "voice sealed:id7 1200 ?"),
        ("video", sent(AttachmentKind.VIDEO, "video/mp4"), "video sealed:id7 1200 video/mp4"),
        ("file", sent(AttachmentKind.PHOTO), "photo sealed:id7 1200 ?"),
        ("file", sent(AttachmentKind.STICKER), None),
        ("geopoint", Location(-18.14, 178.44), "-18.14 178.44 0 0"),
        ("geopoint", Location(-99, 0), None),
    ],
)
def test_what_is_sent(kind: str, received: Attachment | Location, value: str | None) -> None:
    question = ask("q", kind)
    assert QUESTION_TYPES[kind].take(received, ear(question)) == value
    chat = asked(question, ask("last"))
    chat.hear(received)
    assert chat.answers == ({"q": value} if value else {})
    assert value is None or QUESTION_TYPES[kind].check(value, ear(question)) is None


@pytest.mark.parametrize(
    ("kind", "media", "kept"),
    [
        ("file", "application/pdf", True), ("file", "text/plain; charset=utf-8", True), ("file", "IMAGE/PNG", True),
        ("file", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", True),
        ("file", "application/vnd.oasis.opendocument.text", True), ("file", "video/mp4", True),
        ("file", "application/msword", False), ("file", "application/zip", False), ("file", "text/html", False),
        ("file", "application/vnd.ms-word.document.macroenabled.12", False), ("file", "", False),
        ("file", "image/svg+xml", False), ("image", "image/svg+xml", False), ("file", "a b c", False),
        ("file", "application/x-msdownload", False), ("file", "text/plain sealed:x", False),
    ],
)  # fmt: skip
def test_which_files_are_kept(kind: str, media: str, kept: bool) -> None:
    chat = asked(ask("q", kind), ask("last"))
    chat.hear(sent(AttachmentKind.FILE, media))
    assert ("q" in chat.answers) is kept
    assert kept or "Files of this kind are not kept." in chat.said


@pytest.mark.parametrize(
    ("size", "limit", "said"),
    [
        (2**20, 2**20, None), (None, 2**20, None), (1, None, None),
        (2**20 + 1, 2**20, "it has 1.1 MB, and 1 MB are kept"), (10**10, 2**20, "it has 9,536.8 MB, and 1 MB are kept"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_no_answer(size: int | None, limit: int | None, said: str | None) -> None:
    chat = asked(ask("q", "image"), ask("last"))
    chat.hear(Attachment(AttachmentKind.PHOTO, "", "id7", size, "image/jpeg", limit))
    assert ("q" in chat.answers) is (said is None)
    assert said is None or said in chat.said


@given(
    st.sampled_from(AttachmentKind), st.text("abcXYZ019_-", min_size=1), st.none() | st.integers(0, 10**12),
    st.sampled_from(["", "image/jpeg", "application/geo+json"]), st.none() | st.integers(0, 10**9),
)  # fmt: skip
def test_what_was_sent_is_read_as_it_was_written(
    kind: AttachmentKind, reference: str, size: int | None, media_type: str, limit: int | None
) -> None:
    value = Sent(kind, reference, size, media_type, limit)
    assert read_sent(value.written()) == value


@given(st.text() | st.tuples(st.text()) | st.floats() | st.none())
def test_anything_can_be_read_as_something_sent(value: Value | None) -> None:
    found = read_sent(value)
    assert found is None or isinstance(found, Sent)


def test_what_its_channel_does_not_keep_is_no_answer() -> None:
    chat = asked(ask("q", "image"))
    chat.hear(sent(AttachmentKind.PHOTO, reference=""))
    assert chat.answers == {}


def test_words_in_place_of_a_picture_are_asked_back() -> None:
    found = QUESTION_TYPES["image"].hear("my house", ear(ask("q", "image")))
    assert isinstance(found, Misheard)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("integer", "12", 12), ("integer", "1.5", None), ("decimal", "1.5", 1.5), ("range", "3", 3),
        ("decimal", "x", None),
        ("date", "2026-12-31", "2026-12-31"), ("date", "31/12/2026", None), ("time", "14:30:00.000+12:00", "14:30"),
        ("dateTime", "2026-12-31T14:30:00.000Z", "2026-12-31T14:30"), ("text", "a b", "a b"),
        ("select_one", "dog", "dog"),
        ("select_one", "cow", None), ("select_multiple", "fish cat", ("cat", "fish")), ("select_multiple", "cow", None),
        ("rank", "fish cat dog", ("fish", "cat", "dog")), ("rank", "fish", None), ("geopoint", "1 2 3 4", "1 2 3 4"),
        ("image", "x.png", None), ("acknowledge", "OK", "OK"),
    ],
)  # fmt: skip
def test_values_as_xforms_writes_them(kind: str, written: str, value: Value | None) -> None:
    question = ask("q", kind, options=choices("Cat", "Dog", "Fish"))
    if kind == "rank":
        question = PETS
    assert QUESTION_TYPES[kind].read(written, question) == value
