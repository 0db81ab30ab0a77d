"""Stock: which location serves, what waits, what travels, what is counted; each books once."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niaga.flows.goods.allocation import FreeLevel, StockWish, allocate
from niaga.flows.goods.commands.change_stock import (
    StockBelowReserved,
    StockNow,
    adjust_stock,
    receive_stock,
    spread,
)
from niaga.flows.goods.commands.count_stock import (
    NothingCounted,
    Tally,
    abandon_count,
    book_count,
    start_count,
    write_count,
)
from niaga.flows.goods.commands.dispatch_shipment import (
    NothingReserved,
    ParcelFacts,
    dispatch_shipment,
)
from niaga.flows.goods.commands.heat_stock import (
    BUCKETS,
    HOT_FROM,
    cool_stock,
    heat_stock,
    keep_hot,
    let_cool,
    skus_to_cool,
    skus_to_heat,
)
from niaga.flows.goods.commands.keep_policy import (
    Policy,
    PolicyIncomplete,
    keep_policy,
    keep_sourcing,
)
from niaga.flows.goods.commands.reserve_stock import (
    StockExhausted,
    release_reservations,
    reserve_stock,
)
from niaga.flows.goods.commands.transfer_stock import (
    MoreArrivedThanSent,
    TransferGoesNowhere,
    receive_transfer,
    send_transfer,
)
from niaga.flows.goods.commands.warn_of_low_stock import warn_of_low_stock
from niaga.flows.goods.jobs import cool_stock_down, heat_hot_stock
from niaga.flows.goods.models import (
    Backorder,
    Location,
    Reservation,
    StockLevel,
    StockMovement,
    StockPolicy,
    StockTransfer,
)
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.once import once
from niaga.plumbing.states import TransitionRefused
from niaga.project.audit import run_audit

pytestmark = pytest.mark.django_db
SELLER = Actor("seller")


class Shelf:
    """A seller's SKU at one location or more."""

    def __init__(self, *stock: int, provinces: tuple[str, ...] = ()) -> None:
        self.seller_id, self.sku_id = new_id(), new_id()
        self.places = [
            Location.objects.create(
                seller_id=self.seller_id,
                name=f"Gudang {n}",
                city="Depok",
                province=(*provinces, *["Jawa Barat"] * len(stock))[n],
                postal_code="16423",
                priority=n + 1,
            )
            for n in range(len(stock))
        ]
        for n, quantity in enumerate(stock):
            if quantity:
                self.receive(quantity, at=n)

    def receive(self, quantity: int, *, at: int = 0) -> int:
        return receive_stock(
            actor=SELLER, location_id=self.places[at].id, quantity=quantity, reason="", **self.mine
        ).on_hand

    @property
    def mine(self):
        return {"seller_id": self.seller_id, "sku_id": self.sku_id}

    def reserve(self, quantity: int, province: str = "", sku_id=None):
        cause_id = new_id()
        wish = StockWish(cause_id, sku_id or self.sku_id, quantity)
        return cause_id, reserve_stock(wishes=(wish,), expires_at=None, province=province)

    def policy(self, **decided):
        keep_policy(actor=SELLER, policy=Policy(**decided), **self.mine)

    def levels(self, at: int = 0) -> tuple[int, int]:
        rows = StockLevel.objects.filter(sku_id=self.sku_id, location=self.places[at])
        return sum(row.on_hand for row in rows), sum(row.reserved for row in rows)

    def is_hot(self):
        return StockLevel.objects.filter(sku_id=self.sku_id, bucket__gt=0).exists()

    def served_from(self, cause_id) -> dict[str, int]:
        rows = Reservation.objects.filter(cause_id=cause_id).select_related("location")
        found: dict[str, int] = {}
        for row in rows:
            found[row.location.name] = found.get(row.location.name, 0) + row.quantity
        return found


