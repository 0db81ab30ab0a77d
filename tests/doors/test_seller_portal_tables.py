"""Stock, tracking and rates from tables, signed messages, pick lists: all of it or nothing."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from standardwebhooks import Webhook

from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, keep_delivery
from niaga.flows.goods.commands.keep_sender import make_sender
from niaga.flows.goods.models import (
    CompanyPrefix,
    DeliveryService,
    DeliveryZone,
    Location,
    Shipment,
    StockLevel,
    StockMovement,
    TrackingEvent,
    TrackingSender,
)
from niaga.flows.information.models import Variant
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.tables import guarded
from niaga.project.audit import run_audit
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.picking import pick_lists
from tests.doors.conftest import Desk
from tests.support.buyers import buy
from tests.support.worlds import make_basket, make_company, make_goods, place, ship_all

pytestmark = pytest.mark.django_db


def csv_file(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("table.csv", "\n".join(lines).encode())


@pytest.fixture
def goods(desk: Desk):
    return make_goods(desk.company, stock=10)


def held(goods) -> int:
    return sum(StockLevel.objects.filter(sku_id=goods.variant.id).values_list("on_hand", flat=True))


# Stock


def test_a_table_sets_the_stock_and_only_what_differs_moves(desk, goods):
    same = make_goods(desk.company, stock=3)
    before = StockMovement.objects.count()
    table = csv_file("SKU;on_hand;note", f"{goods.variant.sku};7;pecah", f"{same.variant.sku};3;")
    assert desk.post("stock_table", file=table)[0] == 302
    assert (held(goods), held(same)) == (7, 3)
    moved = StockMovement.objects.exclude(kind="received")
    assert [(m.quantity, m.reason) for m in moved] == [(-3, "pecah")]
    assert StockMovement.objects.count() == before + 1
    assert run_audit() == ()


def test_a_table_with_any_wrong_row_changes_nothing_and_tells_each(desk, goods):
    place(make_basket((goods, 4)))
    theirs = make_goods(make_company(), stock=5)
    sku = goods.variant.sku
    before = StockMovement.objects.count()
    table = csv_file(
        "sku,location,on_hand",
        f"{sku},,3",
        f"{theirs.variant.sku},,1",
        f"{sku},Bulan,1",
        f"{sku},,banyak",
        f"{sku},,9",
    )
    status, page = desk.post("stock_table", file=table)
    assert status == 422
    faults = [
        ("2", "on_hand", "4"), ("3", "sku", theirs.variant.sku), ("4", "location", "Bulan"),
        ("5", "on_hand", "banyak"), ("6", "sku", sku),
    ]  # fmt: skip
    for line, column, value in faults:
        assert f">{line}</td>" in page
        assert f"<code>{column}</code>" in page
        assert f">{value}</td>" in page
    assert (held(goods), held(theirs)) == (10, 5)
    assert StockMovement.objects.count() == before


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("x.csv", b"sku,on_hand\n\xff,1"),
        SimpleUploadedFile("x.csv", b"\nsku,on_hand"),
        csv_file("sku,units", "A,1"),
        csv_file("sku,on_hand", '"A,1'),
    ],
)
def test_what_is_no_such_table_is_refused(file, desk, goods):
    assert desk.post("stock_table", file=file)[0] == 422
    assert held(goods) == 10


def test_the_stock_as_it_is_can_be_sent_back(desk, goods):
    answer = desk.client.get(reverse("seller:stock_now"))
    table = SimpleUploadedFile("stock.csv", answer.content)
    before = StockMovement.objects.count()
    assert desk.post("stock_table", file=table)[0] == 302
    assert (held(goods), StockMovement.objects.count()) == (10, before)


@pytest.mark.parametrize("sku", ["=1+1", "-KP-M", "'=1+1", "+62;@KP"])
def test_a_sku_like_a_formula_is_not_run_and_comes_back_as_it_is(desk, goods, sku):
    Variant.objects.filter(pk=goods.variant.id).update(sku=sku)
    file = desk.client.get(reverse("seller:stock_now")).content.decode()
    assert guarded(sku) in file
    assert not file.splitlines()[1].startswith(sku)
    changed = SimpleUploadedFile("stock.csv", file.replace(",10,", ",7,").encode())
    assert desk.post("stock_table", file=changed)[0] == 302
    assert held(goods) == 7


# Tracking


@pytest.fixture
def parcel(desk, goods):
    ship_all(buy(goods).order)
    return Shipment.objects.get()


def test_a_table_tracks_parcels_by_either_number_once(desk, parcel):
    at = clock.now().isoformat()
    rows = ("parcel,status,at,place", f"{parcel.sscc},out_for_delivery,{at},Bandung",
            f"{parcel.tracking_number},delivered,,")  # fmt: skip
    assert desk.post("tracking_table", file=csv_file(*rows))[0] == 302
    assert Shipment.objects.get().state == "delivered"
    assert list(TrackingEvent.objects.order_by("occurred_at").values_list("state", flat=True)) == [
        "in_transit", "out_for_delivery", "delivered",
    ]  # fmt: skip
    told = TrackingEvent.objects.count()
    assert desk.post("tracking_table", file=csv_file(*rows[:2]))[0] == 302
    assert TrackingEvent.objects.count() == told


def test_a_table_with_a_wrong_word_moves_no_parcel(desk, parcel):
    other = make_goods(make_company())
    ship_all(buy(other).order)
    theirs = Shipment.objects.exclude(pk=parcel.pk).get()
    late = (clock.now() + timedelta(days=1)).isoformat()
    rows = ("parcel,status,at", f"{parcel.sscc},delivered,", f"{theirs.sscc},delivered,",
            f"{parcel.sscc},flying,", f"{parcel.sscc},delivered,kemarin",
            f"{parcel.sscc},delivered,{late}")  # fmt: skip
    told = TrackingEvent.objects.count()
    status, page = desk.post("tracking_table", file=csv_file(*rows))
    assert status == 422
    for wrong in (theirs.sscc, "flying", "kemarin", late[:16]):
        assert wrong in page
    assert set(Shipment.objects.values_list("state", flat=True)) == {"in_transit"}
    assert TrackingEvent.objects.count() == told


def test_a_fetched_parcel_is_not_delivered_by_a_table(desk, parcel):
    Shipment.objects.update(pickup_code="123456")
    rows = ("parcel,status", f"{parcel.sscc},delivered")
    assert desk.post("tracking_table", file=csv_file(*rows))[0] == 422
    assert Shipment.objects.get().state == "in_transit"


class Sender:
    """A carrier with the seller's secret."""

    def __init__(self, company_id) -> None:
        self.secret = make_sender(seller_id=company_id)
        self.address = reverse("seller:tracking_news", args=[company_id])

    def send(self, *words, name="msg_1", at=None, secret=None, body=None, address=None):
        text = body or json.dumps({"type": "parcel.tracked", "data": words})
        at = at or clock.now()
        signature = Webhook(secret or self.secret).sign(name, at, text)
        headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp())),
                   "webhook-signature": signature}  # fmt: skip
        return Client(enforce_csrf_checks=True).post(
            address or self.address, text, content_type="application/json", headers=headers
        )


