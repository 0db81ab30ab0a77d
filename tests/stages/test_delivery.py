"""Parcels named by SSCC, words of carriers, licence keys, calendars and changed bookings."""

import subprocess
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from biip.sscc import Sscc
from django.db import IntegrityError, connection

from niaga.flows.documents.rendering.parcel_label import ParcelLabel, render_labels
from niaga.flows.goods.commands.book_slot import NotToBeMoved, SlotFull
from niaga.flows.goods.commands.hand_out_keys import KeyTooLong, add_keys
from niaga.flows.goods.commands.keep_calendar import (
    CalendarTerms,
    DayOff,
    Hours,
    keep_calendar,
    make_slots,
)
from niaga.flows.goods.commands.record_tracking import TrackingWord
from niaga.flows.goods.commands.reserve_stock import StockExhausted
from niaga.flows.goods.models import (
    Booking,
    Calendar,
    CompanyPrefix,
    KeyPool,
    LicenceKey,
    Shipment,
    Slot,
    TrackingEvent,
)
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.cancel_order import cancel_purchase
from niaga.stages.ordering.commands.move_booking import reschedule
from niaga.stages.ordering.commands.ship_order import hear_of_parcel
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.queries import order_view
from tests.support.audit import assert_flows_agree
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_slot,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db
CARRIER = Actor.system()
BUYER = Actor.guest()


def paid(*lines, **more):
    placed = place(make_basket(*lines, **more))
    pay(placed)
    return orders_of(placed)[0]


class TestSscc:
    def test_parcels_of_a_market_are_numbered_without_gaps(self):
        codes = []
        for _ in range(3):
            goods = make_goods(make_company())
            codes.append(Shipment.objects.get(pk=ship_all(paid((goods, 2)))).sscc)
        assert [code[1:17] for code in codes] == [f"9521234{n:09d}" for n in (1, 2, 3)]
        assert all(Sscc.parse(code).check_digit == int(code[-1]) for code in codes)

    def test_a_seller_with_a_prefix_of_its_own_numbers_by_it(self):
        company = make_company()
        CompanyPrefix.objects.create(seller_id=company.id, prefix="8991234")
        parcel = Shipment.objects.get(pk=ship_all(paid((make_goods(company, weight_g=700), 2))))
        assert parcel.sscc[1:17] == "8991234000000001"
        assert parcel.weight_g == 1400

    def test_a_label_can_be_scanned(self, tmp_path: Path):
        label = ParcelLabel(
            "JNE", "JNE123", "OR-1", "095212340000000018", 1200, ("Toko",), ("Dewi", "Depok")
        )
        pdf = tmp_path / "label.pdf"
        pdf.write_bytes(render_labels([label], language="id", printed_at=clock.now()))
        subprocess.run(["pdftoppm", "-r", "203", "-png", pdf, tmp_path / "page"], check=True)
        [page] = tmp_path.glob("page*.png")
        read = subprocess.run(
            ["zbarimg", "--quiet", "--raw", page], check=True, capture_output=True, text=True
        )
        assert read.stdout.strip().lstrip("\x1d") == "00095212340000000018"


