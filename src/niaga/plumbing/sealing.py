"""Secrets that the database keeps: sealed with a key that the database does not have.

AES-256-GCM under a key derived from `settings.SEALING_KEY` (HKDF). Whoever has a copy of the
database, but not that key, reads nothing; a sealed text that was moved to another row does not
open there.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12


def seal(text: str, *, place: str) -> str:
    """Return the text sealed for `place` (such as its row's id), in base64."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key("seal")).encrypt(nonce, text.encode(), place.encode())
    return urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, place: str) -> str:
    """Return the text.

    Raises:
        InvalidTag: it was sealed for another place, with another key, or was changed.
    """
    raw = urlsafe_b64decode(sealed)
    nonce, body = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
    return AESGCM(_key("seal")).decrypt(nonce, body, place.encode()).decode()


def mark(text: str, *, place: str) -> str:
    """Return what tells equal texts of one `place` apart from others, and nothing else, in hex."""
    return hmac.new(_key("mark"), f"{place}\0{text}".encode(), sha256).hexdigest()


def _key(purpose: str) -> bytes:
    return _derived(settings.SEALING_KEY, purpose)


@cache
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"niaga {purpose}".encode()).derive(
        secret.encode()
    )
