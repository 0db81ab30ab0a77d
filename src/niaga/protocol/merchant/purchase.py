"""Offer, check what the buyer signed, ask the gateway, check its answer, answer the buyer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from niaga.protocol import dual_signature, links
from niaga.protocol.envelope import (
    Opened,
    Signer,
    check_live,
    digest_of,
    open_signed,
    peek,
    require,
    sign,
)
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.x509 import (
    Identity,
    Role,
    Trust,
    Use,
    read_chain,
    thumbprint,
    verify_chain,
)
from niaga.protocol.merchant.answers import open_answer
from niaga.protocol.messages.enrolment import GatewayCertificates
from niaga.protocol.messages.parts import Amount, SignedMessage
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    AuthorizationResponse,
    Checkout,
    DualSignature,
    Line,
    Offer,
    OfferAnswer,
    OfferedGateway,
    PaymentRequest,
    PaymentResponse,
    PurchaseInit,
    Receipt,
)


class Offers(Protocol):
    """What a merchant must remember of its offers; its caller keeps it in a database."""

    def claim(self, xid: str, ds_hash: str) -> None:
        """Bind an open offer to the one dual signature it is paid by.

        Called in the transaction that commits the order. The same `ds_hash` again changes nothing;
        another one raises, so an offer is answered once.
        """


@dataclass(frozen=True, slots=True)
class Gateway:
    """A merchant's acquirer: where it is and by which certificates it signs and opens."""

    id: str
    url: str
    signing: Identity
    opening: Identity


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered: the order's lines (their totals add up to `amount`) and until when."""

    payee: str
    lines: Sequence[Line]
    amount: Amount
    deliver_to: str | None
    refund_until_s: int
    expires_s: int


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer as sent and as the merchant must keep it: by `xid`, both tokens byte for byte."""

    xid: str
    offer: str
    checkout: str
    answer: OfferAnswer


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A payment request that is the buyer's own and fits the offer.

    Attributes:
        signature: the verified dual signature; its digest is `ds_hash`.
        pi: the sealed instruction, to be passed on as it is.
    """

    signature: Opened[DualSignature]
    pi: str

    @property
    def buyer(self) -> Identity:
        """Who signed."""
        return self.signature.identity


@dataclass(frozen=True, slots=True)
class Authorization:
    """The gateway's answer and its receipt for the buyer, both verified."""

    response: Opened[AuthorizationResponse]
    receipt: Opened[Receipt]


def new_xid() -> str:
    """Return a fresh purchase identifier (160 bits)."""
    return base64url.encode(secrets.token_bytes(20))


def new_reference() -> str:
    """Return a fresh 128-bit identifier for a message."""
    return base64url.encode(secrets.token_bytes(16))


def know_gateway(told: GatewayCertificates, *, url: str, trust: Trust, now: datetime) -> Gateway:
    """Return the gateway whose certificates were fetched from its well-known address.

    Raises:
        UntrustedError: a chain is not a gateway's, or not valid at `now`.
        MismatchError: the certificates are another gateway's, or `url` is not at its address.
    """
    signing, opening = (
        verify_chain(read_chain(list(chain)), role=Role.GATEWAY, use=use, trust=trust, now=now)
        for chain, use in ((told.sig_x5c, Use.SIGN), (told.enc_x5c, Use.ENCRYPT))
    )
    require(agree=signing.subject == opening.subject == told.id, what="gateway id")
    require(agree=f"{url}/".startswith(f"{told.id}/"), what="gateway url")
    return Gateway(told.id, url, signing, opening)


def make_offer(
    asked: PurchaseInit,
    terms: Terms,
    gateway: Gateway,
    *,
    address: str,
    signer: Signer,
    told: GatewayCertificates,
    now: datetime,
) -> MadeOffer:
    """Return M1: a signed offer of `terms` in answer to `asked`, under a fresh xid.

    `address` is the merchant's own; `told` are the gateway's chains to pass on to the wallet.
    """
    require(
        agree=sum(line.total_minor for line in terms.lines) == terms.amount.minor, what="amount"
    )
    xid, seconds = new_xid(), int(now.timestamp())
    checkout = sign(
        Checkout(
            iss=address,
            xid=xid,
            salt=new_reference(),
            payee=terms.payee,
            lines=tuple(terms.lines),
            amount=terms.amount,
            deliver_to=terms.deliver_to,
            iat=seconds,
        ),
        signer,
    )
    offer = sign(
        Offer(
            iss=address,
            xid=xid,
            n_c=asked.n_c,
            n_m=new_reference(),
            amount=terms.amount,
            gw=OfferedGateway(
                id=gateway.id,
                url=gateway.url,
                sig_x5t=gateway.signing.thumbprint,
                enc_x5t=gateway.opening.thumbprint,
            ),
            checkout_hash=digest_of(checkout, Checkout),
            capture="manual",
            refund_until=terms.refund_until_s,
            iat=seconds,
            exp=terms.expires_s,
        ),
        signer,
    )
    answer = OfferAnswer(
        offer=offer, checkout_jwt=checkout, gw_sig_x5c=told.sig_x5c, gw_enc_x5c=told.enc_x5c
    )
    return MadeOffer(xid, offer, checkout, answer)


