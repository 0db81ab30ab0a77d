"""The bank's pages: for clerks alone, and with nothing of an order in them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from niaga.gateway.authority.models import CertificateOrder
from niaga.gateway.commands.note_echo import note_echo
from niaga.gateway.issuer.echo import is_answered
from niaga.gateway.models import Authorization, Batch, IssuerLine
from niaga.gateway.office.environment import moment
from niaga.kernel import clock
from niaga.protocol.authority import new_key
from niaga.protocol.messages.operations import Entry
from tests.gateway.test_authority_front import ordered
from tests.gateway.town import ITEM, Town, told
from tests.gateway.worlds import SILENT, LocalLine, Shop

pytestmark = pytest.mark.django_db
PAGES = ("overview", "authorizations", "messages", "batches", "certificates")


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("petugas"))
    return client


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_nobody_comes_in_without_signing_in(name):
    response = Client().get(reverse(name))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("sign-in"))


def test_a_clerk_signs_in_with_a_password(client):
    User.objects.create_user("petugas", password="rahasia-123")
    body = {"username": "petugas", "password": "wrong"}
    assert "do not match" in client.post(reverse("sign-in"), body).content.decode()
    response = client.post(reverse("sign-in"), body | {"password": "rahasia-123"})
    assert (response.status_code, response.url) == (302, reverse("overview"))


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_when_there_is_nothing(clerk, name):
    assert page(clerk, name)


def test_what_is_held_is_seen_and_what_is_done_about_it(clerk, bank):
    shop = Shop.open(bank)
    facts = shop.authorize(150_000)
    shop.capture(facts, 100_000)
    shop.capture(facts, 100_000)
    assert "Rp50.000" in page(clerk, "overview")
    assert facts.xid[:12] in page(clerk, "authorizations", state="approved")
    assert facts.xid[:12] not in page(clerk, "authorizations", state="declined")
    assert facts.xid[:12] in page(clerk, "authorizations", q=facts.xid)
    shown = page(clerk, "authorization", facts.authorization_id)
    for words in ("Rp150.000", "Rp100.000", "Rp50.000", "amount exceeds authorised", "0220"):
        assert words in shown


def test_the_issuer_s_line_is_seen_up_and_down_and_since_when(clerk, bank):
    line = LocalLine(bank)
    assert "not tried yet" in page(clerk, "overview")
    began = clock.now()
    for minutes, cut in ((0, False), (1, False), (2, True), (3, True)):
        line.cut = cut
        with clock.at(began + timedelta(minutes=minutes)):
            note_echo(answered=is_answered(line))
    row = IssuerLine.objects.get()
    changed, asked = began + timedelta(minutes=2), began + timedelta(minutes=3)
    assert (row.is_up, row.since, row.asked_at) == (False, changed, asked)
    assert f"down since {moment(changed)}" in page(clerk, "overview").replace("&#39;", "'")
    line.cut = False
    note_echo(answered=is_answered(line))
    assert "line up since" in page(clerk, "overview")


def test_an_issuer_that_answers_not_approved_is_down(bank):
    class Refusing(LocalLine):
        def ask(self, message, *, timeout_s):
            return replace(super().ask(message, timeout_s=timeout_s), response="91")

    assert is_answered(LocalLine(bank))
    assert not is_answered(Refusing(bank))


def test_a_message_that_waits_is_seen(clerk, bank):
    shop = Shop.open(bank, SILENT)
    shop.authorize()
    shop.line.loses_answers = True
    shop.round()
    assert "0400" in page(clerk, "messages", state="due")
    assert "0400" not in page(clerk, "messages", state="accepted")


def test_a_difference_is_cleared_with_a_note(clerk, bank):
    shop = Shop.open(bank)
    shop.batch(Entry(kind="credit", id="A" * 22, minor=500))
    row = Batch.objects.get()
    address = reverse("batch", args=[row.id])
    assert clerk.post(address, {"note": " "}).status_code == 422
    assert Batch.objects.get().state == "differs"
    clerk.post(address, {"note": "Booked twice at the merchant"})
    found = Batch.objects.get()
    assert (found.state, found.cleared_by) == ("cleared", "petugas")
    clerk.post(address, {"note": "Again"})
    assert Batch.objects.get().note == "Booked twice at the merchant"
    assert "Booked twice" in page(clerk, "batch", row.id)


def test_a_clerk_issues_or_refuses_a_certificate(clerk, town: Town):
    for verb, state in (("approve", "issued"), ("refuse", "refused")):
        ordered(town, new_key())
        town.settings.ROOT_URLCONF = "niaga.gateway.office.urls"
        order = CertificateOrder.objects.get(state="waiting")
        assert "Toko Baru" in page(clerk, "certificates")
        clerk.post(reverse("decide", args=[order.id]), {verb: "1"})
        assert CertificateOrder.objects.get(pk=order.pk).state == state
    assert Client().post(reverse("decide", args=[order.id]), {"approve": "1"}).status_code == 302


def test_no_page_can_tell_what_was_bought(clerk, town: Town):
    buyer = town.enrol()
    assert told(town.ask(town.order(buyer)))["result"] == "approved"
    town.settings.ROOT_URLCONF = "niaga.gateway.office.urls"
    row = Authorization.objects.get()
    for text in (page(clerk, "authorization", row.id), page(clerk, "authorizations")):
        for secret in (ITEM, "CANARY", "Tasikmalaya", buyer.pan, buyer.pan[-4:]):
            assert secret not in text


def test_unknown_things_are_not_found(clerk):
    for name in ("authorization", "batch"):
        address = reverse(name, args=["00000000-0000-0000-0000-000000000000"])
        assert clerk.get(address).status_code == 404
