"""Calendars of services and licence keys of digital goods, as their sellers keep them."""

from datetime import date, time, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from niaga.doors.seller_portal.forms.offerings import read_day
from niaga.flows.goods.commands.book_slot import TooLateToCancel
from niaga.flows.goods.commands.keep_calendar import DayOff, Hours
from niaga.flows.goods.models import Booking, Calendar, KeyPool, LicenceKey, Slot
from niaga.flows.goods.offering_queries import calendar_of
from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.sealing import mark, seal, unseal
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.cancel_order import cancel_order
from tests.doors.conftest import Desk
from tests.support.buyers import browser
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_person,
    make_slot,
    orders_of,
    pay,
    place,
)

pytestmark = pytest.mark.django_db


def test_a_sealed_text_opens_at_its_place_with_its_key_alone():
    sealed = seal("KUNCI-1", place="a")
    assert "KUNCI" not in sealed
    assert sealed != seal("KUNCI-1", place="a")
    assert unseal(sealed, place="a") == "KUNCI-1"
    with pytest.raises(InvalidTag):
        unseal(sealed, place="b")
    with override_settings(SEALING_KEY="another"), pytest.raises(InvalidTag):
        unseal(sealed, place="a")
    assert mark("x", place="a") == mark("x", place="a") != mark("x", place="b")


@pytest.fixture
def software(desk: Desk):
    return make_goods(desk.company, kind="digital")


def test_keys_come_from_box_and_file_once_and_lie_sealed(desk, software):
    file = SimpleUploadedFile("keys.csv", b"\xef\xbb\xbfKEY-C;note\nKEY-A;x\n\n")
    said = {"sku": str(software.variant.id), "keys": "KEY-A\n KEY-B \n", "file": file}
    assert desk.post("keys", software.product.id, **said)[0] == 302
    assert KeyPool.objects.get().free == LicenceKey.objects.count() == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(k::text, ' ') FROM goods_licencekey k")
        assert "KEY-" not in cursor.fetchone()[0]
    page = desk.client.get(reverse("seller:keys", args=[software.product.id])).content.decode()
    assert "KEY-" not in page
    again = {"sku": str(software.variant.id), "keys": "KEY-C"}
    assert desk.post("keys", software.product.id, **again)[0] == 302
    assert LicenceKey.objects.count() == 3


@pytest.mark.parametrize(
    "said",
    [
        {"keys": ""},
        {"keys": "ok\n" + "x" * 201},
        {"file": SimpleUploadedFile("keys.txt", b"\xff\xfe\x00")},
    ],
)
def test_keys_that_cannot_be_taken_leave_nothing(said, desk, software):
    given = {"sku": str(software.variant.id), **said}
    assert desk.post("keys", software.product.id, **given)[0] == 422
    assert not LicenceKey.objects.exists()


@pytest.mark.parametrize("page", ["keys", "calendar"])
def test_another_seller_s_product_is_not_found(page, desk):
    kind = {"keys": "digital", "calendar": "service"}[page]
    theirs = make_goods(make_company(), kind=kind)
    said = {"sku": str(theirs.variant.id), "keys": "A", **HOURS}
    assert desk.post(page, theirs.product.id, **said)[0] == 404
    mine = make_goods(desk.company, kind=kind)
    assert desk.post(page, mine.product.id, **said)[0] == 422
    assert not (KeyPool.objects.exists())
    assert not (Calendar.objects.exists())


HOURS = {
    "zone": "Asia/Makassar", "duration_min": 60, "buffer_min": 15, "capacity": 2, "lead_h": 0,
    "horizon_days": 14, "change_h": 12, "cancel_h": 48,
    "late_fee_percent": 40, "resource": "Ibu Sri",
    "opens_0_1": "09:00", "closes_0_1": "12:00", "opens_0_2": "13:00", "closes_0_2": "15:00",
    "exceptions": "2026-11-30 Libur\n2026-12-07 10:00-11:00 pendek",
}  # fmt: skip