def test_a_signed_message_tracks_parcels_and_twice_changes_nothing(desk, parcel):
    sender = Sender(desk.company.id)
    word = {"parcel": parcel.sscc, "status": "delivered", "place": "Depok"}
    answer = sender.send(word)
    assert (answer.status_code, answer.json()) == (
        200,
        {"words": 1, "moved": 1, "already_known": 0},
    )
    assert Order.objects.get().state == "delivered"
    told = TrackingEvent.objects.count()
    again = sender.send(word)
    assert again.status_code == 200
    assert again.json() == {"words": 1, "moved": 0, "already_known": 1}
    assert TrackingEvent.objects.count() == told
    assert run_audit() == ()


def test_wrong_signatures_old_messages_and_other_sellers_are_refused(desk, parcel):
    sender, word = Sender(desk.company.id), {"parcel": parcel.sscc, "status": "delivered"}
    other = Sender(make_company().id)
    told = TrackingEvent.objects.count()
    ended = sender.secret
    assert sender.send(word, secret=other.secret).status_code == 401
    assert sender.send(word, at=clock.now() - timedelta(minutes=10)).status_code == 401
    assert Client().post(sender.address, "{}", content_type="application/json").status_code == 401
    assert other.send(word).status_code == 422, "the parcel is not that seller's"
    assert sender.send(body="[]").status_code == 400
    assert sender.send({"parcel": parcel.sscc, "status": "flying"}).status_code == 422
    assert desk.post("carrier", make="1")[0] == 200
    assert sender.send(word, secret=ended).status_code == 401, "a new secret ends the one before"
    desk.post("carrier_end")
    assert not TrackingSender.objects.filter(pk=desk.company.id).exists()
    assert sender.send(word).status_code == 404
    assert Shipment.objects.get().state == "in_transit"
    assert TrackingEvent.objects.count() == told


