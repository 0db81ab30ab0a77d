"""One valid example of every message, from payments that really ran, and who signs it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from niaga.protocol import authority
from niaga.protocol.envelope import Opened, Signer, peek
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Role, Use, write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway import codes as code_answers
from niaga.protocol.gateway import operations
from niaga.protocol.gateway.operations import OpenedOperation
from niaga.protocol.merchant.operations import Desk
from niaga.protocol.merchant.purchase import new_reference
from niaga.protocol.messages import codes, enrolment
from niaga.protocol.messages import operations as asked
from niaga.protocol.messages.parts import PlainMessage, SignedMessage
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    AuthorizationResponse,
    Checkout,
    DualSignature,
    Offer,
    PaymentResponse,
    Receipt,
)
from niaga.protocol.wallet import enrolment as wallet
from tests.support import payment
from tests.support.payment import BANK, NOW, SHOP, Parties, Payment

# The messages of operations as the merchant asks them, and as the gateway answers.
ASKED: tuple[type[SignedMessage], ...] = (
    asked.Capture,
    asked.CaptureReversal,
    asked.Reversal,
    asked.Credit,
    asked.CreditReversal,
    asked.Inquiry,
    asked.Batch,
)


@dataclass(frozen=True)
class Exchange:
    """A request to the gateway and its answer, both tokens."""

    request: str
    response: str


def signers(world: Parties) -> dict[str, Signer]:
    """Return a signer of every role and use."""
    enrol = world.pki.enrol
    return {
        "cardholder": world.buyer,
        "merchant": world.shop,
        "merchant transport": enrol(
            Role.MERCHANT, Use.TRANSPORT, subject=SHOP, name=payment.SHOP_NAME, index=20
        ),
        "gateway": world.bank,
        "gateway encryption": world.bank_opening,
        "gateway transport": enrol(
            Role.GATEWAY, Use.TRANSPORT, subject=BANK, name=payment.BANK_NAME, index=21
        ),
    }


def chain_of(signer: Signer) -> tuple[str, ...]:
    """Return a signer's chain as messages carry it."""
    return tuple(write_chain(signer.chain))


def signer_of(kind: type[SignedMessage], world: Parties) -> Signer:
    return {Role.CARDHOLDER: world.buyer, Role.MERCHANT: world.shop, Role.GATEWAY: world.bank}[
        kind.SIGNER
    ]


