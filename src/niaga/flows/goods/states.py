"""How reservations, bookings and shipments move."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class ReservationState(models.TextChoices):
    """A promise of stock; it is consumed, released or expired exactly once."""

    OPEN = "open"
    CONSUMED = "consumed"
    RELEASED = "released"


RESERVATION_TRANSITIONS = table(open="consumed released", consumed="", released="")


class BackorderState(models.TextChoices):
    """A buyer's place in the queue for stock that is still to come."""

    WAITING = "waiting", _("Waiting for stock")
    ALLOTTED = "allotted", _("Allotted")
    CANCELLED = "cancelled", _("Cancelled")


BACKORDER_TRANSITIONS = table(waiting="allotted cancelled", allotted="", cancelled="")


class TransferState(models.TextChoices):
    """Stock on its way between two locations of a seller."""

    IN_TRANSIT = "in_transit", _("On its way")
    ARRIVED = "arrived", _("Arrived")


TRANSFER_TRANSITIONS = table(in_transit="arrived", arrived="")


class CountState(models.TextChoices):
    """A count of the stock at a location."""

    OPEN = "open", _("Being counted")
    BOOKED = "booked", _("Booked")
    ABANDONED = "abandoned", _("Abandoned")


COUNT_TRANSITIONS = table(open="booked abandoned", booked="", abandoned="")


class MovementReason(models.TextChoices):
    """Why stock changed other than by an order."""

    PURCHASE = "purchase", _("Bought from a supplier")
    PRODUCTION = "production", _("Made by ourselves")
    OPENING = "opening", _("First stock")
    COUNT = "count", _("Counted")
    DAMAGED = "damaged", _("Damaged")
    EXPIRED = "expired", _("Past its date")
    LOST = "lost", _("Lost or stolen")
    FOUND = "found", _("Found again")
    SAMPLE = "sample", _("Given away or used")
    TRANSFER = "transfer", _("Missing on arrival")
    OTHER = "other", _("Something else")


class BookingState(models.TextChoices):
    """A place in a service's slot."""

    HELD = "held", _("Held")
    CONFIRMED = "confirmed", _("Confirmed")
    PERFORMED = "performed", _("Performed")
    CANCELLED = "cancelled", _("Cancelled")


BOOKING_TRANSITIONS = table(
    held="confirmed cancelled", confirmed="performed cancelled", performed="", cancelled=""
)


class KeyState(models.TextChoices):
    """A licence key: free, kept for an order that is not paid yet, or given to its buyer."""

    FREE = "free"
    HELD = "held"
    GIVEN = "given"


KEY_TRANSITIONS = table(free="held", held="free given", given="")


class ShipmentState(models.TextChoices):
    """Where a parcel is, in the outward tracking words carriers share."""

    PENDING = "pending", _("Being packed")
    INFO_RECEIVED = "info_received", _("Announced to the carrier")
    IN_TRANSIT = "in_transit", _("On its way")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    AVAILABLE_FOR_PICKUP = "available_for_pickup", _("Ready for pick-up")
    ATTEMPT_FAIL = "attempt_fail", _("Delivery attempted")
    EXCEPTION = "exception", _("Problem on the way")
    EXPIRED = "expired", _("No news for long")
    DELIVERED = "delivered", _("Delivered")


_ON_THE_WAY = (
    "in_transit out_for_delivery available_for_pickup attempt_fail exception expired delivered"
)

SHIPMENT_TRANSITIONS = table(
    pending="info_received in_transit available_for_pickup",
    info_received=_ON_THE_WAY,
    in_transit=_ON_THE_WAY,
    out_for_delivery=_ON_THE_WAY,
    available_for_pickup=_ON_THE_WAY,
    attempt_fail=_ON_THE_WAY,
    exception=_ON_THE_WAY,
    expired=_ON_THE_WAY,
    delivered="",
)
