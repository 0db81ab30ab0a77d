"""How the messages of one purchase hold together: every pair of values that must agree.

Each party checks the links it can see when a message arrives; evidence is checked by the same
functions afterwards. All raise MismatchError naming the link, or SchemaError for what is missing.
"""

from dataclasses import dataclass

from niaga.protocol.envelope import Opened, require
from niaga.protocol.errors import SchemaError
from niaga.protocol.formats import jwe
from niaga.protocol.formats.x509 import Identity
from niaga.protocol.messages.parts import Amount
from niaga.protocol.messages.purchase import (
    PI_TOKEN_BYTES,
    AuthorizationRequest,
    AuthorizationResponse,
    Checkout,
    CheckoutMandate,
    DualSignature,
    Offer,
    PaymentMandate,
    PaymentResponse,
    Receipt,
)

_RESULT_OF = {"paid": "approved", "declined": "declined", "pending": "pending"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a receipt must be about, from whichever tokens its reader holds."""

    gateway: str
    buyer: str
    xid: str
    ds_hash: str
    merchant: str
    merchant_x5t: str
    amount: Amount
    checkout_hash: str


def check_order(offer: Opened[Offer], checkout: Opened[Checkout]) -> None:
    """Check that the order is the one offered, by the same merchant, and adds up."""
    terms, order, merchant = offer.message, checkout.message, offer.identity
    require(agree=checkout.identity.thumbprint == merchant.thumbprint, what="checkout signer")
    require(agree=order.xid == terms.xid, what="checkout xid")
    require(agree=checkout.digest == terms.checkout_hash, what="checkout_hash")
    require(agree=order.payee == merchant.name, what="payee")
    require(agree=order.amount == terms.amount, what="amount")
    total = sum(line.total_minor for line in order.lines)
    require(agree=total == terms.amount.minor, what="sum of the lines")


def check_signed_offer(
    signed: DualSignature, terms: Offer, *, offer_hash: str, merchant_x5t: str
) -> None:
    """Check that the buyer signed this offer, of this merchant's certificate, for this gateway."""
    require(agree=signed.xid == terms.xid, what="xid")
    require(agree=signed.offer_hash == offer_hash, what="offer_hash")
    require(agree=signed.n_c == terms.n_c, what="n_c")
    require(agree=signed.n_m == terms.n_m, what="n_m")
    require(agree=signed.aud == (terms.iss, terms.gw.id), what="aud")
    require(agree=signed.merchant_x5t == merchant_x5t, what="merchant_x5t")
    require(agree=signed.gw.id == terms.gw.id, what="gw.id")
    require(agree=signed.gw.enc_x5t == terms.gw.enc_x5t, what="gw.enc_x5t")
    require(agree=signed.amount == terms.amount, what="amount")


def check_order_half(mandate: CheckoutMandate, terms: Offer, *, checkout: str) -> None:
    """Check that the order half is the order offered, byte for byte."""
    require(agree=mandate.checkout_jwt == checkout, what="checkout_jwt")
    require(agree=mandate.checkout_hash == terms.checkout_hash, what="checkout_hash")


def check_payment_half(mandate: PaymentMandate, signed: DualSignature, merchant: Identity) -> None:
    """Check that the payment half pays this merchant this amount."""
    require(agree=mandate.payee.id == merchant.subject, what="payee id")
    require(agree=mandate.payee.name == merchant.name, what="payee name")
    require(agree=mandate.payment_amount == signed.amount, what="payment_amount")


def check_seal(pi: str, signature: Opened[DualSignature]) -> jwe.Seal:
    """Return the seal, checked to be for the gateway, purchase and signature it came with."""
    signed = signature.message
    seal = jwe.inspect(pi, max_bytes=PI_TOKEN_BYTES)
    require(agree=seal.kid == signed.gw.enc_x5t, what="pi kid")
    require(agree=seal.apu == signed.xid, what="pi apu")
    require(agree=seal.apv == signature.digest, what="pi apv")
    return seal


def check_request(request: Opened[AuthorizationRequest], signature: Opened[DualSignature]) -> None:
    """Check that the merchant asks for what the buyer signed, and the gateway the buyer meant."""
    asked, signed, merchant = request.message, signature.message, request.identity
    require(agree=signed.aud == (asked.iss, asked.aud), what="ds aud")
    require(agree=signed.merchant_x5t == merchant.thumbprint, what="ds merchant_x5t")
    require(agree=signed.gw.id == asked.aud, what="ds gw.id")
    require(agree=signed.xid == asked.xid, what="xid")
    require(agree=signed.offer_hash == asked.offer_hash, what="offer_hash")
    require(agree=signed.amount == asked.amount, what="amount")
    require(agree=signature.identity.brand == merchant.brand, what="brand")


def check_response(
    said: AuthorizationResponse, asked: AuthorizationRequest, *, in_reply_to: str, ds_hash: str
) -> None:
    """Check that the gateway answers this request, and tells what such an answer must tell."""
    require(agree=said.iss == asked.aud, what="iss")
    require(agree=said.aud == asked.iss, what="aud")
    require(agree=said.in_reply_to == in_reply_to, what="in_reply_to")
    require(agree=said.xid == asked.xid, what="xid")
    require(agree=said.ds_hash == ds_hash, what="ds_hash")
    require(agree=said.amount == asked.amount, what="amount")
    check_result(said.result, said.auth_id, said.auth_exp, said.reason)


def check_result(
    result: str, auth_id: str | None, auth_exp_s: int | None, reason: str | None
) -> None:
    """Check that an approval has its id and end, a refusal its reason, and neither the other's."""
    approved = result == "approved"
    if (auth_id is not None, auth_exp_s is not None) != (approved, approved):
        raise SchemaError("auth_id and its end are an approval's, and an approval's always")
    if (reason is not None) != (result == "declined"):
        raise SchemaError("a reason is a refusal's, and a refusal's always")


def check_receipt(receipt: Receipt, purchase: Purchase) -> None:
    """Check that a receipt is about this purchase, and approves with an id or not at all."""
    for name, expected in (
        ("iss", purchase.gateway),
        ("aud", purchase.buyer),
        ("xid", purchase.xid),
        ("ds_hash", purchase.ds_hash),
        ("merchant", purchase.merchant),
        ("merchant_x5t", purchase.merchant_x5t),
        ("amount", purchase.amount),
        ("checkout_hash", purchase.checkout_hash),
    ):
        require(agree=getattr(receipt, name) == expected, what=f"receipt {name}")
    if (receipt.result == "approved") != (receipt.auth_id is not None):
        raise SchemaError("a receipt's auth_id is an approval's, and an approval's always")
    if receipt.reason is not None and receipt.result != "declined":
        raise SchemaError("a receipt's reason is a refusal's")


def check_receipt_of(receipt: Receipt, said: AuthorizationResponse) -> None:
    """Check that the gateway tells the buyer what it tells the merchant, or less of the reason."""
    for name in ("iss", "xid", "ds_hash", "amount", "result", "auth_id"):
        agree = getattr(receipt, name) == getattr(said, name)
        require(agree=agree, what=f"receipt {name}")
    require(agree=receipt.reason in {None, "declined", said.reason}, what="receipt reason")


def check_answer(said: PaymentResponse, terms: Offer, *, buyer: str, ds_hash: str) -> None:
    """Check that the merchant answers this purchase of this buyer."""
    require(agree=said.iss == terms.iss, what="iss")
    require(agree=said.aud == buyer, what="aud")
    require(agree=said.xid == terms.xid, what="xid")
    require(agree=said.n_c == terms.n_c, what="n_c")
    require(agree=said.ds_hash == ds_hash, what="ds_hash")
    if said.receipt is None and said.status == "paid":
        raise SchemaError("paid, without the gateway's receipt")


def check_status(said: PaymentResponse, receipt: Receipt) -> None:
    """Check that the merchant says what the receipt says; a voided payment may once have held."""
    expected = _RESULT_OF.get(said.status)
    require(agree=expected in {None, receipt.result}, what="status")
