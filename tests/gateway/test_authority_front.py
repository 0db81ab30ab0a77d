"""How keys become certificates, and who never does."""

import json
from dataclasses import replace

import pytest
from django.db import connection

from niaga.gateway.authority.commands.order_certificate import approve_order, refuse_order
from niaga.gateway.authority.commands.revoke_certificate import revoke_certificates
from niaga.gateway.authority.models import Certificate, CertificateOrder, Nonce
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, EXPIRY
from niaga.gateway.keys import keyring, trust
from niaga.gateway.models import Instrument
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.protocol.authority import make_csr, new_key
from niaga.protocol.envelope import Signer, read_plain, sign
from niaga.protocol.formats import base64url, jws, status_list
from niaga.protocol.formats.x509 import Role, Use, public_key, read_chain, verify_chain
from niaga.protocol.messages import enrolment as messages
from niaga.protocol.wallet import enrolment
from tests.gateway.town import ITEM, SHOP, SHOP_NAME, WALLET, told
from tests.support.payment import Authenticator

CARD = {"pan": CARDS[0].pan, "expiry": EXPIRY, "holder": "Dewi Lestari", "cvc": CVC}


def problem(response):
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    return response.status_code, json.loads(response.content)["code"]


def request_for(town, *, key=None, authenticator=None, **card):
    told_ = town.front("authority", "/enrolments/challenge", "{}", kind="application/json")
    challenge = read_plain(messages.EnrolmentChallenge, told_.content)
    csr = enrolment.make_csr(key or new_key(), challenge)
    person = authenticator or Authenticator(party=WALLET)
    return enrolment.request_enrolment(
        challenge,
        csr,
        messages.CardData(**{**CARD, **card}),
        person.passkey,
        person.sign(jws.digest(csr)),
        trust=trust(),
        now=clock.now(),
    )


def test_a_card_is_enrolled_under_a_pseudonym(town):
    buyer = town.enrol()
    found = verify_chain(
        buyer.signer.chain, role=Role.CARDHOLDER, use=Use.SIGN, trust=trust(), now=clock.now()
    )
    row = Instrument.objects.get()
    assert (row.holder, reference(row.id)) == (found.subject, buyer.instrument.id)
    assert "Dewi" not in found.subject


def test_card_number_and_order_are_nowhere_in_the_bank_s_database(town):
    buyer = town.enrol()
    order = town.order(buyer)
    assert told(town.ask(order))["result"] == "approved"
    canaries = [buyer.pan, "Dewi Lestari", ITEM, "CANARY-ORDER", "Tasikmalaya"]
    spelled = [
        text
        for canary in canaries
        for text in (canary, base64url.encode(canary.encode()), canary.encode().hex())
    ]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - our own tables
            rows = "\n".join(row for (row,) in cursor.fetchall())
            assert not [text for text in spelled if text in rows], table
    assert not [text for message in town.line.sent for text in spelled[:1] if text in repr(message)]


def test_a_nonce_is_answered_once(town):
    request = request_for(town)
    assert town.certify("/enrolments", request).status_code == 200
    assert problem(town.certify("/enrolments", request)) == (403, "mismatch")
    assert Instrument.objects.count() == 1
    assert not Nonce.objects.exists()


def test_a_key_is_certified_once(town):
    key = new_key()
    assert town.certify("/enrolments", request_for(town, key=key)).status_code == 200
    again = town.certify("/enrolments", request_for(town, key=key))
    assert problem(again) == (403, "key_used_before")
    assert Instrument.objects.count() == 1


def test_another_passkey_s_word_enrols_nothing(town):
    other = Authenticator(party=WALLET)
    request = replace(request_for(town), passkey=other.passkey)
    assert problem(town.certify("/enrolments", request)) == (403, "sca_invalid")
    assert not Instrument.objects.exists()


def test_a_card_sealed_for_another_request_is_not_recognised(town):
    first, second = request_for(town), request_for(town)
    swapped = town.certify("/enrolments", replace(first, card=second.card))
    assert problem(swapped) == (403, "card_not_recognised")
    unknown = town.certify("/enrolments", request_for(town, pan="4000001234567899"))
    assert problem(unknown) == (403, "card_not_recognised")
    assert not Instrument.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"cvc": "123"}, {"cvc": None}, {"expiry": "2031-12"}, {"pan": CARDS[1].pan[:-1] + "0"}],
)
def test_a_card_with_something_wrong_is_not_enrolled(town, wrong):
    refused = town.certify("/enrolments", request_for(town, **wrong))
    assert problem(refused) == (403, "card_not_recognised"), "one answer, whatever was wrong"
    assert not Instrument.objects.exists()
    assert not Certificate.objects.filter(role="cardholder").exists()


