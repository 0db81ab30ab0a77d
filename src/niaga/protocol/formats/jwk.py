"""The one JSON Web Key this protocol reads: a public point on P-256 (RFC 7518, section 6.2)."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import EncodingError
from niaga.protocol.formats import base64url

_COORDINATE_BYTES = 32
_MEANINGS = {"use", "key_ops", "alg", "kid"}


def read_public(jwk: object, *, alg: str | None = None) -> ec.EllipticCurvePublicKey:
    """Return the public key `jwk` describes, for use with `alg` if one is named.

    Raises:
        EncodingError: another key type or curve, a coordinate that is not exactly 32 bytes of
            canonical base64url, a point off the curve, a private part, unknown members, or a
            declared use or algorithm other than `alg`'s.
    """
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise EncodingError("not a P-256 key")
    if jwk.keys() - {"kty", "crv", "x", "y"} - _MEANINGS:
        raise EncodingError("a key with members that have no place here")
    if alg is not None:
        _check_meaning(jwk, alg)
    try:
        return ec.EllipticCurvePublicNumbers(
            _coordinate(jwk.get("x")), _coordinate(jwk.get("y")), ec.SECP256R1()
        ).public_key()
    except ValueError as error:
        raise EncodingError("a point off the curve") from error


def write_public(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return `key` as a JWK with the required members only."""
    numbers = key.public_numbers()
    x, y = numbers.x.to_bytes(_COORDINATE_BYTES), numbers.y.to_bytes(_COORDINATE_BYTES)
    return {"kty": "EC", "crv": "P-256", "x": base64url.encode(x), "y": base64url.encode(y)}


def _coordinate(text: Any) -> int:
    if not isinstance(text, str):
        raise EncodingError("a coordinate is missing")
    content = base64url.decode(text)
    if len(content) != _COORDINATE_BYTES:
        raise EncodingError("a coordinate is not 32 bytes")
    return int.from_bytes(content)


def _check_meaning(jwk: Mapping[str, Any], alg: str) -> None:
    signs = alg == "ES256"
    if jwk.get("alg", alg) != alg:
        raise EncodingError("a key for another algorithm")
    if jwk.get("use", "sig" if signs else "enc") != ("sig" if signs else "enc"):
        raise EncodingError("a key for another use")
    operations = jwk.get("key_ops", ["verify"] if signs else ["deriveKey"])
    if not isinstance(operations, list) or ("verify" in operations) is not signs:
        raise EncodingError("a key for other operations")