def test_a_calendar_opens_times_and_is_shown_as_it_was_kept(desk):
    service = make_goods(desk.company, kind="service")
    monday = clock.parse("2026-11-23T00:00:00+08:00")
    with clock.at(monday):
        said = {"sku": str(service.variant.id), **HOURS}
        assert desk.post("calendar", service.product.id, **said)[0] == 302
    starts = list(Slot.objects.order_by("starts_at").values_list("starts_at", flat=True))
    assert [clock.parse("2026-11-23T09:00:00+08:00"), len(starts)] == [starts[0], 4]
    assert starts[-1] == clock.parse("2026-12-07T10:00:00+08:00")
    kept = calendar_of(desk.company.id, service.variant.id)
    assert (kept.cancel_h, kept.change_h, kept.resource) == (48, 12, "Ibu Sri")
    assert kept.late_fee_percent == 40
    assert kept.exceptions[1] == DayOff(date(2026, 12, 7), Hours(time(10), time(11)), "pendek")
    page = desk.client.get(reverse("seller:calendar", args=[service.product.id]))
    text = page.content.decode()
    assert 'value="13:00"' in text
    assert "2026-12-07 10:00-11:00 pendek" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_0_1": "08:00"},
        {"opens_0_2": "11:00"},
        {"closes_0_1": ""},
        {"opens_0_1": "", "closes_0_1": "", "opens_0_2": "", "closes_0_2": ""},
        {"exceptions": "besok"},
        {"exceptions": "2026-12-07 11:00-10:00"},
        {"exceptions": "2026-12-07\n2026-12-07"},
        {"zone": "Mars/Olympus"},
        {"late_fee_percent": 101},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(wrong, desk):
    service = make_goods(desk.company, kind="service")
    said = {"sku": str(service.variant.id), **HOURS, **wrong}
    assert desk.post("calendar", service.product.id, **said)[0] == 422
    assert not (Calendar.objects.exists())
    assert not (Slot.objects.exists())


def test_days_are_read_as_they_are_written():
    assert read_day("2026-12-25") == DayOff(date(2026, 12, 25), None, "")
    assert read_day("2026-12-25 Hari Natal") == DayOff(date(2026, 12, 25), None, "Hari Natal")
    assert read_day("25-12-2026") is None


def test_a_booking_moves_at_the_shop_and_at_the_desk_within_its_rules(desk):
    service = make_goods(desk.company, kind="service")
    slots = [make_slot(service, days_ahead=n) for n in (3, 4, 5)]
    person = make_person()
    basket = make_basket((service, 1), slots={service.variant.id: slots[0]})
    placed = place(basket, actor=Actor("buyer", person.id))
    pay(placed)
    [order] = orders_of(placed)
    buyer, line_id = browser(person), order.lines.get().id
    address = reverse("order_time", args=[line_id])
    assert buyer.get(address).status_code == 200
    assert browser().post(address, {"slot": str(slots[1].id)}).status_code in (302, 404)
    assert Booking.objects.get().slot == slots[0]
    assert buyer.post(address, {"slot": str(slots[1].id)}).status_code == 302
    assert Booking.objects.get().slot == slots[1]
    with clock.at(slots[1].starts_at - timedelta(hours=3)):
        late = {"slot": str(slots[2].id)}
        assert buyer.post(address, late).status_code == 422
        assert Booking.objects.get().slot == slots[1]
        with pytest.raises(TooLateToCancel):
            cancel_order(actor=Actor.guest(), order_id=order.id, reason="x")
        assert Booking.objects.get().state == "confirmed"
        assert desk.post("order_time", line_id, **late)[0] == 302
        drain()
    assert Mail.objects.get(template="moved").to == "dewi@contoh.id"
    assert Booking.objects.get().slot == slots[2]
    cancel_order(actor=Actor.guest(), order_id=order.id, reason="x")
    assert Booking.objects.get().state == "cancelled"
