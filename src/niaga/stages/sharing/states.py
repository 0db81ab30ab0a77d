"""How a quotation moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class QuotationState(models.TextChoices):
    """A buyer asks, the seller offers prices; either may decline."""

    ASKED = "asked", _("Asked")
    OFFERED = "offered", _("Offered")
    DECLINED = "declined", _("Declined")


QUOTATION_TRANSITIONS = table(asked="offered declined", offered="declined", declined="")
