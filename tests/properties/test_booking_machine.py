"""A state machine over bookings: no place, person or key of a line is ever given twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

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

from niaga.flows.goods.audit import CHECKS
from niaga.flows.goods.commands.book_slot import (
    SlotWish,
    cancel_bookings,
    confirm_bookings,
    give_up_booking,
    hold_slots,
    move_booking,
    perform_booking,
)
from niaga.flows.goods.commands.keep_calendar import CalendarTerms, Hours, keep_calendar
from niaga.flows.goods.models import Booking, Calendar, Slot
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal

START = clock.parse("2026-11-23T00:00:00+00:00")
ZONES = tuple(Calendar.Zone.values)
LAST_HOURS = 60
which = st.integers(0, 2)
nth = st.integers(0, 40)


@contextmanager
def may_be_refused() -> Iterator[None]:
    """Let a step be refused; a refused step must change nothing, which the invariants see."""
    try:
        with transaction.atomic():
            yield
    except Refusal:
        pass


class Agenda(RuleBasedStateMachine):
    """Three services in three zones, two of which need the same person."""

    lines = Bundle("lines")

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.now = START
        self.seller_id = new_id()
        self.services = [new_id() for _ in range(3)]
        self.sold: dict[Any, int | None] = {}  # line -> the fee of its sale
        for service in range(3):
            self.plan(service, 30 * service, 60 + 15 * service, 2)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @rule(service=which, percent=st.none() | st.integers(0, 100), length=st.sampled_from([45, 60]),
          capacity=st.integers(1, 3))  # fmt: skip
    def plan(self, service: int, percent: int | None, length: int, capacity: int) -> None:
        with clock.at(self.now):
            keep_calendar(
                seller_id=self.seller_id,
                sku_id=self.services[service],
                terms=CalendarTerms(
                    zone=ZONES[service], duration_min=length, buffer_min=10, capacity=capacity,
                    lead_h=0, horizon_days=2, change_h=2, cancel_h=12, late_fee_percent=percent,
                    weekly=tuple((day, Hours(time(8), time(12))) for day in range(7)),
                    resource="Ibu Sri" if service < 2 else "",
                ),
            )  # fmt: skip

    def slot(self, service: int, n: int) -> Slot | None:
        slots = list(Slot.objects.filter(sku_id=self.services[service]).order_by("starts_at"))
        return slots[n % len(slots)] if slots else None

    @rule(target=lines, service=which, n=nth, quantity=st.integers(1, 2))
    def book(self, service: int, n: int, quantity: int) -> Any:
        slot, line = self.slot(service, n), new_id()
        if slot is None:
            return multiple()
        fee = Calendar.objects.get(sku_id=self.services[service]).late_fee_percent
        with may_be_refused(), clock.at(self.now):
            hold_slots(wishes=(SlotWish(line, slot.pk, quantity),))
            self.sold[line] = fee
            return line
        return multiple()

    @rule(line=lines)
    def pay(self, line: Any) -> None:
        confirm_bookings(cause_ids=(line,))

    @rule(line=lines, n=nth, late=st.booleans())
    def move(self, line: Any, n: int, late: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        sku_id = Booking.objects.get(cause_id=line).slot.sku_id
        target = self.slot(self.services.index(sku_id), n)
        if target is not None:
            with may_be_refused(), clock.at(self.now):
                move_booking(cause_id=line, slot_id=target.pk, late=late)

    @rule(line=lines)
    def cancel(self, line: Any) -> None:
        cancel_bookings(cause_ids=(line,))

    @rule(line=lines)
    def give_up(self, line: Any) -> None:
        starts_at = Booking.objects.get(cause_id=line).slot.starts_at
        with may_be_refused(), clock.at(self.now):
            kept = give_up_booking(cause_id=line)
            early = self.now <= starts_at - timedelta(hours=12)
            assert kept == (0 if early else self.sold[line]), "as it was sold"
            assert self.now < starts_at

    @rule(line=lines)
    def perform(self, line: Any) -> None:
        with may_be_refused():
            perform_booking(cause_id=line)

    @rule(hours=st.integers(1, 9))
    def pass_time(self, hours: int) -> None:
        self.now = min(self.now + timedelta(hours=hours), START + timedelta(hours=LAST_HOURS))

    @invariant()
    def the_books_agree(self) -> None:
        slots = [check for check in CHECKS if "slot" in check.name]
        assert slots
        assert [found for check in slots for found in check.run()] == []

    @invariant()
    def no_place_is_sold_twice(self) -> None:
        for slot in Slot.objects.all():
            assert 0 <= slot.booked <= slot.capacity

    @invariant()
    def nobody_is_at_two_places_at_once(self) -> None:
        """Whatever the zones say, in the one time that there is."""
        taken = Slot.objects.filter(resource__isnull=False, booked__gt=0).order_by("starts_at")
        spans: list[tuple[datetime, datetime]] = [(s.starts_at, s.busy_until) for s in taken]
        assert all(a[1] <= b[0] for a, b in pairwise(spans))

    @invariant()
    def times_lie_in_the_hours_of_their_zone(self) -> None:
        for service, sku_id in enumerate(self.services):
            zone = ZoneInfo(ZONES[service])
            for slot in Slot.objects.filter(sku_id=sku_id):
                begins, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
                assert time(8) <= begins.time() < ends.time() <= time(12)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_no_place_and_no_person_is_booked_twice():
    run_state_machine_as_test(
        Agenda,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