class TestWordsOfCarriers:
    def hear(self, shipment, state, hours, external_id=None):
        at = clock.now() + timedelta(hours=hours)
        word = TrackingWord(ShipmentState(state), at, external_id=external_id)
        return hear_of_parcel(actor=CARRIER, shipment_id=shipment, word=word)

    def state(self, shipment):
        return Shipment.objects.values_list("state", flat=True).get(pk=shipment)

    def test_a_late_word_is_kept_and_moves_nothing(self):
        shipment = ship_all(paid((make_goods(make_company()), 1)))
        assert self.hear(shipment, "out_for_delivery", 5)
        events = StoredEvent.objects.count()
        assert not self.hear(shipment, "in_transit", 2)
        assert self.state(shipment) == "out_for_delivery"
        assert StoredEvent.objects.count() == events
        assert list(
            TrackingEvent.objects.filter(shipment_id=shipment)
            .order_by("occurred_at")
            .values_list("state", "moved")
        ) == [("in_transit", True), ("in_transit", False), ("out_for_delivery", True)]

    def test_the_same_word_twice_is_written_once(self):
        shipment = ship_all(paid((make_goods(make_company()), 1)))
        assert self.hear(shipment, "out_for_delivery", 1, "w-1")
        assert not self.hear(shipment, "out_for_delivery", 1, "w-1")
        assert TrackingEvent.objects.filter(external_id="w-1").count() == 1

    def test_nothing_moves_a_delivered_parcel(self):
        order = paid((make_goods(make_company()), 1))
        shipment = ship_all(order)
        assert self.hear(shipment, "delivered", 1)
        for state in ShipmentState.values:
            assert not self.hear(shipment, state, 2)
        assert self.state(shipment) == "delivered"
        assert order.lines.get().delivered_quantity == 1
        drain()
        assert_flows_agree()

    def test_the_standard_statuses_are_there(self):
        words = "pending info_received in_transit out_for_delivery attempt_fail delivered"
        assert set(ShipmentState.values) == {
            *words.split(), "available_for_pickup", "exception", "expired",
        }  # fmt: skip


class TestLicenceKeys:
    def software(self, *keys):
        company = make_company()
        goods = make_goods(company, kind="digital")
        add_keys(seller_id=company.id, sku_id=goods.variant.id, texts=keys)
        return goods

    def test_each_unit_gets_one_key_that_its_page_alone_shows(self):
        order = paid((self.software("KEY-AAA", "KEY-BBB", "KEY-CCC"), 2))
        drain()
        view = order_view(order.id, audience="buyer", language="id")
        assert view.lines[0].keys == ("KEY-AAA", "KEY-BBB")
        mail = Mail.objects.get(template="keys")
        assert f"/purchases/{order.purchase.reference}/" in mail.text
        assert "2" in mail.text
        assert not [m for m in Mail.objects.all() if "KEY-" in m.text + m.html + m.subject]
        assert not [e for e in StoredEvent.objects.all() if "KEY-" in str(e.payload)]
        assert_flows_agree()

    def test_an_unpaid_order_shows_no_key_and_gives_it_back(self):
        goods = self.software("KEY-AAA")
        placed = place(make_basket((goods, 1)))
        order = orders_of(placed)[0]
        assert order_view(order.id, audience="buyer", language="id").lines[0].keys == ()
        assert KeyPool.objects.get().free == 0
        cancel_purchase(actor=BUYER, purchase_id=placed.purchase_id, reason="x")
        assert KeyPool.objects.get().free == 1
        assert LicenceKey.objects.get().state == "free"

    def test_an_empty_pool_sells_nothing(self):
        goods = self.software("KEY-AAA")
        basket = make_basket((goods, 2))
        with pytest.raises(StockExhausted):
            place(basket)
        assert not Purchase.objects.exists()
        assert KeyPool.objects.get().free == 1

    def test_the_seller_is_told_when_few_are_left(self):
        place(make_basket((self.software(*(f"K{n}" for n in range(6))), 2)))
        assert StoredEvent.objects.get(type="StockRanLow").payload["free"] == 4

    def test_keys_come_in_once(self):
        goods = self.software("KEY-AAA")
        again = {"seller_id": goods.product.seller_id, "sku_id": goods.variant.id}
        assert add_keys(**again, texts=["KEY-AAA", "", " KEY-BBB ", "KEY-BBB"]) == 1
        with pytest.raises(KeyTooLong):
            add_keys(**again, texts=["ok", "x" * 201])
        assert KeyPool.objects.get().free == LicenceKey.objects.count() == 2


NINE_TO_NOON = Hours(time(9), time(12))


def calendar(service, **changes):
    values = {
        "zone": "Asia/Jayapura", "duration_min": 60, "buffer_min": 30, "capacity": 1, "lead_h": 0,
        "horizon_days": 7, "change_h": 24, "weekly": tuple((day, NINE_TO_NOON) for day in range(7)),
    }  # fmt: skip
    return keep_calendar(
        seller_id=service.product.seller_id,
        sku_id=service.variant.id,
        terms=CalendarTerms(**values | changes),
    )