def requests(done: Payment) -> dict[type[SignedMessage], str]:
    """Return every operation a merchant can ask about a purchase."""
    assert done.answered
    desk, xid, amount = Desk(SHOP, BANK, done.world.shop), done.made.xid, done.amount
    auth_id = done.answered.response.message.auth_id
    assert auth_id
    part = replace(amount, minor=amount.minor // 2)
    made = new_reference()
    entries = [asked.Entry(kind="capture", id=made, minor=amount.minor)]
    seconds = int(NOW.timestamp())
    return {
        asked.Capture: desk.capture(xid=xid, auth_id=auth_id, seq=1, amount=part, now=NOW),
        asked.CaptureReversal: desk.reverse_capture(
            xid=xid, capture_id=made, seq=2, amount=part, now=NOW
        ),
        asked.Reversal: desk.reverse(xid=xid, seq=3, amount=part, now=NOW),
        asked.Credit: desk.credit(xid=xid, capture_id=made, seq=4, amount=part, now=NOW),
        asked.CreditReversal: desk.reverse_credit(
            xid=xid, credit_id=made, seq=5, amount=part, now=NOW
        ),
        asked.Inquiry: desk.inquire(xid=xid, now=NOW),
        asked.Batch: desk.compare(
            since_s=seconds - 86_400, until_s=seconds, currency="IDR", entries=entries, now=NOW
        ),
    }


def opened(kind: type[SignedMessage], text: str, world: Parties) -> Any:
    return gateway.authenticate(kind, text, me=BANK, trust=world.trust, now=NOW)


def books(done: Payment) -> asked.Books:
    return asked.Books(
        currency="IDR", authorised_minor=done.amount.minor, captured_minor=0, credited_minor=0
    )


def exchanges(done: Payment) -> dict[type[SignedMessage], Exchange]:
    """Return every operation with the gateway's answer that it is done."""
    world, made = done.world, {}
    for kind, request in requests(done).items():
        found: Any = opened(kind, request, world)
        made[kind] = Exchange(request, _answer(kind, found, done))
    return made


def _answer(kind: type[SignedMessage], found: Any, done: Payment) -> str:
    bank = done.world.bank
    if kind is asked.Inquiry:
        return operations.answer_inquiry(
            found, state="approved", answer=done.auth_res, books=books(done), signer=bank, now=NOW
        )
    if kind is asked.Batch:
        own = [asked.Entry(kind="credit", id=new_reference(), minor=7)]
        differences = tuple(
            asked.Difference(problem="unknown_to_merchant", kind=e.kind, id=e.id, minor=e.minor)
            for e in own
        )
        return operations.answer_batch(found, 1, differences, signer=bank, now=NOW)
    operation: OpenedOperation = found
    return operations.answer_operation(
        operation, result="done", made=new_reference(), books=books(done), signer=bank, now=NOW
    )


def renewals(world: Parties) -> dict[type[SignedMessage], SignedMessage]:
    csr = base64url.encode(authority.make_csr(authority.new_key(), nonce="n"))
    seconds = int(NOW.timestamp())
    return {
        enrolment.CardholderRenewal: enrolment.CardholderRenewal(csr=csr, iat=seconds),
        enrolment.MerchantRenewal: enrolment.MerchantRenewal(
            iss=SHOP, use="sign", csr=csr, iat=seconds
        ),
        enrolment.GatewayRenewal: enrolment.GatewayRenewal(
            iss=BANK, use="encrypt", csr=csr, iat=seconds
        ),
    }


def code_messages(done: Payment) -> dict[type[SignedMessage], str]:
    """Return a code's order and what came in by it, with the gateway's answers."""
    world, seconds = done.world, int(NOW.timestamp())
    desk = Desk(SHOP, BANK, world.shop)
    xid, made = base64url.encode(bytes(20)), new_reference()
    order = desk.order_code(
        xid=xid, kind="qris", amount=done.amount, expires_s=seconds + 60, now=NOW
    )
    question = desk.ask_receipts(after=3, now=NOW)
    paid = codes.CodePaid(number=4, id=made, xid=xid, amount=done.amount, paid=seconds)
    return {
        codes.CodeRequest: order,
        codes.CodeResponse: code_answers.answer_code(
            opened(codes.CodeRequest, order, world),
            made=made,
            content="8808123412341234",
            signer=world.bank,
            now=NOW,
        ),
        codes.ReceiptsRequest: question,
        codes.ReceiptsResponse: code_answers.answer_receipts(
            opened(codes.ReceiptsRequest, question, world),
            [paid],
            more=False,
            until_s=seconds,
            signer=world.bank,
            now=NOW,
        ),
    }


@cache
def signed_messages() -> dict[type[SignedMessage], SignedMessage]:
    """Return a valid example of every signed message but the bundles of evidence."""
    done = payment.paid()
    assert done.signed
    assert done.answered
    texts: dict[type[SignedMessage], str] = {
        Offer: done.made.offer,
        Checkout: done.made.checkout,
        DualSignature: done.signed.ds,
        AuthorizationRequest: done.auth_req,
        AuthorizationResponse: done.auth_res,
        Receipt: done.answered.receipt.text,
        PaymentResponse: done.pres,
    }
    pairs = exchanges(done)
    texts |= {kind: pair.request for kind, pair in pairs.items()}
    texts[asked.OperationResponse] = pairs[asked.Capture].response
    texts[asked.InquiryResponse] = pairs[asked.Inquiry].response
    texts[asked.BatchResponse] = pairs[asked.Batch].response
    request: Opened[SignedMessage] = opened(AuthorizationRequest, done.auth_req, done.world)
    texts[asked.Failure] = gateway.answer_failure(
        request, "pi_invalid", signer=done.world.bank, now=NOW
    )
    texts |= code_messages(done)
    return {kind: peek(kind, text) for kind, text in texts.items()} | renewals(done.world)


@cache
def plain_messages() -> dict[type[PlainMessage], PlainMessage]:
    """Return a valid example of every plain message."""
    done = payment.paid()
    assert done.request
    world = done.world
    key = authority.new_key()
    challenge = enrolment.EnrolmentChallenge(
        nonce=new_reference(),
        exp=int((NOW + timedelta(minutes=5)).timestamp()),
        issuer_x5c=world.certificates.enc_x5c,
    )
    csr = wallet.make_csr(key, challenge)
    card = enrolment.CardData(pan="4000001234567899", expiry="2028-05", holder="SITI AMINAH")
    sca = world.authenticator.sign(wallet.enrolment_challenge(csr))
    request = wallet.request_enrolment(
        challenge, csr, card, world.authenticator.passkey, sca, trust=world.trust, now=NOW
    )
    chain = chain_of(world.buyer)
    answer = enrolment.EnrolmentAnswer(x5c=chain, instrument=world.instrument, label="•••• 7899")
    order = enrolment.CertificateOrder(
        role="merchant",
        use="sign",
        address=SHOP,
        name=payment.SHOP_NAME,
        csr=base64url.encode(csr),
    )
    told = enrolment.CertificateAnswer(order_id=new_reference(), status="issued", x5c=chain)
    found: list[PlainMessage] = [
        done.asked,
        done.made.answer,
        done.request,
        challenge,
        request,
        answer,
        order,
        told,
        world.certificates,
    ]
    return {type(message): message for message in found}
