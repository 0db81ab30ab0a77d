"""The wallet's three addresses of a payment, and what the buyer sees of it on the purchase."""

import json
from typing import Any

import pytest
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from niaga.flows.money.models import Authorization, PayCode, Payment
from niaga.project.wsgi import application
from niaga.protocol.gateway.authorization import Decision
from tests.support.bank import WALLET, Buyer, Line, cut
from tests.support.buyers import Bought, browser, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(bank) -> Bought:
    return buy(paid=False, method="card")


def token_of(bought: Bought) -> str:
    return Payment.objects.get(cause_id=bought.placed.purchase_id).token


def post(name: str, bought: Bought, body: bytes, **headers: str):
    return Client().post(
        reverse(name, args=[token_of(bought)]),
        body,
        content_type="application/json",
        headers=headers,
    )


def ask_offer(bought: Bought, wallet: Buyer):
    asked = wallet.ask()
    body = json.dumps({"n_c": asked.n_c, "brand": asked.brand}).encode()
    return asked, post("pay_offer", bought, body, origin=WALLET)


def pay(bought: Bought, wallet: Buyer):
    asked, answer = ask_offer(bought, wallet)
    signed, request = wallet.sign(wallet.believe(asked, answer.content))
    return signed, request, post("pay", bought, request, origin=WALLET)


def through_the_server(method: str, path: str, body: bytes) -> dict[str, Any]:
    """What the market's server answers: the headers, `status` and `body`."""
    request = RequestFactory().generic(method, path, body, content_type="application/json")
    told: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        told.update(headers, status=status)

    told["body"] = b"".join(application(request.environ, start))
    return told


