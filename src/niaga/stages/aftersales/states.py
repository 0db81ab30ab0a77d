"""How a complaint moves, and goods that go back because of one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class ComplaintState(models.TextChoices):
    """Whose turn it is."""

    OPEN = "open", _("Waiting for the seller")
    ANSWERED = "answered", _("Answered by the seller")
    ESCALATED = "escalated", _("With the operator")
    RESOLVED = "resolved", _("Resolved")


COMPLAINT_TRANSITIONS = table(
    open="answered escalated resolved",
    answered="open escalated resolved",
    escalated="resolved",
    resolved="",
)


class ReturnState(models.TextChoices):
    """Goods on their way back to the seller."""

    AGREED = "agreed", _("To be sent back")
    RECEIVED = "received", _("Came back")
    CALLED_OFF = "called_off", _("Called off")


RETURN_TRANSITIONS = table(agreed="received called_off", received="", called_off="")
