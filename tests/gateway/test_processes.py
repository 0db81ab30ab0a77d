"""Real processes over mutual TLS: who is let in, and what a sudden death leaves behind."""

import ssl
from pathlib import Path

import pytest
from pytest_django import Settings

from niaga.gateway.keys import trust
from niaga.gateway.models import Authorization, Capture
from niaga.kernel import clock
from niaga.ledger.models import Hold
from niaga.protocol.merchant import operations as desk
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages.parts import Amount
from tests.gateway.dying.apps import POINTS
from tests.gateway.processes import RemoteTown, running_bank
from tests.gateway.town import Buyer, Order
from tests.gateway.worlds import assert_books_agree

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_whoever_dies_wherever_the_buyer_is_charged_once_or_not_at_all(
    tmp_path: Path, settings: Settings
):
    with running_bank(tmp_path, settings) as town:
        buyer = town.enrol()
        only_the_shop_is_let_in(town)
        for point in POINTS:
            survive(town, buyer, point)
        assert_books_agree(town.bank)


def only_the_shop_is_let_in(town: RemoteTown) -> None:
    assert town.front("payments", "/certificates").status_code == 200
    for certificate in (None, town.data / "gateway/keys/both.pem"):
        if certificate:
            keys = town.data / "gateway/keys"
            certificate.write_bytes(
                (keys / "transport-key.pem").read_bytes() + (keys / "transport.pem").read_bytes()
            )
        with pytest.raises((ssl.SSLError, ConnectionError)):
            town.front("payments", "/certificates", certificate=certificate)


def survive(town: RemoteTown, buyer: Buyer, point: str) -> None:
    """A payment and a capture during which somebody dies at `point`."""
    held_before = Hold.objects.count()
    order = town.order(buyer, 30_000)
    if "operation" not in point and "message" not in point:
        town.dies_at.write_text(point)
    found = decided(town, order)
    assert Authorization.objects.filter(xid=order.xid).count() == 1, point
    approved = found.response.message.result == "approved"
    assert Hold.objects.count() - held_before == approved, point
    if approved:
        assert not town.dies_at.exists(), f"nobody died {point}"
        if "operation" in point or "message" in point:
            town.dies_at.write_text(point)
        capture_once(town, order, found.response.message.auth_id)
    town.wait_until_told()
    assert not town.dies_at.exists(), f"nobody died {point}"
    assert_books_agree(town.bank)


def decided(town: RemoteTown, order: Order) -> merchant.Authorization:
    answer = town.ask_until_decided(order.auth_req)
    return merchant.check_authorization(
        answer.content.decode(),
        request=order.auth_req,
        checkout=order.made.checkout,
        trust=trust(),
        now=clock.now(),
    )


def capture_once(town: RemoteTown, order: Order, auth_id: str | None) -> None:
    assert auth_id
    amount = Amount(currency="IDR", minor=30_000_00)
    request = town.desk().capture(
        xid=order.xid, auth_id=auth_id, seq=1, amount=amount, now=clock.now()
    )
    answer = town.operate_until_done(request)
    opened = desk.check_operation(
        answer.content.decode(), request=request, trust=trust(), now=clock.now()
    )
    assert opened.message.result == "done"
    assert Capture.objects.filter(authorization__xid=order.xid).count() == 1
