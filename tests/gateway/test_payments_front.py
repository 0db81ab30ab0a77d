"""Merchants' messages over HTTP: what is answered, signed or not, and what is never done."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niaga.gateway.authority.commands.revoke_certificate import revoke_certificates
from niaga.gateway.issuer_simulator.cards import CARDS
from niaga.gateway.keys import gateway_cabinet, gateway_signer, keyring, trust
from niaga.gateway.models import Authorization, Capture, Operation
from niaga.gateway.payments import peer
from niaga.kernel import clock
from niaga.ledger.models import Hold
from niaga.plumbing.audit import run_all
from niaga.protocol import authority
from niaga.protocol.authority import Holder
from niaga.protocol.envelope import peek
from niaga.protocol.errors import AnsweredFailureError
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.merchant import operations as desk
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages.operations import Entry
from niaga.protocol.messages.parts import Amount
from niaga.protocol.messages.purchase import Receipt
from niaga.protocol.wallet import purchase as wallet
from tests.gateway.town import BANK, SHOP, told
from tests.support.sent import sent

ROGUE = "https://rogue.example"
PAYS, REFUSES = CARDS[0].pan, CARDS[1].pan


def believed(response, order):
    """The merchant's own check of the gateway's answer."""
    assert response.status_code == 200, response.content
    return merchant.check_authorization(
        response.content.decode(),
        request=order.auth_req,
        checkout=order.made.checkout,
        trust=trust(),
        now=clock.now(),
    )


def test_a_payment_from_the_card_to_the_settlement(town):
    order = town.order(town.enrol(), 150_000)
    found = believed(town.ask(order), order)
    assert found.response.message.result == "approved"
    auth_id = found.response.message.auth_id
    seller = town.desk()
    amount = Amount(currency="IDR", minor=100_000_00)
    captured = operate(
        town, seller.capture(xid=order.xid, auth_id=auth_id, seq=1, amount=amount, now=clock.now())
    )
    assert (captured.result, captured.books.captured_minor) == ("done", amount.minor)
    half = Amount(currency="IDR", minor=50_000_00)
    credited = operate(
        town,
        seller.credit(xid=order.xid, capture_id=captured.id, seq=2, amount=half, now=clock.now()),
    )
    reversed_ = operate(town, seller.reverse(xid=order.xid, seq=3, amount=None, now=clock.now()))
    assert (credited.result, reversed_.result) == ("done", "done")
    entries = [
        Entry(kind="capture", id=captured.id, minor=amount.minor),
        Entry(kind="credit", id=credited.id, minor=half.minor),
        Entry(kind="reversal", id=reversed_.id, minor=half.minor),
    ]
    batch = seller.compare(
        since_s=1,
        until_s=int(clock.now().timestamp()) + 1,
        currency="IDR",
        entries=entries,
        now=clock.now(),
    )
    response = town.front("payments", "/batches", batch)
    compared = desk.check_comparison(
        response.content.decode(), request=batch, trust=trust(), now=clock.now()
    )
    assert (compared.message.agreed, compared.message.differences) == (3, ())
    assert run_all() == ()


def operate(town, request):
    response = town.front("payments", "/operations", request)
    assert response.status_code == 200, response.content
    opened = desk.check_operation(
        response.content.decode(), request=request, trust=trust(), now=clock.now()
    )
    return opened.message


def test_an_authorization_takes_six_statements(town):
    buyer = town.enrol()
    town.ask(town.order(buyer))  # merchant, accounts and whom to believe are known by then
    order = town.order(buyer)
    with CaptureQueriesContext(connection) as statements:
        response = town.ask(order)
    assert len(sent(statements)) == 6, "\n".join(sent(statements))
    assert believed(response, order).response.message.result == "approved"


def test_a_decline_is_signed_and_receipted(town):
    order = town.order(town.enrol(REFUSES))
    found = believed(town.ask(order), order)
    assert found.response.message.result == "declined"
    assert found.response.message.reason == "refused_by_issuer"
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("pan", "tells", "merchant_is_told", "buyer_is_told"),
    [
        (CARDS[2].pan, True, "insufficient_funds", "insufficient_funds"),
        (CARDS[2].pan, False, "refused_by_issuer", "declined"),
        (CARDS[4].pan, True, "instrument_blocked", "declined"),
    ],
)
def test_the_buyer_is_told_little_of_why_and_of_funds_as_the_bank_likes(
    town, pan, tells, merchant_is_told, buyer_is_told
):
    town.settings.TELLS_FUNDS = tells
    order = town.order(town.enrol(pan))
    found = believed(town.ask(order), order).response.message
    assert found.reason == merchant_is_told
    assert peek(Receipt, found.receipt).reason == buyer_is_told
    # The bank's own people see what the issuer said.
    assert Authorization.objects.get().reason in {"insufficient_funds", "instrument_blocked"}


def test_identical_bytes_get_identical_bytes_even_when_stale(town):
    order = town.order(town.enrol())
    first = town.ask(order).content
    with clock.at(clock.now() + timedelta(hours=1)):
        assert town.ask(order).content == first
    assert Hold.objects.count() == 1


def test_a_stale_request_is_refused_and_holds_nothing(town):
    order = town.order(town.enrol())
    with clock.at(clock.now() + timedelta(hours=1)):
        assert told(town.ask(order))["code"] == "stale"
    assert not Authorization.objects.exists()


def test_another_signature_for_the_same_purchase_is_refused(town):
    buyer = town.enrol()
    order = town.order(buyer)
    town.ask(order)
    seal_again = _signed_again(town, order)
    assert told(town.front("payments", "/authorize", seal_again))["code"] == "xid_conflict"
    assert Authorization.objects.count() == Hold.objects.count() == 1


def _signed_again(town, order):
    now = clock.now()
    again = wallet.sign_purchase(
        order.signed.offer, order.buyer.signer, order.buyer.instrument, now=now
    )
    sca = order.buyer.authenticator.sign(again.ds_hash)
    checked = merchant.check_request(
        wallet.seal_purchase(again, sca=sca),
        offer=order.made.offer,
        checkout=order.made.checkout,
        live_amount=order.amount,
        trust=trust(),
        now=now,
    )
    return merchant.request_authorization(checked, signer=town.shop, now=now)


def test_the_passkey_is_asked_for_from_an_amount_on(town):
    buyer = town.enrol()
    town.settings.SECOND_FACTOR_FROM_MINOR = 100_000_00
    small = town.ask(town.order(buyer, 99_000, with_passkey=False))
    large = town.ask(town.order(buyer, 100_000, with_passkey=False))
    assert (told(small)["result"], told(large)["code"]) == ("approved", "sca_required")
    assert Hold.objects.count() == 1


def test_a_card_pays_for_its_own_wallet_only(town):
    mine, other = town.enrol(), town.enrol(CARDS[8].pan)
    stolen = replace(other, instrument=mine.instrument)
    assert told(town.ask(town.order(stolen)))["code"] == "pi_invalid"
    unknown = replace(mine, instrument=replace(mine.instrument, id=merchant.new_reference()))
    assert told(town.ask(town.order(unknown)))["code"] == "pi_invalid"
    assert not Authorization.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b" ", b"\xff\xfe", b"a.b.c", b"{}", b"x" * 40_000],
    ids=["empty", "binary", "no token", "json", "large"],
)
def test_what_is_no_message_gets_a_problem_document(town, body):
    response = town.front("payments", "/authorize", body)
    assert response.status_code in {400, 413}
    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(json.loads(response.content)) == {"title", "status", "code"}
    assert not Authorization.objects.exists()


def test_methods_and_media_types_are_closed(town):
    assert town.front("payments", "/authorize").status_code == 405
    response = town.front("payments", "/authorize", "{}", kind="application/json")
    assert response.status_code == 415


def test_a_gateways_or_strangers_signature_is_no_merchants(town):
    order = town.order(town.enrol())
    seller = town.desk()
    for signer in (gateway_signer(), order.buyer.signer):
        rogue = replace(seller, signer=signer)
        request = rogue.inquire(xid=order.xid, now=clock.now())
        response = town.front("payments", "/inquiry", request)
        assert response.status_code == 401
        assert json.loads(response.content)["code"] == "certificate_role"


def test_a_withdrawn_merchant_is_refused(town):
    order = town.order(town.enrol())
    assert revoke_certificates(thumbprint=town.shop.thumbprint) == 1
    response = town.ask(order)
    assert response.status_code == 401
    assert json.loads(response.content)["code"] == "certificate_revoked"
    assert not Authorization.objects.exists()


def test_another_merchant_sees_and_moves_nothing(town):
    order = town.order(town.enrol())
    found = believed(town.ask(order), order)
    signer, line = rogue_keys(town)
    rogue = desk.Desk(ROGUE, BANK, signer)
    request = rogue.inquire(xid=order.xid, now=clock.now())
    assert told(town.front("payments", "/inquiry", request, caller=line))["state"] == "unknown"
    request = rogue.capture(
        xid=order.xid,
        auth_id=found.response.message.auth_id,
        seq=1,
        amount=order.amount,
        now=clock.now(),
    )
    answer = town.front("payments", "/operations", request, caller=line)
    assert told(answer)["reason"] == "unknown_reference"
    assert not Capture.objects.exists()


def rogue_keys(town):
    """Another merchant's keys, for messages and for TLS."""
    town.settings.AUTHORITY_APPROVES = [ROGUE]
    return [
        town.order_certificate(use, address=ROGUE, name="Rogue")
        for use in (Use.SIGN, Use.TRANSPORT)
    ]


