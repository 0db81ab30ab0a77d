"""How keys become certificates: enrolment of a card, orders of merchants and gateways, renewal."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from niaga.protocol.formats.x509 import Role
from niaga.protocol.messages.parts import (
    TOKEN_BYTES,
    Address,
    Assertion,
    Nonce,
    PlainMessage,
    Reference,
    Seconds,
    SignedMessage,
)
from niaga.protocol.messages.purchase import Instrument
from niaga.protocol.messages.schema import About, Bits, Blob, Chain, OneOf, Party, Sealed, Text

CARD_BYTES = 512
CARD_TOKEN_BYTES = 2048
_CSR_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentChallenge(PlainMessage):
    """The authority's nonce for one enrolment, and the key to which card data is sealed."""

    MAX_BYTES: ClassVar = TOKEN_BYTES
    WRITERS: ClassVar = frozenset({Party.AUTHORITY})
    READERS: ClassVar = frozenset({Party.WALLET})

    nonce: Nonce
    exp: Seconds
    issuer_x5c: Annotated[tuple[str, ...], Chain()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """What the seal to the issuer holds: the card, never seen by anyone between."""

    pan: Annotated[str, Text(19, r"[0-9]{12,19}"), About.INSTRUMENT]
    expiry: Annotated[str, Text(7, r"20[0-9]{2}-(0[1-9]|1[0-2])"), About.INSTRUMENT]
    holder: Annotated[str, Text(60), About.INSTRUMENT]
    cvc: Annotated[str, Text(4, r"[0-9]{3,4}"), About.INSTRUMENT] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey's public half: its credential id and its P-256 point."""

    id: Annotated[str, Blob(512)]
    x: Annotated[str, Bits(256)]
    y: Annotated[str, Bits(256)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRequest(PlainMessage):
    """A wallet's key, passkey and card; the seal is bound to the CSR, the assertion signs it."""

    MAX_BYTES: ClassVar = 16_384
    WRITERS: ClassVar = frozenset({Party.WALLET})
    READERS: ClassVar = frozenset({Party.AUTHORITY, Party.ISSUER})

    csr: Annotated[str, Blob(_CSR_BYTES)]
    card: Annotated[str, Sealed("CardData", Party.ISSUER, CARD_TOKEN_BYTES)]
    passkey: Passkey
    sca: Assertion


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentAnswer(PlainMessage):
    """The certificate and the token that stands for the card; `label` is for the owner's eyes."""

    MAX_BYTES: ClassVar = TOKEN_BYTES
    WRITERS: ClassVar = frozenset({Party.AUTHORITY})
    READERS: ClassVar = frozenset({Party.WALLET})

    x5c: Annotated[tuple[str, ...], Chain()]
    instrument: Instrument
    label: Annotated[str, Text(40), About.INSTRUMENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOrder(PlainMessage):
    """A merchant or gateway asks for a certificate; an operator of the authority decides."""

    MAX_BYTES: ClassVar = 4096
    WRITERS: ClassVar = frozenset({Party.MERCHANT, Party.GATEWAY})
    READERS: ClassVar = frozenset({Party.AUTHORITY})

    role: Annotated[str, OneOf(("merchant", "gateway"))]
    use: Annotated[str, OneOf(("sign", "encrypt", "transport"))]
    address: Address
    name: Annotated[str, Text(120)]
    csr: Annotated[str, Blob(_CSR_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAnswer(PlainMessage):
    """Where an order or renewal stands, and the chain once it is issued."""

    MAX_BYTES: ClassVar = TOKEN_BYTES
    WRITERS: ClassVar = frozenset({Party.AUTHORITY})
    READERS: ClassVar = frozenset({Party.MERCHANT, Party.GATEWAY, Party.WALLET})

    order_id: Reference
    status: Annotated[str, OneOf(("waiting", "issued", "refused"))]
    x5c: Annotated[tuple[str, ...], Chain()] | None = None


class _Renewal(SignedMessage):
    """The owner of a live certificate asks for the next one, with a new key."""

    __slots__ = ()
    MAX_BYTES: ClassVar = TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.AUTHORITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class CardholderRenewal(_Renewal):
    """A wallet renews."""

    TYPE: ClassVar = "dsp-cardholder-renewal+jwt"
    SIGNER: ClassVar = Role.CARDHOLDER

    csr: Annotated[str, Blob(_CSR_BYTES)]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantRenewal(_Renewal):
    """A merchant renews the certificate of one use."""

    TYPE: ClassVar = "dsp-merchant-renewal+jwt"
    SIGNER: ClassVar = Role.MERCHANT

    iss: Address
    use: Annotated[str, OneOf(("sign", "transport"))]
    csr: Annotated[str, Blob(_CSR_BYTES)]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRenewal(_Renewal):
    """A gateway renews the certificate of one use."""

    TYPE: ClassVar = "dsp-gateway-renewal+jwt"
    SIGNER: ClassVar = Role.GATEWAY

    iss: Address
    use: Annotated[str, OneOf(("sign", "encrypt", "transport"))]
    csr: Annotated[str, Blob(_CSR_BYTES)]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayCertificates(PlainMessage):
    """A gateway's current chains, at its well-known address."""

    MAX_BYTES: ClassVar = 3 * TOKEN_BYTES
    WRITERS: ClassVar = frozenset({Party.GATEWAY})
    READERS: ClassVar = frozenset({Party.MERCHANT, Party.WALLET})

    id: Address
    sig_x5c: Annotated[tuple[str, ...], Chain()]
    enc_x5c: Annotated[tuple[str, ...], Chain()]
