"""Records and kinds that several messages share."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from niaga.protocol.formats.x509 import Role
from niaga.protocol.messages.schema import About, Bits, Blob, Number, Party, Text

LARGEST_MINOR = 10**15
TOKEN_BYTES = 12_288
_ORIGIN = r"https://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[1-9][0-9]{1,4})?"

Address = Annotated[str, Text(270, _ORIGIN)]
Url = Annotated[str, Text(400, _ORIGIN + r"(/[A-Za-z0-9._~/-]*)?")]
Brand = Annotated[str, Text(64)]
Xid = Annotated[str, Bits(160)]
Nonce = Annotated[str, Bits(128)]
Reference = Annotated[str, Bits(128)]
Digest = Annotated[str, Bits(256)]
Seconds = Annotated[int, Number(1, 32_503_680_000)]
Minor = Annotated[int, Number(0, LARGEST_MINOR), About.PAYMENT]
OrderId = Annotated[str, Text(64, r"[A-Za-z0-9][A-Za-z0-9-]*")]


class SignedMessage:
    """A message that travels as a signed token.

    TYPE is the token's exact `typ`, SIGNER the role whose certificate must sign it, MAX_BYTES its
    greatest length as a token, READERS who gets it.
    """

    __slots__ = ()
    TYPE: ClassVar[str]
    SIGNER: ClassVar[Role]
    MAX_BYTES: ClassVar[int]
    READERS: ClassVar[frozenset[Party]]


class Asked(SignedMessage):
    """What a merchant asks of its gateway."""

    __slots__ = ()
    SIGNER: ClassVar = Role.MERCHANT
    MAX_BYTES: ClassVar = TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.GATEWAY})


class Answered(SignedMessage):
    """What a gateway answers to a merchant."""

    __slots__ = ()
    SIGNER: ClassVar = Role.GATEWAY
    MAX_BYTES: ClassVar = TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.MERCHANT})


class PlainMessage:
    """A message that travels as JSON inside TLS; what needs a signature in it has its own.

    MAX_BYTES is its greatest length, WRITERS who sends it, READERS who gets it.
    """

    __slots__ = ()
    MAX_BYTES: ClassVar[int]
    WRITERS: ClassVar[frozenset[Party]]
    READERS: ClassVar[frozenset[Party]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Whole minor units of an ISO 4217 currency, more than nothing."""

    currency: Annotated[str, Text(3, r"[A-Z]{3}"), About.PAYMENT]
    minor: Annotated[int, Number(1, LARGEST_MINOR), About.PAYMENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A passkey's assertion (WebAuthn), its parts in base64url."""

    credential_id: Annotated[str, Blob(512)]
    authenticator_data: Annotated[str, Blob(512)]
    client_data: Annotated[str, Blob(1024)]
    signature: Annotated[str, Blob(80)]
