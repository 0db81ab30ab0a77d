"""How payments, escrow, refunds and payouts move."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class PaymentState(models.TextChoices):
    """What is known of the buyer's payment."""

    PENDING = "pending", _("Waiting for payment")
    CONFIRMED = "confirmed", _("Paid")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


PAYMENT_TRANSITIONS = table(
    pending="confirmed expired cancelled", confirmed="", expired="", cancelled=""
)


class EscrowState(models.TextChoices):
    """Where the seller's money of one order is."""

    HELD = "held", _("Held until delivery")
    RELEASABLE = "releasable", _("Ready to be paid out")
    PAID_OUT = "paid_out", _("Paid out")
    REFUNDED = "refunded", _("Given back to the buyer")


ESCROW_TRANSITIONS = table(
    held="releasable refunded", releasable="paid_out", paid_out="", refunded=""
)


class RefundState(models.TextChoices):
    """Money on its way back to the buyer."""

    DUE = "due", _("To be transferred")
    SENT = "sent", _("Transferred")


REFUND_TRANSITIONS = table(due="sent", sent="")


class PayoutState(models.TextChoices):
    """Money on its way to the seller."""

    PREPARED = "prepared", _("In the bank file")
    PAID = "paid", _("Paid")


PAYOUT_TRANSITIONS = table(prepared="paid", paid="")


class ReceiptState(models.TextChoices):
    """A line of the bank's file."""

    MATCHED = "matched", _("Matched")
    UNMATCHED = "unmatched", _("Unmatched")
