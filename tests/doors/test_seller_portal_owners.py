"""What is another seller's stays so: the door says 404, the command refuses, nothing changes."""

from datetime import time

import pytest
from django.apps import apps

from niaga.flows.goods.commands.keep_calendar import CalendarTerms, Hours
from niaga.flows.goods.commands.keep_location import Place, keep_location
from niaga.flows.goods.commands.keep_policy import Policy
from niaga.flows.goods.models import Location, Shipment
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.commands.describe_product import ProductUnknown
from niaga.kernel.actor import Actor
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.ship_order import (
    perform_service,
    ship_order,
    track_shipment,
)
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.owning import OrderUnknown
from niaga.stages.sharing.commands.own_stock import (
    correct_goods,
    decide_policy,
    offer_file,
    offer_keys,
    plan_times,
    receive_goods,
    send_goods,
)
from tests.doors.conftest import Desk
from tests.support.worlds import (
    Goods,
    make_basket,
    make_company,
    make_goods,
    orders_of,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


def second_location(company) -> Location:
    place = Place("Toko kedua", "Bogor", "Jawa Barat", "16111", 2)
    return Location.objects.get(pk=keep_location(seller_id=company.id, place=place))


ROOMS = ("goods", "ordering", "sharing", "plumbing")


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of goods, orders, offers and events."""
    return {
        model.__name__: sorted(model.objects.values_list(), key=repr)
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
    }


@pytest.fixture
def theirs(desk: Desk) -> Goods:
    """Goods of another seller than the one at the desk."""
    other = make_company()
    second_location(other)
    return make_goods(other, stock=5)


@pytest.fixture
def mine(desk: Desk) -> tuple[Location, Location]:
    return (
        Location.objects.filter(seller_id=desk.company.id).first(),
        second_location(desk.company),
    )


STOCK_FORMS = {
    "stock_receive": {"quantity": 3},
    "stock_adjust": {"on_hand": 1, "reason": "x"},
    "stock_send": {"quantity": 1},
    "stock_policy": {"when_out": "backorder", "most_waiting": 5, "lead_days": 3},
}


@pytest.mark.parametrize("page", STOCK_FORMS)
def test_another_seller_s_stock_is_not_found(page, desk, theirs, mine):
    before = everything()
    one, other = mine
    places = {"location": str(one.id), "destination": str(other.id)}
    status, _ = desk.post(page, theirs.variant.id, **places, **STOCK_FORMS[page])
    assert status == 404
    assert everything() == before


@pytest.mark.parametrize("page", ["stock_receive", "stock_adjust", "stock_send"])
def test_another_seller_s_location_is_refused(page, desk, theirs, mine):
    goods = make_goods(desk.company, stock=5)
    before = everything()
    places = {"location": str(theirs.location.id), "destination": str(theirs.location.id)}
    status, _ = desk.post(page, goods.variant.id, **places, **STOCK_FORMS[page])
    assert status == 422
    assert everything() == before


TERMS = CalendarTerms("Asia/Jakarta", 60, 0, 1, 2, 7, 24, ((0, Hours(time(9), time(10))),))


def test_commands_about_another_seller_s_products_refuse(desk, theirs, mine):
    one, other = mine
    seller = {"seller_id": desk.company.id, "sku_id": theirs.variant.id}
    said = {"actor": Actor("seller", seller_id=desk.company.id), **seller}
    booked = {**said, "location_id": one.id, "why": "other", "reason": ""}
    file = {"name": "a.pdf", "path": "a", "size_bytes": 1, "sha256": ""}
    before = everything()
    for refused in (
        lambda: receive_goods(**booked, quantity=1),
        lambda: correct_goods(**booked, on_hand=1),
        lambda: send_goods(**said, origin_id=one.id, destination_id=other.id, quantity=1),
        lambda: decide_policy(**said, policy=Policy(alert_at=1)),
        lambda: offer_keys(**seller, texts=["A"]),
        lambda: offer_file(**seller, **file),
        lambda: plan_times(**seller, terms=TERMS),
    ):
        with pytest.raises(ProductUnknown):
            refused()
    assert everything() == before


def test_another_seller_s_orders_are_not_found_and_its_commands_refuse(desk, theirs):
    [order] = orders_of(place(make_basket((theirs, 2)), method="cash_on_delivery"))
    line = OrderLine.objects.get(order=order)
    ship_all(order)
    parcel = Shipment.objects.get()
    [fresh] = orders_of(place(make_basket((theirs, 1)), method="cash_on_delivery"))
    wanted = {fresh.lines.get().id: 1}
    before = everything()
    units = {f"units_{line_id.hex}": 1 for line_id in wanted}
    assert desk.post("ship", fresh.id, carrier="JNE", **units)[0] == 404
    assert desk.post("track", parcel.id, state="delivered")[0] == 404
    assert desk.post("order_cancel", fresh.id, reason="x")[0] == 404
    assert desk.post("perform", line.id)[0] == 404
    actor = Actor("seller", seller_id=desk.company.id)
    for refused in (
        lambda: ship_order(actor=actor, order_id=fresh.id, quantities=wanted, carrier="JNE"),
        lambda: track_shipment(actor=actor, shipment_id=parcel.id, state=ShipmentState.DELIVERED),
        lambda: cancel_order(actor=actor, order_id=fresh.id, reason="x"),
    ):
        with pytest.raises(OrderUnknown):
            refused()
    OrderLine.objects.filter(pk=line.id).update(kind="service")
    with pytest.raises(OrderUnknown):
        perform_service(actor=actor, line_id=line.id)
    OrderLine.objects.filter(pk=line.id).update(kind="goods")
    assert everything() == before
