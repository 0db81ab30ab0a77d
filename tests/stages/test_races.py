"""Races on real connections: nothing is sold twice, nobody deadlocks, one wins."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from niaga.flows.goods.commands.book_slot import SlotFull
from niaga.flows.goods.commands.reserve_stock import StockExhausted
from niaga.flows.goods.models import Booking, Slot, StockLevel
from niaga.flows.money.models import Capture, Payment
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.project.audit import run_audit
from niaga.stages.ordering.commands.cancel_order import cancel_order, expire_purchase
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.sharing.models import Voucher
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_slot,
    make_voucher,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*actions: Callable[[], object], workers: int = 0) -> Counter[str]:
    """Run the actions on threads with connections of their own; count what came of them."""
    gate = threading.Barrier(workers or len(actions))

    def run(action: Callable[[], object]) -> str:
        if not workers:
            gate.wait(timeout=30)
        try:
            action()
        except Refusal as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(workers or len(actions)) as threads:
        return Counter(threads.map(run, actions))


def test_fifty_buyers_for_ten_units_get_exactly_ten():
    goods = make_goods(make_company(), stock=10)
    baskets = [make_basket((goods, 1)) for _ in range(50)]
    outcome = at_once(
        *(lambda basket=basket: place(basket, key=str(basket)) for basket in baskets), workers=12
    )
    assert outcome == {"done": 10, StockExhausted.code: 40}
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (10, 10)
    assert OrderLine.objects.count() == 10
    assert run_audit() == ()


def test_reversed_line_order_does_not_deadlock():
    company = make_company()
    one, other = make_goods(company, stock=500), make_goods(company, stock=500)
    baskets = [make_basket(*((one, 1), (other, 1))[:: 1 if n % 2 else -1]) for n in range(24)]
    outcome = at_once(
        *(lambda basket=basket: place(basket, key=str(basket)) for basket in baskets), workers=8
    )
    assert outcome == {"done": 24}
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {24}
    assert run_audit() == ()


def test_twenty_parallel_posts_of_one_form_place_one_purchase():
    goods = make_goods(make_company(), stock=50)
    basket = make_basket((goods, 1))
    total = Money.of(115_000).minor
    made = []
    outcome = at_once(
        *(
            lambda: made.append(place(basket, key="form", expected_total_minor=total))
            for _ in range(20)
        ),
    )
    assert outcome == {"done": 20}
    assert Purchase.objects.count() == 1
    assert len({placed.reference for placed in made}) == 1
    assert run_audit() == ()


def test_a_slot_is_never_double_booked():
    service = make_goods(make_company(), kind="service")
    slot = make_slot(service, capacity=2)
    baskets = [make_basket((service, 1), slots={service.variant.id: slot}) for _ in range(8)]
    outcome = at_once(*(lambda basket=basket: place(basket) for basket in baskets))
    assert outcome == {"done": 2, SlotFull.code: 6}
    assert (Slot.objects.get().booked, Booking.objects.count()) == (2, 2)
    assert run_audit() == ()


def test_the_last_use_of_a_voucher_is_used_once():
    make_voucher("HEMAT10", percent_bp=1000, uses_limit=1)
    goods = make_goods(make_company(), stock=50)
    baskets = [make_basket((goods, 1)) for _ in range(6)]
    outcome = at_once(
        *(
            lambda basket=basket: place(
                basket, voucher="HEMAT10", expected_total_minor=Money.of(105_000).minor
            )
            for basket in baskets
        )
    )
    assert outcome == {"done": 1, "voucher_refused": 5}
    assert Voucher.objects.get().uses == 1
    assert run_audit() == ()


@pytest.mark.parametrize("_again", range(3))
def test_payment_and_expiry_race_and_one_wins(_again):
    placed = place(make_basket((make_goods(make_company()), 1)))

    def expire():
        with clock.at(clock.now() + timedelta(hours=25)):
            assert expire_purchase(purchase_id=placed.purchase_id) in (True, False)

    at_once(lambda: pay(placed), expire)
    state = Payment.objects.get().state
    order = orders_of(placed)[0]
    if state == "confirmed":
        assert (order.state, Capture.objects.count()) == ("confirmed", 1)
        assert StockLevel.objects.get().reserved == 1
    else:
        assert (state, order.state, Capture.objects.count()) == ("expired", "cancelled", 0)
        assert StockLevel.objects.get().reserved == 0
    assert run_audit() == ()


@pytest.mark.parametrize("_again", range(3))
def test_cancelling_and_shipping_race_and_one_wins(_again):
    placed = place(make_basket((make_goods(make_company()), 1)))
    pay(placed)
    order = orders_of(placed)[0]
    outcome = at_once(
        lambda: ship_all(order),
        lambda: cancel_order(actor=Actor.guest(), order_id=order.id, reason=""),
    )
    assert outcome["done"] == 1
    assert Order.objects.get().state in ("shipped", "cancelled")
    level = StockLevel.objects.get()
    assert level.reserved == 0
    assert level.on_hand == (9 if Order.objects.get().state == "shipped" else 10)


@pytest.mark.parametrize("_again", range(2))
def test_the_bank_and_the_operator_confirm_once(_again):
    placed = place(make_basket((make_goods(make_company()), 1)))
    outcome = at_once(*(lambda: pay(placed) for _ in range(4)))
    assert outcome == {"done": 1, "transition_refused": 3}
    assert Capture.objects.count() == 1
