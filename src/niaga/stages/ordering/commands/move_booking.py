"""A booked time is changed by the buyer, in time, or by the seller, at any time before it."""

from uuid import UUID

from niaga.flows.goods.commands.book_slot import MovedBooking, move_booking
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.ordering.events import BookingMoved
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.owning import check_own


@command
def reschedule(*, actor: Actor, line_id: UUID, slot_id: UUID) -> MovedBooking:
    """Move the booking of an order line to another slot of its service; the order's page tells.

    A buyer can do so until the calendar's number of hours before; the seller until it begins.

    Raises:
        OrderUnknown: the order is another seller's.
        NotToBeMoved, SlotFull: see `move_booking`; nothing changed.
    """
    line = OrderLine.objects.select_related("order").get(pk=line_id)
    check_own(actor, line.order)
    moved = move_booking(cause_id=line_id, slot_id=slot_id, late=actor.role != "buyer")
    OrderLine.objects.filter(pk=line_id).update(slot_starts_at=moved.after)
    record(
        BookingMoved(
            subject_id=line.order_id,
            line_id=line_id,
            before=moved.before,
            after=moved.after,
        ),
        actor=actor,
    )
    return moved
