"""Fetching a parcel: no address is asked for, and only the buyer's code hands it over."""

import pytest
from django.urls import reverse

from niaga.flows.goods.commands.hand_over import TRIES, NotToBeFetched, PickupCodeNeeded
from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, keep_delivery
from niaga.flows.goods.models import Shipment
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.models import Mail
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit
from niaga.stages.ordering.commands.place_order import AddressMissing, place_order
from niaga.stages.ordering.commands.receive_order import receive_order
from niaga.stages.ordering.commands.ship_order import hand_over, track_shipment
from niaga.stages.ordering.drafting import draft_purchase
from niaga.stages.ordering.models import Order, Purchase
from niaga.stages.ordering.queries import order_view
from tests.support.buyers import browser
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_person()


@pytest.fixture
def goods(owner):
    company = make_company(owner=owner)
    terms = DeliveryTerms("Ambil di toko", "pickup", Money.of(0), 0, 1, 9, True, ())
    keep_delivery(seller_id=company.id, terms=terms)
    return make_goods(company, price=50_000, stock=9)


def chosen(goods):
    return {str(goods.product.seller_id): "ambil-di-toko"}


def order_without_address(goods, deliveries):
    return place_order(
        actor=Actor.guest(), basket_id=make_basket((goods, 1)), email="dewi@contoh.id",
        name="Dewi", phone="081234567890", language="id", address=None, deliveries=deliveries,
        method="bank_transfer", expected_total_minor=Money.of(50_000).minor,
    )  # fmt: skip


def fetched(goods, **changes):
    total = Money.of(50_000).minor
    return place(
        make_basket((goods, 1)), deliveries=chosen(goods), expected_total_minor=total, **changes
    )


def seller(order):
    return Actor("seller", seller_id=order.seller_id)


def test_no_address_is_needed_where_all_is_fetched(goods):
    basket = make_basket((goods, 1))
    codes = {goods.product.seller_id: "ambil-di-toko"}
    draft = draft_purchase(basket_id=basket, province=None, chosen=codes, voucher_code="")
    assert (draft.needs_parcel, draft.needs_address) == (True, False)
    # Nobody is made to fetch it only because we do not know yet where it goes.
    draft = draft_purchase(basket_id=basket, province=None, chosen={}, voucher_code="")
    assert draft.needs_address
    with pytest.raises(AddressMissing):
        order_without_address(goods, {})
    assert not Order.objects.exists()
    placed = order_without_address(goods, chosen(goods))
    assert Purchase.objects.get(pk=placed.purchase_id).street == ""


def test_the_code_hands_it_over_once(goods):
    placed = fetched(goods)
    assert Purchase.objects.get().street == ""
    pay(placed)
    [order] = orders_of(placed)
    parcel_id = ship_all(order)
    parcel = Shipment.objects.get()
    assert (parcel.state, len(parcel.pickup_code)) == ("available_for_pickup", 6)
    drain()
    mail = Mail.objects.get(template="ready")
    assert parcel.pickup_code in mail.text
    for audience, code in (("buyer", parcel.pickup_code), ("seller", ""), ("operator", "")):
        view = order_view(order.id, audience=audience, language="id")
        assert view.shipments[0].pickup_code == code
    with pytest.raises(PickupCodeNeeded):
        track_shipment(actor=seller(order), shipment_id=parcel_id, state=ShipmentState.DELIVERED)
    wrong = f"{(int(parcel.pickup_code) + 1) % 1_000_000:06d}"
    shown = hand_over(actor=seller(order), shipment_id=parcel_id, code=wrong)
    assert (shown.right, shown.tries_left) == (False, TRIES - 1)
    assert Order.objects.get().state == "shipped"
    assert hand_over(actor=seller(order), shipment_id=parcel_id, code=parcel.pickup_code).right
    assert Order.objects.get().state == "delivered"
    with pytest.raises(NotToBeFetched):
        hand_over(actor=seller(order), shipment_id=parcel_id, code=parcel.pickup_code)
    assert run_audit() == ()


def test_after_too_many_wrong_codes_only_the_buyer_can_confirm(goods):
    placed = fetched(goods)
    pay(placed)
    [order] = orders_of(placed)
    parcel_id = ship_all(order)
    code = Shipment.objects.get().pickup_code
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    left = [
        hand_over(actor=seller(order), shipment_id=parcel_id, code=wrong).tries_left
        for _ in range(TRIES + 1)
    ]
    assert left == [4, 3, 2, 1, 0, 0]
    assert not hand_over(actor=seller(order), shipment_id=parcel_id, code=code).right
    assert Order.objects.get().state == "shipped"
    receive_order(actor=Actor.guest(), order_id=order.id)
    assert Order.objects.get().state == "completed"


def test_the_seller_enters_the_code_at_the_desk(goods, owner):
    placed = fetched(goods)
    pay(placed)
    [order] = orders_of(placed)
    desk = browser(owner)
    line = order.lines.get()
    said = {f"units_{line.id.hex}": 1}
    assert desk.post(reverse("seller:ship", args=[order.id]), said).status_code == 302
    parcel = Shipment.objects.get()
    page = desk.get(reverse("seller:order", args=[order.id])).content.decode()
    assert parcel.pickup_code not in page
    address = reverse("seller:fetched", args=[parcel.id])
    desk.post(address, {"code": "12"})
    assert Shipment.objects.get().pickup_tries == 0
    code = parcel.pickup_code
    assert desk.post(address, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert Order.objects.get().state == "delivered"
