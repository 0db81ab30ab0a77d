"""Signing a message, and opening one: who said it, and exactly what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.errors import MismatchError, SchemaError, StaleError, TooLargeError
from niaga.protocol.formats import base64url, jwe, jws, strict_json
from niaga.protocol.formats.x509 import (
    Identity,
    Trust,
    Use,
    read_chain,
    thumbprint,
    verify_chain,
    write_chain,
)
from niaga.protocol.messages import schema
from niaga.protocol.messages.parts import PlainMessage, SignedMessage

SKEW_S = 60
_HEADER_NAMES = {"alg", "typ", "x5c"}


@dataclass(frozen=True, slots=True)
class Signer:
    """A key and the chain (leaf, role authority, brand) that says whose it is."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def thumbprint(self) -> str:
        """The leaf's thumbprint."""
        return thumbprint(self.chain[0])


@dataclass(frozen=True, slots=True)
class Opened[M]:
    """A message whose speaker and content have been verified.

    Attributes:
        message: what was said.
        identity: who said it.
        digest: the token's identity, by which later messages refer to it.
        text: the token as it came.
    """

    message: M
    identity: Identity
    digest: str
    text: str


def sign(message: SignedMessage, signer: Signer) -> str:
    """Return `message` as a token signed by `signer`, whose chain it carries."""
    header = {"typ": message.TYPE, "x5c": write_chain(signer.chain)}
    token = jws.sign(strict_json.write(schema.write(message)), signer.key, header=header)
    if len(token) > message.MAX_BYTES:
        raise TooLargeError(f"{type(message).__name__} of {len(token)} bytes")
    return token


def open_signed[M: SignedMessage](
    kind: type[M], text: str, *, trust: Trust, now: datetime
) -> Opened[M]:
    """Return the `kind` of message that `text` is.

    Raises:
        MalformedError: too large, not a token, another `typ`, header names beside `alg`, `typ`
            and `x5c`, or a payload outside the closed schema.
        UntrustedError: the chain does not lead to a trusted root, is not of the role that speaks
            this message, is not valid at `now` or is withdrawn; or the signature does not hold.
        MismatchError: it is issued in another's name than the certificate's.
        StaleError: issued more than a minute in the future.
    """
    token = jws.parse(text, max_bytes=kind.MAX_BYTES)
    identity = identify(token.header, kind, trust=trust, now=now)
    jws.verify(token, identity.public_key)
    message = peek(kind, text)
    check_issue(message, identity, now)
    return Opened(message, identity, token.digest, text)


def identify(
    header: Mapping[str, Any], kind: type[SignedMessage], *, trust: Trust, now: datetime
) -> Identity:
    """Return whom the chain in a token's header speaks for; raises as `open_signed` does."""
    if header.get("typ") != kind.TYPE:
        raise SchemaError(f"not a {kind.TYPE}")
    if header.keys() != _HEADER_NAMES:
        raise SchemaError("other header names than alg, typ and x5c")
    chain = read_chain(header["x5c"])
    return verify_chain(chain, role=kind.SIGNER, use=Use.SIGN, trust=trust, now=now)


def check_issue(message: SignedMessage, identity: Identity, now: datetime) -> None:
    """Check that a message speaks in its signer's name and not from the future."""
    if getattr(message, "iss", identity.subject) != identity.subject:
        raise MismatchError("iss")
    if getattr(message, "iat", 0) > now.timestamp() + SKEW_S:
        raise StaleError("issued in the future")


def check_live(until_s: int, now: datetime) -> None:
    """Check that `until_s` (epoch seconds) has not come; else StaleError."""
    if now.timestamp() >= until_s:
        raise StaleError("expired")


def peek[M: SignedMessage](kind: type[M], text: str) -> M:
    """Return what a token claims, its signature unchecked: for those who signed it themselves."""
    jws.parse(text, max_bytes=kind.MAX_BYTES)
    read: M = _claims(kind, text)  # type: ignore[arg-type]  # mypy doubts that classes have hashes
    return read


@lru_cache(maxsize=jws.REMEMBERED)
def _claims(kind: type[Any], text: str) -> Any:
    """Return what these very bytes claim, as a frozen message."""
    token = jws.parse(text, max_bytes=kind.MAX_BYTES)
    return schema.read(kind, jws.claims(token))


def digest_of(text: str, kind: type[SignedMessage]) -> str:
    """Return the identity of a token: SHA-256 over its signing input."""
    return jws.parse(text, max_bytes=kind.MAX_BYTES).digest


def read_plain[P: PlainMessage](kind: type[P], content: bytes) -> P:
    """Return the `kind` of message that the JSON `content` is.

    Raises:
        MalformedError: too large, not strict JSON, or outside the closed schema.
    """
    return schema.read(kind, strict_json.read_object(content, max_bytes=kind.MAX_BYTES))


def write_plain(message: PlainMessage) -> bytes:
    """Return `message` as JSON."""
    return strict_json.write(schema.write(message))


def type_of(text: str) -> str:
    """Return the `typ` a token claims, or nothing; to choose what to open it as."""
    header, _, _ = text.partition(".")
    typ = strict_json.read_object(base64url.decode(header), max_bytes=jws.MAX_HEADER_BYTES).get(
        "typ"
    )
    return typ if isinstance(typ, str) else ""


def seal_padded(
    record: Any,
    size: int,
    key: ec.EllipticCurvePublicKey,
    *,
    kid: str,
    apu: str = "",
    apv: str = "",
) -> str:
    """Return `record` as JSON padded to `size` bytes and sealed: its length tells nothing."""
    content = strict_json.write(schema.write(record))
    if len(content) > size:
        raise TooLargeError(f"{len(content)} bytes to seal")
    return jwe.seal(content.ljust(size), key, kid=kid, apu=apu, apv=apv)


def read_padded[R](record: type[R], content: bytes, size: int) -> R:
    """Return the `record` in opened and padded `content`; another length is a SchemaError."""
    if len(content) != size:
        raise SchemaError("not padded to its size")
    return schema.read(record, strict_json.read_object(content, max_bytes=size))


def require(*, agree: bool, what: str) -> None:
    """Raise a MismatchError naming `what` unless the two values agree."""
    if not agree:
        raise MismatchError(what)
