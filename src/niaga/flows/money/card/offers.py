"""The two messages with the buyer's wallet: the offer that is signed for it, the answer to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.settings import needed_settings
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.card.trust import known_gateway, trust_in
from niaga.flows.money.models import Authorization
from niaga.flows.money.states import AuthorizationState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.protocol.envelope import Opened, Signer, peek, read_plain, write_plain
from niaga.protocol.errors import MismatchError
from niaga.protocol.formats import jws
from niaga.protocol.formats.x509 import Identity, Role, Use, read_chain
from niaga.protocol.merchant import purchase
from niaga.protocol.messages.parts import Amount
from niaga.protocol.messages.purchase import (
    AuthorizationResponse,
    DualSignature,
    Line,
    PaymentRequest,
    PurchaseInit,
)

MOST_NAME = 120
MOST_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One line of what is paid; a discount's `total` is negative."""

    kind: Literal["item", "delivery", "discount"]
    name: str
    quantity: int
    total: Money
    seller: str


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What is offered: the whole purchase; its lines add up to `amount`."""

    lines: tuple[OfferLine, ...]
    amount: Money
    deliver_to: str
    expires_at: datetime
    refund_until: datetime


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer: the two tokens to keep, and the message to send."""

    xid: str
    offer: str
    checkout: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A buyer's request that fits its offer, and the request to the bank that was made of it."""

    text: str
    ds_hash: str
    auth_req: str


def make_offer(asked: bytes, terms: OfferTerms) -> MadeOffer:
    """Return the offer of `terms` in answer to the wallet's question.

    Raises:
        ProtocolError: the question is not one, or of another brand.
        UnreachableError: the gateway's certificates can't be had.
    """
    question = read_plain(PurchaseInit, asked)
    known, signer, mine = known_gateway(), _signer(), needed_settings()
    trust_in(signer.chain)  # the list by which this offer is judged later is kept
    if question.brand != known.gateway.signing.brand:
        raise MismatchError("brand")
    made = purchase.make_offer(
        question,
        purchase.Terms(
            payee=mine.name,
            lines=[_line(line) for line in terms.lines],
            amount=_amount(terms.amount),
            deliver_to=_text(terms.deliver_to, MOST_ADDRESS) or None,
            refund_until_s=int(terms.refund_until.timestamp()),
            expires_s=int(terms.expires_at.timestamp()),
        ),
        known.gateway,
        address=mine.address,
        signer=signer,
        told=known.told,
        now=clock.now(),
    )
    return MadeOffer(made.xid, made.offer, made.checkout, write_plain(made.answer))


def read_request(body: bytes) -> PaymentRequest:
    """Return the wallet's request, not yet checked; raises ProtocolError."""
    return read_plain(PaymentRequest, body)


def request_xid(request: PaymentRequest) -> str:
    """Return the purchase identifier a request claims to answer; raises ProtocolError."""
    return purchase.xid_of(request)


def check_request(request: PaymentRequest, *, row: Authorization, live: Money) -> SignedRequest:
    """Return the request as it is to be kept, with what the bank will be asked.

    `live` is what the purchase costs now.

    Raises:
        ProtocolError: signature, certificate or any part does not hold or fit.
        UnreachableError: the key that signed the offer is gone.
    """
    now = clock.now()
    header = jws.parse(request.ds, max_bytes=DualSignature.MAX_BYTES).header
    checked = purchase.check_request(
        request,
        offer=row.offer,
        checkout=row.checkout,
        live_amount=_amount(live),
        trust=trust_in(read_chain(header.get("x5c"))),
        now=now,
    )
    signer = Cabinet(needed_settings().folder).named(checked.signature.message.merchant_x5t)
    if signer is None:
        raise UnreachableError("the key of this offer is gone")
    auth_req = purchase.request_authorization(checked, signer=signer, now=now)
    return SignedRequest(write_plain(request).decode(), checked.signature.digest, auth_req)


def is_same(request: PaymentRequest, row: Authorization) -> bool:
    """Say whether `request` carries the signature that the row was requested with."""
    return jws.parse(request.ds, max_bytes=DualSignature.MAX_BYTES).digest == row.ds_hash


def answer_buyer(row: Authorization, *, reference: str, ds: str = "") -> str:
    """Return the signed answer to the buyer (PRes) about a try that was requested.

    `ds` is the try's signature, where the caller has it at hand.
    """
    receipt = peek(AuthorizationResponse, row.auth_res).receipt if row.auth_res else None
    status = {
        AuthorizationState.REQUESTED: "pending",
        AuthorizationState.APPROVED: "paid",
        AuthorizationState.DECLINED: "declined",
        AuthorizationState.VOIDED: "voided",
    }[AuthorizationState(row.state)]
    return purchase.answer_payment(
        _recalled(ds or read_plain(PaymentRequest, row.request.encode()).ds),
        order_id=reference,
        status=status,
        receipt=receipt if status in {"paid", "declined"} else None,
        signer=_signer(),
        now=clock.now(),
    )


def _recalled(ds: str) -> Opened[DualSignature]:
    """Return a signature that was verified when it came."""
    token = jws.parse(ds, max_bytes=DualSignature.MAX_BYTES)
    chain = read_chain(token.header["x5c"])
    buyer = Identity(Role.CARDHOLDER, "", "", "", chain[0], chain)
    return Opened(peek(DualSignature, ds), buyer, token.digest, ds)


def _signer() -> Signer:
    found = Cabinet(needed_settings().folder).current(Use.SIGN)
    if found is None:
        raise UnreachableError("the market has no certificate to sign with")
    return found


def _amount(money: Money) -> Amount:
    return Amount(currency=money.currency, minor=money.minor)


def _line(line: OfferLine) -> Line:
    return Line(
        kind=line.kind,
        name=_text(line.name, MOST_NAME) or "-",
        quantity=line.quantity,
        total_minor=line.total.minor,
        seller=_text(line.seller, MOST_NAME) or None,
    )


def _text(text: str, longest: int) -> str:
    """Return `text` as the protocol's texts are: one line, no control characters, not too long."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:longest].strip()
