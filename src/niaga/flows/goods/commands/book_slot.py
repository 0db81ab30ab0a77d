"""A service's slot is held, confirmed, performed or given back."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import F

from niaga.flows.goods.models import Booking, Slot
from niaga.flows.goods.states import BOOKING_TRANSITIONS, BookingState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import TransitionRefused, advance

ALIVE = (BookingState.HELD, BookingState.CONFIRMED)


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


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """Until how many hours before its time a booking moves, and is cancelled for nothing.

    Later the seller keeps `late_fee_percent` of the price (None: it can't be cancelled then).
    Here for a service without a calendar.
    """

    change_h: int = 24
    cancel_h: int = 24
    late_fee_percent: int | None = None

    def kept_percent(self, starts_at: datetime) -> int | None:
        """Return what is kept of the price if a booking is cancelled now; None: it can't be."""
        now = clock.now()
        if now >= starts_at:
            return None
        early = now <= starts_at - timedelta(hours=self.cancel_h)
        return 0 if early else self.late_fee_percent


def terms_of(booking: Booking) -> BookingTerms:
    """Return the terms a booking was made by."""
    return BookingTerms(booking.change_h, booking.cancel_h, booking.late_fee_percent)


@command
def hold_slots(*, wishes: tuple[SlotWish, ...]) -> None:
    """Hold a place for every wish or for none, by the terms of now.

    Raises:
        SlotFull: a slot has too little room or has begun.
    """
    if not wishes:
        return
    terms = lock_slots({wish.slot_id for wish in wishes})
    for wish in wishes:
        _take_places(wish.slot_id, wish.quantity)
    Booking.objects.bulk_create(
        Booking(
            id=new_id(),
            cause_id=wish.cause_id,
            slot_id=wish.slot_id,
            quantity=wish.quantity,
            **asdict(terms[wish.slot_id]),
        )
        for wish in wishes
    )


# The database would find two bookings of one person at once only when both are written, and each
# would wait for the other: so whoever books waits for the person first.
_LOCK = """
    WITH needed AS MATERIALIZED (
        SELECT id FROM goods_resource
         WHERE id IN (SELECT resource_id FROM goods_slot WHERE id = ANY(%(slots)s::uuid[]))
         ORDER BY id FOR NO KEY UPDATE)
    SELECT s.id, c.id IS NOT NULL, c.change_h, c.cancel_h, c.late_fee_percent
      FROM goods_slot s LEFT JOIN goods_calendar c ON c.sku_id = s.sku_id
     WHERE s.id = ANY(%(slots)s::uuid[]) AND (SELECT count(*) FROM needed) >= 0
     ORDER BY s.id FOR UPDATE OF s
"""


def lock_slots(slot_ids: Collection[UUID]) -> dict[UUID, BookingTerms]:
    """Lock the persons and rooms that the slots need, then the slots, each by id; one statement.

    Return by which terms each slot is booked now.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"slots": sorted(slot_ids)})
        return {
            slot_id: BookingTerms(*terms) if has_calendar else BookingTerms()
            for slot_id, has_calendar, *terms in cursor.fetchall()
        }


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


def _lock_booking(cause_id: UUID) -> Booking:
    """Lock a line's booking; its slot is read afterwards.

    Were both read at once, who waited for a booking that was moved meanwhile would find none.
    """
    return Booking.objects.select_for_update().get(cause_id=cause_id)


@command
def move_booking(*, cause_id: UUID, slot_id: UUID, late: bool) -> MovedBooking:
    """Move a line's booking to another slot of the same service; one of two racing moves wins.

    `late` lets a move happen that is nearer than the booking's terms let buyers move.

    Raises:
        NotToBeMoved: the booking is over or too near, or the slot is of another service.
        SlotFull: the slot has no room, or its person or room is taken.
    """
    booking = _lock_booking(cause_id)
    old = booking.slot
    hours = booking.change_h
    alive = booking.state in ALIVE
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


def check_cancellable(cause_ids: Collection[UUID]) -> None:
    """Let a buyer cancel for nothing only bookings that are far enough ahead; one statement.

    Raises:
        TooLateToCancel: one of the lines' bookings is nearer than its terms allow.
    """
    booked = Booking.objects.filter(cause_id__in=cause_ids, state__in=ALIVE)
    for booking in booked.select_related("slot"):
        if terms_of(booking).kept_percent(booking.slot.starts_at) != 0:
            raise TooLateToCancel(booking.cancel_h)


@command
def give_up_booking(*, cause_id: UUID) -> int:
    """Give a line's place back for its buyer; return what percentage the seller keeps.

    Raises:
        TransitionRefused: the booking is over.
        TooLateToCancel: its time has come, or its terms let nobody cancel so late.
    """
    booking = _lock_booking(cause_id)
    if booking.state not in ALIVE:
        raise TransitionRefused("booking", BookingState.CANCELLED)
    kept = terms_of(booking).kept_percent(booking.slot.starts_at)
    if kept is None:
        raise TooLateToCancel(booking.cancel_h)
    cancel_bookings(cause_ids=(cause_id,))
    Booking.objects.filter(pk=booking.pk).update(kept_percent=kept)
    return kept


@command
def confirm_bookings(*, cause_ids: tuple[UUID, ...]) -> None:
    """The lines are paid (or agreed): their places are sure."""
    Booking.objects.filter(cause_id__in=cause_ids, state=BookingState.HELD).update(
        state=BookingState.CONFIRMED
    )


@command
def cancel_bookings(*, cause_ids: tuple[UUID, ...]) -> int:
    """Give back the lines' places; return how many bookings ended. Twice gives back once."""
    ended = list(
        Booking.objects.select_for_update()
        .filter(cause_id__in=cause_ids, state__in=ALIVE)
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
