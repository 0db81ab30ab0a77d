"""The wallet without a page, over HTTP, against a town of the protocol's own code."""

from dataclasses import replace

import pytest

from niaga.protocol.errors import CertificateError, CertificateRevokedError, MismatchError
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.gateway.authorization import Decision
from niaga.wallet.client import Card, Wallet
from niaga.wallet.transport import AnsweredError, Https, UnreachableError
from tests.support.payment import SHOP_NAME, Authenticator, found_pki
from tests.wallet.town import GOOD_CARD, Town, now


@pytest.fixture
def wallet(town: Town) -> Wallet:
    roots = (town.pki.root.certificate,)
    return Wallet(town.origin("authority"), roots, Https(town.tls.authority))


@pytest.fixture
def card(wallet: Wallet, authenticator: Authenticator) -> Card:
    return wallet.enrol(GOOD_CARD, authenticator)


def test_pays_and_has_the_receipt(town: Town, wallet: Wallet, card: Card) -> None:
    paid = wallet.pay(town.open_purchase(), card)
    assert paid.state == "paid"
    assert paid.answer is not None
    assert paid.answer.receipt is not None
    assert paid.answer.receipt.message.amount == paid.signed.offer.offer.message.amount
    assert wallet.payments == {paid.xid: paid}


def test_declined(town: Town, wallet: Wallet, card: Card) -> None:
    town.misbehave.decide = lambda: Decision("declined", reason="insufficient_funds")
    assert wallet.pay(town.open_purchase(), card).state == "declined"


def test_a_lost_answer_is_found_again_and_nothing_signed_twice(
    town: Town, wallet: Wallet, card: Card
) -> None:
    town.misbehave.lost_answers = 1
    url = town.open_purchase()
    payment = wallet.sign(url, wallet.fetch_offer(url, card), card)
    with pytest.raises(UnreachableError):
        wallet.send(payment)
    assert wallet.settle(payment).state == "paid"
    assert town.purchases["one"].received == [payment.request]


def test_a_lost_request_is_sent_again_byte_for_byte(town: Town, wallet: Wallet, card: Card) -> None:
    town.misbehave.lost_requests = 1
    url = town.open_purchase()
    offer = wallet.fetch_offer(url, card)
    payment = wallet.sign(url, offer, card)
    with pytest.raises(UnreachableError):
        wallet.send(payment)
    assert wallet.sign(url, offer, card) is payment
    assert wallet.settle(payment).state == "paid"
    assert town.purchases["one"].received == [payment.request]


def test_what_is_paid_is_not_signed_again(town: Town, wallet: Wallet, card: Card) -> None:
    url = town.open_purchase()
    paid = wallet.pay(url, card)
    assert wallet.sign(url, wallet.fetch_offer(url, card), card) is paid
    assert wallet.settle(paid) is paid
    assert town.purchases["one"].received == [paid.request]


def test_a_merchant_of_another_root_is_not_known(town: Town, wallet: Wallet, card: Card) -> None:
    stranger = found_pki(now=now()).enrol(
        Role.MERCHANT, Use.SIGN, subject=town.origin("shop"), name=SHOP_NAME, now=now()
    )
    town.misbehave.signer = stranger
    with pytest.raises(CertificateError):
        wallet.fetch_offer(town.open_purchase(), card)


def test_a_revoked_merchant_is_refused(town: Town, wallet: Wallet, card: Card) -> None:
    town.revoked = {town.pki.roles[Role.MERCHANT].thumbprint: {2}}
    with pytest.raises(CertificateRevokedError):
        wallet.fetch_offer(town.open_purchase(), card)


def test_an_answer_to_another_payment_is_not_believed(
    town: Town, wallet: Wallet, card: Card
) -> None:
    first = wallet.pay(town.open_purchase("first"), card)
    assert first.answer is not None
    old = first.answer.response.text
    town.misbehave.pres = lambda _: old
    url = town.open_purchase("second")
    payment = wallet.sign(url, wallet.fetch_offer(url, card), card)
    with pytest.raises(MismatchError):
        wallet.send(payment)
    assert wallet.payments[payment.xid].state == "signed"


def test_a_card_the_issuer_does_not_know(
    town: Town, wallet: Wallet, authenticator: Authenticator
) -> None:
    with pytest.raises(AnsweredError) as refused:
        wallet.enrol(replace(GOOD_CARD, cvc="999"), authenticator)
    assert refused.value.code == "card_not_recognised"
    assert wallet.cards == []
    assert town.instruments == {}


def test_a_passkey_without_its_person_enrols_nothing(town: Town, wallet: Wallet) -> None:
    unverified = Authenticator(party=town.party, flags=0x01)
    with pytest.raises(AnsweredError) as refused:
        wallet.enrol(GOOD_CARD, unverified)
    assert refused.value.code == "sca_invalid"
    assert town.instruments == {}


def test_renews_with_a_new_key_and_the_same_name(town: Town, wallet: Wallet, card: Card) -> None:
    renewed = wallet.renew(card)
    assert renewed.signer.thumbprint != card.signer.thumbprint
    assert renewed.signer.chain[0].subject == card.signer.chain[0].subject
    assert wallet.cards == [renewed]
    assert wallet.pay(town.open_purchase(), renewed).state == "paid"


def test_a_merchant_that_is_not_there(town: Town, wallet: Wallet, card: Card) -> None:
    with pytest.raises(AnsweredError) as refused:
        wallet.fetch_offer(f"{town.origin('shop')}/pay/unknown/", card)
    assert refused.value.status == 404
