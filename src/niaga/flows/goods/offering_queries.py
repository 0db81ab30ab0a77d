"""What a seller asks of what is not stocked: pools of licence keys, calendars of services."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q

from niaga.flows.goods.commands.book_slot import ALIVE, BookingTerms, terms_of
from niaga.flows.goods.commands.keep_calendar import CalendarTerms, DayOff, Hours
from niaga.flows.goods.models import Booking, Calendar, KeyPool, Slot
from niaga.flows.goods.states import KeyState
from niaga.kernel import clock

MOST = 120  # times to choose from


@dataclass(frozen=True, slots=True)
class PoolView:
    """How many keys of a SKU are free, kept for orders not paid yet, and given."""

    sku_id: UUID
    free: int
    held: int
    given: int
    alert_below: int

    @property
    def low(self) -> bool:
        """Whether its seller is warned."""
        return self.free < self.alert_below


def pools_of(seller_id: UUID, sku_ids: tuple[UUID, ...]) -> dict[UUID, PoolView]:
    """Return the pools of the seller's SKUs, those that have one; one statement."""
    rows = KeyPool.objects.filter(seller_id=seller_id, pk__in=sku_ids).annotate(
        held=Count("keys", filter=Q(keys__state=KeyState.HELD)),
        given=Count("keys", filter=Q(keys__state=KeyState.GIVEN)),
    )
    return {
        row.sku_id: PoolView(row.sku_id, row.free, row.held, row.given, row.alert_below)
        for row in rows
    }


def calendar_of(seller_id: UUID, sku_id: UUID) -> CalendarTerms | None:
    """Return what a service's calendar says, or None where it has none; three statements."""
    row = (
        Calendar.objects.filter(seller_id=seller_id, sku_id=sku_id)
        .select_related("resource")
        .prefetch_related("rules", "exceptions")
        .first()
    )
    if row is None:
        return None
    rules = sorted(row.rules.all(), key=lambda rule: (rule.weekday, rule.opens))
    return CalendarTerms(
        zone=row.zone,
        duration_min=row.duration_min,
        buffer_min=row.buffer_min,
        capacity=row.capacity,
        lead_h=row.lead_h,
        horizon_days=row.horizon_days,
        change_h=row.change_h,
        cancel_h=row.cancel_h,
        late_fee_percent=row.late_fee_percent,
        weekly=tuple((rule.weekday, Hours(rule.opens, rule.closes)) for rule in rules),
        exceptions=tuple(
            DayOff(off.day, Hours(off.opens, off.closes) if off.opens and off.closes else None,
                   off.note)
            for off in sorted(row.exceptions.all(), key=lambda off: off.day)
        ),
        resource=row.resource.name if row.resource else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A time with room for a booking."""

    slot_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class MovableBooking:
    """A booking, by which terms its buyer may move or cancel it, and where to."""

    starts_at: datetime
    terms: BookingTerms
    slots: tuple[OpenSlot, ...]


def booking_to_move(cause_id: UUID) -> MovableBooking | None:
    """Return a line's booking that is not over, with the next open times; two statements."""
    booking = (
        Booking.objects.filter(cause_id=cause_id, state__in=ALIVE).select_related("slot").first()
    )
    if booking is None:
        return None
    room = Slot.objects.filter(
        sku_id=booking.slot.sku_id,
        starts_at__gt=clock.now(),
        booked__lte=F("capacity") - booking.quantity,
    ).exclude(pk=booking.slot_id)
    return MovableBooking(
        booking.slot.starts_at,
        terms_of(booking),
        tuple(OpenSlot(s.id, s.starts_at, s.ends_at) for s in room.order_by("starts_at")[:MOST]),
    )


def booking_terms(sku_ids: Collection[UUID]) -> dict[UUID, BookingTerms]:
    """Return by which terms each of these services is booked now; one statement, or none."""
    if not sku_ids:
        return {}
    own = {
        row.sku_id: BookingTerms(row.change_h, row.cancel_h, row.late_fee_percent)
        for row in Calendar.objects.filter(sku_id__in=sku_ids)
    }
    return {sku_id: own.get(sku_id, BookingTerms()) for sku_id in sku_ids}
