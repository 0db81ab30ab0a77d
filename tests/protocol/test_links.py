"""Each pair of values that must agree, made to differ alone: the link is named in the refusal.

Several links guard the same thing at different parties; here each is shown to hold by itself.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from niaga.protocol import authority, dual_signature, links
from niaga.protocol.envelope import Opened, sign
from niaga.protocol.errors import (
    DisclosureError,
    MismatchError,
    SchemaError,
    StaleError,
    TooLargeError,
)
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.merchant.operations import check_operation
from niaga.protocol.messages.purchase import Checkout, CheckoutMandate, DualSignature, Offer
from niaga.protocol.wallet import purchase as wallet
from tests.support import payment
from tests.support.payment import BANK, NOW, SHOP

DONE, OTHER = payment.paid(), payment.paid()
WORLD = DONE.world
assert DONE.offer
assert DONE.signed
assert DONE.request
assert DONE.checked
assert DONE.authorization
assert DONE.answered
assert OTHER.signed
OFFER, CHECKOUT = DONE.offer.offer, DONE.offer.checkout
TERMS = OFFER.message
SIGNATURE = DONE.checked.signature
SIGNED = SIGNATURE.message
REQUEST = DONE.authorization.request
ASKED = REQUEST.message
SAID = DONE.answered.response.message
RECEIPT = DONE.answered.receipt.message
MANDATE: CheckoutMandate = dual_signature.show_order_half(SIGNATURE, DONE.request.oi)
HALF = DONE.authorization.mandate
ANSWER = DONE.believe().response.message
BUYER = DONE.signed.buyer
DIGEST = OTHER.signed.ds_hash
AMOUNT = replace(DONE.amount, minor=DONE.amount.minor + 1)
SECOND_SHOP = WORLD.pki.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=payment.SHOP_NAME)


def told[M](opened: Opened[M], **changes: Any) -> Opened[M]:
    return replace(opened, message=replace(opened.message, **changes))  # type: ignore[type-var]


def order(offer: Opened[Offer] = OFFER, checkout: Opened[Checkout] = CHECKOUT) -> None:
    links.check_order(offer, checkout)


def offered(offer_hash: str = OFFER.digest, x5t: str = OFFER.identity.thumbprint,
            **changes: Any) -> None:  # fmt: skip
    signed = replace(SIGNED, **changes)
    links.check_signed_offer(signed, TERMS, offer_hash=offer_hash, merchant_x5t=x5t)


def order_half(checkout: str = DONE.made.checkout, **changes: Any) -> None:
    links.check_order_half(replace(MANDATE, **changes), TERMS, checkout=checkout)


def payment_half(**changes: Any) -> None:
    links.check_payment_half(replace(HALF, **changes), SIGNED, REQUEST.identity)


def seal(signature: Opened[DualSignature] = SIGNATURE) -> None:
    assert DONE.request
    links.check_seal(DONE.request.pi, signature)


def request(signature: Opened[DualSignature] = SIGNATURE, **changes: Any) -> None:
    links.check_request(told(REQUEST, **changes), signature)


def response(**changes: Any) -> None:
    links.check_response(
        replace(SAID, **changes), ASKED, in_reply_to=REQUEST.digest, ds_hash=SIGNATURE.digest
    )


PURCHASE = links.Purchase(
    gateway=BANK,
    buyer=BUYER,
    xid=TERMS.xid,
    ds_hash=SIGNATURE.digest,
    merchant=SHOP,
    merchant_x5t=OFFER.identity.thumbprint,
    amount=DONE.amount,
    checkout_hash=TERMS.checkout_hash,
)


def receipt(**changes: Any) -> None:
    links.check_receipt(replace(RECEIPT, **changes), PURCHASE)


def receipt_of(**changes: Any) -> None:
    links.check_receipt_of(replace(RECEIPT, **changes), SAID)


def answer(**changes: Any) -> None:
    links.check_answer(replace(ANSWER, **changes), TERMS, buyer=BUYER, ds_hash=SIGNATURE.digest)


def status(said: str, result: str) -> None:
    links.check_status(replace(ANSWER, status=said), replace(RECEIPT, result=result))


ELSEWHERE = "https://other.example"
GATEWAY = replace(SIGNED.gw, id=ELSEWHERE)
KEY = replace(SIGNED.gw, enc_x5t=DIGEST)
ANOTHER_BRAND = replace(SIGNATURE, identity=replace(SIGNATURE.identity, brand="other"))
BY_SECOND = replace(CHECKOUT, identity=replace(CHECKOUT.identity, certificate=SECOND_SHOP.chain[0]))
XID, NONCE = OTHER.made.xid, merchant.new_reference()
PAYEE = HALF.payee

BROKEN: list[tuple[str, Callable[[], Any]]] = [
    ("checkout signer", lambda: order(checkout=BY_SECOND)),
    ("checkout xid", lambda: order(checkout=told(CHECKOUT, xid=XID))),
    ("checkout_hash", lambda: order(offer=told(OFFER, checkout_hash=DIGEST))),
    ("payee", lambda: order(checkout=told(CHECKOUT, payee="Toko Lain"))),
    ("amount", lambda: order(checkout=told(CHECKOUT, amount=AMOUNT))),
    ("sum of the lines", lambda: order(checkout=told(CHECKOUT, lines=CHECKOUT.message.lines[1:]))),
    ("xid", lambda: offered(xid=XID)),
    ("offer_hash", lambda: offered(offer_hash=DIGEST)),
    ("n_c", lambda: offered(n_c=NONCE)),
    ("n_m", lambda: offered(n_m=NONCE)),
    ("aud", lambda: offered(aud=(ELSEWHERE, BANK))),
    ("aud", lambda: offered(aud=(SHOP, ELSEWHERE))),
    ("merchant_x5t", lambda: offered(x5t=DIGEST)),
    ("gw.id", lambda: offered(gw=GATEWAY)),
    ("gw.enc_x5t", lambda: offered(gw=KEY)),
    ("amount", lambda: offered(amount=AMOUNT)),
    ("checkout_jwt", lambda: order_half(checkout=OTHER.made.checkout)),
    ("checkout_hash", lambda: order_half(checkout_hash=DIGEST)),
    ("payee id", lambda: payment_half(payee=replace(PAYEE, id=ELSEWHERE))),
    ("payee name", lambda: payment_half(payee=replace(PAYEE, name="Toko Lain"))),
    ("payment_amount", lambda: payment_half(payment_amount=AMOUNT)),
    ("pi kid", lambda: seal(told(SIGNATURE, gw=KEY))),
    ("pi apu", lambda: seal(told(SIGNATURE, xid=XID))),
    ("pi apv", lambda: seal(replace(SIGNATURE, digest=DIGEST))),
    ("ds aud", lambda: request(told(SIGNATURE, aud=(ELSEWHERE, BANK)))),
    ("ds aud", lambda: request(told(SIGNATURE, aud=(SHOP, ELSEWHERE)))),
    ("ds merchant_x5t", lambda: request(told(SIGNATURE, merchant_x5t=DIGEST))),
    ("ds gw.id", lambda: request(told(SIGNATURE, gw=GATEWAY))),
    ("xid", lambda: request(xid=XID)),
    ("offer_hash", lambda: request(offer_hash=DIGEST)),
    ("amount", lambda: request(amount=AMOUNT)),
    ("brand", lambda: request(ANOTHER_BRAND)),
    ("iss", lambda: response(iss=ELSEWHERE)),
    ("aud", lambda: response(aud=ELSEWHERE)),
    ("in_reply_to", lambda: response(in_reply_to=DIGEST)),
    ("xid", lambda: response(xid=XID)),
    ("ds_hash", lambda: response(ds_hash=DIGEST)),
    ("amount", lambda: response(amount=AMOUNT)),
    ("receipt iss", lambda: receipt(iss=ELSEWHERE)),
    ("receipt aud", lambda: receipt(aud=DIGEST)),
    ("receipt xid", lambda: receipt(xid=XID)),
    ("receipt ds_hash", lambda: receipt(ds_hash=DIGEST)),
    ("receipt merchant", lambda: receipt(merchant=ELSEWHERE)),
    ("receipt merchant_x5t", lambda: receipt(merchant_x5t=DIGEST)),
    ("receipt amount", lambda: receipt(amount=AMOUNT)),
    ("receipt reason", lambda: receipt_of(reason="insufficient_funds")),
    ("receipt checkout_hash", lambda: receipt(checkout_hash=DIGEST)),
    ("receipt iss", lambda: receipt_of(iss=ELSEWHERE)),
    ("receipt xid", lambda: receipt_of(xid=XID)),
    ("receipt ds_hash", lambda: receipt_of(ds_hash=DIGEST)),
    ("receipt amount", lambda: receipt_of(amount=AMOUNT)),
    ("receipt result", lambda: receipt_of(result="pending")),
    ("receipt auth_id", lambda: receipt_of(auth_id=NONCE)),
    ("iss", lambda: answer(iss=ELSEWHERE)),
    ("aud", lambda: answer(aud=DIGEST)),
    ("xid", lambda: answer(xid=XID)),
    ("n_c", lambda: answer(n_c=NONCE)),
    ("ds_hash", lambda: answer(ds_hash=DIGEST)),
    ("status", lambda: status("paid", "declined")),
    ("status", lambda: status("paid", "pending")),
    ("status", lambda: status("declined", "approved")),
    ("status", lambda: status("pending", "approved")),
]


@pytest.mark.parametrize(
    ("what", "broken"), BROKEN, ids=[f"{i}-{what}" for i, (what, _) in enumerate(BROKEN)]
)
def test_a_broken_link_is_named(what: str, broken: Callable[[], Any]) -> None:
    with pytest.raises(MismatchError) as caught:
        broken()
    assert caught.value.what == what


def test_whole_links_hold() -> None:
    for check in (order, offered, order_half, payment_half, seal, request, response, receipt,
                  receipt_of, answer):  # fmt: skip
        check()
    for said, result in (("paid", "approved"), ("declined", "declined"), ("pending", "pending"),
                         ("voided", "approved"), ("voided", "pending")):  # fmt: skip
        status(said, result)


@pytest.mark.parametrize(
    "incomplete",
    [
        lambda: response(auth_id=None),
        lambda: response(auth_exp=None),
        lambda: response(reason="voided"),
        lambda: response(result="declined", auth_id=None, auth_exp=None),
        lambda: response(result="declined", auth_exp=None, reason="voided"),
        lambda: receipt(auth_id=None),
        lambda: receipt(result="declined"),
        lambda: answer(receipt=None),
    ],
)
def test_an_answer_tells_what_it_must_and_no_more(incomplete: Callable[[], Any]) -> None:
    with pytest.raises(SchemaError):
        incomplete()


# ---- what the wallet compares with its own surroundings ----


def verify(**changes: Any) -> wallet.VerifiedOffer:
    options: dict[str, Any] = {"asked": DONE.asked, "origin": SHOP, "trust": WORLD.trust}
    found = changes.pop("answer", DONE.made.answer)
    return wallet.verify_offer(found, now=NOW, **{**options, **changes})


def another_gateway() -> dict[str, tuple[str, ...]]:
    """Return chains of a second gateway, truly certified."""
    world = replace(
        WORLD,
        bank=WORLD.pki.enrol(Role.GATEWAY, Use.SIGN, subject=BANK, name="B", index=31),
        bank_opening=WORLD.pki.enrol(Role.GATEWAY, Use.ENCRYPT, subject=BANK, name="B", index=32),
    )
    return {"sig": world.certificates.sig_x5c, "enc": world.certificates.enc_x5c}


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("origin", {"origin": "https://toko-anyaman.example"}),
        ("origin", {"origin": SHOP + ":8443"}),
        ("n_c", {"asked": replace(DONE.asked, n_c=NONCE)}),
        ("brand", {"asked": replace(DONE.asked, brand="other")}),
        ("gw.sig_x5t", {"answer": replace(DONE.made.answer, gw_sig_x5c=another_gateway()["sig"])}),
        ("gw.enc_x5t", {"answer": replace(DONE.made.answer, gw_enc_x5c=another_gateway()["enc"])}),
    ],
)
def test_a_wallet_compares_an_offer_with_where_it_is(what: str, changes: dict[str, Any]) -> None:
    assert verify()
    with pytest.raises(MismatchError) as caught:
        verify(**changes)
    assert caught.value.what == what


def remade(terms: dict[str, Any], **gateway: Any) -> Any:
    """Return the answer with an offer the merchant signed over other terms."""
    changed = replace(TERMS, **terms)
    changed = replace(changed, gw=replace(changed.gw, **gateway))
    return replace(DONE.made.answer, offer=sign(changed, WORLD.shop))


@pytest.mark.parametrize(
    ("what", "gateway"),
    [
        ("gw.id", {"id": ELSEWHERE, "url": ELSEWHERE}),
        ("gw.url", {"url": f"{BANK}.evil.example/pay"}),
        ("gw.url", {"url": f"{ELSEWHERE}/pay"}),
    ],
)
def test_a_wallet_wants_the_gateway_where_its_certificate_is(
    what: str, gateway: dict[str, str]
) -> None:
    with pytest.raises(MismatchError) as caught:
        verify(answer=remade({}, **gateway))
    assert caught.value.what == what


def test_a_wallet_wants_one_brand() -> None:
    """A gateway of another brand under the same root is not the merchant's to choose."""
    pki = WORLD.pki
    brand = authority.found_brand(pki.root, "other", index=9, now=NOW)
    gateways = authority.found_role(brand, Role.GATEWAY, "other gateways", index=0, now=NOW)
    other = payment.Pki(pki.root, brand, {**pki.roles, Role.GATEWAY: gateways})
    signing, opening = (
        other.enrol(Role.GATEWAY, use, subject=BANK, name="B", index=1)
        for use in (Use.SIGN, Use.ENCRYPT)
    )
    trust = replace(WORLD.trust, statuses={**other.trust().statuses, **WORLD.trust.statuses})
    world = replace(WORLD, bank=signing, bank_opening=opening)
    answer = replace(
        remade({}, sig_x5t=signing.thumbprint, enc_x5t=opening.thumbprint),
        gw_sig_x5c=world.certificates.sig_x5c,
        gw_enc_x5c=world.certificates.enc_x5c,
    )
    with pytest.raises(MismatchError) as caught:
        verify(answer=answer, trust=trust)
    assert caught.value.what == "gateway's brand"


