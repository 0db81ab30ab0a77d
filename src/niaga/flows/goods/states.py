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


class BookingState(models.TextChoices):
    """A place in a service's slot."""

    HELD = "held", _("Held")
    CONFIRMED = "confirmed", _("Confirmed")
    PERFORMED = "performed", _("Performed")
    CANCELLED = "cancelled", _("Cancelled")


BOOKING_TRANSITIONS = table(
    held="confirmed cancelled", confirmed="performed cancelled", performed="", cancelled=""
)


class ShipmentState(models.TextChoices):
    """Where a parcel is, in the outward tracking words carriers share."""

    PENDING = "pending", _("Being packed")
    IN_TRANSIT = "in_transit", _("On its way")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    AVAILABLE_FOR_PICKUP = "available_for_pickup", _("Ready for pick-up")
    ATTEMPT_FAIL = "attempt_fail", _("Delivery attempted")
    EXCEPTION = "exception", _("Problem on the way")
    DELIVERED = "delivered", _("Delivered")


_ON_THE_WAY = "in_transit out_for_delivery available_for_pickup attempt_fail exception delivered"

SHIPMENT_TRANSITIONS = table(
    pending="in_transit available_for_pickup",
    in_transit=_ON_THE_WAY,
    out_for_delivery=_ON_THE_WAY,
    available_for_pickup=_ON_THE_WAY,
    attempt_fail=_ON_THE_WAY,
    exception=_ON_THE_WAY,
    delivered="",
)
