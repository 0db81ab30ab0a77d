"""Believe an offer, sign the purchase, believe the answer."""

from dataclasses import dataclass
from datetime import datetime

from niaga.protocol import dual_signature, links
from niaga.protocol.envelope import (
    Opened,
    Signer,
    check_live,
    digest_of,
    open_signed,
    require,
    seal_padded,
)
from niaga.protocol.formats.x509 import Identity, Role, Trust, Use, read_chain, verify_chain
from niaga.protocol.messages.parts import Assertion
from niaga.protocol.messages.purchase import (
    PI_BYTES,
    Checkout,
    CheckoutMandate,
    ChosenGateway,
    DualSignature,
    Instrument,
    Offer,
    OfferAnswer,
    OfferedGateway,
    Payee,
    PaymentInstruction,
    PaymentMandate,
    PaymentRequest,
    PaymentResponse,
    PurchaseInit,
    Receipt,
)


@dataclass(frozen=True, slots=True)
class VerifiedOffer:
    """An offer that may be shown to the person: who is paid, for what, how much, through whom.

    Attributes:
        offer, checkout: the merchant's two statements.
        gateway: the gateway as it signs.
        gateway_key: the gateway's certificate whose key alone will open the instruction.
    """

    offer: Opened[Offer]
    checkout: Opened[Checkout]
    gateway: Identity
    gateway_key: Identity

    @property
    def merchant(self) -> Identity:
        """Who would be paid."""
        return self.offer.identity


