"""A booking that its buyer cancels: by the terms of the sale, to the last rupiah, once."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError

from niaga.flows.documents.models import Document
from niaga.flows.goods.commands.book_slot import TooLateToCancel
from niaga.flows.goods.commands.keep_calendar import CalendarTerms, Hours, keep_calendar
from niaga.flows.goods.models import Booking, Calendar, Slot
from niaga.flows.information.models import Mail
from niaga.flows.money.models import Escrow, GatewayOperation, Refund
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.parties.models import Company
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.states import TransitionRefused
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.complete_order import release_order
from niaga.stages.ordering.commands.give_up_booking import cancel_booking
from niaga.stages.ordering.commands.move_booking import reschedule
from niaga.stages.ordering.commands.refund_order import RefundChanged
from niaga.stages.ordering.commands.ship_order import NotToBeShipped, perform_service
from niaga.stages.ordering.models import Order, OrderLine
from tests.support.audit import assert_flows_agree
from tests.support.cards import pay_by_card, tell_bank
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_voucher,
    orders_of,
    pay,
    place,
)

pytestmark = pytest.mark.django_db
BUYER = Actor.guest()
PRICE = 333_333
ALL_DAY = tuple((day, Hours(time(0), time(23))) for day in range(7))


def service_with(percent, *, cancel_h=48):
    service = make_goods(make_company(), kind="service", price=PRICE)
    change_terms(service, percent, cancel_h=cancel_h)
    return service


def change_terms(service, percent, *, cancel_h=48):
    keep_calendar(
        seller_id=service.product.seller_id,
        sku_id=service.variant.id,
        terms=CalendarTerms(
            zone="Asia/Makassar", duration_min=60, buffer_min=0, capacity=1, lead_h=0,
            horizon_days=9, change_h=24, cancel_h=cancel_h, late_fee_percent=percent,
            weekly=ALL_DAY,
        ),
    )  # fmt: skip


def slot_of(service, *, days=3):
    soonest = clock.now() + timedelta(days=days)
    return Slot.objects.filter(sku_id=service.variant.id, starts_at__gt=soonest).earliest(
        "starts_at"
    )


def booked(service, *others, voucher="", days=3):
    slot = slot_of(service, days=days)
    basket = make_basket((service, 1), *others, slots={service.variant.id: slot})
    placed = place(basket, voucher=voucher)
    pay(placed)
    drain()
    return OrderLine.objects.get(order__purchase=placed.purchase_id, kind="service"), slot


def late(slot):
    return clock.at(slot.starts_at - timedelta(hours=5))


@pytest.mark.parametrize(("percent", "kept"), [(0, 0), (30, 99_999), (50, 166_666), (100, PRICE)])
def test_the_seller_keeps_its_part_and_the_rest_goes_back(percent, kept):
    line, slot = booked(service_with(percent))
    with late(slot):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=kept * 100)
        drain()
    back = sum(Refund.objects.values_list("amount_minor", flat=True))
    assert back == (PRICE - kept) * 100
    assert Slot.objects.get(pk=slot.pk).booked == 0
    assert Booking.objects.get().state == "cancelled"
    assert Order.objects.get().state == "delivered"
    credited = Document.objects.filter(kind="credit_note").values_list("total_minor", flat=True)
    assert sum(credited) == back
    assert_flows_agree()
    with clock.at(slot.starts_at + timedelta(days=8)):
        release_order(actor=Actor.system(), order_id=line.order_id)
        drain()
    [escrow] = Escrow.objects.all()
    assert escrow.state == ("releasable" if kept else "refunded")
    assert escrow.gross_minor - escrow.refunded_minor == kept * 100
    assert_flows_agree()


def test_in_time_all_of_it_goes_back_and_other_lines_go_on():
    service = service_with(50)
    seller = Company.objects.get(pk=service.product.seller_id)
    goods = make_goods(seller, price=20_000)
    line, _slot = booked(service, (goods, 1))
    cancel_booking(actor=BUYER, line_id=line.id, shown_minor=0)
    drain()
    assert Refund.objects.get().amount_minor == PRICE * 100
    order = Order.objects.get()
    assert order.state == "partly_shipped"
    assert order.lines.get(kind="goods").refunded_quantity == 0
    assert OrderLine.objects.get(pk=line.id).refunded_quantity == 1
    assert_flows_agree()


def test_the_terms_are_those_of_the_sale():
    service = service_with(20)
    line, slot = booked(service)
    change_terms(service, 100, cancel_h=200)
    with late(slot):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=66_666 * 100)
    assert Booking.objects.get().kept_percent == 20
    other, slot = booked(service)
    change_terms(service, None)
    with late(slot):
        cancel_booking(actor=BUYER, line_id=other.id, shown_minor=PRICE * 100)


def test_a_moved_booking_keeps_its_terms():
    service = service_with(20)
    line, slot = booked(service, days=3)
    change_terms(service, 90)
    reschedule(actor=BUYER, line_id=line.id, slot_id=slot_of(service, days=5).id)
    assert Booking.objects.get().late_fee_percent == 20
    moved = Slot.objects.get(booked=1)
    assert moved.pk != slot.pk
    with late(moved):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=66_666 * 100)


@pytest.mark.parametrize(
    ("percent", "hours", "shown", "refusal"),
    [
        (None, 5, 0, TooLateToCancel),
        (50, -1, 166_666, TooLateToCancel),
        (50, 5, 0, RefundChanged),
        (50, 50, 166_666, RefundChanged),
    ],
)
def test_what_was_not_agreed_changes_nothing(percent, hours, shown, refusal):
    line, slot = booked(service_with(percent))
    events = StoredEvent.objects.count()
    with clock.at(slot.starts_at - timedelta(hours=hours)), pytest.raises(refusal):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=shown * 100)
    assert Booking.objects.get().state == "confirmed"
    assert Slot.objects.get(pk=slot.pk).booked == 1
    assert not Refund.objects.exists()
    assert StoredEvent.objects.count() == events


def test_a_booking_ends_once():
    line, slot = booked(service_with(50))
    with late(slot):
        with pytest.raises(TooLateToCancel):
            cancel_order(actor=BUYER, order_id=line.order_id, reason="x")
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=166_666 * 100)
        seller = Actor("seller", seller_id=line.order.seller_id)
        with pytest.raises((TransitionRefused, NotToBeShipped)):
            cancel_booking(actor=BUYER, line_id=line.id, shown_minor=166_666 * 100)
        with pytest.raises((TransitionRefused, NotToBeShipped)):
            perform_service(actor=seller, line_id=line.id)
        drain()
    assert Refund.objects.count() == 1
    assert_flows_agree()


def test_both_are_told():
    line, slot = booked(service_with(50))
    with late(slot):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=166_666 * 100)
        drain()
    assert "166.666" in Mail.objects.get(template="given_up").text
    assert "166.666" in Mail.objects.get(template="given_up_seller").text
    told = StoredEvent.objects.get(type="BookingGivenUp")
    assert (told.subject_id, told.payload["kept_minor"]) == (line.order_id, 166_666 * 100)


def test_the_market_s_voucher_comes_back_in_its_part():
    make_voucher("SEPULUH", percent_bp=1000)
    line, slot = booked(service_with(50), voucher="SEPULUH")
    half = line.total_minor // 200 * 100
    with late(slot):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=half)
        drain()
    assert Refund.objects.get().amount_minor == line.total_minor - half
    [escrow] = Escrow.objects.all()
    assert 0 < escrow.refunded_subsidy_minor < escrow.subsidy_minor
    assert_flows_agree()


def test_a_card_is_charged_and_credited_with_the_rest(bank, wallet):
    service = service_with(30)
    slot = slot_of(service)
    placed = place(make_basket((service, 1), slots={service.variant.id: slot}), method="card")
    assert pay_by_card(placed, wallet).status == "paid"
    line = orders_of(placed)[0].lines.get()
    with late(slot):
        cancel_booking(actor=BUYER, line_id=line.id, shown_minor=99_999 * 100)
        assert not Refund.objects.exists()
        tell_bank()
        drain()
        tell_bank()
        drain()
    told = GatewayOperation.objects.values_list("kind", "state", "amount_minor").order_by("seq")
    assert list(told) == [
        ("capture", "done", PRICE * 100),
        ("credit", "done", (PRICE - 99_999) * 100),
    ]
    assert Refund.objects.get().state == "sent"
    assert_flows_agree()


def test_the_database_refuses_a_fee_above_the_price():
    service_with(50)
    with pytest.raises(IntegrityError, match="calendar_keeps_at_most_all"):
        Calendar.objects.update(late_fee_percent=101)
