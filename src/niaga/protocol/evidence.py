"""Proof of a purchase for someone who was not there, from stored tokens and root certificates.

Every signature is judged at the time its token says it was made, by a status list of that time;
every link between tokens is checked by the functions the parties themselves used. What it proves is
what was signed, and by whose key; not that goods arrived, nor that a buyer's device was honest.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from niaga.protocol import dual_signature, links
from niaga.protocol.envelope import (
    SKEW_S,
    Opened,
    Signer,
    open_signed,
    peek,
    require,
    sign,
    type_of,
)
from niaga.protocol.errors import EvidenceError, ProtocolError
from niaga.protocol.formats import base64url, status_list
from niaga.protocol.formats.status_list import StatusList
from niaga.protocol.formats.x509 import Identity, Trust, public_key, read_certificate, thumbprint
from niaga.protocol.messages.operations import OPERATION_NAMES, OperationResponse
from niaga.protocol.messages.parts import Amount, SignedMessage
from niaga.protocol.messages.proof import Exchange, GatewayEvidence, MerchantEvidence
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    AuthorizationResponse,
    Checkout,
    DualSignature,
    Offer,
    PaymentResponse,
    Receipt,
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One operation that the gateway confirmed it did."""

    operation: str
    amount: Amount | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What the evidence establishes.

    Attributes:
        xid: the purchase.
        merchant, gateway, buyer, exporter: who signed.
        amount: what buyer, merchant and gateway all signed.
        result: the gateway's answer.
        signed_at: when the buyer signed.
        order: the order, where the evidence holds it.
        moved: the operations confirmed since.
    """

    xid: str
    merchant: Identity
    gateway: Identity
    buyer: Identity
    exporter: Identity
    amount: Amount
    result: str
    signed_at: datetime
    order: Checkout | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What both sides keep of a purchase, byte for byte.

    Attributes:
        auth_req, auth_res: the request to the gateway and its answer.
        operations: pairs of request and answer, those that were done, in their order.
        authorities: the certificates of all who issued a certificate used, the root included.
        statuses: their status lists, each as it was fetched in its time.
    """

    auth_req: str
    auth_res: str
    operations: Sequence[tuple[str, str]]
    authorities: Collection[x509.Certificate]
    statuses: Collection[str]


def export_merchant(
    kept: Kept,
    *,
    offer: str,
    checkout: str,
    oi: str,
    pres: str | None,
    signer: Signer,
    now: datetime,
) -> str:
    """Return the merchant's evidence of a purchase: what both keep, the order, and its answer."""
    terms = peek(Offer, offer)
    evidence = MerchantEvidence(
        iss=terms.iss,
        xid=terms.xid,
        offer=offer,
        checkout_jwt=checkout,
        oi=oi,
        pres=pres,
        iat=int(now.timestamp()),
        **_write_kept(kept),
    )
    return sign(evidence, signer)


def export_gateway(kept: Kept, *, payment_half: str, signer: Signer, now: datetime) -> str:
    """Return the gateway's evidence of a purchase: what both keep, and the payment half."""
    asked = peek(AuthorizationRequest, kept.auth_req)
    evidence = GatewayEvidence(
        iss=asked.aud,
        xid=asked.xid,
        payment_half=payment_half,
        iat=int(now.timestamp()),
        **_write_kept(kept),
    )
    return sign(evidence, signer)


