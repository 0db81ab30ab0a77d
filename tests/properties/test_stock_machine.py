"""A state machine over everything that moves stock: no unit is made, lost or promised twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from niaga.flows.goods.allocation import StockWish
from niaga.flows.goods.audit import CHECKS
from niaga.flows.goods.commands.allot_stock import allot_stock, skus_to_allot
from niaga.flows.goods.commands.change_stock import (
    Level,
    Movement,
    adjust_stock,
    move_stock,
    receive_stock,
)
from niaga.flows.goods.commands.count_stock import Tally, book_count, start_count, write_count
from niaga.flows.goods.commands.dispatch_shipment import ParcelFacts, dispatch_shipment
from niaga.flows.goods.commands.heat_stock import cool_stock, heat_stock
from niaga.flows.goods.commands.keep_policy import Policy, keep_policy
from niaga.flows.goods.commands.reserve_stock import (
    keep_reservations,
    release_reservations,
    reserve_stock,
)
from niaga.flows.goods.commands.transfer_stock import receive_transfer, send_transfer
from niaga.flows.goods.models import Location, StockLevel, StockMovement, StockTransfer
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

SELLER = Actor("seller")
which = st.integers(0, 1)
few = st.integers(1, 6)


@contextmanager
def may_be_refused() -> Iterator[None]:
    """Let a step be refused; a refused step must change nothing, which the invariants see."""
    try:
        with transaction.atomic():
            yield
    except Refusal:
        pass


@command
def take_back(*, level: Level, quantity: int) -> None:
    """A returned unit goes back on its shelf."""
    move_stock(SELLER, level, quantity, Movement("returned", "", ""))
    allot_stock(sku_ids=(level.sku_id,))


class Warehouse(RuleBasedStateMachine):
    """Two SKUs at two locations; a model that only adds up beside them."""

    lines = Bundle("lines")
    transfers = Bundle("transfers")

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.seller_id = new_id()
        self.places = [
            Location.objects.create(
                seller_id=self.seller_id, name=f"G{n}", city="Depok", province="Jawa Barat",
                postal_code="16423", priority=n + 1,
            )
            for n in range(2)
        ]  # fmt: skip
        self.skus = [new_id(), new_id()]
        self.units = dict.fromkeys(self.skus, 0)  # everything the seller owns, also on its way

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    def about(self, sku: int) -> dict[str, Any]:
        return {"actor": SELLER, "seller_id": self.seller_id, "sku_id": self.skus[sku]}

    @rule(sku=which, place=which, quantity=few)
    def receive(self, sku: int, place: int, quantity: int) -> None:
        location_id = self.places[place].id
        receive_stock(location_id=location_id, quantity=quantity, reason="", **self.about(sku))
        self.units[self.skus[sku]] += quantity

    @rule(sku=which, place=which, on_hand=st.integers(0, 9))
    def adjust(self, sku: int, place: int, on_hand: int) -> None:
        location_id, before = self.places[place].id, self.on_hand(sku, place)
        with may_be_refused():
            adjust_stock(location_id=location_id, on_hand=on_hand, reason="", **self.about(sku))
            self.units[self.skus[sku]] += on_hand - before

    def on_hand(self, sku: int, place: int) -> int:
        rows = StockLevel.objects.filter(sku_id=self.skus[sku], location=self.places[place])
        return sum(rows.values_list("on_hand", flat=True))

    @rule(place=which, figures=st.lists(st.integers(0, 9), min_size=2, max_size=2))
    def count(self, place: int, figures: list[int]) -> None:
        desk: Any = {"actor": SELLER, "seller_id": self.seller_id}
        tallies = dict(zip(self.skus, map(Tally, figures), strict=True))
        with may_be_refused():
            sheet = start_count(location_id=self.places[place].id, **desk)
            write_count(count_id=sheet.count_id, tallies=tallies, **desk)
            book_count(count_id=sheet.count_id, **desk)
            for movement in StockMovement.objects.filter(cause_id=sheet.count_id):
                self.units[movement.sku_id] += movement.quantity

    @rule(target=lines, wishes=st.lists(st.tuples(which, few), min_size=1, max_size=3))
    def reserve(self, wishes: list[tuple[int, int]]) -> Any:
        wanted = tuple(StockWish(new_id(), self.skus[sku], n) for sku, n in wishes)
        with may_be_refused():
            reserve_stock(wishes=wanted, expires_at=None)
            return multiple(*wanted)
        return multiple()

    @rule(line=lines)
    def keep(self, line: StockWish) -> None:
        keep_reservations(cause_ids=(line.cause_id,))

    @rule(line=lines)
    def release_or_expire(self, line: StockWish) -> None:
        release_reservations(cause_ids=(line.cause_id,))

    @rule(line=lines, quantity=few)
    def ship(self, line: StockWish, quantity: int) -> None:
        with may_be_refused():
            dispatch_shipment(
                cause_id=new_id(),
                seller_id=self.seller_id,
                facts=ParcelFacts("JNE"),
                lines=(StockWish(line.cause_id, line.sku_id, quantity),),
            )
            self.units[line.sku_id] -= quantity

    @rule(sku=which, place=which, quantity=few)
    def give_back(self, sku: int, place: int, quantity: int) -> None:
        level = Level(self.seller_id, self.skus[sku], self.places[place].id)
        take_back(level=level, quantity=quantity)
        self.units[self.skus[sku]] += quantity

    @rule(target=transfers, sku=which, origin=which, quantity=few)
    def send(self, sku: int, origin: int, quantity: int) -> Any:
        with may_be_refused():
            sent = send_transfer(
                origin_id=self.places[origin].id,
                destination_id=self.places[1 - origin].id,
                quantity=quantity,
                **self.about(sku),
            )
            return (sent.transfer_id, sku)
        return multiple()

    @rule(transfer=transfers, quantity=few)
    def arrive(self, transfer: Any, quantity: int) -> None:
        transfer_id, sku = transfer
        with may_be_refused():
            receive_transfer(
                actor=SELLER, seller_id=self.seller_id, transfer_id=transfer_id, quantity=quantity
            )
            sent = StockTransfer.objects.get(pk=transfer_id).quantity
            self.units[self.skus[sku]] -= sent - quantity

    @rule(sku=which, most=st.integers(0, 8))
    def take_orders_for_stock_to_come(self, sku: int, most: int) -> None:
        policy = Policy("backorder", most, 3) if most else Policy()
        keep_policy(policy=policy, **self.about(sku))

    @rule(sku=which)
    def heat(self, sku: int) -> None:
        heat_stock(sku_id=self.skus[sku])

    @rule(sku=which)
    def cool(self, sku: int) -> None:
        cool_stock(sku_id=self.skus[sku])

    @invariant()
    def the_books_agree(self) -> None:
        assert [found for check in CHECKS for found in check.run()] == []

    @invariant()
    def units_are_conserved(self) -> None:
        for sku_id, units in self.units.items():
            held = StockLevel.objects.filter(sku_id=sku_id).values_list("on_hand", flat=True)
            away = StockTransfer.objects.filter(sku_id=sku_id, state="in_transit")
            assert sum(held) + sum(away.values_list("quantity", flat=True)) == units

    @invariant()
    def nobody_waits_for_what_is_there(self) -> None:
        assert skus_to_allot() == ()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_no_unit_is_made_lost_or_promised_twice():
    run_state_machine_as_test(
        Warehouse,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
