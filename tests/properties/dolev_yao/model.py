"""The payment as symbols: messages, what honest parties check, and what an intruder can make.

**Terms.** A message is a tuple of names. A hash is the term itself (perfect: no collisions), and
knowing a term inside a hash is tracked apart: the halves in a `Dual` stand for their digests and
are known only to who made them or was shown them. Signing needs the signer's key, opening a `Seal`
the gateway's.

**Who.** Honest: buyer `B`, merchant `M`, gateway `G`. The intruder owns the network (reads, drops,
repeats and delivers everything) and, with true certificates, the buyer `C`, the merchant `Y` and
the gateway `X`: he signs as any of them and opens what is sealed to `X`. So a dishonest merchant,
a rogue gateway, a dishonest buyer, and all three together, are each in every search.

**Left out, and why that is fair.** TLS is not modelled: the intruder reads every order, which only
helps him. Nor are revocation, time, passkeys, and operations after authorisation. An order's lines
are one name. Types are exact (`typ` is checked before anything else), so no message is taken for
another kind.

**Weakenings.** `Spec` switches off one binding at a time. The search must find the attack that the
binding is there for; with all of them on it must find none.
"""

from dataclasses import dataclass
from typing import NamedTuple

B, C = "B", "C"
M, Y = "M", "Y"
G, X = "G", "X"
HONEST = {B, M, G}
OWNER = {"card of B": B, "card of C": C}
CARD = {B: "card of B", C: "card of C"}


@dataclass(frozen=True)
class Spec:
    """Which bindings the protocol has; the design has them all.

    Attributes:
        names_gateway: the dual signature names the gateway (`gw`, and the second of `aud`).
        names_merchant: dual signature and payment half name the merchant.
        is_single_use: the gateway admits one request for each (merchant, xid).
        binds_answer: the gateway's answer names request, purchase and signature.
        receipt_names_order: the receipt names the order's hash and the merchant compares it.
        names_offer: the dual signature names the offer (`offer_hash`, `n_c`, `n_m`) and the xid.
        checks_gateway_key: the wallet verifies that the key it seals to is the gateway's own.
    """

    names_gateway: bool = True
    names_merchant: bool = True
    is_single_use: bool = True
    binds_answer: bool = True
    receipt_names_order: bool = True
    names_offer: bool = True
    checks_gateway_key: bool = True


class Offer(NamedTuple):
    """M1, signed by `merchant`; `key` is whose key the payment half is to be sealed to."""

    merchant: str
    xid: str
    n_c: str
    gateway: str
    key: str
    amount: int
    order: str


class OrderHalf(NamedTuple):
    """OI: shown to everyone on the way to the merchant."""

    salt: str
    order: str


class PaymentHalf(NamedTuple):
    """PI: shown to nobody but inside a seal."""

    salt: str
    order: str
    payee: str | None
    amount: int
    instrument: str


class Dual(NamedTuple):
    """The dual signature, signed by `buyer`; the halves stand for their digests."""

    buyer: str
    order_half: OrderHalf
    payment_half: PaymentHalf
    offer: Offer | None
    merchant: str | None
    gateway: tuple[str, str] | None
    amount: int


class Seal(NamedTuple):
    """The payment half sealed to `key`'s owner and bound to `bound_to`."""

    key: str
    bound_to: Dual
    content: PaymentHalf


class Request(NamedTuple):
    """M3, signed by `merchant`."""

    merchant: str
    gateway: str
    xid: str
    dual: Dual
    seal: Seal
    amount: int


class Receipt(NamedTuple):
    """The gateway's word to the buyer."""

    gateway: str
    buyer: str
    xid: str
    dual: Dual
    merchant: str
    amount: int
    order: str | None


class Response(NamedTuple):
    """M4, signed by `gateway`; without `binds_answer` it says only that an amount is approved."""

    gateway: str
    request: Request | None
    amount: int
    receipt: Receipt


class Answer(NamedTuple):
    """M5, signed by `merchant`."""

    merchant: str
    n_c: str
    xid: str
    dual: Dual
    receipt: Receipt


