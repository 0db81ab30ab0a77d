"""Compact JSON Web Signatures (RFC 7515), ES256 only, in one spelling.

General libraries accept several spellings of one token (padded base64, the twin of a signature)
and keys brought along in the header; here a token has one spelling and the caller finds the key.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import EncodingError, SignatureError, TooLargeError
from niaga.protocol.formats import base64url, es256, strict_json

ALGORITHM = "ES256"
MAX_HEADER_BYTES = 8192
REMEMBERED = 64
"""Of so many tokens it is remembered what they spell."""
_PARTS = 3
_HEADER_NAMES = {"alg", "typ", "x5c", "kid"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart, not yet verified.

    Attributes:
        header: the protected header.
        payload: the bytes that were signed.
        signature: r and s, 64 bytes.
        signing_input: the ASCII bytes the signature covers.
        text: the token as it came.
    """

    header: Mapping[str, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes
    text: str

    @property
    def digest(self) -> str:
        """The token's identity: SHA-256 of the signing input, base64url.

        Never of the whole token: an ECDSA signature can be made anew for the same statement.
        """
        return digest(self.signing_input)


def digest(signing_input: bytes) -> str:
    """Return SHA-256 of `signing_input` in base64url."""
    return base64url.encode(hashlib.sha256(signing_input).digest())


def parse(text: str, *, max_bytes: int) -> Token:
    """Take a compact token apart, checking its spelling but no signature.

    The last few are remembered, since one payment's tokens are read at each of its steps: what
    these very bytes spell does not change. Whether they hold is judged each time.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: not three canonical base64url parts, or a header that is not a JSON object.
    """
    if len(text) > max_bytes:
        raise TooLargeError(f"a token of {len(text)} bytes")
    return _parse(text)


@lru_cache(maxsize=REMEMBERED)
def _parse(text: str) -> Token:
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise EncodingError("not a compact token")
    header, payload, signature = (base64url.decode(part) for part in parts)
    return Token(
        header=MappingProxyType(strict_json.read_object(header, max_bytes=MAX_HEADER_BYTES)),
        payload=payload,
        signature=signature,
        signing_input=text.rpartition(".")[0].encode("ascii"),
        text=text,
    )


def claims(token: Token) -> dict[str, Any]:
    """Return the JSON object that the payload spells; remembered like the token, so not to change.

    Raises:
        EncodingError: it spells none, see `strict_json`.
    """
    return _claims(token.payload)


@lru_cache(maxsize=REMEMBERED)
def _claims(payload: bytes) -> dict[str, Any]:
    return strict_json.read_object(payload, max_bytes=len(payload))


def sign(payload: bytes, key: ec.EllipticCurvePrivateKey, *, header: Mapping[str, Any]) -> str:
    """Return the compact token of `payload`; `header` is extended by the algorithm."""
    protected = strict_json.write({"alg": ALGORITHM, **header})
    statement = f"{base64url.encode(protected)}.{base64url.encode(payload)}"
    return f"{statement}.{base64url.encode(es256.sign(statement.encode('ascii'), key))}"


def verify(token: Token, key: ec.EllipticCurvePublicKey) -> None:
    """Check the token's header and signature with a key found by other means.

    Raises:
        SignatureError: another algorithm, header names outside the closed set (`crit`, `jwk`,
            `jku`, `x5u`, `b64`), a signature not in canonical form or not by this key.
    """
    if token.header.get("alg") != ALGORITHM:
        raise SignatureError("another algorithm")
    if token.header.keys() - _HEADER_NAMES:
        raise SignatureError("a header name that has no place here")
    es256.verify(token.signature, token.signing_input, key)