def level(place, quantity, *, rank=0, sku, seller, one_parcel=True):
    return FreeLevel((sku, place, 0), seller, quantity, (rank,), one_parcel)


def test_one_parcel_is_preferred_to_a_nearer_location():
    seller, near, far, shirt, hat = (uuid4() for _ in range(5))
    free = [
        level(near, 5, rank=1, sku=shirt, seller=seller),
        level(far, 5, rank=2, sku=shirt, seller=seller),
        level(far, 5, rank=2, sku=hat, seller=seller),
    ]
    picks, shortages = allocate([StockWish(uuid4(), shirt, 1), StockWish(uuid4(), hat, 1)], free)
    assert [pick.key[1] for pick in picks] == [far, far]
    assert not shortages
    alone, _ = allocate([StockWish(uuid4(), shirt, 1)], free)
    assert alone[0].key[1] == near


def test_a_seller_may_prefer_the_order_of_locations_to_one_parcel():
    seller, near, far, shirt = (uuid4() for _ in range(4))
    for one_parcel, places in ((True, [far]), (False, [near, far])):
        free = [
            level(near, 2, rank=1, sku=shirt, seller=seller, one_parcel=one_parcel),
            level(far, 5, rank=2, sku=shirt, seller=seller, one_parcel=one_parcel),
        ]
        picks, _ = allocate([StockWish(uuid4(), shirt, 4)], free)
        assert [pick.key[1] for pick in picks] == places


@settings(deadline=None)
@given(
    free=st.lists(st.integers(0, 9), min_size=1, max_size=6),
    wishes=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    one_parcel=st.booleans(),
)
def test_nothing_is_allocated_twice_and_nothing_is_said_to_be_missing_that_is_there(
    free, wishes, one_parcel
):
    sku, seller = uuid4(), uuid4()
    levels = [
        level(uuid4(), n, rank=rank, sku=sku, seller=seller, one_parcel=one_parcel)
        for rank, n in enumerate(free)
    ]
    picks, shortages = allocate([StockWish(uuid4(), sku, n) for n in wishes], levels)
    for shelf in levels:
        assert sum(p.quantity for p in picks if p.key == shelf.key) <= shelf.quantity
    assert sum(p.quantity for p in picks) == min(sum(free), sum(wishes))
    assert sum(s.missing for s in shortages) == max(0, sum(wishes) - sum(free))


@settings(deadline=None)
@given(
    buckets=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=17),
    change=st.integers(-500, 500),
)
def test_a_change_is_spread_over_buckets_whole(buckets, change):
    rows = [(n, free + promised, promised) for n, (free, promised) in enumerate(buckets)]
    change = max(change, -sum(free for free, _ in buckets))
    changes = spread(rows, change)
    assert sum(changes.values()) == change
    assert all(held + changes.get(n, 0) >= promised for n, held, promised in rows)


def test_the_nearest_location_ships_when_the_seller_says_so():
    shelf = Shelf(5, 5, 5, provinces=("Papua", "Jawa Timur", "DKI Jakarta"))
    cause_id, _ = shelf.reserve(1, "DKI Jakarta")
    assert shelf.served_from(cause_id) == {"Gudang 0": 1}
    keep_sourcing(seller_id=shelf.seller_id, order="nearest", one_parcel=True)
    for province, served in (
        ("DKI Jakarta", "Gudang 2"),  # the same province
        ("Banten", "Gudang 1"),  # the same island, by priority
        ("Papua Selatan", "Gudang 0"),
        ("Aceh", "Gudang 0"),
    ):
        cause_id, _ = shelf.reserve(1, province)
        assert shelf.served_from(cause_id) == {served: 1}