def verify(text: str, *, roots: Collection[x509.Certificate]) -> Proof:
    """Return what the evidence proves to someone who trusts `roots` alone. It needs no network.

    Raises:
        EvidenceError: something in it does not hold; the cause is the error that was found.
    """
    try:
        if type_of(text) == GatewayEvidence.TYPE:
            return _verify_gateway(text, roots)
        return _verify_merchant(text, roots)
    except ProtocolError as error:
        raise EvidenceError(f"{error.code}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Court:
    """Opens tokens at the time they were made, by the status lists of that time."""

    roots: tuple[x509.Certificate, ...]
    lists: tuple[StatusList, ...]

    def trust(self, seconds: int) -> Trust:
        found: Mapping[str, StatusList] = {
            listed.subject: listed
            for listed in self.lists
            if listed.issued_s - SKEW_S <= seconds < listed.expires_s
        }
        return Trust(self.roots, found)

    def open[M: SignedMessage](self, kind: type[M], text: str) -> Opened[M]:
        seconds: int = getattr(peek(kind, text), "iat")  # noqa: B009 - every token has one
        at = datetime.fromtimestamp(seconds, UTC)
        return open_signed(kind, text, trust=self.trust(seconds), now=at)


def _court(
    evidence: MerchantEvidence | GatewayEvidence, roots: Collection[x509.Certificate]
) -> _Court:
    certificates = [read_certificate(base64url.decode(text)) for text in evidence.authorities]
    known = {thumbprint(certificate): certificate for certificate in (*roots, *certificates)}
    lists = []
    for text in evidence.statuses:
        subject, issued_at = status_list.claimed(text)
        if subject not in known:
            raise EvidenceError("a status list of an unknown authority")
        key = public_key(known[subject])
        lists.append(status_list.verify(text, key, subject=subject, now=issued_at))
    return _Court(tuple(roots), tuple(lists))


def _verify_merchant(text: str, roots: Collection[x509.Certificate]) -> Proof:
    evidence = peek(MerchantEvidence, text)
    court = _court(evidence, roots)
    exporter = court.open(MerchantEvidence, text).identity
    offer, checkout = (
        court.open(Offer, evidence.offer),
        court.open(Checkout, evidence.checkout_jwt),
    )
    links.check_order(offer, checkout)
    terms = offer.message
    require(agree=(evidence.iss, evidence.xid) == (terms.iss, terms.xid), what="evidence")
    request = court.open(AuthorizationRequest, evidence.auth_req)
    at, trust = _moment(court, request.message)
    signature = dual_signature.verify(request.message.ds, trust=trust, now=at)
    mandate = dual_signature.show_order_half(signature, evidence.oi)
    links.check_signed_offer(
        signature.message,
        terms,
        offer_hash=offer.digest,
        merchant_x5t=offer.identity.thumbprint,
    )
    links.check_order_half(mandate, terms, checkout=evidence.checkout_jwt)
    proof = _verify_answers(court, evidence, request, signature, exporter, checkout.digest)
    if evidence.pres is not None:
        _verify_pres(court, evidence, terms, signature)
    return replace(proof, order=checkout.message)


def _verify_gateway(text: str, roots: Collection[x509.Certificate]) -> Proof:
    evidence = peek(GatewayEvidence, text)
    court = _court(evidence, roots)
    exporter = court.open(GatewayEvidence, text).identity
    request = court.open(AuthorizationRequest, evidence.auth_req)
    asked = request.message
    require(agree=(evidence.iss, evidence.xid) == (asked.aud, asked.xid), what="evidence")
    at, trust = _moment(court, asked)
    signature = dual_signature.verify(asked.ds, trust=trust, now=at)
    mandate = dual_signature.show_payment_half(signature, evidence.payment_half)
    links.check_payment_half(mandate, signature.message, request.identity)
    return _verify_answers(court, evidence, request, signature, exporter, mandate.transaction_id)


def _moment(court: _Court, asked: AuthorizationRequest) -> tuple[datetime, Trust]:
    seconds = peek(DualSignature, asked.ds).iat
    return datetime.fromtimestamp(seconds, UTC), court.trust(seconds)


def _verify_answers(
    court: _Court,
    evidence: MerchantEvidence | GatewayEvidence,
    request: Opened[AuthorizationRequest],
    signature: Opened[DualSignature],
    exporter: Identity,
    checkout_hash: str,
) -> Proof:
    asked, signed = request.message, signature.message
    links.check_request(request, signature)
    links.check_seal(asked.pi, signature)
    response = court.open(AuthorizationResponse, evidence.auth_res)
    said = response.message
    links.check_response(said, asked, in_reply_to=request.digest, ds_hash=signature.digest)
    receipt = court.open(Receipt, said.receipt)
    purchase = links.Purchase(
        gateway=asked.aud,
        buyer=signature.identity.thumbprint,
        xid=asked.xid,
        ds_hash=signature.digest,
        merchant=asked.iss,
        merchant_x5t=request.identity.thumbprint,
        amount=asked.amount,
        checkout_hash=checkout_hash,
    )
    links.check_receipt(receipt.message, purchase)
    links.check_receipt_of(receipt.message, said)
    return Proof(
        xid=asked.xid,
        merchant=request.identity,
        gateway=response.identity,
        buyer=signature.identity,
        exporter=exporter,
        amount=signed.amount,
        result=said.result,
        signed_at=datetime.fromtimestamp(signed.iat, UTC),
        order=None,
        moved=tuple(_moved(court, asked, exchange) for exchange in evidence.operations),
    )


def _verify_pres(
    court: _Court, evidence: MerchantEvidence, terms: Offer, signature: Opened[DualSignature]
) -> None:
    assert evidence.pres is not None
    answer = court.open(PaymentResponse, evidence.pres).message
    buyer = signature.identity.thumbprint
    links.check_answer(answer, terms, buyer=buyer, ds_hash=signature.digest)
    if answer.receipt is not None:
        receipt = peek(AuthorizationResponse, evidence.auth_res).receipt
        require(agree=answer.receipt == receipt, what="pres receipt")
        links.check_status(answer, peek(Receipt, receipt))


def _moved(court: _Court, asked: AuthorizationRequest, exchange: Exchange) -> Moved:
    kind = next((k for k in OPERATION_NAMES if type_of(exchange.request) == k.TYPE), None)
    if kind is None:
        raise EvidenceError("not an operation")
    request = court.open(kind, exchange.request)
    response = court.open(OperationResponse, exchange.response)
    said, wanted = response.message, request.message
    for name, expected in (
        ("iss", asked.aud),
        ("aud", asked.iss),
        ("xid", asked.xid),
        ("in_reply_to", request.digest),
        ("op", OPERATION_NAMES[kind]),
    ):
        require(agree=getattr(said, name) == expected, what=f"operation {name}")
    for name, expected in (("iss", asked.iss), ("aud", asked.aud), ("xid", asked.xid)):
        require(agree=getattr(wanted, name) == expected, what=f"operation {name}")
    if said.result != "done":
        raise EvidenceError("an operation that was not done")
    amount: Amount | None = getattr(wanted, "amount")  # noqa: B009 - every operation has one
    return Moved(said.op, amount, datetime.fromtimestamp(said.iat, UTC))


def _write_kept(kept: Kept) -> dict[str, Any]:
    return {
        "auth_req": kept.auth_req,
        "auth_res": kept.auth_res,
        "operations": tuple(Exchange(request=q, response=a) for q, a in kept.operations),
        "authorities": tuple(
            base64url.encode(c.public_bytes(serialization.Encoding.DER)) for c in kept.authorities
        ),
        "statuses": tuple(kept.statuses),
    }
