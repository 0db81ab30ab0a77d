"""What a seller does at the door: stock, open times, ship, answer; and how it is refused."""

import csv
import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from niaga.flows.documents.models import Document
from niaga.flows.goods.models import (
    DeliveryService,
    Location,
    Shipment,
    Slot,
    StockLevel,
)
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.aftersales.models import Complaint, ComplaintMessage
from niaga.stages.ordering.models import Order
from tests.doors.conftest import Desk
from tests.stages.test_payouts import completed
from tests.support.buyers import Bought, browser, buy
from tests.support.worlds import (
    OPERATOR,
    Goods,
    make_basket,
    make_company,
    make_goods,
    make_slot,
    make_voucher,
    place,
)

pytestmark = pytest.mark.django_db


def state_of(order: Order) -> str:
    return Order.objects.values_list("state", flat=True).get(pk=order.id)


# Stock


def level(goods: Goods) -> StockLevel:
    return StockLevel.objects.get(sku_id=goods.variant.id)


def test_stock_comes_in_and_is_counted(desk: Desk) -> None:
    goods = make_goods(desk.company, stock=5)
    sku, location = goods.variant.id, str(goods.location.id)
    assert desk.post("stock_receive", sku, location=location, quantity=7)[0] == 302
    assert level(goods).on_hand == 12
    assert desk.post("stock_adjust", sku, location=location, on_hand=3, reason="broken")[0] == 302
    assert level(goods).on_hand == 3
    page = desk.client.get(reverse("seller:sku", args=[sku])).content.decode()
    assert "broken" in page


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("stock_receive", {"quantity": 0}),
        ("stock_receive", {"quantity": -5}),
        ("stock_receive", {"quantity": "many"}),
        ("stock_adjust", {"on_hand": -1, "reason": "x"}),
        ("stock_adjust", {"on_hand": 3}),
    ],
)
def test_wrong_counts_are_refused(name: str, data: dict[str, object], desk: Desk) -> None:
    goods = make_goods(desk.company, stock=5)
    status, _page = desk.post(name, goods.variant.id, location=str(goods.location.id), **data)
    assert status == 422
    assert level(goods).on_hand == 5


def test_what_is_promised_cannot_be_counted_away(desk: Desk) -> None:
    goods = make_goods(desk.company, stock=5)
    place(make_basket((goods, 4)))
    status, page = desk.post(
        "stock_adjust", goods.variant.id, location=str(goods.location.id), on_hand=3, reason="x"
    )
    assert status == 422
    assert "4 are promised to open orders" in page
    assert level(goods).on_hand == 5


def test_stock_lies_only_at_one_s_own_locations(desk: Desk) -> None:
    goods = make_goods(desk.company, stock=5)
    elsewhere = Location.objects.exclude(seller_id=desk.company.id).first()
    elsewhere = elsewhere or Location.objects.get(seller_id=make_company().id)
    status, _page = desk.post(
        "stock_receive", goods.variant.id, location=str(elsewhere.id), quantity=1
    )
    assert status == 422
    assert level(goods).on_hand == 5


def test_a_location_is_written(desk: Desk) -> None:
    assert desk.post("locations", name="Toko", postal_code="16423", priority=2)[0] == 302
    made = Location.objects.get(name="Toko")
    assert (made.city, made.seller_id) == ("Kota Depok", desk.company.id)
    for wrong in ({"name": "Toko"}, {"postal_code": "00000"}, {"priority": 0}):
        data = {"name": "Lain", "postal_code": "16423", "priority": 1, **wrong}
        assert desk.post("locations", **data)[0] == 422
    assert Location.objects.filter(seller_id=desk.company.id).count() == 2


# Bookable times


def times(goods: Goods, **changes: object) -> dict[str, object]:
    day = localdate(clock.now()) + timedelta(days=1)
    return {
        "sku": str(goods.variant.id), "from_date": day.isoformat(), "until_date": day.isoformat(),
        "weekdays": list("0123456"), "from_time": "09:00", "until_time": "12:00",
        "duration_min": 60, "capacity": 2, **changes,
    }  # fmt: skip


def test_times_are_opened_once_and_closed(desk: Desk) -> None:
    goods = make_goods(desk.company, kind="service")
    assert desk.post("slots", goods.product.id, **times(goods))[0] == 302
    assert Slot.objects.count() == 3
    desk.post("slots", goods.product.id, **times(goods))
    assert Slot.objects.count() == 3
    slot = Slot.objects.order_by("starts_at")[0]
    assert slot.capacity == 2
    assert desk.post("slot_close", goods.product.id, slot.id)[0] == 302
    assert Slot.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [{"until_time": "08:00"}, {"duration_min": 600}, {"until_date": "2000-01-01"},
     {"capacity": 0}, {"weekdays": []}, {"sku": "x"}],
)  # fmt: skip
def test_wrong_times_are_refused(changes: dict[str, object], desk: Desk) -> None:
    goods = make_goods(desk.company, kind="service")
    assert desk.post("slots", goods.product.id, **times(goods, **changes))[0] == 422
    assert not Slot.objects.exists()


