"""A company's way into the market."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class CompanyState(models.TextChoices):
    """Where a company stands with the operator."""

    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    SUSPENDED = "suspended", _("Suspended")


class SellerTier(models.TextChoices):
    """How the market ranks a seller; commission plans may be for one tier alone."""

    REGULAR = "regular", _("Regular")
    TRUSTED = "trusted", _("Trusted")
    OFFICIAL = "official", _("Official store")


COMPANY_TRANSITIONS = table(
    submitted="approved refused",
    approved="suspended",
    refused="submitted",
    suspended="approved",
)
