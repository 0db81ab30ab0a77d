"""Compact JSON Web Encryption (RFC 7516): ECDH-ES on P-256 with A256GCM, nothing else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from niaga.protocol.errors import EncodingError, TooLargeError
from niaga.protocol.formats import base64url, es256, jwk, strict_json

ALGORITHM = "ECDH-ES"
ENCRYPTION = "A256GCM"
MAX_HEADER_BYTES = 2048
REMEMBERED = 64
"""Of so many tokens it is remembered what they spell."""
_PARTS = 5
_NONCE_BYTES, _TAG_BYTES, _KEY_BYTES = 12, 16, 32
_HEADER_NAMES = {"alg", "enc", "epk", "kid", "apu", "apv"}


@dataclass(frozen=True, slots=True)
class Seal:
    """What anyone can read of an encrypted token.

    Attributes:
        kid: which key opens it.
        apu: what the sender binds it to (base64url of text).
        apv: what the recipient must find it bound to (base64url of text).
        text: the token as it came.
    """

    kid: str
    apu: str
    apv: str
    text: str


@dataclass(frozen=True, slots=True)
class _Token:
    """A token taken apart: its header, the sender's one-time key, and what the key derived opens.

    Attributes:
        protected: the header as it came, which the tag covers.
        sealed: ciphertext and tag.
    """

    header: Mapping[str, Any]
    sender: ec.EllipticCurvePublicKey
    protected: bytes
    nonce: bytes
    sealed: bytes


def seal(
    plaintext: bytes, key: ec.EllipticCurvePublicKey, *, kid: str, apu: str = "", apv: str = ""
) -> str:
    """Return `plaintext` encrypted to `key`, bound to the texts `apu` and `apv`.

    Both enter the key derivation (RFC 7518, section 4.6): a seal moved into another context does
    not open.
    """
    es256.check_curve(key)
    once = ec.generate_private_key(ec.SECP256R1())
    header: dict[str, Any] = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": kid}
    for name, text in (("apu", apu), ("apv", apv)):
        if text:
            header[name] = base64url.encode(text.encode())
    header["epk"] = jwk.write_public(once.public_key())
    protected = base64url.encode(strict_json.write(header))
    nonce = os.urandom(_NONCE_BYTES)
    made = _cipher(once, key, header).encrypt(nonce, plaintext, protected.encode("ascii"))
    parts = (nonce, made[:-_TAG_BYTES], made[-_TAG_BYTES:])
    return ".".join((protected, "", *map(base64url.encode, parts)))


def inspect(text: str, *, max_bytes: int) -> Seal:
    """Check a token's spelling and header without opening it.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: not a compact token of exactly this algorithm and form.
    """
    header = _parse(text, max_bytes).header
    return Seal(header.get("kid", ""), _bound(header, "apu"), _bound(header, "apv"), text)


def open_seal(text: str, key: ec.EllipticCurvePrivateKey, *, max_bytes: int) -> bytes:
    """Return the plaintext.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: another form, or it does not open with this key.
    """
    token = _parse(text, max_bytes)
    es256.check_curve(key)
    try:
        cipher = _cipher(key, token.sender, token.header)
        return cipher.decrypt(token.nonce, token.sealed, token.protected)
    except (InvalidTag, ValueError) as error:
        raise EncodingError("the seal does not open") from error


def _cipher(
    mine: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey, header: Mapping[str, Any]
) -> AESGCM:
    """Return the cipher whose key both sides derive (RFC 7518, section 4.6.2)."""
    info = (
        ENCRYPTION.encode(),
        base64url.decode(header.get("apu", "")),
        base64url.decode(header.get("apv", "")),
    )
    others = b"".join(len(part).to_bytes(4) + part for part in info)
    bits = (_KEY_BYTES * 8).to_bytes(4)
    agreed = mine.exchange(ec.ECDH(), other)
    return AESGCM(ConcatKDFHash(hashes.SHA256(), _KEY_BYTES, others + bits).derive(agreed))


def _parse(text: str, max_bytes: int) -> _Token:
    if len(text) > max_bytes:
        raise TooLargeError(f"a sealed token of {len(text)} bytes")
    return _parse_known(text)


@lru_cache(maxsize=REMEMBERED)
def _parse_known(text: str) -> _Token:
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise EncodingError("not a compact encrypted token")
    head, wrapped, nonce, ciphertext, tag = (base64url.decode(part) for part in parts)
    header = strict_json.read_object(head, max_bytes=MAX_HEADER_BYTES)
    sender = _sender(header)
    if wrapped or len(nonce) != _NONCE_BYTES or len(tag) != _TAG_BYTES:
        raise EncodingError("parts of a wrong length")
    for name in ("apu", "apv"):
        _bound(header, name)
    return _Token(header, sender, parts[0].encode("ascii"), nonce, ciphertext + tag)


def _sender(header: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """Return the sender's key of a header that says what it must, and no more."""
    if header.get("alg") != ALGORITHM or header.get("enc") != ENCRYPTION:
        raise EncodingError("another algorithm")
    if header.keys() - _HEADER_NAMES:
        raise EncodingError("a header name that has no place here")
    if not isinstance(header.get("kid", ""), str):
        raise EncodingError("kid is no text")
    return jwk.read_public(header.get("epk"))


def _bound(header: Mapping[str, Any], name: str) -> str:
    text = header.get(name, "")
    if not isinstance(text, str):
        raise EncodingError(f"{name} is no text")
    try:
        return base64url.decode(text).decode()
    except UnicodeDecodeError as error:
        raise EncodingError(f"{name} is no text") from error
