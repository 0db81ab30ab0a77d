"""Compact JSON Web Encryption (RFC 7516): ECDH-ES on P-256 with A256GCM, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from niaga.protocol.errors import EncodingError, TooLargeError
from niaga.protocol.formats import base64url, es256, jwk, strict_json

ALGORITHM = "ECDH-ES"
ENCRYPTION = "A256GCM"
MAX_HEADER_BYTES = 2048
REMEMBERED = 64
"""Of so many tokens it is remembered what their headers spell."""
_PARTS = 5
_NONCE_BYTES, _TAG_BYTES = 12, 16
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


def seal(
    plaintext: bytes, key: ec.EllipticCurvePublicKey, *, kid: str, apu: str = "", apv: str = ""
) -> str:
    """Return `plaintext` encrypted to `key`, bound to the texts `apu` and `apv`.

    Both enter the key derivation (RFC 7518, section 4.6): a seal moved into another context does
    not open.
    """
    es256.check_curve(key)
    protected = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": kid}
    for name, text in (("apu", apu), ("apv", apv)):
        if text:
            protected[name] = base64url.encode(text.encode())
    made: str = jwe.encrypt_compact(
        protected, plaintext, ECKey.import_key(key), algorithms=[ALGORITHM, ENCRYPTION]
    )
    return made


def inspect(text: str, *, max_bytes: int) -> Seal:
    """Check a token's spelling and header without opening it.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: not a compact token of exactly this algorithm and form.
    """
    if len(text) > max_bytes:
        raise TooLargeError(f"a sealed token of {len(text)} bytes")
    return _inspect(text)


@lru_cache(maxsize=REMEMBERED)
def _inspect(text: str) -> Seal:
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise EncodingError("not a compact encrypted token")
    head, wrapped, nonce, _, tag = (base64url.decode(part) for part in parts)
    header = strict_json.read_object(head, max_bytes=MAX_HEADER_BYTES)
    _check_header(header)
    if wrapped or len(nonce) != _NONCE_BYTES or len(tag) != _TAG_BYTES:
        raise EncodingError("parts of a wrong length")
    return Seal(header.get("kid", ""), _bound(header, "apu"), _bound(header, "apv"), text)


def open_seal(text: str, key: ec.EllipticCurvePrivateKey, *, max_bytes: int) -> bytes:
    """Return the plaintext.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: another form, or it does not open with this key.
    """
    inspect(text, max_bytes=max_bytes)
    es256.check_curve(key)
    try:
        opened = jwe.decrypt_compact(
            text, ECKey.import_key(key), algorithms=[ALGORITHM, ENCRYPTION]
        )
    except (JoseError, ValueError) as error:
        raise EncodingError("the seal does not open") from error
    return opened.plaintext or b""


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") != ALGORITHM or header.get("enc") != ENCRYPTION:
        raise EncodingError("another algorithm")
    if header.keys() - _HEADER_NAMES:
        raise EncodingError("a header name that has no place here")
    if not isinstance(header.get("kid", ""), str):
        raise EncodingError("kid is no text")
    jwk.read_public(header.get("epk"))


def _bound(header: Mapping[str, Any], name: str) -> str:
    text = header.get(name, "")
    if not isinstance(text, str):
        raise EncodingError(f"{name} is no text")
    try:
        return base64url.decode(text).decode()
    except UnicodeDecodeError as error:
        raise EncodingError(f"{name} is no text") from error