def test_the_secret_is_told_once_and_lies_sealed(desk):
    status, page = desk.post("carrier", make="1")
    secret = page.split("whsec_")[1].split("<")[0]
    assert status == 200
    assert "whsec_" not in desk.client.get(reverse("seller:carrier")).content.decode()
    assert secret not in TrackingSender.objects.get().sealed


@pytest.mark.parametrize("prefix", ["12", "1234567890123", "12a4"])
def test_a_wrong_prefix_is_refused(prefix, desk):
    assert desk.post("carrier", gs1_prefix=prefix)[0] == 422
    assert not CompanyPrefix.objects.exists()


def test_the_next_parcel_has_the_seller_s_prefix(desk, goods):
    CompanyPrefix.objects.create(seller_id=make_company().id, prefix="8991111")
    assert desk.post("carrier", gs1_prefix="8991111")[0] == 422
    assert desk.post("carrier", gs1_prefix="8992222")[0] == 302
    ship_all(buy(goods).order)
    assert Shipment.objects.get().sscc.startswith("08992222")
    assert desk.post("carrier", gs1_prefix="")[0] == 302
    assert not CompanyPrefix.objects.filter(pk=desk.company.id).exists()


# Rates


@pytest.fixture
def service(desk):
    terms = DeliveryTerms("Kargo", "zone", Money.of(0), 1, 3, 2, True, ())
    keep_delivery(seller_id=desk.company.id, terms=terms)
    return DeliveryService.objects.get(seller_id=desk.company.id, name="Kargo")


HEAD = "zone,provinces,first_kg,extra_kg,days_min,days_max"


def test_a_rate_table_replaces_the_zones(desk, service):
    rows = (HEAD, "Jawa,jawa barat|Banten,12000,9000,1,3", "Lainnya,*,38000,30000,4,9")
    assert desk.post("rates", service.id, file=csv_file(*rows))[0] == 302
    zones = {zone.name: zone for zone in DeliveryZone.objects.filter(service=service)}
    assert zones["Jawa"].provinces == ["Jawa Barat", "Banten"]
    assert zones["Lainnya"].provinces == []
    assert zones["Jawa"].first_kg_minor == Money.of(12_000).minor
    assert desk.post("rates", service.id, file=csv_file(HEAD, "Semua,*,1,1,1,1"))[0] == 302
    assert DeliveryZone.objects.filter(service=service).count() == 1


@pytest.mark.parametrize(
    "row",
    ["Jawa,Mars,1,1,1,1", "Jawa,,1,1,1,1", ",*,1,1,1,1", "J,*,x,1,1,1", "J,*,1,1,5,2",
     "J,Bali|Bali,1,1,1,1", "J,*,-1,1,1,1"],
)  # fmt: skip
def test_a_wrong_rate_leaves_the_zones_as_they_were(row, desk, service):
    desk.post("rates", service.id, file=csv_file(HEAD, "Lama,*,1000,1000,1,1"))
    assert desk.post("rates", service.id, file=csv_file(HEAD, "Baru,Aceh,1,1,1,1", row))[0] == 422
    assert DeliveryZone.objects.get(service=service).name == "Lama"


def test_another_seller_s_service_is_not_found(desk, service):
    other = make_company()
    keep_delivery(
        seller_id=other.id, terms=DeliveryTerms("X", "zone", Money.of(0), 1, 3, 2, True, ())
    )
    theirs = DeliveryService.objects.get(seller_id=other.id, name="X")
    rows = (HEAD, "Semua,*,1,1,1,1")
    assert desk.post("rates", theirs.id, file=csv_file(*rows))[0] == 404
    assert not DeliveryZone.objects.exists()


# Picks


def test_open_orders_are_picked_by_location_until_they_are_shipped(desk, goods):
    bought = [buy(goods) for _ in range(3)]
    ship_all(bought[0].order)
    [one] = pick_lists(desk.company.id, language="id")
    assert (one.orders, one.units) == (2, 2)
    [line] = one.lines
    references = {reference for reference, _ in line.orders}
    assert references == {b.order.reference for b in bought[1:]}
    page = desk.client.get(reverse("seller:picks")).content.decode()
    assert line.sku in page
    address = reverse("seller:picks_file", args=[one.location_id])
    assert desk.client.get(address).content.startswith(b"%PDF")
    theirs = Location.objects.get(seller_id=make_company().id)
    other = reverse("seller:picks_file", args=[theirs.id])
    assert desk.client.get(other).status_code == 404


def test_a_pick_list_needs_few_statements(desk, goods):
    for _ in range(6):
        buy(goods)
    with CaptureQueriesContext(connection) as statements:
        assert pick_lists(desk.company.id, language="id")
    assert len(statements) == 2