def test_a_merchant_asks_only_with_the_certificate_that_was_signed_for() -> None:
    assert DONE.checked
    with pytest.raises(MismatchError) as caught:
        merchant.request_authorization(DONE.checked, signer=SECOND_SHOP, now=NOW)
    assert caught.value.what == "merchant_x5t"


# ---- what the merchant compares before it speaks ----


def test_a_merchant_knows_a_gateway_by_its_certificates() -> None:
    def know(url: str = f"{BANK}/pay", **changes: Any) -> merchant.Gateway:
        told = replace(WORLD.certificates, **changes)
        return merchant.know_gateway(told, url=url, trust=WORLD.trust, now=NOW)

    assert know().id == BANK
    other = WORLD.pki.enrol(Role.GATEWAY, Use.ENCRYPT, subject=ELSEWHERE, name="B", index=33)
    foreign = replace(WORLD, bank_opening=other).certificates.enc_x5c
    for what, attempt in (
        ("gateway id", lambda: know(id=ELSEWHERE)),
        ("gateway id", lambda: know(enc_x5c=foreign)),
        ("gateway url", lambda: know(url=f"{BANK}.evil.example/pay")),
    ):
        with pytest.raises(MismatchError) as caught:
            attempt()
        assert caught.value.what == what


def test_a_merchant_offers_only_what_adds_up() -> None:
    lines = CHECKOUT.message.lines[1:]
    terms = merchant.Terms(
        payment.SHOP_NAME, lines, DONE.amount, None, TERMS.refund_until, TERMS.exp
    )
    told = WORLD.certificates
    gateway = merchant.know_gateway(told, url=f"{BANK}/pay", trust=WORLD.trust, now=NOW)
    with pytest.raises(MismatchError, match="amount"):
        merchant.make_offer(
            DONE.asked, terms, gateway, address=SHOP, signer=WORLD.shop, told=told, now=NOW
        )


