"""The five messages of a purchase, and the halves that the dual signature joins."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from niaga.protocol.formats.x509 import Role
from niaga.protocol.messages.parts import (
    LARGEST_MINOR,
    TOKEN_BYTES,
    Address,
    Amount,
    Assertion,
    Brand,
    Digest,
    Nonce,
    OrderId,
    PlainMessage,
    Reference,
    Seconds,
    SignedMessage,
    Url,
    Xid,
)
from niaga.protocol.messages.schema import (
    About,
    Bits,
    Chain,
    Disclosed,
    Many,
    Number,
    OneOf,
    Party,
    Sealed,
    Signed,
    Text,
    Wire,
)

CHECKOUT_BYTES = 65_536
MANDATE_BYTES = CHECKOUT_BYTES + 1024
PI_BYTES = 4096
PI_TOKEN_BYTES = 6144
MOST_LINES = 200

REASONS = (
    "insufficient_funds",
    "instrument_blocked",
    "instrument_expired",
    "limit_exceeded",
    "issuer_unavailable",
    "refused_by_issuer",
    "voided",
)
# Why, as the buyer is told: the receipt passes through the merchant, so it says little.
BUYER_REASONS = ("declined", "insufficient_funds")
RESULTS = ("approved", "declined", "pending")


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseInit(PlainMessage):
    """The wallet asks for an offer: its nonce, and the brand whose certificates it holds."""

    MAX_BYTES: ClassVar = 512
    WRITERS: ClassVar = frozenset({Party.WALLET})
    READERS: ClassVar = frozenset({Party.MERCHANT})

    n_c: Nonce
    brand: Brand


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedGateway:
    """The gateway the merchant will ask, and its certificates' thumbprints."""

    id: Address
    url: Url
    sig_x5t: Digest
    enc_x5t: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(SignedMessage):
    """M1: the merchant's offer of one purchase for one amount."""

    TYPE: ClassVar = "dsp-offer+jwt"
    SIGNER: ClassVar = Role.MERCHANT
    MAX_BYTES: ClassVar = TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.WALLET})

    iss: Address
    xid: Xid
    n_c: Nonce
    n_m: Nonce
    amount: Amount
    gw: OfferedGateway
    checkout_hash: Digest
    capture: Annotated[str, OneOf(("manual",))]
    refund_until: Seconds
    iat: Seconds
    exp: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order, and whose it is; a discount's total is negative."""

    kind: Annotated[str, OneOf(("item", "delivery", "discount", "fee", "tax")), About.ORDER]
    name: Annotated[str, Text(200), About.ORDER]
    quantity: Annotated[int, Number(1, 1_000_000), About.ORDER]
    total_minor: Annotated[int, Number(-LARGEST_MINOR, LARGEST_MINOR), About.ORDER]
    seller: Annotated[str, Text(120), About.ORDER] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout(SignedMessage):
    """The whole order, signed by the merchant; its salt keeps the hash from being guessed."""

    TYPE: ClassVar = "dsp-checkout+jwt"
    SIGNER: ClassVar = Role.MERCHANT
    MAX_BYTES: ClassVar = CHECKOUT_BYTES
    READERS: ClassVar = frozenset({Party.WALLET})

    iss: Address
    xid: Xid
    salt: Nonce
    payee: Annotated[str, Text(120)]
    lines: Annotated[tuple[Line, ...], Many(1, MOST_LINES)]
    amount: Amount
    deliver_to: Annotated[str, Text(500), About.ORDER] | None = None
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswer(PlainMessage):
    """M1 as it travels: offer, order and the gateway's two chains."""

    MAX_BYTES: ClassVar = CHECKOUT_BYTES + 3 * TOKEN_BYTES
    WRITERS: ClassVar = frozenset({Party.MERCHANT})
    READERS: ClassVar = frozenset({Party.WALLET})

    offer: Annotated[str, Signed("Offer", TOKEN_BYTES)]
    checkout_jwt: Annotated[str, Signed("Checkout", CHECKOUT_BYTES)]
    gw_sig_x5c: Annotated[tuple[str, ...], Chain()]
    gw_enc_x5c: Annotated[tuple[str, ...], Chain()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The digest of a disclosure that may or may not be shown."""

    digest: Annotated[str, Bits(256), Wire("...")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenGateway:
    """The gateway the buyer means, by name and by the key that may open the instruction."""

    id: Address
    enc_x5t: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class DualSignature(SignedMessage):
    """The buyer's one signature over both halves: first the order's digest, then the payment's."""

    TYPE: ClassVar = "dsp+sd-jwt"
    SIGNER: ClassVar = Role.CARDHOLDER
    MAX_BYTES: ClassVar = TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.MERCHANT, Party.GATEWAY})

    sd_alg: Annotated[str, OneOf(("sha-256",)), Wire("_sd_alg")]
    delegate_payload: Annotated[tuple[Hidden, ...], Many(2, 2)]
    xid: Xid
    offer_hash: Digest
    aud: Annotated[tuple[Address, ...], Many(2, 2)]
    merchant_x5t: Digest
    gw: ChosenGateway
    amount: Amount
    n_c: Nonce
    n_m: Nonce
    iat: Seconds
    exp: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutMandate:
    """The order half, shown to the merchant alone."""

    vct: Annotated[str, OneOf(("mandate.checkout.1",))]
    checkout_jwt: Annotated[str, Signed("Checkout", CHECKOUT_BYTES)]
    checkout_hash: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """The merchant as the bank knows it."""

    id: Address
    name: Annotated[str, Text(120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What pays: a token that stands for an account, never its number."""

    id: Annotated[str, Bits(128), About.INSTRUMENT]
    type: Annotated[str, OneOf(("card", "account")), About.INSTRUMENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMandate:
    """The payment half, shown to the gateway alone."""

    vct: Annotated[str, OneOf(("mandate.payment.1",))]
    transaction_id: Digest
    payee: Payee
    payment_amount: Amount
    payment_instrument: Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInstruction:
    """What the seal holds: the payment half, and the person's passkey where it is asked for."""

    disclosure: Annotated[str, Disclosed("PaymentMandate", 2048)]
    sca: Assertion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest(PlainMessage):
    """M2, PReq: the dual signature, the order half in clear, the payment half sealed."""

    MAX_BYTES: ClassVar = 131_072
    WRITERS: ClassVar = frozenset({Party.WALLET})
    READERS: ClassVar = frozenset({Party.MERCHANT})

    ds: Annotated[str, Signed("DualSignature", TOKEN_BYTES)]
    oi: Annotated[str, Disclosed("CheckoutMandate", 98_304)]
    pi: Annotated[str, Sealed("PaymentInstruction", Party.GATEWAY, PI_TOKEN_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest(SignedMessage):
    """M3, AuthReq: the merchant asks its gateway to hold the money; the order is not in it."""

    TYPE: ClassVar = "dsp-authreq+jwt"
    SIGNER: ClassVar = Role.MERCHANT
    MAX_BYTES: ClassVar = 32_768
    READERS: ClassVar = frozenset({Party.GATEWAY})

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    ds: Annotated[str, Signed("DualSignature", TOKEN_BYTES)]
    pi: Annotated[str, Sealed("PaymentInstruction", Party.GATEWAY, PI_TOKEN_BYTES)]
    amount: Amount
    offer_hash: Digest
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(SignedMessage):
    """The gateway's own word to the buyer on what became of the payment."""

    TYPE: ClassVar = "dsp-receipt+jwt"
    SIGNER: ClassVar = Role.GATEWAY
    MAX_BYTES: ClassVar = TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.MERCHANT, Party.WALLET})

    iss: Address
    aud: Digest
    xid: Xid
    ds_hash: Digest
    merchant: Address
    merchant_x5t: Digest
    checkout_hash: Digest
    amount: Amount
    result: Annotated[str, OneOf(RESULTS), About.PAYMENT]
    auth_id: Reference | None = None
    reason: Annotated[str, OneOf(BUYER_REASONS), About.PAYMENT] | None = None
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationResponse(SignedMessage):
    """M4, AuthRes: the gateway's answer; no field of it could name an instrument."""

    TYPE: ClassVar = "dsp-authres+jwt"
    SIGNER: ClassVar = Role.GATEWAY
    MAX_BYTES: ClassVar = 2 * TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.MERCHANT})

    iss: Address
    aud: Address
    in_reply_to: Digest
    ds_hash: Digest
    xid: Xid
    result: Annotated[str, OneOf(RESULTS), About.PAYMENT]
    amount: Amount
    auth_id: Reference | None = None
    auth_exp: Seconds | None = None
    reason: Annotated[str, OneOf(REASONS), About.PAYMENT] | None = None
    receipt: Annotated[str, Signed("Receipt", TOKEN_BYTES)]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResponse(SignedMessage):
    """M5, PRes: the merchant's answer to the wallet, with the gateway's receipt if there is one."""

    TYPE: ClassVar = "dsp-pres+jwt"
    SIGNER: ClassVar = Role.MERCHANT
    MAX_BYTES: ClassVar = 2 * TOKEN_BYTES
    READERS: ClassVar = frozenset({Party.WALLET})

    iss: Address
    aud: Digest
    xid: Xid
    n_c: Nonce
    ds_hash: Digest
    order_id: OrderId
    status: Annotated[str, OneOf(("paid", "declined", "pending", "voided")), About.PAYMENT]
    receipt: Annotated[str, Signed("Receipt", TOKEN_BYTES)] | None = None
    iat: Seconds
