"""How an order moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class OrderState(models.TextChoices):
    """One seller's order, from the buyer's word to its end."""

    PLACED = "placed", _("Waiting for payment")
    CONFIRMED = "confirmed", _("To be shipped")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


ORDER_TRANSITIONS = table(
    placed="confirmed cancelled",
    confirmed="partly_shipped shipped delivered cancelled",
    partly_shipped="shipped delivered",
    shipped="delivered",
    delivered="completed",
    completed="",
    cancelled="",
)