def test_an_offer_ends_though_the_signature_lives() -> None:
    ready = payment.offered()
    last = NOW + timedelta(minutes=15) - timedelta(seconds=1)
    signed = ready.verified(now=last).sign(now=last).sealed()
    assert signed.check(now=last).checked
    with pytest.raises(StaleError):
        signed.check(now=last + timedelta(seconds=1))


# ---- what the gateway compares with itself ----


def test_a_gateway_answers_for_its_own_name_and_keys_alone() -> None:
    own = WORLD.keys
    for what, keys in (
        ("aud", replace(own, id=ELSEWHERE)),
        ("ds gw.enc_x5t", replace(own, opening={})),
        ("ds gw.enc_x5t", replace(own, opening={DIGEST: WORLD.bank_opening.key})),
    ):
        with pytest.raises(MismatchError) as caught:
            gateway.check_authorization(REQUEST, keys=keys, trust=WORLD.trust, now=NOW)
        assert caught.value.what == what


def test_a_deadline_ends_a_request_though_the_signature_lives() -> None:
    at = NOW + timedelta(seconds=30)
    hurried = told(REQUEST, deadline=int(at.timestamp()))
    keys, trust, before = WORLD.keys, WORLD.trust, at - timedelta(seconds=1)
    assert gateway.check_authorization(hurried, keys=keys, trust=trust, now=before)
    gateway.check_deadline(hurried, before)
    with pytest.raises(StaleError):
        gateway.check_authorization(hurried, keys=keys, trust=trust, now=at)
    with pytest.raises(StaleError):
        gateway.check_deadline(hurried, at)


def test_an_answer_to_what_is_no_operation_is_refused() -> None:
    with pytest.raises(SchemaError):
        check_operation(DONE.auth_res, request=DONE.auth_req, trust=WORLD.trust, now=NOW)


def test_one_digest_for_both_halves_is_refused() -> None:
    assert DONE.signed
    same = dual_signature.hide(DONE.signed.oi)
    ds = dual_signature.make(replace(SIGNED, delegate_payload=(same, same)), WORLD.buyer)
    with pytest.raises(DisclosureError):
        dual_signature.verify(ds, trust=WORLD.trust, now=NOW)


def test_nothing_longer_than_its_readers_accept_is_signed() -> None:
    line = replace(CHECKOUT.message.lines[0], name="\u00e5" * 200)
    with pytest.raises(TooLargeError):
        sign(replace(CHECKOUT.message, lines=(line,) * 200), WORLD.shop)
