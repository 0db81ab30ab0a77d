"""Selective disclosure (RFC 9901): a strict verifier, and the making of disclosures.

A presentation is `token~disclosure~...~`. Key binding is no part of this protocol: here the holder
is the issuer, and the payment half is bound by its seal; so a presentation that carries a key
binding token is refused rather than half understood.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import DisclosureError, EncodingError, StaleError, TooLargeError
from niaga.protocol.formats import base64url, jws, strict_json

HASH_NAME = "sha-256"
MAX_DISCLOSURE_BYTES = 98_304
_SALT_BYTES = 16
_RESERVED = {"_sd", "...", "_sd_alg"}
_ELEMENT_PARTS, _CLAIM_PARTS = 2, 3
_NESTED = {dict, list}

type KeyOf = Callable[[jws.Token], ec.EllipticCurvePublicKey]


@dataclass(frozen=True, slots=True)
class Presentation:
    """A signed token and the disclosures shown with it."""

    token: jws.Token
    disclosures: tuple[str, ...]


def disclose(*parts: Any) -> str:
    """Return a disclosure with a fresh 128-bit salt.

    One part, a value, makes an array element's; two, a name and a value, make a claim's.
    """
    salt = base64url.encode(secrets.token_bytes(_SALT_BYTES))
    return base64url.encode(strict_json.write([salt, *parts]))


def digest(disclosure: str) -> str:
    """Return the digest by which a payload refers to `disclosure`."""
    return base64url.encode(hashlib.sha256(disclosure.encode("ascii")).digest())


def read_disclosure(disclosure: str) -> list[Any]:
    """Return the JSON array a disclosure spells, its salt first.

    Raises:
        DisclosureError: not base64url of a JSON array that begins with a text.
    """
    try:
        parts = strict_json.read(base64url.decode(disclosure), max_bytes=MAX_DISCLOSURE_BYTES)
    except EncodingError as error:
        raise DisclosureError("a disclosure is not base64url of strict JSON") from error
    if not isinstance(parts, list) or len(parts) not in {_ELEMENT_PARTS, _CLAIM_PARTS}:
        raise DisclosureError("a disclosure is not an array of two or three")
    if not isinstance(parts[0], str):
        raise DisclosureError("a salt is not text")
    return parts


def parse(text: str, *, max_bytes: int) -> Presentation:
    """Take a presentation apart.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: the token is malformed.
        DisclosureError: no `~` at the end (so a key binding token follows), or an empty disclosure.
    """
    if len(text) > max_bytes:
        raise TooLargeError(f"a presentation of {len(text)} bytes")
    token, *disclosures = text.split("~")
    if not token or not disclosures or disclosures.pop():
        raise DisclosureError("a presentation without its closing ~, or with key binding")
    return Presentation(jws.parse(token, max_bytes=max_bytes), tuple(disclosures))


def verify(
    text: str, *, key_of: KeyOf, now: datetime, max_bytes: int, skew_s: int = 0
) -> dict[str, Any]:
    """Return the claims a presentation proves (RFC 9901, section 7.1).

    `key_of` answers with the key the token's issuer is known to hold, or raises; `skew_s` is how
    far ahead of `now` the issuer's clock may be.

    Raises:
        MalformedError, UntrustedError: the token itself is not good.
        DisclosureError: a rule of the disclosures is broken.
        StaleError: the claims are not valid at `now`; `exp` must be there.
    """
    shown = parse(text, max_bytes=max_bytes)
    jws.verify(shown.token, key_of(shown.token))
    claims = reveal(jws.claims(shown.token), shown.disclosures)
    _check_times(claims, now, skew_s)
    return claims


def reveal(payload: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """Return `payload` with each disclosure in its place and all digests gone.

    Raises:
        DisclosureError: a rule of RFC 9901, section 7.1, steps 2d to 5, is broken.
    """
    if payload.get("_sd_alg", HASH_NAME) != HASH_NAME:
        raise DisclosureError("an unknown hash algorithm")
    read = [(read_disclosure(item), item) for item in disclosures]
    by_digest = {digest(item): parts for parts, item in read}
    if len(by_digest) != len(disclosures):
        raise DisclosureError("a disclosure is shown twice")
    walk = _Walk(by_digest)
    claims = walk.object({name: value for name, value in payload.items() if name != "_sd_alg"})
    if walk.unused:
        raise DisclosureError("a disclosure that nothing refers to")
    return claims


@dataclass(slots=True)
class _Walk:
    """One pass over a payload, in which every digest may occur once."""

    unused: dict[str, list[Any]]
    seen: set[str] = field(default_factory=set)

    def value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, list):
            return self.array(value)
        return value

    def object(self, source: Mapping[str, Any]) -> dict[str, Any]:
        if "..." in source or "_sd_alg" in source:
            raise DisclosureError("a reserved name out of place")
        digests = source.get("_sd", [])
        if not isinstance(digests, list):
            raise DisclosureError("_sd is not an array")
        made = {
            name: self.value(value) if type(value) in _NESTED else value
            for name, value in source.items()
            if name != "_sd"
        }
        for item in digests:
            parts = self.take(item, _CLAIM_PARTS)
            if parts is None:
                continue
            _, name, value = parts
            if not isinstance(name, str) or name in _RESERVED:
                raise DisclosureError("a disclosed claim with a reserved name")
            if name in made:
                raise DisclosureError("a disclosed claim that is there already")
            made[name] = self.value(value)
        return made

    def array(self, source: Sequence[Any]) -> list[Any]:
        made = []
        for item in source:
            if not (isinstance(item, dict) and "..." in item):
                made.append(self.value(item))
                continue
            if len(item) != 1:
                raise DisclosureError("an element's digest has company")
            parts = self.take(item["..."], _ELEMENT_PARTS)
            if parts is not None:
                made.append(self.value(parts[1]))
        return made

    def take(self, item: Any, expected_parts: int) -> list[Any] | None:
        if not isinstance(item, str):
            raise DisclosureError("a digest is not text")
        if item in self.seen:
            raise DisclosureError("a digest occurs twice")
        self.seen.add(item)
        parts = self.unused.pop(item, None)
        if parts is not None and len(parts) != expected_parts:
            raise DisclosureError("a disclosure of the other kind")
        return parts


def _check_times(claims: Mapping[str, Any], now: datetime, skew_s: int) -> None:
    times = {name: claims.get(name) for name in ("nbf", "iat", "exp")}
    if any(value is not None and type(value) is not int for value in times.values()):
        raise DisclosureError("a time is not a whole number of seconds")
    if times["exp"] is None:
        raise StaleError("a token without an end")
    seconds = now.timestamp()
    if times["exp"] <= seconds or max(times["nbf"] or 0, times["iat"] or 0) > seconds + skew_s:
        raise StaleError("not valid at this time")
