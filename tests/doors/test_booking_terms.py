"""By which rules a booking changes: read before it is made, and kept to afterwards."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from niaga.flows.goods.commands.keep_calendar import CalendarTerms, Hours, keep_calendar
from niaga.flows.goods.models import Booking, Slot
from niaga.flows.money.models import Refund
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.worker import drain
from niaga.stages.sharing.indexing import index_products
from tests.support.buyers import browser
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
)

pytestmark = pytest.mark.django_db
LATE = "Cancel for free until 48 hours before; later the seller keeps 25 %."
MOVE = "Choose another time until 12 hours before."


@pytest.fixture
def service():
    made = make_goods(make_company(), kind="service", price=200_000)
    hours = tuple((day, Hours(time(8), time(20))) for day in range(7))
    keep_calendar(
        seller_id=made.product.seller_id,
        sku_id=made.variant.id,
        terms=CalendarTerms(
            zone="Asia/Jayapura", duration_min=60, buffer_min=0, capacity=3, lead_h=0,
            horizon_days=6, change_h=12, cancel_h=48, late_fee_percent=25, weekly=hours,
        ),
    )  # fmt: skip
    index_products([made.product.id])
    return made


def slot_of(service):
    soonest = clock.now() + timedelta(days=3)
    return Slot.objects.filter(sku_id=service.variant.id, starts_at__gt=soonest).earliest(
        "starts_at"
    )


def test_the_rules_stand_on_the_product_and_at_the_checkout(service):
    client = browser()
    address = reverse("product", args=[service.product.slug])
    page = client.get(address).content.decode()
    assert LATE in page
    assert MOVE in page
    slot = slot_of(service)
    said = {"variant": str(service.variant.id), "quantity": 1, "slot": str(slot.id)}
    client.post(reverse("basket_add"), said)
    page = client.get(reverse("checkout")).content.decode()
    assert LATE in page
    assert MOVE in page


def test_goods_have_no_such_rules(service):
    goods = make_goods(make_company())
    index_products([goods.product.id])
    page = browser().get(reverse("product", args=[goods.product.slug])).content.decode()
    assert "Cancel for free" not in page


def test_a_late_cancellation_is_shown_and_then_done(service):
    person, slot = make_person(), slot_of(service)
    basket = make_basket((service, 1), slots={service.variant.id: slot})
    placed = place(basket, actor=Actor("buyer", person.id))
    pay(placed)
    drain()
    line = orders_of(placed)[0].lines.get()
    buyer, address = browser(person), reverse("order_give_up", args=[line.id])
    order_page = reverse("order", args=[line.order_id])
    with clock.at(slot.starts_at - timedelta(hours=20)):
        assert address in buyer.get(order_page).content.decode()
        page = buyer.get(address).content.decode()
        assert LATE in page
        assert "Rp50.000" in page
        assert "Rp150.000" in page
        assert browser().post(address, {"shown_minor": 50_000_00}).status_code in (302, 404)
        assert buyer.post(address, {"shown_minor": 0}).status_code == 422
        assert Booking.objects.get().state == "confirmed"
        assert not Refund.objects.exists()
        assert buyer.post(address, {"shown_minor": 50_000_00}).status_code == 302
        drain()
        page = buyer.get(order_page).content.decode()
    assert Refund.objects.get().amount_minor == 150_000_00
    assert "The buyer cancelled a booking" in page
    assert "The seller keeps Rp50.000." in page
    assert address not in page


def test_once_it_began_nothing_is_offered(service):
    person, slot = make_person(), slot_of(service)
    basket = make_basket((service, 1), slots={service.variant.id: slot})
    placed = place(basket, actor=Actor("buyer", person.id))
    pay(placed)
    line = orders_of(placed)[0].lines.get()
    address = reverse("order_give_up", args=[line.id])
    with clock.at(slot.starts_at + timedelta(minutes=1)):
        buyer = browser(person)
        assert address not in buyer.get(reverse("order", args=[line.order_id])).content.decode()
        assert buyer.get(address).status_code == 302
        assert buyer.post(address, {"shown_minor": 0}).status_code == 302
    assert Booking.objects.get().state == "confirmed"