def test_a_silent_issuer_enrols_nothing(town):
    town.line.loses_answers = True
    assert problem(town.certify("/enrolments", request_for(town))) == (503, "unavailable")
    assert not Instrument.objects.exists()


def ordered(town, key, **changes):
    csr = base64url.encode(make_csr(key, nonce=town.nonce()))
    order = messages.CertificateOrder(
        role="merchant", use="sign", address="https://new.example", name="Toko Baru", csr=csr
    )
    response = town.certify("/orders", replace(order, **changes))
    assert response.status_code == 200, response.content
    return read_plain(messages.CertificateAnswer, response.content)


def polled(town, order_id):
    response = town.front("authority", f"/orders/{order_id}")
    return read_plain(messages.CertificateAnswer, response.content)


def test_an_unknown_merchant_waits_for_an_operator(town):
    key = new_key()
    answer = ordered(town, key)
    assert (answer.status, answer.x5c) == ("waiting", None)
    order = CertificateOrder.objects.get(address="https://new.example")
    approve_order(keyring=keyring(), order_id=order.id)
    found = polled(town, answer.order_id)
    chain = read_chain(list(found.x5c))
    who = verify_chain(chain, role=Role.MERCHANT, use=Use.SIGN, trust=trust(), now=clock.now())
    assert (who.subject, who.name) == ("https://new.example", "Toko Baru")


def test_a_refused_order_stays_refused(town):
    answer = ordered(town, new_key())
    refuse_order(order_id=CertificateOrder.objects.get(address="https://new.example").id)
    assert polled(town, answer.order_id).status == "refused"


def test_a_gateway_s_order_is_never_approved_by_itself(town):
    assert ordered(town, new_key(), role="gateway", address=SHOP).status == "waiting"


def test_orders_nobody_placed_are_not_found(town):
    for order_id in ("A" * 22, "x", "..", "A" * 500):
        assert problem(town.front("authority", f"/orders/{order_id}"))[0] == 404


def renewal(town, signer, key, kind, **fields):
    csr = base64url.encode(make_csr(key, nonce=town.nonce()))
    message = kind(csr=csr, iat=int(clock.now().timestamp()), **fields)
    return town.front("authority", "/renewals", sign(message, signer))


def test_the_owner_of_a_live_certificate_gets_the_next(town):
    buyer, key = town.enrol(), new_key()
    response = renewal(town, buyer.signer, key, messages.CardholderRenewal)
    chain = read_chain(list(read_plain(messages.CertificateAnswer, response.content).x5c))
    who = verify_chain(chain, role=Role.CARDHOLDER, use=Use.SIGN, trust=trust(), now=clock.now())
    assert who.subject == Instrument.objects.get().holder
    renewed = replace(buyer, signer=Signer(key, chain))
    assert told(town.ask(town.order(renewed)))["result"] == "approved"


def test_a_merchant_renews_its_tls_certificate_with_its_signature(town):
    response = renewal(
        town, town.shop, new_key(), messages.MerchantRenewal, iss=SHOP, use="transport"
    )
    chain = read_chain(list(read_plain(messages.CertificateAnswer, response.content).x5c))
    who = verify_chain(chain, role=Role.MERCHANT, use=Use.TRANSPORT, trust=trust(), now=clock.now())
    assert (who.subject, who.name) == (SHOP, SHOP_NAME)


@pytest.mark.parametrize("kind", ["role", "revoked", "key"])
def test_renewals_that_are_refused(town, kind):
    buyer, key = town.enrol(), new_key()
    count = Certificate.objects.count()
    if kind == "role":
        response = renewal(town, town.shop, key, messages.CardholderRenewal)
        expected = (401, "certificate_role")
    elif kind == "revoked":
        revoke_certificates(subject=Instrument.objects.get().holder)
        response = renewal(town, buyer.signer, key, messages.CardholderRenewal)
        expected = (401, "certificate_revoked")
    else:
        response = renewal(town, buyer.signer, buyer.signer.key, messages.CardholderRenewal)
        expected = (403, "key_used_before")
    assert problem(response) == expected
    assert Certificate.objects.count() == count


def test_every_authority_tells_a_signed_status_list(town):
    for one in keyring().all():
        response = town.front("authority", f"/status/{one.thumbprint}")
        found = status_list.verify(
            response.content.decode(),
            public_key(one.certificate),
            subject=one.thumbprint,
            now=clock.now(),
        )
        assert not any(found.bits)
    assert problem(town.front("authority", "/status/unknown")) == (404, "not_found")


def test_the_wallet_s_page_alone_may_ask(town):
    response = town.front("authority", "/gateway")
    assert response.headers["Access-Control-Allow-Origin"] == WALLET.origin
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert not response.cookies