@dataclass(frozen=True, slots=True)
class SignedPurchase:
    """What the wallet keeps of a purchase it signed; `ds_hash` is the passkey's challenge."""

    offer: VerifiedOffer
    ds: str
    ds_hash: str
    oi: str
    payment_half: str
    buyer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The merchant's answer and the gateway's receipt, if there is one, both verified."""

    response: Opened[PaymentResponse]
    receipt: Opened[Receipt] | None


def verify_offer(
    answer: OfferAnswer, *, asked: PurchaseInit, origin: str, trust: Trust, now: datetime
) -> VerifiedOffer:
    """Return the offer that the site at `origin` made in answer to `asked`.

    Raises:
        MalformedError, UntrustedError: offer, order or a chain is not good.
        StaleError: the offer has expired.
        MismatchError: another site's, another buyer's question, another order, amount or gateway.
    """
    offer = open_signed(Offer, answer.offer, trust=trust, now=now)
    checkout = open_signed(Checkout, answer.checkout_jwt, trust=trust, now=now)
    terms, merchant = offer.message, offer.identity
    check_live(terms.exp, now)
    require(agree=terms.iss == origin, what="origin")
    require(agree=terms.n_c == asked.n_c, what="n_c")
    require(agree=merchant.brand == asked.brand, what="brand")
    links.check_order(offer, checkout)
    gateway, gateway_key = _verify_gateway(answer, terms.gw, trust, now)
    require(agree=gateway.brand == gateway_key.brand == merchant.brand, what="gateway's brand")
    return VerifiedOffer(offer, checkout, gateway, gateway_key)


def _verify_gateway(
    answer: OfferAnswer, named: OfferedGateway, trust: Trust, now: datetime
) -> tuple[Identity, Identity]:
    signing, opening = (
        verify_chain(read_chain(list(chain)), role=Role.GATEWAY, use=use, trust=trust, now=now)
        for chain, use in ((answer.gw_sig_x5c, Use.SIGN), (answer.gw_enc_x5c, Use.ENCRYPT))
    )
    require(agree=signing.subject == opening.subject == named.id, what="gw.id")
    require(agree=f"{named.url}/".startswith(f"{named.id}/"), what="gw.url")
    require(agree=signing.thumbprint == named.sig_x5t, what="gw.sig_x5t")
    require(agree=opening.thumbprint == named.enc_x5t, what="gw.enc_x5t")
    return signing, opening


def sign_purchase(
    offer: VerifiedOffer, signer: Signer, instrument: Instrument, *, now: datetime
) -> SignedPurchase:
    """Return the dual signature over `offer`, to be paid by `instrument`.

    Raises:
        StaleError: the offer has expired since it was verified.
    """
    terms = offer.offer.message
    check_live(terms.exp, now)
    oi = dual_signature.disclose(
        CheckoutMandate(
            vct="mandate.checkout.1",
            checkout_jwt=offer.checkout.text,
            checkout_hash=terms.checkout_hash,
        )
    )
    payment_half = dual_signature.disclose(
        PaymentMandate(
            vct="mandate.payment.1",
            transaction_id=terms.checkout_hash,
            payee=Payee(id=terms.iss, name=offer.merchant.name),
            payment_amount=terms.amount,
            payment_instrument=instrument,
        )
    )
    seconds = int(now.timestamp())
    statement = DualSignature(
        sd_alg="sha-256",
        delegate_payload=(dual_signature.hide(oi), dual_signature.hide(payment_half)),
        xid=terms.xid,
        offer_hash=offer.offer.digest,
        aud=(terms.iss, terms.gw.id),
        merchant_x5t=offer.merchant.thumbprint,
        gw=ChosenGateway(id=terms.gw.id, enc_x5t=terms.gw.enc_x5t),
        amount=terms.amount,
        n_c=terms.n_c,
        n_m=terms.n_m,
        iat=seconds,
        exp=seconds + dual_signature.LIFETIME_S,
    )
    ds = dual_signature.make(statement, signer)
    ds_hash = digest_of(ds, DualSignature)
    return SignedPurchase(offer, ds, ds_hash, oi, payment_half, signer.thumbprint)


def seal_purchase(purchase: SignedPurchase, *, sca: Assertion | None = None) -> PaymentRequest:
    """Return PReq: the payment half, with the passkey's assertion if given, sealed to the gateway.

    The seal is bound to the purchase (`apu`) and to this very signature (`apv`).
    """
    instruction = PaymentInstruction(disclosure=purchase.payment_half, sca=sca)
    opening = purchase.offer.gateway_key
    pi = seal_padded(
        instruction,
        PI_BYTES,
        opening.public_key,
        kid=opening.thumbprint,
        apu=purchase.offer.offer.message.xid,
        apv=purchase.ds_hash,
    )
    return PaymentRequest(ds=purchase.ds, oi=purchase.oi, pi=pi)


def verify_answer(text: str, *, purchase: SignedPurchase, trust: Trust, now: datetime) -> Answer:
    """Return the merchant's answer (PRes) to `purchase`; only after this may a page say "paid".

    Raises:
        MalformedError, UntrustedError: answer or receipt is not good.
        MismatchError: of another purchase, or the receipt says otherwise than the answer.
        SchemaError: "paid" without the gateway's receipt.
    """
    response = open_signed(PaymentResponse, text, trust=trust, now=now)
    said, terms = response.message, purchase.offer.offer.message
    links.check_answer(said, terms, buyer=purchase.buyer, ds_hash=purchase.ds_hash)
    if said.receipt is None:
        return Answer(response, None)
    receipt = verify_receipt(said.receipt, purchase=purchase, trust=trust, now=now)
    links.check_status(said, receipt.message)
    return Answer(response, receipt)


def verify_receipt(
    text: str, *, purchase: SignedPurchase, trust: Trust, now: datetime
) -> Opened[Receipt]:
    """Return the gateway's receipt for `purchase`.

    Raises:
        MalformedError, UntrustedError: it is not good.
        MismatchError: it is of another purchase, gateway, merchant or amount.
    """
    receipt = open_signed(Receipt, text, trust=trust, now=now)
    terms = purchase.offer.offer.message
    expected = links.Purchase(
        gateway=terms.gw.id,
        buyer=purchase.buyer,
        xid=terms.xid,
        ds_hash=purchase.ds_hash,
        merchant=terms.iss,
        merchant_x5t=purchase.offer.merchant.thumbprint,
        amount=terms.amount,
        checkout_hash=terms.checkout_hash,
    )
    links.check_receipt(receipt.message, expected)
    return receipt