class TestCalendars:
    monday = clock.parse("2026-11-23T00:00:00+00:00")

    def test_slots_follow_rules_zone_and_buffer(self):
        service = make_goods(make_company(), kind="service")
        closed = DayOff(date(2026, 11, 25), None, "Libur")
        short = DayOff(date(2026, 11, 26), Hours(time(9), time(10)))
        with clock.at(self.monday):
            made = calendar(service, horizon_days=3, exceptions=(closed, short))
            assert make_slots(calendar_id=Calendar.objects.get().id) == 0
        starts = [slot.starts_at.isoformat() for slot in Slot.objects.order_by("starts_at")]
        assert made == len(starts)
        assert starts == [
            # Jayapura is nine hours ahead: nine o'clock there on Monday is midnight here.
            "2026-11-23T00:00:00+00:00",
            "2026-11-23T01:30:00+00:00",
            "2026-11-24T00:00:00+00:00",
            "2026-11-24T01:30:00+00:00",
            "2026-11-26T00:00:00+00:00",
        ]

    def test_one_person_is_never_booked_twice_across_services(self):
        company = make_company()
        one, other = (make_goods(company, kind="service") for _ in range(2))
        for service in (one, other):
            calendar(service, resource="Bu Sari")
        first, second = (Slot.objects.filter(sku_id=s.variant.id).earliest("starts_at")
                         for s in (one, other))  # fmt: skip
        assert first.starts_at == second.starts_at
        place(make_basket((one, 1), slots={one.variant.id: first}))
        with pytest.raises(SlotFull):
            place(make_basket((other, 1), slots={other.variant.id: second}))
        assert Order.objects.count() == 1

    def test_the_database_itself_refuses(self):
        company = make_company()
        for service in (make_goods(company, kind="service") for _ in range(2)):
            calendar(service, resource="Ruang A")
        first, second = Slot.objects.order_by("starts_at")[:2]
        assert first.starts_at == second.starts_at
        with (
            pytest.raises(IntegrityError, match="resource_never_double_booked"),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE goods_slot SET booked = 1")


class TestChangedBookings:
    def booked(self):
        service = make_goods(make_company(), kind="service")
        first, second = make_slot(service, days_ahead=3), make_slot(service, days_ahead=4)
        order = paid((service, 1), slots={service.variant.id: first})
        return order.lines.get(), first, second

    def test_a_buyer_moves_a_booking_in_time(self):
        line, first, second = self.booked()
        reschedule(actor=BUYER, line_id=line.id, slot_id=second.id)
        assert [Slot.objects.get(pk=s.pk).booked for s in (first, second)] == [0, 1]
        assert OrderLine.objects.get(pk=line.id).slot_starts_at == second.starts_at
        told = StoredEvent.objects.get(type="BookingMoved")
        assert told.subject_id == line.order_id
        drain()
        assert_flows_agree()

    def test_too_late_only_the_seller_can(self):
        line, first, second = self.booked()
        with clock.at(first.starts_at - timedelta(hours=5)):
            with pytest.raises(NotToBeMoved):
                reschedule(actor=BUYER, line_id=line.id, slot_id=second.id)
            assert Booking.objects.get().slot_id == first.id
            seller = Actor("seller", seller_id=line.order.seller_id)
            reschedule(actor=seller, line_id=line.id, slot_id=second.id)
        assert Booking.objects.get().slot_id == second.id

    def test_never_into_a_full_slot_nor_another_service(self):
        line, first, second = self.booked()
        service = make_goods(make_company(), kind="service")
        with pytest.raises(NotToBeMoved):
            reschedule(actor=BUYER, line_id=line.id, slot_id=make_slot(service).id)
        Slot.objects.filter(pk=second.pk).update(booked=1)
        with pytest.raises(SlotFull):
            reschedule(actor=BUYER, line_id=line.id, slot_id=second.id)
        assert Booking.objects.get().slot_id == first.id
        assert Slot.objects.get(pk=first.pk).booked == 1
