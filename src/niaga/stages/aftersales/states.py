"""How a complaint moves."""

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
