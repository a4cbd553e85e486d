"""Keys derived from the one secret: to look up contact points, and to seal what only we may read."""

from __future__ import annotations

import base64
import hmac
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import UnreadableError

_FORMAT = b"\x01"
_NONCE_BYTES = 12
SHORTEST_SECRET = 16
"""Bytes; a random secret of 32 is what a fresh installation makes."""


class Keys:
    """The keys of one installation; whoever lacks the secret can neither read nor look up an address."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(
                f"The secret key has {len(secret)} bytes; give at least {SHORTEST_SECRET} random ones."
            )
        self._lookup = _derive(secret, b"talanoa contact lookup")
        self._seal = AESGCM(_derive(secret, b"talanoa sealing"))
        self._files = AESGCM(_derive(secret, b"talanoa files"))
        self._references = AESGCM(_derive(secret, b"talanoa file references"))

    def contact_hash(self, channel: str, bot: str, address: str) -> bytes:
        """The keyed hash (HMAC-SHA256) by which a contact point is found again."""
        return hmac.digest(self._lookup, json.dumps([channel, bot, address]).encode(), "sha256")

    def encrypt(self, text: str) -> bytes:
        """Seal `text` (AES-256-GCM, a random nonce in front)."""
        return _sealed(self._seal, text.encode())

    def decrypt(self, sealed: bytes) -> str:
        """Open what `encrypt` sealed; `UnreadableError` with another key or for anything else."""
        return _opened(self._seal, sealed).decode()

    def seal_file(self, content: bytes, key: str) -> bytes:
        """Seal a file for its place in the object store: under another key it does not open."""
        return _sealed(self._files, content, key.encode())

    def open_file(self, sealed: bytes, key: str) -> bytes:
        """Open what `seal_file` sealed; `UnreadableError` as for `decrypt`."""
        return _opened(self._files, sealed, key.encode())

    def seal_reference(self, reference: str) -> str:
        """Seal how a channel finds a file again, as a word of letters, digits, `-` and `_`."""
        return base64.urlsafe_b64encode(_sealed(self._references, reference.encode())).decode().rstrip("=")

    def open_reference(self, word: str) -> str:
        """Open what `seal_reference` sealed; `UnreadableError` as for `decrypt`."""
        try:
            sealed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        except ValueError:
            sealed = b""
        return _opened(self._references, sealed).decode()


def _sealed(cipher: AESGCM, content: bytes, place: bytes = b"") -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + cipher.encrypt(nonce, content, _FORMAT + place)


def _opened(cipher: AESGCM, sealed: bytes, place: bytes = b"") -> bytes:
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, ciphertext, sealed[:1] + place)
    except (InvalidTag, ValueError):
        raise UnreadableError(
            "Sealed data does not open with this secret key; "
            "set TALANOA_SECRET_KEY to the one that it was sealed with."
        ) from None


def _derive(secret: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret)
