"""The dual signature: one SD-JWT over two salted digests, the order's first, the payment's second.

Shown with the order half it convinces the merchant, shown with the payment half the gateway; the
salt keeps each from guessing the half it does not see out of a catalogue or a list of cards.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from niaga.protocol.envelope import SKEW_S, Opened, Signer, check_issue, identify, sign
from niaga.protocol.errors import DisclosureError, SchemaError
from niaga.protocol.formats import base64url, jws, sd_jwt, strict_json
from niaga.protocol.formats.x509 import Identity, Trust
from niaga.protocol.messages import schema
from niaga.protocol.messages.purchase import (
    MANDATE_BYTES,
    CheckoutMandate,
    DualSignature,
    Hidden,
    PaymentMandate,
)

LIFETIME_S = 300
ORDER_HALF, PAYMENT_HALF = 0, 1


@dataclass(frozen=True, slots=True)
class Half[H]:
    """The dual signature together with the one half that was shown.

    Attributes:
        signature: the verified dual signature.
        mandate: the half.
    """

    signature: Opened[DualSignature]
    mandate: H


def disclose(mandate: CheckoutMandate | PaymentMandate) -> str:
    """Return the half as a disclosure with a fresh salt."""
    return sd_jwt.disclose(schema.write(mandate))


def hide(disclosure: str) -> Hidden:
    """Return what the signature holds of a half."""
    return Hidden(digest=sd_jwt.digest(disclosure))


def make(statement: DualSignature, signer: Signer) -> str:
    """Return the signed token, without disclosures."""
    return sign(statement, signer)


def present(ds: str, half: str) -> str:
    """Return signature and half as one SD-JWT presentation, as any RFC 9901 verifier reads it."""
    return f"{ds}~{half}~"


def verify_order_half(ds: str, oi: str, *, trust: Trust, now: datetime) -> Half[CheckoutMandate]:
    """Return signature and order half; see `verify_half`."""
    return _verify_half(ds, oi, ORDER_HALF, CheckoutMandate, trust, now)


def verify_payment_half(
    ds: str, disclosure: str, *, trust: Trust, now: datetime
) -> Half[PaymentMandate]:
    """Return signature and payment half.

    Raises:
        MalformedError, UntrustedError: the signature itself is not good.
        StaleError: it is not valid at `now`, or for longer than five minutes.
        DisclosureError: exactly two distinct digests, exactly one disclosure, and that one in the
            half's own place: one of these is not so.
    """
    return _verify_half(ds, disclosure, PAYMENT_HALF, PaymentMandate, trust, now)


def verify(ds: str, *, trust: Trust, now: datetime) -> Opened[DualSignature]:
    """Return the dual signature alone, neither half shown."""
    identities: list[Identity] = []
    sd_jwt.verify(
        f"{ds}~",
        key_of=lambda token: _key_of(token, trust, now, identities),
        now=now,
        max_bytes=DualSignature.MAX_BYTES,
        skew_s=SKEW_S,
    )
    return _opened(ds, identities[0], now)


def _verify_half[H: (CheckoutMandate, PaymentMandate)](
    ds: str, disclosure: str, place: int, kind: type[H], trust: Trust, now: datetime
) -> Half[H]:
    identities: list[Identity] = []
    claims = sd_jwt.verify(
        present(ds, disclosure),
        key_of=lambda token: _key_of(token, trust, now, identities),
        now=now,
        max_bytes=DualSignature.MAX_BYTES + MANDATE_BYTES * 2,
        skew_s=SKEW_S,
    )
    opened = _opened(ds, identities[0], now)
    if opened.message.delegate_payload[place].digest != sd_jwt.digest(disclosure):
        raise DisclosureError("the half is not in its own place")
    (value,) = claims["delegate_payload"]
    return Half(opened, schema.read(kind, value))


def _key_of(token: jws.Token, trust: Trust, now: datetime, identities: list[Identity]) -> Any:
    identity = identify(token.header, DualSignature, trust=trust, now=now)
    identities.append(identity)
    return identity.public_key


def _opened(ds: str, identity: Identity, now: datetime) -> Opened[DualSignature]:
    token = jws.parse(ds, max_bytes=DualSignature.MAX_BYTES)
    payload = strict_json.read_object(token.payload, max_bytes=DualSignature.MAX_BYTES)
    statement = schema.read(DualSignature, payload)
    check_issue(statement, identity, now)
    if not 0 < statement.exp - statement.iat <= LIFETIME_S:
        raise SchemaError("a dual signature lives five minutes at most")
    order, payment = statement.delegate_payload
    if order.digest == payment.digest:
        raise DisclosureError("two halves with one digest")
    return Opened(statement, identity, token.digest, ds)


def read_half[H: (CheckoutMandate, PaymentMandate)](disclosure: str, kind: type[H]) -> H:
    """Return a half by itself, for who made it."""
    parts = strict_json.read(base64url.decode(disclosure), max_bytes=MANDATE_BYTES)
    return schema.read(kind, parts[-1])
