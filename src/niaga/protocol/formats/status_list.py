"""Which certificates an authority has withdrawn: a Token Status List of one bit each.

A bit array, compressed, in a token that the authority itself signs. It tells nothing about whose
the certificates are, and a reader who fetches it whole tells nobody which one it asks about.
"""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import EncodingError, SchemaError, StaleError
from niaga.protocol.formats import base64url, jws, strict_json

TYPE = "statuslist+jwt"
MAX_BYTES = 262_144
MAX_ENTRIES = 1 << 20
_LATEST_S = 32_503_680_000  # the year 3000
_NAMES = {"sub", "iat", "exp", "ttl", "status_list"}


@dataclass(frozen=True, slots=True)
class StatusList:
    """A verified status list.

    Attributes:
        subject: whose certificates it speaks of (the authority's thumbprint).
        bits: one bit a certificate, lowest bit first.
        issued_s: when it was made, epoch seconds.
        expires_s: from when on it must not be relied upon, epoch seconds.
        text: the token itself, for evidence.
    """

    subject: str
    bits: bytes
    issued_s: int
    expires_s: int
    text: str

    def is_revoked(self, index: int) -> bool:
        """Return whether certificate `index` is withdrawn; one beyond the list counts as such."""
        byte, bit = divmod(index, 8)
        return byte >= len(self.bits) or bool(self.bits[byte] >> bit & 1)


def sign(
    revoked: Collection[int],
    key: ec.EllipticCurvePrivateKey,
    *,
    subject: str,
    entries: int,
    now: datetime,
    lifetime_s: int,
) -> str:
    """Return the signed list of `entries` certificates of which `revoked` are withdrawn."""
    bits = bytearray(-(-entries // 8))
    for index in revoked:
        bits[index // 8] |= 1 << index % 8
    seconds = int(now.timestamp())
    payload = {
        "sub": subject,
        "iat": seconds,
        "exp": seconds + lifetime_s,
        "ttl": lifetime_s // 2,
        "status_list": {"bits": 1, "lst": base64url.encode(zlib.compress(bytes(bits), 9))},
    }
    return jws.sign(strict_json.write(payload), key, header={"typ": TYPE})


def claimed(text: str) -> tuple[str, datetime]:
    """Return of whom a list claims to speak and when it claims to be made, for finding its key.

    Raises:
        MalformedError: not a status list of this form.
    """
    subject, (issued_s, *_), _ = _read(jws.parse(text, max_bytes=MAX_BYTES))
    return subject, datetime.fromtimestamp(issued_s, UTC)


def verify(text: str, key: ec.EllipticCurvePublicKey, *, subject: str, now: datetime) -> StatusList:
    """Return the list that the authority `subject`, owner of `key`, signed.

    Raises:
        MalformedError: not a status list of this form, or another authority's.
        SignatureError: not signed by `key`.
        StaleError: expired at `now`.
    """
    token = jws.parse(text, max_bytes=MAX_BYTES)
    if token.header.get("typ") != TYPE:
        raise SchemaError("not a status list")
    jws.verify(token, key)
    named, (issued_s, expires_s, _), bits = _read(token)
    if named != subject:
        raise SchemaError("a status list of another authority")
    if expires_s <= now.timestamp():
        raise StaleError("the status list has expired")
    return StatusList(subject, _inflate(bits), issued_s, expires_s, text)


def _read(token: jws.Token) -> tuple[str, list[int], str]:
    """Return subject, times (`iat`, `exp`, `ttl`) and the compressed bits, of the closed form."""
    payload = strict_json.read_object(token.payload, max_bytes=MAX_BYTES)
    listed = payload.get("status_list")
    if payload.keys() != _NAMES or not isinstance(listed, dict) or listed.keys() != {"bits", "lst"}:
        raise SchemaError("a status list with other members")
    times = [payload["iat"], payload["exp"], payload["ttl"]]
    if any(type(time) is not int or not 0 <= time <= _LATEST_S for time in times):
        raise SchemaError("a status list without its times")
    subject, bits = payload["sub"], listed["lst"]
    if listed["bits"] != 1 or not isinstance(subject, str) or not isinstance(bits, str):
        raise SchemaError("a status list of another form")
    return subject, times, bits


def _inflate(text: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        bits = inflater.decompress(base64url.decode(text), MAX_ENTRIES // 8)
    except zlib.error as error:
        raise EncodingError("a status list that does not inflate") from error
    if not inflater.eof or inflater.unused_data:
        raise EncodingError("a status list of another length")
    return bits