def test_a_booked_time_stays_open(desk: Desk) -> None:
    goods = make_goods(desk.company, kind="service")
    slot = make_slot(goods)
    place(make_basket((goods, 1), slots={goods.variant.id: slot}))
    _status, page = desk.post("slot_close", goods.product.id, slot.id, follow=True)
    assert "Somebody has booked this time" in page
    assert Slot.objects.get() == slot


# Orders


@pytest.fixture
def sold(desk: Desk) -> Bought:
    """A paid order of three of one thing."""
    bought = buy(make_goods(desk.company, stock=10), quantity=3)
    drain()
    return bought


def ship(desk: Desk, sold: Bought, units: object, **data: str) -> tuple[int, str]:
    line = sold.order.lines.get()
    sent = {"carrier": "JNE", "tracking_number": "JNE-1", f"units_{line.id.hex}": units, **data}
    return desk.post("ship", sold.order.id, **sent)


def test_an_order_is_shipped_in_parts_and_tracked(desk: Desk, sold: Bought) -> None:
    assert ship(desk, sold, 1)[0] == 302
    assert state_of(sold.order) == "partly_shipped"
    assert ship(desk, sold, 2, tracking_number="JNE-2")[0] == 302
    assert state_of(sold.order) == "shipped"
    page = desk.client.get(reverse("seller:order", args=[sold.order.id])).content.decode()
    assert "JNE-1" in page
    assert "JNE-2" in page
    for parcel in Shipment.objects.all():
        state = {"state": "out_for_delivery", "note": "Depok"}
        assert desk.post("track", parcel.id, **state)[0] == 302
        assert desk.post("track", parcel.id, state="delivered", note="")[0] == 302
    assert state_of(sold.order) == "delivered"
    drain()
    notes = Document.objects.filter(cause_id=sold.order.id, kind="delivery_note")
    assert notes.count() == 2


@pytest.mark.parametrize(
    ("units", "changes"),
    [(4, {}), (0, {}), ("", {}), (-1, {}), ("x", {}), (1, {"carrier": ""})],
)
def test_a_wrong_parcel_is_refused(
    units: object, changes: dict[str, str], desk: Desk, sold: Bought
) -> None:
    before = StoredEvent.objects.count()
    assert ship(desk, sold, units, **changes)[0] == 422
    assert state_of(sold.order) == "confirmed"
    assert not Shipment.objects.exists()
    assert StoredEvent.objects.count() == before


def test_an_unpaid_order_is_not_shipped(desk: Desk) -> None:
    waiting = buy(make_goods(desk.company), paid=False)
    assert ship(desk, waiting, 1)[0] == 422
    assert state_of(waiting.order) == "placed"
    assert not Shipment.objects.exists()


def test_a_delivered_parcel_stays_delivered(desk: Desk, sold: Bought) -> None:
    ship(desk, sold, 3)
    parcel = Shipment.objects.get()
    desk.post("track", parcel.id, state="delivered")
    desk.post("track", parcel.id, state="in_transit")
    parcel.refresh_from_db()
    assert parcel.state == "delivered"


def test_a_seller_cancels_with_a_reason(desk: Desk, sold: Bought) -> None:
    assert desk.post("order_cancel", sold.order.id)[0] == 422
    assert state_of(sold.order) == "confirmed"
    assert desk.post("order_cancel", sold.order.id, reason="Sold out")[0] == 302
    assert state_of(sold.order) == "cancelled"
    page = browser(sold.buyer).get(sold.order_path).content.decode()
    assert "Sold out" in page


def test_what_was_shipped_is_not_cancelled(desk: Desk, sold: Bought) -> None:
    ship(desk, sold, 1)
    assert desk.post("order_cancel", sold.order.id, reason="Sold out")[0] == 422
    assert state_of(sold.order) == "partly_shipped"


def test_a_service_is_given_once(desk: Desk) -> None:
    goods = make_goods(desk.company, kind="service")
    slot = make_slot(goods)
    placed = place(make_basket((goods, 1), slots={goods.variant.id: slot}))
    [order] = Order.objects.filter(purchase_id=placed.purchase_id)
    line = order.lines.get()
    assert desk.post("perform", line.id)[0] == 422
    assert state_of(order) == "placed"


