"""Words for codes that more than one door shows."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: dict[str, Promise] = {
    "buyer": _("Buyer"),
    "seller": _("Seller"),
    "operator": _("Operator"),
    "system": _("Market"),
}

FLOWS: dict[str, Promise] = {
    "goods": _("Goods"),
    "information": _("Information"),
    "money": _("Money"),
    "documents": _("Documents"),
}

# Reasons that the market gives itself; those of people are their own words.
_CANCEL_REASONS: dict[str, Promise] = {
    "payment_expired": _("The payment did not come in time."),
}


def cancel_reason(reason: str) -> str:
    """Return why an order was cancelled, in words."""
    return str(_CANCEL_REASONS.get(reason, reason))
