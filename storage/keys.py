"""Keys derived from the one secret: to look up contact points, and to seal what only we may read."""

from __future__ import annotations

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

    def contact_hash(self, channel: str, bot: str, address: str) -> bytes:
        """The keyed hash (HMAC-SHA256) by which a contact point is found again."""
        return hmac.digest(self._lookup, json.dumps([channel, bot, address]).encode(), "sha256")

    def encrypt(self, text: str) -> bytes:
        """Seal `text` (AES-256-GCM, a random nonce in front)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._seal.encrypt(nonce, text.encode(), _FORMAT)

    def decrypt(self, sealed: bytes) -> str:
        """Open what `encrypt` sealed; `UnreadableError` with another key or for anything else."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._seal.decrypt(nonce, ciphertext, sealed[:1]).decode()
        except (InvalidTag, ValueError):
            raise UnreadableError(
                "Sealed data does not open with this secret key; "
                "set TALANOA_SECRET_KEY to the one that it was sealed with."
            ) from None


def _derive(secret: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret)