class TestWallet:
    def test_pays_from_offer_to_receipt_without_a_cookie(self, bought, wallet):
        signed, _, answer = pay(bought, wallet)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/jose"
        assert answer["Access-Control-Allow-Origin"] == WALLET
        assert answer["Cache-Control"].startswith("max-age=0")
        assert not answer.cookies
        assert wallet.check(signed, answer.content.decode()).response.message.status == "paid"
        again = Client().get(reverse("pay_status", args=[token_of(bought)]))
        assert wallet.check(signed, again.content.decode()).response.message.status == "paid"
        assert not again.cookies

    @pytest.mark.django_db(transaction=True)  # the server closes its connections
    def test_what_it_sends_passes_no_middleware_for_people(self, bought):
        path = reverse("pay_offer", args=[token_of(bought)])
        sent = through_the_server("POST", path, b"{}")
        assert sent["status"] == "422 Unprocessable Content"
        assert json.loads(sent["body"])["code"]
        assert sent["Content-Length"] == str(len(sent["body"]))
        assert sent["X-Content-Type-Options"] == "nosniff"
        assert sent["Access-Control-Allow-Origin"] == WALLET
        assert "Content-Security-Policy" not in sent
        looked = through_the_server("GET", reverse("pay", args=[token_of(bought)]), b"")
        assert looked["status"] == "302 Found"
        assert "Content-Security-Policy" in looked

    def test_preflight_lets_the_wallet_in_and_nobody_else(self, bought):
        answer = Client().options(reverse("pay_offer", args=[token_of(bought)]))
        assert answer.status_code == 204
        assert answer["Access-Control-Allow-Origin"] == WALLET
        assert "Access-Control-Allow-Credentials" not in answer
        page = browser(bought.buyer).get(bought.path)
        assert "Access-Control-Allow-Origin" not in page

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"", 422, "encoding_invalid"),
            (b"[]", 422, "encoding_invalid"),
            (b'{"n_c":"x","brand":"niaga"}', 422, "schema_invalid"),
            (b'{"n_c":"AAAAAAAAAAAAAAAAAAAAAA","brand":"niaga","more":1}', 422, "schema_invalid"),
            (b'{"n_c":"AAAAAAAAAAAAAAAAAAAAAA","brand":"other"}', 422, "mismatch"),
            (b" " * 600, 413, "too_large"),
        ],
    )
    def test_a_bad_question_gets_a_problem_document(self, bought, body, status, code):
        answer = post("pay_offer", bought, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer["Content-Type"] == "application/problem+json"
        assert not Authorization.objects.exists()

    def test_an_unknown_token_opens_nothing(self, bought, wallet):
        asked, answer = ask_offer(bought, wallet)
        _, signed = wallet.sign(wallet.believe(asked, answer.content))
        Authorization.objects.all().delete()
        for name, body in (("pay_offer", b"{}"), ("pay", signed)):
            path = reverse(name, args=["no-such-token"])
            sent = Client().post(path, body, content_type="application/json")
            assert sent.status_code == 404
        assert Client().get(reverse("pay_status", args=["no-such-token"])).status_code == 404
        assert browser().get(reverse("pay", args=["no-such-token"])).status_code == 404
        assert not Authorization.objects.exists()

    def test_other_methods_are_refused(self, bought):
        assert Client().get(reverse("pay_offer", args=[token_of(bought)])).status_code == 405
        assert Client().put(reverse("pay", args=[token_of(bought)])).status_code == 405

    def test_another_signature_for_the_same_offer_is_a_conflict(self, bank, bought, wallet):
        asked, answer = ask_offer(bought, wallet)
        offer = wallet.believe(asked, answer.content)
        _, first = wallet.sign(offer)
        _, second = wallet.sign(offer)
        assert post("pay", bought, first).status_code == 200
        refused = post("pay", bought, second)
        assert (refused.status_code, refused.json()["code"]) == (409, "xid_conflict")
        assert bank.paths().count("/authorize") == 1

    def test_a_person_is_led_to_the_purchase(self, bought):
        answer = browser(bought.buyer).get(reverse("pay", args=[token_of(bought)]))
        assert (answer.status_code, answer["Location"]) == (302, bought.path)


class TestBuyerSees:
    def test_the_way_to_the_wallet(self, bought):
        page = browser(bought.buyer).get(bought.path).content.decode()
        assert f'href="{WALLET}/#pay=https%3A%2F%2Flocalhost%3A8443%2Fpay%2F' in page
        assert "Pay in another way" in page

    def test_approved(self, bought, wallet):
        pay(bought, wallet)
        page = browser(bought.buyer).get(bought.path).content.decode()
        assert "Thank you, your bank approved" in page
        assert WALLET not in page

    def test_declined_and_tried_again_or_paid_in_another_way(self, bank, bought, wallet):
        bank.decide = lambda: Decision("declined", reason="insufficient_funds")
        pay(bought, wallet)
        client = browser(bought.buyer)
        page = client.get(bought.path).content.decode()
        assert "There is not enough money on the account." in page
        assert "Try again in the wallet" in page
        path = reverse("pay_with", args=[bought.placed.reference, "virtual_account"])
        assert "Pay in another way?" in client.get(path).content.decode()
        client.post(path)
        payment = Payment.objects.get(cause_id=bought.placed.purchase_id)
        waiting = ("virtual_account", None, "pending")
        assert (payment.method, payment.token, payment.state) == waiting
        page = client.get(bought.path).content.decode()
        assert PayCode.objects.get().content in page

    def test_the_bank_being_asked(self, bank, bought, wallet):
        bank.line = Line(before=cut("/authorize"))
        signed, _, answer = pay(bought, wallet)
        assert wallet.check(signed, answer.content.decode()).response.message.status == "pending"
        page = browser(bought.buyer).get(bought.path).content.decode()
        assert "We are asking your bank" in page
        assert "Cancel the whole purchase" not in page

    def test_a_stranger_can_not_change_the_method(self, bought):
        path = reverse("pay_with", args=[bought.placed.reference, "virtual_account"])
        assert browser().post(path).status_code == 404
        assert Payment.objects.get(cause_id=bought.placed.purchase_id).method == "card"


def test_cards_are_offered_only_where_a_gateway_is_named(bought):
    path = reverse("pay_with", args=[bought.placed.reference, "card"])
    with override_settings(CARD_GATEWAY_URL=""):
        assert browser(bought.buyer).get(path).status_code == 404