def check_request(
    request: PaymentRequest,
    *,
    offer: str,
    checkout: str,
    live_amount: Amount,
    trust: Trust,
    now: datetime,
) -> CheckedRequest:
    """Return the buyer's payment request (PReq), checked against the merchant's own tokens.

    `offer` and `checkout` are those kept for the request's xid (`xid_of`), `live_amount` what the
    order costs now. That the offer is answered once is the caller's (`Offers.claim`).

    Raises:
        MalformedError, UntrustedError, DisclosureError: the signature or the order half is bad.
        StaleError: offer or signature has expired.
        MismatchError: it answers another offer, order, amount or gateway, or the seal is not for
            this gateway, purchase and signature.
    """
    terms = peek(Offer, offer)
    check_live(terms.exp, now)
    signature = dual_signature.verify(request.ds, trust=trust, now=now)
    mandate = dual_signature.show_order_half(signature, request.oi)
    signed = signature.message
    links.check_signed_offer(
        signed, terms, offer_hash=digest_of(offer, Offer), merchant_x5t=_signer_of(Offer, offer)
    )
    require(agree=signed.amount == live_amount, what="live amount")
    links.check_order_half(mandate, terms, checkout=checkout)
    links.check_seal(request.pi, signature)
    return CheckedRequest(signature, request.pi)


def xid_of(request: PaymentRequest) -> str:
    """Return the purchase a payment request claims to answer, for finding the kept offer."""
    return peek(DualSignature, request.ds).xid


def _signer_of(kind: type[SignedMessage], token: str) -> str:
    parsed = jws.parse(token, max_bytes=kind.MAX_BYTES)
    return thumbprint(read_chain(parsed.header["x5c"])[0])


def request_authorization(checked: CheckedRequest, *, signer: Signer, now: datetime) -> str:
    """Return M3, AuthReq, to be kept and resent byte for byte.

    `signer` must be the one that signed the offer: the buyer signed for that certificate.
    """
    signed = checked.signature.message
    require(agree=signer.thumbprint == signed.merchant_x5t, what="merchant_x5t")
    address, gateway = signed.aud
    request = AuthorizationRequest(
        iss=address,
        aud=gateway,
        jti=new_reference(),
        xid=signed.xid,
        ds=checked.signature.text,
        pi=checked.pi,
        amount=signed.amount,
        offer_hash=signed.offer_hash,
        iat=int(now.timestamp()),
        deadline=signed.exp,
    )
    return sign(request, signer)


def check_authorization(
    text: str, *, request: str, checkout: str, trust: Trust, now: datetime
) -> Authorization:
    """Return the gateway's answer (M4, AuthRes) to `request`, the merchant's own AuthReq.

    `checkout` is the order's token as kept: the receipt must be about it, or the buyer put one
    order into the half for the merchant and another into the half for the gateway.

    Raises:
        AnsweredFailureError: the gateway signed that it will not act.
        MalformedError, UntrustedError: answer or receipt is not good.
        MismatchError: it answers another request, or answer and receipt differ.
        SchemaError: what an approval or a refusal must tell is missing.
    """
    asked = peek(AuthorizationRequest, request)
    response = open_answer(AuthorizationResponse, text, asked, request, trust, now)
    said = response.message
    ds_hash = digest_of(asked.ds, DualSignature)
    in_reply_to = digest_of(request, AuthorizationRequest)
    links.check_response(said, asked, in_reply_to=in_reply_to, ds_hash=ds_hash)
    receipt = open_signed(Receipt, said.receipt, trust=trust, now=now)
    purchase = links.Purchase(
        gateway=asked.aud,
        buyer=_signer_of(DualSignature, asked.ds),
        xid=asked.xid,
        ds_hash=ds_hash,
        merchant=asked.iss,
        merchant_x5t=_signer_of(AuthorizationRequest, request),
        amount=asked.amount,
        checkout_hash=digest_of(checkout, Checkout),
    )
    links.check_receipt(receipt.message, purchase)
    links.check_receipt_of(receipt.message, said)
    return Authorization(response, receipt)


def answer_payment(
    signed: Opened[DualSignature],
    *,
    order_id: str,
    status: str,
    receipt: str | None,
    signer: Signer,
    now: datetime,
) -> str:
    """Return M5, PRes: the answer to the buyer who signed, with the gateway's receipt if any.

    `status` is paid, declined, pending or voided.
    """
    said = signed.message
    response = PaymentResponse(
        iss=said.aud[0],
        aud=signed.identity.thumbprint,
        xid=said.xid,
        n_c=said.n_c,
        ds_hash=signed.digest,
        order_id=order_id,
        status=status,
        receipt=receipt,
        iat=int(now.timestamp()),
    )
    return sign(response, signer)
