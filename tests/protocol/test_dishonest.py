"""A party that holds a true certificate and lies in one field: each lie is refused by its reader.

The mutations come from the schema and are signed anew by the party itself. What a party may choose
freely is listed in FREE, field by field, with the reason; every other lie must be refused.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from niaga.protocol import dual_signature
from niaga.protocol.envelope import digest_of, peek, seal_padded
from niaga.protocol.errors import MismatchError, PaymentInstructionError, ProtocolError
from niaga.protocol.formats import jws, sd_jwt, strict_json
from niaga.protocol.formats.x509 import write_chain
from niaga.protocol.merchant import operations as merchant_operations
from niaga.protocol.messages import operations, schema
from niaga.protocol.messages.parts import SignedMessage
from niaga.protocol.messages.purchase import (
    PI_BYTES,
    AuthorizationRequest,
    AuthorizationResponse,
    Checkout,
    CheckoutMandate,
    DualSignature,
    Offer,
    PaymentInstruction,
    PaymentMandate,
    PaymentResponse,
    Receipt,
)
from tests.protocol import mutations
from tests.support import payment, payment_messages
from tests.support.payment import Payment

DONE = payment.paid()
OTHER = payment.paid()
EXCHANGES = payment_messages.exchanges(DONE)
OTHERS = payment_messages.exchanges(OTHER)


def resigned(kind: type[SignedMessage], fields: Mapping[str, Any]) -> str:
    """Return the token of `fields` signed by the party whose message it is."""
    signer = payment_messages.signer_of(kind, DONE.world)
    header = {"typ": kind.TYPE, "x5c": write_chain(signer.chain)}
    return jws.sign(strict_json.write(fields), signer.key, header=header)


@dataclass(frozen=True)
class Lie:
    """One message with the reader that must refuse it altered.

    `token` is the message as it was; `read` brings an altered one before its reader.
    """

    kind: type[SignedMessage]
    token: str
    read: Callable[[str], Any]
    free: Mapping[str, str]
    foreign: Mapping[str, str]


def read_offer(token: str) -> Payment:
    return DONE.verified(replace(DONE.made.answer, offer=token))


def read_checkout(token: str) -> Payment:
    return DONE.verified(replace(DONE.made.answer, checkout_jwt=token))


def read_matching_checkout(token: str) -> Payment:
    """As a merchant would who fits its offer to the altered order."""
    offer = schema.write(peek(Offer, DONE.made.offer))
    offer["checkout_hash"] = digest_of(token, Checkout)
    answer = replace(DONE.made.answer, checkout_jwt=token, offer=resigned(Offer, offer))
    return DONE.verified(answer)


def read_signature(token: str) -> Payment:
    """The merchant reads first, the gateway then; the seal is made for the altered signature."""
    assert DONE.signed
    signed = replace(DONE.signed, ds=token, ds_hash=digest_of(token, DualSignature))
    return replace(DONE, signed=signed).sealed().check().ask().admit()


def read_request(token: str) -> Payment:
    return DONE.admit(token)


def read_response(token: str) -> Payment:
    return DONE.accept(token)


def read_receipt(token: str) -> Any:
    """Through the gateway's answer to the merchant, and through the merchant's to the wallet."""
    response = schema.write(peek(AuthorizationResponse, DONE.auth_res))
    answer = resigned(AuthorizationResponse, {**response, "receipt": token})
    return DONE.accept(answer).answer().believe()


def read_receipt_at_wallet(token: str) -> Any:
    """As from a merchant that plays along."""
    fields = schema.write(peek(PaymentResponse, DONE.pres))
    return DONE.believe(resigned(PaymentResponse, {**fields, "receipt": token}))


def read_answer(token: str) -> Any:
    return DONE.believe(token)


TRUSTED_GATEWAY = {
    "auth_id": "the gateway's own name for the hold",
    "auth_exp": "the gateway's own term",
    "iat": "the gateway's clock, a second later",
}


def offer_lies() -> Iterator[Lie]:
    yield Lie(
        Offer,
        DONE.made.offer,
        read_offer,
        {
            "n_m": "the merchant's own nonce",
            "refund_until": "the merchant's own promise",
            "iat": "the merchant's clock, a second later",
            "exp": "the merchant's own term",
        },
        {},
    )
    yield Lie(Checkout, DONE.made.checkout, read_checkout, {}, {})
    yield Lie(
        Checkout,
        DONE.made.checkout,
        read_matching_checkout,
        {
            "salt": "the merchant's own chance",
            "lines.0.kind": "what is sold is the merchant's to say, and the person's to read",
            "lines.0.name": "as above",
            "lines.0.quantity": "as above",
            "lines.1.kind": "as above",
            "lines.1.name": "as above",
            "lines.1.quantity": "as above",
            "lines turned round": "as above",
            "deliver_to": "as above",
            "deliver_to gone or come": "as above",
            "iat": "the merchant's clock, a second later",
        },
        {},
    )


def request_lies() -> Iterator[Lie]:
    assert DONE.signed
    assert OTHER.signed
    assert OTHER.request
    yield Lie(
        DualSignature,
        DONE.signed.ds,
        read_signature,
        {"iat": "the buyer's clock, a second later, and so a life a second shorter"},
        {},
    )
    yield Lie(
        AuthorizationRequest,
        DONE.auth_req,
        read_request,
        {
            "jti": "the merchant's own name for the request",
            "iat": "the merchant's clock, a second later",
            "deadline": "the merchant's own patience",
        },
        {"ds": OTHER.signed.ds, "pi": OTHER.request.pi},
    )


def answer_lies() -> Iterator[Lie]:
    assert DONE.answered
    assert OTHER.answered
    yield Lie(
        AuthorizationResponse,
        DONE.auth_res,
        read_response,
        {"auth_exp": TRUSTED_GATEWAY["auth_exp"], "iat": TRUSTED_GATEWAY["iat"]},
        {"receipt": OTHER.answered.receipt.text, "reason": "voided"},
    )
    receipt = DONE.answered.receipt.text
    yield Lie(Receipt, receipt, read_receipt, {"iat": TRUSTED_GATEWAY["iat"]}, {})
    yield Lie(
        Receipt,
        receipt,
        read_receipt_at_wallet,
        {name: TRUSTED_GATEWAY[name] for name in ("auth_id", "iat")},
        {},
    )
    yield Lie(
        PaymentResponse,
        DONE.pres,
        read_answer,
        {
            "order_id": "the merchant's own number",
            "iat": "the merchant's clock, a second later",
        },
        {"receipt": OTHER.answered.receipt.text},
    )


def operation_lies() -> Iterator[Lie]:
    """The gateway lies to the merchant about an operation."""
    world = DONE.world
    free = {
        "id": "the gateway's own name for what it made",
        "iat": TRUSTED_GATEWAY["iat"],
        **dict.fromkeys(
            (
                "books gone or come",
                "books.currency",
                "books.authorised_minor",
                "books.captured_minor",
                "books.credited_minor",
            ),
            "the gateway's books, compared by batches and not here",
        ),
    }
    for kind, pair in EXCHANGES.items():
        request = pair.request
        checks: dict[Any, Any] = {
            operations.Inquiry: (operations.InquiryResponse, merchant_operations.check_inquiry),
            operations.Batch: (operations.BatchResponse, merchant_operations.check_comparison),
        }
        answer, check = checks.get(
            kind, (operations.OperationResponse, merchant_operations.check_operation)
        )
        said = {
            "state": "the gateway's word, and what an inquiry asks for",
            "answer": "checked as the answer to the request that was kept",
            "answer gone or come": "as above",
            "agreed": "the gateway's comparison of its own books",
            **dict.fromkeys(
                (
                    "differences.0.problem",
                    "differences.0.kind",
                    "differences.0.id",
                    "differences.0.minor",
                    "differences shortened",
                ),
                "as above",
            ),
        }
        yield Lie(
            answer,
            pair.response,
            lambda text, check=check, request=request: check(
                text, request=request, trust=world.trust, now=payment.NOW
            ),
            {**free, **(said if kind in checks else {})},
            {"reason": "unknown_reference", "answer": OTHER.auth_res},
        )


LIES = [*offer_lies(), *request_lies(), *answer_lies(), *operation_lies()]


@pytest.mark.parametrize(
    "lie", LIES, ids=[f"{i}-{lie.kind.__name__}" for i, lie in enumerate(LIES)]
)
def test_a_lie_in_one_field_is_refused(lie: Lie) -> None:
    assert lie.read(lie.token)
    believed, tried = set(), set()
    for name, fields in mutations.plausible(peek(lie.kind, lie.token), lie.foreign):
        tried.add(name)
        try:
            lie.read(resigned(lie.kind, fields))
        except ProtocolError:
            continue
        believed.add(name)
    assert believed - set(lie.free) == set()
    assert set(lie.free) & tried == believed, "what is free is really free"


def half_of(kind: type[Any], disclosure: str) -> Any:
    return schema.read(kind, sd_jwt.read_disclosure(disclosure)[-1])


def resigned_by_buyer(order: str | None, half: str | None) -> Payment:
    """Return the purchase with a half replaced and all of it signed and sealed by the buyer."""
    assert DONE.signed
    oi, payment_half = order or DONE.signed.oi, half or DONE.signed.payment_half
    statement = replace(
        peek(DualSignature, DONE.signed.ds),
        delegate_payload=(dual_signature.hide(oi), dual_signature.hide(payment_half)),
    )
    ds = dual_signature.make(statement, DONE.world.buyer)
    ds_hash = digest_of(ds, DualSignature)
    signed = replace(DONE.signed, ds=ds, ds_hash=ds_hash, oi=oi, payment_half=payment_half)
    return replace(DONE, signed=signed).sealed()


def test_a_buyer_who_lies_in_the_order_half_is_refused_by_the_merchant() -> None:
    assert DONE.signed
    mandate = half_of(CheckoutMandate, DONE.signed.oi)
    assert resigned_by_buyer(sd_jwt.disclose(schema.write(mandate)), None).check()
    for name, fields in mutations.plausible(mandate, {"checkout_jwt": OTHER.made.checkout}):
        lying = resigned_by_buyer(sd_jwt.disclose(fields), None)
        with pytest.raises(ProtocolError):
            pytest.fail(f"{name}: {lying.check()}")


def test_a_buyer_who_lies_in_the_payment_half_is_refused_by_the_gateway() -> None:
    assert DONE.signed
    mandate = half_of(PaymentMandate, DONE.signed.payment_half)
    assert resigned_by_buyer(None, sd_jwt.disclose(schema.write(mandate))).check().ask().admit()
    names = set()
    for name, fields in mutations.plausible(mandate):
        lying = resigned_by_buyer(None, sd_jwt.disclose(fields)).check().ask()
        if name == "transaction_id":
            continue
        names.add(name)
        with pytest.raises(PaymentInstructionError):
            pytest.fail(f"{name}: {lying.admit()}")
    assert {"payee.id", "payee.name", "payment_amount.minor", "payment_instrument.id"} <= names


def test_two_orders_in_two_halves_are_found_by_the_merchant_at_the_receipt() -> None:
    """The gateway can't compare an order it does not see; its receipt names what it was told."""
    assert DONE.signed
    assert OTHER.signed
    mandate = schema.write(half_of(PaymentMandate, DONE.signed.payment_half))
    other = digest_of(OTHER.made.checkout, Checkout)
    lying = resigned_by_buyer(None, sd_jwt.disclose({**mandate, "transaction_id": other}))
    admitted = lying.check().ask().admit().decide()
    with pytest.raises(MismatchError, match="checkout_hash"):
        admitted.accept()


