"""Without the secret nothing is read and nobody is looked up."""

from __future__ import annotations

import base64
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import UnreadableError
from storage.keys import Keys

KEYS = Keys(b"0123456789abcdef")
OTHER = Keys(b"0123456789abcdeF")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=100)


@given(TEXTS)
def test_what_was_sealed_opens(text: str) -> None:
    assert KEYS.decrypt(KEYS.encrypt(text)) == text


def test_the_same_is_never_sealed_the_same() -> None:
    assert len({KEYS.encrypt("+679 123") for _ in range(50)}) == 50


def test_another_key_opens_nothing() -> None:
    with pytest.raises(UnreadableError, match="TALANOA_SECRET_KEY"):
        OTHER.decrypt(KEYS.encrypt("+679 123"))


@given(st.binary(max_size=80))
def test_junk_does_not_open(junk: bytes) -> None:
    with pytest.raises(UnreadableError):
        KEYS.decrypt(junk)


@given(st.data())
def test_one_changed_bit_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(KEYS.encrypt("+679 123"))
    index = data.draw(st.integers(0, len(sealed) - 1))
    sealed[index] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(UnreadableError):
        KEYS.decrypt(bytes(sealed))


@given(st.tuples(TEXTS, TEXTS, TEXTS), st.tuples(TEXTS, TEXTS, TEXTS))
def test_a_contact_is_found_by_channel_bot_and_address_together(
    left: tuple[str, str, str], right: tuple[str, str, str]
) -> None:
    assert (KEYS.contact_hash(*left) == KEYS.contact_hash(*right)) == (left == right)
    assert KEYS.contact_hash(*left) != OTHER.contact_hash(*left)
    assert len(KEYS.contact_hash(*left)) == 32


def test_where_one_word_ends_matters() -> None:
    assert KEYS.contact_hash("sms", "ab", "c") != KEYS.contact_hash("sms", "a", "bc")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Keys(b"short")


def test_keys_are_derived_by_hkdf_and_stay_the_same() -> None:
    """What is stored today is found tomorrow: RFC 5869 step by step, with nothing but HMAC."""
    extracted = hmac.digest(bytes(32), b"0123456789abcdef", "sha256")
    key = hmac.digest(extracted, b"talanoa contact lookup\x01", "sha256")
    expected = hmac.digest(key, b'["telegram", "bot", "42"]', "sha256")
    assert KEYS.contact_hash("telegram", "bot", "42") == expected
    assert expected.hex().startswith("91c0ffff58388167")


@given(st.binary(max_size=200))
def test_a_file_opens_in_its_own_place_only(content: bytes) -> None:
    sealed = KEYS.seal_file(content, "ab/cd")
    assert KEYS.open_file(sealed, "ab/cd") == content
    for keys, place in ((KEYS, "ab/ce"), (OTHER, "ab/cd")):
        with pytest.raises(UnreadableError):
            keys.open_file(sealed, place)


@given(TEXTS)
def test_a_reference_is_sealed_as_one_word(reference: str) -> None:
    word = KEYS.seal_reference(reference)
    assert re.fullmatch(r"[\w-]+", word, re.ASCII)
    assert KEYS.open_reference(word) == reference
    with pytest.raises(UnreadableError):
        OTHER.open_reference(word)


@given(TEXTS)
def test_a_word_that_was_not_sealed_does_not_open(word: str) -> None:
    with pytest.raises(UnreadableError):
        KEYS.open_reference(word)


def test_what_is_sealed_for_one_use_does_not_open_for_another() -> None:
    for opened in (
        lambda: KEYS.decrypt(KEYS.seal_file(b"x", "")),
        lambda: KEYS.open_file(KEYS.encrypt("x"), ""),
        lambda: KEYS.open_reference(base64.urlsafe_b64encode(KEYS.encrypt("x")).decode()),
    ):
        with pytest.raises(UnreadableError):
            opened()