def test_a_transfer_leaves_once_and_arrives_once():
    shelf = Shelf(5, 0)
    here, there = (place.id for place in shelf.places)
    moved = send_transfer(
        actor=SELLER, origin_id=here, destination_id=there, quantity=3, **shelf.mine
    )
    assert (shelf.levels(0), shelf.levels(1)) == ((2, 0), (0, 0))
    assert run_audit() == ()
    arrive = {"actor": SELLER, "seller_id": shelf.seller_id, "transfer_id": moved.transfer_id}
    with pytest.raises(MoreArrivedThanSent):
        receive_transfer(quantity=4, **arrive)
    receive_transfer(quantity=2, **arrive)
    with pytest.raises(TransitionRefused):
        receive_transfer(quantity=3, **arrive)
    assert (shelf.levels(0), shelf.levels(1)) == ((2, 0), (2, 0))
    movements = StockMovement.objects.filter(cause_id=moved.transfer_id).order_by("id")
    assert [(m.kind, m.quantity) for m in movements] == [
        ("sent", -3), ("arrived", 3), ("adjusted", -1)
    ]  # fmt: skip
    assert run_audit() == ()


def test_what_is_promised_or_goes_nowhere_is_not_sent():
    shelf = Shelf(5, 0)
    here, there = (place.id for place in shelf.places)
    shelf.reserve(4)
    for quantity, destination, refusal in (
        (2, there, StockBelowReserved),
        (1, here, TransferGoesNowhere),
    ):
        with pytest.raises(refusal):
            send_transfer(
                actor=SELLER,
                origin_id=here,
                destination_id=destination,
                quantity=quantity,
                **shelf.mine,
            )
    assert not StockTransfer.objects.exists()
    assert shelf.levels() == (5, 4)


def test_a_count_books_the_difference_though_selling_went_on():
    shelf = Shelf(10)
    desk = {"actor": SELLER, "seller_id": shelf.seller_id}
    sheet = start_count(location_id=shelf.places[0].id, **desk)
    assert start_count(location_id=shelf.places[0].id, **desk) == sheet
    with pytest.raises(NothingCounted):
        book_count(count_id=sheet.count_id, **desk)
    write_count(
        count_id=sheet.count_id,
        tallies={shelf.sku_id: Tally(8, "damaged", "wet boxes")},
        **desk,
    )
    cause_id, _ = shelf.reserve(3)
    dispatch_shipment(
        cause_id=new_id(),
        seller_id=shelf.seller_id,
        facts=ParcelFacts("JNE"),
        lines=(StockWish(cause_id, shelf.sku_id, 3),),
    )
    booked = book_count(count_id=sheet.count_id, **desk)
    assert (booked.counted, booked.different, booked.more, booked.fewer) == (1, 1, 0, 2)
    assert shelf.levels() == (5, 0)
    last = StockMovement.objects.get(cause_id=sheet.count_id)
    assert (last.quantity, last.why, last.reason) == (-2, "damaged", "wet boxes")
    with pytest.raises(TransitionRefused):
        book_count(count_id=sheet.count_id, **desk)
    assert run_audit() == ()


def test_an_abandoned_count_books_nothing():
    shelf = Shelf(10)
    desk = {"actor": SELLER, "seller_id": shelf.seller_id}
    sheet = start_count(location_id=shelf.places[0].id, **desk)
    write_count(count_id=sheet.count_id, tallies={shelf.sku_id: Tally(1)}, **desk)
    abandon_count(count_id=sheet.count_id, **desk)
    assert shelf.levels() == (10, 0)
    assert start_count(location_id=shelf.places[0].id, **desk) != sheet


def test_one_form_sent_twice_books_once():
    shelf = Shelf(5)
    body = {
        "location_id": shelf.places[0].id, "quantity": 7, "reason": "", "why": "purchase",
        **shelf.mine,
    }  # fmt: skip
    booked = [
        once(key="form", of=receive_stock, result=StockNow, actor=SELLER, body=body)
        for _ in range(2)
    ]
    assert booked == [StockNow(12), StockNow(12)]
    assert shelf.levels() == (12, 0)