def test_nobody_carries_another_merchants_message(town):
    order = town.order(town.enrol())
    _signer, line = rogue_keys(town)
    response = town.front("payments", "/authorize", order.auth_req, caller=line)
    assert (response.status_code, code_of(response)) == (403, "another_caller")
    assert not Authorization.objects.exists()
    assert not Hold.objects.exists()


def test_a_line_without_a_merchants_certificate_for_tls_is_refused(town):
    order = town.order(town.enrol())
    others = {
        "none": replace(town.shop, chain=()),
        "for messages": town.shop,
        "a gateway's": gateway_cabinet().current(Use.TRANSPORT),
        "a buyer's": order.buyer.signer,
    }
    for name, caller in others.items():
        response = town.front("payments", "/authorize", order.auth_req, caller=caller)
        assert response.status_code == 401, name
        assert town.front("payments", "/certificates", caller=caller).status_code == 401, name
    assert not Authorization.objects.exists()


def test_a_line_whose_certificate_is_withdrawn_meanwhile_is_refused(town):
    order = town.order(town.enrol())
    assert town.front("payments", "/certificates").status_code == 200
    assert revoke_certificates(thumbprint=town.shop_tls.thumbprint) == 1
    response = town.ask(order)
    assert (response.status_code, code_of(response)) == (401, "certificate_revoked")
    assert not Authorization.objects.exists()