class Agreed(NamedTuple):
    """On what the parties must agree, each time one of them commits."""

    xid: str
    buyer: str
    merchant: str
    gateway: str
    amount: int
    order: str


# ---- what the honest do ----


def wallet_accepts(spec: Spec, offer: Offer) -> bool:
    """Return whether a wallet shows `offer` to the person."""
    return not spec.checks_gateway_key or offer.key == offer.gateway


def sign(spec: Spec, buyer: str, offer: Offer, session: str, order_in_payment: str) -> Dual:
    """Return what a buyer signs for `offer`; a dishonest one may pay for another order."""
    return Dual(
        buyer=buyer,
        order_half=OrderHalf(f"{session} order salt", offer.order),
        payment_half=PaymentHalf(
            f"{session} payment salt",
            order_in_payment,
            offer.merchant if spec.names_merchant else None,
            offer.amount,
            CARD[buyer],
        ),
        offer=offer if spec.names_offer else None,
        merchant=offer.merchant if spec.names_merchant else None,
        gateway=(offer.gateway, offer.key) if spec.names_gateway else None,
        amount=offer.amount,
    )


def merchant_accepts(spec: Spec, offer: Offer, dual: Dual, seal: Seal) -> bool:
    """Return whether a merchant takes this for the payment of its `offer`."""
    return (
        dual.order_half.order == offer.order
        and dual.amount == offer.amount
        and (not spec.names_offer or dual.offer == offer)
        and (not spec.names_merchant or dual.merchant == offer.merchant)
        and (not spec.names_gateway or dual.gateway == (offer.gateway, offer.key))
        and seal.key == offer.key
        and seal.bound_to == dual
    )


def gateway_accepts(spec: Spec, me: str, request: Request) -> bool:
    """Return whether a gateway holds the money for `request`, were it the first of its purchase."""
    dual, half = request.dual, request.seal.content
    return (
        request.gateway == me
        and request.seal.key == me
        and request.seal.bound_to == dual
        and half == dual.payment_half
        and request.amount == dual.amount == half.amount
        and (not spec.names_gateway or dual.gateway == (me, me))
        and (not spec.names_merchant or dual.merchant == half.payee == request.merchant)
        and (not spec.names_offer or (dual.offer is not None and dual.offer.xid == request.xid))
        and OWNER[half.instrument] == dual.buyer
    )


def answer(spec: Spec, request: Request) -> Response:
    """Return a gateway's approval of `request`."""
    dual = request.dual
    receipt = Receipt(
        gateway=request.gateway,
        buyer=dual.buyer,
        xid=request.xid,
        dual=dual,
        merchant=request.merchant,
        amount=request.amount,
        order=dual.payment_half.order if spec.receipt_names_order else None,
    )
    bound = request if spec.binds_answer else None
    return Response(request.gateway, bound, request.amount, receipt)


def response_accepted(spec: Spec, offer: Offer, request: Request, response: Response) -> bool:
    """Return whether a merchant takes `response` for the approval of its `request`."""
    receipt = response.receipt
    if response.gateway != request.gateway or response.amount != request.amount:
        return False
    if not spec.binds_answer:
        return True
    return (
        response.request == request
        and receipt.dual == request.dual
        and receipt.xid == request.xid
        and (receipt.merchant, receipt.amount) == (request.merchant, request.amount)
        and (not spec.receipt_names_order or receipt.order == offer.order)
    )


def buyer_believes(spec: Spec, offer: Offer, dual: Dual, told: Answer) -> bool:
    """Return whether a buyer's wallet says "paid"."""
    receipt = told.receipt
    return (
        (told.merchant, told.n_c, told.xid) == (offer.merchant, offer.n_c, offer.xid)
        and told.dual == dual == receipt.dual
        and receipt.gateway == offer.gateway
        and (receipt.buyer, receipt.xid) == (dual.buyer, offer.xid)
        and (receipt.merchant, receipt.amount) == (offer.merchant, offer.amount)
        and (not spec.receipt_names_order or receipt.order == offer.order)
    )
