"""Without the secret nothing is read and nobody is looked up."""

from __future__ import annotations

import hmac

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