def test_a_merchant_of_another_brand_is_refused_although_its_chain_holds(town, monkeypatch):
    order = town.order(town.enrol())
    now = clock.now()
    root = keyring().authority("root")
    brand = authority.found_brand(root, "Other", index=1, now=now)
    shops = authority.found_role(brand, Role.MERCHANT, "Other merchants", index=0, now=now)
    caller = authority.enrol(shops, Holder(SHOP, "Toko"), use=Use.TRANSPORT, index=0, now=now)
    above = {
        one.thumbprint: authority.sign_status(one, [], entries=64, now=now)
        for one in (root, brand, shops)
    }
    believed = authority.gather_trust(
        [root.certificate], [one.certificate for one in (root, brand, shops)], above, now=now
    )
    monkeypatch.setattr(peer, "trust", lambda: believed)
    response = town.front("payments", "/authorize", order.auth_req, caller=caller)
    assert (response.status_code, code_of(response)) == (403, "mismatch")
    assert not Authorization.objects.exists()


def code_of(problem):
    return json.loads(problem.content)["code"]


def test_a_stale_operation_leaves_no_trace_and_its_number_is_free(town):
    order = town.order(town.enrol())
    found = believed(town.ask(order), order)
    auth_id = found.response.message.auth_id
    seller = town.desk()
    request = seller.capture(
        xid=order.xid, auth_id=auth_id, seq=1, amount=order.amount, now=clock.now()
    )
    with clock.at(clock.now() + timedelta(hours=1)):
        with pytest.raises(AnsweredFailureError, match="stale"):
            operate(town, request)
        assert not Operation.objects.exists()
        fresh = seller.capture(
            xid=order.xid, auth_id=auth_id, seq=1, amount=order.amount, now=clock.now()
        )
        assert operate(town, fresh).result == "done"
        assert operate(town, fresh).result == "done"
    assert Capture.objects.count() == 1


def test_an_inquiry_tells_the_stored_answer(town):
    order = town.order(town.enrol())
    seller = town.desk()
    before = seller.inquire(xid=order.xid, now=clock.now())
    assert told(town.front("payments", "/inquiry", before))["state"] == "unknown"
    answer = town.ask(order).content.decode()
    after = seller.inquire(xid=order.xid, now=clock.now())
    found = told(town.front("payments", "/inquiry", after))
    assert (found["state"], found["answer"]) == ("approved", answer)


def test_a_reversal_first_voids_the_request_after_it(town):
    order = town.order(town.enrol())
    seller = town.desk()
    made = operate(town, seller.reverse(xid=order.xid, seq=1, amount=None, now=clock.now()))
    assert made.result == "done"
    found = believed(town.ask(order), order)
    assert found.response.message.reason == "voided"
    assert not Hold.objects.exists()