def test_without_a_policy_sold_out_is_sold_out():
    shelf = Shelf(2)
    with pytest.raises(StockExhausted):
        shelf.reserve(3)
    assert shelf.levels() == (2, 0)
    assert not Backorder.objects.exists()


def test_stock_to_come_goes_to_the_oldest_who_wait_and_then_ships():
    shelf = Shelf(2)
    shelf.policy(when_out="backorder", most_waiting=6, lead_days=7)
    first, waits = shelf.reserve(5)
    assert [wait.quantity for wait in waits] == [3]
    second, _ = shelf.reserve(2)
    with pytest.raises(StockExhausted):
        shelf.reserve(2)
    assert StockPolicy.objects.get().waiting == 5
    whole = (StockWish(first, shelf.sku_id, 5),)
    send = {
        "cause_id": first, "seller_id": shelf.seller_id, "facts": ParcelFacts("JNE")
    }  # fmt: skip
    with pytest.raises(NothingReserved):
        dispatch_shipment(lines=whole, **send)
    shelf.receive(4)
    assert shelf.served_from(first) == {"Gudang 0": 5}
    assert shelf.served_from(second) == {"Gudang 0": 1}
    assert StockPolicy.objects.get().waiting == 1
    dispatch_shipment(lines=whole, **send)
    shelf.receive(4)
    assert shelf.levels() == (2 + 4 + 4 - 5, 2)
    assert run_audit() == ()


def test_who_gives_up_waiting_frees_the_place_and_what_was_promised():
    shelf = Shelf(2)
    shelf.policy(when_out="preorder", most_waiting=5, available_date=date(2100, 1, 1))
    first, waits = shelf.reserve(4)
    assert [wait.promised_date for wait in waits] == [date(2100, 1, 1)]
    second, _ = shelf.reserve(3)
    assert release_reservations(cause_ids=(first,)) == {first: 2}
    assert release_reservations(cause_ids=(first,)) == {}
    assert shelf.served_from(second) == {"Gudang 0": 2}
    assert StockPolicy.objects.get().waiting == 1
    assert run_audit() == ()


def test_a_preorder_needs_no_stock_at_all():
    shelf = Shelf(0)
    shelf.policy(when_out="preorder", most_waiting=5, available_date=date(2100, 1, 1))
    cause_id, _ = shelf.reserve(2)
    shelf.receive(3)
    assert shelf.served_from(cause_id) == {"Gudang 0": 2}


@pytest.mark.parametrize(
    ("decided", "field"),
    [
        ({"when_out": "backorder", "lead_days": 3}, "most_waiting"),
        ({"when_out": "backorder", "most_waiting": 3}, "lead_days"),
        ({"when_out": "preorder", "most_waiting": 3}, "available_date"),
    ],
)
def test_a_policy_tells_what_buyers_must_know(decided, field):
    with pytest.raises(PolicyIncomplete) as refused:
        Shelf(1).policy(**decided)
    assert refused.value.field == field
    assert not StockPolicy.objects.exists()


