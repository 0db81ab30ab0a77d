"""The authority's public face: a card becomes a certificate, and is never seen on the way."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from pytest_django import Settings

from niaga.gateway.authority.models import Certificate, Nonce
from niaga.gateway.issuer_simulator.cards import CARDS, EXPIRY
from niaga.gateway.keys import trust
from niaga.gateway.models import Instrument
from niaga.kernel import clock
from niaga.protocol.authority import key_fingerprint, make_csr, new_key
from niaga.protocol.envelope import Signer, read_plain, sign, write_plain
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.x509 import Role, Use, read_chain, verify_chain
from niaga.protocol.messages import enrolment as messages
from niaga.protocol.wallet import enrolment
from tests.gateway.town import GOOD, WALLET, Town
from tests.support.payment import Authenticator

pytestmark = pytest.mark.django_db

HOLDER = "Dewi CANARY Lestari"


class Asking:
    """A wallet that is about to enrol, honest unless told otherwise."""

    def __init__(self, town: Town, pan: str = GOOD) -> None:
        self.town = town
        self.key = new_key()
        self.authenticator = Authenticator(party=WALLET)
        self.card = messages.CardData(pan=pan, expiry=EXPIRY, holder=HOLDER, cvc="123")
        told = town.front("authority", "/enrolments/challenge", "{}", kind="application/json")
        self.challenge = read_plain(messages.EnrolmentChallenge, told.content)

    def request(self) -> messages.EnrolmentRequest:
        csr = enrolment.make_csr(self.key, self.challenge)
        return enrolment.request_enrolment(
            self.challenge,
            csr,
            self.card,
            self.authenticator.passkey,
            self.authenticator.sign(jws.digest(csr)),
            trust=trust(),
            now=clock.now(),
        )

    def send(self, request: messages.EnrolmentRequest | None = None) -> Any:
        return self.town.certify("/enrolments", request or self.request())


def _nothing_was_issued() -> bool:
    cardholders = Certificate.objects.filter(role="cardholder")
    return not cardholders.exists() and not Instrument.objects.exists()


def _code(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.content)["code"]


def test_a_card_becomes_a_certificate_and_a_token(town: Town) -> None:
    asking = Asking(town)
    answer = read_plain(messages.EnrolmentAnswer, asking.send().content)
    identity = verify_chain(
        read_chain(list(answer.x5c)),
        role=Role.CARDHOLDER,
        use=Use.SIGN,
        trust=trust(),
        now=clock.now(),
    )
    assert identity.public_key == asking.key.public_key()
    assert identity.name == ""
    (instrument,) = Instrument.objects.all()
    assert instrument.holder == identity.subject
    assert instrument.passkey_id == asking.authenticator.passkey.id
    assert answer.label.endswith(GOOD[-4:])
    assert GOOD not in answer.label


def test_a_nonce_is_answered_once(town: Town) -> None:
    asking = Asking(town)
    request = asking.request()
    assert asking.send(request).status_code == 200
    assert _code(asking.send(request)) == (403, "mismatch")
    assert Certificate.objects.filter(role="cardholder").count() == 1


def test_a_nonce_is_over_in_time(town: Town) -> None:
    asking = Asking(town)
    Nonce.objects.update(expires_at=clock.now())
    assert _code(asking.send()) == (403, "mismatch")
    assert _nothing_was_issued()


def test_a_key_is_certified_once(town: Town) -> None:
    first, second = Asking(town), Asking(town)
    second.key = first.key
    assert first.send().status_code == 200
    assert _code(second.send()) == (403, "key_used_before")
    fingerprint = key_fingerprint(first.key.public_key())
    assert Certificate.objects.filter(key_fingerprint=fingerprint).count() == 1
    assert Instrument.objects.count() == 1


def test_two_wallets_of_one_card_are_two_identities(town: Town) -> None:
    assert Asking(town).send().status_code == Asking(town).send().status_code == 200
    holders = list(Instrument.objects.values_list("holder", flat=True))
    assert len(set(holders)) == 2


@pytest.mark.parametrize(
    "authenticator",
    [
        Authenticator(party=WALLET, flags=0x01),
        Authenticator(party=WALLET, flags=0x04),
        Authenticator(party=replace(WALLET, origin="https://evil.example")),
        Authenticator(party=replace(WALLET, id="evil.example")),
    ],
    ids=["person not verified", "person not present", "another origin", "another party"],
)
def test_a_passkey_that_does_not_count(town: Town, authenticator: Authenticator) -> None:
    asking = Asking(town)
    asking.authenticator = authenticator
    assert _code(asking.send()) == (403, "sca_invalid")
    assert _nothing_was_issued()
    assert town.line.sent == []


def test_an_assertion_of_another_request(town: Town) -> None:
    first, second = Asking(town), Asking(town)
    mixed = replace(second.request(), sca=first.request().sca, passkey=first.request().passkey)
    assert _code(second.send(mixed)) == (403, "sca_invalid")
    assert _nothing_was_issued()


def test_a_card_sealed_for_another_request(town: Town) -> None:
    first, second = Asking(town), Asking(town)
    mixed = replace(second.request(), card=first.request().card)
    assert _code(second.send(mixed)) == (403, "card_not_recognised")
    assert _nothing_was_issued()


def test_a_card_nobody_issued(town: Town) -> None:
    assert _code(Asking(town, pan="4000001234567899").send()) == (403, "card_not_recognised")
    assert _nothing_was_issued()


def test_an_issuer_that_is_silent(town: Town) -> None:
    town.line.cut = True
    assert _code(Asking(town).send())[1] == "unavailable"
    assert _nothing_was_issued()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{" + b" " * 20_000 + b"}", "application/json", 413),
        (b"{}", "text/plain", 415),
    ],
)
def test_bytes_that_are_no_request(town: Town, body: bytes, kind: str, status: int) -> None:
    response = town.front("authority", "/enrolments", body, kind=kind)
    assert _code(response)[0] == status
    assert _nothing_was_issued()


def test_an_unknown_field_is_refused(town: Town) -> None:
    asking = Asking(town)
    told = json.loads(write_plain(asking.request())) | {"more": 1}
    response = town.front("authority", "/enrolments", json.dumps(told), kind="application/json")
    assert _code(response) == (400, "schema_invalid")


def test_renewal_keeps_the_name_and_changes_the_key(town: Town) -> None:
    buyer = town.enrol()
    renewed = _renew(town, buyer.signer)
    assert renewed.chain[0].subject == buyer.signer.chain[0].subject
    assert renewed.thumbprint != buyer.signer.thumbprint


def _renewal(town: Town, signer: Signer) -> tuple[Any, Any]:
    key = new_key()
    csr = base64url.encode(make_csr(key, nonce=town.nonce()))
    asked = messages.CardholderRenewal(csr=csr, iat=int(clock.now().timestamp()))
    return key, town.front("authority", "/renewals", sign(asked, signer))


def _renew(town: Town, signer: Signer) -> Signer:
    key, response = _renewal(town, signer)
    answer = read_plain(messages.CertificateAnswer, response.content)
    assert answer.x5c
    return Signer(key, read_chain(list(answer.x5c)))


def test_a_merchant_can_not_renew_as_a_cardholder(town: Town) -> None:
    _, response = _renewal(town, town.shop)
    assert _code(response) == (401, "certificate_role")


def test_the_wallets_page_alone_may_ask(town: Town) -> None:
    for path in ("/nonce", "/enrolments/challenge", "/enrolments", "/renewals"):
        response = town.front("authority", path, "{}", kind="application/json")
        assert response["Access-Control-Allow-Origin"] == WALLET.origin
        assert "Access-Control-Allow-Credentials" not in response
        assert response["Cache-Control"] == "no-store"
        assert response.cookies == {}


def test_one_address_may_not_try_cards_fast(town: Town, settings: Settings) -> None:
    asking = Asking(town)
    settings.AUTHORITY_PACE = 0
    assert _code(asking.send()) == (429, "too_many_requests")
    assert _nothing_was_issued()


def test_the_card_is_nowhere_at_the_authority(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [GOOD, HOLDER, "CANARY", CARDS[1].pan]
    assert Asking(town).send().status_code == 200
    refused = Asking(town, pan="4000001234567899")
    assert _code(refused.send())[1] == "card_not_recognised"
    rows = "".join(
        serializers.serialize("json", model.objects.all()) for model in apps.get_models()
    )
    passed = "".join(f"{message.sealed}{message.request}" for message in town.line.sent)
    for secret in [*secrets, "4000001234567899"]:
        for spelling in (secret, base64url.encode(secret.encode())):
            assert spelling not in rows
            assert spelling not in caplog.text
            assert spelling not in passed
