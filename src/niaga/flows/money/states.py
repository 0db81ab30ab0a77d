"""How payments, escrow, refunds and payouts move."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class PaymentState(models.TextChoices):
    """What is known of the buyer's payment.

    A card's payment is authorized first, and confirmed when all that was not given up is captured.
    """

    PENDING = "pending", _("Waiting for payment")
    AUTHORIZING = "authorizing", _("Asking the bank")
    AUTHORIZED = "authorized", _("Approved by the bank")
    CONFIRMED = "confirmed", _("Paid")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    VOIDED = "voided", _("Called off, nothing charged")


# A declined or unanswered card leaves the payment pending again, for another try or method.
PAYMENT_TRANSITIONS = table(
    pending="authorizing confirmed expired cancelled",
    authorizing="authorized pending",
    authorized="confirmed voided",
    confirmed="",
    expired="",
    cancelled="",
    voided="",
)


class AuthorizationState(models.TextChoices):
    """One try to pay by card: offered to the wallet, signed by the buyer, answered by the bank."""

    OFFERED = "offered", _("Offered")
    REQUESTED = "requested", _("Asking the bank")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    VOIDED = "voided", _("Called off")


# An offer nobody signed just lapses; what was signed is asked for until there is an answer, or
# until the market calls it off, which it does only together with a reversal.
AUTHORIZATION_TRANSITIONS = table(
    offered="requested", requested="approved declined voided", approved="", declined="", voided=""
)


class OperationState(models.TextChoices):
    """What the market tells the gateway after an authorization: told until it is answered."""

    DUE = "due", _("To be told")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


# A refused operation moved nothing; the operator may have it told again.
OPERATION_TRANSITIONS = table(due="done refused", done="", refused="due")


class ReconciliationState(models.TextChoices):
    """Whether the gateway's books of a period are as the market's."""

    DUE = "due", _("To be compared")
    AGREED = "agreed", _("Both sides agree")
    DIFFERS = "differs", _("Differs")
    CLEARED = "cleared", _("Cleared")


RECONCILIATION_TRANSITIONS = table(due="agreed differs", agreed="", differs="cleared", cleared="")


class DifferenceState(models.TextChoices):
    """What became of something on which orders, ledger, gateway and bank do not agree."""

    OPEN = "open", _("Differs")
    GONE = "gone", _("Gone by itself")
    CLEARED = "cleared", _("Explained")
    SETTLED = "settled", _("Booked")


# What comes again after it was gone is another difference, with a task of its own.
DIFFERENCE_TRANSITIONS = table(open="gone cleared settled", gone="", cleared="", settled="")


class EscrowState(models.TextChoices):
    """Where the seller's money of one part of an order is."""

    HELD = "held", _("Held until delivery")
    RELEASABLE = "releasable", _("Ready to be paid out")
    PAID_OUT = "paid_out", _("Paid out")
    REFUNDED = "refunded", _("Given back to the buyer")


ESCROW_TRANSITIONS = table(
    held="releasable refunded", releasable="paid_out refunded", paid_out="", refunded=""
)


class HoldReason(models.TextChoices):
    """Why a part's money is kept."""

    COMPLAINT = "complaint", _("The buyer has a complaint")
    REVIEW = "review", _("The market looks into this order")
    DELIVERY = "delivery", _("It is unclear whether it arrived")
    FRAUD = "fraud", _("There are signs of fraud")
    AUTHORITY = "authority", _("An authority asked for it")


# What an operator may give as a reason; a complaint holds money back by itself.
OPERATOR_REASONS = (
    HoldReason.REVIEW,
    HoldReason.DELIVERY,
    HoldReason.FRAUD,
    HoldReason.AUTHORITY,
)


class HoldOwner(models.TextChoices):
    """Who decides about a hold."""

    OPERATOR = "operator", _("The market's operator")
    BOTH = "both", _("Buyer and seller; the operator where they don't agree")


class AppealWay(models.TextChoices):
    """How the seller objects to a hold."""

    IN_WRITING = "in_writing", _("Appeal in writing on the hold's page; the operator answers")


class HoldState(models.TextChoices):
    """A hold, from its beginning to its end."""

    PLACED = "placed", _("Held back")
    APPEALED = "appealed", _("The seller appealed")
    LIFTED = "lifted", _("Lifted")


# An appeal that is turned down leaves the hold as it was, with the operator's answer.
HOLD_TRANSITIONS = table(placed="appealed lifted", appealed="placed lifted", lifted="")


class RefundState(models.TextChoices):
    """Money on its way back to the buyer."""

    DUE = "due", _("To be transferred")
    SENT = "sent", _("Transferred")


REFUND_TRANSITIONS = table(due="sent", sent="")


class PayoutState(models.TextChoices):
    """Money on its way to the seller."""

    PREPARED = "prepared", _("In the bank file")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Sent back by the bank")


# A bank may send money back days after it was paid; what came back is paid by a later payout.
PAYOUT_TRANSITIONS = table(prepared="paid returned", paid="returned", returned="")


class PayoutEvery(models.TextChoices):
    """How often a seller is paid: each day, each Monday, each first of the month."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every Monday")
    MONTHLY = "monthly", _("Every first of the month")


class BankEntryState(models.TextChoices):
    """A booking of the bank's statement."""

    MATCHED = "matched", _("Matched")
    UNMATCHED = "unmatched", _("Unmatched")
    BOOKED = "booked", _("Booked")
    CLEARED = "cleared", _("Explained")


# What fits nothing is booked against an account by somebody, or was in the books already.
BANK_ENTRY_TRANSITIONS = table(
    matched="", unmatched="matched booked cleared", booked="", cleared=""
)


class ReceiptState(models.TextChoices):
    """A line of the bank's file."""

    MATCHED = "matched", _("Matched")
    UNMATCHED = "unmatched", _("Unmatched")
    RETURNED = "returned", _("Sent back")


# Money that paid nothing is assigned by a person, or sent back.
RECEIPT_TRANSITIONS = table(matched="", unmatched="matched returned", returned="")
