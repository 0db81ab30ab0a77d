"""A purchase is paid by card: approved, declined, unanswered; never charged twice."""

from collections.abc import Iterator

import pytest

from niaga.flows.money.models import Capture, Payment
from niaga.stages.ordering import paying
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from tests.support.audit import assert_flows_agree
from tests.support.bank import Bank, Buyer, card_market, make_buyer
from tests.support.worlds import make_basket, make_company, make_goods, orders_of, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(tmp_path) -> Iterator[Bank]:
    with card_market(tmp_path) as found:
        yield found


@pytest.fixture
def buyer(bank) -> Buyer:
    return make_buyer(bank)


def placed_by_card(*quantities: int, **product) -> PlacedPurchase:
    """A purchase with one seller for each quantity."""
    lines = [(make_goods(make_company(), **product), quantity) for quantity in quantities or (2,)]
    return place(make_basket(*lines), method="card")


def payment_of(placed: PlacedPurchase) -> Payment:
    return Payment.objects.get(cause_id=placed.purchase_id)


def send(placed: PlacedPurchase, buyer: Buyer):
    """Let the wallet fetch an offer, sign it and send it; return what it keeps and the answer."""
    token = payment_of(placed).token
    asked = buyer.ask()
    signed, request = buyer.sign(
        buyer.believe(
            asked,
            paying.make_offer(
                token=token,
                asked=b'{"n_c":"%s","brand":"%s"}' % (asked.n_c.encode(), asked.brand.encode()),
            ),
        )
    )
    answer = paying.take_request(token=token, body=request)
    return signed, request, buyer.check(signed, answer)


def test_approved(bank, buyer):
    placed = placed_by_card()
    _, _, answer = send(placed, buyer)
    assert answer.response.message.status == "paid"
    assert payment_of(placed).state == "authorized"
    assert orders_of(placed)[0].state == "confirmed"
    assert not Capture.objects.exists()
    assert_flows_agree()
