"""A service's slot is held, confirmed, performed or given back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from niaga.flows.goods.models import Booking, Calendar, Slot
from niaga.flows.goods.states import BOOKING_TRANSITIONS, BookingState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import advance

CHANGE_H = 24  # where a service has no calendar of its own


@dataclass(eq=False)
class SlotFull(Refusal):
    """The slot has no room left, or its time has come."""

    code: ClassVar[str] = "slot_full"
    slot_id: UUID


@dataclass(eq=False)
class NotToBeMoved(Refusal):
    """The booking can't be changed any more: its time is too near, or it is over."""

    code: ClassVar[str] = "not_to_be_moved"
    hours: int


@dataclass(eq=False)
class TooLateToCancel(Refusal):
    """A booking's time is too near for its buyer to cancel it."""

    code: ClassVar[str] = "too_late_to_cancel"
    hours: int


@dataclass(frozen=True, slots=True)
class SlotWish:
    """`quantity` places in a slot for the order line `cause_id`."""

    cause_id: UUID
    slot_id: UUID
    quantity: int


@command
def hold_slots(*, wishes: tuple[SlotWish, ...]) -> None:
    """Hold a place for every wish or for none.

    Raises:
        SlotFull: a slot has too little room or has begun.
    """
    if not wishes:
        return
    lock_slots({wish.slot_id for wish in wishes})
    for wish in wishes:
        _take_places(wish.slot_id, wish.quantity)
    Booking.objects.bulk_create(
        Booking(id=new_id(), cause_id=wish.cause_id, slot_id=wish.slot_id, quantity=wish.quantity)
        for wish in wishes
    )


# The database would find two bookings of one person at once only when both are written, and each
# would wait for the other: so whoever books waits for the person first.
_LOCK = """
    WITH needed AS MATERIALIZED (
        SELECT id FROM goods_resource
         WHERE id IN (SELECT resource_id FROM goods_slot WHERE id = ANY(%(slots)s::uuid[]))
         ORDER BY id FOR NO KEY UPDATE)
    SELECT id FROM goods_slot
     WHERE id = ANY(%(slots)s::uuid[]) AND (SELECT count(*) FROM needed) >= 0
     ORDER BY id FOR UPDATE
"""


def lock_slots(slot_ids: Collection[UUID]) -> None:
    """Lock the persons and rooms that the slots need, then the slots, each by id; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"slots": sorted(slot_ids)})


def _take_places(slot_id: UUID, quantity: int) -> None:
    """Take places of a slot; the database refuses a person or a room taken at that time.

    The caller's transaction is over where this refuses.
    """
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "UPDATE goods_slot SET booked = booked + %s"
                " WHERE id = %s AND booked + %s <= capacity AND starts_at > %s",
                [quantity, slot_id, quantity, clock.now()],
            )
        except IntegrityError as error:
            raise SlotFull(slot_id) from error
        if cursor.rowcount != 1:
            raise SlotFull(slot_id)


@dataclass(frozen=True, slots=True)
class MovedBooking:
    """From when to when a booking went."""

    before: datetime
    after: datetime


@command
def move_booking(*, cause_id: UUID, slot_id: UUID, late: bool) -> MovedBooking:
    """Move a line's booking to another slot of the same service; one of two racing moves wins.

    `late` lets a move happen that is nearer than the calendar lets buyers move.

    Raises:
        NotToBeMoved: the booking is over or too near, or the slot is of another service.
        SlotFull: the slot has no room, or its person or room is taken.
    """
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("slot")
        .get(cause_id=cause_id)
    )
    old = booking.slot
    hours = change_hours(old.sku_id)
    alive = booking.state in (BookingState.HELD, BookingState.CONFIRMED)
    near = old.starts_at - timedelta(hours=0 if late else hours) < clock.now()
    new = Slot.objects.filter(pk=slot_id, sku_id=old.sku_id).exclude(pk=old.pk).first()
    if not alive or near or new is None:
        raise NotToBeMoved(hours)
    lock_slots({old.pk, new.pk})
    # What is given back is given back before it is taken.
    Slot.objects.filter(pk=old.pk).update(booked=F("booked") - booking.quantity)
    _take_places(new.pk, booking.quantity)
    Booking.objects.filter(pk=booking.pk).update(slot=new, moves=F("moves") + 1)
    return MovedBooking(old.starts_at, new.starts_at)


def change_hours(sku_id: UUID) -> int:
    """Return until how many hours before its time a booking may be changed by its buyer."""
    own = Calendar.objects.filter(sku_id=sku_id).values_list("change_h", flat=True).first()
    return CHANGE_H if own is None else own


def check_cancellable(cause_ids: Collection[UUID]) -> None:
    """Let a buyer cancel only bookings that are far enough ahead; one statement.

    Raises:
        TooLateToCancel: one of the lines' bookings is nearer than its calendar allows.
    """
    calendar = Calendar.objects.filter(sku_id=OuterRef("slot__sku_id")).values("cancel_h")
    booked = Booking.objects.filter(
        cause_id__in=cause_ids, state__in=(BookingState.HELD, BookingState.CONFIRMED)
    ).annotate(hours=Coalesce(Subquery(calendar), CHANGE_H))
    for starts_at, hours in booked.values_list("slot__starts_at", "hours"):
        if starts_at - timedelta(hours=hours) < clock.now():
            raise TooLateToCancel(hours)


@command
def confirm_bookings(*, cause_ids: tuple[UUID, ...]) -> None:
    """The lines are paid (or agreed): their places are sure."""
    Booking.objects.filter(cause_id__in=cause_ids, state=BookingState.HELD).update(
        state=BookingState.CONFIRMED
    )


@command
def cancel_bookings(*, cause_ids: tuple[UUID, ...]) -> int:
    """Give back the lines' places; return how many bookings ended. Twice gives back once."""
    open_states = [BookingState.HELD, BookingState.CONFIRMED]
    ended = list(
        Booking.objects.select_for_update()
        .filter(cause_id__in=cause_ids, state__in=open_states)
        .order_by("slot_id")
    )
    if not ended:
        return 0
    lock_slots({booking.slot_id for booking in ended})
    for booking in ended:
        Slot.objects.filter(pk=booking.slot_id).update(booked=F("booked") - booking.quantity)
    Booking.objects.filter(pk__in=[b.pk for b in ended]).update(state=BookingState.CANCELLED)
    return len(ended)


@command
def perform_booking(*, cause_id: UUID) -> None:
    """The service was given.

    Raises:
        TransitionRefused: the booking is not confirmed.
    """
    booking_id = Booking.objects.values_list("pk", flat=True).get(cause_id=cause_id)
    advance(Booking, pk=booking_id, to=BookingState.PERFORMED, transitions=BOOKING_TRANSITIONS)


@command
def open_slots(
    *, seller_id: UUID, sku_id: UUID, starts: tuple[str, ...], duration_min: int, capacity: int
) -> int:
    """Open slots at the given ISO 8601 instants (aware); return how many are new."""
    instants = [clock.parse(text) for text in starts]
    before = set(
        Slot.objects.filter(sku_id=sku_id, starts_at__in=instants).values_list(
            "starts_at", flat=True
        )
    )
    fresh = [instant for instant in instants if instant not in before]
    Slot.objects.bulk_create(
        Slot(
            id=new_id(),
            sku_id=sku_id,
            seller_id=seller_id,
            starts_at=instant,
            ends_at=instant + timedelta(minutes=duration_min),
            busy_until=instant + timedelta(minutes=duration_min),
            capacity=capacity,
        )
        for instant in fresh
    )
    return len(fresh)
