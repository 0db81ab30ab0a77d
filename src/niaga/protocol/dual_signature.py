"""The dual signature: one SD-JWT over two salted digests, the order's first, the payment's second.

Shown with the order half it convinces the merchant, shown with the payment half the gateway; the
salt keeps each from guessing the half it does not see out of a catalogue or a list of cards.
"""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.envelope import SKEW_S, Opened, Signer, identify, peek, sign
from niaga.protocol.errors import DisclosureError, SchemaError
from niaga.protocol.formats import jws, sd_jwt
from niaga.protocol.formats.x509 import Identity, Trust
from niaga.protocol.messages import schema
from niaga.protocol.messages.purchase import (
    CheckoutMandate,
    DualSignature,
    Hidden,
    PaymentMandate,
)

LIFETIME_S = 300
ORDER_HALF, PAYMENT_HALF = 0, 1


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


def verify(ds: str, *, trust: Trust, now: datetime) -> Opened[DualSignature]:
    """Return the dual signature, neither half shown.

    Raises:
        MalformedError, UntrustedError: it is not good.
        StaleError: it is not valid at `now`.
        SchemaError: it would live longer than five minutes.
        DisclosureError: its two digests are one.
    """
    identities: list[Identity] = []

    def key_of(token: jws.Token) -> ec.EllipticCurvePublicKey:
        identities.append(identify(token.header, DualSignature, trust=trust, now=now))
        return identities[0].public_key

    sd_jwt.verify(
        f"{ds}~", key_of=key_of, now=now, max_bytes=DualSignature.MAX_BYTES, skew_s=SKEW_S
    )
    token = jws.parse(ds, max_bytes=DualSignature.MAX_BYTES)
    statement = peek(DualSignature, ds)
    if not 0 < statement.exp - statement.iat <= LIFETIME_S:
        raise SchemaError("a dual signature lives five minutes at most")
    return Opened(statement, identities[0], token.digest, ds)


def show_order_half(signature: Opened[DualSignature], oi: str) -> CheckoutMandate:
    """Return the order half of a verified signature; see `show_payment_half`."""
    return _show(signature, oi, ORDER_HALF, CheckoutMandate)


def show_payment_half(signature: Opened[DualSignature], disclosure: str) -> PaymentMandate:
    """Return the payment half of a verified signature.

    Raises:
        DisclosureError: it is not what the signature holds the digest of, in the half's own place,
            or breaks a rule of RFC 9901.
        SchemaError: it is no such half.
    """
    return _show(signature, disclosure, PAYMENT_HALF, PaymentMandate)


def _show[H: (CheckoutMandate, PaymentMandate)](
    signature: Opened[DualSignature], disclosure: str, place: int, kind: type[H]
) -> H:
    token = jws.parse(signature.text, max_bytes=DualSignature.MAX_BYTES)
    claims = sd_jwt.reveal(jws.claims(token), [disclosure])
    if signature.message.delegate_payload[place].digest != sd_jwt.digest(disclosure):
        raise DisclosureError("the half is not in its own place")
    (value,) = claims["delegate_payload"]
    return schema.read(kind, value)