def test_documents_are_given_as_pdf(desk: Desk, sold: Bought) -> None:
    papers = Document.objects.filter(cause_id=sold.order.id)
    assert papers
    page = desk.client.get(reverse("seller:documents")).content.decode()
    for paper in papers:
        assert paper.number in page
        response = desk.client.get(reverse("seller:document_pdf", args=[paper.id]))
        assert response.content.startswith(b"%PDF-")


def test_an_order_s_money_adds_up_where_the_market_pays_a_voucher(desk: Desk) -> None:
    make_voucher("HEMAT", amount=5_000)
    order = buy(make_goods(desk.company, price=80_000), voucher="HEMAT").order
    assert order.subsidy_minor == Money.of(5_000).minor
    page = html.unescape(desk.client.get(reverse("seller:order", args=[order.id])).content.decode())
    rows = re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", page[page.index("Your money") :])
    shown = {word: int(re.sub(r"[^-\d]", "", amount)) for word, amount in rows}
    parts = [shown["The buyer pays"], shown["Market's share of the voucher"]]
    assert parts == [order.total_minor // 100, 5_000]
    assert shown["You get"] == sum(parts) + shown["Commission"]


def test_the_balance_shows_what_is_held(desk: Desk, sold: Bought) -> None:
    page = desk.client.get(reverse("seller:balance")).content.decode()
    net = Money(sold.order.total_minor - sold.order.commission_minor, "IDR")
    assert f"{net.major:,.0f}".replace(",", ".") in page
    response = desk.client.get(reverse("seller:statement_file"))
    table = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert table[0] == "posted_at,step,order,amount,balance,currency"
    assert sold.order.reference in table[1]
    completed(desk.company)
    response = desk.client.get(reverse("seller:statement_file"))
    rows = list(csv.DictReader(line.decode() for line in response.streaming_content))  # type: ignore[attr-defined]
    amounts = [Decimal(row["amount"]) for row in rows]
    assert min(amounts) < 0, "what leaves the account is a number, too"
    assert sum(amounts) == Decimal(rows[-1]["balance"])


# Complaints


def test_a_complaint_is_answered_and_handed_on(desk: Desk, sold: Bought) -> None:
    ship(desk, sold, 3)
    complaint_id = open_complaint(
        actor=OPERATOR,
        line_id=sold.order.lines.get().id,
        reason="damaged",
        body="Broken.",
        author="Dewi",
    )
    assert desk.post("complaint", complaint_id, body=" ")[0] == 422
    assert desk.post("complaint", complaint_id, body="We are sorry.")[0] == 302
    assert Complaint.objects.get().state == "answered"
    assert ComplaintMessage.objects.count() == 2
    assert desk.post("escalate", complaint_id)[0] == 302
    assert Complaint.objects.get().state == "escalated"
    assert desk.post("escalate", complaint_id)[0] == 422


# Delivery


def test_a_delivery_service_is_written(desk: Desk) -> None:
    flat = {"name": "Kilat", "kind": "flat", "flat": 25_000, "position": 1, "days_min": 1,
            "days_max": 2, "active": "on", "z-TOTAL_FORMS": 0, "z-INITIAL_FORMS": 0}  # fmt: skip
    assert desk.post("delivery_new", **flat)[0] == 302
    made = DeliveryService.objects.get(name="Kilat")
    assert made.flat_minor == Money.of(25_000).minor
    for wrong in ({"name": ""}, {"days_max": 0}, {"kind": "zone"}, {"flat": -1}, {"kind": "x"}):
        assert desk.post("delivery_new", **{**flat, "name": "Lain", **wrong})[0] == 422, wrong
    assert DeliveryService.objects.filter(seller_id=desk.company.id).count() == 2


# The shop's own pages


def test_the_shop_front_and_bank_account_are_changed(desk: Desk) -> None:
    front = {"tagline_id": "Kopi segar", "tagline_en": "", "story_id": "", "story_en": "",
             "colour": "#123456", "email": "halo@kopi.id", "phone": "081234567890"}  # fmt: skip
    assert desk.post("shop", **front)[0] == 302
    assert desk.post("shop", **{**front, "colour": "red"})[0] == 422
    bank = {"bank_name": "Bank Lain", "bank_account": "998877", "bank_holder": "PT Kopi"}
    assert desk.post("bank", **bank)[0] == 302
    assert desk.post("bank", **{**bank, "bank_account": "x"})[0] == 422
    desk.company.refresh_from_db()
    assert desk.company.tagline_id == "Kopi segar"
    assert desk.company.colour == "#123456"
    assert desk.company.bank_account == "998877"
