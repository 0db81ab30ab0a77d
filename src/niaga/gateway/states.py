"""How authorizations, and messages to issuers, move."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class AuthorizationState(models.TextChoices):
    """What the gateway knows of one payment."""

    AUTHORIZING = "authorizing", _("Asking the issuer")
    APPROVED = "approved", _("Held")
    DECLINED = "declined", _("Declined")
    VOIDED = "voided", _("Reversed before an answer")
    CAPTURED = "captured", _("Captured whole")
    REVERSED = "reversed", _("Rest reversed")
    EXPIRED = "expired", _("Rest expired")


AUTHORIZATION_TRANSITIONS = table(
    authorizing="approved declined voided",
    approved="captured reversed expired",
    declined="",
    voided="",
    captured="approved expired",  # a capture reversed is held again, or let go after its time
    reversed="",
    expired="",
)


class MessageState(models.TextChoices):
    """How far a message to an issuer has come."""

    DUE = "due", _("To be sent")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    UNANSWERED = "unanswered", _("Unanswered")


# Only a request (0100) is given up without an answer; a reversal follows it. Advices and
# reversals are repeated until the issuer answers.
MESSAGE_TRANSITIONS = table(
    due="accepted refused unanswered", accepted="", refused="", unanswered=""
)


class BatchState(models.TextChoices):
    """Whether both sides agree on a batch."""

    AGREED = "agreed", _("Both sides agree")
    DIFFERS = "differs", _("Differs")
    CLEARED = "cleared", _("Difference cleared")


BATCH_TRANSITIONS = table(agreed="", differs="cleared", cleared="")