def test_a_hot_product_is_dealt_out_sold_to_the_last_and_gathered():
    shelf = Shelf(40, 3)
    early, _ = shelf.reserve(5)
    assert heat_stock(sku_id=shelf.sku_id)
    assert not heat_stock(sku_id=shelf.sku_id)
    assert StockLevel.objects.filter(sku_id=shelf.sku_id).count() == 2 * (BUCKETS + 1)
    assert (shelf.levels(0), shelf.levels(1)) == ((40, 5), (3, 0))
    big, _ = shelf.reserve(20)  # more than any bucket has
    assert shelf.served_from(big) == {"Gudang 0": 20}
    for _ in range(18):
        shelf.reserve(1)
    with pytest.raises(StockExhausted):
        shelf.reserve(1)
    assert (shelf.levels(0), shelf.levels(1)) == ((40, 40), (3, 3))
    assert run_audit() == ()
    release_reservations(cause_ids=(big, early))
    shelf.receive(10)
    adjust_stock(actor=SELLER, location_id=shelf.places[0].id, on_hand=45, reason="", **shelf.mine)
    assert shelf.levels(0) == (45, 15)
    assert cool_stock(sku_id=shelf.sku_id)
    cold = StockLevel.objects.get(sku_id=shelf.sku_id, location=shelf.places[0], bucket=0)
    assert cold.on_hand - cold.reserved == 30
    assert run_audit() == ()
    for cause_id in Reservation.objects.filter(state="open").values_list("cause_id", flat=True):
        release_reservations(cause_ids=(cause_id,))
    cool_stock(sku_id=shelf.sku_id)
    assert StockLevel.objects.filter(sku_id=shelf.sku_id).count() == 2
    assert (shelf.levels(0), shelf.levels(1)) == ((45, 0), (3, 0))
    assert run_audit() == ()


def test_what_many_buy_at_once_gets_hot_by_itself_and_cools_down():
    shelf, quiet = Shelf(HOT_FROM + 5), Shelf(5)
    for _ in range(HOT_FROM):
        shelf.reserve(1)
    quiet.reserve(1)
    assert skus_to_heat() == (shelf.sku_id,)
    heat_stock(sku_id=shelf.sku_id)
    assert (skus_to_heat(), skus_to_cool()) == ((), ())
    quiet.policy(always_hot=True)
    assert skus_to_heat() == (quiet.sku_id,)
    heat_stock(sku_id=quiet.sku_id)
    assert skus_to_cool() == ()
    quiet.policy()
    assert skus_to_cool() == (quiet.sku_id,)


def test_the_clock_heats_what_is_wanted_and_cools_it_after_an_hour_without_a_rush():
    shelf = Shelf(HOT_FROM)
    for _ in range(HOT_FROM - 1):
        shelf.reserve(1)
    assert heat_hot_stock(0) == 0, "one order short of a rush"
    shelf.reserve(1)
    assert (heat_hot_stock(0), heat_hot_stock(0)) == (1, 0)
    assert shelf.is_hot()
    assert cool_stock_down(0) == 0
    with clock.at(clock.now() + timedelta(hours=1, minutes=1)):
        assert cool_stock_down(0) == 1
        assert not shelf.is_hot()
    assert shelf.levels(0) == (HOT_FROM, HOT_FROM)
    assert run_audit() == ()


def test_the_operator_makes_a_product_ready_and_ends_it():
    shelf = Shelf(20)
    shelf.policy(when_out="backorder", most_waiting=3, lead_days=2)
    keep_hot(actor=Actor("operator"), sku_id=shelf.sku_id)
    assert shelf.is_hot()
    with clock.at(clock.now() + timedelta(hours=3)):
        assert cool_stock_down(0) == 0, "it stays until the operator ends it"
        let_cool(actor=Actor("operator"), sku_id=shelf.sku_id)
        assert cool_stock_down(0) == 1
    assert not shelf.is_hot()
    assert StockPolicy.objects.get().when_out == "backorder"
    told = StoredEvent.objects.filter(type="StockPolicyChanged", actor_role="operator")
    assert told.count() == 2
    assert run_audit() == ()


def test_a_seller_is_warned_once_until_stock_is_above_the_mark_again():
    shelf = Shelf(5)
    shelf.policy(alert_at=3)
    warned = StoredEvent.objects.filter(type="StockRanLow")
    assert warn_of_low_stock() == 0
    shelf.reserve(2)
    assert (warn_of_low_stock(), warn_of_low_stock()) == (1, 0)
    shelf.reserve(1)
    assert (warn_of_low_stock(), warned.count()) == (0, 1)
    shelf.receive(10)
    assert warn_of_low_stock() == 0
    shelf.reserve(9)
    assert (warn_of_low_stock(), warned.count()) == (1, 2)