# ---- what is behind the seal ----


def sealed_anew(content: Any, *, size: int = PI_BYTES, **changes: str) -> Payment:
    """Return the purchase with another content sealed as the buyer would."""
    assert DONE.signed
    assert DONE.request
    opening = DONE.signed.offer.gateway_key
    bound = {"kid": opening.thumbprint, "apu": DONE.made.xid, "apv": DONE.signed.ds_hash}
    pi = seal_padded(content, size, opening.public_key, **{**bound, **changes})
    request = replace(DONE.request, pi=pi)
    # The merchant's own checks are passed over, as by one that plays along.
    assert DONE.checked
    return replace(DONE, request=request, checked=replace(DONE.checked, pi=pi)).ask()


def test_every_failure_behind_the_seal_is_one_and_the_same() -> None:
    assert DONE.signed
    assert OTHER.signed
    assert DONE.request
    good = PaymentInstruction(disclosure=DONE.signed.payment_half)
    foreign = PaymentInstruction(disclosure=OTHER.signed.payment_half)
    spoiled = mutations.another(
        schema.Sealed("PaymentInstruction", schema.Party.GATEWAY, 9999), DONE.request.pi
    )
    assert DONE.checked
    assert OTHER.request
    attempts = [
        sealed_anew(good, size=PI_BYTES + 1),
        sealed_anew(good, size=PI_BYTES - 1),
        sealed_anew(foreign),
        sealed_anew(PaymentInstruction(disclosure=DONE.signed.oi[:2000])),
        sealed_anew(DONE.amount),
        sealed_anew(good, kid=DONE.world.bank.thumbprint),
        sealed_anew(good, apu=OTHER.made.xid),
        sealed_anew(good, apv=OTHER.signed.ds_hash),
        replace(DONE, checked=replace(DONE.checked, pi=spoiled)).ask(),
        replace(
            DONE, checked=replace(DONE.checked, pi=OTHER.request.pi if OTHER.request else "")
        ).ask(),
    ]
    told = set()
    for attempt in attempts:
        with pytest.raises(PaymentInstructionError) as caught:
            attempt.admit()
        told.add((type(caught.value), caught.value.code, str(caught.value)))
    assert len(told) == 1
    (only,) = told
    assert only[1] == "pi_invalid"


def test_every_instruction_makes_a_seal_of_one_length() -> None:
    with_passkey = payment.offered().verified().sign().sealed()
    without = payment.offered(rupiah=1_000_000_000).verified().sign().sealed(with_passkey=False)
    assert with_passkey.request
    assert without.request
    assert len(with_passkey.request.pi) == len(without.request.pi)
